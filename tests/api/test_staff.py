"""How agents are reached and queues route, over the API; and how both do just now."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.agent import BREAK, OFFERED
from contact_center.clock import ManualClock
from contact_center.room import Room
from contact_center.routing.model import QueuePolicy
from crm_store import agent_states, calendars, queues, works
from crm_store.agent_states import Holding
from crm_store.calendars import CalendarSettings
from crm_store.works import Work
from tests.api.conftest import AT, ON_BOTH, Api

REACHED = {
    "name": "Ada",
    "email": "ada@example.com",
    "reach": "phone",
    "phone": "+12025550143",
    "sip": "sip:ada@example.com",
    "capacity": [{"call": 1}, {"chat": 3, "ticket": 1}],
    "shifts": "office",
}
ROUTING = {
    "strategy": ["owner_first", "longest_idle"],
    "rings": [{"after": 30, "lower": 2}, {"after": 60, "queues": ["sales"]}],
    "overflow": [{"to": "complaints", "after": 120}],
}


@ON_BOTH
async def test_an_agents_reach_capacity_and_stand_in(api: Api) -> None:
    body = REACHED | {"stand_in_id": api.samples.agent}
    made = await (await api.ask("POST", "/agents", body)).json()
    assert {name: made[name] for name in body} == body
    assert await api.get(f"/agents/{made['id']}") == made
    headers = {"If-Match": f'"{made["version"]}"'}
    plain = {"name": "Ada", "email": "ada@example.com"}
    put = await (await api.ask("PUT", f"/agents/{made['id']}", plain, headers=headers)).json()
    assert (put["reach"], put["capacity"], put["stand_in_id"], put["shifts"]) == ("client", None, None, "")


@pytest.mark.parametrize(
    ("status", "fields", "word"),
    [
        (409, {"phone": ""}, "phone"),
        (409, {"reach": "sip", "sip": ""}, "sip"),
        (409, {"stand_in_id": "agt_nobody"}, "stand_in_id"),
        (409, {"shifts": "nights"}, "nights"),
        (409, {"capacity": [{"call": 0}]}, "capacity"),
        (422, {"reach": "pigeon"}, "client"),
        (422, {"capacity": []}, "capacity"),
        (422, {"capacity": [{}]}, "capacity"),
        (422, {"capacity": [{"fax": 1}]}, "call"),
        (422, {"capacity": [{"call": 101}]}, "100"),
    ],
)
async def test_agents_that_cannot_be(api: Api, status: int, fields: dict[str, Any], word: str) -> None:
    problem = await api.problem(status, "POST", "/agents", REACHED | fields)
    assert word in problem["detail"].lower()


async def test_agents_are_shown_at_work(api: Api, room: Room) -> None:
    before = await api.get(f"/agents/{api.samples.agent}")
    assert (before["presence"], before["status"], before["since"]) == ("offline", "offline", None)
    with room.store.writing() as connection:
        state = agent_states.find(connection, api.samples.agent)
        holding = {"wrk_1": Holding("call", "active", AT)}
        changes = {"presence": BREAK, "reason": "lunch", "since": AT, "holding": holding}
        agent_states.change(connection, state, changes)
    after = await api.get(f"/agents/{api.samples.agent}")
    assert (after["presence"], after["reason"], after["status"]) == ("break", "lunch", "on_contact")
    assert after["since"] == "2026-03-02T09:30:00Z"
    assert after["version"] == before["version"]
    assert (await api.get("/agents"))["items"] == [after]


@ON_BOTH
async def test_a_queues_routing_and_who_waits(api: Api, room: Room) -> None:
    body = {"title": {"en": "Key customers"}, "routing": ROUTING}
    made = await (await api.ask("PUT", "/queues/vip", body)).json()
    assert (made["routing"], made["waiting"]) == (ROUTING, 0)
    with room.store.writing() as connection:
        for number, state in enumerate(("waiting", "waiting", OFFERED, "done")):
            work = Work(
                id=f"wrk_{number}", kind="call", queue="vip", state=state, queued_at=AT, entered_at=AT
            )
            works.insert(connection, work)
    assert (await api.get("/queues/vip"))["waiting"] == 2
    listed = {queue["name"]: queue["waiting"] for queue in (await api.get("/queues"))["items"]}
    assert listed == {"complaints": 0, "sales": 0, "vip": 2}
    plain = await (await api.ask("PUT", "/queues/vip", {"title": {"en": "x"}})).json()
    assert plain["routing"] == {}


@ON_BOTH
@pytest.mark.parametrize(
    ("routing", "words"),
    [
        ({"strategy": ["longest_idel"]}, ["strategy", "longest_idle", "round_robin"]),
        ({"strategie": ["longest_idle"]}, ["strategie", "strategy"]),
        ({"rings": [{"after": "soon", "lower": 1}]}, ["rings[1].after"]),
        ({"overflow": [{"to": "nowhere", "after": 9}]}, ["overflow[1].to", "nowhere", "complaints"]),
        ({"required": ["sales"]}, ["required"]),
        ({"offer_seconds": 0}, ["offer_seconds"]),
    ],
)
async def test_routing_that_cannot_be(
    api: Api, room: Room, routing: dict[str, Any], words: list[str]
) -> None:
    body = {"title": {"en": "Key customers"}, "routing": routing}
    problem = await api.problem(422, "PUT", "/queues/vip", body)
    assert [error["field"] for error in problem["errors"]] == ["routing"]
    for word in words:
        assert word in problem["detail"]
    with room.store.reading() as connection:
        assert queues.find(connection, "vip") is None


NASTY: list[Any] = [
    *("", "💥", "\ud800", None, True, -1, 10**30, 10**400, 1e308),
    *([], [None], [{}], {}, {"": 1}, {"a": {}}),
]
FIELDS = [*QueuePolicy.__struct_fields__, "\ud800", ""]


@ON_BOTH
async def test_nothing_in_routing_breaks_anything(api: Api, clock: ManualClock) -> None:
    for field in FIELDS:
        clock.advance(60)  # nobody meets a limit
        for value in NASTY:
            for inside in (value, [{"after": value, "to": value, "queues": [value]}]):
                body = {"title": {"en": "x"}, "routing": {field: inside}}
                response = await api.ask("PUT", "/queues/vip", body)
                assert response.status in (200, 400, 422), f"{field}: {await response.text()}"
        assert (await api.ask("GET", "/queues/vip")).status in (200, 404)


async def test_a_calendar_of_shifts_must_be_there(api: Api, room: Room) -> None:
    with room.store.writing() as connection:
        early = CalendarSettings(timezone="UTC")
        calendars.put(connection, "early", early, at=AT, ids=room.ids, actor="test")
    made = await (await api.ask("POST", "/agents", REACHED | {"shifts": "early"})).json()
    assert made["shifts"] == "early"
