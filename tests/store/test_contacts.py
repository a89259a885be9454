from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from crm_store import contacts, schema
from crm_store.contacts import Contact, ContactFilter
from crm_store.errors import NotFound, Refused
from crm_store.store import Store
from tests.store.making import AT, a_contact, add_agent, add_contact, add_customer

MINUTE = timedelta(minutes=1)


def test_the_struct_has_the_columns_of_the_table_in_their_order() -> None:
    assert Contact.__struct_fields__ == tuple(column.name for column in schema.contacts.c)


def test_a_contact_comes_back_as_it_was_written(store: Store) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_customer(connection, "cus_1")
    contact = a_contact(
        state="waiting",
        customer_id="cus_1",
        reason="refund",
        tags=("vip", "退款"),
        session='{"node": "菜单"}',
        version=4,
        journal_length=9,
        turn=3,
        queued_at=AT + timedelta(microseconds=1),
        connected_at=AT + MINUTE,
        ended_at=AT + 2 * MINUTE,
        due_at=AT + 3 * MINUTE,
        queue="billing",
        priority=5,
        agent_id="agt_1",
        outcome="answered",
        end_reason="customer",
    )
    with store.writing() as connection:
        connection.execute(schema.contacts.insert(), contacts.columns(contact))
    with store.reading() as connection:
        assert contacts.get(connection, "con_1") == contact


def test_times_of_another_zone_come_back_as_the_same_instant_in_utc(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    with store.writing() as connection:
        add_contact(connection, started_at=datetime(2026, 3, 2, 17, 30, tzinfo=shanghai))
    with store.reading() as connection:
        found = contacts.get(connection, "con_1").started_at
    assert (found, found.tzinfo) == (AT, UTC)


def test_a_contact_is_found_by_each_of_its_keys(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", provider_ref="CA1", open_key=None, started_at=AT)
        add_contact(connection, "con_2", provider_ref="CA1", started_at=AT + MINUTE)
        add_contact(connection, "con_3", provider_ref="CA1", channel="console")
    with store.reading() as connection:
        by_key = contacts.get_by_open_key(connection, "phone:con_2")
        latest = contacts.get_by_provider_ref(connection, "phone", "CA1")
        assert by_key is not None
        assert latest is not None
        assert (by_key.id, latest.id) == ("con_2", "con_2")
        assert contacts.get_by_open_key(connection, "phone:con_1") is None
        assert contacts.get_by_provider_ref(connection, "sms", "CA1") is None
        assert contacts.find(connection, "con_4") is None
        with pytest.raises(NotFound, match="con_4"):
            contacts.get(connection, "con_4")


def test_the_sweep_gets_open_contacts_that_are_due_the_longest_overdue_first(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_later", due_at=AT + MINUTE)
        add_contact(connection, "con_now", due_at=AT)
        add_contact(connection, "con_long_ago", due_at=AT - MINUTE)
        add_contact(connection, "con_ended", due_at=AT - MINUTE, state="ended")
        add_contact(connection, "con_never", due_at=None)
    with store.reading() as connection:
        assert [c.id for c in contacts.due(connection, AT, 10)] == ["con_long_ago", "con_now"]
        assert [c.id for c in contacts.due(connection, AT, 1)] == ["con_long_ago"]


def test_the_line_is_by_priority_then_by_time_and_positions_agree_with_it(store: Store) -> None:
    with store.writing() as connection:
        for contact_id, priority, minutes in (
            ("con_c", 0, 1),
            ("con_a", 0, 2),
            ("con_b", 0, 2),
            ("con_key", 5, 9),
        ):
            add_contact(
                connection,
                contact_id,
                state="waiting",
                queue="billing",
                priority=priority,
                queued_at=AT + minutes * MINUTE,
            )
        add_contact(connection, "con_x", state="waiting", queue="sales", queued_at=AT)
        add_contact(connection, "con_y", state="connected", queue="billing", queued_at=AT)
    with store.reading() as connection:
        line = contacts.waiting(connection, "billing")
        assert [c.id for c in line] == ["con_key", "con_c", "con_a", "con_b"]
        assert [contacts.position_in_queue(connection, c) for c in line] == [1, 2, 3, 4]
        assert contacts.queue_length(connection, "billing") == 4
        assert contacts.queue_length(connection, "nobody") == 0
        newcomer = a_contact("con_z", queue="billing", priority=1, queued_at=AT + 20 * MINUTE)
        assert contacts.position_in_queue(connection, newcomer) == 2
        with pytest.raises(ValueError, match="no queue"):
            contacts.position_in_queue(connection, a_contact("con_z"))


@pytest.mark.parametrize(
    "which",
    [
        {"since": AT + MINUTE},
        {"until": AT},
        {"channel": "sms"},
        {"direction": "outbound"},
        {"queue": "billing"},
        {"agent_id": "agt_1"},
        {"customer_id": "cus_1"},
        {"address": "+4930123456"},
        {"state": "ended"},
        {"outcome": "ticket"},
        {"end_reason": "customer"},
        {"flow": "hotline"},
        {"language": "en"},
        {"tag": '"quoted", 和中文'},
        {"ticket": "12345674"},
    ],
    ids=lambda which: next(iter(which)),
)
def test_each_filter_lets_pass_what_has_it_and_nothing_else(store: Store, which: dict[str, Any]) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_customer(connection, "cus_1")
        add_contact(connection, "con_plain", tags=("quoted", "和中文"), started_at=AT + timedelta(seconds=1))
        own = {name: value for name, value in which.items() if name in Contact.__struct_fields__}
        if "since" in which:
            own["started_at"] = AT + MINUTE
        if "until" in which:
            own["started_at"] = AT - timedelta(microseconds=1)
        if "address" in which:
            own["to_address"] = which["address"]
        if "tag" in which:
            own["tags"] = ("other", which["tag"])
        add_contact(connection, "con_wanted", **own)
        if "ticket" in which:
            _add_ticket(connection, which["ticket"], "con_wanted")
            _add_ticket(connection, "99999999", "con_plain")
    with store.reading() as connection:
        found = contacts.list_contacts(connection, ContactFilter(**which))
        assert [c.id for c in found.items] == ["con_wanted"]
        everything = contacts.list_contacts(connection, ContactFilter())
        assert len(everything.items) == 2


def _add_ticket(connection: Any, number: str, contact_id: str) -> None:
    times = dict.fromkeys(("opened_at", "due_at", "updated_at"), AT)
    row = {
        "id": f"tkt_{number}",
        "number": number,
        "category": "complaint",
        "subject": "s",
        "status": "open",
        "severity": "normal",
        "priority": 3,
        "version": 0,
    }
    connection.execute(schema.tickets.insert(), row | times)
    connection.execute(schema.ticket_contacts.insert(), {"ticket_id": row["id"], "contact_id": contact_id})


def test_the_either_end_filter_finds_the_caller_too(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", from_address="+4930123456")
    with store.reading() as connection:
        found = contacts.list_contacts(connection, ContactFilter(address="+4930123456"))
        assert [c.id for c in found.items] == ["con_1"]


def test_pages_give_every_contact_once_newest_first_while_others_come_in(store: Store) -> None:
    with store.writing() as connection:
        for number in range(7):
            add_contact(connection, f"con_{number}", started_at=AT + (number // 2) * MINUTE)
    seen: list[str] = []
    cursor: str | None = None
    with store.reading() as connection:
        while True:
            page = contacts.list_contacts(connection, ContactFilter(), cursor, limit=3)
            seen += [c.id for c in page.items]
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
            connection.rollback()
            with store.writing() as other:
                add_contact(other, f"con_new{len(seen)}", started_at=AT + timedelta(hours=1))
        with pytest.raises(Refused, match="cursor"):
            contacts.list_contacts(connection, ContactFilter(), "nonsense")
    assert seen == [f"con_{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_contacts_encode_to_json_for_the_api() -> None:
    contact = a_contact(tags=("vip",))
    assert msgspec.convert(msgspec.to_builtins(contact), Contact) == contact
