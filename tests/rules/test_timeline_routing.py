"""The timeline's words for routing: every kind in both languages, with agents by name."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import contact_center
from contact_center.actions.talk import DISPOSITIONS
from contact_center.leg import REASONS
from contact_center.routing import STRATEGIES
from contact_center.timeline import lines_of
from contact_center.timeline_routing import PHRASES, TELLERS
from contact_center.timeline_tellers import TELLERS as ALL
from contact_center.timeline_words import WORDS
from contact_center.work import OUTCOMES
from crm_store.journal import KINDS, Entry
from crm_store.legs import STATES

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NAMES = {"agt_1": "Wang Fang", "agt_2": "Ann Lee"}
OFFER = {"work_id": "wrk_1", "offer_id": "off_1", "agent_id": "agt_1"}


def told(
    kind: str, data: dict[str, Any], language: str = "en", names: dict[str, str] | None = None
) -> list[str]:
    entries = [Entry("con_1", 0, AT, kind, data)]
    return [line.text for line in lines_of(entries, language, names=NAMES if names is None else names)]


EXAMPLES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "queued",
        {"queue": "sales", "position": 2, "priority": 5},
        "In line for sales (place 2, priority 5)",
        "进入队列 sales（第 2 位，优先级 5）",
    ),
    (
        "queue_left",
        {"queue": "sales", "reason": "timed_out", "waited": 60.0},
        "Left the line for sales (waited too long, waited 60 s)",
        "离开队列 sales（等待超时，等待 60 秒）",
    ),
    (
        "moved",
        {"work_id": "wrk_1", "from": "sales", "to": "service", "reason": "waited"},
        "Moved from queue sales to service (waited there long enough)",
        "由队列 sales 溢出至队列 service（等待超时）",
    ),
    (
        "moved",
        {"work_id": "wrk_1", "from": "sales", "to": "service", "reason": "full"},
        "Moved from queue sales to service (line is full)",
        "由队列 sales 溢出至队列 service（队列已满）",
    ),
    (
        "requeued",
        {"work_id": "wrk_1", "queue": "sales", "reason": "agent_no_answer", "by": "carrier"},
        "Back in line for sales, in the old place (the agent's telephone was not answered)",
        "重新进入队列 sales，保留原排队位置（坐席话机无人接听）",
    ),
    (
        "requeued",
        {"work_id": "wrk_1", "queue": "sales", "reason": "agent", "by": "agent:agt_1"},
        "Back in line for sales, in the old place (by Wang Fang)",
        "重新进入队列 sales，保留原排队位置（操作者 坐席 Wang Fang）",
    ),
    (
        "offered",
        OFFER | {"queue": "sales", "waited": 12.5, "free_for": 0.01, "why": {"strategy": "longest_idle"}},
        "Offered to Wang Fang (queue sales, waited 12.5 s, longest idle)",
        "分配给坐席 Wang Fang（队列 sales，等待 12.5 秒，最长空闲）",
    ),
    (
        "offer_accepted",
        OFFER | {"after": 3.2},
        "Wang Fang accepted (after 3.2 s)",
        "坐席 Wang Fang 已应答（用时 3.2 秒）",
    ),
    (
        "taken",
        OFFER | {"queue": "vip"},
        "Wang Fang took it out of the line",
        "坐席 Wang Fang 主动领取",
    ),
    (
        "offer_declined",
        OFFER | {"reason": "lunch"},
        "Wang Fang declined (lunch)",
        "坐席 Wang Fang 拒接（lunch）",
    ),
    (
        "offer_expired",
        OFFER | {"reason": "no_answer"},
        "Wang Fang did not answer",
        "坐席 Wang Fang 超时未应答",
    ),
    (
        "offer_revoked",
        OFFER | {"reason": "abandoned"},
        "The offer to Wang Fang was taken back (left while waiting)",
        "撤回对坐席 Wang Fang 的分配（等待中放弃）",
    ),
    (
        "connecting",
        {"target_kind": "number", "to": "+12025550123"},
        "Calling +12025550123 for the customer",
        "正在为客户呼叫 +12025550123",
    ),
    (
        "connected",
        {"work_id": "wrk_1", "agent_id": "agt_1", "waited": 15},
        "Customer and Wang Fang are connected (waited 15 s)",
        "客户与坐席 Wang Fang 接通（等待 15 秒）",
    ),
    ("held", {"work_id": "wrk_1", "on": True}, "Customer on hold", "客户进入保持"),
    ("held", {"work_id": "wrk_1", "on": False}, "Customer back from hold", "客户保持解除"),
    (
        "transferred",
        {"work_id": "wrk_1", "from": "agt_1", "to_kind": "queue", "to": "sales", "how": "cold"},
        "Wang Fang transferred to queue sales (cold)",
        "坐席 Wang Fang 转接至队列 sales（盲转）",
    ),
    (
        "transferred",
        {"work_id": "wrk_1", "from": "agt_1", "to_kind": "agent", "to": "agt_2", "how": "warm"},
        "Wang Fang transferred to Ann Lee (after consultation)",
        "坐席 Wang Fang 转接至坐席 Ann Lee（咨询后转接）",
    ),
    (
        "transferred",
        {"work_id": "wrk_1", "from": "agt_1", "to_kind": "number", "to": "+12025550123", "how": "cold"},
        "Wang Fang transferred to number +12025550123 (cold)",
        "坐席 Wang Fang 转接至外线 +12025550123（盲转）",
    ),
    (
        "transferred",
        {
            "work_id": "wrk_1",
            "from": "agt_1",
            "to_kind": "bot",
            "to": "f/bot",
            "how": "cold",
            "text": "it has come",
        },
        "Wang Fang transferred to the bot (cold, “it has come”)",
        "坐席 Wang Fang 转接至机器人（盲转，“it has come”）",
    ),
    (
        "consulted",
        {"work_id": "wrk_1", "consult_id": "wrk_2", "what": "asked", "agent_id": "agt_2", "queue": ""},
        "Ann Lee is consulted",
        "发起咨询：坐席 Ann Lee",
    ),
    (
        "consulted",
        {"work_id": "wrk_1", "consult_id": "wrk_2", "what": "asked", "agent_id": "", "queue": "sales"},
        "queue sales is consulted",
        "发起咨询：队列 sales",
    ),
    ("consulted", {"what": "joined"}, "The consulted agent answered", "被咨询坐席已应答"),
    ("consulted", {"what": "canceled"}, "The consultation was called off", "咨询已取消"),
    (
        "supervised",
        {"work_id": "wrk_1", "agent_id": "agt_2", "mode": "listen"},
        "Supervisor Ann Lee: listens",
        "班长（坐席 Ann Lee）监听",
    ),
    (
        "leg",
        {"leg_id": "leg_1", "role": "agent", "state": "ringing", "agent_id": "agt_1"},
        "Call leg, agent Wang Fang: ringing",
        "话路（坐席 Wang Fang）：振铃",
    ),
    (
        "leg",
        {"leg_id": "leg_1", "role": "outside", "state": "failed", "agent_id": None, "reason": "busy"},
        "Call leg, outside party: failed (busy)",
        "话路（外线）：未接通（占线）",
    ),
    (
        "wrap_up",
        {"work_id": "wrk_1", "agent_id": "agt_1", "talked": 65.0},
        "Conversation over, Wang Fang writes it up (talked 65 s)",
        "会话结束，坐席 Wang Fang 进入话后处理（会话 65 秒）",
    ),
    (
        "wrapped_up",
        {"work_id": "wrk_1", "agent_id": "agt_1", "disposition": "resolved", "seconds": 9, "text": "refund"},
        "Wang Fang is done with it (resolved, after 9 s, “refund”)",
        "坐席 Wang Fang 完成话后处理（已解决，用时 9 秒，“refund”）",
    ),
    (
        "callback_placed",
        {"callback_id": "cbk_1", "contact_id": "con_2", "agent_id": "agt_1"},
        "Wang Fang calls back as promised (contact con_2)",
        "坐席 Wang Fang 按约回电（通话 con_2）",
    ),
]


def test_every_kind_of_routing_has_an_example_and_every_kind_at_all_a_teller() -> None:
    assert {kind for kind, *_ in EXAMPLES} == TELLERS.keys()
    assert ALL.keys() == KINDS.keys()


@pytest.mark.parametrize(("kind", "data", "english", "chinese"), EXAMPLES)
def test_each_kind_is_told_in_both_languages(
    kind: str, data: dict[str, Any], english: str, chinese: str
) -> None:
    assert told(kind, data) == [english]
    assert told(kind, data, "zh-CN") == [chinese]


@pytest.mark.parametrize("kind", sorted(TELLERS))
def test_an_entry_with_nothing_in_it_breaks_nothing(kind: str) -> None:
    assert len(told(kind, {})) == 1
    assert len(told(kind, {}, "zh")) == 1


@pytest.mark.parametrize(
    ("waited", "tail"), [(0.014, ""), (0.06, " (waited 0.1 s)"), (75.04, " (waited 75 s)"), (None, "")]
)
def test_times_are_told_to_a_tenth_of_a_second(waited: float | None, tail: str) -> None:
    data = {"agent_id": "agt_1", "waited": waited}
    assert told("connected", data) == [f"Customer and Wang Fang are connected{tail}"]


def test_an_agent_without_a_name_is_shown_by_the_id() -> None:
    assert told("offer_expired", OFFER, names={}) == ["agt_1 did not answer"]
    assert told("offer_expired", OFFER, "zh", names={}) == ["坐席 agt_1 超时未应答"]


def test_phrases_are_there_in_both_languages_with_the_same_places() -> None:
    for phrase in PHRASES.values():
        assert phrase.keys() == {"en", "zh"}
        assert _places(phrase["en"]) == _places(phrase["zh"])


def _places(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def test_every_phrase_is_said_by_some_example() -> None:
    """A phrase that no example needs is a dead one, or an example is missing."""
    shown = {kind: [told(kind, data)[0] for name, data, *_ in EXAMPLES if name == kind] for kind in TELLERS}
    everything = "\n".join(text for texts in shown.values() for text in texts)
    for name, phrase in PHRASES.items():
        pieces = [piece.partition("}")[2] for piece in ("}" + phrase["en"]).split("{")]
        assert all(piece.strip() in everything for piece in pieces), name


@pytest.mark.parametrize(
    "code",
    sorted(
        {"wanted", *OUTCOMES, *REASONS, *STRATEGIES, *DISPOSITIONS, *(f"leg_{state}" for state in STATES)}
        | {f"leg_{role}" for role in ("agent", "consulted", "customer", "outside", "supervisor")}
    ),
)
def test_the_codes_of_routing_have_words(code: str) -> None:
    assert code in WORDS


def test_the_reasons_for_which_work_goes_back_have_words() -> None:
    """The literal reasons of `requeue` in the whole program, but for the agent's own wish."""
    found: set[str] = set()
    for path in Path(contact_center.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "requeue":
                found |= {str(arg.value) for arg in node.args[2:] if isinstance(arg, ast.Constant)}
    assert {"transfer", "reassigned"} <= found
    assert found - {"agent"} <= WORDS.keys()
