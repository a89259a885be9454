from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import msgspec
import pytest

from crm_store import schema, ticket_numbers, tickets
from crm_store.errors import Conflict, NotFound, Refused
from crm_store.ids import Ids
from crm_store.store import Store, Unit
from crm_store.tickets import Change, NewTicket, Ticket
from tests.store.making import AT, a_contact, add_account, add_agent, add_customer

HOUR = timedelta(hours=1)
RANDOM = Random(7)
COMPLAINT = NewTicket(
    category="complaint",
    subject="包裹坏了",
    description="箱子是湿的",
    severity="normal",
    priority=3,
    opened_at=AT,
    due_at=AT + 24 * HOUR,
    queue="complaints",
    contact_back="+8613800138000",
    order_number="A-1",
    customer_id="cus_1",
    contact_id="con_1",
)


def draw() -> str:
    return ticket_numbers.draw(RANDOM)


def _new(**fields: object) -> NewTicket:
    return msgspec.structs.replace(COMPLAINT, **fields)


@pytest.fixture
def crm(store: Store) -> Store:
    """A store with two customers of one account, one on their own, and two agents."""
    with store.writing() as connection:
        add_account(connection, "acc_1")
        add_customer(connection, "cus_1", account_id="acc_1")
        add_customer(connection, "cus_2", account_id="acc_1")
        add_customer(connection, "cus_3")
        add_agent(connection, "agt_1")
        add_agent(connection, "agt_2")
    return store


@pytest.fixture
def opened(crm: Store, ids: Ids) -> Ticket:
    """An open complaint of cus_1 about order A-1."""
    return _open(crm, ids, COMPLAINT)[0]


def _open(store: Store, ids: Ids, new: NewTicket) -> tuple[Ticket, bool]:
    with store.writing() as connection:
        return tickets.open_or_join(connection, new, AT + HOUR, ids, draw)


def _apply(store: Store, ticket: Ticket, **change: object) -> Ticket:
    with store.writing() as connection:
        return tickets.apply(
            connection, ticket, msgspec.convert(change, Change), AT + 2 * HOUR, "agent:agt_1"
        )


def test_a_ticket_is_opened_with_its_number_history_and_contact(crm: Store, ids: Ids) -> None:
    ticket, joined = _open(crm, ids, COMPLAINT)
    assert not joined
    assert ticket_numbers.is_valid(ticket.number)
    assert (ticket.status, ticket.assignee_id, ticket.opened_at) == ("open", None, AT)
    with crm.reading() as connection:
        assert tickets.get(connection, ticket.id) == ticket
        assert tickets.get_by_number(connection, ticket.number) == ticket
        (event,) = tickets.history(connection, ticket.id)
        assert (event.kind, event.actor, event.at) == ("opened", "flow", AT + HOUR)
        assert tickets.contact_ids(connection, ticket.id) == ["con_1"]
        assert tickets.list_for_contact(connection, "con_1") == [ticket]
        assert tickets.list_for_contact(connection, "con_2") == []
        with pytest.raises(NotFound, match="tkt_9"):
            tickets.get(connection, "tkt_9")
        assert tickets.get_by_number(connection, "00000000") is None


def test_a_second_complaint_about_the_order_joins_the_open_ticket(
    crm: Store, ids: Ids, opened: Ticket
) -> None:
    again, joined = _open(crm, ids, _new(subject="still wet", contact_id="con_2"))
    assert joined
    assert (again.id, again.number, again.subject) == (opened.id, opened.number, opened.subject)
    with crm.reading() as connection:
        assert tickets.contact_ids(connection, opened.id) == ["con_1", "con_2"]
        kinds = [(event.kind, event.data.get("subject")) for event in tickets.history(connection, opened.id)]
        assert kinds == [("opened", None), ("joined", "still wet")]
        assert tickets.get(connection, opened.id) == again


@pytest.mark.parametrize(
    ("new", "joins"),
    [
        ({}, True),
        ({"contact_id": None}, True),
        ({"customer_id": "cus_2"}, True),  # of the same account
        ({"customer_id": "cus_3"}, False),
        ({"customer_id": None}, False),  # a stranger hears nothing of it
        ({"order_number": "A-2"}, False),
        ({"order_number": ""}, False),
    ],
)
def test_who_joins_an_open_ticket(
    crm: Store, ids: Ids, opened: Ticket, new: dict[str, object], joins: bool
) -> None:
    ticket, joined = _open(crm, ids, _new(**new))
    assert (joined, ticket.id == opened.id) == (joins, joins)


def test_tickets_of_strangers_and_without_an_order_stand_alone(crm: Store, ids: Ids) -> None:
    for new in (_new(customer_id=None), _new(order_number="")):
        first, second = _open(crm, ids, new), _open(crm, ids, new)
        assert (first[1], second[1]) == (False, False)
        assert first[0].id != second[0].id


@pytest.mark.parametrize(
    ("new", "severity", "priority", "due"),
    [
        ({"severity": "urgent", "priority": 1, "due_at": AT + 4 * HOUR}, "urgent", 1, AT + 4 * HOUR),
        ({"severity": "low", "priority": 4, "due_at": AT + 72 * HOUR}, "normal", 3, AT + 24 * HOUR),
        ({"severity": "high", "priority": 2, "due_at": AT + 30 * HOUR}, "high", 2, AT + 24 * HOUR),
        ({"severity": "normal", "priority": 2, "due_at": AT + 23 * HOUR}, "normal", 2, AT + 23 * HOUR),
    ],
)
def test_joining_makes_a_ticket_more_pressing_and_never_less(
    crm: Store, ids: Ids, opened: Ticket, new: dict[str, object], severity: str, priority: int, due: object
) -> None:
    ticket, _ = _open(crm, ids, _new(**new))
    assert (ticket.severity, ticket.priority, ticket.due_at) == (severity, priority, due)


@pytest.mark.parametrize(
    ("assignee", "status"), [(None, "open"), ("agt_1", "in_progress")], ids=["nobodys", "an agents"]
)
def test_joining_ends_a_wait_for_the_customer(
    crm: Store, ids: Ids, opened: Ticket, assignee: str | None, status: str
) -> None:
    _apply(crm, opened, kind="waiting", status="waiting", assignee_id=assignee)
    ticket, joined = _open(crm, ids, COMPLAINT)
    assert (joined, ticket.status) == (True, status)


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_a_complaint_after_the_end_opens_another_ticket(
    crm: Store, ids: Ids, opened: Ticket, status: str
) -> None:
    ended = _apply(crm, opened, kind=status, status=status)
    assert ended.open_order_key is None
    ticket, joined = _open(crm, ids, COMPLAINT)
    assert not joined
    with pytest.raises(Refused, match=ticket.number):
        _apply(crm, ended, kind="reopened", status="open")


def test_a_reopened_ticket_is_joined_again(crm: Store, ids: Ids, opened: Ticket) -> None:
    ended = _apply(crm, opened, kind="resolved", status="resolved", resolved_at=AT)
    again = _apply(crm, ended, kind="reopened", status="open", resolved_at=None)
    assert again.resolved_at is None
    ticket, joined = _open(crm, ids, COMPLAINT)
    assert (ticket.id, joined) == (opened.id, True)


def test_a_customer_who_got_the_ticket_by_a_merge_joins_it(crm: Store, ids: Ids, opened: Ticket) -> None:
    with crm.writing() as connection:
        table = schema.tickets
        connection.execute(table.update().values(customer_id="cus_3", version=table.c.version + 1))
    ticket, joined = _open(crm, ids, _new(customer_id="cus_3"))
    assert (ticket.id, joined) == (opened.id, True)


def test_of_two_that_open_at_once_one_conflicts_and_then_joins(crm: Store, ids: Ids) -> None:
    with crm.reading() as connection:
        one, other = (tickets.prepare(connection, COMPLAINT, AT, ids, draw) for _ in range(2))
    assert (one.joined, other.joined) == (False, False)
    with crm.writing() as connection:
        one.write(connection)
    with crm.writing() as connection:
        with pytest.raises(Conflict):
            other.write(connection)
        ticket, joined = tickets.open_or_join(connection, COMPLAINT, AT, ids, draw)
    assert (ticket.id, joined) == (one.ticket.id, True)


def test_of_two_that_join_at_once_one_conflicts(crm: Store, ids: Ids, opened: Ticket) -> None:
    with crm.reading() as connection:
        one, other = (tickets.prepare(connection, COMPLAINT, AT, ids, draw) for _ in range(2))
    with crm.writing() as connection:
        one.write(connection)
        with pytest.raises(Conflict):
            other.write(connection)


def test_a_number_that_is_taken_is_drawn_again(crm: Store, ids: Ids, opened: Ticket) -> None:
    numbers: Iterator[str] = iter([opened.number, opened.number, "13195763"])
    with crm.writing() as connection:
        new = _new(order_number="A-2")
        ticket, _ = tickets.open_or_join(connection, new, AT, ids, lambda: next(numbers))
        assert ticket.number == "13195763"
        with pytest.raises(Refused, match="number"):
            tickets.prepare(connection, _new(order_number="A-3"), AT, ids, lambda: opened.number)


def test_a_number_that_somebody_else_drew_meanwhile_is_a_conflict(crm: Store, ids: Ids) -> None:
    with crm.reading() as connection:
        one = tickets.prepare(connection, _new(order_number="A-1"), AT, ids, lambda: "13195763")
        other = tickets.prepare(connection, _new(order_number="A-2"), AT, ids, lambda: "13195763")
    with crm.writing() as connection:
        one.write(connection)
        with pytest.raises(Conflict):
            other.write(connection)


async def test_ticket_and_contact_commit_together_or_not_at_all(crm: Store, ids: Ids) -> None:
    contact = msgspec.structs.asdict(a_contact("con_1")) | {"tags": []}
    prepared = await crm.read(lambda c: tickets.prepare(c, COMPLAINT, AT, ids, draw))

    def turn() -> Unit:
        unit = Unit()
        unit.insert("contacts", contact)
        unit.call(prepared.write)
        return unit

    await crm.commit(turn())
    with pytest.raises(Conflict):
        await crm.commit(turn())
    again = await crm.read(lambda c: tickets.prepare(c, _new(contact_id="con_9"), AT, ids, draw))
    unit = turn()  # its contact is there already, so nothing of it may stay
    unit.calls = [again.write]
    with pytest.raises(Conflict):
        await crm.commit(unit)
    with crm.reading() as connection:
        assert tickets.get(connection, prepared.ticket.id) == prepared.ticket
        assert tickets.contact_ids(connection, prepared.ticket.id) == ["con_1"]


def test_words_too_long_or_odd_for_a_column_do_not_fail_the_call(crm: Store, ids: Ids) -> None:
    odd = "坏" * 400 + "\0\ud800"
    new = _new(subject=odd, description=odd, order_number="9" * 99, contact_back="x" * 999)
    ticket, _ = _open(crm, ids, new)
    assert ticket.subject == "坏" * 300
    assert ticket.description == "坏" * 400 + "?"
    again, joined = _open(crm, ids, new)
    assert joined
    noted = _apply(crm, again, kind="noted", data={"text": "a\0b"})
    with crm.reading() as connection:
        assert tickets.get(connection, ticket.id) == noted
        assert tickets.history(connection, ticket.id)[-1].data == {"text": "ab"}


def test_a_change_writes_columns_and_history_and_moves_the_version(crm: Store, opened: Ticket) -> None:
    claimed = _apply(
        crm, opened, kind="claimed", status="in_progress", assignee_id="agt_1", data={"why": "mine"}
    )
    assert (claimed.status, claimed.assignee_id) == ("in_progress", "agt_1")
    assert (claimed.version, claimed.updated_at) == (opened.version + 1, AT + 2 * HOUR)
    same = _apply(crm, claimed, kind="noted", status="in_progress", data={"text": "谢谢"})
    with crm.reading() as connection:
        assert tickets.get(connection, opened.id) == same
        _, first, second = tickets.history(connection, opened.id)
    assert (first.kind, first.actor) == ("claimed", "agent:agt_1")
    assert first.data == {"why": "mine", "status": "in_progress", "assignee_id": "agt_1"}
    assert second.data == {"text": "谢谢"}  # only what changed


def test_a_change_of_what_somebody_else_changed_is_a_conflict_and_writes_nothing(
    crm: Store, opened: Ticket
) -> None:
    _apply(crm, opened, kind="claimed", assignee_id="agt_1")
    with pytest.raises(Conflict):
        _apply(crm, opened, kind="claimed", assignee_id="agt_2")
    with crm.reading() as connection:
        assert tickets.get(connection, opened.id).assignee_id == "agt_1"
        assert len(tickets.history(connection, opened.id)) == 2


def test_a_kind_of_history_that_nobody_explained_is_refused(crm: Store, opened: Ticket) -> None:
    with pytest.raises(ValueError, match="lost"):
        _apply(crm, opened, kind="lost")


def test_a_contact_is_linked_once(crm: Store, opened: Ticket) -> None:
    with crm.writing() as connection:
        tickets.link(connection, opened.id, "con_2")
        tickets.link(connection, opened.id, "con_2")
        assert tickets.contact_ids(connection, opened.id) == ["con_1", "con_2"]
