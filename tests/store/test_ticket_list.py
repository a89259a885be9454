from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from crm_store import schema
from crm_store.errors import Refused
from crm_store.store import Store
from crm_store.ticket_list import TicketFilter, list_tickets
from crm_store.tickets import Ticket
from tests.store.making import AT, add_agent, add_customer

HOUR = timedelta(hours=1)


def _ticket(number: int, **fields: Any) -> Ticket:
    usual: dict[str, Any] = {
        "id": f"tkt_{number}",
        "number": f"1000000{number}",
        "category": "complaint",
        "subject": "s",
        "priority": 3,
        "queue": "complaints",
        "opened_at": AT + number * HOUR,
        "due_at": AT + 24 * HOUR,
        "updated_at": AT,
    }
    return Ticket(**(usual | fields))


def _add(store: Store, *wanted: Ticket) -> None:
    with store.writing() as connection:
        for ticket in wanted:
            connection.execute(schema.tickets.insert(), msgspec.structs.asdict(ticket))


def _ids(store: Store, order: Any = "newest", **which: Any) -> list[str]:
    with store.reading() as connection:
        page = list_tickets(connection, TicketFilter(**which), order=order)
        return [ticket.id for ticket in page.items]


@pytest.mark.parametrize(
    ("which", "has"),
    [
        ({"status": "waiting"}, {"status": "waiting"}),
        ({"open": False}, {"status": "closed"}),
        ({"assignee_id": "agt_1"}, {"assignee_id": "agt_1"}),
        ({"unassigned": False}, {"assignee_id": "agt_1"}),
        ({"queue": "billing"}, {"queue": "billing"}),
        ({"customer_id": "cus_1"}, {"customer_id": "cus_1"}),
        ({"priority": 1}, {"priority": 1}),
        ({"severity": "urgent"}, {"severity": "urgent"}),
        ({"category": "voicemail"}, {"category": "voicemail"}),
        ({"order_number": "A-1"}, {"order_number": "A-1"}),
        ({"overdue_at": AT + 24 * HOUR}, {"due_at": AT + 23 * HOUR}),
        ({"since": AT + 9 * HOUR}, {"opened_at": AT + 9 * HOUR}),
        ({"until": AT}, {"opened_at": AT - HOUR}),
    ],
    ids=lambda value: next(iter(value)),
)
def test_each_filter_lets_pass_what_has_it_and_nothing_else(
    store: Store, which: dict[str, Any], has: dict[str, Any]
) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_customer(connection, "cus_1")
    _add(store, _ticket(1), _ticket(2, **has))
    assert _ids(store, **which) == ["tkt_2"]
    assert len(_ids(store)) == 2


def test_open_and_unassigned_have_both_sides(store: Store) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
    _add(store, _ticket(1), _ticket(2, status="resolved", assignee_id="agt_1"))
    assert _ids(store, open=True) == ["tkt_1"]
    assert _ids(store, unassigned=True) == ["tkt_1"]


def test_what_is_settled_is_never_overdue(store: Store) -> None:
    _add(store, _ticket(1, status="resolved", due_at=AT))
    assert _ids(store, overdue_at=AT + HOUR) == []


def test_the_order_of_work_is_priority_then_due_time(store: Store) -> None:
    _add(
        store,
        _ticket(1, priority=3, due_at=AT),
        _ticket(2, priority=1, due_at=AT + 3 * HOUR),
        _ticket(3, priority=1, due_at=AT + 9 * HOUR),
    )
    assert _ids(store, order="work") == ["tkt_2", "tkt_3", "tkt_1"]
    assert _ids(store, order="newest") == ["tkt_3", "tkt_2", "tkt_1"]


@pytest.mark.parametrize("order", ["newest", "work"])
def test_pages_give_every_ticket_once(store: Store, order: Any) -> None:
    _add(store, *(_ticket(n, priority=1 + n % 2, opened_at=AT, due_at=AT + n // 3 * HOUR) for n in range(7)))
    seen: list[str] = []
    cursor: str | None = None
    with store.reading() as connection:
        while True:
            page = list_tickets(connection, TicketFilter(), cursor, limit=3, order=order)
            seen += [ticket.id for ticket in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        with pytest.raises(Refused):
            list_tickets(connection, TicketFilter(), "nonsense", order=order)
    assert seen == _ids(store, order=order)
    assert len(set(seen)) == 7
