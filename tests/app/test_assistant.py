"""The assistant behind the front door: the shipped bot, in text and on the phone, and what it hands over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm_store import ticket_numbers, tickets
from tests.app.centre import KNOWN, Centre, TwilioCall, TwilioChat, open_centre

BEN = "+12025550102"


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bot keeps what it has learnt, so that it learns it once for all tests."""
    return tmp_path_factory.mktemp("bot")


@pytest.fixture
async def centre(fresh_sqlite: str, learnt: Path) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, bot_cache=learnt) as opened:
        yield opened


async def asking(centre: Centre, customer: str) -> TwilioChat:
    """A customer who has been asked by the assistant what it can do for them."""
    chat = TwilioChat(centre, customer=customer)
    await chat.text("hello")
    await chat.text("7")
    return chat


async def test_a_known_customer_hears_how_an_order_stands(centre: Centre) -> None:
    chat = await asking(centre, KNOWN)
    assert "Order 100101 is on its way" in await chat.text("where is my order 100101?")


async def test_another_customers_order_is_not_told(centre: Centre) -> None:
    chat = await asking(centre, BEN)
    answer = await chat.text("where is my order 100101?")
    assert "on its way" not in answer


async def test_a_complaint_to_the_assistant_is_a_ticket_in_the_same_commit(centre: Centre) -> None:
    chat = await asking(centre, BEN)
    for said in ("I want to complain", "the lamp was broken", "100103", "serious"):
        await chat.text(said)
    assert await centre.tickets() == []
    before = (await centre.contacts())[0]
    told = await chat.text("yes")
    [ticket] = await centre.tickets()
    [contact] = await centre.contacts()
    assert ticket_numbers.format_number(ticket.number) in told
    assert (ticket.order_number, ticket.customer_id) == ("100103", before.customer_id)
    assert "lamp" in ticket.description
    assert (contact.outcome, contact.version) == ("ticket", before.version + 1)
    assert "ticket_opened" in await centre.kinds(contact.id)
    linked = await centre.room.store.read(lambda connection: tickets.contact_ids(connection, ticket.id))
    assert linked == [contact.id]


async def test_a_conversation_goes_on_in_another_process(centre: Centre) -> None:
    """What the assistant remembers travels with the contact, not with the process."""
    chat = await asking(centre, BEN)
    for said in ("I want to complain", "the lamp was broken", "100103", "serious", "yes"):
        chat.centre = chat.centre.restarted()
        await chat.text(said)
    assert len(await centre.tickets()) == 1


async def test_who_wants_a_person_waits_in_line_with_what_was_said(centre: Centre) -> None:
    chat = await asking(centre, BEN)
    await chat.text("I want to complain")
    await chat.text("the lamp was broken")
    await chat.text("let me talk to a human please")
    [contact] = await centre.contacts()
    assert (contact.state, contact.queue) == ("waiting", "general")
    assert "the lamp was broken" in contact.reason
    queued = [entry for entry in await centre.journal(contact.id) if entry.kind == "effect"][-1]
    assert queued.data["asked"]["reason"] == contact.reason


async def test_on_the_phone_the_assistant_hears_words(centre: Centre) -> None:
    call = await TwilioCall(centre, "CA" + "1" * 32, caller=KNOWN).dial()
    await call.press("7")
    await call.say("where is my order 100101")
    assert "on its way" in call.last()
    [contact] = await centre.contacts()
    assert contact.owner == "bot"
    await call.hang_up()
    [contact] = await centre.contacts()
    assert (contact.state, contact.owner) == ("ended", "nobody")
