"""``customers``: list, show, merge, and take a merge back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from contact_center.api.models import customers as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import customer_detail, customer_filter
from contact_center.cli.common import config_option, json_option, open_desk
from contact_center.cli.contacts import columns as contact_columns
from contact_center.cli.options import options_of, read_options
from contact_center.cli.printing import (
    Columns,
    local,
    print_fields,
    print_json,
    print_page,
    print_section,
)
from contact_center.cli.tickets import columns as ticket_columns
from crm_store import customers as store
from crm_store import merges

COLUMNS: Columns = {
    "CUSTOMER": lambda customer: customer.id,
    "NAME": lambda customer: customer.name,
    "TIER": lambda customer: customer.tier,
    "LANGUAGE": lambda customer: customer.language,
    "TAGS": lambda customer: customer.tags,
    "MERGED INTO": lambda customer: customer.merged_into,
}


@click.group()
def customers() -> None:
    """Who customers are; merge two that are one."""


@customers.command("list")
@options_of(shapes.CustomerQuery)
@json_option
@config_option
def list_(config_path: Path | None, as_json: bool, **given: Any) -> None:
    """List customers, newest first."""
    with open_desk(config_path) as desk:
        asked = read_options(shapes.CustomerQuery, given, desk.zone)
        with desk.reading() as connection:
            found = store.search(connection, customer_filter(asked), asked.cursor, asked.limit)
        print_page(Page[shapes.Customer].model_validate(found), COLUMNS, as_json=as_json)


@customers.command()
@click.argument("customer")
@json_option
@config_option
def show(config_path: Path | None, customer: str, as_json: bool) -> None:
    """Show CUSTOMER (an id) with identities, orders, open tickets and contacts."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            detail = customer_detail(connection, customer)
        if as_json:
            print_json(detail)
            return
        print_fields(
            {
                "customer": detail.id,
                "name": detail.name,
                "language": detail.language,
                "tier": detail.tier,
                "tags": detail.tags,
                "prefers": f"{detail.preferred_channel} {detail.preferred_hours}".strip(),
                "account": detail.account_id,
                "owner": detail.owner_id,
                "merged into": detail.merged_into,
                "no messages to": [
                    f"{consent.kind} {consent.address}" for consent in detail.consents if consent.opted_out
                ],
                "notes": detail.notes,
                "version": detail.version,
            }
        )
        known_by: Columns = {
            "KIND": lambda identity: identity.kind,
            "IDENTITY": lambda identity: identity.value,
            "EVIDENCE": lambda identity: identity.evidence,
            "SINCE": lambda identity: local(identity.created_at, desk.zone),
        }
        bought: Columns = {
            "ORDER": lambda order: order.number,
            "STATUS": lambda order: order.status,
            "PLACED": lambda order: local(order.placed_at, desk.zone),
            "ITEMS": lambda order: [f"{item.quantity} × {item.name}" for item in order.items],
        }
        print_section("Known by", known_by, detail.identities)
        print_section("Orders", bought, detail.orders)
        print_section("Open tickets", ticket_columns(desk.zone), detail.open_tickets)
        print_section("Contacts", contact_columns(desk.zone), detail.contacts)


@customers.command()
@click.argument("from_customer")
@click.argument("into_customer")
@click.option("--reason", required=True, help="How you know that the two are one.")
@click.option("--link", default="", help="The number or e-mail address that both have.")
@json_option
@config_option
def merge(
    config_path: Path | None, from_customer: str, into_customer: str, reason: str, link: str, as_json: bool
) -> None:
    """Make FROM_CUSTOMER part of INTO_CUSTOMER; `unmerge` takes it back."""
    with open_desk(config_path) as desk:
        with desk.writing() as connection:
            done = merges.merge(connection, from_customer, into_customer, reason, link=link, **desk.by)
        if as_json:
            print_json(shapes.Merge.model_validate(done))
            return
        moved = ", ".join(f"{len(rows)} {table}" for table, rows in done.moved.items() if rows)
        click.echo(f"{done.from_id} is part of {done.into_id} now; moved: {moved or 'nothing'}")
        click.echo(f"to take it back: contact-center customers unmerge {done.id}")


@customers.command()
@click.argument("merge_id", metavar="MERGE")
@json_option
@config_option
def unmerge(config_path: Path | None, merge_id: str, as_json: bool) -> None:
    """Take MERGE back: what it moved returns, what came since stays."""
    with open_desk(config_path) as desk:
        with desk.writing() as connection:
            undone = merges.undo(connection, merge_id, **desk.by)
        if as_json:
            print_json(shapes.Merge.model_validate(undone))
            return
        click.echo(f"{undone.from_id} and {undone.into_id} are two customers again")
