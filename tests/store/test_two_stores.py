"""Two processes on one database: two stores, each with a writer and connections of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from crm_store import contacts, deliveries, journal, schema
from crm_store.errors import Conflict, Duplicate
from crm_store.store import Store, Unit
from tests.store.making import AT, add_contact

ROUNDS = 15


def turn(version: int, key: str) -> Unit:
    """What a turn writes: the delivery, the contact's row, a line of its journal."""
    unit = Unit()
    unit.insert(
        "deliveries", {"contact_id": "con_1", "key": key, "turn": 1, "reply": "{}", "received_at": AT}
    )
    unit.update("contacts", "con_1", version, {"journal_length": version + 1, "turn": version + 1})
    line = {"contact_id": "con_1", "seq": version, "at": AT, "kind": "note", "data": {"key": key}}
    unit.insert("journal", line)
    return unit


async def outcome(store: Store, unit: Unit) -> str:
    try:
        await store.commit(unit)
    except (Conflict, Duplicate) as error:
        return type(error).__name__
    return "written"


@pytest.fixture
def other(store: Store, store_url: str) -> Any:
    second = Store(store_url)
    yield second
    second.close()


async def test_of_two_turns_on_one_version_one_is_written(store: Store, other: Store) -> None:
    with store.writing() as connection:
        add_contact(connection)
    for version in range(ROUNDS):
        both = await asyncio.gather(
            outcome(store, turn(version, f"mine-{version}")),
            outcome(other, turn(version, f"theirs-{version}")),
        )
        assert sorted(both) == ["Conflict", "written"]
    with store.reading() as connection:
        contact = contacts.get(connection, "con_1")
        assert (contact.version, contact.journal_length) == (ROUNDS, ROUNDS)
        assert [entry.seq for entry in journal.read(connection, "con_1")] == list(range(ROUNDS))


async def test_one_delivery_to_both_is_taken_once(store: Store, other: Store) -> None:
    with store.writing() as connection:
        add_contact(connection)
    for version in range(ROUNDS):
        key = f"token-{version}"
        both = await asyncio.gather(outcome(store, turn(version, key)), outcome(other, turn(version, key)))
        assert "written" in both
        assert set(both) - {"written"} <= {"Conflict", "Duplicate"}
        assert both.count("written") == 1
    with store.reading() as connection:
        kept = connection.execute(schema.deliveries.select()).all()
        assert len(kept) == ROUNDS
        assert deliveries.get(connection, "con_1", "token-0") is not None


async def test_a_store_waits_for_the_other_ones_lock(store: Store, other: Store) -> None:
    """A short transaction elsewhere (the command line's) delays a turn and does not fail it."""
    with store.writing() as connection:
        add_contact(connection)
    held, begun = asyncio.Event(), asyncio.get_running_loop()

    def hold() -> None:
        with other.writing() as connection:
            connection.execute(
                schema.contacts.update().where(schema.contacts.c.id == "con_1").values(priority=3)
            )
            asyncio.run_coroutine_threadsafe(_set(held), begun).result()
            asyncio.run_coroutine_threadsafe(_turns(), begun).result(5)  # the loop must not wait for us

    holding = asyncio.create_task(asyncio.to_thread(hold))
    await held.wait()
    assert await outcome(store, turn(0, "k")) == "written"
    await holding
    with store.reading() as connection:
        contact = contacts.get(connection, "con_1")
        assert (contact.priority, contact.version) == (3, 1)


async def _set(event: asyncio.Event) -> None:
    event.set()


async def _turns() -> None:
    """Let the loop go round while the lock is held, so that the turn meets it."""
    for _ in range(20):
        await asyncio.sleep(0)
