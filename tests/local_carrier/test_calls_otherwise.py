"""Calls over the built-in phone that go otherwise: nobody answers, somebody is gone, no agent is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from contact_center.flows import Loaded
from crm_store import callbacks
from ivr_flows import FlowSet
from tests.app.floor import GRACE
from tests.app.test_routing import BACK
from tests.local_carrier.company import Company
from tests.local_carrier.phone import phone
from tests.local_carrier.test_calls_with_agents import Talk, connected, in_line

# --- nobody there, too early, too late ------------------------------------------------------------------


@asynccontextmanager
async def ringing(company: Company) -> AsyncIterator[Talk]:
    """A caller in line whose agent's telephone rings."""
    async with phone(company.url) as caller, phone(company.url, await company.token(GRACE)) as desk:
        await in_line(company, caller)
        await company.available(GRACE)
        work = await company.accepts(GRACE)
        await desk.until("ring")
        await company.settle()
        yield Talk(company, caller, desk, work)


async def test_the_caller_is_gone_while_the_agent_rings(company: Company) -> None:
    async with ringing(company) as talk:
        await talk.caller.hang_up()
        await talk.caller.ended()
        await company.told()
        assert await talk.desk.ended() == "ended"
        await company.settle()
        contact = await talk.contact()
        assert (contact.state, contact.outcome) == ("ended", "abandoned")
        assert (await company.state(GRACE)).holding == {}
        assert (await talk.leg()).state in ("left", "failed")


@pytest.mark.parametrize("how", ["declines", "lets it ring", "closes the browser"])
async def test_an_agent_who_does_not_answer_costs_the_caller_nothing(company: Company, how: str) -> None:
    async with ringing(company) as talk:
        queued_at = (await company.work(talk.work["id"])).queued_at
        if how == "declines":
            await talk.desk.send("decline", call=talk.desk.call)
            assert await talk.desk.ended() == "declined"
        elif how == "lets it ring":
            await company.timers.pass_by(30)
            assert await talk.desk.ended() == "no_answer"
        else:
            await talk.desk.gone()
            await company.gone(talk.desk)
        await company.settle()
        back = await company.work(talk.work["id"])
        assert (back.state, back.queued_at) == ("waiting", queued_at)
        assert (await company.state(GRACE)).presence == "not_responding"
        reasons = {"declines": "busy", "lets it ring": "no_answer", "closes the browser": "no_answer"}
        assert (await talk.leg()).reason == reasons[how]


async def test_an_agent_without_a_telephone(company: Company) -> None:
    async with phone(company.url) as caller:
        await in_line(company, caller)
        await company.available(GRACE)
        work = await company.accepts(GRACE)
        await company.settle()
        assert (await company.work(work["id"])).state == "waiting"


async def test_only_one_of_an_agents_browsers_answers(company: Company) -> None:
    async with AsyncExitStack() as stack:
        caller = await stack.enter_async_context(phone(company.url))
        token = await company.token(GRACE)
        first, second = [await stack.enter_async_context(phone(company.url, token)) for _ in range(2)]
        await in_line(company, caller)
        await company.available(GRACE)
        await company.accepts(GRACE)
        await first.until("ring")
        await second.until("ring")
        await first.send("answer", call=first.call)
        assert await second.ended() == "answered_elsewhere"
        await second.send("answer", call=second.call)
        await company.settle()
        await connected(caller, first)
        assert [line for line in second.lines if line["type"] == "talk"] == []


async def test_a_promise_to_call_back_is_kept(company: Company) -> None:
    room = company.centre.room
    room.library.replace(Loaded.of(FlowSet.from_texts({"back": BACK})).flows)
    room.library.lines = {"phone": "back"}
    async with (
        phone(company.url, number="+12025550177") as caller,
        phone(company.url, await company.token(GRACE)) as desk,
    ):
        await caller.dial("1001")
        await caller.until("listen")
        await caller.press("1")
        await caller.hear("Goodbye.")
        await caller.ended()
        await company.told()
        await company.available(GRACE)
        work = await company.accepts(GRACE)
        await desk.answer()
        await company.settle()
        called = await caller.until("ring")
        assert called["from"] == "1001"
        assert "contact" not in called
        await caller.send("answer", call=caller.call)
        await connected(caller, desk)
        await company.settle()
        assert (await company.work(work["id"])).state == "active"
        await caller.hang_up()
        await desk.ended()
        await company.settle()
        assert (await company.work(work["id"])).state == "wrap_up"
        work_row = await company.work(work["id"])
        promised = await company.read(
            lambda connection: callbacks.get(connection, work_row.callback_id or "")
        )
        assert promised.status == "done"


async def test_a_menu_by_words_and_by_silence(company: Company) -> None:
    async with phone(company.url) as caller:
        await caller.dial("1001", "+12025550177")
        await caller.until("listen")
        await caller.press("2")
        await caller.hear("Which order?")
        await caller.until("listen")
        await caller.press("4711#")
        await caller.hear("What went wrong?")
        listening = await caller.until("listen")
        assert (listening["speech"], listening["language"]) == (True, "en-US")
        await caller.say("it came", final=False)
        await caller.say("it came broken", confidence=0.9)
        await caller.hear("Your number is")
        listening = await caller.until("listen")
        await company.timers.pass_by(listening["timeout"])
        await caller.hear("Press 1 for the menu, 2 to end.")
        await caller.press("2")
        assert await caller.ended() == "completed"
        await company.told()
        [ticket] = await company.centre.tickets()
        assert ticket.subject == "it came broken"
        contact = await company.newest()
        assert contact.state == "ended"


async def test_a_caller_hangs_up_in_the_menu(company: Company) -> None:
    async with phone(company.url) as caller:
        await caller.dial("1001", "+12025550177")
        await caller.until("listen")
        await caller.hang_up()
        assert await caller.ended() == "hung_up"
        await company.told()
        contact = await company.newest()
        assert (contact.state, contact.end_reason) == ("ended", "customer")


async def test_a_key_leaves_the_queue(company: Company) -> None:
    async with phone(company.url) as caller:
        await in_line(company, caller)
        await caller.until("listen")
        await caller.press("1")
        await caller.hear("Goodbye.")
        assert await caller.ended() == "completed"
        await company.told()
        assert (await company.newest()).state == "ended"


async def test_the_wait_is_over_and_another_queue_follows(company: Company) -> None:
    async with phone(company.url) as caller:
        await in_line(company, caller)
        await caller.until("listen")
        company.centre.clock.advance(31)
        await company.timers.pass_by(30 + 1)  # the page's silence, and that of its <Gather>
        await caller.hear("The first line is busy.")
        await caller.hear("Please hold.")
        assert (await company.newest()).queue == "general"
