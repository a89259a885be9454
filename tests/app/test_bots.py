"""Which bot answers: the embedded one, a configured Rasa server, or one that comes and goes here."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.runtime import BotTurn, Message, Reply
from contact_center import bots
from contact_center.bots import RasaBot
from contact_center.config.sections import RasaServer
from contact_center.rasa_env.found import FILE, RunningServer, write_server


def turn(text: str) -> BotTurn:
    return BotTurn((Reply(text),), "greet", 1.0, {}, False, None, False, "state")


class Embedded:
    name = "embedded"

    async def ready(self) -> None: ...

    async def close(self) -> None:
        raise AssertionError("it is closed by whoever opened it")

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        return turn("embedded")


@asynccontextmanager
async def rasa(token: str, seen: list[dict[str, Any]]) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {token}":
            return web.json_response({}, status=401)
        seen.append(await request.json())
        return web.Response(body=msgspec.json.encode(turn("rasa")), content_type="application/json")

    app = web.Application()
    app.router.add_post("/webhooks/engine/turn", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def note(folder: Path, url: str, token: str) -> None:
    folder.mkdir(exist_ok=True)
    write_server(folder, RunningServer(url, token, os.getpid(), "m", "2026-03-02T00:00:00Z"))


async def said(bot: RasaBot) -> str:
    return (await bot.respond(Message("c", "hello"))).replies[0].text


@pytest.fixture
def outcomes() -> list[str]:
    return []


def a_bot(folder: Path, outcomes: list[str], settings: RasaServer | None = None) -> RasaBot:
    return RasaBot(
        settings or RasaServer(),
        folder,
        "http://here:1",
        Embedded(),
        lambda outcome, _: outcomes.append(outcome),
    )


async def test_a_configured_server_is_asked_and_told_where_to_call_back(
    tmp_path: Path, outcomes: list[str]
) -> None:
    seen: list[dict[str, Any]] = []
    async with rasa("t", seen) as url:
        bot = a_bot(tmp_path, outcomes, RasaServer(url=url, token="t"))  # type: ignore[arg-type]
        assert await said(bot) == "rasa"
        assert bot.token == "t"
        await bot.close()
    assert seen[0]["callback"] == "http://here:1"
    assert outcomes == ["answered"]


async def test_a_server_on_this_machine_may_come_and_go(
    tmp_path: Path, outcomes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bots, "LOOK_SECONDS", 0.0)
    folder = tmp_path / "rasa"
    bot = a_bot(folder, outcomes)
    assert (await said(bot), bot.token) == ("embedded", "")
    async with rasa("one", []) as url:
        note(folder, url, "one")
        assert (await said(bot), bot.token) == ("rasa", "one")
        async with rasa("two", []) as other:
            note(folder, other, "two")
            assert (await said(bot), bot.token) == ("rasa", "two")
        assert await said(bot) == "embedded"
        (folder / FILE).unlink()
        assert (await said(bot), bot.token) == ("embedded", "")
    await bot.close()
    assert outcomes == ["answered", "answered", "fell_back"]
