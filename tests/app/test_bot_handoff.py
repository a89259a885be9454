"""From the bot to a person and back: what goes with the contact, who may speak, and that nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contact_center.actions.hand_back import hand_back
from contact_center.announcing import Notice, Told
from contact_center.api.views import contact_detail
from contact_center.channels.base import Delivery, NewContact, Take
from contact_center.live.memory import MemoryLive
from contact_center.outbox_worker import OutboxWorker
from contact_center.replay import replay
from contact_center.sending import MessageSending
from crm_store import bot_reviews, consents
from crm_store.bot_reviews import ReviewFilter
from crm_store.contacts import Contact
from crm_store.errors import Refused
from crm_store.store import Store
from crm_store.works import Work
from ivr_flows.inputs import Started, Words
from ivr_flows.session import Traits
from tests.app.bots import BOTTED, LEARNT, ScriptedBot
from tests.app.carrier import Carrier, agent_writes, only_contact
from tests.app.centre import STRANGER, Centre, TwilioCall, TwilioChat, open_centre
from tests.app.floor import GRACE, Floor
from tests.app.flows import DESK
from tests.app.line import Line, open_line

NOTE = "the parcel is at the depot"


def scripted(centre: Centre) -> ScriptedBot:
    bot = centre.room.bot
    assert isinstance(bot, ScriptedBot)
    return bot


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, BOTTED) as opened:
        opened.room.bot = ScriptedBot()
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
async def nodes(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Centre, Centre]]:
    """Two processes on one database that hear nothing of each other."""
    url = request.getfixturevalue(f"fresh_{request.param}")
    async with open_centre(url, BOTTED) as first:
        first.room.bot = ScriptedBot()
        room = replace(first.room, store=Store(url), live=MemoryLive(first.clock))
        yield first, Centre.over(room, first.clock, first.voice, first.messaging)
        room.store.close()


@pytest.fixture
async def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    monkeypatch.setattr("tests.app.line.DESK", BOTTED)
    async with open_line(tmp_path) as opened:
        opened.centre.room.bot = ScriptedBot()
        yield opened


async def with_person(centre: Centre, chat: TwilioChat) -> Work:
    """The bot has handed the customer over, and an agent has them."""
    floor = Floor(centre)
    await chat.text("hi")
    await chat.text("where is my order")
    await chat.text("human")
    await floor.go(GRACE)
    await floor.step()
    return await floor.accept(GRACE)


async def given_back(centre: Centre, work: Work, note: str = NOTE) -> Work:
    company = centre.room.company
    return await Floor(centre).with_work(work, lambda deed, found: hand_back(deed, found, note, company))


def overhear(centre: Centre) -> list[Notice]:
    """What desks are told from now on."""
    heard: list[Notice] = []

    def tell(told: Told) -> None:
        heard.extend(told.notices)
        for contact_id in told.contacts:
            centre.conductor.holding.forget_contact(contact_id)

    centre.room.announcer.tell = tell  # type: ignore[method-assign]  # a test's ear
    return heard


# --- to a person ----------------------------------------------------------------------------------


async def test_all_that_the_bot_knows_goes_with_the_contact(centre: Centre) -> None:
    work = await with_person(centre, TwilioChat(centre))
    assert work.reason == "a late order"
    contact = await only_contact(centre)
    shown = await centre.room.store.read(lambda connection: contact_detail(connection, contact.id))
    assert shown.handoff is not None
    handoff = shown.handoff
    assert (handoff.intent, handoff.reason, handoff.summary) == ("order_status", "requested", "a late order")
    assert [(slot.label, slot.value) for slot in handoff.slots] == [("order", "100101")]
    assert [line.text for line in handoff.lines] == [
        "where is my order", "I heard where is my order.", "human", "I heard human.",
    ]  # fmt: skip


async def test_the_operator_key_is_a_handoff_too(centre: Centre) -> None:
    call = await TwilioCall(centre, "CA" + "1" * 32).dial()
    await call.say("where is my order")
    await call.press("0")
    call.verb("Enqueue")
    contact = await centre.contact(call.sid)
    shown = await centre.room.store.read(lambda connection: contact_detail(connection, contact.id, "zh"))
    assert shown.handoff is not None
    assert (shown.handoff.reason, shown.handoff.why) == ("requested", "客户要求人工")


async def test_a_misheard_caller_is_asked_and_the_bot_hears_only_what_was_meant(centre: Centre) -> None:
    call = await TwilioCall(centre, "CA" + "2" * 32).dial()
    gather = call.verb("Gather").attrib
    assert (gather["input"], gather["hints"]) == ("dtmf speech", "$OOV_CLASS_DIGIT_SEQUENCE")
    await call.say("where is my water", confidence=0.2)
    assert "Did you say: where is my water?" in call.last()
    await call.say("no", confidence=0.9)
    await call.say("where is my order", confidence=0.3)
    assert [text for text, _ in scripted(centre).heard] == ["where is my order"]
    assert "I heard where is my order." in call.last()
    assert "More" in call.verb("Gather").attrib["hints"]


async def test_what_the_bot_did_not_understand_is_noted_for_review_in_the_turns_commit(
    centre: Centre,
) -> None:
    chat = TwilioChat(centre)
    await chat.text("hi")
    await chat.text("where is my order")
    message = chat.message("mumble call me at +1 202 555 0123")
    for _ in range(2):
        await centre.restarted().deliver(centre.messaging, message)
    page = await centre.room.store.read(
        lambda connection: bot_reviews.list_reviews(connection, ReviewFilter())
    )
    assert [(row.times, row.intent, "555" in row.text) for row in page.items] == [(1, "faq", False)]


# --- a person owns it, and the bot is mute (D6) ---------------------------------------------------


async def messages_of(centre: Centre, contact: Contact) -> list[tuple[str, str]]:
    return [(one.author, one.text) for one in await centre.messages(contact.id)]


async def test_an_answer_under_way_is_not_given_when_an_agent_has_accepted(
    nodes: tuple[Centre, Centre],
) -> None:
    here, there = nodes
    bot, floor = scripted(here), Floor(here)
    chat = TwilioChat(here)
    await chat.text("hi")
    message = chat.message("slow")
    answer = asyncio.create_task(there.deliver(there.messaging, message))
    await bot.thinking.wait()
    await chat.text("human")
    await floor.go(GRACE)
    await floor.step()
    work = await floor.accept(GRACE)
    heard = overhear(there)
    bot.go.set()
    told = await answer
    assert "<Body>" not in told.body
    contact = await only_contact(here)
    assert (contact.state, contact.owner, contact.agent_id) == ("connected", "agent", work.agent_id)
    written = await messages_of(here, contact)
    assert written.count(("customer", "slow")) == 1
    assert not [text for author, text in written if author != "customer" and "slow" in text]
    assert [(one.agent_id, one.data["text"]) for one in heard if one.event == "message"] == [
        (work.agent_id, "slow")
    ]
    inputs = [entry.data for entry in await here.journal(contact.id) if entry.kind == "input"]
    assert "slow" not in [data.get("text") for data in inputs], "the flow has never taken it"
    again = await here.restarted().deliver(here.messaging, message)
    assert (again.body, await messages_of(here, contact)) == (told.body, written)


async def test_an_answer_under_way_is_not_given_when_an_agent_has_written(
    nodes: tuple[Centre, Centre],
) -> None:
    here, there = nodes
    bot = scripted(here)
    chat = TwilioChat(here)
    await chat.text("hi")
    answer = asyncio.create_task(there.deliver(there.messaging, chat.message("slow")))
    await bot.thinking.wait()
    contact = await only_contact(here)
    await agent_writes(here, contact.id, "Grace here.")
    bot.go.set()
    assert "<Body>" not in (await answer).body
    contact = await only_contact(here)
    assert contact.owner == "agent"
    written = await messages_of(here, contact)
    assert written[-2:] in (
        [("agent", "Grace here."), ("customer", "slow")],
        [("customer", "slow"), ("agent", "Grace here.")],
    )
    assert await chat.text("and more") == "", "also where this process does not know of it yet"
    assert not [text for _, text in await messages_of(here, contact) if "I heard" in text]


async def test_the_bot_is_mute_in_the_terminals_chat_too(centre: Centre) -> None:
    traits = Traits("console_chat", speaks=False, buttons=True)
    opens = NewContact("console_chat", STRANGER, "", "")

    async def say(number: int, event: Take) -> None:
        delivery = Delivery(f"k{number}", "console_chat", "console:x", event, opens=opens)
        await centre.conductor.handle(delivery, traits)

    await say(0, Take(Started()))
    contact = await only_contact(centre)
    await agent_writes(centre, contact.id, "Grace here.")
    centre.conductor.holding.forget_contact(contact.id)
    await say(1, Take(Words("hello")))
    assert scripted(centre).heard == []
    assert ("customer", "hello") in await messages_of(centre, contact)


# --- and back -------------------------------------------------------------------------------------


async def test_a_customer_who_is_given_back_is_the_bots_again(centre: Centre) -> None:
    chat = TwilioChat(centre)
    work = await with_person(centre, chat)
    heard = overhear(centre)
    after = await given_back(centre, work)
    contact = await only_contact(centre)
    assert (after.state, contact.state, contact.owner, contact.queue) == ("wrap_up", "in_flow", "bot", None)
    assert {notice.event for notice in heard} >= {"work", "state", "handed_back"}
    assert (await messages_of(centre, contact))[-1][0] == "bot"
    carrier = Carrier()
    await OutboxWorker(centre.room, {MessageSending.topic: MessageSending(centre.room, carrier)}).drain()
    assert ["virtual assistant again" in sent.text for sent in carrier.sent] == [True]
    assert "I heard thanks." in await chat.text("thanks")
    assert scripted(centre).heard[-1] == ("thanks", LEARNT | {"agent_note": NOTE})
    entries = await centre.journal(contact.id)
    told = next(entry.data for entry in entries if entry.kind == "transferred")
    assert (told["to_kind"], told["to"], told["text"]) == ("bot", "desk/bot", NOTE)
    assert [entry.data["owner"] for entry in entries if entry.kind == "owner_changed"] == ["bot"]
    assert (await replay(centre.room, contact.id)).same
    await chat.text("human")
    assert (await only_contact(centre)).state == "waiting"


async def test_the_line_is_in_the_customers_language(centre: Centre) -> None:
    work = await with_person(centre, TwilioChat(centre))
    contact = await only_contact(centre)
    session = contact.session.replace('"language":"en"', '"language":"zh"', 1)

    def speak_chinese(connection: object) -> None:
        from crm_store import journal

        journal.append(connection, contact.id, [], {"session": session})  # type: ignore[arg-type]

    await centre.room.store.write(speak_chinese)
    await given_back(centre, work, "")
    assert "智能助手" in (await messages_of(centre, contact))[-1][1]


async def test_who_wants_no_messages_gets_none(centre: Centre) -> None:
    work = await with_person(centre, TwilioChat(centre))
    contact, at, ids = await only_contact(centre), centre.clock.now(), centre.room.ids
    await centre.room.store.write(
        lambda connection: consents.opt_out(
            connection, "sms", contact.from_address, "keyword", at=at, ids=ids, actor="customer"
        )
    )
    await given_back(centre, work)
    [message] = [one for one in await centre.messages(contact.id) if "again" in one.text]
    assert message.status == "blocked"
    assert await centre.rows("outbox") == 0


async def test_it_is_refused_where_there_is_no_bot(fresh_sqlite: str) -> None:
    async with open_centre(fresh_sqlite, DESK) as centre:
        floor, chat = Floor(centre), TwilioChat(centre)
        await chat.text("hi")
        await chat.text("4")
        await floor.go(GRACE)
        await floor.step()
        work = await floor.accept(GRACE)
        with pytest.raises(Refused, match="the flow desk has no bot"):
            await given_back(centre, work)
        assert (await floor.work(work.id)).state == "active"


async def test_it_is_refused_once_nobody_talks_any_more(centre: Centre) -> None:
    work = await with_person(centre, TwilioChat(centre))
    await Floor(centre).end(work)
    with pytest.raises(Refused, match="the customer has gone"):
        await given_back(centre, work)


async def talking(line: Line) -> tuple[TwilioCall, Work]:
    """A caller whom the bot has handed over, with the agent."""
    call = await TwilioCall(line.centre, "CA" + "1" * 32).dial()
    line.twilio.world.call_in(call.sid, STRANGER)
    await call.say("human")
    await line.at_the_desk(GRACE)
    await line.step()
    work = await line.accept(GRACE)
    await line.settle()
    line.twilio.world.answers((await line.leg(call)).id)
    await line.settle()
    await line.follow(call)
    return call, await line.work(work.id)


async def test_a_call_is_given_back(line: Line) -> None:
    call, work = await talking(line)
    dial = call.verb("Dial").attrib["action"]
    await given_back(line.centre, work)
    contact = await line.centre.contact(call.sid)
    assert (contact.state, contact.owner) == ("in_flow", "bot")
    await line.settle()
    assert line.twilio.world.open_conference(contact.id) is None, "the agent's call is over as well"
    assert (await line.leg(call)).state == "left"
    await call.fetch(dial, DialCallStatus="completed")
    assert "virtual assistant again" in call.last()
    await call.say("thanks")
    assert "I heard thanks." in call.last()
    assert scripted(line.centre).heard[-1] == ("thanks", LEARNT | {"agent_note": NOTE})
    await call.hang_up()
    contact = await line.centre.contact(call.sid)
    assert (contact.state, contact.outcome, contact.end_reason) == ("ended", "answered", "customer")


async def test_who_hangs_up_while_being_given_back_is_gone(line: Line) -> None:
    call, work = await talking(line)
    line.twilio.world.hangs_up(call.sid)
    await line.settle()
    await call.hang_up()
    with pytest.raises(Refused, match="the customer has gone"):
        await given_back(line.centre, work)


# --- floods ---------------------------------------------------------------------------------------


async def test_a_flood_is_logged_and_answered_once(centre: Centre) -> None:
    chat = TwilioChat(centre)
    await chat.text("hi")
    answers = [await chat.text(f"message {number}") for number in range(9)]
    assert [bool(answer) for answer in answers] == [True] * 6 + [False] * 3
    assert "One moment" in answers[5]
    assert len(scripted(centre).heard) == 5
    contact = await only_contact(centre)
    inputs = [entry.data.get("text") for entry in await centre.journal(contact.id) if entry.kind == "input"]
    assert inputs[-9:] == [f"message {number}" for number in range(9)]
    centre.clock.advance(60)
    assert "I heard once more." in await chat.text("once more")
    other = TwilioChat(centre, customer="+12025550178")
    await other.text("hi")
    assert "I heard me too." in await other.text("me too"), "each contact has a measure of its own"
