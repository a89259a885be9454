"""A centre as `contact-center serve` runs it, with the demo's people, whose passwords are known here."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeVar

import aiohttp
from sqlalchemy.engine import Connection

from bot.embedded import SHIPPED_PROJECT
from bot.embedded.load_project import load_project
from bot.embedded.understanding import learn
from contact_center.clock import SystemClock
from contact_center.sign_in import passwords
from crm_store import agents, migrate, seed, sessions
from crm_store.ids import Ids
from crm_store.store import Store

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 90
PASSWORD = "a password of the tests"
WEBCHAT_SECRET = "shared with the web site that embeds the chat"

SUPERVISOR = "grace.miller@example.com"
AGENT = "tom.becker@example.com"
COLLEAGUE = "aisha.khan@example.com"
CHINESE = "zhou.min@example.com"


def prepare(var: Path) -> None:
    """Fill ``var``: the demo's data, where everybody signs in with `PASSWORD`, and a trained bot."""
    var.mkdir(parents=True)
    store = Store(f"sqlite:///{var / 'contact_center.db'}")
    migrate.upgrade(store.engine)
    now, ids, hashed = SystemClock().now(), Ids(SystemClock().now, Random()), passwords.hash_now(PASSWORD)
    with store.writing() as connection:
        seed.seed(connection, at=now, ids=ids)
        for agent in agents.list_agents(connection):
            sessions.set_password(connection, agent.id, hashed, at=now, ids=ids, actor="tests")
    store.engine.dispose()
    (var / "bot").mkdir()
    learn(load_project(SHIPPED_PROJECT), var / "bot", lambda done: None)


class Site:
    """One centre in a folder of its own. It may be stopped and started again on the same port."""

    def __init__(self, folder: Path, prepared: Path, config: str = "") -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        shutil.copytree(prepared, folder / "var")
        (folder / "config.yaml").write_text(CONFIG.format(port=self.port) + config, "utf-8")

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = process = self._begin()
        deadline = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def _begin(self) -> subprocess.Popen[bytes]:
        config = str(self.folder / "config.yaml")
        with (self.folder / "serve.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "contact_center", "serve", "--config", config],
                cwd=ROOT,
                env=os.environ | {"WEBCHAT_SECRET": WEBCHAT_SECRET},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process, as an operator (SIGTERM) or a crash (SIGKILL) does, and wait for its end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)

    def log(self) -> str:
        return (self.folder / "serve.log").read_text("utf-8", errors="replace")

    def read(self, ask: Callable[[Connection], T]) -> T:
        """What the database says."""
        store = Store(f"sqlite:///{self.folder / 'var' / 'contact_center.db'}")
        try:
            with store.reading() as connection:
                return ask(connection)
        finally:
            store.engine.dispose()


CONFIG = """\
server: {{port: {port}}}
log: {{level: warning}}
limits: {{requests_per_minute: 60000}}
phone: {{record: true}}
webchat: {{token_secret: "${{WEBCHAT_SECRET}}"}}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
