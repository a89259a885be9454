"""``agents``, ``queues`` and ``calendars``: what is set up, and how it goes just now."""

from __future__ import annotations

from pathlib import Path

import click

from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Page, listed
from contact_center.api.staff_views import all_agents, all_queues
from contact_center.cli import queue_file
from contact_center.cli.common import CliError, config_option, json_option, open_desk
from contact_center.cli.printing import print_page, print_table
from contact_center.sign_in.passwords import generate, hash_now
from crm_store import agents as agent_store
from crm_store import calendars as calendar_store
from crm_store import queues as queue_store
from crm_store.sessions import set_password


@click.group()
def agents() -> None:
    """People who serve customers."""


@click.group()
def queues() -> None:
    """Lines that contacts wait in."""


@click.group()
def calendars() -> None:
    """When the business is open."""


@agents.command("list")
@json_option
@config_option
def list_agents(config_path: Path | None, as_json: bool) -> None:
    """List agents by name."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            found = all_agents(connection)
        print_page(
            Page[shapes.Agent](items=found),
            {
                "AGENT": lambda agent: agent.id,
                "NAME": lambda agent: agent.name,
                "STATUS": lambda agent: f"{agent.status} ({agent.reason})" if agent.reason else agent.status,
                "E-MAIL": lambda agent: agent.email,
                "ROLE": lambda agent: agent.role,
                "LANGUAGES": lambda agent: agent.languages,
                "SKILLS": lambda agent: [f"{name} {level}" for name, level in agent.skills.items()],
                "REACH": lambda agent: agent.reach,
                "ACTIVE": lambda agent: agent.active,
            },
            as_json=as_json,
        )


@agents.command()
@click.argument("agent")
@click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")
@config_option
def password(config_path: Path | None, agent: str, ask: bool) -> None:
    """Give AGENT (id or e-mail address) a new password for the desk; their sessions end."""
    chosen = click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else generate()
    hashed = hash_now(chosen)
    with open_desk(config_path) as desk, desk.writing() as connection:
        found = (
            agent_store.get_by_email(connection, agent)
            if "@" in agent
            else agent_store.get(connection, agent)
        )
        if found is None:
            raise CliError(f"nobody has the address {agent}; `agents list` shows who is there")
        set_password(connection, found.id, hashed, **desk.by)
    if not ask:
        click.echo(chosen)
        click.echo(f"the password of {found.id}; it cannot be shown again", err=True)


@queues.command("list")
@json_option
@config_option
def list_queues(config_path: Path | None, as_json: bool) -> None:
    """List queues by name."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            found = all_queues(connection)
        configured = desk.config.routing.strategy
        print_page(
            Page[shapes.Queue](items=found),
            {
                "QUEUE": lambda queue: queue.name,
                "WAITING": lambda queue: queue.waiting,
                "STRATEGY": lambda queue: queue.routing.get("strategy", configured),
                "CALENDAR": lambda queue: queue.calendar,
                "LONGEST WAIT": lambda queue: f"{queue.max_wait} s",
                "SERVICE LEVEL": lambda queue: (
                    f"{queue.service_level.target:.0%} in {queue.service_level.seconds} s"
                ),
                "SKILLS": lambda queue: [f"{name} {level}" for name, level in queue.skills.items()],
            },
            as_json=as_json,
        )


@queues.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; the screen when left out.",
)
@config_option
def export(config_path: Path | None, output: Path | None) -> None:
    """Write all queues with their routing as YAML, for `queues apply`."""
    with open_desk(config_path) as desk, desk.reading() as connection:
        text = queue_file.write(queue_store.list_queues(connection))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CliError(f"{output} cannot be written: {error.strerror or type(error).__name__}") from None


@queues.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and show what would change; write nothing.")
@config_option
def apply(config_path: Path | None, file: Path, dry_run: bool) -> None:
    """Set up the queues in FILE (YAML, as `queues export` writes it), all of them or none.

    What a queue leaves out gets its default. Queues that FILE does not name stay as they are.
    """
    wanted = queue_file.read(file)
    with (
        open_desk(config_path) as desk,
        desk.writing() as connection,
        connection.begin_nested() as savepoint,
    ):
        changes = queue_file.apply(connection, file, wanted, desk.config.routing.strategy, desk.by)
        if dry_run:
            savepoint.rollback()
    if changes:
        print_table(
            {
                "QUEUE": lambda change: change.queue,
                "FIELD": lambda change: change.field,
                "BEFORE": lambda change: queue_file.as_text(change.before),
                "AFTER": lambda change: queue_file.as_text(change.after),
            },
            changes,
        )
    changed = len({change.queue for change in changes})
    would = "would change; nothing was written" if dry_run else "changed"
    click.echo(f"{changed} of {len(wanted)} queues {would}", err=True)


@calendars.command("list")
@json_option
@config_option
def list_calendars(config_path: Path | None, as_json: bool) -> None:
    """List business calendars by name."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            found = calendar_store.list_calendars(connection)
        print_page(
            listed(shapes.Calendar, found),
            {
                "CALENDAR": lambda calendar: calendar.name,
                "TIME ZONE": lambda calendar: calendar.timezone,
                "WEEK": lambda calendar: [
                    f"{day} {' '.join('-'.join(shift) for shift in shifts)}"
                    for day, shifts in calendar.weekly.items()
                ],
                "HOLIDAYS OF": lambda calendar: calendar.country,
            },
            as_json=as_json,
        )
