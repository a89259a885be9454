"""Why work waits, or is with whom it is, over the API; and who serves a queue on the wallboard."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import Connection

from contact_center.actions.act import Act
from contact_center.actions.presence import set_presence
from contact_center.clock import ManualClock
from contact_center.policies import read_queue_policies
from crm_store import agents, queues
from crm_store.agents import AgentChanges
from crm_store.queues import QueueSettings
from crm_store.works import Work
from tests.api.at_work import AtWork, Job
from tests.api.conftest import ON_BOTH, Api

ROUTING = {
    "rings": [{"after": 20, "lower": 6}],
    "overflow": [{"to": "sales", "after": 60}, {"to": "complaints", "after": 300}],
}


@pytest.fixture
async def desk(api: Api) -> AtWork:
    """Wang has `refunds` at 7, Ada nothing; the queue asks for it at 7."""
    desk = await AtWork.begin(api)

    def prepare(connection: Connection) -> None:
        by: dict[str, Any] = {"at": api.room.clock.now(), "ids": api.room.ids, "actor": "test"}
        settings = QueueSettings(title={"en": "Refunds"}, skills={"refunds": 7}, routing=ROUTING)
        queues.put(connection, "refunds", settings, **by)
        ada = agents.get(connection, desk.ada)
        agents.update(connection, desk.ada, ada.version, AgentChanges(skills={"refunds": 1}), **by)

    await api.room.store.write(prepare)
    strategy = api.room.config.routing.strategy
    api.room.policies.update(await api.room.store.read(lambda found: read_queue_policies(found, strategy)))
    return desk


async def why(desk: AtWork, job: Job, role: str = "supervisor") -> Any:
    return await desk.api.get(f"/works/{job.id}/why", role=role)


def told(found: Any) -> list[tuple[str, str]]:
    return [(each["agent_id"], each["reason"]) for each in found["waiting"]["agents"]]


@ON_BOTH
async def test_what_waits_tells_everything_in_its_way(desk: AtWork, clock: ManualClock) -> None:
    first, job = [await desk.waits("phone", "refunds", language=language) for language in ("", "en")]
    found = (await why(desk, job))["waiting"]
    assert (found["place"], found["length"]) == (2, 2)
    assert (found["serving"], found["online"], found["ready"]) == (1, 0, 0)
    assert found["reasons"] == {"offline": 1}
    assert (found["expected_wait"], found["sure"]) == (None, "none")
    assert (found["needs"], found["language"], found["ring"]) == ([{"refunds": 7}], "en", 0)
    ring, near, far = found["next"]
    assert (ring["kind"], ring["at"], ring["lower"], ring["agents"]) == ("ring", "2026-03-02T09:30:20Z", 6, 0)
    assert (near["queue"], near["at"], near["held_up"]) == ("sales", "2026-03-02T09:31:00Z", "nobody_there")
    assert far["queue"] == "complaints"
    await desk.go(desk.wang, desk.ada)
    await desk.offered(await desk.waits("phone"), desk.wang)
    found = (await why(desk, job))["waiting"]
    [agent] = found["agents"]
    assert (agent["name"], agent["reason"], agent["status"]) == ("Wang Fang", "busy", "offered")
    assert agent["load"] == {"call": 1}
    assert found["expected_wait"] > 0
    assert [step["held_up"] for step in found["next"]] == ["", "", ""]
    assert found["next"][0]["agents"] == 1
    clock.advance(25)
    found = await why(desk, first)
    assert told(found) == [(desk.ada, "free"), (desk.wang, "busy")]
    assert found["waiting"]["needs"] == [{"refunds": 1}]


async def test_who_has_room_for_other_work_only_is_no_hope(desk: AtWork) -> None:
    """The estimate is of the queue's usual work, here calls; for a chat there is no room."""
    await desk.go(desk.wang)
    for _ in range(3):
        await desk.offered(await desk.waits(), desk.wang)
    found = await why(desk, await desk.waits(queue="refunds"))
    assert told(found) == [(desk.wang, "busy")]
    assert (found["waiting"]["expected_wait"], found["waiting"]["sure"]) == (None, "none")


async def test_what_declining_does_and_what_agents_may_know(desk: AtWork, clock: ManualClock) -> None:
    await desk.go(desk.wang)
    job = await desk.offered(await desk.waits(queue="refunds"), desk.wang)
    asked = await why(desk, job)
    assert (asked["state"], asked["waiting"]) == ("offered", None)
    assert [each["kind"] for each in asked["decisions"]] == ["queued", "offered"]
    assert asked["names"] == {desk.wang: "Wang Fang", desk.ada: "Ada"}
    assert "Offered to Wang Fang" in asked["lines"][1]
    await desk.api.problem(403, "GET", f"/works/{job.id}/why", role="ada")
    await desk.post(f"/offers/{job.offer_id}/decline", {"reason": "lunch"})
    found = await why(desk, job, role="ada")
    [agent] = found["waiting"]["agents"]
    assert (agent["reason"], agent["until"]) == ("declined", "2026-03-02T09:32:00Z")
    assert found["waiting"]["next"][-2]["kind"] == "ask_again"
    assert "Wang Fang declined (lunch)" in found["lines"]
    await desk.chat()
    assert (await why(desk, job, role="supervisor"))["waiting"]["agents"][0]["load"] == {"chat": 1}
    assert (await why(desk, job, role="ada"))["waiting"]["agents"][0]["load"] == {}


async def test_other_work_of_the_same_contact_is_told_of_elsewhere(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.go(desk.ada)
    asked = await desk.post(f"/works/{job.id}/consult", {"agent_id": desk.ada})
    question = await why(desk, Job(asked["id"], job.contact_id))
    assert [each["kind"] for each in question["decisions"]] == ["consulted"]
    assert question["wanted"] == desk.ada
    assert told(question) == [(desk.ada, "free")]
    assert question["waiting"]["expected_wait"] is None
    whole = await why(desk, job)
    assert {"queued", "offered", "consulted"} <= {each["kind"] for each in whole["decisions"]}


async def test_a_callback_waits_for_its_time(desk: AtWork, clock: ManualClock) -> None:
    await desk.go(desk.wang)
    clock.advance(1)
    at = clock.now()

    def promise(deed: Act) -> Job:
        later = at.replace(hour=12)
        work = Work(
            id=deed.ids.new("wrk"),
            kind="callback",
            queue="refunds",
            queued_at=at,
            entered_at=at,
            not_before=later,
        )
        deed.add_work(work)
        return Job(work.id, "")

    found = await why(desk, await desk.act(promise))
    assert (found["waiting"]["place"], told(found)) == (None, [(desk.wang, "not_yet")])
    assert found["waiting"]["next"][0]["kind"] == "not_before"
    assert (found["decisions"], found["lines"]) == ([], [])


async def test_work_that_is_not_there_has_no_why(desk: AtWork) -> None:
    await desk.api.problem(404, "GET", "/works/none/why")


@ON_BOTH
async def test_the_wallboard_tells_who_serves_a_queue(desk: AtWork) -> None:
    async def serving(queue: str) -> tuple[int, int, int]:
        board = await desk.api.get("/wallboard", role="supervisor")
        [row] = [each for each in board["queues"] if each["queue"] == queue]
        return row["serving"], row["online"], row["ready"]

    assert [await serving(queue) for queue in ("refunds", "sales")] == [(1, 0, 0), (2, 0, 0)]
    await desk.go(desk.wang, desk.ada)
    await desk.act(lambda deed: set_presence(deed, desk.wang, "break", "lunch"))
    assert [await serving(queue) for queue in ("refunds", "sales")] == [(1, 1, 0), (2, 2, 1)]
