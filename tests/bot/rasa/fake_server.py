"""A server that speaks the connector's contract, with faults to order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from bot.runtime import Bot, BotTurn, Message, Reply

TOKEN = "a-token"

TURN = BotTurn(
    replies=(Reply("Hello from the server."),),
    intent="greet",
    confidence=0.9,
    slots={"language": "en"},
    handoff=False,
    handoff_reason=None,
    closed=False,
    state='{"turn": 1}',
    alternatives=(("greet", 0.9), ("goodbye", 0.05)),
    actions=("utter_greet",),
)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeRasa:
    """``faults`` are used up first, one a request; then ``bot`` answers, else always `TURN`."""

    def __init__(self, *faults: Answer, bot: Bot | None = None) -> None:
        self.faults = list(faults)
        self.bot = bot
        self.requests: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.url = ""
        self.arrived = asyncio.Event()

    async def turn(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(msgspec.json.decode(await request.read()))
        self.tokens.append(request.headers["Authorization"])
        self.arrived.set()
        if self.faults:
            return await self.faults.pop(0)(request)
        turn = TURN
        if self.bot is not None:
            asked = self.requests[-1]
            turn = await self.bot.respond(msgspec.convert(asked["message"], Message), asked["state"])
        return web.Response(body=msgspec.json.encode(turn), content_type="application/json")


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok", "model": "model.tar.gz"})


@asynccontextmanager
async def served(fake: FakeRasa) -> AsyncIterator[FakeRasa]:
    """The server, listening at ``fake.url``."""
    app = web.Application()
    app.router.add_post("/webhooks/engine/turn", fake.turn)
    app.router.add_get("/webhooks/engine/", _health)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await runner.cleanup()


def status(number: int) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=number, headers={"Location": "/elsewhere"} if number == 302 else None)

    return answer


def says(body: bytes) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return answer


async def slow(request: web.Request) -> web.StreamResponse:
    """Never answers."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def reset(request: web.Request) -> web.StreamResponse:
    """Breaks the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"replies": [')
    assert request.transport is not None
    request.transport.abort()
    return response
