"""An engine that answers what a test has written: for the carrier alone, on loopback.

Every request is checked with twilio's own validator, and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec
from aiohttp import web
from twilio.request_validator import RequestValidator

from contact_center.clock import ManualClock
from contact_center.local_carrier.account import ACCOUNT_SID, Account, Sids
from contact_center.local_carrier.exchange import Exchange
from contact_center.local_carrier.inbox import Heard, Left, Pressed, Spoken
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.messages import SayItems, ToPhone, encode
from contact_center.local_carrier.phones import CUSTOMER, Phone
from contact_center.local_carrier.recorder import Recorder
from contact_center.local_carrier.rest import Rest
from contact_center.local_carrier.rooms import Rooms
from contact_center.local_carrier.runner import Runner
from contact_center.local_carrier.tapes import Tapes
from contact_center.local_carrier.webhooks import Webhooks
from tests.local_carrier.company import Timers
from tests.local_carrier.phone import PATIENCE

TOKEN = "0123456789abcdef"
PUBLIC = "https://cc.example.com/desk"
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Asked:
    """A request of the carrier: the path with its query, the form, the retry key."""

    target: str
    form: dict[str, str]
    token: str


@dataclass
class Handset:
    """A telephone of the exchange without a socket. Everything said is heard at once."""

    carrier: Carrier
    phone: Phone
    call: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    hears: bool = True

    def dial(self, to: str = "1001", caller: str = "+12025550177") -> LiveCall:
        live = self.carrier.exchange.call_in(self.phone, caller, to)
        self.call = live.sid
        return live

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            line = await self.phone.lines.get()
        assert line is not None, "hung up"
        self._heed(line)
        decoded: dict[str, Any] = msgspec.json.decode(encode(line))
        self.call = decoded.get("call", self.call)
        self.lines.append(decoded)
        return decoded

    def _heed(self, line: ToPhone) -> None:
        if isinstance(line, SayItems) and self.hears and not any(item.music for item in line.items):
            self.carrier.exchange.heard(self.phone, line.call, Heard(line.seq))

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            line = await self.next()
            if line["type"] == kind:
                return line

    def press(self, digits: str) -> None:
        self.carrier.exchange.heard(self.phone, self.call, Pressed(digits))

    def say(self, words: str, confidence: float | None = None, *, final: bool = True) -> None:
        self.carrier.exchange.heard(self.phone, self.call, Spoken(words, confidence, final))

    def leave(self, seconds: float, sound: bytes = b"") -> None:
        self.carrier.exchange.heard(self.phone, self.call, Left(seconds, sound))

    def hang_up(self) -> None:
        self.carrier.exchange.hang_up(self.phone, self.call)

    def said(self) -> list[str]:
        """Every word heard so far."""
        found = [item for line in self.lines if line["type"] == "say" for item in line["items"]]
        return [item["text"] for item in found if "text" in item]


@dataclass
class Carrier:
    """The carrier and the engine that it asks. ``answers``: by path, TwiML between <Response> and its end, or
    a status; several for several requests, the last for all further ones."""

    exchange: Exchange
    timers: Timers
    clock: ManualClock
    answers: dict[str, list[str | int]]
    api: str
    asked: list[Asked] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def handset(self, identity: str = CUSTOMER, number: str = "", name: str = "") -> Handset:
        phone = Phone(name or f"{identity}{number}", identity, "127.0.0.1", number)
        self.exchange.phones.add(phone)
        return Handset(self, phone)

    async def request(self, path: str, nth: int = 0) -> Asked:
        """The ``nth`` request to ``path``, as soon as it is there."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self.arrived.clear()
                found = [one for one in self.asked if one.target.partition("?")[0] == path]
                if len(found) > nth:
                    return found[nth]
                await self.arrived.wait()

    def paths(self) -> list[str]:
        return [one.target for one in self.asked]

    async def handle(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        target = request.raw_path
        signed = request.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(PUBLIC + target, form, signed), f"{target} is not signed"
        self.asked.append(Asked(target, form, request.headers["I-Twilio-Idempotency-Token"]))
        self.arrived.set()
        answers = self.answers.get(request.path, [""])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, int):
            return web.Response(status=answer)
        kind = "application/json" if answer.startswith("{") else "text/xml"
        body = answer if answer.startswith(("{", "<?", "!")) else f"<Response>{answer}</Response>"
        return web.Response(text=body, content_type=kind)


@asynccontextmanager
async def open_carrier(folder: Path, **answers: Any) -> AsyncIterator[Carrier]:
    """A carrier whose engine answers at /voice/NAME what is given by name."""
    by_path = {
        f"/voice/{name}": [answer] if isinstance(answer, (str, int)) else list(answer)
        for name, answer in answers.items()
    }
    app = web.Application()
    server = web.AppRunner(app, shutdown_timeout=0.01)
    clock, timers, sids = ManualClock(AT), Timers(), Sids(Random(3))
    account, tapes = Account(ACCOUNT_SID, TOKEN), Tapes(folder / "recordings")
    async with aiohttp.ClientSession() as http:
        site_app: list[Carrier] = []

        async def handle(request: web.Request) -> web.Response:
            return await site_app[0].handle(request)

        async def api(request: web.Request) -> web.StreamResponse:
            return await Rest(site_app[0].exchange, tapes.folder).handle(request)

        app.router.add_route("*", "/local/{path:.*}", api)
        app.router.add_route("*", "/{path:.*}", handle)
        await server.setup()
        site = web.TCPSite(server, "127.0.0.1", 0)
        await site.start()
        port = server.addresses[0][1]
        webhooks = Webhooks(http, account, sids, PUBLIC, f"http://127.0.0.1:{port}")
        recorder = Recorder(tapes, account, sids, clock, webhooks, root=f"{PUBLIC}/local", sleep=timers.sleep)
        exchange = Exchange(account, sids, clock, webhooks, Rooms(sids, recorder), timers.sleep)
        runner = Runner(exchange, tapes, f"{PUBLIC}/voice", {"1001", "1002"}.__contains__, f"{PUBLIC}/local")
        exchange.follow = runner.follow
        site_app.append(Carrier(exchange, timers, clock, by_path, f"http://127.0.0.1:{port}/local"))
        try:
            yield site_app[0]
        finally:
            recorder.close()
            await exchange.close()
            await server.cleanup()
