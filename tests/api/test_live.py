"""What supervisors watch over the API: the wallboard, open contacts, agents, flows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from contact_center.clock import ManualClock
from contact_center.log_index import LogIndex, catch_up
from contact_center.room import Room
from crm_store import agent_states, contact_words, contacts, schema, works
from crm_store.agent_states import AgentState, Holding
from crm_store.contacts import Contact
from crm_store.store import Store
from crm_store.works import Work
from tests.api.conftest import AT, ON_BOTH, Api
from tests.store.making import a_contact

MIDNIGHT = datetime.fromisoformat("2026-03-01T16:00:00+00:00")  # in Shanghai
DAY = timedelta(days=1)


def a_work(name: str, at: datetime, **fields: Any) -> Work:
    usual: dict[str, Any] = {"kind": "call", "queue": "sales", "queued_at": at, "entered_at": at}
    return Work(id=f"wrk_{name}", **(usual | fields))


async def put(store: Store, *rows: Work | Contact) -> None:
    def work(connection: Connection) -> None:
        for row in rows:
            if isinstance(row, Work):
                works.insert(connection, row)
            else:
                connection.execute(schema.contacts.insert(), contacts.columns(row))

    await store.write(work)


@pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
async def test_the_wallboard_shows_now_today_and_yesterday(api: Api, store: Store) -> None:
    gone = {"state": "done", "outcome": "abandoned"}
    await put(
        store,
        a_work("1", AT - timedelta(seconds=90)),
        a_work("2", AT - timedelta(seconds=30), state="offered"),
        a_work("3", MIDNIGHT, state="active", accepted_at=MIDNIGHT + timedelta(seconds=10)),
        a_work("4", MIDNIGHT + timedelta(minutes=15), ended_at=MIDNIGHT + timedelta(minutes=16), **gone),
        a_work("5", MIDNIGHT - timedelta(seconds=1), ended_at=MIDNIGHT, **gone),
        a_work("6", AT - DAY - timedelta(minutes=1), ended_at=AT - DAY - timedelta(seconds=5), **gone),
        a_work("7", AT - DAY, ended_at=AT, **gone),  # later than now, yesterday
    )
    board = await api.get("/wallboard", role="supervisor")
    assert (board["at"], board["day"]) == ("2026-03-02T09:30:00Z", "2026-03-02T00:00:00+08:00")
    assert (board["waiting"], board["ringing"], board["longest_wait"]) == (1, 1, 90.0)
    assert board["agents"] == {"offline": 1}
    assert board["today"] == {
        "offered": 4,
        "answered": 1,
        "in_time": 1,
        "abandoned": 1,
        "service_level": 0.5,
        "abandonment": 0.5,
        "mean_wait": pytest.approx(10.0, abs=0.01),
    }
    assert (board["yesterday"]["offered"], board["yesterday"]["abandoned"]) == (1, 1)
    sales = next(queue for queue in board["queues"] if queue["queue"] == "sales")
    other = next(queue for queue in board["queues"] if queue["queue"] == "complaints")
    assert (sales["waiting"], sales["longest_wait"], sales["target"], sales["target_seconds"]) == (
        1,
        90.0,
        0.8,
        20,
    )
    assert (other["waiting"], other["longest_wait"], other["today"]["service_level"]) == (0, 0.0, None)
    assert len(sales["steps"]) == len(other["steps"]) == 17 * 4 + 3
    assert [step["offered"] for step in sales["steps"]] == [1, 1, *([0] * 67), 2, 0]
    assert sales["steps"] == board["steps"]
    assert sales["steps"][1]["at"] == "2026-03-02T00:15:00+08:00"


async def test_open_contacts_are_shown_where_they_stand(api: Api, store: Store, clock: ManualClock) -> None:
    session = (
        '{"digest": "d", "flow": "billing", "node": "ask", "language": "en", "variables": {"pin": "s3cret"}}'
    )
    waiting: dict[str, Any] = {"state": "waiting", "queue": "sales", "queued_at": AT - timedelta(seconds=40)}
    await put(
        store,
        a_contact("con_live", session=session, started_at=AT + timedelta(seconds=1), **waiting),
        a_work("1", AT, contact_id="con_live"),
    )
    clock.advance(10)
    page = await api.get("/live/contacts", role="supervisor")
    shown = page["items"][0]
    assert (shown["id"], shown["flow"], shown["node"]) == ("con_live", "billing", "ask")
    assert (shown["queue"], shown["work_id"], shown["work_state"]) == ("sales", "wrk_1", "waiting")
    assert (shown["since"], shown["seconds"]) == ("2026-03-02T09:29:20Z", 50.0)
    assert "s3cret" not in str(page)
    assert all(item["state"] != "ended" for item in page["items"])
    narrowed = await api.get("/live/contacts", params={"state": "waiting", "queue": "sales"})
    assert [item["id"] for item in narrowed["items"]] == ["con_live"]
    assert (await api.get("/live/contacts", params={"queue": "complaints"}))["items"] == []
    await api.problem(422, "GET", "/live/contacts", params={"state": "ended"})


async def test_agents_are_shown_with_what_they_hold_and_since_when(
    api: Api, store: Store, clock: ManualClock
) -> None:
    agent_id = api.samples.agent
    offline = (await api.get("/live/agents", role="supervisor"))["items"]
    assert [(one["status"], one["since"], one["load"]) for one in offline] == [("offline", None, {})]

    def work(connection: Connection) -> None:
        state = AgentState(id=agent_id, version=-1)
        held = {
            "wrk_1": Holding("call", "active", AT + timedelta(seconds=5)),
            "wrk_2": Holding("ticket", "offered", AT + timedelta(seconds=8)),
        }
        agent_states.change(connection, state, {"presence": "available", "since": AT, "holding": held})

    await put(store, a_work("1", AT, state="active", agent_id=agent_id, contact_id=api.samples.call))
    await store.write(work)
    clock.advance(10)
    (shown,) = (await api.get("/live/agents"))["items"]
    assert (shown["presence"], shown["status"], shown["seconds"]) == ("available", "on_contact", 5.0)
    assert shown["load"] == {"call": 1, "ticket": 1}
    assert shown["holding"][0] == {
        "work_id": "wrk_1",
        "contact_id": api.samples.call,
        "kind": "call",
        "stage": "active",
        "queue": "sales",
        "since": "2026-03-02T09:30:05Z",
    }
    assert len((await api.get("/live/agents", params={"status": "on_contact"}))["items"]) == 1
    assert (await api.get("/live/agents", params={"status": "break"}))["items"] == []


async def test_supervisors_only(api: Api) -> None:
    for path in ("/wallboard", "/live/contacts", "/live/agents"):
        await api.problem(403, "GET", path, role="agent")


# --- the index of the log -------------------------------------------------------------------------------


@ON_BOTH
async def test_a_search_finds_what_was_written_just_before_and_says_what_is_missing(
    api: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, a_contact("con_1", outcome="answered"))
    await api.ask("POST", "/contacts/con_1/notes", {"text": "the needle"})
    page = await api.get("/log", params={"words": "needle"})
    assert [item["id"] for item in page["items"]] == ["con_1"]
    assert page["unindexed"] == 0
    monkeypatch.setattr("contact_center.api.log.catch_up", lambda store: catch_up(store, 0))
    await api.ask("POST", "/contacts/con_1/notes", {"text": "haystack"})
    page = await api.get("/log", params={"words": "haystack"})
    assert (page["items"], page["unindexed"]) == ([], 1)


async def test_words_without_letters_are_refused_with_a_reason(api: Api) -> None:
    for path in ("/log", "/log/export"):
        problem = await api.problem(422, "GET", path, params={"words": "%%"})
        assert "letter or digit" in problem["detail"]


async def test_many_changes_are_indexed_in_small_transactions(api: Api, room: Room, store: Store) -> None:
    await put(store, *(a_contact(f"con_{number:03d}") for number in range(60)))
    assert await catch_up(store, 25) > 0
    assert await catch_up(store) == 0
    assert await store.read(contact_words.count) == 64
    assert LogIndex(room).room is room
