"""The bot on a Rasa server: what it asks, and what it does when the answer does not come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.embedded import EmbeddedBot
from bot.rasa_server import RasaServerBot, RasaSettings, Rests
from bot.runtime import Bot, BotError, BotTurn, Message, Reply
from tests.bot.rasa.fake_server import (
    TOKEN,
    TURN,
    Answer,
    FakeRasa,
    half,
    reset,
    says,
    served,
    slow,
    status,
)

SECRET = "my order is A1001"
MESSAGE = Message("conversation-1", SECRET, "en", "web")
FALLEN = BotTurn((Reply("Hello from here."),), "greet", 1.0, {}, False, None, False, "after")


class Recorder:
    """A fall-back that answers `FALLEN` and remembers what it was asked."""

    name = "recorder"

    def __init__(self) -> None:
        self.asked: list[tuple[Message, str, Mapping[str, object] | None]] = []
        self.closed = False

    async def ready(self) -> None:
        return None

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        self.asked.append((message, state, context))
        return FALLEN

    async def close(self) -> None:
        self.closed = True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def settings(url: str, **changes: float) -> RasaSettings:
    known = {"timeout": 5.0, "connect_timeout": 2.0, "pause": 0.0, **changes}
    return RasaSettings(url, TOKEN, "http://engine.example", **known)  # type: ignore[arg-type]


async def test_the_message_and_state_go_there_and_the_turn_comes_back() -> None:
    async with served(FakeRasa()) as fake:
        bot = RasaServerBot(settings(fake.url + "/"))
        assert await bot.respond(MESSAGE, "before") == TURN
        await bot.close()
    (asked,) = fake.requests
    assert asked == {
        "message": {
            "conversation_id": "conversation-1",
            "text": SECRET,
            "language": "en",
            "channel": "web",
            "today": None,
        },
        "state": "before",
        "callback": "http://engine.example",
    }
    assert fake.tokens == [f"Bearer {TOKEN}"]


FAULTS: dict[str, tuple[Answer, int]] = {
    "slow": (slow, 1),
    "server error": (status(500), 1),
    "overloaded": (status(503), 1),
    "wrong token": (status(401), 1),
    "stock server": (status(404), 1),
    "redirect": (status(302), 1),
    "no content": (status(204), 1),
    "garbage": (says(b"\xff\xfe<html>"), 1),
    "empty": (says(b""), 1),
    "another shape": (says(b'{"replies": 1}'), 1),
    "too deep": (says(b"[" * 100_000), 1),
    "huge": (says(b'{"replies": "' + b"x" * 2_000_000), 1),
    "half an answer": (half, 1),
    "reset": (reset, 2),
}


@pytest.mark.parametrize("fault", list(FAULTS))
async def test_a_fault_falls_back_with_the_same_message_and_state(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer, requests = FAULTS[fault]
    fallback, outcomes = Recorder(), list[str]()
    async with served(FakeRasa(*[answer] * requests)) as fake:
        patience = 0.05 if fault == "slow" else 5.0
        bot = RasaServerBot(
            settings(fake.url, timeout=patience),
            fallback,
            observe=lambda outcome, seconds: outcomes.append(outcome),
        )
        with caplog.at_level(logging.DEBUG, "bot"):
            assert await bot.respond(MESSAGE, "before", context={"scene": 1}) == FALLEN
        assert await bot.respond(MESSAGE, "before") == TURN
        await bot.close()
    assert fallback.asked == [(MESSAGE, "before", {"scene": 1})]
    assert outcomes == ["fell_back", "answered"]
    assert len(fake.requests) == requests + 1
    assert caplog.records
    assert SECRET not in caplog.text
    assert TOKEN not in caplog.text
    assert fallback.closed


async def test_a_lost_connection_is_tried_again() -> None:
    async with served(FakeRasa(reset)) as fake:
        bot = RasaServerBot(settings(fake.url), Recorder())
        assert await bot.respond(MESSAGE) == TURN
        await bot.close()
    assert len(fake.requests) == 2
    assert fake.requests[0] == fake.requests[1]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (status(404), "credentials.yml"),
        (status(401), "bot.rasa.token"),
        (status(500), "status 500"),
        (says(b"[]"), "no turn"),
    ],
)
async def test_without_a_fallback_the_error_says_what_to_do(fault: Answer, told: str) -> None:
    outcomes = list[str]()
    async with served(FakeRasa(fault)) as fake:
        bot = RasaServerBot(settings(fake.url), observe=lambda outcome, seconds: outcomes.append(outcome))
        with pytest.raises(BotError, match=told):
            await bot.respond(MESSAGE)
        await bot.close()
    assert outcomes == ["failed"]


async def test_nobody_there_is_told_how_to_start_one() -> None:
    async with served(FakeRasa()) as fake:
        url = fake.url
    bot = RasaServerBot(settings(url))
    with pytest.raises(BotError, match="contact-center rasa serve") as caught:
        await bot.respond(MESSAGE)
    assert caught.value.retryable
    await bot.close()


async def test_after_failures_in_a_row_the_server_is_left_alone_and_then_probed() -> None:
    clock, fallback, outcomes = Clock(), Recorder(), list[str]()
    async with served(FakeRasa(*[status(500)] * 4)) as fake:
        bot = RasaServerBot(
            settings(fake.url, failures=3, rest=15.0),
            fallback,
            clock=clock,
            observe=lambda outcome, seconds: outcomes.append(outcome),
        )
        for _ in range(5):
            assert await bot.respond(MESSAGE) == FALLEN
        assert len(fake.requests) == 3
        clock.now += 15.0
        assert await bot.respond(MESSAGE) == FALLEN  # the probe fails too
        assert await bot.respond(MESSAGE) == FALLEN
        assert len(fake.requests) == 4
        clock.now += 15.0
        assert await bot.respond(MESSAGE) == TURN
        assert await bot.respond(MESSAGE) == TURN
        await bot.close()
    assert outcomes == ["fell_back"] * 7 + ["answered"] * 2


async def test_a_resting_server_without_fallback_is_refused_as_retryable() -> None:
    async with served(FakeRasa(status(500))) as fake:
        bot = RasaServerBot(settings(fake.url, failures=1), clock=Clock())
        with pytest.raises(BotError, match="status 500"):
            await bot.respond(MESSAGE)
        with pytest.raises(BotError, match="left alone") as caught:
            await bot.respond(MESSAGE)
        await bot.close()
    assert caught.value.retryable
    assert len(fake.requests) == 1


def test_only_one_request_probes_and_its_silence_ends_with_the_rest() -> None:
    rests = Rests(failures=2, rest=10.0)
    rests.note(answered=False, now=0.0)
    assert rests.admits(0.0)
    rests.note(answered=False, now=1.0)
    assert rests.resting
    assert [rests.admits(at) for at in (1.0, 10.9, 11.0, 11.1, 20.9, 21.0)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip
    rests.note(answered=True, now=21.5)
    assert rests.admits(21.5)
    assert not rests.resting


async def test_a_caller_that_gives_up_counts_as_a_failure() -> None:
    async with served(FakeRasa(slow)) as fake:
        bot = RasaServerBot(settings(fake.url, failures=1), Recorder(), clock=Clock())
        waiting = asyncio.create_task(bot.respond(MESSAGE))
        await fake.arrived.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await bot.respond(MESSAGE) == FALLEN
        await bot.close()
    assert len(fake.requests) == 1


@pytest.mark.parametrize("text", ["", "\ud800 half", "\x00\x07", "x" * 100_000, "{{7*7}}"])
async def test_any_text_can_be_sent(text: str) -> None:
    async with served(FakeRasa()) as fake:
        bot = RasaServerBot(settings(fake.url))
        assert await bot.respond(Message("c", text)) == TURN
        await bot.close()
    assert len(fake.requests[0]["message"]["text"]) <= 2_000


async def test_the_embedded_runtime_takes_over_in_mid_conversation(write_project: object) -> None:
    assert callable(write_project)
    folder: Path = write_project()
    here, there = (EmbeddedBot.load(folder, encoder="ngrams") for _ in range(2))
    await here.start()
    await there.start()
    lines = ("good day", "is it raining", "hello", "oslo", "the weather in rome")
    alone = await _talk(here, lines)
    for broken in range(len(lines)):
        faults: list[Answer] = [_passing(there)] * broken + [status(500)]
        async with served(FakeRasa(*faults, bot=there)) as fake:
            bot = RasaServerBot(settings(fake.url), here)
            assert await _talk(bot, lines) == alone
    await there.close()


def _passing(bot: Bot) -> Answer:
    fake = FakeRasa(bot=bot)
    return fake.turn


async def _talk(bot: Bot, lines: tuple[str, ...]) -> list[BotTurn]:
    state, turns = "", list[BotTurn]()
    for line in lines:
        turns.append(await bot.respond(Message("c", line), state))
        state = turns[-1].state
    return turns


async def test_readiness_is_the_fallbacks_else_the_servers() -> None:
    async with served(FakeRasa()) as fake:
        bot = RasaServerBot(settings(fake.url))
        await bot.ready()
        assert await bot.check() == "model.tar.gz"
        await bot.close()
    with pytest.raises(BotError, match="closed"):
        await bot.respond(MESSAGE)
    bot = RasaServerBot(settings(fake.url), Recorder())
    await bot.ready()
    with pytest.raises(BotError, match="cannot be reached"):
        await bot.check()
    await bot.close()
