"""The same state and message give the same turn; any text and any state get an answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from bot.embedded.load_project import load_project
from bot.embedded.spoken_digits import fold
from bot.embedded.text import MAX_CHARACTERS, clean
from bot.embedded.tracker import Tracker, decode, encode
from bot.runtime import BotError, Message

PROJECT = load_project(SHIPPED_PROJECT)
LINES = [
    "hello", "where is my order", "A1001", "我要投诉", "键盘坏了完全不能用", "没有", "很严重", "可以",
    "I want a refund", "yes", "no", "stop", "go back", "repeat", "blorp zzzz", "talk to a person",
    "can we speak English", "/affirm", "bye",
]  # fmt: skip

several = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@several
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=8))
async def test_a_turn_run_again_is_the_same_turn(bot: EmbeddedBot, lines: list[str]) -> None:
    state = ""
    for line in lines:
        message = Message("c1", line, None, "web")
        first = await bot.respond(message, state)
        assert await bot.respond(message, state) == first
        state = first.state


async def test_another_process_gives_the_same_turn(bot: EmbeddedBot, model_cache: Path) -> None:
    other = EmbeddedBot.load(SHIPPED_PROJECT, model_cache)
    await other.start()
    message = Message("c1", "我要投诉", None, "web")
    assert await other.respond(message) == await bot.respond(message)


@several
@given(st.text(max_size=300) | st.text(alphabet="/{}[]()\"'\\:-+@.0123456789A一二 \x00", max_size=300))
async def test_any_text_gets_an_answer(bot: EmbeddedBot, text: str) -> None:
    turn = await bot.respond(Message("c1", text, None, "web"))
    assert turn.replies
    assert 0.0 <= turn.confidence <= 1.0
    again = await bot.respond(Message("c1", text, None, "web"), turn.state)
    assert again.replies


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "我", "+1 (", "1 ", "one ", "@", "a.", "a@", "1.", "1,", "[", "{", "/inform{", "\ufdfa",
     "一月", "\u202e", "\ud800", "1/", "$1", "CC-", "double "],
)  # fmt: skip
async def test_long_monotonous_text_gets_an_answer(bot: EmbeddedBot, piece: str) -> None:
    """A pattern that backtracks without end would never come back from one of these."""
    turn = await bot.respond(Message("c1", piece * 20_000, None, "web"))
    assert turn.replies


async def test_only_the_first_two_thousand_characters_count(bot: EmbeddedBot) -> None:
    far = "x" * MAX_CHARACTERS + " order A1001"
    assert "order_number" not in (await bot.respond(Message("c1", far))).slots


async def test_what_a_customer_says_is_never_a_template(bot: EmbeddedBot) -> None:
    state = (await bot.respond(Message("c1", "I want to complain"))).state
    turn = await bot.respond(Message("c1", "the {ticket_number} and {{7*7}} {order_number}"), state)
    assert turn.slots["complaint_what"] == "the {ticket_number} and {{7*7}} {order_number}"
    assert "49" not in turn.state


@given(st.text())
def test_clean_text_is_short_single_spaced_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= MAX_CHARACTERS
    assert "  " not in cleaned
    assert cleaned.isprintable()
    assert clean(cleaned) == cleaned


@given(st.text(alphabet="0123 一二零onetwo doublefiv-,a", max_size=80))
def test_folded_digits_know_where_they_came_from(text: str) -> None:
    folded = fold(text)
    assert len(folded.origins) == len(folded.text) + 1
    for start in range(len(folded.text)):
        begin, end = folded.span(start, start + 1)
        assert 0 <= begin < end <= len(text)


trackers = st.builds(
    Tracker,
    turn=st.integers(0, 9999),
    slots=st.dictionaries(st.sampled_from(sorted(PROJECT.domain.slots)), st.none() | st.text(max_size=20)),
    states=st.lists(
        st.tuples(
            st.text(max_size=5),
            st.text(max_size=5),
            st.text(max_size=5),
            st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=2).map(tuple),
        )
    ),
    recent=st.lists(st.text(max_size=10), max_size=6),
)


@given(trackers)
def test_state_survives_the_round_trip(tracker: Tracker) -> None:
    state = encode(tracker)
    again = decode(state, PROJECT.domain)
    fresh = {name: slot.initial for name, slot in PROJECT.domain.slots.items()}
    assert again.slots == {**fresh, **tracker.slots}
    assert encode(decode(encode(again), PROJECT.domain)) == encode(again)
    assert (again.turn, again.states, again.recent) == (
        tracker.turn,
        tracker.states,
        tracker.recent,
    )


@given(
    st.text(min_size=1, max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    ).map(json.dumps)
)
def test_a_foreign_state_begins_anew_or_is_taken(state: str) -> None:
    tracker = decode(state, PROJECT.domain)
    assert tracker.slots.keys() == PROJECT.domain.slots.keys()


def test_a_form_that_no_longer_exists_is_left() -> None:
    state = encode(Tracker(loop="old_form", requested="old_slot", slots={"old_slot": "x"}))
    tracker = decode(state, PROJECT.domain)
    assert (tracker.loop, tracker.requested) == ("", "")
    assert "old_slot" not in tracker.slots


async def test_a_bot_that_has_not_learnt_says_so_and_what_to_do() -> None:
    bot = EmbeddedBot.load(SHIPPED_PROJECT)
    with pytest.raises(BotError, match=r"is training .* try again") as refusal:
        await bot.ready()
    assert refusal.value.retryable
    with pytest.raises(BotError, match="is training"):
        await bot.respond(Message("c1", "hello"))


async def test_a_closed_bot_answers_no_more(bot: EmbeddedBot) -> None:
    await bot.ready()
    await bot.close()
    with pytest.raises(BotError, match="closed"):
        await bot.respond(Message("c1", "hello"))
