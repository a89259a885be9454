"""Presence, states and lines over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contact_center.app import read_calendars
from contact_center.clock import ManualClock
from crm_store import calendars, presence_log, works
from crm_store.calendars import CalendarSettings
from crm_store.works import Work
from tests.api.at_work import AtWork
from tests.api.conftest import AT, ON_BOTH, Api


@pytest.fixture
async def desk(api: Api) -> AtWork:
    return await AtWork.begin(api)


async def put(desk: AtWork, agent_id: str, body: Any, role: str = "agent") -> Any:
    response = await desk.api.ask("PUT", f"/agents/{agent_id}/presence", body, role=role)
    assert response.status == 200, await response.text()
    return await response.json()


async def refused(desk: AtWork, status: int, agent_id: str, body: Any, role: str = "agent") -> dict[str, Any]:
    found: dict[str, Any] = await desk.api.problem(
        status, "PUT", f"/agents/{agent_id}/presence", body, role=role
    )
    return found


@ON_BOTH
async def test_coming_to_work_and_going_home(desk: AtWork, clock: ManualClock) -> None:
    path = f"/agents/{desk.wang}/state"
    before = await desk.api.get(path, role="agent")
    assert (before["presence"], before["status"], before["version"]) == ("offline", "offline", -1)
    state = await put(desk, desk.wang, {"presence": "available"})
    assert (state["presence"], state["since"]) == ("available", "2026-03-02T09:30:00Z")
    assert await put(desk, desk.wang, {"presence": "available"}) == state, "said twice is said once"
    clock.advance(60)
    state = await put(desk, desk.wang, {"presence": "break", "reason": " lunch "})
    assert (state["presence"], state["status"], state["reason"]) == ("break", "break", "lunch")
    assert await desk.api.get(path, role="ada") == state
    assert (await desk.api.get("/states", role="ada"))["items"] == [state]
    state = await put(desk, desk.wang, {"presence": "offline", "reason": "a reason is a break's"})
    assert (state["presence"], state["reason"]) == ("offline", "")
    log = await desk.api.room.store.read(
        lambda connection: presence_log.list_changes(connection, AT, AT + timedelta(hours=1))
    )
    assert [(one.presence, one.reason, one.by) for one in log] == [
        ("available", "", "agent"), ("break", "lunch", "agent"), ("offline", "", "agent"),
    ]  # fmt: skip


@ON_BOTH
async def test_a_supervisor_sets_it_for_an_agent(desk: AtWork) -> None:
    words = await refused(desk, 403, desk.ada, {"presence": "available"})
    assert "supervisor" in words["detail"]
    await put(desk, desk.ada, {"presence": "break", "reason": "coaching"}, role="program")
    [change] = await desk.api.room.store.read(
        lambda connection: presence_log.list_changes(connection, AT, AT + timedelta(hours=1))
    )
    assert (change.agent_id, change.by) == (desk.ada, "supervisor")


async def test_what_cannot_be_set(desk: AtWork) -> None:
    for bad, word in (
        ({"presence": "not_responding"}, "available"),
        ({"presence": "asleep"}, "available"),
        ({}, "needed"),
        ({"presence": "break", "reason": "x" * 81}, "80"),
        ({"presence": "break", "why": "lunch"}, "Why"),
    ):
        assert word in (await refused(desk, 422, desk.wang, bad))["detail"]
    await refused(desk, 404, "agt_nobody", {"presence": "available"}, role="supervisor")
    await desk.api.problem(404, "GET", "/agents/agt_nobody/state")
    await desk.api.problem(401, "PUT", f"/agents/{desk.wang}/presence", {"presence": "break"}, role=None)


async def test_outside_the_shift_only_overtime(desk: AtWork) -> None:
    room = desk.api.room

    def prepare(connection: Any) -> None:
        night = CalendarSettings(timezone="UTC", weekly={"mon": (("22:00", "24:00"),)})
        calendars.put(connection, "night", night, at=AT, ids=room.ids, actor="test")

    await room.store.write(prepare)
    room.calendars.update(await read_calendars(room.store))
    agent = await desk.api.get(f"/agents/{desk.ada}")
    body = {"name": agent["name"], "email": agent["email"], "shifts": "night"}
    headers = {"If-Match": f'"{agent["version"]}"'}
    assert (await desk.api.ask("PUT", f"/agents/{desk.ada}", body, headers=headers)).status == 200
    words = (await refused(desk, 409, desk.ada, {"presence": "available"}, role="ada"))["detail"]
    assert "night" in words
    assert "overtime" in words
    await put(desk, desk.ada, {"presence": "break"}, role="ada")
    state = await put(desk, desk.ada, {"presence": "available", "overtime": True}, role="ada")
    assert (state["presence"], state["reason"]) == ("available", "overtime")


async def test_who_does_not_work_here_any_more(desk: AtWork) -> None:
    agent = await desk.api.get(f"/agents/{desk.ada}")
    body = {"name": agent["name"], "email": agent["email"], "active": False}
    headers = {"If-Match": f'"{agent["version"]}"'}
    assert (await desk.api.ask("PUT", f"/agents/{desk.ada}", body, headers=headers)).status == 200
    words = await refused(desk, 409, desk.ada, {"presence": "available"}, role="supervisor")
    assert "does not work here" in words["detail"]
    await refused(desk, 401, desk.ada, {"presence": "available"}, role="ada")


async def test_what_is_held_stays_held_on_a_break(desk: AtWork) -> None:
    job = await desk.chat()
    state = await put(desk, desk.wang, {"presence": "break"})
    assert (state["status"], list(state["holding"])) == ("on_contact", [job.id])
    kind, stage, _ = state["holding"][job.id]
    assert (kind, stage) == ("chat", "active")


@ON_BOTH
async def test_how_the_lines_stand(desk: AtWork, clock: ManualClock) -> None:
    job = await desk.waits(queue="sales")
    clock.advance(30)
    await desk.waits(queue="sales")
    await desk.go(desk.wang)
    await desk.offered(job, desk.wang)
    clock.advance(10)
    lines = {line["queue"]: line for line in (await desk.api.get("/lines", role="agent"))["items"]}
    assert set(lines) == {"complaints", "sales"}
    sales, complaints = lines["sales"], lines["complaints"]
    assert (sales["waiting"], sales["offered"], sales["longest_wait"]) == (1, 1, 40.0)
    assert (complaints["waiting"], complaints["offered"], complaints["longest_wait"]) == (0, 0, 0.0)
    assert sales["expected_low"] <= sales["expected_wait"] <= sales["expected_high"]
    assert sales["sure"] in ("low", "medium", "high")


async def test_nobody_can_tell_how_long_it_takes_where_nobody_works(desk: AtWork) -> None:
    [line, _] = (await desk.api.get("/lines"))["items"]
    assert (line["expected_wait"], line["expected_low"], line["expected_high"]) == (None, None, None)
    assert line["sure"] == "none"


async def test_a_line_of_a_queue_that_is_gone_is_in_the_works(desk: AtWork) -> None:
    orphan = Work(id="wrk_1", kind="chat", queue="gone", queued_at=AT, entered_at=AT)
    await desk.api.room.store.write(lambda connection: works.insert(connection, orphan))
    assert [work["id"] for work in (await desk.api.get("/works?queue=gone"))["items"]] == ["wrk_1"]
