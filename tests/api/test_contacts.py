"""Contacts, their timeline and messages, and the log over the API."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientPayloadError

from contact_center.api.export import as_lines
from contact_center.room import Room
from crm_store import audit, contacts, journal, messages, outbox, search
from crm_store.audit import AuditFilter
from crm_store.errors import StoreDown
from crm_store.store import Store
from tests.api.conftest import Api, Serve
from tests.api.samples import LI
from tests.store.making import a_contact


def ids_of(page: Any) -> list[str]:
    return [item["id"] for item in page["items"]]


async def test_contacts_come_newest_first_and_in_pages(api: Api) -> None:
    whole = await api.get("/contacts")
    assert len(whole["items"]) == 4
    assert whole["next_cursor"] is None
    assert whole["items"][-1]["id"] == api.samples.call
    got: list[str] = []
    cursor = None
    for _ in range(4):
        page = await api.get("/contacts", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        got += ids_of(page)
        cursor = page["next_cursor"]
    assert cursor is None
    assert got == ids_of(whole)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"channel": "phone"}, ["call"]),
        ({"state": "ended"}, ["call"]),
        ({"direction": "outbound"}, []),
        ({"outcome": "ticket"}, ["call"]),
        ({"tag": "late"}, ["call"]),
        ({"flow": "front_door", "channel": "phone"}, ["call"]),
        ({"address": LI}, ["text", "call"]),
        ({"since": "2026-03-02T09:00:00Z", "address": LI}, ["text"]),
        ({"until": "2026-03-02T17:00:00+08:00"}, ["call"]),
        ({"queue": "sales"}, []),
    ],
)
async def test_each_filter_lets_the_right_ones_pass(
    api: Api, params: dict[str, str], found: list[str]
) -> None:
    page = await api.get("/contacts", params=params)
    assert ids_of(page) == [getattr(api.samples, name) for name in found]


async def test_the_filters_for_a_customer_and_a_ticket(api: Api) -> None:
    page = await api.get("/contacts", params={"customer": api.samples.li})
    assert ids_of(page) == [api.samples.text, api.samples.call]
    page = await api.get("/contacts", params={"ticket": api.samples.ticket_number})
    assert ids_of(page) == [api.samples.call]


@pytest.mark.parametrize(
    ("params", "field", "hint"),
    [
        ({"chanel": "sms"}, "chanel", "did you mean 'channel'?"),
        ({"channel": "fax"}, "channel", "'phone'"),
        ({"limit": "0"}, "limit", "greater than or equal to 1"),
        ({"since": "2026-03-02T09:00:00"}, "since", "timezone"),
        ({"flow": "a\0b"}, "flow", "NUL"),
    ],
)
async def test_a_wrong_parameter_is_named(api: Api, params: dict[str, str], field: str, hint: str) -> None:
    problem = await api.problem(422, "GET", "/contacts", params=params)
    assert [error["field"] for error in problem["errors"]] == [field]
    assert hint in problem["errors"][0]["detail"]


async def test_a_parameter_given_twice_and_a_foreign_cursor_are_refused(api: Api) -> None:
    await api.problem(422, "GET", "/contacts", params=[("flow", "a"), ("flow", "b")])
    problem = await api.problem(422, "GET", "/contacts", params={"cursor": "made-up"})
    assert "next_cursor" in problem["detail"]


async def test_a_contact_comes_with_what_belongs_to_it(api: Api) -> None:
    response = await api.ask("GET", f"/contacts/{api.samples.call}")
    contact = await response.json()
    assert response.headers["ETag"] == f'"{contact["version"]}"'
    assert response.headers["Cache-Control"] == "no-store"
    assert contact["tickets"] == [api.samples.ticket_number]
    assert contact["started_at"] == "2026-03-02T08:30:00Z"
    assert "session" not in contact
    missing = await api.problem(404, "GET", "/contacts/con_none")
    assert missing["code"] == "not_found"


async def test_the_timeline_is_told_in_words_and_as_it_is_stored(api: Api) -> None:
    story = await api.get(f"/contacts/{api.samples.call}/timeline")
    assert "Customer pressed 4" in [line["text"] for line in story["lines"]]
    assert [entry["seq"] for entry in story["entries"]] == list(range(7))
    chinese = await api.get(f"/contacts/{api.samples.call}/timeline", params={"language": "zh"})
    assert "客户按键 4" in [line["text"] for line in chinese["lines"]]
    await api.problem(404, "GET", "/contacts/con_none/timeline")


async def test_a_note_goes_into_the_journal_and_is_announced(api: Api, store: Store) -> None:
    path = f"/contacts/{api.samples.call}/notes"
    response = await api.ask("POST", path, {"text": "call back at noon"}, role="agent")
    assert response.status == 201
    with store.reading() as connection:
        entry = journal.read(connection, api.samples.call)[-1]
        noted = audit.list_entries(connection, AuditFilter(action="contact.noted")).items
    assert (entry.kind, entry.data["text"]) == ("note", "call back at noon")
    assert entry.data["actor"] == f"agent:{api.samples.agent}"
    assert api.changed == [api.samples.call]
    assert [row.subject for row in noted] == [api.samples.call]
    assert "noon" not in str(noted)


# --- writing to the customer -----------------------------------------------------------------------


async def test_an_agents_message_takes_the_contact_over_in_one_commit(api: Api, store: Store) -> None:
    path = f"/contacts/{api.samples.text}/messages"
    response = await api.ask("POST", path, {"text": "It is on its way"}, role="agent")
    assert response.status == 202
    sent = await response.json()
    assert sent["status"] == "queued"
    with store.reading() as connection:
        contact = contacts.get(connection, api.samples.text)
        kept = messages.get(connection, sent["id"])
        told = [entry.kind for entry in journal.read(connection, api.samples.text)]
    with store.writing() as connection:
        due = outbox.claim(connection, datetime(2027, 1, 1, tzinfo=UTC), lease=timedelta(minutes=1))
    assert (contact.owner, contact.agent_id) == ("agent", api.samples.agent)
    assert (kept.text, kept.author) == ("It is on its way", "agent")
    assert told[-2:] == ["owner_changed", "message_out"]
    assert [(item.topic, item.payload) for item in due] == [("message.send", {"message_id": sent["id"]})]
    assert api.changed == [api.samples.text]
    listed = await api.get(path)
    assert [item["direction"] for item in listed["items"]] == ["inbound", "outbound"]


@pytest.mark.parametrize(
    ("contact", "why"),
    [("stopped", "opted out"), ("withheld", "withheld"), ("call", "channel phone")],
)
async def test_no_message_leaves_where_none_may(api: Api, store: Store, contact: str, why: str) -> None:
    contact_id = getattr(api.samples, contact)
    with store.reading() as connection:
        before = contacts.get(connection, contact_id)
    problem = await api.problem(409, "POST", f"/contacts/{contact_id}/messages", {"text": "hello"})
    assert problem["code"] == "cannot_text"
    assert why in problem["detail"]
    with store.reading() as connection:
        assert contacts.get(connection, contact_id) == before
        assert [
            m for m in messages.list_for_contact(connection, contact_id) if m.direction == "outbound"
        ] == []
    assert api.changed == []


# --- the log ---------------------------------------------------------------------------------------


async def test_the_log_is_searched_by_words_and_path(api: Api) -> None:
    assert ids_of(await api.get("/log", params={"words": "PARCEL"})) == [api.samples.call]
    assert ids_of(await api.get("/log", params={"words": "kettle"})) == [api.samples.text]
    assert ids_of(await api.get("/log", params={"path": "front_door/greet"})) == [api.samples.call]
    assert ids_of(await api.get("/log", params={"words": "parcel", "path": "billing"})) == []


async def test_the_log_is_exported_as_csv_and_as_json_lines(api: Api) -> None:
    response = await api.ask("GET", "/log/export")
    assert response.content_type == "text/csv"
    assert "contacts.csv" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(await response.text())))
    assert [row["id"] for row in rows] == ids_of(await api.get("/contacts"))
    assert rows[-1]["from_address"] == LI
    response = await api.ask("GET", "/log/export", params={"format": "jsonl", "channel": "phone"})
    lines = [json.loads(line) for line in (await response.text()).splitlines()]
    assert lines == (await api.get("/contacts", params={"channel": "phone"}))["items"]


def test_a_cell_never_begins_a_formula() -> None:
    text = as_lines([a_contact(reason="=cmd()", from_address="+8613800138000")], "csv")
    row = next(csv.reader(io.StringIO(text)))
    assert "'=cmd()" in row
    assert "+8613800138000" in row


async def test_an_export_that_cannot_begin_is_a_proper_refusal(
    api: Api, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **_more: Any) -> Any:
        raise StoreDown("the database does not answer; see `contact-center doctor`")

    monkeypatch.setattr(search, "search", down)
    problem = await api.problem(503, "GET", "/log/export")
    assert problem["code"] == "store_down"


async def test_an_export_that_breaks_off_is_not_taken_for_whole(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = search.search
    monkeypatch.setattr("contact_center.api.log.BATCH", 1)

    def fails_later(connection: Any, query: Any, cursor: str | None = None, limit: int = 1) -> Any:
        if cursor is not None:
            raise StoreDown("the database does not answer; see `contact-center doctor`")
        return find(connection, query, cursor, limit)

    monkeypatch.setattr(search, "search", fails_later)
    response = await api.ask("GET", "/log/export")
    assert response.status == 200
    with pytest.raises(ClientPayloadError):
        await response.read()


async def test_a_search_for_words_shows_where_they_were_said(api: Api) -> None:
    await api.ask("POST", f"/contacts/{api.samples.call}/notes", {"text": "the <b>kettle</b> leaks"})
    page = await api.get("/log", params={"words": "kettle"})
    assert page["excerpts"] == {
        api.samples.call: "the <b>kettle</b> leaks",
        api.samples.text: "where is my kettle",
    }
    assert (await api.get("/log"))["excerpts"] == {}


# --- replay ----------------------------------------------------------------------------------------


@dataclass
class _Step:
    flow: str
    node: str
    exit: str


@dataclass
class _Turn:
    turn: int
    recorded: tuple[_Step, ...]
    replayed: tuple[_Step, ...]
    skipped: bool
    same: bool


@dataclass
class _Replay:
    contact_id: str
    digest: str
    same: bool
    turns: tuple[_Turn, ...]


async def test_replay_is_asked_of_the_function_given(serve: Serve) -> None:
    async def replay(_room: Room, contact_id: str) -> _Replay:
        step = _Step("front_door", "main", "4")
        return _Replay(contact_id, "d", False, (_Turn(1, (step,), (), False, False),))

    api = await serve(replay=replay)
    told = await api.get(f"/contacts/{api.samples.call}/replay")
    assert told["same"] is False
    assert told["turns"][0]["recorded"] == [{"flow": "front_door", "node": "main", "exit": "4"}]
    await api.problem(404, "GET", "/contacts/con_none/replay")
