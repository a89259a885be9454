"""Queues and business calendars over the API."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Page, listed
from contact_center.api.problems import Problem
from contact_center.api.staff_views import all_queues, queue_view
from contact_center.policies import read_queue_policies
from contact_center.routing.policy import PolicyError, read_policy
from crm_store import calendars, queues
from crm_store.calendars import Calendar, CalendarSettings
from ivr_flows.calendar import CalendarError, read_calendar


async def list_queues(call: Call[Nothing, Nothing]) -> Page[shapes.Queue]:
    return Page[shapes.Queue](items=await call.read(all_queues))


async def get_queue(call: Call[Nothing, Nothing]) -> shapes.Queue:
    name = call.path["name"]
    return await call.read(lambda connection: queue_view(connection, queues.get(connection, name)))


async def put_queue(call: Call[Nothing, shapes.PutQueue]) -> shapes.Queue:
    name, settings = _name(call.path["name"]), call.body.settings()
    strategy = call.room.config.routing.strategy

    def work(connection: Connection) -> shapes.Queue:
        try:
            read_policy(name, settings.routing)
            made = queues.put(connection, name, settings, **call.by)
            read_queue_policies(connection, strategy)  # with what queues say of each other
        except PolicyError as error:
            raise Problem("invalid", f"{error}.", fields=[("routing", str(error))]) from None
        return queue_view(connection, made)

    return await call.write(work)


async def list_calendars(call: Call[Nothing, Nothing]) -> Page[shapes.Calendar]:
    return listed(shapes.Calendar, await call.read(calendars.list_calendars))


async def get_calendar(call: Call[Nothing, Nothing]) -> shapes.Calendar:
    found = await call.read(lambda connection: calendars.get(connection, call.path["name"]))
    return shapes.Calendar.model_validate(found)


async def put_calendar(call: Call[Nothing, shapes.PutCalendar]) -> shapes.Calendar:
    name = _name(call.path["name"])
    fields = call.body.model_dump()
    try:
        checked = read_calendar(name, fields)
    except CalendarError as error:
        raise Problem("invalid", f"{error}.") from None
    settings = CalendarSettings(
        timezone=checked.timezone,
        weekly=checked.weekly,
        holidays=checked.holidays,
        special=checked.special,
        country=checked.country,
    )

    def work(connection: Connection) -> Calendar:
        return calendars.put(connection, name, settings, **call.by)

    return shapes.Calendar.model_validate(await call.write(work))


def _name(text: str) -> str:
    if not shapes.SLUG.fullmatch(text):
        raise Problem(
            "invalid",
            "A name has small letters, digits, - and _, and begins with a letter.",
            fields=[("name", "small letters, digits, - and _; at most 80")],
        )
    return text


ENDPOINTS = (
    Endpoint("GET", "/queues", "agent", "List queues by name", list_queues, Page[shapes.Queue]),
    Endpoint(
        "GET",
        "/queues/{name}",
        "agent",
        "Get a queue",
        get_queue,
        shapes.Queue,
        refusals=("not_found",),
    ),
    Endpoint(
        "PUT",
        "/queues/{name}",
        "administrator",
        "Set up a queue, or change the one of that name",
        put_queue,
        shapes.Queue,
        body=shapes.PutQueue,
        refusals=("refused", "conflict"),
    ),
    Endpoint(
        "GET", "/calendars", "agent", "List business calendars by name", list_calendars, Page[shapes.Calendar]
    ),
    Endpoint(
        "GET",
        "/calendars/{name}",
        "agent",
        "Get a business calendar",
        get_calendar,
        shapes.Calendar,
        refusals=("not_found",),
    ),
    Endpoint(
        "PUT",
        "/calendars/{name}",
        "administrator",
        "Set up a business calendar, or change the one of that name",
        put_calendar,
        shapes.Calendar,
        body=shapes.PutCalendar,
        refusals=("refused",),
    ),
)
