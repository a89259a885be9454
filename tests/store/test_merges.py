"""Merging two customers and taking it back: what moved returns, what came since stays."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import audit, customers, identities, journal, merges, schema
from crm_store.audit import AuditFilter
from crm_store.customers import NewCustomer
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.store import Store

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
IDS = Ids(lambda: AT, Random(7))
BY: dict[str, Any] = {"at": AT, "ids": IDS, "actor": "agt_tester"}
OWNED = ("identities", "contacts", "orders", "tickets", "callbacks")
CHANGING = ("version", "updated_at", "journal_length")
"""Columns that only go forward: undoing is a change, too."""
numbers = itertools.count(1)


def customer(connection: Connection, name: str = "") -> str:
    return customers.create(connection, NewCustomer(name=name), **BY).id


def contact_row(contact_id: str, customer_id: str | None) -> dict[str, Any]:
    return {
        "id": contact_id,
        "channel": "phone",
        "direction": "inbound",
        "state": "ended",
        "owner": "nobody",
        "customer_id": customer_id,
        "from_address": "",
        "to_address": "",
        "language": "en",
        "tags": [],
        "flow": "front_door",
        "flow_digest": "",
        "session": "{}",
        "version": 1,
        "journal_length": 0,
        "turn": 1,
        "started_at": AT,
    }


def own(connection: Connection, table: str, customer_id: str, **changes: Any) -> str:
    """Add a row of a table that belongs to a customer; its id."""
    number = next(numbers)
    row_id = f"row_{number}"
    if table == "callbacks":
        connection.execute(schema.contacts.insert(), contact_row(f"con_{number}", None))
    row: dict[str, Any] = {
        "identities": {"kind": "web", "value": f"visitor {number}", "evidence": "agent", "created_at": AT},
        "contacts": contact_row(row_id, customer_id),
        "orders": {
            "number": f"{number}",
            "status": "paid",
            "total_minor": 1,
            "currency": "CNY",
            "items": [],
            "placed_at": AT,
            "updated_at": AT,
        },
        "tickets": {
            "number": f"{number}",
            "category": "complaint",
            "subject": "late",
            "status": "open",
            "severity": "normal",
            "priority": 3,
            "open_order_key": f"{customer_id}/{number}",
            "version": 0,
            "opened_at": AT,
            "due_at": AT,
            "updated_at": AT,
        },
        "callbacks": {
            "contact_id": f"con_{number}",
            "queue": "sales",
            "number": "+12025550123",
            "status": "waiting",
            "queued_at": AT,
            "created_at": AT,
        },
    }[table]
    row = {**row, "id": row_id, "customer_id": customer_id, **changes}
    connection.execute(schema.metadata.tables[table].insert(), row)
    return row_id


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows that a merge may touch, without what only grows: counters, the journal."""
    found = {}
    for name in (*OWNED, "customers", "ticket_events"):
        table = schema.metadata.tables[name]
        rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns))
        found[name] = [
            {key: value for key, value in row._mapping.items() if key not in CHANGING} for row in rows
        ]
    return found


def owners(connection: Connection, table: str) -> dict[str, str]:
    columns = schema.metadata.tables[table].c
    return {row.id: row.customer_id for row in connection.execute(sa.select(columns.id, columns.customer_id))}


OWNERSHIP = st.lists(
    st.tuples(st.sampled_from(OWNED), st.sampled_from(["from", "into", "other"])), max_size=15
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=OWNERSHIP, since=OWNERSHIP)
def test_merge_and_undo_is_before_but_for_what_came_since(
    store: Store, before: list[tuple[str, str]], since: list[tuple[str, str]]
) -> None:
    with store.writing() as connection:
        people = {name: customer(connection, name) for name in ("from", "into", "other")}
        for table, whose in before:
            own(connection, table, people[whose])
        old = everything(connection)
        done = merges.merge(connection, people["from"], people["into"], "same person", **BY)
        for table in OWNED:
            assert people["from"] not in owners(connection, table).values()
        # After the merge whatever is the merged customer's is written to the survivor.
        new = [
            (table, own(connection, table, people["other" if whose == "other" else "into"]))
            for table, whose in since
        ]
        undone = merges.undo(connection, done.id, **BY)
        assert (undone.undone_at, undone.undone_by) == (AT, "agt_tester")
        for (table, row_id), (_, whose) in zip(new, since, strict=True):
            assert owners(connection, table)[row_id] == people["other" if whose == "other" else "into"]
            columns = schema.metadata.tables[table].c
            connection.execute(schema.metadata.tables[table].delete().where(columns.id == row_id))
            if table == "callbacks":
                orphan = f"con_{row_id.removeprefix('row_')}"
                connection.execute(schema.contacts.delete().where(schema.contacts.c.id == orphan))
        assert everything(connection) == old


def test_what_moved_is_listed_and_noted(connection: Connection) -> None:
    old, new = customer(connection), customer(connection)
    mine = {table: own(connection, table, old) for table in OWNED}
    theirs = {table: own(connection, table, new) for table in OWNED}
    done = merges.merge(connection, old, new, " rang and said so ", **BY)
    assert done.moved == {table: [row_id] for table, row_id in mine.items()}
    assert (done.from_id, done.into_id, done.reason, done.actor) == (
        old,
        new,
        "rang and said so",
        "agt_tester",
    )
    for table in OWNED:
        assert owners(connection, table)[mine[table]] == owners(connection, table)[theirs[table]] == new
    assert customers.get(connection, old).merged_into == new
    entry = audit.list_entries(connection, AuditFilter(action="customer.merged")).items[0]
    assert done.audit == entry
    assert (entry.subject, entry.data["merge_id"], entry.data["moved"]) == (old, done.id, done.moved)
    listed = merges.list_merges(connection, new).items[0]
    assert (listed.id, listed.moved, listed.undone_at) == (done.id, done.moved, None)
    undone = merges.undo(connection, done.id, **BY)
    assert customers.get(connection, old).merged_into is None
    last = audit.list_entries(connection, AuditFilter(action="customer.unmerged")).items[0]
    assert undone.audit == last
    assert last.data["returned"] == done.moved


def test_a_turn_under_way_runs_again(connection: Connection) -> None:
    old, new = customer(connection), customer(connection)
    moved = {table: own(connection, table, old) for table in ("contacts", "tickets")}
    versions = {
        table: sa.select(schema.metadata.tables[table].c.version).where(
            schema.metadata.tables[table].c.id == row_id
        )
        for table, row_id in moved.items()
    }
    before = {table: connection.execute(version).scalar_one() for table, version in versions.items()}
    merges.merge(connection, old, new, "same person", **BY)
    after = {table: connection.execute(version).scalar_one() for table, version in versions.items()}
    assert after == {table: version + 1 for table, version in before.items()}
    assert customers.get(connection, old).version == customers.get(connection, new).version == 1


def test_undoing_twice_is_refused(connection: Connection) -> None:
    done = merges.merge(connection, customer(connection), customer(connection), "same person", **BY)
    merges.undo(connection, done.id, **BY)
    with pytest.raises(Refused, match="undone already"):
        merges.undo(connection, done.id, **BY)
    with pytest.raises(NotFound):
        merges.undo(connection, "mrg_nothing", **BY)


def test_a_later_merge_is_undone_first(connection: Connection) -> None:
    first, second, third = (customer(connection) for _ in range(3))
    row = own(connection, "orders", first)
    inner = merges.merge(connection, first, second, "same person", **BY)
    outer = merges.merge(connection, second, third, "same person", **BY)
    with pytest.raises(Refused, match=third):
        merges.undo(connection, inner.id, **BY)
    assert owners(connection, "orders")[row] == third
    merges.undo(connection, outer.id, **BY)
    assert owners(connection, "orders")[row] == second
    merges.undo(connection, inner.id, **BY)
    assert owners(connection, "orders")[row] == first


def test_two_merges_into_one_are_undone_in_any_order(connection: Connection) -> None:
    one, two, survivor = (customer(connection) for _ in range(3))
    rows = [own(connection, "orders", owner) for owner in (one, two, survivor)]
    first = merges.merge(connection, one, survivor, "same person", **BY)
    merges.merge(connection, two, survivor, "same person", **BY)
    merges.undo(connection, first.id, **BY)
    assert [owners(connection, "orders")[row] for row in rows] == [one, survivor, survivor]


def test_an_undone_merge_can_be_done_again(connection: Connection) -> None:
    old, new = customer(connection), customer(connection)
    row = own(connection, "tickets", old)
    for _ in range(2):
        done = merges.merge(connection, old, new, "same person", **BY)
        assert owners(connection, "tickets")[row] == new
        merges.undo(connection, done.id, **BY)
        assert owners(connection, "tickets")[row] == old


def test_what_was_given_to_somebody_else_meanwhile_stays_there(connection: Connection) -> None:
    old, new, other = (customer(connection) for _ in range(3))
    row = own(connection, "orders", old)
    done = merges.merge(connection, old, new, "same person", **BY)
    connection.execute(schema.orders.update().values(customer_id=other))
    merges.undo(connection, done.id, **BY)
    assert owners(connection, "orders")[row] == other


def test_merges_that_cannot_be(connection: Connection) -> None:
    old, new, third = (customer(connection) for _ in range(3))
    with pytest.raises(Refused, match="itself"):
        merges.merge(connection, old, old, "same person", **BY)
    with pytest.raises(Refused, match="reason"):
        merges.merge(connection, old, new, "  ", **BY)
    with pytest.raises(NotFound):
        merges.merge(connection, old, "cus_nobody", "same person", **BY)
    merges.merge(connection, old, new, "same person", **BY)
    with pytest.raises(Refused, match="already"):
        merges.merge(connection, old, third, "same person", **BY)
    with pytest.raises(Refused, match="already"):
        merges.merge(connection, third, old, "same person", **BY)


@pytest.mark.parametrize(
    "link", ["anonymous", "+266696687", "client:ada", "12345", "MyBank", "sip:a@example.com"]
)
def test_a_shared_odd_caller_id_is_no_ground_for_a_merge(connection: Connection, link: str) -> None:
    with pytest.raises(Refused):
        merges.merge(connection, customer(connection), customer(connection), "same caller", link=link, **BY)
    assert merges.list_merges(connection).items == ()


@pytest.mark.parametrize("link", ["+12025550123", "whatsapp:+12025550123", "ada@example.com"])
def test_an_address_of_ones_own_is_a_ground_for_a_merge(connection: Connection, link: str) -> None:
    old, new = customer(connection), customer(connection)
    assert merges.merge(connection, old, new, "same caller", link=link, **BY).into_id == new


def test_candidates_share_an_address_that_means_something(connection: Connection) -> None:
    ada, same, stranger = (customer(connection, name) for name in ("Ada", "Ada W.", "Stranger"))
    identities.add(connection, ada, "phone", "+12025550123", "agent", **BY)
    for owner, address in (
        (ada, "anonymous"),
        (ada, "+266696687"),
        (ada, ""),
        (stranger, "anonymous"),
        (stranger, "+266696687"),
        (stranger, ""),
        (same, "+12025550123"),
        (same, "+12025550123"),
    ):
        own(connection, "contacts", owner, from_address=address)
    assert merges.candidates(connection, ada) == [merges.Candidate(same, "Ada W.", "+12025550123", 2)]
    assert merges.candidates(connection, stranger) == []
    merges.merge(connection, same, ada, "same person", **BY)
    assert merges.candidates(connection, ada) == []


def test_list_in_pages_newest_first(connection: Connection) -> None:
    made = []
    for minute in range(5):
        moment = BY | {"at": AT + timedelta(minutes=minute)}
        made.append(merges.merge(connection, customer(connection), customer(connection), "same", **moment).id)
    first = merges.list_merges(connection, limit=3)
    second = merges.list_merges(connection, cursor=first.next_cursor, limit=3)
    assert [item.id for item in (*first.items, *second.items)] == made[::-1]


def test_a_contact_tells_whose_it_was_and_became(connection: Connection) -> None:
    old, new = customer(connection), customer(connection)
    contact = own(connection, "contacts", old)
    done = merges.merge(connection, old, new, "the same person", **BY)
    merges.undo(connection, done.id, **BY)
    told = [(entry.kind, entry.data["customer_id"]) for entry in journal.read(connection, contact)]
    assert told == [("merged", new), ("unmerged", old)]
