"""``tokens``: who may use the HTTP API."""

from __future__ import annotations

from pathlib import Path

import click

from contact_center.api.models import staff as shapes
from contact_center.api.models.common import listed
from contact_center.cli.common import config_option, json_option, open_desk
from contact_center.cli.printing import Columns, local, print_json, print_page
from crm_store import agents
from crm_store import tokens as store


@click.group()
def tokens() -> None:
    """Tokens for the HTTP API."""


@tokens.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(agents.ROLES),
    default="agent",
    show_default=True,
    help="What it may do.",
)
@click.option("--agent", help="The agent for whom it acts: id or e-mail address.")
@json_option
@config_option
def create(config_path: Path | None, name: str, role: str, agent: str | None, as_json: bool) -> None:
    """Make a token; NAME says what it is for. Its secret is shown this once."""
    with open_desk(config_path) as desk:
        with desk.writing() as connection:
            found = agents.get_by_email(connection, agent) if agent and "@" in agent else None
            agent_id = found.id if found else agent
            made = store.create(connection, name, role, agent_id=agent_id, **desk.by)
        if as_json:
            row = shapes.Token.model_validate(made.token).model_dump()
            print_json(shapes.CreatedToken(**row, secret=made.secret))
            return
        click.echo(made.secret)
        click.echo(
            f"{made.token.id}, role {role}: send it as `Authorization: Bearer {store.PREFIX}...`; "
            "it cannot be shown again",
            err=True,
        )


@tokens.command("list")
@json_option
@config_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """List tokens, revoked ones too, oldest first."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            found = store.list_tokens(connection)
        columns: Columns = {
            "TOKEN": lambda token: token.id,
            "NAME": lambda token: token.name,
            "ROLE": lambda token: token.role,
            "AGENT": lambda token: token.agent_id,
            "CREATED": lambda token: local(token.created_at, desk.zone),
            "LAST USED": lambda token: local(token.last_used_at, desk.zone),
            "REVOKED": lambda token: local(token.revoked_at, desk.zone),
        }
        print_page(listed(shapes.Token, found), columns, as_json=as_json)


@tokens.command()
@click.argument("token")
@json_option
@config_option
def revoke(config_path: Path | None, token: str, as_json: bool) -> None:
    """Make TOKEN (its id) worthless at once."""
    with open_desk(config_path) as desk:
        with desk.writing() as connection:
            revoked = store.revoke(connection, token, **desk.by)
        if as_json:
            print_json(shapes.Token.model_validate(revoked))
            return
        click.echo(f"{revoked.id} is revoked")
