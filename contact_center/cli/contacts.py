"""``contacts``: list them, and read one as it happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from contact_center.api.models import contacts as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import contact_detail, contact_filter, timeline
from contact_center.cli.common import config_option, json_option, open_desk
from contact_center.cli.options import options_of, read_options
from contact_center.cli.printing import Columns, local, print_fields, print_json, print_page, shown
from crm_store import contacts as store
from crm_store import customers
from crm_store.ticket_numbers import format_number


@click.group()
def contacts() -> None:
    """Calls and conversations: list them, and read what happened."""


def columns(zone: Any) -> Columns:
    """What a list of contacts shows."""
    return {
        "STARTED": lambda contact: local(contact.started_at, zone),
        "CONTACT": lambda contact: contact.id,
        "CHANNEL": lambda contact: contact.channel,
        "FROM": lambda contact: contact.from_address or "(withheld)",
        "STATE": lambda contact: contact.state,
        "OUTCOME": lambda contact: contact.outcome,
        "FLOW": lambda contact: contact.flow,
        "REASON": lambda contact: contact.reason,
    }


@contacts.command("list")
@options_of(shapes.ContactQuery)
@json_option
@config_option
def list_(config_path: Path | None, as_json: bool, **given: Any) -> None:
    """List contacts, newest first."""
    with open_desk(config_path) as desk:
        asked = read_options(shapes.ContactQuery, given, desk.zone)
        with desk.reading() as connection:
            found = store.list_contacts(connection, contact_filter(asked), asked.cursor, asked.limit)
        print_page(Page[shapes.Contact].model_validate(found), columns(desk.zone), as_json=as_json)


@contacts.command()
@click.argument("contact")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Language of the timeline.")
@json_option
@config_option
def show(config_path: Path | None, contact: str, language: str | None, as_json: bool) -> None:
    """Read what happened in CONTACT, from its first second to its last."""
    with open_desk(config_path) as desk:
        if language is None:
            language = "zh" if desk.config.company.default_language.startswith("zh") else "en"
        with desk.reading() as connection:
            detail = contact_detail(connection, contact)
            story = timeline(connection, contact, language)
            known = customers.find(connection, detail.customer_id) if detail.customer_id else None
        if as_json:
            print_json(shapes.ContactStory(contact=detail, timeline=story))
            return
        print_fields(
            {
                "contact": detail.id,
                "channel": f"{detail.channel}, {detail.direction}",
                "from": detail.from_address or "(withheld)",
                "to": detail.to_address,
                "customer": f"{known.name} ({known.id})" if known else "",
                "language": detail.language,
                "flow": detail.flow,
                "reason": detail.reason,
                "tags": detail.tags,
                "state": f"{detail.state}, owner {detail.owner}",
                "started": local(detail.started_at, desk.zone),
                "ended": local(detail.ended_at, desk.zone),
                "outcome": detail.outcome,
                "end reason": detail.end_reason,
                "tickets": [format_number(number) for number in detail.tickets],
            }
        )
        click.echo()
        for line in story.lines:
            clock = line.at.astimezone(desk.zone).strftime("%H:%M:%S")
            click.echo(f"{clock}  {offset(line.offset)}  {shown(line.text)}")


def offset(seconds: float) -> str:
    """Time since the beginning, as ``+01:15`` or ``+2:01:15``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes:02}:{rest:02}"
    return text.rjust(8)
