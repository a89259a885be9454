"""Who may be written to: STOP, START and HELP are obeyed, and nothing leaves to one who has opted out.

And the outbox, through which leaves what answers no message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contact_center.carriers.base import CarrierFailed, CarrierRefused
from crm_store import consents, journal, messages
from crm_store.errors import Conflict
from tests.app.carrier import Carrier, agent_writes, only_contact, worker
from tests.app.centre import LINE, Centre, TwilioChat, open_centre
from tests.app.flows import DESK

BEN = "+12025550102"


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, DESK) as opened:
        yield opened


async def opted_out(centre: Centre, kind: str, address: str) -> bool:
    return await centre.room.store.read(lambda connection: consents.is_opted_out(connection, kind, address))


# --- who may be written to -----------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "退订"])
async def test_stop_is_obeyed_and_written_down(centre: Centre, word: str) -> None:
    chat = TwilioChat(centre)
    await chat.text("hi")
    assert await chat.text(word) == ""
    assert await opted_out(centre, "sms", chat.customer)
    assert await chat.text("complaint") == ""  # the flow goes on, silently
    contact = await only_contact(centre)
    last = (await centre.messages(contact.id))[-1]
    assert (last.status, last.direction) == ("blocked", "outbound")
    assert "consent" in await centre.kinds(contact.id)


async def test_nothing_leaves_to_who_has_opted_out_whoever_asks(centre: Centre) -> None:
    chat, carrier = TwilioChat(centre), Carrier()
    await chat.text("hi")
    contact = await only_contact(centre)
    message_id = await agent_writes(centre, contact.id, "Your parcel is here.")
    await chat.text("STOP")
    await worker(centre, carrier).drain()
    assert carrier.sent == []
    message = await centre.room.store.read(lambda connection: messages.get(connection, message_id))
    assert (message.status, message.error) == ("failed", "opted_out")


async def test_start_lets_messages_leave_again(centre: Centre) -> None:
    chat = TwilioChat(centre)
    await chat.text("STOP")
    await chat.text("START")
    assert not await opted_out(centre, "sms", chat.customer)
    assert "1. Orders" in await chat.text("hello")


async def test_start_is_answered_where_twilio_does_not(centre: Centre) -> None:
    chat = TwilioChat(centre, customer="whatsapp:" + BEN, line="whatsapp:" + LINE)
    await chat.text("STOP")
    assert await chat.text("hello") == ""
    assert "STOP" in await chat.text("start")
    assert await opted_out(centre, "whatsapp", BEN) is False


async def test_help_is_answered_but_not_to_who_has_opted_out(centre: Centre) -> None:
    chat = TwilioChat(centre, customer="whatsapp:" + BEN, line="whatsapp:" + LINE)
    assert "STOP" in await chat.text("HELP")
    await chat.text("STOP")
    assert await chat.text("HELP") == ""


async def test_consent_is_of_one_channel(centre: Centre) -> None:
    await TwilioChat(centre, customer=BEN).text("STOP")
    other = TwilioChat(centre, customer="whatsapp:" + BEN, line="whatsapp:" + LINE)
    assert "1. Orders" in await other.text("hello")


async def test_a_wait_that_is_over_tells_the_customer_unless_opted_out(centre: Centre) -> None:
    chats = [TwilioChat(centre), TwilioChat(centre, customer="+12025550166")]
    carrier = Carrier()
    for chat in chats:
        await chat.text("hi")
        await chat.text("orders")
    await chats[1].text("STOP")
    for _ in range(2):  # the first line, then the second
        centre.clock.advance(61)
        assert await centre.sweep.once() == 2
        await worker(centre, carrier).drain()
    assert {outgoing.to_address for outgoing in carrier.sent} == {chats[0].customer}
    assert "Nobody was free" in carrier.sent[-1].text
    assert [contact.state for contact in await centre.contacts()] == ["ended", "ended"]


async def test_the_carriers_word_that_a_customer_has_opted_out_is_kept(centre: Centre) -> None:
    chat, carrier = TwilioChat(centre), Carrier(CarrierRefused("21610", opted_out=True))
    await chat.text("hi")
    contact = await only_contact(centre)
    await agent_writes(centre, contact.id, "Your parcel is here.")
    await worker(centre, carrier).drain()
    assert await opted_out(centre, "sms", chat.customer)
    told = [entry.data for entry in await centre.journal(contact.id) if entry.kind == "consent"]
    assert told == [{"kind": "sms", "opted_out": True, "source": "carrier_21610"}]
    await agent_writes(centre, contact.id, "Once more.")
    await worker(centre, carrier).drain()
    assert carrier.sent == []


async def test_error_21610_in_a_status_opts_out(centre: Centre) -> None:
    chat = TwilioChat(centre)
    await chat.text("hi")
    contact = await only_contact(centre)
    ours = (await centre.messages(contact.id))[-1]
    await chat.report(ours.id, "undelivered", ErrorCode="21610")
    assert await opted_out(centre, "sms", chat.customer)
    assert await chat.text("complaint") == ""


# --- the outbox -------------------------------------------------------------------------------------------


async def test_a_message_is_not_sent_again_because_its_note_met_a_turn(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noting that it has left may lose to a turn of the contact, and then it must not be sent again."""
    lost: list[bool] = []
    chat, carrier = TwilioChat(centre), Carrier()
    await chat.text("hi")
    contact = await only_contact(centre)
    await agent_writes(centre, contact.id, "Your parcel is here.")
    append = journal.append

    def quicker(*given: object) -> int:
        if not lost:
            lost.append(True)
            raise Conflict("a turn was quicker")
        return append(*given)  # type: ignore[arg-type]  # what it was given

    monkeypatch.setattr(journal, "append", quicker)
    await worker(centre, carrier).drain()
    centre.clock.advance(3600)
    await worker(centre, carrier).drain()
    assert len(carrier.sent) == 1
    assert (await centre.messages(contact.id))[-1].status == "sent"


async def test_a_carrier_that_fails_is_asked_again(centre: Centre) -> None:
    chat, carrier = TwilioChat(centre), Carrier(CarrierFailed("no answer"))
    await chat.text("hi")
    await agent_writes(centre, (await only_contact(centre)).id, "Your parcel is here.")
    outbox_worker = worker(centre, carrier)
    await outbox_worker.drain()
    assert await outbox_worker.drain() == 0  # not at once
    centre.clock.advance(60)
    await outbox_worker.drain()
    assert [outgoing.text for outgoing in carrier.sent] == ["Your parcel is here."]
