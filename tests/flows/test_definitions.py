"""The flows that come with the product: they load, nothing is found in them, and their scripts pass."""

from __future__ import annotations

import re

import msgspec
import pytest

from contact_center.cli.flows import SHIPPED
from ivr_flows import FlowSet
from ivr_flows.coverage import coverage
from ivr_flows.instructions import HangUp, Listen, Say
from ivr_flows.lint import check
from ivr_flows.script import Action, Conversation, Result, read_scripts, run_conversation

FLOWS = FlowSet.load(SHIPPED)
CONVERSATIONS = read_scripts(SHIPPED)
RESULTS = {(c.flow, c.name): run_conversation(FLOWS, c) for c in CONVERSATIONS}


def _result(conversation: Conversation) -> Result:
    return RESULTS[conversation.flow, conversation.name]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: f"{c.flow}:{c.line}")
def test_script(conversation: Conversation) -> None:
    assert _result(conversation).problems == ()


def test_every_conversation_has_a_name_of_its_own() -> None:
    assert len(RESULTS) == len(CONVERSATIONS)


def test_the_linter_finds_nothing() -> None:
    _, findings = check(SHIPPED)
    assert [str(finding) for finding in findings] == []


def test_scripts_reach_every_exit() -> None:
    steps = [step for result in RESULTS.values() for step in result.steps]
    unreached = [(u.flow, u.node, u.exit) for each in coverage(FLOWS, steps) for u in each.unreached]
    assert unreached == []


def test_the_shipped_flows_are_there_in_their_languages() -> None:
    languages = {name: flow.languages for name, flow in FLOWS.flows.items()}
    assert languages["front_door"] == ("en", "zh")
    assert languages["ticket_hotline"] == ("zh",)


def test_every_line_of_waiting_has_a_limit_and_a_way_out() -> None:
    for flow in FLOWS.flows.values():
        for name, node in flow.nodes.items():
            if node.kind != "queue":
                continue
            exits = {each.name: each.target for each in flow.exits(name)}
            ways_out = set(exits.values()) - {exits["next"]}
            assert getattr(node, "max_wait") <= 1800, name  # noqa: B009 - a field of this kind only
            assert not any(target.startswith("@") for target in ways_out), name


def test_no_text_shows_the_work_of_a_template() -> None:
    """No doubled spaces, no spaces between Chinese words, no braces, no loose ends."""
    wide = "\u4e00-\u9fff，。；："
    for result in RESULTS.values():
        for _, turn in result.turns:
            for text in _spoken(turn.instructions):
                assert "  " not in text, text
                assert "{" not in text, text
                assert text.strip() == text, text
                # The engine reads options out as sentences with a space between them.
                assert not re.search(rf"[{wide}] [{wide}]", text.replace("。 ", "。")), text


def _spoken(instructions: object) -> list[str]:
    found: list[str] = []
    for each in instructions if isinstance(instructions, tuple) else ():
        if isinstance(each, Say):
            found.append(each.text)
        found += _spoken(getattr(each, "prompts", ()))
        found += _spoken(getattr(each, "announcements", ()))
    return found


def test_text_messages_never_speak_of_keys_and_tones() -> None:
    for result in RESULTS.values():
        if result.conversation.channel == "phone":
            continue
        for _, turn in result.turns:
            for text in _spoken(turn.instructions):
                for word in ("press", "hash key", "tone", "井号键", "提示音", "星号键"):
                    assert word not in text, text


def test_every_wait_of_a_written_conversation_is_short_enough_for_a_message() -> None:
    for result in RESULTS.values():
        for _, turn in result.turns:
            assert sum(len(text) for text in _spoken(turn.instructions)) < 600


@pytest.mark.parametrize("name", ["front_door", "ticket_hotline"])
def test_a_caller_who_never_answers_reaches_an_end(name: str) -> None:
    quiet = Conversation(
        flow=name,
        name="quiet",
        file="",
        line=1,
        actions=(),
        company={"name": "X", "timezone": "Asia/Shanghai"},
        contact={"channel": "phone", "from_address": "+8613800000001", "to_address": "+86105"},
    )
    patient = _with_steps(quiet, ["silent"] * 40)
    last = run_conversation(FLOWS, patient).turns[-1][1]
    assert last.session.waiting == "ended"
    assert isinstance(last.instructions[-1], HangUp)


def _with_steps(conversation: Conversation, words: list[str]) -> Conversation:
    actions = tuple(Action(word, True, 1) for word in words)
    return msgspec.structs.replace(conversation, actions=actions)


def test_a_phone_menu_tells_its_keys_and_a_text_lists_them() -> None:
    for conversation in CONVERSATIONS:
        for _, turn in _result(conversation).turns:
            last = turn.instructions[-1] if turn.instructions else None
            if not isinstance(last, Listen) or turn.session.node != "main":
                continue
            spoken = " ".join(_spoken(turn.instructions))
            told = [option.key in spoken for option in last.options]
            assert all(told) if conversation.channel == "phone" else last.offer_options
