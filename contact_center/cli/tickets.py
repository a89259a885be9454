"""``tickets``: list, show, and what agents do to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import Connection

from contact_center import tickets as deeds
from contact_center.actions.tickets import changing
from contact_center.api.models import tickets as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import sla, ticket_detail, ticket_filter
from contact_center.cli.common import Desk, config_option, json_option, open_desk
from contact_center.cli.options import options_of, read_options
from contact_center.cli.printing import Columns, local, print_fields, print_json, print_page, print_section
from contact_center.tickets import Deed
from crm_store import agents, audit, ticket_list
from crm_store.ticket_numbers import format_number
from crm_store.tickets import Ticket


@click.group()
def tickets() -> None:
    """What customers want mended: list, claim, note, reassign, resolve, reopen."""


def columns(zone: tzinfo) -> Columns:
    """What a list of tickets shows."""
    return {
        "TICKET": lambda ticket: format_number(ticket.number),
        "STATUS": lambda ticket: ticket.status,
        "PRIORITY": lambda ticket: ticket.priority,
        "SEVERITY": lambda ticket: ticket.severity,
        "DUE": lambda ticket: local(ticket.due_at, zone),
        "SUBJECT": lambda ticket: ticket.subject,
        "ORDER": lambda ticket: ticket.order_number,
        "ASSIGNEE": lambda ticket: ticket.assignee_id,
    }


@tickets.command("list")
@options_of(shapes.TicketQuery)
@json_option
@config_option
def list_(config_path: Path | None, as_json: bool, **given: Any) -> None:
    """List tickets, newest first or in the order in which to work on them."""
    with open_desk(config_path) as desk:
        asked = read_options(shapes.TicketQuery, given, desk.zone)
        with desk.reading() as connection:
            found = ticket_list.list_tickets(
                connection, ticket_filter(asked, desk.at), asked.cursor, asked.limit, asked.order
            )
        print_page(Page[shapes.Ticket].model_validate(found), columns(desk.zone), as_json=as_json)


@tickets.command()
@click.argument("ticket")
@json_option
@config_option
def show(config_path: Path | None, ticket: str, as_json: bool) -> None:
    """Show TICKET (its number or id) with its history."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            detail = ticket_detail(connection, deeds.find_ticket(connection, ticket), desk.at)
        _print(detail, desk, as_json=as_json)


Change = Callable[[Connection, str, Deed], Ticket]


def _act(
    config_path: Path | None, ticket: str, action: str, change: Callable[[Desk], Change], as_json: bool
) -> None:
    """Do something to a ticket, and show it as it then is."""
    with open_desk(config_path) as desk:
        with desk.writing() as connection:
            found = deeds.find_ticket(connection, ticket)
            by = Deed(desk.actor, desk.at)
            deed = desk.act(connection)
            changed = changing(deed, found.id, lambda: change(desk)(connection, found.id, by))
            deed.flush()
            audit.write(connection, f"ticket.{action}", changed.id, {}, **desk.by)
            detail = ticket_detail(connection, changed, desk.at)
        _print(detail, desk, as_json=as_json)


def _agent_id(connection: Connection, named: str) -> str:
    """An agent's id, for an id or an e-mail address."""
    found = agents.get_by_email(connection, named) if "@" in named else None
    return found.id if found else named


@tickets.command()
@click.argument("ticket")
@click.option("--agent", required=True, help="Who takes it: an agent's id or e-mail address.")
@json_option
@config_option
def claim(config_path: Path | None, ticket: str, agent: str, as_json: bool) -> None:
    """An agent takes TICKET, or goes on with it."""

    def change(_: Desk) -> Change:
        return lambda connection, id_, deed: deeds.claim_ticket(
            connection, id_, _agent_id(connection, agent), deed
        )

    _act(config_path, ticket, "claimed", change, as_json)


@tickets.command()
@click.argument("ticket")
@click.argument("text")
@json_option
@config_option
def note(config_path: Path | None, ticket: str, text: str, as_json: bool) -> None:
    """Write TEXT into the history of TICKET."""
    _act(
        config_path,
        ticket,
        "noted",
        lambda _: lambda connection, id_, deed: deeds.note_on_ticket(connection, id_, text, deed),
        as_json,
    )


@tickets.command()
@click.argument("ticket")
@click.option("--agent", help="To an agent: id or e-mail address.")
@click.option("--queue", default="", help="To a queue; without --agent to nobody in particular there.")
@click.option("--reason", default="", help="Why.")
@json_option
@config_option
def reassign(
    config_path: Path | None, ticket: str, agent: str | None, queue: str, reason: str, as_json: bool
) -> None:
    """Give TICKET to another agent or queue."""

    def change(_: Desk) -> Change:
        return lambda connection, id_, deed: deeds.reassign_ticket(
            connection,
            id_,
            deed,
            agent_id=_agent_id(connection, agent) if agent else None,
            queue=queue,
            reason=reason,
        )

    _act(config_path, ticket, "reassigned", change, as_json)


@tickets.command()
@click.argument("ticket")
@click.option("--resolution", default="", help="How it was settled.")
@json_option
@config_option
def resolve(config_path: Path | None, ticket: str, resolution: str, as_json: bool) -> None:
    """TICKET is settled."""
    _act(
        config_path,
        ticket,
        "resolved",
        lambda _: lambda connection, id_, deed: deeds.resolve_ticket(connection, id_, deed, resolution),
        as_json,
    )


@tickets.command()
@click.argument("ticket")
@click.option("--reason", default="", help="Why.")
@json_option
@config_option
def reopen(config_path: Path | None, ticket: str, reason: str, as_json: bool) -> None:
    """TICKET was not settled after all."""

    def change(desk: Desk) -> Change:
        return lambda connection, id_, deed: deeds.reopen_ticket(
            connection, id_, deed, sla(connection, desk.config), reason
        )

    _act(config_path, ticket, "reopened", change, as_json)


def _print(ticket: shapes.TicketDetail, desk: Desk, *, as_json: bool) -> None:
    if as_json:
        print_json(ticket)
        return
    print_fields(
        {
            "ticket": format_number(ticket.number),
            "subject": ticket.subject,
            "status": ticket.status + (", overdue" if ticket.overdue else ""),
            "severity": f"{ticket.severity}, priority {ticket.priority}",
            "due": local(ticket.due_at, desk.zone),
            "opened": local(ticket.opened_at, desk.zone),
            "resolved": local(ticket.resolved_at, desk.zone),
            "category": ticket.category,
            "queue": ticket.queue,
            "assignee": ticket.assignee_id,
            "order": ticket.order_number,
            "customer": ticket.customer_id,
            "reach back": ticket.contact_back,
            "contacts": ticket.contact_ids,
            "description": ticket.description,
            "may now": ticket.allowed,
        }
    )
    history: Columns = {
        "AT": lambda event: local(event.at, desk.zone),
        "WHAT": lambda event: event.kind,
        "BY": lambda event: event.actor,
        "DETAILS": lambda event: [
            f"{name}: {value}" for name, value in event.data.items() if value and name != "why"
        ],
    }
    print_section("History", history, ticket.history)
