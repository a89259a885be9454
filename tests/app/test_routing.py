"""From the line to an agent and back: offers, answers, ends, in virtual time, on the shipped store
functions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contact_center.actions import talk, tickets, transfer
from contact_center.actions.offers import accept_offer, take_work
from contact_center.actions.presence import close_desk, lose_desk, open_desk
from contact_center.dispatcher import Dispatcher
from contact_center.tickets import Deed, claim_ticket, reassign_ticket
from contact_center.why import explain, tell
from crm_store import contacts, desks
from crm_store.contacts import Contact
from crm_store.errors import Refused
from crm_store.leases import Fenced
from tests.app.centre import Centre, TwilioCall, open_centre, sqlite_url
from tests.app.floor import AISHA, GRACE, TOM, Floor
from tests.app.flows import DESK


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    async with open_centre(sqlite_url(tmp_path), DESK) as centre:
        yield Floor(centre)


async def waiting_call(floor: Floor, sid: str = "CA" + "1" * 32, caller: str = "+12025550177") -> TwilioCall:
    """A caller who stands in line for the queue general."""
    call = await TwilioCall(floor.centre, sid, caller).dial()
    await call.press("4")
    await call.fetch(call.verb("Dial").attrib["action"], DialCallStatus="busy")
    return call


async def contact_of(floor: Floor, call: TwilioCall) -> Contact:
    return await floor.centre.contact(call.sid)


async def test_a_caller_is_offered_accepted_and_wrapped_up(floor: Floor) -> None:
    call = await waiting_call(floor)
    contact = await contact_of(floor, call)
    assert contact.state == "waiting"
    agent_id = await floor.go(GRACE)
    await floor.step()
    offer = await floor.offer(GRACE)
    work = await floor.accept(GRACE)
    assert (work.state, work.agent_id, work.offer_id) == ("active", agent_id, offer.id)
    contact = await contact_of(floor, call)
    assert (contact.state, contact.owner, contact.agent_id, contact.outcome) == (
        "connected", "agent", agent_id, "answered",
    )  # fmt: skip
    await call.hang_up()
    assert (await floor.work(work.id)).state == "wrap_up"
    state = await floor.state(GRACE)
    assert [held.stage for held in state.holding.values()] == ["wrap_up"]
    done = await floor.finish(work)
    assert (done.state, done.outcome, done.disposition) == ("done", "handled", "resolved")
    assert (await floor.state(GRACE)).holding == {}
    contact = await contact_of(floor, call)
    assert (contact.state, contact.outcome, contact.end_reason) == ("ended", "answered", "customer")
    kinds = [kind for kind in await floor.centre.kinds(contact.id) if kind in ROUTED]
    assert kinds == ["queued", "offered", "offer_accepted", "connected", "wrap_up", "wrapped_up"]


ROUTED = {
    "queued",
    "offered",
    "offer_accepted",
    "offer_declined",
    "offer_expired",
    "offer_revoked",
    "connected",
    "requeued",
    "wrap_up",
    "wrapped_up",
    "queue_left",
    "transferred",
    "moved",
}


async def test_the_agent_ends_it_and_the_customer_goes_on_in_the_flow(floor: Floor) -> None:
    call = await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    await floor.end(work)
    contact = await contact_of(floor, call)
    assert (contact.state, contact.owner) == ("in_flow", "flow")
    await call.fetch(f"/twilio/voice/resume?c={contact.id}&t={contact.turn}")
    assert "press 1 for the menu" in call.last().lower()
    assert ("wait", "next") in await floor.centre.path(contact.id)


async def test_who_does_not_answer_is_not_asked_again_and_the_place_is_kept(floor: Floor) -> None:
    first = await waiting_call(floor, "CA" + "1" * 32)
    await floor.step(5)
    second = await waiting_call(floor, "CA" + "2" * 32, "+12025550178")
    await floor.go(GRACE)
    await floor.step()
    offer = await floor.offer(GRACE)
    before = await floor.work(offer.work_id)
    assert before.contact_id == (await contact_of(floor, first)).id
    await floor.step(21)
    state = await floor.state(GRACE)
    assert (state.presence, state.reason, state.holding) == ("not_responding", "no_answer", {})
    after = await floor.work(offer.work_id)
    assert (after.state, after.queued_at, after.entered_at) == (
        "waiting",
        before.queued_at,
        before.entered_at,
    )
    await floor.go(TOM)
    await floor.step()
    assert (await floor.offer(TOM)).work_id == offer.work_id, "the first in line is still the first"
    assert (await contact_of(floor, second)).state == "waiting"


async def test_who_declines_is_passed_for_a_while_and_stays_available(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    await floor.decline(GRACE)
    await floor.step()
    assert await floor.offers(GRACE) == []
    assert (await floor.state(GRACE)).presence == "available"
    await floor.step(121)
    assert len(await floor.offers(GRACE)) == 1


async def test_a_caller_who_hangs_up_while_an_agent_is_asked_frees_the_agent(floor: Floor) -> None:
    call = await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    offer = await floor.offer(GRACE)
    await call.hang_up()
    assert await floor.offers(GRACE) == []
    assert (await floor.state(GRACE)).holding == {}
    work = await floor.work(offer.work_id)
    assert (work.state, work.outcome) == ("done", "abandoned")
    with pytest.raises(Refused, match="taken back"):
        await floor.act("agent", lambda deed: accept_offer(deed, offer.id, offer.agent_id))


async def test_a_key_leaves_the_line_at_any_moment(floor: Floor) -> None:
    call = await waiting_call(floor)
    contact = await contact_of(floor, call)
    await floor.go(GRACE)
    await floor.step()
    await call.wait_page()
    await call.press("1")
    work_ids = [data["work_id"] for data in await floor.entries(contact.id, "queued")]
    work = await floor.work(work_ids[0])
    assert (work.state, work.outcome) == ("done", "left")
    assert (await floor.state(GRACE)).holding == {}


async def test_accepting_twice_is_accepting_once_and_nobody_elses_offer_can_be_taken(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    offer = await floor.offer(GRACE)
    first = await floor.accept(GRACE)
    again = await floor.act("agent", lambda deed: accept_offer(deed, offer.id, offer.agent_id))
    assert again == first
    other = await floor.id_of(TOM)
    with pytest.raises(Refused, match="another agent"):
        await floor.act("agent", lambda deed: accept_offer(deed, offer.id, other))


async def test_an_agent_holds_one_call_at_a_time(floor: Floor) -> None:
    await waiting_call(floor, "CA" + "1" * 32)
    await waiting_call(floor, "CA" + "2" * 32, "+12025550178")
    await floor.go(GRACE)
    await floor.step()
    assert len(await floor.offers(GRACE)) == 1
    await floor.accept(GRACE)
    await floor.step()
    assert await floor.offers(GRACE) == []


async def test_a_wrap_up_ends_by_itself(floor: Floor) -> None:
    call = await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    await call.hang_up()
    await floor.step(61)
    assert (await floor.work(work.id)).state == "done"
    assert (await floor.state(GRACE)).holding == {}


async def test_a_transfer_keeps_the_place_in_line(floor: Floor) -> None:
    call = await waiting_call(floor)
    contact = await contact_of(floor, call)
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    await floor.step(7)
    moved = await floor.with_work(work, lambda deed, found: transfer.to_queue(deed, found, "vip"))
    assert (moved.state, moved.queue, moved.queued_at) == ("waiting", "vip", contact.queued_at)
    assert (await floor.state(GRACE)).holding == {}
    contact = await contact_of(floor, call)
    assert (contact.state, contact.queue, contact.owner) == ("waiting", "vip", "flow")
    await call.fetch(f"/twilio/voice/resume?c={contact.id}&t={contact.turn}")
    assert call.verb("Enqueue") is not None


async def test_a_transfer_to_an_agent_waits_for_that_one(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    tom, aisha = await floor.go(TOM), await floor.go(AISHA)
    assert tom != aisha
    await floor.with_work(work, lambda deed, found: transfer.to_agent(deed, found, aisha))
    await floor.step()
    assert await floor.offers(TOM) == []
    assert (await floor.offer(AISHA)).work_id == work.id
    await floor.step(21)  # she does not answer: anybody in the queue may have it
    assert (await floor.work(work.id)).wanted == ""


async def test_a_warm_transfer(floor: Floor) -> None:
    call = await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    aisha = await floor.go(AISHA)
    asked = await floor.with_work(work, lambda deed, found: transfer.consult(deed, found, agent_id=aisha))
    with pytest.raises(Refused, match="nobody who was asked"):
        await floor.with_work(work, transfer.complete)
    await floor.step()
    await floor.accept(AISHA)
    await floor.with_work(work, transfer.complete)
    taken = await floor.work(work.id)
    assert (taken.state, taken.agent_id) == ("active", aisha)
    assert (await floor.work(asked.id)).state == "done"
    assert (await floor.state(GRACE)).holding == {}
    assert list((await floor.state(AISHA)).holding) == [work.id]
    assert (await contact_of(floor, call)).agent_id == aisha


async def test_a_consultation_that_nobody_answers_comes_to_nothing(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    aisha = await floor.go(AISHA)
    asked = await floor.with_work(work, lambda deed, found: transfer.consult(deed, found, agent_id=aisha))
    await floor.step()
    await floor.step(21)
    assert (await floor.work(asked.id)).outcome == "canceled"
    assert (await floor.work(work.id)).state == "active"


async def test_a_complaint_is_work_and_who_accepts_it_has_the_ticket(floor: Floor) -> None:
    call = await TwilioCall(floor.centre, "CA" + "3" * 32).dial()
    await call.press("2")
    await call.press("100102")
    await call.say("it broke")
    [ticket] = await floor.centre.tickets()
    [work] = await floor.works()
    assert (work.kind, work.ticket_id, work.queue, work.queued_at) == (
        "ticket", ticket.id, "complaints", ticket.opened_at,
    )  # fmt: skip
    agent_id = await floor.go(GRACE)
    await floor.step()
    await floor.accept(GRACE)
    [ticket] = await floor.centre.tickets()
    assert (ticket.status, ticket.assignee_id) == ("in_progress", agent_id)
    await floor.with_work(work, lambda deed, found: talk.wrap_up(deed, found, "resolved", ""))
    assert (await floor.work(work.id)).state == "done"


async def test_a_ticket_that_is_claimed_by_hand_is_offered_no_more(floor: Floor) -> None:
    call = await TwilioCall(floor.centre, "CA" + "3" * 32).dial()
    await call.press("2")
    await call.press("100102")
    await call.say("it broke")
    [ticket] = await floor.centre.tickets()
    agent_id = await floor.id_of(TOM)
    by = Deed("agent:1", floor.centre.clock.now())
    await floor.act(
        "agent:1",
        lambda deed: tickets.changing(
            deed, ticket.id, lambda: claim_ticket(deed.connection, ticket.id, agent_id, by)
        ),
    )
    assert await floor.works() == []
    await floor.act(
        "agent:1",
        lambda deed: tickets.changing(
            deed,
            ticket.id,
            lambda: reassign_ticket(deed.connection, ticket.id, by, agent_id=None, queue="general"),
        ),
    )
    [work] = await floor.works()
    assert (work.state, work.queue, work.queued_at) == ("waiting", "general", ticket.opened_at)


async def test_a_lost_desk_is_not_responding_and_comes_back(floor: Floor) -> None:
    agent_id = await floor.go(GRACE)
    await floor.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_1", "node"))
    await floor.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_2", "node"))
    at = floor.centre.clock.now()
    await floor.step(15)
    await floor.centre.room.store.write(
        lambda connection: desks.seen(connection, ["dsk_2"], floor.centre.clock.now())
    )
    await floor.step(10)  # the first desk is gone for 25 s, the second for 10
    assert (await floor.state(GRACE)).presence == "available"
    await floor.step(15)
    state = await floor.state(GRACE)
    assert (state.presence, state.reason) == ("not_responding", "desk_lost")
    assert at < state.since
    await floor.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_3", "node"))
    assert (await floor.state(GRACE)).presence == "available"


async def test_what_a_lost_agent_had_goes_to_others_with_its_place(floor: Floor) -> None:
    call = await waiting_call(floor)
    agent_id = await floor.go(GRACE)
    await floor.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_1", "node"))
    await floor.step()
    work = await floor.accept(GRACE)
    await floor.step(25)
    assert (await floor.state(GRACE)).presence == "not_responding"
    await floor.step(61)
    back = await floor.work(work.id)
    assert (back.state, back.agent_id, back.queued_at) == ("waiting", None, work.queued_at)
    assert (await floor.state(GRACE)).holding == {}
    assert (await contact_of(floor, call)).state == "waiting"


async def test_lose_desk_keeps_an_agent_who_has_another(floor: Floor) -> None:
    agent_id = await floor.go(GRACE)
    await floor.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_1", "node"))
    before = floor.centre.clock.now()
    state = await floor.act("router", lambda deed: lose_desk(deed, agent_id, before))
    assert state.presence == "available"


async def test_two_leaders_waste_work_and_never_assign_twice(floor: Floor) -> None:
    for number in range(4):
        await waiting_call(floor, f"CA{number:032d}", f"+1202555017{number}")
    first, second = floor.centre.dispatcher, Dispatcher(floor.centre.room, "another")
    await first.step()
    with pytest.raises(Fenced):
        await second.step()
    floor.centre.clock.advance(6)  # the first one sleeps, and its lease runs out
    await second.step()
    await floor.go(GRACE)
    await floor.go(TOM)
    assert first.lease is not None
    first.feed.begin_look()
    first.feed.compare(await first._picture())
    with pytest.raises(Fenced):
        await first._decide(first.lease)
    assert await floor.offers(GRACE) == []
    await second.step()
    taken = [(await floor.offer(email)).work_id for email in (GRACE, TOM)]
    assert len(set(taken)) == 2


async def test_why_is_told(floor: Floor) -> None:
    call = await waiting_call(floor)
    contact = await contact_of(floor, call)
    await floor.go(TOM, "break", "lunch")
    await floor.go(GRACE)
    await floor.step(3)
    await floor.accept(GRACE)
    [offered] = await floor.entries(contact.id, "offered")
    assert offered["why"]["strategy"] == "longest_idle"
    assert offered["why"]["candidate_count"] == 1
    assert {"agent_id": await floor.id_of(TOM), "reason": "break"} in offered["why"]["passed_over"]
    told = tell(await floor.read(lambda connection: explain(connection, contact.id)))
    text = "\n".join(line for _, lines in told for line in lines)
    assert "Offered to Grace Miller after 3.0 s" in text
    assert "passed over: Tom Becker, who was on a break" in text


async def test_a_promise_to_call_back_stands_in_line_at_the_old_place(floor: Floor, tmp_path: Path) -> None:
    flows = {"back": BACK}
    async with open_centre(f"sqlite:///{tmp_path / 'back.db'}", flows) as centre:
        own = Floor(centre)
        call = await TwilioCall(centre, "CA" + "5" * 32).dial()
        queued_at = (await centre.contact(call.sid)).queued_at
        await own.step(30)
        await call.wait_page()
        await call.press("1")
        [work] = await own.works()
        assert (work.kind, work.queued_at, work.callback_id is not None) == ("callback", queued_at, True)
        agent_id = await own.go(GRACE)
        await own.step()
        accepted = await own.accept(GRACE)
        assert (accepted.state, accepted.agent_id) == ("active", agent_id)
        await own.with_work(accepted, lambda deed, found: talk.wrap_up(deed, found, "resolved", "spoke"))
        assert await own.works() == []


BACK = """
flow: back
languages: [en]
start: wait
person: wait
nodes:
  wait:
    kind: queue
    queue: general
    max_wait: 600
    exits: [{key: "1", value: call_back, next: promise}]
    next: bye
    timed_out: bye
    error: bye
  promise: {kind: callback, queue: general, accepted: bye, refused: bye, on_error: bye}
  bye: {kind: hang_up, text: "Goodbye."}
"""


async def test_the_contact_knows_who_answered_it(floor: Floor) -> None:
    """Owner and last agent of the next contact come from there."""
    call = await TwilioCall(floor.centre, "CA" + "6" * 32, "+12025550101").dial()
    await call.press("4")
    await call.fetch(call.verb("Dial").attrib["action"], DialCallStatus="busy")
    agent_id = await floor.go(GRACE)
    await floor.step()
    await floor.accept(GRACE)
    contact = await contact_of(floor, call)
    assert contact.customer_id is not None
    since = contact.started_at
    found = await floor.read(
        lambda connection: contacts.agents_of_customer(connection, contact.customer_id or "", since)
    )
    assert found == (agent_id, agent_id)


async def test_a_centre_that_was_restarted_goes_on(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    offer = await floor.offer(GRACE)
    again: Centre = floor.centre.restarted()
    floor.centre.clock.advance(6)
    await again.dispatcher.step()
    after = Floor(again)
    assert (await after.offer(GRACE)).id == offer.id
    work = await after.accept(GRACE)
    assert work.state == "active"


ANNOUNCED = """
flow: line
languages: [en]
start: wait
person: wait
nodes:
  wait:
    kind: queue
    queue: general
    max_wait: 600
    announcements: ["Number {{ line.position }}, {{ line.minutes }} minutes, {{ line.sure }}."]
    next: bye
    timed_out: bye
    error: bye
  bye: {kind: hang_up}
"""


async def test_who_waits_is_told_the_place_and_the_expected_wait(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), {"line": ANNOUNCED}) as centre:
        floor = Floor(centre)
        calls = [
            await TwilioCall(centre, f"CA{number:032d}", f"+1202555017{number}").dial() for number in (1, 2)
        ]
        page = calls[1].verb("Enqueue").attrib["waitUrl"]
        await calls[1].fetch(page, QueueTime="5")
        assert calls[1].last() == "Number 2, None minutes, none.", "nobody is at work"
        await floor.go(GRACE)
        await floor.step()
        await floor.accept(GRACE)
        centre.clock.advance(11)  # what is known of staffing is kept for ten seconds
        await calls[1].fetch(page, QueueTime="16")
        assert calls[1].last() == "Number 1, 8 minutes, low.", "one agent, who serves other queues too"


async def test_an_agent_takes_a_call_out_of_the_line_that_another_is_asked_about(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(GRACE)
    await floor.step()
    offer = await floor.offer(GRACE)
    tom = await floor.go(TOM)
    work = await floor.work(offer.work_id)
    taken = await floor.act(f"agent:{tom}", lambda deed: take_work(deed, work, tom))
    assert (taken.state, taken.agent_id, taken.queued_at) == ("active", tom, work.queued_at)
    assert await floor.offers(GRACE) == []
    assert (await floor.state(GRACE)).holding == {}
    with pytest.raises(Refused, match="only what waits"):
        await floor.act(f"agent:{tom}", lambda deed: take_work(deed, taken, tom))


async def test_nobody_takes_more_than_there_is_room_for(floor: Floor) -> None:
    await waiting_call(floor, "CA" + "1" * 32)
    await waiting_call(floor, "CA" + "2" * 32, "+12025550178")
    await floor.go(GRACE)
    await floor.step()
    await floor.accept(GRACE)
    [other] = await floor.works("waiting")
    grace = await floor.id_of(GRACE)
    with pytest.raises(Refused, match="no room"):
        await floor.act(f"agent:{grace}", lambda deed: take_work(deed, other, grace))


@pytest.mark.parametrize("farewell", [True, False])
async def test_an_agent_on_a_break_with_a_customer_whose_desk_is_gone_strands_nobody(
    floor: Floor, farewell: bool
) -> None:
    call = await waiting_call(floor)
    agent_id = await floor.go(GRACE)
    await floor.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_1", "node"))
    await floor.step()
    work = await floor.accept(GRACE)
    await floor.go(GRACE, "break", "after this one")
    if farewell:
        await floor.act("desk", lambda deed: close_desk(deed, "dsk_1", agent_id))
    await floor.step(25)
    state = await floor.state(GRACE)
    assert (state.presence, state.reason) == ("not_responding", "desk_gone")
    await floor.step(61)
    assert (await floor.work(work.id)).state == "waiting"
    assert (await floor.state(GRACE)).holding == {}
    assert (await contact_of(floor, call)).state == "waiting"
