"""SMS and WhatsApp: conversations, redelivered and parallel messages, statuses, and agents who take over."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

from contact_center import effects
from contact_center.channels.base import Forged
from contact_center.effects.open_ticket import open_ticket
from crm_store.messages import Media
from ivr_flows.effects import OpenTicket
from tests.app.carrier import Carrier, agent_writes, only_contact, worker
from tests.app.centre import LINE, MONDAY, Centre, TwilioChat, open_centre, signed, together
from tests.app.flows import DESK

BEN = "+12025550102"


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, DESK) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
async def any_centre(request: pytest.FixtureRequest) -> AsyncIterator[Centre]:
    async with open_centre(request.getfixturevalue(f"fresh_{request.param}"), DESK) as opened:
        yield opened


# --- conversations -----------------------------------------------------------------------------------


async def test_the_front_door_by_text_with_numbered_choices(fresh_sqlite: str) -> None:
    async with open_centre(fresh_sqlite) as centre:
        chat = TwilioChat(centre, customer="whatsapp:" + BEN, line="whatsapp:" + LINE)
        menu = await chat.text("hello")
        assert "Ben" in menu
        assert "1. sales" in menu
        assert "4. a complaint" in menu
        assert "order number" in await chat.text("2")
        assert "could not find" in await chat.text("99999")
        assert (await only_contact(centre)).channel == "whatsapp"


async def test_a_choice_may_be_written_as_its_words(centre: Centre) -> None:
    chat = TwilioChat(centre)
    await chat.text("hi")
    assert "Which order" in await chat.text("Complaint")


async def test_a_message_after_the_conversation_opens_a_new_one(centre: Centre) -> None:
    chat = TwilioChat(centre)
    for said in ("hi", "complaint", "10001", "it was wet", "2"):
        await chat.text(said)
    assert "Goodbye" in chat.heard[-1]
    assert (await only_contact(centre)).state == "ended"
    assert "1. Orders" in await chat.text("hi again")
    assert [contact.state for contact in await centre.contacts()] == ["ended", "in_flow"]


async def test_two_lines_are_two_conversations(centre: Centre) -> None:
    await TwilioChat(centre).text("hi")
    await TwilioChat(centre, line="+12025550188").text("hi")
    await TwilioChat(centre, customer="+12025550166").text("hi")
    assert len({contact.open_key for contact in await centre.contacts()}) == 3


async def test_media_is_kept_with_its_message(centre: Centre) -> None:
    chat = TwilioChat(centre)
    await chat.text(
        "", NumMedia="2", MediaUrl0="https://api.example.com/a", MediaContentType0="image/png",
        MediaUrl1="javascript:alert(1)",
    )  # fmt: skip
    contact = await only_contact(centre)
    first = (await centre.messages(contact.id))[0]
    assert first.media == (Media("https://api.example.com/a", "image/png"),)


# --- once ----------------------------------------------------------------------------------------------


async def test_the_first_message_many_times_at_once_is_one_contact(any_centre: Centre) -> None:
    centre = any_centre
    inbound = TwilioChat(centre).message("hello")
    processes = [centre, centre.restarted()] * 3
    answers = await together(*(each.deliver(each.messaging, inbound) for each in processes))
    assert len({answer.body for answer in answers}) == 1
    contact = await only_contact(centre)
    directions = [message.direction for message in await centre.messages(contact.id)]
    assert sorted(directions) == ["inbound", "outbound"]


async def test_the_last_message_many_times_at_once_ends_one_conversation(any_centre: Centre) -> None:
    """Each later copy finds no open conversation, and must not begin another."""
    centre = any_centre
    chat = TwilioChat(centre)
    for said in ("hi", "complaint", "10001", "it was wet"):
        await chat.text(said)
    inbound = chat.message("2")
    processes = [centre, centre.restarted(), centre.restarted()] * 2
    answers = await together(*(each.deliver(each.messaging, inbound) for each in processes))
    assert len({answer.body for answer in answers}) == 1
    assert "Goodbye" in answers[0].body
    assert (await only_contact(centre)).state == "ended"


async def test_a_message_redelivered_after_a_restart_asks_nobody_twice(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a turn asks of other systems is outside our transaction: a redelivery must not get that far."""
    asked: list[object] = []

    async def counted(*given: object) -> dict[str, object]:
        asked.append(given)
        return await open_ticket(*given)  # type: ignore[arg-type]  # what it was given

    monkeypatch.setitem(effects.HANDLERS, OpenTicket, counted)
    chat = TwilioChat(centre)
    for said in ("hi", "complaint", "10001", "it was wet"):
        await chat.text(said)
    first = chat.heard[-1]
    other = centre.restarted()
    outbound = await other.deliver(other.messaging, chat.sent[-1])
    assert first.splitlines()[0] in outbound.body
    assert len(asked) == 1


async def test_two_messages_at_once_are_both_taken(any_centre: Centre) -> None:
    centre = any_centre
    chat = TwilioChat(centre)
    await chat.text("hi")
    pair = [chat.message("complaint"), chat.message("10001")]
    other = centre.restarted()
    await together(
        *(each.deliver(each.messaging, inbound) for each, inbound in zip((centre, other), pair, strict=True))
    )
    contact = await only_contact(centre)
    written = [
        message.text for message in await centre.messages(contact.id) if message.direction == "inbound"
    ]
    assert sorted(written) == ["10001", "complaint", "hi"]
    assert contact.turn == 3


# --- what became of a message --------------------------------------------------------------------------


async def test_any_order_of_statuses_ends_the_same(centre: Centre) -> None:
    words = ("queued", "sent", "delivered", "read")
    ends = set()
    for number, order in enumerate(itertools.permutations(words)):
        chat = TwilioChat(centre, customer=f"+1202555{1000 + number}")
        await chat.text("hi")
        contact = (await centre.contacts())[-1]
        ours = (await centre.messages(contact.id))[-1]
        for word in (*order, order[0]):
            await chat.report(ours.id, word, token=f"{number}-{word}", MessageSid=f"SM{number:032d}")
        message = (await centre.messages(contact.id))[-1]
        ends.add((message.status, message.error))
        noted = [entry for entry in await centre.journal(contact.id) if entry.kind == "message_status"]
        assert len(noted) == len(words)
    assert ends == {("read", "")}


async def test_a_status_between_two_messages_loses_neither(any_centre: Centre) -> None:
    centre = any_centre
    chat = TwilioChat(centre)
    await chat.text("hi")
    contact = await only_contact(centre)
    ours = (await centre.messages(contact.id))[-1]
    other = centre.restarted()
    inbound = chat.message("complaint")
    elsewhere = TwilioChat(other)
    await together(
        centre.deliver(centre.messaging, inbound),
        *(elsewhere.report(ours.id, word, token=word) for word in ("sent", "delivered")),
    )
    after = await only_contact(centre)
    entries = await centre.journal(after.id)
    assert [entry.seq for entry in entries] == list(range(after.journal_length))
    assert [entry.kind for entry in entries].count("message_status") == 2
    assert after.turn == 2


async def test_a_report_about_nobodys_message_changes_nothing(centre: Centre) -> None:
    await TwilioChat(centre).report("msg_nobody", "delivered")
    assert await centre.contacts() == []


# --- an agent has taken over ------------------------------------------------------------------------------


async def test_a_message_to_an_agent_is_kept_and_the_flow_is_silent(centre: Centre) -> None:
    chat = TwilioChat(centre)
    await chat.text("hi")
    contact = await only_contact(centre)
    await agent_writes(centre, contact.id, "I am here.")
    assert await chat.text("complaint") == ""
    after = await only_contact(centre)
    assert (after.owner, after.turn) == ("agent", contact.turn)
    assert [message.author for message in await centre.messages(contact.id)][-2:] == ["agent", "customer"]


async def test_the_flow_does_not_speak_into_an_agents_conversation(centre: Centre) -> None:
    """The wait is over because an agent came, not because nobody did."""
    chat, carrier = TwilioChat(centre), Carrier()
    await chat.text("hi")
    await chat.text("orders")
    contact = await only_contact(centre)
    await agent_writes(centre, contact.id, "I am here.")
    await worker(centre, carrier).drain()
    centre.clock.advance(100)
    await centre.sweep.once()
    await worker(centre, carrier).drain()
    assert [outgoing.text for outgoing in carrier.sent] == ["I am here."]
    assert (await only_contact(centre)).state == "waiting"
    centre.clock.advance(centre.room.connected_limit.total_seconds() + 1)
    await centre.sweep.once()
    closed = await only_contact(centre)
    assert (closed.state, closed.outcome, closed.end_reason) == ("ended", "answered", "customer_silent")


async def test_an_unsigned_message_leaves_no_trace(centre: Centre) -> None:
    form = TwilioChat(centre).form(0, "STOP")
    with pytest.raises(Forged):
        await centre.deliver(
            centre.messaging, signed(centre.messaging, "/twilio/messaging/incoming", form, auth="f" * 32)
        )
    assert await centre.contacts() == []
    assert centre.clock.now() == MONDAY
