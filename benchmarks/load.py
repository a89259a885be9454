"""A light load generator: callers over keep-alive connections who follow the TwiML they get.

Written for two cores: its own work per request (a signature, two searches in bytes) must stay far
below the server's, so it uses a bare asyncio protocol and no HTTP library.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "0" * 32
PUBLIC = "https://cc.example.com"
KEYS = ("1", "0", "2", "10001", "1", "3", "2", "9", "1", "1", "2")
"""What a caller presses, in order; whoever is asked for less hangs up earlier."""


class Connection(asyncio.Protocol):
    """One keep-alive connection: `ask` sends a request and waits for its answer's body."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.find(b"Content-Length: ")
        length = int(self._buffer[at + 16 : self._buffer.find(b"\r", at)])
        if len(self._buffer) < head + 4 + length:
            return
        body = self._buffer[head + 4 : head + 4 + length]
        status = int(self._buffer[9:12])
        self._buffer = self._buffer[head + 4 + length :]
        if self._answer is not None:
            self._answer.set_result((status, body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    async def ask(self, target: str, fields: dict[str, str], token: str) -> tuple[int, bytes]:
        """POST a form as Twilio does, signed for `PUBLIC`."""
        body = "&".join([f"{name}={quote_plus(value)}" for name, value in fields.items()]).encode()
        signed = PUBLIC + target + "".join([name + fields[name] for name in sorted(fields)])
        digest = hmac.digest(TOKEN.encode(), signed.encode(), hashlib.sha1)
        signature = base64.b64encode(digest).decode()
        self._answer = asyncio.get_running_loop().create_future()
        assert self.transport is not None
        self.transport.write(
            f"POST {target} HTTP/1.1\r\nHost: cc.example.com\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"User-Agent: TwilioProxy/1.1\r\nX-Twilio-Signature: {signature}\r\n"
            f"I-Twilio-Idempotency-Token: {token}\r\n\r\n".encode()
            + body
        )
        return await self._answer


@dataclass
class Figures:
    """What one run measured; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    others: int = 0  # status callbacks: answered, and not counted among the webhooks
    calls: int = 0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


def form(sid: str, caller: str, **more: str) -> dict[str, str]:
    """Sixteen fields and what is new, as in a real voice webhook."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "CallStatus": "in-progress",
        "Called": "+12025550199",
        "CalledCity": "WASHINGTON",
        "CalledCountry": "US",
        "Caller": caller,
        "CallerCity": "SAN FRANCISCO",
        "CallerCountry": "US",
        "Direction": "inbound",
        "From": caller,
        "FromCountry": "US",
        "To": "+12025550199",
        "ToCountry": "US",
        "ToState": "DC",
    } | more


def action_of(body: bytes) -> str | None:
    """The path and query of the <Gather> in a document, None where there is none."""
    gather = body.find(b"<Gather")
    if gather < 0:
        return None
    at = body.find(b'action="', gather) + 8
    url = html.unescape(body[at : body.find(b'"', at)].decode())
    return url.removeprefix(PUBLIC)


async def caller(
    connection: Connection, names: Iterator[int], until: float, figures: Figures, bare: bool
) -> None:
    """Call again and again until the time is over; with ``bare`` the server answers the same to anything."""
    while time.perf_counter() < until:
        number = next(names)
        sid = f"CA{number:032x}"
        who = f"+1202555{number % 10_000:04d}"
        target: str | None = "/twilio/voice/incoming"
        more: dict[str, str] = {}
        figures.calls += 1
        for turn in range(len(KEYS) + 1):
            began = time.perf_counter()
            status, body = await connection.ask(target or "", form(sid, who, **more), f"{sid}-{turn}")
            figures.latencies.append(time.perf_counter() - began)
            figures.failures += status != 200
            target = action_of(body)
            if target is None or began > until or turn == len(KEYS):
                break
            more = {"Digits": KEYS[turn], "msg": "Gather End"}
        if not bare:
            figures.others += 1
            await connection.ask("/twilio/voice/status", form(sid, who, CallStatus="completed"), f"{sid}-end")


async def load(port: int, callers: int, seconds: float, first: int, *, bare: bool = False) -> Figures:
    """``callers`` at once for ``seconds``; call numbers count from ``first``."""
    loop = asyncio.get_running_loop()
    names = iter(range(first, first + 10_000_000))
    connections = []
    for _ in range(callers):
        _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
        connections.append(connection)
    figures = Figures()
    began = time.perf_counter()
    await asyncio.gather(
        *(caller(connection, names, began + seconds, figures, bare) for connection in connections)
    )
    figures.seconds = time.perf_counter() - began
    for connection in connections:
        if connection.transport is not None:
            connection.transport.close()
    return figures


def run(port: int, callers: int, seconds: float, first: int, *, bare: bool = False) -> Figures:
    """`load` on an event loop of its own."""
    import uvloop

    return uvloop.run(load(port, callers, seconds, first, bare=bare))
