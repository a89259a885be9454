"""``agents``, ``queues`` and ``calendars``: what is set up."""

from __future__ import annotations

from pathlib import Path

import click

from contact_center.api.models import staff as shapes
from contact_center.api.models.common import listed
from contact_center.cli.common import config_option, json_option, open_desk
from contact_center.cli.printing import print_page
from crm_store import agents as agent_store
from crm_store import calendars as calendar_store
from crm_store import queues as queue_store


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
            found = agent_store.list_agents(connection)
        print_page(
            listed(shapes.Agent, found),
            {
                "AGENT": lambda agent: agent.id,
                "NAME": lambda agent: agent.name,
                "E-MAIL": lambda agent: agent.email,
                "ROLE": lambda agent: agent.role,
                "LANGUAGES": lambda agent: agent.languages,
                "SKILLS": lambda agent: [f"{name} {level}" for name, level in agent.skills.items()],
                "ACTIVE": lambda agent: agent.active,
            },
            as_json=as_json,
        )


@queues.command("list")
@json_option
@config_option
def list_queues(config_path: Path | None, as_json: bool) -> None:
    """List queues by name."""
    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            found = queue_store.list_queues(connection)
        print_page(
            listed(shapes.Queue, found),
            {
                "QUEUE": lambda queue: queue.name,
                "CALENDAR": lambda queue: queue.calendar,
                "LONGEST WAIT": lambda queue: f"{queue.max_wait} s",
                "SERVICE LEVEL": lambda queue: (
                    f"{queue.service_level.target:.0%} in {queue.service_level.seconds} s"
                ),
                "SKILLS": lambda queue: [f"{name} {level}" for name, level in queue.skills.items()],
            },
            as_json=as_json,
        )


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
