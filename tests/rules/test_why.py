"""Why in words: one line for every decision, whatever the journal holds."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from contact_center.routing.model import Candidate, PassedOver, Why
from contact_center.routing.telling import NEAREST
from contact_center.titles import Titles
from contact_center.why import KINDS, PHRASES, REASONS, Decision, Explanation, tell

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NAMES = {"agt_1": "Grace", "agt_2": "Tom"}
WHY = Why(
    trigger="agent_free",
    strategy="longest_idle",
    score=12.5,
    urgency=3.0,
    waited=7.0,
    ring=2,
    candidates=(Candidate("agt_1", 12.5), Candidate("agt_9", 3.0)),
    candidate_count=5,
    passed_over=(PassedOver("agt_2", "busy"),),
    passed_over_counts={"busy": 1, "lacks_skill": 40},
)


def lines(kind: str, language: str = "en", /, **data: Any) -> list[str]:
    decision = Decision(AT, kind, data)
    [(at, told)] = tell(Explanation("con_1", (decision,), NAMES), language)
    assert at == AT
    return told


TOLD = [
    (
        "queued",
        {
            "queue": "sales", "position": 3, "priority": 5, "tier": "gold", "language": "en",
            "required": {"sales": 7}, "owners": ["agt_1"],
        },
        "Waits in sales, place 3 (priority 5, gold customer, in English, needs sales 7, owner Grace)",
        "在队列 sales 等待，第 3 位（优先级 5，金牌客户，语言：英语，所需技能：sales 7，专属坐席：Grace）",
    ),
    ("queued", {"queue": "sales", "tier": "standard"}, "Waits in sales", "在队列 sales 等待"),
    (
        "queue_left",
        {"queue": "vip", "reason": "timed_out", "waited": 12.34},
        "Left vip after 12.3 s (waited too long)",
        "离开队列 vip，用时 12.3 秒（等待超时）",
    ),
    (
        "offer_accepted",
        {"agent_id": "agt_1", "after": 2.5},
        "Grace accepted after 2.5 s",
        "Grace 已应答，用时 2.5 秒",
    ),
    (
        "taken",
        {"agent_id": "agt_1", "queue": "vip"},
        "Grace took it out of the line unasked",
        "Grace 主动领取",
    ),
    (
        "offer_declined",
        {"agent_id": "agt_1", "reason": "busy"},
        "Grace declined (busy)",
        "Grace 拒接（占线）",
    ),
    ("offer_expired", {"agent_id": "agt_1"}, "Grace did not answer", "Grace 超时未应答"),
    (
        "offer_revoked",
        {"agent_id": "agt_8", "reason": "abandoned"},
        "agt_8 was asked no more (left while waiting)",
        "已撤回对 agt_8 的分配（等待中放弃）",
    ),
    (
        "connected",
        {"agent_id": "agt_2", "waited": 3.0},
        "Tom and the customer are connected",
        "Tom 与客户接通",
    ),
    (
        "requeued",
        {"queue": "vip", "reason": "carrier"},
        "Back in line in vip with the old place (the carrier did not do it)",
        "重新进入队列 vip，保留原排队位置（运营商未能执行）",
    ),
    (
        "moved",
        {"from": "sales", "to": "vip", "reason": "waited"},
        "Moved from sales to vip (waited there long enough)",
        "由队列 sales 溢出至队列 vip（等待超时）",
    ),
    (
        "transferred",
        {"from": "agt_1", "to_kind": "agent", "to": "agt_2", "how": "warm"},
        "Grace transferred it to agent Tom (after consultation)",
        "Grace 转接至坐席 Tom（咨询后转接）",
    ),
    (
        "transferred",
        {"from": None, "to_kind": "queue", "to": "vip", "how": "cold"},
        "nobody transferred it to queue vip (cold)",
        "无人 转接至队列 vip（盲转）",
    ),
    (
        "transferred",
        {"from": "agt_1", "to_kind": "number", "to": "+12025550123", "how": "cold"},
        "Grace transferred it to number +12025550123 (cold)",
        "Grace 转接至外线 +12025550123（盲转）",
    ),
    (
        "transferred",
        {"from": "agt_1", "to_kind": "bot", "to": "f/bot", "how": "cold"},
        "Grace gave the customer back to the bot",
        "Grace 将客户交还机器人",
    ),
    (
        "consulted",
        {"what": "asked", "agent_id": "agt_2", "queue": ""},
        "Consultation: asked (Tom)",
        "发起咨询（Tom）",
    ),
    (
        "consulted",
        {"what": "asked", "agent_id": "", "queue": "vip"},
        "Consultation: asked (vip)",
        "发起咨询（vip）",
    ),
    (
        "consulted",
        {"what": "joined"},
        "Consultation: the asked one has come",
        "咨询：被咨询坐席已接入",
    ),
    ("consulted", {"what": "canceled"}, "Consultation: called off", "咨询：已取消"),
    ("consulted", {"what": "done"}, "Consultation: the flow came to its end", "咨询：流程结束"),
    ("wrap_up", {"agent_id": "agt_1", "talked": 3}, "Grace writes it up", "Grace 进入话后处理"),
    (
        "wrapped_up",
        {"agent_id": "agt_1", "disposition": "resolved"},
        "Grace is done with it",
        "Grace 完成话后处理",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "english", "chinese"), TOLD)
def test_every_kind_is_told_in_both_languages(
    kind: str, data: dict[str, Any], english: str, chinese: str
) -> None:
    assert lines(kind, **data) == [english]
    assert lines(kind, "zh", **data) == [chinese]


def test_every_kind_is_in_the_table() -> None:
    assert {kind for kind, *_ in TOLD} | {"offered"} == KINDS


def test_queues_and_skills_are_called_by_their_titles() -> None:
    titles = Titles({"sales": {"en": "selling", "zh": "销售技能"}}, {"sales": {"en": "Sales", "zh": "销售"}})
    decision = Decision(AT, "queued", {"queue": "sales", "required": {"sales": 7}})
    told = {
        language: tell(Explanation("con_1", (decision,), NAMES), language, titles)[0][1]
        for language in ("en", "zh")
    }
    assert told == {
        "en": ["Waits in Sales (needs selling 7)"],
        "zh": ["在队列 销售 等待（所需技能：销售技能 7）"],
    }


def test_phrases_have_the_same_places_in_both_languages() -> None:
    for phrase in PHRASES.values():
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in phrase.values()]
        assert list(phrase) == ["en", "zh"]
        assert places[0] == places[1]


@pytest.mark.parametrize("order", [False, True], ids=["as written", "as PostgreSQL gives it back"])
def test_an_offer_tells_who_could_and_who_could_not(order: bool) -> None:
    """JSONB keeps the keys of objects in an order of its own."""
    why = json.loads(json.dumps(msgspec.to_builtins(WHY), sort_keys=order))
    if order:
        why["candidates"] = [
            dict(sorted(one.items(), key=lambda item: len(item[0]))) for one in why["candidates"]
        ]
        why["passed_over"] = [
            dict(sorted(one.items(), key=lambda item: len(item[0]))) for one in why["passed_over"]
        ]
    assert lines("offered", agent_id="agt_1", waited=7.04, free_for=0.004, why=why) == [
        "Offered to Grace after 7.0 s of waiting, 4 ms after both were free",
        "  decided by longest idle, because an agent became free; score 12.5, urgency 3, ring 2",
        "  could have had it: Grace (12.5), agt_9 (3) and 3 more",
        "  passed over: Tom, who had no room for it",
        "  passed over in all: 1 who had no room for it, 40 who lacks a skill or its level",
    ]
    assert lines("offered", "zh", agent_id="agt_1", waited=7.04, free_for=0.004, why=why) == [
        "等待 7.0 秒后分配给 Grace，距双方都空闲 4 毫秒",
        "  策略：最长空闲；触发：有坐席空闲；得分 12.5，紧急度 3，第 2 圈",
        "  候选坐席：Grace (12.5)，agt_9 (3) 等另外 3 人",
        "  未选中：Tom（已满负荷）",
        "  未选中合计：已满负荷 1 人，技能或等级不足 40 人",
    ]


def test_an_offer_without_a_why_is_told_too() -> None:
    assert lines("offered", agent_id="agt_1")[0].startswith("Offered to Grace after 0.0 s")


@pytest.mark.parametrize("trigger", ["agent_free", "work_came", "agent_left", "time"])
def test_every_trigger_of_the_router_has_words(trigger: str) -> None:
    why = msgspec.to_builtins(msgspec.structs.replace(WHY, trigger=trigger))
    assert f"because {trigger};" not in lines("offered", agent_id="agt_1", why=why)[1]


def test_every_reason_of_the_router_has_words() -> None:
    assert set(NEAREST) <= set(REASONS)
