"""What agents do to tickets (contact_center.tickets), on both databases."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from contact_center import tickets as actions
from contact_center.ticket import Sla
from contact_center.tickets import Deed
from crm_store import schema, ticket_numbers, tickets
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.store import Store
from crm_store.tickets import NewTicket, Ticket
from ivr_flows.calendar import ALWAYS_OPEN
from tests.store.making import AT, add_agent, add_customer

HOUR = timedelta(hours=1)
DEED = Deed("agent:agt_1", AT + HOUR)
SLA = Sla(ALWAYS_OPEN)


@pytest.fixture
def ticket(store: Store, ids: Ids) -> Ticket:
    """A complaint of a key customer, and agents to work on it."""
    with store.writing() as connection:
        add_customer(connection, "cus_1", tier="key")
        add_agent(connection, "agt_1")
        add_agent(connection, "agt_2")
        add_agent(connection, "agt_gone", active=False)
        queue = {"id": "que_1", "name": "billing", "title": {}, "service_level": {}, "skills": {}}
        connection.execute(schema.queues.insert(), queue)
        new = NewTicket(
            category="complaint",
            subject="s",
            severity="normal",
            priority=2,
            opened_at=AT,
            due_at=AT + 24 * HOUR,
            queue="complaints",
            customer_id="cus_1",
        )
        return tickets.open_or_join(connection, new, AT, ids, lambda: ticket_numbers.draw(Random(1)))[0]


def test_a_ticket_goes_through_its_life(store: Store, ticket: Ticket) -> None:
    name = ticket.id
    with store.writing() as connection:
        assert actions.claim_ticket(connection, name, "agt_1", DEED).assignee_id == "agt_1"
        actions.note_on_ticket(connection, name, "问过快递", DEED)
        assert actions.set_ticket_waiting(connection, name, DEED, "photos").status == "waiting"
        assert actions.claim_ticket(connection, name, "agt_1", DEED).status == "in_progress"
        raised = actions.escalate_ticket(connection, name, DEED, SLA)
        assert (raised.severity, raised.priority, raised.due_at) == ("high", 1, AT + 9 * HOUR)
        assert actions.reassign_ticket(connection, name, DEED, agent_id="agt_2").assignee_id == "agt_2"
        back = actions.reassign_ticket(connection, name, DEED, agent_id=None, queue="billing")
        assert (back.assignee_id, back.queue, back.status) == (None, "billing", "open")
        assert actions.resolve_ticket(connection, name, DEED, "refunded").resolved_at == DEED.at
        assert actions.reopen_ticket(connection, name, DEED, SLA, "not at all").status == "open"
        actions.resolve_ticket(connection, name, DEED)
        closed = actions.close_ticket(connection, name, DEED)
    with store.reading() as connection:
        assert tickets.get(connection, name) == closed
        history = tickets.history(connection, name)
    assert [event.kind for event in history] == [
        "opened",
        "claimed",
        "noted",
        "waiting",
        "claimed",
        "escalated",
        "reassigned",
        "reassigned",
        "resolved",
        "reopened",
        "resolved",
        "closed",
    ]
    assert {event.actor for event in history[1:]} == {"agent:agt_1"}
    assert history[2].data == {"text": "问过快递"}


def test_what_is_refused_leaves_no_trace(store: Store, ticket: Ticket) -> None:
    with store.writing() as connection, pytest.raises(Refused, match="resolve it first"):
        actions.close_ticket(connection, ticket.id, DEED)
    with store.reading() as connection:
        assert tickets.get(connection, ticket.id) == ticket
        assert len(tickets.history(connection, ticket.id)) == 1


def test_only_agents_and_queues_that_are_there_get_a_ticket(store: Store, ticket: Ticket) -> None:
    with store.writing() as connection:
        for agent_id in ("agt_9", "agt_gone"):
            with pytest.raises(NotFound, match=agent_id):
                actions.claim_ticket(connection, ticket.id, agent_id, DEED)
            with pytest.raises(NotFound, match=agent_id):
                actions.reassign_ticket(connection, ticket.id, DEED, agent_id=agent_id)
        with pytest.raises(NotFound, match="nowhere"):
            actions.reassign_ticket(connection, ticket.id, DEED, agent_id=None, queue="nowhere")


def test_a_ticket_is_found_by_id_and_by_what_people_say(store: Store, ticket: Ticket) -> None:
    named = [
        ticket.id,
        ticket.number,
        ticket_numbers.format_number(ticket.number),
        ticket_numbers.spoken(ticket.number, "zh"),
    ]
    with store.reading() as connection:
        assert [actions.find_ticket(connection, name) for name in named] == [ticket] * 4
        wrong = ticket.number[:-1] + str((int(ticket.number[-1]) + 1) % 10)
        for name in (wrong, "13195763", "tkt_9", "help"):
            with pytest.raises(NotFound):
                actions.find_ticket(connection, name)
