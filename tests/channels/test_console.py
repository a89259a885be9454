"""What the terminal is answered."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contact_center.channels import Console
from contact_center.channels.base import OutMessage, Reply
from contact_center.channels.console import ConsoleSettings
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Option,
    Pause,
    Play,
    RecordMessage,
    Say,
    Talk,
    WaitInQueue,
)
from tests.channels.console_kit import SECRET, asked

CONSOLE = Console(ConsoleSettings(secret=SECRET))


def answer(*instructions: Instruction, event: str = "keys", page: int = 0, **reply: Any) -> dict[str, Any]:
    made = msgspec.structs.replace(Reply("con_1", 3, instructions=instructions), **reply)
    outbound = CONSOLE.render(made, asked(event, page=page))
    assert (outbound.status, outbound.content_type) == (200, "application/json")
    decoded: dict[str, Any] = msgspec.json.decode(outbound.body)
    return decoded


def test_a_question() -> None:
    listen = Listen(
        "zh",
        (Say("请按1", "zh"), Pause(2)),
        (Option("sales", "销售", "1"),),
        1,
        1,
        speech=True,
        sensitive=True,
    )
    assert answer(Say("您好", "zh"), Play("https://example.com/a.mp3", "♪"), listen, language="zh") == {
        "contact": "con_1",
        "turn": 3,
        "language": "zh",
        "say": [
            {"text": "您好", "language": "zh"},
            {"play": "https://example.com/a.mp3", "text": "♪"},
            {"text": "请按1", "language": "zh"},
            {"pause": 2},
        ],
        "messages": [],
        "await": {
            "kind": "answer",
            "keys": {"min": 1, "max": 1, "finish": "#"},
            "speech": True,
            "timeout": 5.0,
            "sensitive": True,
            "options": [{"value": "sales", "label": "销售", "key": "1"}],
        },
        "ended": False,
        "reason": "",
    }


def test_a_question_without_keys() -> None:
    assert answer(Listen("en", speech=True))["await"]["keys"] is None


@pytest.mark.parametrize(
    ("instruction", "awaited"),
    [
        (
            RecordMessage("en", "voicemail", max_seconds=90),
            {"kind": "recording", "purpose": "voicemail", "max_seconds": 90, "finish": "#",
             "transcribe": False},
        ),
        (
            Connect("client", "agent_1", "en", 20, record=True),
            {"kind": "connect", "target_kind": "client", "target": "agent_1", "timeout": 20, "record": True},
        ),
        (Talk("con_1", "en", "Sam", record=True), {"kind": "talk", "agent": "Sam"}),
        (
            WaitInQueue("billing", "en", 600, leave_keys={"1": "call_back"}),
            {"kind": "queue", "queue": "billing", "max_wait": 600, "every": 30, "page": 0,
             "leave_keys": {"1": "call_back"}},
        ),
        (Say("…", "en"), {"kind": "nothing"}),
    ],
)  # fmt: skip
def test_what_is_awaited(instruction: Instruction, awaited: dict[str, Any]) -> None:
    told = answer(instruction)
    assert told["await"] == awaited
    assert told["ended"] is False


def test_announcements_take_turns() -> None:
    waiting = WaitInQueue("q", "en", 60, (Say("first", "en"), Say("second", "en")))
    heard = [answer(waiting, event="wait", page=page)["say"][0]["text"] for page in (0, 1, 2)]
    assert heard == ["first", "second", "first"]
    assert answer(waiting, event="wait", page=1)["await"]["page"] == 1


def test_the_end() -> None:
    told = answer(Say("Bye.", "en"), HangUp("over"))
    assert (told["ended"], told["reason"], told["await"]) == (True, "over", {"kind": "nothing"})


def test_a_contact_that_nobody_knows() -> None:
    told = answer(contact_id="")
    assert (told["ended"], told["reason"]) == (True, "unknown")


def test_messages_of_a_chat() -> None:
    message = OutMessage("msg_1", "Hello", ("https://example.com/a.png",))
    assert answer(messages=(message,))["messages"] == [
        {"id": "msg_1", "text": "Hello", "media": ["https://example.com/a.png"]}
    ]


def test_the_apology() -> None:
    outbound = CONSOLE.apology(asked("keys"), "zh")
    assert outbound.status == 503
    assert "抱歉" in msgspec.json.decode(outbound.body)["error"]


@pytest.mark.parametrize(
    ("channel", "speaks", "buttons"), [("console", True, False), ("console_chat", False, True)]
)
def test_it_is_a_telephone_or_a_chat(channel: str, speaks: bool, buttons: bool) -> None:
    traits = CONSOLE.traits(channel)
    assert (traits.name, traits.speaks, traits.buttons) == (channel, speaks, buttons)


def test_without_a_secret_nothing_starts() -> None:
    with pytest.raises(ValueError, match="secret"):
        Console(ConsoleSettings(secret=""))
