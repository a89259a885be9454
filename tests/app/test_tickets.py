"""Complaints become tickets: with their contact or not at all, one for each matter, due when promised."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Connection

from contact_center.ticket import rules_of
from crm_store import ticket_numbers, tickets
from crm_store.errors import StoreDown
from crm_store.store import Unit
from crm_store.tickets import NewTicket
from tests.app.centre import KNOWN, MONDAY, STRANGER, Centre, TwilioCall, TwilioChat, open_centre, together
from tests.app.flows import DESK

ORDER = "10001"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, DESK) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
async def any_centre(request: pytest.FixtureRequest) -> AsyncIterator[Centre]:
    async with open_centre(request.getfixturevalue(f"fresh_{request.param}"), DESK) as opened:
        yield opened


async def up_to_the_words(centre: Centre, number: int, caller: str = KNOWN, order: str = ORDER) -> TwilioCall:
    """A caller who has been asked what went wrong."""
    call = await TwilioCall(centre, f"CA{number:032d}", caller=caller).dial()
    await call.press("2")
    await call.press(order)
    return call


async def complain(centre: Centre, number: int, caller: str = KNOWN, order: str = ORDER) -> TwilioCall:
    call = await up_to_the_words(centre, number, caller, order)
    await call.say("the parcel was wet")
    return call


# --- together or not at all -------------------------------------------------------------------------


async def test_a_ticket_and_its_contact_commit_together(centre: Centre) -> None:
    await complain(centre, 1)
    [ticket] = await centre.tickets()
    [contact] = await centre.contacts()
    assert (ticket.contact_id, contact.outcome) == (contact.id, "ticket")
    opened = [entry for entry in await centre.journal(contact.id) if entry.kind == "ticket_opened"]
    assert [entry.data["number"] for entry in opened] == [ticket.number]


async def test_where_the_commit_fails_there_is_neither(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ticket is written before the journal; a failure behind it must take it back."""
    call = await up_to_the_words(centre, 1)
    before = await centre.contacts()
    commit = centre.room.store.commit

    def fail(_: Connection) -> None:
        raise StoreDown("the disk is full")

    async def failing(unit: Unit) -> list[object]:
        unit.call(fail)
        return await commit(unit)

    with monkeypatch.context() as patched:
        patched.setattr(centre.room.store, "commit", failing)
        with pytest.raises(StoreDown):
            await call.say("the parcel was wet")
    assert await centre.tickets() == []
    assert await centre.contacts() == before
    await call.say("the parcel was wet")
    assert len(await centre.tickets()) == 1


async def test_a_conflicting_write_in_between_runs_the_turn_again_with_one_ticket(
    any_centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody opens a ticket about the order between our look and our commit: ours joins it."""
    centre = any_centre
    call = await up_to_the_words(centre, 1)
    [contact] = await centre.contacts()
    room, commit = centre.room, centre.room.store.commit
    met: list[bool] = []

    def other(connection: Connection) -> None:
        new = NewTicket(
            category="complaint", subject="the box was torn", severity="low", priority=4, order_number=ORDER,
            customer_id=contact.customer_id, opened_at=MONDAY, due_at=MONDAY + timedelta(days=3), actor="api",
        )  # fmt: skip
        tickets.open_or_join(connection, new, MONDAY, room.ids, lambda: ticket_numbers.draw(room.random))

    async def late(unit: Unit) -> list[object]:
        if not met:
            met.append(True)
            await room.store.write(other)
        return await commit(unit)

    with monkeypatch.context() as patched:
        patched.setattr(room.store, "commit", late)
        await call.say("the parcel was wet")
    [ticket] = await centre.tickets()
    assert (ticket.subject, ticket.severity, ticket.version) == ("the box was torn", "high", 1)
    assert "Added to" in call.last()
    kinds = await centre.kinds(contact.id)
    assert (kinds.count("ticket_joined"), kinds.count("ticket_opened")) == (1, 0)


async def test_an_effect_that_fails_half_way_leaves_no_ticket(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flow is told that no ticket was opened; then none must be."""
    from contact_center import effects
    from contact_center.effects.open_ticket import open_ticket
    from ivr_flows.effects import OpenTicket

    async def broken(*given: object) -> dict[str, object]:
        await open_ticket(*given)  # type: ignore[arg-type]  # what it was given
        raise RuntimeError("after the ticket was planned")

    monkeypatch.setitem(effects.HANDLERS, OpenTicket, broken)
    call = await complain(centre, 1)
    assert call.verb("Enqueue") is not None  # on_error of the flow
    assert await centre.tickets() == []
    [contact] = await centre.contacts()
    assert (contact.state, contact.outcome) == ("waiting", "")
    assert "ticket_opened" not in await centre.kinds(contact.id)


# --- one matter, one ticket ---------------------------------------------------------------------------


async def test_a_second_complaint_about_the_order_joins_the_open_ticket(centre: Centre) -> None:
    first = await complain(centre, 1)
    await first.press("1")
    await first.press("2")
    await first.press(ORDER)
    await first.say("and it smells")
    second = await complain(centre, 2)
    [ticket] = await centre.tickets()
    assert "Added to" in first.last()
    assert ticket_numbers.format_number(ticket.number) in second.last()
    linked = await centre.room.store.read(lambda connection: tickets.contact_ids(connection, ticket.id))
    assert linked == [contact.id for contact in await centre.contacts()]


async def test_a_strangers_complaint_never_joins(centre: Centre) -> None:
    await complain(centre, 1)
    stranger = await complain(centre, 2, caller=STRANGER)
    assert "Your number is" in stranger.last()
    assert len(await centre.tickets()) == 2


async def test_two_calls_of_one_customer_at_once_make_one_ticket(any_centre: Centre) -> None:
    centre = any_centre
    calls = [
        await up_to_the_words(process, number) for number, process in enumerate((centre, centre.restarted()))
    ]
    await together(*(call.say("the parcel was wet") for call in calls))
    [ticket] = await centre.tickets()
    history = await centre.room.store.read(lambda connection: tickets.history(connection, ticket.id))
    assert [event.kind for event in history] == ["opened", "joined"]
    assert [contact.outcome for contact in await centre.contacts()] == ["ticket", "ticket"]


async def test_many_complaints_at_once_are_as_many_numbers(centre: Centre) -> None:
    calls = [await up_to_the_words(centre, number, order=f"2{number:04d}") for number in range(20)]
    await together(*(call.say("late") for call in calls))
    numbers = {ticket.number for ticket in await centre.tickets()}
    assert len(numbers) == 20
    assert all(ticket_numbers.parse(number) for number in numbers)


# --- due ----------------------------------------------------------------------------------------------------


async def test_due_counts_from_the_first_second_of_the_contact(centre: Centre) -> None:
    call = await up_to_the_words(centre, 1)
    centre.clock.advance(600)
    await call.say("the parcel was wet")
    [ticket] = await centre.tickets()
    assert ticket.opened_at == MONDAY
    assert ticket.due_at == MONDAY + timedelta(hours=rules_of(centre.room.config.tickets.sla_hours).high)


async def test_due_is_counted_in_working_hours_where_the_calendar_says_so(centre: Centre) -> None:
    section = centre.room.config.tickets.model_copy(update={"calendar": "weekdays"})
    centre.room.config = centre.room.config.model_copy(update={"tickets": section})
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=SHANGHAI)
    centre.clock.advance((friday - MONDAY).total_seconds())
    await complain(centre, 1)
    [ticket] = await centre.tickets()
    # One hour of Friday is left, Monday has seven and a half (09:00-12:00, 13:30-18:00): eight end at 17:30.
    assert ticket.due_at == datetime(2026, 3, 9, 17, 30, tzinfo=SHANGHAI).astimezone(UTC)


# --- the number ------------------------------------------------------------------------------------------


async def test_the_number_read_out_is_found_on_another_channel(fresh_sqlite: str) -> None:
    async with open_centre(fresh_sqlite) as centre:
        call = await TwilioCall(centre, "CA" + "1" * 32, caller=STRANGER).dial()
        for keys in ("1", "4", "2", ORDER, "2"):
            await call.press(keys)
        for _ in range(6):
            if await centre.tickets():
                break
            await (call.say("the parcel was wet") if "what happened" in call.last() else call.press("1"))
        [ticket] = await centre.tickets()
        spoken = re.sub(r"\D", "", call.last().partition("Once more")[2].partition("We will")[0])
        assert ticket_numbers.parse(spoken) == ticket.number
        chat = TwilioChat(centre, customer="+12025550144")
        await chat.text("hello")
        for said in ("1", "5", ticket_numbers.format_number(ticket.number)):
            await chat.text(said)
        assert ticket_numbers.format_number(ticket.number) in chat.heard[-1]
        assert "has been received" in chat.heard[-1]
