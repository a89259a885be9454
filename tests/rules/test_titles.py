"""How names are called: exactly, with places, from a bot, and in whichever language there is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ivr_flows
from bot.embedded import SHIPPED_PROJECT
from bot.embedded.load_project import load_project
from contact_center.config.desk import Desk
from contact_center.desk.names import NAMES, names
from contact_center.desk.node_names import NODES
from contact_center.timeline import lines_of
from contact_center.timeline_words import WAYS
from contact_center.titles import PLACE, Titles, filled, in_language
from crm_store import seed_data
from crm_store.journal import Entry
from ivr_flows import FlowSet

TITLES = Titles(
    {
        "sales": {"en": "sales", "zh": "销售咨询"},
        "order {}": {"en": "order {}", "zh": "订单 {}"},
        "complaint, order {}": {"en": "complaint, order {}", "zh": "投诉，订单 {}"},
        "订票：{}到{}": {"en": "tickets: {} to {}", "zh": "订票：{}到{}"},
        "cancel_order": {"en": "wants to cancel an order", "zh": "想取消订单"},
        "tea": {"": "Tea"},
        "door": {"zh": "总机", "en": "Door"},
        "door/main": {"en": "main menu", "zh": "主菜单"},
    },
    {"sales": {"en": "Sales", "zh": "销售"}},
)
SHIPPED = FlowSet.load(Path(ivr_flows.__file__).with_name("definitions"))
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

CALLED = [
    ("sales", "zh", "销售咨询"),
    ("order 100101", "zh", "订单 100101"),
    ("complaint, order 7", "zh", "投诉，订单 7"),
    ("订票：北京到上海", "en", "tickets: 北京 to 上海"),
    ("wanted: cancel_order, odd_thing; order_number: 1", "zh", "想取消订单，odd thing"),
    ("nobody has named this", "zh", "nobody has named this"),
    ("tea", "zh", "Tea"),
    ("order {} {}", "zh", "订单  "),
]


@pytest.mark.parametrize(("name", "language", "title"), CALLED)
def test_a_name_is_called(name: str, language: str, title: str) -> None:
    assert TITLES.of(name, language) == title


def test_a_queue_and_a_reason_may_have_one_name() -> None:
    assert (TITLES.queue("sales", "zh"), TITLES.of("sales", "zh")) == ("销售", "销售咨询")
    assert TITLES.queue("vip", "zh") == "vip"


@pytest.mark.parametrize(
    ("title", "shown"), [({"en": "a", "zh-CN": "甲"}, "甲"), ({"de": "x"}, "x"), ({"en": "a"}, "a"), ({}, "")]
)
def test_a_title_in_a_language(title: dict[str, str], shown: str) -> None:
    assert in_language(title, "zh") == shown


@given(st.text(min_size=1))
def test_whatever_is_said_is_shown(text: str) -> None:
    assert TITLES.of(f"order x{text}", "zh").endswith(text.replace(PLACE, ""))


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_values_go_into_their_places_only(values: list[str]) -> None:
    whole = [value.replace(PLACE, "") for value in values]
    assert filled("|".join([PLACE] * len(values)), values) == "|".join(whole)


def test_the_companys_names_win_over_the_shipped_ones() -> None:
    found = names(Desk(names={"sales": {"en": "selling"}, "quote": {"zh": "报价"}}))
    assert found["sales"] == {"en": "selling"}
    assert found["quote"] == {"zh": "报价"}
    assert found["billing"] == NAMES["billing"]


# --- what is shipped -------------------------------------------------------------------------------------


def test_every_shipped_name_has_both_languages_and_the_same_places() -> None:
    for name, title in NAMES.items():
        assert title.keys() == {"en", "zh"}, name
        assert all(text.count(PLACE) == name.count(PLACE) for text in title.values()), name


def test_every_node_of_the_shipped_flows_is_called_something_and_no_other() -> None:
    assert {flow: set(spec.nodes) for flow, spec in SHIPPED.flows.items()} == {
        flow: {node for node, _, _ in nodes} for flow, nodes in NODES.items()
    }


def test_every_way_out_of_the_shipped_flows_is_called_something() -> None:
    for flow in SHIPPED.flows.values():
        for node in flow.nodes.values():
            for way in {way_out.name for way_out in node.exits()} - {"next"}:
                assert way in WAYS or way in NAMES or way.startswith("case "), f"{flow.name}: {way}"


def test_every_intent_skill_and_tag_of_the_demo_is_called_something() -> None:
    intents = set(load_project(SHIPPED_PROJECT).domain.intents)
    skills = {skill for agent in seed_data.AGENTS for skill in agent.skills}
    tags = {tag for customer in seed_data.CUSTOMERS for tag in customer.tags}
    assert (intents | skills | tags) - {"nlu_fallback"} <= NAMES.keys()


# --- in the timeline -------------------------------------------------------------------------------------


TOLD = [
    ("queued", {"queue": "sales"}, "进入队列 销售"),
    ("contact_updated", {"reason": "order 7"}, "记录事由：订单 7"),
    ("contact_updated", {"tags": ["tea", "late"]}, "记录标签：Tea，late"),
    ("input", {"kind": "picked", "value": "/cancel_order"}, "客户选择“想取消订单”"),
    ("input", {"kind": "picked", "value": "sales"}, "客户选择“销售咨询”"),
    (
        "path",
        {"steps": [["door", "main", "sales"], ["door", "x", "case 2"], ["door", "main", "on_failure"]]},
        "路径：总机/主菜单（销售咨询） → x（情形 2） → 主菜单（多次未能识别）",
    ),
    (
        "effect",
        {"asked": {"effect": "ask_bot"}, "result": {"result": {"replies": [], "intent": "cancel_order"}}},
        "机器人：“”（理解为 想取消订单）",
    ),
    (
        "contact_started",
        {"channel": "phone", "from": "+12025550101", "flow": "door"},
        "+12025550101 通过电话联系，由流程 总机 接待",
    ),
    ("transferred", {"to_kind": "queue", "to": "sales", "how": "cold"}, "无人 转接至队列 销售（盲转）"),
    ("owner_changed", {"owner": "agent", "by": "flow"}, "此后由坐席接待客户（操作者 流程）"),
]


@pytest.mark.parametrize(("kind", "data", "text"), TOLD)
def test_the_timeline_calls_things_by_their_titles(kind: str, data: dict[str, object], text: str) -> None:
    assert [line.text for line in lines_of([Entry("con_1", 0, AT, kind, data)], "zh", titles=TITLES)] == [
        text
    ]
