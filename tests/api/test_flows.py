"""Flows over the API: as drawn and counted, checked, older versions, and one contact's way through them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from contact_center.flows import FlowLibrary
from contact_center.room import Room
from crm_store import contacts, flow_sources, journal, schema
from crm_store.journal import NewEntry
from crm_store.store import Store
from ivr_flows import FlowSet
from tests.api.conftest import AT, ON_BOTH, Api
from tests.store.making import a_contact

MENU = """
flow: menu
title: {en: "Menu <b>", zh: 菜单}
languages: [en, zh]
start: ask
person: people
nodes:
  ask:
    kind: menu
    text: {en: "Sales or support?", zh: 销售还是售后？}
    choices:
      - {key: "1", value: sales, label: {en: Sales, zh: 销售}, next: people}
      - {key: "2", value: support, label: {en: Support, zh: 售后}, next: details}
  details:
    kind: subflow
    flow: inner
    next: people
  people:
    kind: queue
    queue: sales
"""
INNER = """
flow: inner
languages: [en, zh]
start: hello
nodes:
  hello:
    kind: say
    text: {en: "Hello", zh: 您好}
    next: back
  back: {kind: return}
"""
FLOWS = FlowSet.from_texts({"menu": MENU, "inner": INNER})
STEPS = [["menu", "ask", ""], ["menu", "ask", "support"], ["menu", "details", ""], ["inner", "hello", "next"]]


@pytest.fixture
def library(room: Room) -> FlowLibrary:
    """The flows above are in force."""
    room.library.replace(FLOWS)
    room.library.lines = {"1001": "menu", "phone": "menu", "sms": "other"}
    return room.library


async def with_path(store: Store, contact_id: str, digest: str, steps: list[list[str]]) -> None:
    def work(connection: Connection) -> None:
        row = a_contact(contact_id, flow="menu", flow_digest=digest)
        connection.execute(schema.contacts.insert(), contacts.columns(row))
        entries = [
            NewEntry(AT, "contact_started", {"from": "", "flow": "menu", "channel": "phone"}),
            NewEntry(AT + timedelta(seconds=4), "path", {"turn": 1, "steps": steps}),
        ]
        journal.append(connection, contact_id, entries)

    await store.write(work)


async def test_flows_are_listed_with_their_lines_and_mistakes(api: Api, library: FlowLibrary) -> None:
    flows = (await api.get("/flows", role="supervisor"))["items"]
    assert [(one["name"], one["lines"], one["nodes"]) for one in flows] == [
        ("inner", [], 2),
        ("menu", ["1001", "phone"], 3),
    ]
    assert flows[1]["title"] == {"en": "Menu <b>", "zh": "菜单"}
    assert {one["name"]: one["errors"] + one["warnings"] for one in flows} == {
        one["name"]: len((await api.get(f"/flows/{one['name']}/check"))["findings"]) for one in flows
    }


@ON_BOTH
async def test_a_flow_is_shown_with_the_ways_that_today_took(
    api: Api, room: Room, store: Store, library: FlowLibrary
) -> None:
    await with_path(store, room.ids.new("con"), FLOWS.digest, STEPS)
    picture = await api.get("/flows/menu", role="supervisor")
    assert picture["branches"] == [
        {"node": "ask", "exit": "", "contacts": 1},
        {"node": "ask", "exit": "support", "contacts": 1},
        {"node": "details", "exit": "", "contacts": 1},
    ]
    assert picture["svg"].startswith("<svg")
    assert not re.search(r"<script|\son\w+=|<b>", picture["svg"])
    assert (picture["since"], picture["in_force"]) == ("2026-03-02T00:00:00+08:00", True)
    assert "GET /flows" in (await api.problem(404, "GET", "/flows/none"))["detail"]


async def test_a_flow_is_told_as_nodes_and_ways(api: Api, library: FlowLibrary) -> None:
    graph = (await api.get("/flows/menu", params={"language": "zh"}))["graph"]
    assert (graph["title"], graph["start"], graph["person"]) == ("菜单", "ask", "people")
    ask = graph["nodes"][0]
    assert (ask["name"], ask["kind"], ask["group"], ask["text"]) == ("ask", "menu", "ask", "销售还是售后？")
    assert ask["ways"] == [
        {"exits": ["sales"], "label": "1 sales", "target": "people"},
        {"exits": ["support"], "label": "2 support", "target": "details"},
    ]


async def test_older_versions_are_kept_and_shown(api: Api, store: Store, library: FlowLibrary) -> None:
    first = FlowSet.from_texts({"menu": MENU.replace("Sales or", "Orders or"), "inner": INNER})
    second = FlowSet.from_texts({"menu": MENU.replace("Sales or", "Orders or"), "inner": INNER + "\n"})

    def work(connection: Connection) -> None:
        for day, flows in enumerate((first, second, FLOWS)):
            flow_sources.remember(connection, flows.digest, flows.sources, AT + timedelta(days=day))

    await store.write(work)
    now = await api.get("/flows/menu")
    assert [version["digest"] for version in now["versions"]] == [FLOWS.digest, first.digest]
    old = await api.get("/flows/menu", params={"digest": first.digest})
    assert (old["digest"], old["in_force"]) == (first.digest, False)
    assert old["graph"]["nodes"][0]["text"] == "Orders or support?"
    await api.problem(404, "GET", "/flows/menu", params={"digest": "abc"})
    await api.problem(422, "GET", "/flows/menu", params={"digest": "../x"})


async def test_a_check_names_what_is_to_be_mended(api: Api, room: Room) -> None:
    lonely = MENU.replace("next: details", "next: people")
    room.library.replace(FlowSet.from_texts({"menu": lonely, "inner": INNER}))
    check = await api.get("/flows/menu/check", role="supervisor")
    assert check["digest"] == room.library.current.flows.digest
    (finding,) = check["findings"]
    assert (finding["level"], finding["node"]) == ("warning", "details")
    assert finding["message"]
    assert finding["remedy"]
    assert finding["line"] > 1
    await api.problem(404, "GET", "/flows/none/check")


async def test_a_contacts_way_is_told_with_the_flows_that_it_passed(
    api: Api, store: Store, library: FlowLibrary
) -> None:
    await with_path(store, "con_path", FLOWS.digest, STEPS)
    path = await api.get("/contacts/con_path/path", role="agent")
    assert path["kept"]
    assert [(step["flow"], step["node"], step["exit"]) for step in path["steps"]] == [*map(tuple, STEPS)]
    assert (path["steps"][0]["turn"], path["steps"][0]["offset"]) == (1, 4.0)
    assert [flow["name"] for flow in path["flows"]] == ["menu", "inner"]
    await api.problem(404, "GET", "/contacts/con_none/path")


@pytest.mark.parametrize("kept", [True, False])
async def test_a_contacts_way_is_drawn_on_its_own_version_where_that_was_kept(
    api: Api, store: Store, library: FlowLibrary, kept: bool
) -> None:
    old = FlowSet.from_texts({"menu": MENU.replace("Sales or", "Orders or"), "inner": INNER})
    if kept:
        await store.write(lambda c: flow_sources.remember(c, old.digest, old.sources, AT))
    await with_path(store, "con_old", old.digest, [["menu", "ask", ""], ["gone", "x", "next"]])
    path = await api.get("/contacts/con_old/path")
    assert (path["kept"], path["digest"]) == (kept, old.digest)
    texts = [node["text"] for node in path["flows"][0]["nodes"]]
    assert texts[0] == ("Orders or support?" if kept else "Sales or support?")
    assert len(path["steps"]) == 2, "a step of a flow that is not there any more stays in the list"


async def test_sources_that_cannot_be_read_any_more_are_as_if_not_kept(
    api: Api, store: Store, library: FlowLibrary
) -> None:
    broken: dict[str, Any] = {"menu": "flow: menu\nnodes: {}\n"}
    await store.write(lambda c: flow_sources.remember(c, "abc123", broken, AT))
    await with_path(store, "con_old", "abc123", STEPS)
    assert (await api.get("/contacts/con_old/path"))["kept"] is False
    await api.problem(404, "GET", "/flows/menu", params={"digest": "abc123"})


async def test_supervisors_only(api: Api) -> None:
    for path in ("/flows", "/flows/hello", "/flows/hello/check"):
        await api.problem(403, "GET", path, role="agent")
