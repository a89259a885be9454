"""Desks of which a thousand fit in one process, over a bare asyncio protocol, and a server as bare.

The client stamps each event with the monotonic clock in the socket's own callback, before it looks at it. The
rival server is aiohttp that sends what it is given, when it is given.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from contact_center.desk.socket import PROTOCOL

MASKED_PONG = b"\x8a\x80\x00\x00\x00\x00"
"""An empty pong with a mask of zeros, as every frame of a client needs one."""

CLOSE = b"\x88\x80\x00\x00\x00\x00"


class Desk(asyncio.Protocol):
    """One desk: ``heard(number, payload, at)`` for each event; nanoseconds of the monotonic clock."""

    def __init__(self, number: int, path: str, token: str, heard: Callable[[int, bytes, int], None]) -> None:
        self.number = number
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard = heard
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n"
            f"Authorization: Bearer {token}\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(number.to_bytes(16, 'big')).decode()}\r\n\r\n"
        ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        at = time.monotonic_ns()
        self._buffer += data
        if not self.opened.done():
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self._buffer = rest
            if b" 101 " in head.split(b"\r\n", 1)[0]:
                self.opened.set_result(None)
            else:
                self.opened.set_exception(ConnectionError(head.split(b"\r\n", 1)[0].decode()))
        self._read(at)

    def _read(self, at: int) -> None:
        while len(self._buffer) >= 2:
            kind, length, start = self._buffer[0] & 0x0F, self._buffer[1], 2
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(self._buffer[2:start], "big")
            if len(self._buffer) < start + length:
                return
            payload, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            if kind == 1:
                self._heard(self.number, payload, at)
            elif kind == 9 and self._transport is not None:
                self._transport.write(MASKED_PONG)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionResetError("closed at once"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.write(CLOSE)
            self._transport.close()


async def connect(
    port: int, path: Callable[[int], str], tokens: list[str], heard: Callable[[int, bytes, int], None]
) -> list[Desk]:
    """As many desks as there are tokens, numbered from 0; twenty at a time."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(20)

    async def one(number: int) -> Desk:
        async with gate:
            _, desk = await loop.create_connection(
                lambda: Desk(number, path(number), tokens[number], heard), "127.0.0.1", port
            )
            await desk.opened
            return desk

    return list(await asyncio.gather(*(one(number) for number in range(len(tokens)))))


def serve_bare(port: int, stamps: Path) -> None:
    """The rival. ``GET /desk?n=NUMBER`` is a desk; ``POST /send`` takes lines of seconds, number and payload,
    and sends each at its time. When it ends it writes to ``stamps`` when it sent each, by number."""
    import uvloop
    from aiohttp import web

    sockets: dict[int, web.WebSocketResponse] = {}
    sent: list[tuple[int, int]] = []

    async def desk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=4.0, protocols=(PROTOCOL,))
        await socket.prepare(request)
        sockets[int(request.query["n"])] = socket
        async for _ in socket:
            continue
        return socket

    async def send(request: web.Request) -> web.Response:
        began = time.monotonic()
        for seconds, number, text in json.loads(await request.read()):
            await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
            sent.append((number, time.monotonic_ns()))
            await sockets[number].send_str(text)
        return web.Response()

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    async def main() -> None:
        app = web.Application(client_max_size=1 << 30)
        app.add_routes([web.get("/desk", desk), web.post("/send", send), web.get("/readyz", ready)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await _until_ended()
        await runner.cleanup()

    uvloop.run(main())
    stamps.write_text(json.dumps(sent))


async def _until_ended() -> None:
    import signal

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


def serve_ours(port: int, stamps: Path) -> None:
    """Our own `serve`. When it ends it writes when each commit had returned, by what desks are told of it."""
    from contact_center.announcing import Announcer, Told
    from contact_center.cli import main

    told: list[tuple[int, Told]] = []
    tell = Announcer.tell

    def stamped(self: Announcer, news: Told) -> None:
        told.append((time.monotonic_ns(), news))
        tell(self, news)

    Announcer.tell = stamped  # type: ignore[assignment, method-assign]  # to measure the program as it is
    try:
        main(["serve", "--port", str(port)], standalone_mode=False)
    finally:
        rows = [
            (name_of(notice.agent_id, notice.event, notice.data), at)
            for at, news in told
            for notice in news.notices
        ]
        stamps.write_text(json.dumps(rows))


def name_of(agent_id: str, event: str, data: Any) -> str:
    """The same for what is told and for what a desk of the agent hears."""
    about = data.get("offer") or data
    which = about.get("id") or about.get("message_id") or about.get("offer_id") or about.get("work_id")
    return f"{agent_id} {event} {which} {about.get('version') or ''}"
