"""A thousand connected desks and 200 events a second on one node: from the commit to the browser.

A real `serve` with real commits: calls are offered, accepted and wrapped up, customers write in chats, agents
take breaks; one desk in twenty is a supervisor's. Measured is, on one clock, from the instant at which the
commit has returned until the event is in the callback of the client's socket. The rival is a bare aiohttp
server that sends the same bytes at the same times to as many clients, measured from its own sending on.
Server, client and, where there is one, PostgreSQL share the machine.

    python -m benchmarks.desk [--postgres] [--desks 1000] [--events 200] [--seconds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import aiohttp

from benchmarks.desk_client import Desk, connect, name_of, serve_bare, serve_ours
from benchmarks.front_door import cpu_seconds, free_port, memory_mb, wait_for
from benchmarks.offer_latency import ROOT, serving_environ, set_up
from contact_center.channels_in_use import console_secret

P99_MS: Final = 100.0
FIRST_LOAD_KB: Final = 300.0
"""Limits: an event must seem immediate, and the desk must open quickly."""

SUPERVISORS: Final = 20
"""One desk in so many."""

MOST_UNDER_WAY: Final = 100
"""Requests that the server has not answered, as from a world that waits for it: else one that falls behind
never comes back, and its queue is measured."""

OF_A_CALL: Final = 8.0
"""Events at desks for each call, about."""

LOCAL: Final = "http://127.0.0.1"
STATIC: Final = ROOT / "contact_center" / "static" / "desk"


@dataclass
class Figures:
    """What one server was measured at; seconds, MB."""

    delays: list[float] = field(default_factory=list)
    unmatched: int = 0
    failures: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    idle: float = 0.0
    full: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.delays) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


class Centre:
    """The desks, and everybody who makes something happen."""

    def __init__(self, port: int, secret: str, people: list[tuple[str, str]], events: float) -> None:
        self.port = port
        self.people = people
        self.events = events
        self.calling = min(max(2, int(events / 8)), len(people) // 4)
        self.chatting = min(50, len(people) // 4)
        self.heard: list[tuple[int, bytes, int]] = []
        self.failures = 0
        self._random = Random(1)
        self._secret = secret
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(MOST_UNDER_WAY)
        self._session: aiohttp.ClientSession

    def hear(self, number: int, payload: bytes, at: int) -> None:
        """An event at a desk; offers are accepted."""
        self.heard.append((number, payload, at))
        if b'"event":"offer"' in payload:
            self._do(self._serve(number, json.loads(payload)["data"]))

    async def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done, as soon as few enough are under way."""
        await self._gate.acquire()
        self._do(work).add_done_callback(lambda _: self._gate.release())

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _serve(self, number: int, told: dict[str, Any]) -> None:
        await self._ask(number, "POST", f"/offers/{told['offer']['id']}/accept", {})
        if told["work"]["kind"] == "call":
            await asyncio.sleep(0.5 + self._random.random())
            await self._ask(number, "POST", f"/works/{told['work']['id']}/wrap-up", {})

    async def _ask(self, number: int, method: str, path: str, body: dict[str, Any]) -> None:
        await self._send(method, f"/api/v1{path}", body, self.people[number][1])

    async def _customer(self, event: str, body: dict[str, Any]) -> None:
        await self._send("POST", f"/console/{event}", body, self._secret)

    async def _send(self, method: str, path: str, body: dict[str, Any], token: str) -> None:
        url, headers = f"{LOCAL}:{self.port}{path}", {"Authorization": f"Bearer {token}"}
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            self.failures += answer.status != 200

    async def _presence(self, number: int, presence: str, reason: str = "") -> None:
        body = {"presence": presence, "reason": reason}
        await self._ask(number, "PUT", f"/agents/{self.people[number][0]}/presence", body)

    async def prepare(self, session: aiohttp.ClientSession) -> None:
        """Some agents are free and have a chat each, others are free for calls, all others have a break."""
        self._session = session
        for number in range(self.chatting):
            await self._presence(number, "available")
            await self._customer("start", {"session": f"chat{number}", "n": 0, "as": "chat"})
        for number in range(self.chatting, self.chatting + self.calling):
            await self._presence(number, "available")

    async def calls(self) -> None:
        """A third of the events: a new caller every now and then."""
        async for number in paced(OF_A_CALL * 3 / self.events):
            await self._begin(self._customer("start", {"session": f"call{number}", "n": 0}))

    async def messages(self) -> None:
        """A third: customers write."""
        async for number in paced(3 / self.events):
            body = {
                "session": f"chat{number % self.chatting}",
                "n": 1 + number // self.chatting,
                "as": "chat",
                "text": "Where is my parcel? It should have been here on Monday.",
            }
            await self._begin(self._customer("words", body))

    async def breaks(self) -> None:
        """A third: agents say what they do."""
        first = self.chatting + self.calling
        others = len(self.people) - first
        async for number in paced(3 / self.events):
            reason = ("lunch", "training")[number // others % 2]
            await self._begin(self._presence(first + number % others, "break", reason))

    async def finish(self) -> None:
        """Let what has begun come to its end."""
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def paced(period: float) -> AsyncIterator[int]:
    """0, 1, 2 and so on, one each ``period`` seconds; what is a little late is made up for."""
    due = time.monotonic()
    for number in itertools.count():
        yield number
        now = time.monotonic()
        due = max(due + period, now - 1.0)
        await asyncio.sleep(max(0.0, due - now))


# --- one run --------------------------------------------------------------------------------------------


@contextmanager
def serving(what: str, port: int, folder: Path, environ: dict[str, str]) -> Iterator[tuple[int, Path]]:
    """``ours`` or ``bare`` until the end of the block: the process id, and where its stamps will be."""
    stamps = folder / f"{what}.json"
    command = [sys.executable, "-m", "benchmarks.desk", f"--serve-{what}", str(port), "--stamps", str(stamps)]
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **environ}, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield process.pid, stamps
    finally:
        process.terminate()
        process.wait(60)


async def at_work(
    port: int, pid: int, secret: str, people: list[tuple[str, str]], args: argparse.Namespace
) -> tuple[Centre, Figures]:
    """Connect all desks, warm up, measure."""
    figures, centre = Figures(), Centre(port, secret, people, args.events)
    await asyncio.sleep(args.settle)
    figures.idle = memory_mb(pid)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        tokens = [token for _, token in people]
        desks = await connect(port, lambda _: "/api/v1/desk", tokens, centre.hear)
        await asyncio.sleep(args.settle)
        figures.full = memory_mb(pid)
        await centre.prepare(session)
        making = [asyncio.create_task(each()) for each in (centre.calls, centre.messages, centre.breaks)]
        await asyncio.sleep(args.settle)
        centre.heard.clear()
        before, began, centre.failures = cpu_seconds(pid), time.perf_counter(), 0
        await asyncio.sleep(args.seconds)
        figures.seconds = time.perf_counter() - began
        figures.cpu, figures.failures = cpu_seconds(pid) - before, centre.failures
        heard = [*centre.heard]
        for task in making:
            task.cancel()
        await centre.finish()
        centre.heard = heard
        _close(desks)
    return centre, figures


def _close(desks: list[Desk]) -> None:
    for desk in desks:
        desk.close()


def matched(centre: Centre, figures: Figures, stamps: Path) -> None:
    """Fill in how long each event took from its commit to the desk."""
    told: dict[str, int] = {}
    for name, at in json.loads(stamps.read_text()):
        told.setdefault(name, at)
    for number, payload, at in centre.heard:
        line = json.loads(payload)
        figures.kinds[line["event"]] = figures.kinds.get(line["event"], 0) + 1
        if line["event"] == "hello":  # everything anew, in place of what a desk seemed to have missed
            continue
        committed = told.get(name_of(centre.people[number][0], line["event"], line["data"]))
        if committed is None:
            figures.unmatched += 1
        else:
            figures.delays.append((at - committed) / 1e9)


async def replayed(
    port: int, pid: int, centre: Centre, args: argparse.Namespace
) -> tuple[Figures, list[tuple[int, int]]]:
    """The rival sends what our desks heard, when they heard it."""
    figures, heard = Figures(), list[tuple[int, int]]()
    await asyncio.sleep(args.settle)
    figures.idle = memory_mb(pid)
    opened = await connect(
        port, "/desk?n={}".format, [""] * args.desks, lambda n, _, at: heard.append((n, at))
    )
    await asyncio.sleep(args.settle)
    figures.full = memory_mb(pid)
    first = centre.heard[0][2]
    lines = [((at - first) / 1e9, number, payload.decode()) for number, payload, at in centre.heard]
    before, began = cpu_seconds(pid), time.perf_counter()
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)) as session,
        session.post(f"{LOCAL}:{port}/send", data=json.dumps(lines)),
    ):
        await asyncio.sleep(0.2)
    figures.seconds, figures.cpu = time.perf_counter() - began, cpu_seconds(pid) - before
    _close(opened)
    return figures, heard


def in_order(figures: Figures, sent: list[tuple[int, int]], heard: list[tuple[int, int]]) -> None:
    """Fill in the rival's delays: each connection keeps its order."""
    arrivals: dict[int, Iterator[int]] = defaultdict(lambda: iter(()))
    by_desk: dict[int, list[int]] = defaultdict(list)
    for number, at in heard:
        by_desk[number].append(at)
    arrivals |= {number: iter(times) for number, times in by_desk.items()}
    for number, at in sent:
        arrived = next(arrivals[number], None)
        if arrived is None:
            figures.unmatched += 1
        else:
            figures.delays.append((arrived - at) / 1e9)


def run(url: str, args: argparse.Namespace) -> dict[str, Figures]:
    """Ours, and then the rival with the same events."""
    import uvloop

    gc.collect()
    gc.disable()  # a round of it would be counted as the server's delay
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = url or f"sqlite:///{folder}/bench.db"
        people = set_up(store, args.desks, supervisors=SUPERVISORS)
        ours_at, bare_at = free_port(), free_port()
        with serving("ours", ours_at, folder, serving_environ(store, "")) as (pid, stamps):
            secret = console_secret(folder / "var")
            centre, ours = uvloop.run(at_work(ours_at, pid, secret, people, args))
        matched(centre, ours, stamps)
        with serving("bare", bare_at, folder, {}) as (pid, stamps):
            rival, heard = uvloop.run(replayed(bare_at, pid, centre, args))
        in_order(rival, json.loads(stamps.read_text()), heard)
    return {"ours": ours, "bare aiohttp": rival}


# --- the first load -------------------------------------------------------------------------------------


def first_load(folder: Path = STATIC) -> tuple[int, float] | None:
    """How many files a browser fetches for the first page, and their kB with gzip; None: it is not built."""
    page = folder / "index.html"
    if not page.is_file():
        return None
    paths = re.findall(r'(?:src|href)="/desk/(assets/[^"]+)"', page.read_text(encoding="utf-8"))
    sizes = [gzipped(folder / path) for path in dict.fromkeys(paths)] + [gzipped(page)]
    return len(sizes), sum(sizes) / 1000


def gzipped(path: Path) -> int:
    """Bytes that go over the line."""
    ready = path.with_name(f"{path.name}.gz")
    if ready.is_file():
        return ready.stat().st_size
    import gzip

    return len(gzip.compress(path.read_bytes(), mtime=0))


# --- the tables -----------------------------------------------------------------------------------------


def report(measured: dict[str, Figures], args: argparse.Namespace) -> None:
    """The tables."""
    print(
        f"store: {'PostgreSQL' if args.postgres else 'SQLite'}, {args.desks} desks (one in {SUPERVISORS} a "
        f"supervisor's), {args.events:g} events a second wanted, {args.seconds:g} s"
    )
    heads = ("server", "events/s", "p50 ms", "p99 ms", "worst ms", "of the limit", "CPU us an event")
    print(f"| {' | '.join(heads)} | kB a connection | unmatched | failures |")
    print("| --- " * (len(heads) + 3) + "|")
    for name, one in measured.items():
        p50, p99, worst = (one.percentile(share) for share in (0.5, 0.99, 1.0))
        events = max(1, len(one.delays))
        print(
            f"| {name} | {events / one.seconds:.0f} | {p50:.1f} | {p99:.1f} | {worst:.1f} "
            f"| {p99 / P99_MS:.2f} | {one.cpu / events * 1e6:.0f} "
            f"| {(one.full - one.idle) * 1024 / args.desks:.1f} | {one.unmatched} | {one.failures} |"
        )
    ours, rival = measured.values()
    print(f"events: {', '.join(f'{name} {number}' for name, number in sorted(ours.kinds.items()))}")
    print(f"resident memory: idle {ours.idle:.0f} MB, with all desks {ours.full:.0f} MB")
    print(f"ratio of p99, ours to bare: {ours.percentile(0.99) / max(rival.percentile(0.99), 1e-6):.1f}")
    grown = max(rival.full - rival.idle, 1e-6)
    print(f"ratio of memory a connection, ours to bare: {(ours.full - ours.idle) / grown:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL that is started for it")
    parser.add_argument("--desks", type=int, default=1000)
    parser.add_argument("--events", type=float, default=200.0, help="a second, at all desks together")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--settle", type=float, default=3.0, help="seconds before anything is measured")
    parser.add_argument("--serve-ours", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--serve-bare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--stamps", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve_ours:
        serve_ours(args.serve_ours, args.stamps)
        return
    if args.serve_bare:
        serve_bare(args.serve_bare, args.stamps)
        return
    with ExitStack() as stack:
        url = ""
        if args.postgres:
            from tests.support.servers import own_postgres

            url = stack.enter_context(own_postgres(durable=True)).create_database()
        report(run(url, args), args)
    if (loaded := first_load()) is None:
        print("first load of the desk: its pages are not built here")
    else:
        (files, kb), limit = loaded, FIRST_LOAD_KB
        print(f"first load of the desk: {files} files, {kb:.0f} kB with gzip; of the limit {kb / limit:.2f}")


if __name__ == "__main__":
    main()
