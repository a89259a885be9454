"""Calls with agents over a pretended Twilio: connected, held, transferred, and everything that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.actions import talk, transfer
from contact_center.actions.calls import supervise
from contact_center.call_control import set_hold, set_mute, set_recording
from crm_store import agents, callbacks, desks, legs, schema
from crm_store.agents import AgentChanges
from crm_store.legs import Leg
from ivr_flows import FlowSet
from tests.app.centre import TwilioCall
from tests.app.floor import AISHA, GRACE, TOM
from tests.app.line import Line, open_line
from tests.app.test_routing import BACK


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with open_line(tmp_path) as opened:
        yield opened


async def talking(line: Line, email: str = GRACE) -> TwilioCall:
    """A caller who talks with the agent."""
    call = await line.calls_in()
    await line.at_the_desk(email)
    await line.step()
    await line.accept(email)
    await line.settle()
    line.twilio.world.answers((await line.leg(call)).id)
    await line.settle()
    await line.follow(call)
    return call


async def test_the_caller_leaves_the_line_only_when_the_agent_is_there(line: Line) -> None:
    call = await line.calls_in()
    await line.at_the_desk(GRACE)
    await line.step()
    work = await line.accept(GRACE)
    assert work.state == "connecting"
    await line.settle()
    leg = await line.leg(call)
    assert (leg.state, leg.party, leg.address) == ("placing", "client", work.agent_id)
    assert (await line.centre.contact(call.sid)).state == "waiting"
    assert line.twilio.world.calls[call.sid].redirects == []
    line.twilio.world.rings(leg.id)
    await line.settle()
    assert (await line.centre.contact(call.sid)).state == "waiting"
    line.twilio.world.answers(leg.id)
    await line.settle()
    contact = await line.centre.contact(call.sid)
    assert (contact.state, contact.owner) == ("connected", "agent")
    await line.follow(call)
    members = {member.label or member.call.sid for member in line.twilio.participants(contact.id)}
    assert members == {"customer", leg.id}
    assert (await line.work(work.id)).state == "active"


async def test_the_customer_hangs_up(line: Line) -> None:
    call = await talking(line)
    line.twilio.world.hangs_up(call.sid)
    await line.settle()
    await call.hang_up()
    await line.settle()
    contact = await line.centre.contact(call.sid)
    assert (contact.state, contact.outcome, contact.end_reason) == ("ended", "answered", "customer")
    [work] = await line.works()
    assert work.state == "wrap_up"
    assert (await line.leg(call)).state == "left"


async def test_the_agent_ends_it_and_the_flow_goes_on(line: Line) -> None:
    call = await talking(line)
    [work] = await line.works()
    await line.with_work(work, talk.end_talk)
    await line.settle()
    dial = call.verb("Dial").attrib["action"]
    await call.fetch(dial, DialCallStatus="completed")
    assert "press 1 for the menu" in call.last().lower()
    assert (await line.work(work.id)).state == "wrap_up"
    contact = await line.centre.contact(call.sid)
    assert (contact.state, contact.owner, contact.outcome) == ("in_flow", "flow", "answered")


async def test_an_agent_who_hangs_up_the_handset_ends_it_too(line: Line) -> None:
    call = await talking(line)
    line.twilio.world.hangs_up((await line.leg(call)).id)
    await line.settle()
    [work] = await line.works()
    assert work.state == "wrap_up"
    contact = await line.centre.contact(call.sid)
    assert line.twilio.world.open_conference(contact.id) is None, "the customer is let go"


async def test_an_agent_whose_browser_died_leaves_the_customer_in_line(line: Line) -> None:
    call = await talking(line)
    agent_id = await line.id_of(GRACE)
    queued_at = (await line.centre.contact(call.sid)).queued_at
    await line.centre.room.store.write(lambda connection: _close_desk(connection, agent_id))
    line.twilio.world.hangs_up((await line.leg(call)).id)
    await line.settle()
    [work] = await line.works()
    contact = await line.centre.contact(call.sid)
    assert (work.state, work.queued_at, contact.state) == ("waiting", queued_at, "waiting")
    aborted = call.verb("Dial").attrib["action"]
    await call.fetch(aborted, DialCallStatus="completed")  # the aborted Dial's action comes first
    await line.follow(call)
    assert call.verb("Enqueue") is not None
    assert (await line.centre.contact(call.sid)).state == "waiting"


def _close_desk(connection: Connection, agent_id: str) -> None:
    for desk in desks.of_agent(connection, agent_id):
        desks.close(connection, desk.id)


@pytest.mark.parametrize(("status", "reason"), [("no-answer", "no_answer"), ("busy", "busy")])
async def test_an_agent_who_does_not_answer_the_telephone(line: Line, status: str, reason: str) -> None:
    call = await line.calls_in()
    await line.at_the_desk(GRACE)
    await line.step()
    work = await line.accept(GRACE)
    await line.settle()
    line.twilio.world.declines((await line.leg(call)).id, status)
    await line.settle()
    back = await line.work(work.id)
    assert (back.state, back.queued_at, back.agent_id) == ("waiting", work.queued_at, None)
    state = await line.state(GRACE)
    assert (state.presence, state.holding) == ("not_responding", {})
    assert (await line.centre.contact(call.sid)).state == "waiting"
    assert line.twilio.world.calls[call.sid].redirects == [], "the caller never left the music"


async def test_an_answering_machine_is_no_agent(line: Line) -> None:
    agent_id = await line.go(TOM)
    await line.centre.room.store.write(lambda connection: _reach_by_phone(connection, agent_id, line))
    call = await line.calls_in()
    await line.step()
    work = await line.accept(TOM)
    await line.settle()
    leg = await line.leg(call)
    assert (leg.party, leg.address) == ("phone", "+12025550142")
    line.twilio.world.answers(leg.id)
    await line.settle()
    assert (await line.work(work.id)).state == "connecting", "somebody answered, but who?"
    line.twilio.world.detects(leg.id, "machine_start")
    await line.settle()
    assert (await line.work(work.id)).state == "waiting"
    assert (await line.state(TOM)).presence == "not_responding"
    assert line.twilio.participants((await line.centre.contact(call.sid)).id) == []


def _reach_by_phone(connection: Connection, agent_id: str, line: Line) -> None:
    found = agents.get(connection, agent_id)
    agents.update(
        connection,
        agent_id,
        found.version,
        AgentChanges(reach="phone", phone="+12025550142"),
        at=line.centre.clock.now(),
        ids=line.centre.room.ids,
        actor="test",
    )


async def test_a_caller_who_has_gone_while_the_agent_rings(line: Line) -> None:
    call = await line.calls_in()
    await line.at_the_desk(GRACE)
    await line.step()
    await line.accept(GRACE)
    await line.settle()
    leg = await line.leg(call)
    line.twilio.world.rings(leg.id)
    await line.settle()
    await call.hang_up()
    await line.settle()
    assert line.twilio.world.leg(leg.id).status == "canceled"
    assert (await line.state(GRACE)).holding == {}
    assert await line.works() == []


async def test_an_agent_who_answers_as_the_caller_goes_is_let_go(line: Line) -> None:
    call = await line.calls_in()
    await line.at_the_desk(GRACE)
    await line.step()
    await line.accept(GRACE)
    await line.settle()
    leg = await line.leg(call)
    line.twilio.world.answers(leg.id)
    waiting = list(line.twilio.world.callbacks)
    line.twilio.world.callbacks.clear()
    await call.hang_up()
    await line.twilio.deliver(waiting)
    await line.settle()
    assert line.twilio.world.leg(leg.id).status == "completed"
    assert (await line.state(GRACE)).holding == {}


async def test_a_carrier_that_fails_puts_the_caller_back_in_line_and_tells_the_agent(line: Line) -> None:
    call = await line.calls_in()
    await line.at_the_desk(GRACE)
    await line.step()
    work = await line.accept(GRACE)
    line.twilio.fail_next(500, where="Participants", times=10)
    await line.settle()
    back = await line.work(work.id)
    assert (back.state, back.queued_at) == ("waiting", work.queued_at)
    assert (await line.state(GRACE)).presence == "available", "it was not the agent's fault"
    assert (await line.leg(call)).state == "failed"


async def test_hold_mute_and_record(line: Line) -> None:
    call = await talking(line)
    [work] = await line.works()
    room = (await line.centre.contact(call.sid)).id
    await set_hold(line.centre.room, work, True)
    await set_mute(line.centre.room, work, True)
    held = {member.label: (member.hold, member.muted) for member in line.twilio.participants(room)}
    assert held == {"customer": (True, False), (await line.leg(call)).id: (False, True)}
    await set_hold(line.centre.room, work, False)
    await set_recording(line.centre.room, work, "start")
    await set_recording(line.centre.room, work, "pause")
    assert line.twilio.world.calls[call.sid].recording == "paused"


async def test_a_transfer_to_a_queue_takes_the_customer_out_of_the_conversation(line: Line) -> None:
    call = await talking(line)
    [work] = await line.works()
    aborted = call.verb("Dial").attrib["action"]
    await line.with_work(work, lambda deed, found: transfer.to_queue(deed, found, "vip"))
    await line.settle()
    await call.fetch(aborted, DialCallStatus="completed")
    await line.follow(call)
    assert call.verb("Enqueue") is not None
    contact = await line.centre.contact(call.sid)
    assert (contact.state, contact.queue) == ("waiting", "vip")
    assert (await line.state(GRACE)).holding == {}
    assert line.twilio.world.leg((await line.leg(call)).id).status == "completed"


async def test_a_warm_transfer_over_the_telephone(line: Line) -> None:
    call = await talking(line)
    [work] = await line.works()
    aisha = await line.at_the_desk(AISHA)
    first = await line.leg(call)
    await set_hold(line.centre.room, work, True)
    await line.with_work(work, lambda deed, found: talk.hold(deed, found, True))
    await line.with_work(work, lambda deed, found: transfer.consult(deed, found, agent_id=aisha))
    await line.step()
    await line.accept(AISHA)
    await line.settle()
    consulted = await line.leg(call, "consulted")
    line.twilio.world.answers(consulted.id)
    await line.settle()
    await line.with_work(work, transfer.complete)
    await line.settle()
    taken = await line.work(work.id)
    assert (taken.state, taken.agent_id, taken.held_at) == ("active", aisha, None)
    room = (await line.centre.contact(call.sid)).id
    there = {member.label: member.hold for member in line.twilio.participants(room)}
    assert there == {"customer": False, consulted.id: False}
    assert line.twilio.world.leg(first.id).status == "completed"
    line.twilio.world.hangs_up(consulted.id)  # she ends it
    await line.settle()
    assert (await line.work(work.id)).state == "wrap_up"


async def test_a_transfer_to_a_number(line: Line) -> None:
    call = await talking(line)
    [work] = await line.works()
    await line.with_work(work, lambda deed, found: transfer.to_number(deed, found, "+12025550145"))
    await line.settle()
    outside = await line.leg(call, "outside")
    line.twilio.world.answers(outside.id)
    await line.settle()
    room = (await line.centre.contact(call.sid)).id
    assert {member.label for member in line.twilio.participants(room)} == {"customer", outside.id}
    assert (await line.work(work.id)).state == "wrap_up"
    line.twilio.world.hangs_up(outside.id)
    await line.settle()
    assert line.twilio.world.open_conference(room) is None, "the customer goes on in the flow"


async def test_a_supervisor_listens_whispers_and_barges(line: Line) -> None:
    call = await talking(line)
    [work] = await line.works()
    boss = await line.id_of(GRACE)
    await line.with_work(work, lambda deed, found: supervise(deed, found, boss, "listen"))
    await line.settle()
    leg = await line.leg(call, "supervisor")
    line.twilio.world.answers(leg.id)
    await line.settle()
    room = (await line.centre.contact(call.sid)).id
    there = {member.label: member.muted for member in line.twilio.participants(room)}
    assert there[leg.id] is True
    line.twilio.world.hangs_up(leg.id)
    await line.settle()
    assert (await line.work(work.id)).state == "active", "the conversation goes on without the supervisor"


async def test_a_promise_to_call_back_is_kept(line: Line) -> None:
    line.centre.room.library.replace(_flows(BACK))
    line.centre.room.library.lines = {"phone": "back"}
    call = await TwilioCall(line.centre, "CA" + "7" * 32).dial()
    await call.wait_page()
    await call.press("1")
    agent_id = await line.at_the_desk(GRACE)
    await line.step()
    work = await line.accept(GRACE)
    await line.settle()
    assert work.state == "connecting"
    mine = [leg for leg in await _all_legs(line) if leg.role == "agent"][-1]
    line.twilio.world.answers(mine.id)
    await line.settle()
    theirs = [leg for leg in await _all_legs(line) if leg.role == "customer"][-1]
    assert theirs.address == "+12025550177"
    line.twilio.world.answers(theirs.id)
    await line.settle()
    active = await line.work(work.id)
    assert (active.state, active.agent_id) == ("active", agent_id)
    outbound = [contact for contact in await line.centre.contacts() if contact.direction == "outbound"]
    assert [(one.state, one.agent_id, one.outcome) for one in outbound] == [
        ("connected", agent_id, "answered")
    ]
    line.twilio.world.hangs_up(theirs.id)
    await line.settle()
    assert (await line.work(work.id)).state == "wrap_up"
    [ended] = [contact for contact in await line.centre.contacts() if contact.direction == "outbound"]
    assert (ended.state, ended.end_reason) == ("ended", "customer")
    promised = await line.read(lambda connection: callbacks.get(connection, work.callback_id or ""))
    assert promised.status == "done"


def _flows(text: str) -> FlowSet:
    return FlowSet.from_texts({"back": text})


async def _all_legs(line: Line) -> list[Leg]:
    def read(connection: Connection) -> list[Leg]:
        ids = connection.execute(sa.select(schema.legs.c.id).order_by(schema.legs.c.id)).scalars()
        return [legs.get(connection, leg_id) for leg_id in ids]

    return await line.read(read)
