"""Asking a colleague: what becomes of the question when the customer, the asker or the asked one goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from contact_center.actions import offers, talk, transfer
from contact_center.why import explain, tell
from crm_store import offers as offer_rows
from crm_store import works
from crm_store.errors import Refused
from crm_store.works import Work
from tests.app.centre import TwilioCall, open_centre, sqlite_url
from tests.app.floor import AISHA, GRACE, TOM, Floor
from tests.app.flows import DESK
from tests.app.line import Line, open_line
from tests.app.test_calls import _all_legs, _flows
from tests.app.test_routing import BACK, waiting_call


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    async with open_centre(sqlite_url(tmp_path), DESK) as centre:
        yield Floor(centre)


@dataclass
class Question:
    """Grace talks with a caller and has asked Aisha, who has been offered the question."""

    floor: Floor
    call: TwilioCall
    work: Work
    asked: Work

    @classmethod
    async def put(cls, floor: Floor, *, queue: str = "") -> Question:
        call = await waiting_call(floor)
        await floor.go(GRACE)
        await floor.step()
        work = await floor.accept(GRACE)
        aisha = await floor.go(AISHA)
        whom = {"queue": queue} if queue else {"agent_id": aisha}
        asked = await floor.with_work(work, lambda deed, found: transfer.consult(deed, found, **whom))
        await floor.step()
        return cls(floor, call, work, asked)

    async def states(self) -> tuple[str, str, str]:
        """How work, question and customer stand."""
        contact = await self.floor.centre.contact(self.call.sid)
        return (
            (await self.floor.work(self.work.id)).state,
            (await self.floor.work(self.asked.id)).state,
            contact.state,
        )


async def test_the_customer_hangs_up_while_a_colleague_is_being_asked(floor: Floor) -> None:
    question = await Question.put(floor)
    offer = await floor.offer(AISHA)
    await question.call.hang_up()
    assert await question.states() == ("wrap_up", "done", "ended")
    assert (await floor.offers(AISHA), (await floor.state(AISHA)).holding) == ([], {})
    assert (await floor.read(lambda connection: offer_rows.get(connection, offer.id))).state == "revoked"
    with pytest.raises(Refused, match="taken back"):
        await floor.act("agent", lambda deed: offers.accept_offer(deed, offer.id, offer.agent_id))
    await floor.step(30)
    assert (await floor.state(AISHA)).presence == "available", "nobody can say that she did not answer"
    assert (await floor.work(question.asked.id)).state == "done"


async def test_who_was_asked_ends_it_and_the_customer_stays(floor: Floor) -> None:
    question = await Question.put(floor)
    await floor.accept(AISHA)
    await floor.with_work(question.asked, lambda deed, work: talk.wrap_up(deed, work, "resolved", ""))
    await floor.outbox()
    assert await question.states() == ("active", "done", "connected")
    assert list((await floor.state(GRACE)).holding) == [question.work.id]


async def test_who_was_asked_is_lost_and_the_customer_stays(floor: Floor) -> None:
    question = await Question.put(floor, queue="vip")
    await floor.accept(AISHA)
    agent_id = await floor.id_of(AISHA)
    await floor.act("router", lambda deed: talk.free_agent(deed, agent_id, "agent_lost"))
    assert await question.states() == ("active", "waiting", "connected")
    await floor.go(TOM)
    await floor.step()
    assert (await floor.offer(TOM)).work_id == question.asked.id, "whoever else is in that queue is asked"


async def test_the_asker_is_lost_and_the_question_is_over(floor: Floor) -> None:
    question = await Question.put(floor)
    await floor.accept(AISHA)
    agent_id = await floor.id_of(GRACE)
    await floor.act("router", lambda deed: talk.free_agent(deed, agent_id, "agent_lost"))
    assert await question.states() == ("waiting", "done", "waiting")
    assert (await floor.state(AISHA)).holding == {}


async def test_a_question_about_a_question_is_refused(floor: Floor) -> None:
    question = await Question.put(floor)
    await floor.accept(AISHA)
    tom = await floor.go(TOM)
    for action in (
        lambda deed, work: transfer.consult(deed, work, agent_id=tom),
        lambda deed, work: transfer.to_agent(deed, work, tom),
        lambda deed, work: transfer.to_queue(deed, work, "vip"),
        lambda deed, work: talk.hold(deed, work, True),
    ):
        with pytest.raises(Refused, match="only asks you"):
            await floor.with_work(question.asked, action)
    assert await question.states() == ("active", "active", "connected")


async def test_nobody_asks_themselves(floor: Floor) -> None:
    await waiting_call(floor)
    grace = await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    with pytest.raises(Refused, match="somebody else"):
        await floor.with_work(work, lambda deed, found: transfer.consult(deed, found, agent_id=grace))
    assert await floor.read(lambda connection: works.consults_of(connection, work.id)) == []


async def test_a_supervisor_moves_a_caller_to_another_line(floor: Floor) -> None:
    call = await waiting_call(floor)
    [work] = await floor.works()
    await floor.act(
        "agent:boss",
        lambda deed: transfer.reassign(deed, works.get(deed.connection, work.id), queue="vip"),
    )
    contact = await floor.centre.contact(call.sid)
    assert (contact.state, contact.queue, (await floor.work(work.id)).queue) == ("waiting", "vip", "vip")
    told = tell(await floor.read(lambda connection: explain(connection, contact.id)))
    assert told[-1][1] == ["Back in line in vip with the old place (reassigned)"]


# --- with a carrier ------------------------------------------------------------------------------------


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with open_line(tmp_path) as opened:
        yield opened


async def test_an_agent_who_does_not_answer_a_callback_leaves_no_call_behind(line: Line) -> None:
    """The promise goes back in line; the call in which it was to be kept is over."""
    line.centre.room.library.replace(_flows(BACK))
    line.centre.room.library.lines = {"phone": "back"}
    call = await TwilioCall(line.centre, "CA" + "7" * 32).dial()
    await call.wait_page()
    await call.press("1")
    await line.at_the_desk(GRACE)
    await line.step()
    work = await line.accept(GRACE)
    await line.settle()
    mine = [leg for leg in await _all_legs(line) if leg.role == "agent"][-1]
    line.twilio.world.declines(mine.id, "no-answer")
    await line.settle()
    back = await line.work(work.id)
    assert (back.state, back.queued_at) == ("waiting", work.queued_at)
    [outbound] = [contact for contact in await line.centre.contacts() if contact.direction == "outbound"]
    assert (outbound.state, outbound.outcome) == ("ended", "failed")
