"""From an agent becoming free to the next offer at that agent's desk, beside the polling periods of others.

Real `serve` processes: one on SQLite, then two on PostgreSQL and Redis with the desks spread over both and
every request sent to either. A line of callers always waits. Each agent takes an offer, holds it for a
moment, writes it up and is free; a new caller comes for each that leaves. Measured is, on one clock, from
the instant at which the agent's release began to be written until the next offer has arrived at the desk's
WebSocket: the commit of the release, the router, the commit of the offer, and the way to the desk.

    python -m benchmarks.offer_latency [--rate 50] [--agents 25] [--seconds 20] [--only sqlite|postgres]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from benchmarks.front_door import cpu_seconds, free_port, wait_for
from contact_center.channels_in_use import console_secret
from crm_store import agents, migrate, queues, tokens
from crm_store.agents import NewAgent
from crm_store.ids import Ids
from crm_store.queues import QueueSettings
from crm_store.store import Store

ROOT = Path(__file__).resolve().parent.parent
POLLING = {"mod_callcenter": 0.1, "app_queue": 1.0, "jambonz": 5.0}
"""Periods in seconds at which others look for free agents; on average half of it passes before one is
seen.
"""

TARGETS = {"SQLite, one process": 20.0, "PostgreSQL and Redis, two": 50.0}
"""Milliseconds, 99th percentile, on an idle machine."""

WARM_UP = 3.0

USUAL_DELAY = 0.03
"""Seconds that a round takes beside the conversation: what the rate would miss otherwise."""


@dataclass
class Centre:
    """A centre to measure: its ports, and who works there."""

    ports: list[int]
    secret: str
    desks: list[tuple[str, str]]  # agent's id, token
    pids: list[int] = field(default_factory=list)


@dataclass
class Figures:
    """What one run measured; seconds."""

    delays: list[float] = field(default_factory=list)
    contacts: int = 0
    failures: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.delays)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


def set_up(url: str, number: int, supervisors: int = 0) -> list[tuple[str, str]]:
    """A migrated database with a queue and agents, a supervisor in so many; their ids and tokens."""
    store = Store(url)
    migrate.upgrade(store.engine)
    by: dict[str, Any] = {
        "at": datetime.now(UTC),
        "ids": Ids(lambda: datetime.now(UTC), Random(1)),
        "actor": "benchmark",
    }
    made = []
    with store.writing() as connection:
        settings = QueueSettings(title={"en": "Bench"}, routing={"wrap_up_seconds": 600, "offer_seconds": 60})
        queues.put(connection, "bench", settings, **by)
        for index in range(number):
            role = "supervisor" if supervisors and index % supervisors == supervisors - 1 else "agent"
            new = NewAgent(name=f"Agent {index}", email=f"agent{index}@example.com", role=role)
            agent = agents.create(connection, new, **by)
            created = tokens.create(connection, "desk", role, agent_id=agent.id, **by)
            made.append((agent.id, created.secret))
    store.close()
    return made


def serving_environ(url: str, redis: str) -> dict[str, str]:
    """The configuration of a `serve` whose callers all come into the one line."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CC_STORE__URL": url,
        "CC_LIVE__REDIS_URL": redis,
        "CC_LOG__LEVEL": "error",
        "CC_DEMO__SEED": "false",
        "CC_LIMITS__REQUESTS_PER_MINUTE": "100000000",
        "CC_FLOWS__FOLDER": str(Path(__file__).parent / "flows"),
        "CC_FLOWS__PHONE": "line",
        "CC_FLOWS__TEXT": "line",
        "CC_FLOWS__CONSOLE": "line",
        "CC_FLOWS__NUMBERS": "{}",
    }


@contextmanager
def serving(folder: Path, url: str, redis: str, ports: list[int]) -> Iterator[list[int]]:
    """`serve` processes until the end of the block; their process ids."""
    environ = serving_environ(url, redis)
    processes = []
    try:
        for port in ports:
            command = [sys.executable, "-m", "contact_center", "serve", "--port", str(port)]
            processes.append(subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL))
            wait_for(port)
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


class Load:
    """Callers and agents. ``hold``: mean seconds that an agent has a caller; they vary (exponentially), or
    all agents would become free at the same moments.
    """

    def __init__(self, centre: Centre, session: aiohttp.ClientSession, hold: float) -> None:
        self.centre = centre
        self.session = session
        self.hold = hold
        self.random = Random(1)
        self.figures = Figures()
        self.counting = False
        self._callers = 0

    def _port(self) -> int:
        self._callers += 1
        return self.centre.ports[self._callers % len(self.centre.ports)]

    async def call_in(self) -> None:
        """One more caller in line."""
        name = f"caller{self._callers}"
        url = f"http://127.0.0.1:{self._port()}/console/start"
        headers = {"Authorization": f"Bearer {self.centre.secret}"}
        async with self.session.post(url, json={"session": name, "n": 0}, headers=headers) as answer:
            self.figures.failures += answer.status != 200

    async def agent(self, index: int) -> None:
        """One agent at one desk, until cancelled."""
        agent_id, token = self.centre.desks[index]
        base = f"http://127.0.0.1:{self.centre.ports[index % len(self.centre.ports)]}/api/v1"
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.ws_connect(f"{base}/desk", headers=headers) as desk:
            await desk.receive_json()
            await self._ask("PUT", f"{base}/agents/{agent_id}/presence", headers, {"presence": "available"})
            freed: float | None = None
            async for message in desk:
                came = time.time()
                told = message.json()
                if told["event"] == "state" and not told["data"]["holding"]:
                    freed = datetime.fromisoformat(told["data"]["idle_since"]).timestamp()
                elif told["event"] == "offer":
                    if self.counting and freed is not None:
                        self.figures.delays.append(came - freed)
                        self.figures.contacts += 1
                    await self._serve(base, headers, told["data"]["offer"])

    async def _serve(self, base: str, headers: dict[str, str], offer: dict[str, Any]) -> None:
        await self._ask("POST", f"{base}/offers/{offer['id']}/accept", headers, {})
        await asyncio.sleep(self.random.expovariate(1 / self.hold))
        await asyncio.gather(
            self._ask("POST", f"{base}/works/{offer['work_id']}/wrap-up", headers, {}), self.call_in()
        )

    async def _ask(self, method: str, url: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            if answer.status != 200:
                self.figures.failures += 1


async def measure(centre: Centre, args: argparse.Namespace) -> Figures:
    """One run."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        load = Load(centre, session, args.agents / args.rate - USUAL_DELAY)
        for _ in range(2 * args.agents):
            await load.call_in()
        working = [asyncio.create_task(load.agent(index)) for index in range(args.agents)]
        await asyncio.sleep(WARM_UP)
        before = sum(map(cpu_seconds, centre.pids))
        began, load.counting = time.perf_counter(), True
        await asyncio.sleep(args.seconds)
        load.counting = False
        load.figures.seconds = time.perf_counter() - began
        load.figures.cpu = sum(map(cpu_seconds, centre.pids)) - before
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    return load.figures


def run(url: str, redis: str, processes: int, args: argparse.Namespace) -> Figures:
    """Start, measure, stop."""
    import uvloop

    gc.collect()
    gc.disable()  # a round of it would be counted as the servers' delay
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ports = [free_port() for _ in range(processes)]
        store = url or f"sqlite:///{folder}/bench.db"
        desks = set_up(store, args.agents)
        with serving(folder, store, redis, ports) as pids:
            return uvloop.run(measure(Centre(ports, console_secret(folder / "var"), desks, pids), args))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50.0, help="contacts a second")
    parser.add_argument("--agents", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    args = parser.parse_args()
    measured: dict[str, Figures] = {}
    if args.only != "postgres":
        measured["SQLite, one process"] = run("", "", 1, args)
    if args.only != "sqlite":
        from tests.support.servers import own_postgres, own_redis

        with ExitStack() as stack:
            url = stack.enter_context(own_postgres(durable=True)).create_database()
            measured["PostgreSQL and Redis, two"] = run(url, stack.enter_context(own_redis()), 2, args)
    report(measured, args)


def report(measured: dict[str, Figures], args: argparse.Namespace) -> None:
    """The tables."""
    print(f"{args.agents} agents, {args.rate:g} contacts a second wanted, {args.seconds:g} s each")
    heads = (
        "store",
        "contacts/s",
        "p50 ms",
        "p99 ms",
        "worst ms",
        "limit of p99",
        "ratio",
        "CPU ms a contact",
    )
    print(f"| {' | '.join(heads)} | failures |")
    print("| --- " * (len(heads) + 1) + "|")
    for name, figures in measured.items():
        p50, p99, worst = (figures.percentile(share) for share in (0.5, 0.99, 1.0))
        contacts, limit = max(1, figures.contacts), TARGETS[name]
        rate = contacts / figures.seconds
        print(
            f"| {name} | {rate:.1f} | {p50:.1f} | {p99:.1f} | {worst:.1f} | {limit:.0f} "
            f"| {p99 / limit:.2f} | {figures.cpu / contacts * 1e3:.1f} | {figures.failures} |"
        )
    print(
        f"| looks every | mean wait for the look | {' | '.join(f'{name}: times ours' for name in measured)} |"
    )
    print("| --- | --- |" + " --- |" * len(measured))
    for name, period in POLLING.items():
        ratios = [f"{period * 500 / figures.percentile(0.5):.0f}" for figures in measured.values()]
        print(f"| {name}, {period:g} s | {period * 500:.0f} ms | {' | '.join(ratios)} |")


if __name__ == "__main__":
    main()
