"""Several real `contact-center serve` processes on one PostgreSQL and one Redis, to be killed and frozen.

Times are as short as the configuration allows, so that what happens after a failure happens within seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TypeVar

import aiohttp
from sqlalchemy.engine import Connection

from contact_center.actions.offers import LEADER
from contact_center.channels_in_use import CONSOLE_SECRET
from crm_store import agents, leases, migrate, queues, tokens
from crm_store.agents import NewAgent
from crm_store.errors import StoreError
from crm_store.ids import Ids
from crm_store.queues import QueueSettings
from crm_store.store import Store
from tests.bot.conftest import SMALL_PROJECT
from tests.e2e.serving import ROOT, START_SECONDS

T = TypeVar("T")

LEASE = 2.0
"""`routing.lease_seconds` of these processes: the least that may be configured."""

FREED = 5.0
"""So long after a lease's end all must be well again."""

SECRET = "tests-console-secret"
LINE = """
flow: line
languages: [en]
start: wait
person: wait
nodes:
  wait:
    kind: queue
    queue: line
    max_wait: 900
    announcements: ["Please hold."]
    next: bye
    timed_out: bye
    error: bye
  bye: {kind: hang_up, text: "Goodbye."}
"""
ROUTING = {"offer_seconds": 3.0, "pass_seconds": 1.0, "wrap_up_seconds": 5.0}
NAMES = ("a", "b")
PAUSE = 0.05


@dataclass(frozen=True)
class Seat:
    """An agent of the cluster, with the secret of a token."""

    agent_id: str
    token: str


@dataclass
class Node:
    """One process. ``wrapper``: a script of ours that runs it instead of the command."""

    name: str
    folder: Path
    port: int
    wrapper: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def begin(self) -> None:
        """Start the process."""
        command = self.wrapper or ("-m", "contact_center", "serve", "--config")
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, str(self.folder / f"{self.name}.yaml")],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; the exit code."""
        assert self.process is not None
        self.send(number)
        return self.process.wait(30)

    def log(self) -> str:
        """What the process has written."""
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")


@dataclass
class Cluster:
    """The processes, their store as a test sees it, and the agents set up in it."""

    folder: Path
    store: Store
    redis_url: str
    nodes: list[Node]
    poll_seconds: float = 2
    seats: list[Seat] = field(default_factory=list)

    def configure(self) -> None:
        """Write flows, a small bot, and a configuration for each process."""
        files = {"flows/line.yaml": LINE} | {f"bot/{name}": text for name, text in SMALL_PROJECT.items()}
        for file, text in files.items():
            path = self.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (self.folder / "var").mkdir()
        (self.folder / "var" / CONSOLE_SECRET).write_text(SECRET, encoding="ascii")
        url = self.store.engine.url.render_as_string(hide_password=False)
        for node in self.nodes:
            (self.folder / f"{node.name}.yaml").write_text(
                f"server: {{port: {node.port}, shutdown_grace_seconds: 2}}\n"
                f"store: {{url: '{url}'}}\n"
                f"live: {{redis_url: '{self.redis_url}'}}\n"
                "channels: [console]\n"
                "flows: {folder: flows, phone: line, text: line, console: line, numbers: {}}\n"
                "bot: {project: bot}\n"
                f"routing: {{lease_seconds: {LEASE}, poll_seconds: {self.poll_seconds}, "
                "desk_grace_seconds: 2, strand_seconds: 4}\n"
                "limits: {requests_per_minute: 1000000, sweep_seconds: 5}\n"
                "demo: {seed: false}\n",
                encoding="utf-8",
            )

    def set_up(self, number: int) -> None:
        """The schema, one queue, and so many agents who take one call each."""
        migrate.upgrade(self.store.engine)
        at, ids = datetime.now(UTC), Ids(lambda: datetime.now(UTC), Random(number))
        with self.store.writing() as connection:
            line = QueueSettings(title={"en": "Line"}, routing=ROUTING)
            queues.put(connection, "line", line, at=at, ids=ids, actor="test")
            for seat in range(number):
                new = NewAgent(name=f"Agent {seat}", email=f"agent{seat}@example.com")
                agent = agents.create(connection, new, at=at, ids=ids, actor="test")
                made = tokens.create(
                    connection, f"desk {seat}", "agent", at=at, ids=ids, actor="test", agent_id=agent.id
                )
                self.seats.append(Seat(agent.id, made.secret))

    def start(self, *nodes: Node) -> None:
        """Start processes (all that do not run), without waiting."""
        for node in nodes or self.nodes:
            if not node.runs:
                node.begin()

    async def ready(self, *nodes: Node) -> None:
        """Return when these processes (all) answer."""
        deadline = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            for node in nodes or self.nodes:
                while not await _answers(session, node):
                    assert node.runs, f"{node.name} has ended:\n{node.log()}"
                    assert time.monotonic() < deadline, f"{node.name} did not start:\n{node.log()}"
                    await asyncio.sleep(PAUSE)

    def read(self, function: Callable[[Connection], T]) -> T:
        """Read the store."""
        with self.store.reading() as connection:
            return function(connection)

    def leader(self) -> Node | None:
        """The process that holds the lease of routing just now (it may have run out)."""
        lease = self.read(lambda connection: leases.current(connection, LEADER))
        if lease is None:
            return None
        pid = lease.holder.split(":")[1]
        found = [node for node in self.nodes if node.process is not None and str(node.process.pid) == pid]
        return found[0] if found else None

    async def led(self, *but: Node) -> Node:
        """The leader, as soon as it is another than ``but``."""

        def found() -> bool:
            leader = self.leader()
            return leader is not None and leader.runs and leader not in but

        await eventually(found, START_SECONDS, "nobody leads")
        leader = self.leader()
        assert leader is not None
        return leader

    def other(self, node: Node) -> Node:
        """Another process than this one."""
        return next(each for each in self.nodes if each is not node)


async def _answers(session: aiohttp.ClientSession, node: Node) -> bool:
    try:
        async with session.get(f"{node.url}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def eventually(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait until ``condition`` holds; the seconds it took. Fails with ``what`` after ``seconds``."""
    began = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - began
        except StoreError:  # it is being broken just now
            pass
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("sqlalchemy", "psycopg"):
                raise
        assert time.monotonic() - began < seconds, f"{what} (after {seconds:g} s)"
        await asyncio.sleep(PAUSE)


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens at just now."""
    probes = [socket.socket() for _ in range(number)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@asynccontextmanager
async def cluster_of(
    folder: Path, store_url: str, redis_url: str, *, agents: int, poll_seconds: float = 2
) -> AsyncIterator[Cluster]:
    """Two processes that are set up and not yet started, gone at the end. ``poll_seconds``: how often they
    look into the database for what they were not told.
    """
    store = Store(store_url)
    nodes = [Node(name, folder, port) for name, port in zip(NAMES, free_ports(len(NAMES)), strict=True)]
    cluster = Cluster(folder, store, redis_url, nodes, poll_seconds)
    cluster.configure()
    cluster.set_up(agents)
    try:
        yield cluster
    finally:
        for node in nodes:
            if node.runs:
                node.end(signal.SIGKILL)
        store.close()
