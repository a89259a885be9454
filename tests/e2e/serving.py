"""A real `contact-center serve` process, and callers who speak Twilio's protocol to it over HTTP."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator

from tests.app.flows import DESK

ROOT = Path(__file__).resolve().parent.parent.parent
PUBLIC = "https://cc.example.com"
TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "0" * 32
START_SECONDS = 60
_ACTION = re.compile(r'<Gather[^>]* action="([^"]+)"')


@dataclass
class Serving:
    """A server that can be started again after its end; its database and configuration stay."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.folder / 'cc.db'}"

    def configure(self) -> None:
        """Write configuration and flows, and choose a free port."""
        flows = self.folder / "flows"
        flows.mkdir()
        for name, text in DESK.items():
            (flows / f"{name}.yaml").write_text(text, encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        lines = {
            "server": f"{{port: {self.port}, public_url: '{PUBLIC}'}}",
            "store": f"{{url: '{self.store_url}'}}",
            "flows": f"{{folder: '{flows}', phone: desk, text: desk, console: desk, numbers: {{}}}}",
            "twilio": "{enabled: true, account_sid: '" + ACCOUNT + "', auth_token: '${TWILIO_AUTH_TOKEN}'}",
        }
        text = "".join(f"{name}: {value}\n" for name, value in lines.items())
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    async def start(self) -> None:
        """Start the server and wait until it answers."""
        process = self._begin()
        deadline = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz"):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def _begin(self) -> subprocess.Popen[bytes]:
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "contact_center",
                    "serve",
                    "--config",
                    str(self.folder / "config.yaml"),
                ],
                cwd=ROOT,
                env={**os.environ, "TWILIO_AUTH_TOKEN": TOKEN},
                stdout=log,
                stderr=log,
            )
        return self.process

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def log(self) -> str:
        """What the server has written."""
        return (self.folder / "serve.log").read_text(encoding="utf-8", errors="replace")


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Serving]:
    """A server in ``folder``, gone at the end."""
    server = Serving(folder)
    server.configure()
    await server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.end(signal.SIGKILL)


@dataclass
class Asked:
    """One request of a call that was answered, and how."""

    url: str
    fields: dict[str, str]
    token: str
    body: str


@dataclass
class Caller:
    """One call over HTTP. ``answered`` is every request that got an answer, in order."""

    number: int
    answered: list[Asked] = field(default_factory=list)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def sid(self) -> str:
        return f"CA{self.number:032d}"

    def form(self, **more: str) -> dict[str, str]:
        return {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT,
            "From": f"+1202555{self.number % 10_000:04d}",
            "To": "+12025550199",
            "CallStatus": "in-progress",
        } | more

    def action(self) -> str:
        """Where the document in force sends what is pressed or said."""
        found = _ACTION.search(self.answered[-1].body)
        assert found is not None, self.answered[-1].body
        return unescape(found.group(1))

    async def ask(self, session: aiohttp.ClientSession, port: int, url: str, **fields: str) -> None:
        """Make a request; it counts once it is answered."""
        token = f"{self.sid}-{len(self.answered)}"
        body = await fetch(session, port, url, self.form(**fields), token)
        self.answered.append(Asked(url, self.form(**fields), token, body))


async def fetch(
    session: aiohttp.ClientSession, port: int, url: str, fields: dict[str, str], token: str
) -> str:
    """The body of the answer to a signed request. Raises `aiohttp.ClientError` where there is none."""
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields),
        "Content-Type": "application/x-www-form-urlencoded",
        "I-Twilio-Idempotency-Token": token,
    }
    target = f"http://127.0.0.1:{port}{url.removeprefix(PUBLIC)}"
    async with session.post(target, data=urlencode(fields), headers=headers) as response:
        body = await response.text()
        assert response.status == 200, body
        return body
