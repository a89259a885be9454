"""The timeline: every kind of entry in both languages, and nothing that the journal had masked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contact_center import timeline_routing
from contact_center.timeline import lines_of
from contact_center.timeline_tellers import TELLERS
from contact_center.timeline_words import PHRASES, WORDS
from crm_store.journal import KINDS, Entry

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def entry(kind: str, /, seconds: float = 0, seq: int = 0, **data: Any) -> Entry:
    return Entry("con_1", seq, AT + timedelta(seconds=seconds), kind, data)


def told(kind: str, /, language: str = "en", texts: dict[str, str] | None = None, **data: Any) -> list[str]:
    return [line.text for line in lines_of([entry(kind, **data)], language, texts)]


EXAMPLES: dict[str, tuple[dict[str, Any], str, str]] = {
    "contact_started": (
        {"channel": "phone", "direction": "inbound", "from": "+1", "to": "+2", "flow": "front_door"},
        "Phone call from +1 to +2; flow front_door answers",
        "+1 通过电话联系 +2，由流程 front_door 接待",
    ),
    "customer_recognised": (
        {"customer_id": "cus_1", "name": "Li Wei", "evidence": "crm_import", "tier": "gold"},
        "Recognised as Li Wei (known from the CRM, gold customer)",
        "识别为客户 Li Wei（CRM 导入，金牌客户）",
    ),
    "input": ({"turn": 1, "kind": "keys", "digits": "4"}, "Customer pressed 4", "客户按键 4"),
    "path": (
        {"steps": [["a", "x", "next"], ["a", "y", "4"], ["b", "z", ""]]},
        "Path: a/x → y (4) → b/z",
        "路径：a/x → y（4） → b/z",
    ),
    "effect": (
        {
            "asked": {"effect": "look_up", "what": "order", "value": "SO-1"},
            "result": {"kind": "done", "effect": "look_up", "result": {"found": True, "allowed": False}},
        },
        "Looked up order SO-1: belongs to somebody else",
        "查询订单 SO-1：属于他人",
    ),
    "ticket_opened": (
        {"ticket_id": "t", "number": "12345678", "severity": "high"},
        "Ticket 1234-5678 opened (high)",
        "已开立工单 1234-5678（高）",
    ),
    "ticket_joined": ({"number": "12"}, "Joined open ticket 12", "并入未结工单 12"),
    "message_in": (
        {"message_id": "m", "text": "hello", "media": 2},
        "Customer wrote: “hello” (2 files)",
        "客户写道：“hello”（2 个文件）",
    ),
    "message_out": (
        {"message_id": "m", "author": "agent", "text": "hi"},
        "Message by an agent: “hi”",
        "坐席发出消息：“hi”",
    ),
    "message_status": (
        {"status": "failed", "error": "30003"},
        "Message failed (30003)",
        "消息失败（30003）",
    ),
    "call_status": (
        {"status": "completed", "seconds": 30, "late": True},
        "Provider reports the call completed (30 s, after the end)",
        "运营商报告通话已完成（30 秒，结束之后）",
    ),
    "recording": (
        {"status": "completed", "seconds": 12.5},
        "Recording completed (12.5 s)",
        "录音已完成（12.5 秒）",
    ),
    "transcript": (
        {"track": "customer", "text": "good day"},
        "Transcript, customer: “good day”",
        "语音转写，客户：“good day”",
    ),
    "voicemail": (
        {"seconds": 9, "text": "call me"},
        "Customer left a message (9 s, “call me”)",
        "客户留言（9 秒，“call me”）",
    ),
    "callback_requested": (
        {"queue": "sales"},
        "Call back promised for queue sales",
        "已承诺由队列 sales 回电",
    ),
    "survey": (
        {"survey": "csat", "score": 4, "comment": "quick"},
        "Survey csat: 4 of 5 (“quick”)",
        "满意度调查 csat：4 分（满分 5 分）（“quick”）",
    ),
    "consent": (
        {"kind": "sms", "opted_out": True, "source": "keyword"},
        "Customer wants no more SMS messages (by keyword)",
        "客户拒收短信消息（关键词）",
    ),
    "fault": ({"what": "no such name"}, "The flow went wrong: no such name", "流程出错：no such name"),
    "trouble": (
        {"code": "12100"},
        "The provider could not use our answer (error 12100)",
        "运营商无法使用我们的应答（错误 12100）",
    ),
    "owner_changed": (
        {"owner": "agent", "by": "agent:agt_1"},
        "From now on an agent speaks with the customer (by agent:agt_1)",
        "此后由坐席接待客户（操作者 agent:agt_1）",
    ),
    "contact_updated": ({"language": "zh-CN"}, "Noted language: Chinese", "记录语言：中文"),
    "note": ({"actor": "agent:agt_1", "text": "ok"}, "Note by agent:agt_1: “ok”", "agent:agt_1 备注：“ok”"),
    "contact_ended": (
        {"outcome": "abandoned", "reason": "customer"},
        "Over: left while waiting (customer)",
        "结束：等待中放弃（客户）",
    ),
    "closed_by_sweep": (
        {},
        "No end was ever reported; closed by the sweep",
        "未收到结束通知，由系统清理关闭",
    ),
    "merged": (
        {"merge_id": "m", "customer_id": "cus_2"},
        "Moved to customer cus_2 by a merge",
        "客户合并，转至客户 cus_2",
    ),
    "unmerged": (
        {"merge_id": "m", "customer_id": "cus_1"},
        "Moved back to customer cus_1: the merge was undone",
        "合并已撤销，转回客户 cus_1",
    ),
}


def test_every_kind_has_its_teller_and_example() -> None:
    assert TELLERS.keys() == KINDS.keys()
    assert EXAMPLES.keys() == KINDS.keys() - timeline_routing.TELLERS.keys()  # tests/rules has those


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_each_kind_is_told_in_both_languages(kind: str) -> None:
    data, english, chinese = EXAMPLES[kind]
    fields = dict(data)
    lines = lines_of([Entry("con_1", 0, AT, kind, fields)])
    assert [line.text for line in lines] == [english]
    assert [line.text for line in lines_of([Entry("con_1", 0, AT, kind, fields)], "zh-CN")] == [chinese]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_entry_with_nothing_in_it_breaks_nothing(kind: str) -> None:
    for language in ("en", "zh"):
        lines_of([Entry("con_1", 0, AT, kind, {})], language)


def test_phrases_and_words_are_there_in_both_languages() -> None:
    assert [name for name, phrase in PHRASES.items() if phrase.keys() != {"en", "zh"}] == []
    assert [name for name, words in WORDS.items() if not all(words)] == []


def test_lines_know_when_after_how_long_and_from_which_entry() -> None:
    entries = [
        entry("contact_started", channel="phone"),
        entry("path", 75.5, 1, steps=[["a", "x", ""]], said=["Hello"]),
    ]
    lines = lines_of(entries)
    assert [(line.seq, line.offset, line.kind) for line in lines] == [
        (0, 0.0, "contact_started"),
        (1, 75.5, "path"),
        (1, 75.5, "path"),
    ]
    assert lines[1].at == AT + timedelta(seconds=75.5)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"kind": "words", "text": "refund", "confidence": 0.91}, "Customer: “refund” (recognised with 91%)"),
        ({"kind": "picked", "value": "billing"}, "Customer chose “billing”"),
        ({"kind": "silent"}, "Customer gave no answer"),
        ({"kind": "recorded", "seconds": 3.0}, "Customer finished recording (3 s)"),
        ({"kind": "hung_up"}, "Customer has gone"),
        ({"input": {"kind": "keys", "digits": "12#"}}, "Customer pressed 12#"),
    ],
)
def test_what_the_customer_did(given: dict[str, Any], text: str) -> None:
    assert [line.text for line in lines_of([Entry("con_1", 0, AT, "input", given)])] == [text]


def test_pauses_of_a_recording_are_told_in_both_languages() -> None:
    for status, en, zh in (
        ("paused", "Recording paused", "录音已暂停"),
        ("resumed", "Recording resumed", "录音已恢复"),
    ):
        assert told("recording", "en", status=status, by="system") == [f"{en} (by the system)"]
        assert told("recording", "zh", status=status) == [zh]


@pytest.mark.parametrize(
    ("asked", "result", "text"),
    [
        (
            {"effect": "ask_bot", "text": "hi"},
            {"replies": [{"text": "Hello."}], "intent": "greet", "handoff": True},
            "Bot: “Hello.” (understood as greet, hands over to a person)",
        ),
        ({"effect": "ticket_status", "number": "12"}, {"found": False}, "Asked about ticket 12: not found"),
        (
            {"effect": "http_request", "method": "GET"},
            {"status": 200},
            "Asked another system (GET): status 200",
        ),
    ],
)
def test_what_the_application_did(asked: dict[str, Any], result: dict[str, Any], text: str) -> None:
    answer = {"kind": "done", "effect": asked["effect"], "result": result}
    assert told("effect", asked=asked, result=answer) == [text]


def test_an_effect_with_an_entry_of_its_own_is_told_only_where_it_failed() -> None:
    done = {"kind": "done", "effect": "open_ticket", "result": {}}
    failed = {"kind": "failed", "effect": "open_ticket", "reason": "timeout"}
    assert told("effect", asked={}, result=done) == []
    assert told("effect", asked={}, result=failed) == ["Opening a ticket failed: no answer in time"]


def test_what_was_masked_in_the_input_is_not_told_by_the_message() -> None:
    texts = {"m1": "my pin is 1234", "m2": "to the agent"}
    entries = [
        entry("message_in", message_id="m1"),
        Entry("con_1", 1, AT, "input", {"turn": 1, "kind": "words", "text": "****"}),
        entry("message_in", 5, 2, message_id="m2"),
    ]
    lines = [line.text for line in lines_of(entries, texts=texts)]
    assert lines == ["A message came", "Customer: “****”", "Customer wrote: “to the agent”"]


def test_who_is_recognised_by_a_number_and_called_no_number_of_ours() -> None:
    assert told("customer_recognised", id="cus_1", name="Li", by="phone", tier="standard") == [
        "Recognised as Li (by the number)"
    ]
    assert told("contact_started", channel="console", flow="hello") == [
        "Terminal from a withheld number; flow hello answers"
    ]


def test_agents_are_called_by_their_names_where_they_are_known() -> None:
    names = {"agt_1": "Wang Fang"}
    entries = [
        entry("note", 0, 0, actor="agent:agt_1", text="ok"),
        entry("note", 1, 1, actor="agent:agt_2", text="ok"),
        entry("note", 2, 2, actor="cli:root", text="ok"),
        entry("owner_changed", 3, 3, owner="agent", by="agent:agt_1"),
        entry("message_out", 4, 4, author="agent", actor="agent:agt_1", text="hi"),
    ]
    assert [line.text for line in lines_of(entries, names=names)] == [
        "Note by Wang Fang: “ok”",
        "Note by agent:agt_2: “ok”",
        "Note by cli:root: “ok”",
        "From now on an agent speaks with the customer (by Wang Fang)",
        "Message by Wang Fang: “hi”",
    ]
    assert [line.text for line in lines_of(entries[:1], "zh", names=names)] == ["坐席 Wang Fang 备注：“ok”"]


def test_a_kind_of_tomorrow_is_shown_by_its_name() -> None:
    assert told("whispered_to") == ["whispered to"]


def test_a_quotation_is_one_line_and_not_endless() -> None:
    (text,) = told("note", actor="a", text="x\ny" + "z" * 1000)
    assert "\n" not in text
    assert len(text) < 450
