"""Works over the API: done, refused and refused by the carrier, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.actions.transfer import consult
from contact_center.carriers.base import CarrierFailed, CarrierRefused
from contact_center.clock import ManualClock
from crm_store import agent_states, audit, contacts, legs, works
from crm_store.audit import AuditFilter
from tests.api.at_work import AtWork, Carrier, Job
from tests.api.conftest import ON_BOTH, Api

REFUSALS = [CarrierRefused("21220"), CarrierFailed("the carrier does not answer")]
NUMBER = "+12025550145"


@pytest.fixture
async def desk(api: Api) -> AtWork:
    return await AtWork.begin(api)


async def asked_colleague(desk: AtWork, work: Job) -> Job:
    """Ada is asked about it, and has come."""
    await desk.go(desk.ada)
    asked = await desk.act(lambda deed: consult(deed, works.get(deed.connection, work.id), agent_id=desk.ada))
    job = await desk.offered(Job(asked.id, work.contact_id), desk.ada)
    await desk.post(f"/offers/{job.offer_id}/accept", {}, role="ada")
    return job


# --- works: what is the same for all --------------------------------------------------------------

BODIES: dict[str, Any] = {
    "hold": {"on": True},
    "mute": {"on": True},
    "record": {"what": "start"},
    "end": None,
    "requeue": None,
    "transfer": {"queue": "sales"},
    "consult": {"queue": "sales"},
    "consult/cancel": None,
    "consult/join": None,
    "consult/complete": None,
    "wrap-up": None,
}
"""What agents do with their works, each with a body that is right."""


async def test_only_who_has_the_work_and_only_while_talking(desk: AtWork) -> None:
    waiting, job = await desk.waits(), await desk.chat(desk.ada)
    before = await desk.work(job)
    for what, body in BODIES.items():
        await desk.refused(404, "not_found", f"/works/none/{what}", body)
        path = f"/works/{waiting.id}/{what}"
        assert "with nobody" in await desk.refused(409, "refused", path, body)
        words = await desk.refused(409, "refused", path, body, role="program")
        assert "while the work is waiting" in words
        path = f"/works/{job.id}/{what}"
        assert "another agent" in await desk.refused(409, "refused", path, body)
        words = await desk.refused(422, "invalid", path, {"unknown": 1}, role="ada")
        assert "nknown: there is no such field" in words
    assert await desk.work(job) == before


BAD_BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("hold", {}, "On"),
    ("hold", {"on": "perhaps"}, "On"),
    ("record", {"what": "rewind"}, "pause"),
    ("transfer", {}, "exactly one"),
    ("transfer", {"queue": "sales", "agent_id": "agt_1"}, "exactly one"),
    ("consult", {"number": NUMBER}, "exactly one"),
    ("consult", {"queue": "sales", "agent_id": "agt_1"}, "exactly one"),
    ("wrap-up", {"note": "x" * 10_001}, "Note"),
    ("wrap-up", {"disposition": "x" * 81}, "Disposition"),
]


async def test_bodies_that_cannot_be(desk: AtWork) -> None:
    job = await desk.chat()
    for what, body, word in BAD_BODIES:
        assert word in await desk.refused(422, "invalid", f"/works/{job.id}/{what}", body)


async def test_the_same_key_is_done_once(desk: AtWork) -> None:
    job = await desk.chat()
    key = {"Idempotency-Key": "requeue-1"}
    first = await desk.post(f"/works/{job.id}/requeue", {"reason": "wrong"}, headers=key)
    assert await desk.post(f"/works/{job.id}/requeue", {"reason": "wrong"}, headers=key) == first
    await desk.refused(409, "refused", f"/works/{job.id}/requeue", {"reason": "wrong"})
    assert (await desk.kinds(job)).count("requeued") == 1


async def test_what_is_done_is_in_the_audit_trail(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.post(f"/works/{job.id}/end")
    page = await desk.api.room.store.read(lambda connection: audit.list_entries(connection, AuditFilter()))
    done = {entry.action: entry.subject for entry in page.items}
    assert (done["offer.accepted"], done["work.ended"]) == (job.offer_id, job.id)


async def test_lists(desk: AtWork) -> None:
    first = await desk.chat()
    second = await desk.waits(queue="complaints")

    async def ids(query: str) -> list[str]:
        return [work["id"] for work in (await desk.api.get(f"/works{query}", role="agent"))["items"]]

    assert await ids("") == [first.id, second.id]
    assert await ids("?state=waiting") == [second.id]
    assert await ids(f"?agent_id={desk.wang}") == [first.id]
    assert await ids("?queue=complaints&state=active") == []
    await desk.api.problem(422, "GET", "/works?state=done")
    await desk.api.problem(404, "GET", "/works/none")
    await desk.api.problem(404, "GET", "/offers/none")


# --- talking --------------------------------------------------------------------------------------


async def test_a_chat_is_held_ended_and_written_up(desk: AtWork, clock: ManualClock) -> None:
    job = await desk.chat()
    held = await desk.post(f"/works/{job.id}/hold", {"on": True})
    assert held["held_at"] == "2026-03-02T09:30:00Z"
    assert (await desk.post(f"/works/{job.id}/hold", {"on": True}))["version"] == held["version"]
    assert (await desk.post(f"/works/{job.id}/hold", {"on": False}))["held_at"] is None
    ended = await desk.post(f"/works/{job.id}/end")
    assert (ended["state"], ended["due_at"]) == ("wrap_up", "2026-03-02T09:31:00Z")
    await desk.refused(409, "refused", f"/works/{job.id}/end")
    clock.advance(5)
    done = await desk.post(f"/works/{job.id}/wrap-up", {"disposition": "resolved", "note": "paid"})
    assert (done["state"], done["outcome"], done["disposition"]) == ("done", "handled", "resolved")
    assert done["note"] == "paid"
    await desk.refused(409, "refused", f"/works/{job.id}/wrap-up")


async def test_back_in_line_in_the_old_place(desk: AtWork, clock: ManualClock) -> None:
    job = await desk.chat()
    queued_at = (await desk.work(job)).queued_at
    clock.advance(30)
    work = await desk.post(f"/works/{job.id}/requeue", {"reason": "wrong department"})
    assert (work["state"], work["agent_id"], work["queue"]) == ("waiting", None, "sales")
    after = await desk.contact(job)
    assert (after.state, after.owner, after.queued_at) == ("waiting", "flow", queued_at)
    assert (await desk.work(job)).queued_at == queued_at
    assert (await desk.api.get(f"/agents/{desk.wang}/state"))["holding"] == {}


@ON_BOTH
async def test_transfers(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.refused(404, "not_found", f"/works/{job.id}/transfer", {"queue": "nowhere"})
    await desk.refused(404, "not_found", f"/works/{job.id}/transfer", {"agent_id": "agt_nobody"})
    assert "this agent already" in await desk.refused(
        409, "refused", f"/works/{job.id}/transfer", {"agent_id": desk.wang}
    )
    assert "no telephone line" in await desk.refused(
        409, "refused", f"/works/{job.id}/transfer", {"number": NUMBER}
    )
    work = await desk.post(f"/works/{job.id}/transfer", {"queue": "complaints"})
    assert (work["state"], work["queue"], work["wanted"]) == ("waiting", "complaints", "")
    assert (await desk.contact(job)).queue == "complaints"
    other = await desk.chat()
    offline = await desk.refused(409, "refused", f"/works/{other.id}/transfer", {"agent_id": desk.ada})
    assert "offline" in offline, "the customer would wait for good"
    await desk.go(desk.ada)
    work = await desk.post(f"/works/{other.id}/transfer", {"agent_id": desk.ada})
    assert (work["state"], work["queue"], work["wanted"]) == ("waiting", "sales", desk.ada)


@ON_BOTH
async def test_a_colleague_is_asked_and_takes_over(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.go(desk.ada)
    path = f"/works/{job.id}/consult"
    await desk.refused(404, "not_found", path, {"queue": "nowhere"})
    await desk.refused(404, "not_found", path, {"agent_id": "agt_nobody"})
    assert "somebody else" in await desk.refused(409, "refused", path, {"agent_id": desk.wang})
    assert (await desk.work(job)).held_at is None, "what was refused holds nobody"
    work = await desk.post(path, {"agent_id": desk.ada, "reason": "refund"})
    assert (work["kind"], work["for_work"], work["reason"]) == ("consult", job.id, "refund")
    assert (await desk.work(job)).held_at is not None
    assert "already" in await desk.refused(409, "refused", path, {"agent_id": desk.ada})
    assert "who was asked" in await desk.refused(409, "refused", f"{path}/join")
    assert "who was asked" in await desk.refused(409, "refused", f"{path}/complete")
    [asked] = await desk.api.room.store.read(lambda connection: works.consults_of(connection, job.id))
    question = await desk.offered(Job(asked.id, job.contact_id), desk.ada)
    await desk.post(f"/offers/{question.offer_id}/accept", role="ada")
    assert (await desk.post(f"{path}/join"))["held_at"] is None
    taken = await desk.post(f"{path}/complete")
    assert (taken["state"], taken["agent_id"]) == ("active", desk.ada)
    assert (await desk.work(question)).state == "done"
    assert (await desk.contact(job)).agent_id == desk.ada
    states = {state["id"]: list(state["holding"]) for state in (await desk.api.get("/states"))["items"]}
    assert states == {desk.wang: [], desk.ada: [job.id]}


async def test_a_question_is_called_off(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.post(f"/works/{job.id}/consult", {"queue": "complaints"})
    work = await desk.post(f"/works/{job.id}/consult/cancel")
    assert (work["state"], work["held_at"]) == ("active", None)
    assert await desk.api.room.store.read(lambda connection: works.consults_of(connection, job.id)) == []


@pytest.mark.parametrize("what", ["end", "wrap-up"])
async def test_who_was_asked_leaves_and_the_customer_stays(desk: AtWork, what: str) -> None:
    job = await desk.chat()
    question = await asked_colleague(desk, job)
    left = await desk.post(f"/works/{question.id}/{what}", role="ada")
    assert (left["state"], left["outcome"]) == ("done", "handled")
    assert ((await desk.work(job)).state, (await desk.contact(job)).state) == ("active", "connected")
    assert (await desk.api.get(f"/agents/{desk.ada}/state"))["holding"] == {}


async def test_the_customer_is_not_the_asked_ones_to_give_away(desk: AtWork) -> None:
    job = await desk.chat()
    question = await asked_colleague(desk, job)
    for what in ("hold", "record", "transfer", "consult"):
        words = await desk.refused(409, "refused", f"/works/{question.id}/{what}", BODIES[what], role="ada")
        assert "only asks you" in words
    assert (await desk.contact(job)).state == "connected"


@ON_BOTH
async def test_who_was_asked_goes_back_in_line_without_the_customer(desk: AtWork) -> None:
    job = await desk.chat()
    question = await asked_colleague(desk, job)
    over = await desk.post(f"/works/{question.id}/requeue", role="ada")
    assert (over["state"], over["outcome"]) == ("done", "canceled")
    assert ((await desk.work(job)).state, (await desk.contact(job)).state) == ("active", "connected")


# --- supervisors ----------------------------------------------------------------------------------


@ON_BOTH
async def test_a_supervisor_gives_work_to_others(desk: AtWork) -> None:
    body = {"queue": "complaints", "agent_id": desk.ada}
    await desk.go(desk.wang, desk.ada)
    jobs = {"waiting": await desk.waits(), "offered": await desk.waits(), "active": await desk.chat()}
    jobs["offered"] = await desk.offered(jobs["offered"], desk.wang)
    for state, job in jobs.items():
        queued_at, path = (await desk.work(job)).queued_at, f"/works/{job.id}/reassign"
        assert "supervisor" in await desk.refused(403, "forbidden", path, body)
        await desk.refused(404, "not_found", path, {"queue": "nowhere"}, role="supervisor")
        await desk.refused(422, "invalid", path, {}, role="supervisor")
        await desk.refused(422, "invalid", path, {"number": NUMBER}, role="supervisor")
        assert (await desk.work(job)).state == state
        work = await desk.post(path, body, role="supervisor")
        assert (work["state"], work["queue"], work["wanted"]) == ("waiting", "complaints", desk.ada)
        after = await desk.work(job)
        assert (after.queued_at, after.agent_id, after.offer_id) == (queued_at, None, None)
        contact = await desk.contact(job)
        assert (contact.state, contact.queue) == ("waiting", "complaints"), "both say where they wait"
        assert (await desk.kinds(job))[-1] == "requeued"
    assert (await desk.offer(jobs["offered"])).state == "revoked"
    assert (await desk.api.get(f"/agents/{desk.wang}/state"))["holding"] == {}


async def test_what_is_being_written_up_is_given_to_nobody(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.post(f"/works/{job.id}/end")
    body = {"agent_id": desk.ada}
    assert "wrap_up" in await desk.refused(
        409, "refused", f"/works/{job.id}/reassign", body, role="supervisor"
    )


async def test_a_chat_cannot_be_listened_to(desk: AtWork) -> None:
    job = await desk.chat(desk.ada)
    path, body = f"/works/{job.id}/supervise", {"mode": "listen"}
    assert "chat is read" in await desk.refused(409, "refused", path, body, role="supervisor")
    await desk.refused(403, "forbidden", path, body)
    assert "who is an agent" in await desk.refused(403, "forbidden", path, body, role="program")
    assert "barge" in await desk.refused(422, "invalid", path, {"mode": "shout"}, role="supervisor")


@ON_BOTH
async def test_a_call_is_listened_to(desk: AtWork) -> None:
    carrier = Carrier()
    job = await desk.call(carrier)
    path = f"/works/{job.id}/supervise"
    await desk.post(path, {"mode": "listen"}, role="supervisor")
    assert "just being placed" in await desk.refused(
        409, "refused", path, {"mode": "barge"}, role="supervisor"
    )
    leg = await desk.comes(job, "supervisor")
    await desk.post(path, {"mode": "barge"}, role="supervisor")
    assert carrier.asked == [("coach", f"CA{leg.id}", ""), ("mute", f"CA{leg.id}", False)]
    after = await desk.api.room.store.read(lambda connection: legs.get(connection, leg.id))
    assert (after.mode, after.muted) == ("barge", False)
    assert (await desk.kinds(job)).count("supervised") == 2


# --- the carrier ----------------------------------------------------------------------------------


async def test_a_call_is_held_muted_and_recorded(desk: AtWork) -> None:
    carrier = Carrier()
    job = await desk.call(carrier)
    ref = (await desk.contact(job)).provider_ref
    assert (await desk.post(f"/works/{job.id}/hold", {"on": True}))["held_at"] is not None
    await desk.post(f"/works/{job.id}/mute", {"on": True})
    await desk.post(f"/works/{job.id}/record", {"what": "pause"})
    [_, (what, leg_ref, on), _] = carrier.asked
    assert carrier.asked[::2] == [("hold", ref, True), ("record", ref, "pause")]
    assert (what, leg_ref != ref, on) == ("mute", True, True)
    for what in ("pause", "resume", "resume"):
        await desk.post(f"/works/{job.id}/record", {"what": what})
    timeline = await desk.api.get(f"/contacts/{job.contact_id}/timeline")
    assert [line["text"] for line in timeline["lines"] if line["kind"] == "recording"] == [
        "Recording paused (by Wang Fang)",
        "Recording resumed (by Wang Fang)",
    ]


BY_CARRIER: dict[str, Any] = {
    "hold": {"on": True},
    "mute": {"on": True},
    "record": {"what": "start"},
    "transfer": {"number": NUMBER},
    "consult": {"queue": "sales"},
}


@ON_BOTH
async def test_what_the_carrier_will_not_do_is_not_noted(desk: AtWork) -> None:
    carrier = Carrier()
    job = await desk.call(carrier)
    before, kinds = await desk.work(job), await desk.kinds(job)
    for error in REFUSALS:
        carrier.error = error
        for what, body in BY_CARRIER.items():
            assert "carrier" in await desk.refused(502, "carrier", f"/works/{job.id}/{what}", body)
    assert (await desk.work(job), await desk.kinds(job)) == (before, kinds)
    assert await desk.api.room.store.read(lambda connection: works.consults_of(connection, job.id)) == []


async def test_nobody_is_put_on_hold_for_what_cannot_be(desk: AtWork) -> None:
    carrier = Carrier()
    job = await desk.call(carrier)
    await desk.refused(409, "refused", f"/works/{job.id}/transfer", {"number": "000"})
    await desk.refused(404, "not_found", f"/works/{job.id}/consult", {"queue": "nowhere"})
    await desk.refused(404, "not_found", f"/works/{job.id}/consult", {"agent_id": "agt_nobody"})
    assert carrier.asked == []


async def test_a_call_goes_to_a_number(desk: AtWork) -> None:
    carrier = Carrier()
    job = await desk.call(carrier)
    work = await desk.post(f"/works/{job.id}/transfer", {"number": NUMBER})
    assert (work["state"], work["held_at"] is not None) == ("active", True)
    assert carrier.asked == [("hold", (await desk.contact(job)).provider_ref, True)]
    await desk.comes(job, "outside")
    assert ((await desk.work(job)).state, (await desk.work(job)).held_at) == ("wrap_up", None)


async def test_a_chat_cannot_be_recorded(desk: AtWork) -> None:
    job = await desk.chat()
    assert "no telephone call" in await desk.refused(
        409, "refused", f"/works/{job.id}/record", {"what": "start"}
    )


# --- tickets and why ------------------------------------------------------------------------------


@ON_BOTH
async def test_a_ticket_is_no_conversation(desk: AtWork) -> None:
    await desk.go(desk.wang)
    body = {"subject": "No answer from the hotline", "queue": "complaints"}
    ticket = await (await desk.api.ask("POST", "/tickets", body, role="agent")).json()
    [found] = (await desk.api.get("/works?queue=complaints"))["items"]
    job = await desk.offered(Job(found["id"], ""), desk.wang)
    await desk.post(f"/offers/{job.offer_id}/accept")
    assert (await desk.api.get(f"/tickets/{ticket['id']}"))["assignee_id"] == desk.wang
    for what in ("hold", "record", "consult"):
        words = await desk.refused(409, "refused", f"/works/{job.id}/{what}", BODIES[what])
        assert "no conversation" in words
    work = await desk.post(f"/works/{job.id}/transfer", {"queue": "sales"})
    assert (work["state"], work["queue"]) == ("waiting", "sales")
    shown = await desk.api.get(f"/tickets/{ticket['id']}")
    assert (shown["queue"], shown["status"], shown["assignee_id"]) == ("sales", "open", None)
    path = f"/works/{job.id}/reassign"
    await desk.post(path, {"queue": "complaints"}, role="supervisor")
    assert (await desk.api.get(f"/tickets/{ticket['id']}"))["queue"] == "complaints"


@ON_BOTH
async def test_why(desk: AtWork) -> None:
    job = await desk.chat()
    told = await desk.api.get(f"/contacts/{job.contact_id}/why", role="agent")
    assert [one["kind"] for one in told["decisions"]] == ["queued", "offered", "offer_accepted", "connected"]
    assert told["names"][desk.wang] == "Wang Fang"
    text = "\n".join(told["lines"])
    assert "Offered to Wang Fang after 0.0 s" in text
    assert "could have had it: Wang Fang (5)" in text
    assert "passed over: Ada, who had no room for it" in text
    chinese = await desk.api.get(f"/contacts/{job.contact_id}/why?language=zh", role="agent")
    assert chinese["decisions"] == told["decisions"]
    assert "  未选中：Ada（已满负荷）" in chinese["lines"]
    assert len(chinese["lines"]) == len(told["lines"])
    await desk.api.problem(404, "GET", "/contacts/none/why")


async def test_who_holds_what_is_the_same_everywhere(desk: AtWork) -> None:
    """The agent's own row is what capacity is kept by."""
    job = await desk.chat()
    state = await desk.api.room.store.read(lambda connection: agent_states.find(connection, desk.wang))
    assert [(name, held.kind, held.stage) for name, held in state.holding.items()] == [
        (job.id, "chat", "active")
    ]
    contact = await desk.api.room.store.read(lambda connection: contacts.get(connection, job.contact_id))
    assert contact.journal_length == len(await desk.kinds(job))
