"""What size costs: throughput with few and many contacts in the store, memory with many calls, start.

    python -m benchmarks.size [--contacts 100,10000,1000000] [--calls 10000] [--seconds 5] [--rounds 3]

Stores of all sizes are served at the same time by a process each, and measured in turns, so that a busy
machine is as hard on all; the ratio is to the smallest.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.front_door import (
    cpu_seconds,
    free_port,
    memory_mb,
    our_command,
    our_environ,
    server,
    wait_for,
)
from benchmarks.load import Connection, form, run
from crm_store import migrate, schema
from crm_store.ids import Ids
from crm_store.store import Store
from crm_store.types import encode_json


def fill(url: str, contacts: int) -> None:
    """Ended contacts of the past year, with a journal of four entries and two deliveries each."""
    store = Store(url)
    migrate.upgrade(store.engine)
    start = datetime.now(UTC) - timedelta(days=365)
    step = timedelta(days=364) / max(contacts, 1)
    clock = [start]
    ids = Ids(lambda: clock[0], Random(1))
    for first in range(0, contacts, 20_000):
        rows = []
        for number in range(first, min(first + 20_000, contacts)):
            clock[0] = start + step * number
            rows.append(_contact(ids.new("con"), number, clock[0]))
        with store.writing() as connection:
            connection.execute(schema.contacts.insert(), rows)
            connection.execute(schema.journal.insert(), [entry for row in rows for entry in _journal(row)])
            connection.execute(schema.deliveries.insert(), [one for row in rows for one in _deliveries(row)])
    store.close()


def _contact(contact_id: str, number: int, at: datetime) -> dict[str, object]:
    sid = f"CA{number ^ 0x5DEECE66D:032x}"
    return {
        "id": contact_id,
        "channel": "phone",
        "direction": "inbound",
        "open_key": f"phone:old{sid}",
        "provider_ref": sid,
        "state": "ended",
        "owner": "nobody",
        "from_address": f"+1202555{number % 10_000:04d}",
        "to_address": "+12025550199",
        "language": "en",
        "tags": [],
        "flow": "menus",
        "flow_digest": "0" * 32,
        "session": "{}",
        "version": 8,
        "journal_length": 4,
        "turn": 6,
        "started_at": at,
        "ended_at": at + timedelta(minutes=3),
        "outcome": "completed",
        "end_reason": "done",
    }


def _journal(row: dict[str, object]) -> list[dict[str, object]]:
    said = {"turn": 1, "steps": [["menus", "main", "1"]], "said": ["How can we help you? " * 8]}
    return [
        {"contact_id": row["id"], "seq": seq, "at": row["started_at"], "kind": kind, "data": data}
        for seq, (kind, data) in enumerate(
            [("contact_started", {"from": row["from_address"]}), ("input", {"digits": "1"}), ("path", said),
             ("contact_ended", {"reason": "done"})]
        )
    ]  # fmt: skip


def _deliveries(row: dict[str, object]) -> list[dict[str, object]]:
    reply = encode_json({"contact_id": row["id"], "turn": 1, "instructions": ["x" * 300]})
    return [
        {"contact_id": row["id"], "key": f"twilio:turn:token:{row['provider_ref']}-{turn}", "turn": turn,
         "reply": reply, "received_at": row["started_at"]}
        for turn in (1, 2)
    ]  # fmt: skip


def throughput(folder: Path, sizes: list[int], seconds: float, rounds: int) -> None:
    """The table of sizes."""
    with ExitStack() as stack:
        ports, pids = {}, {}
        for size in sizes:
            place = folder / str(size)
            place.mkdir()
            fill(f"sqlite:///{place}/bench.db", size)
            ports[size] = free_port()
            pids[size] = stack.enter_context(
                server(our_command(), ports[size], our_environ(place, ports[size]))
            )
            run(ports[size], 32, 1.0, 10**15)
        rates: dict[int, list[float]] = {size: [] for size in sizes}
        costs: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(rounds):
            for size in sizes:
                before = cpu_seconds(pids[size])
                figures = run(ports[size], 32, seconds, 10**12 + number * 10**9)
                rates[size].append(figures.per_second)
                total = len(figures.latencies) + figures.others
                costs[size].append((cpu_seconds(pids[size]) - before) / total * 1e6)
    print("| contacts in the store | requests/s | ratio to the smallest | CPU us a request | ratio |")
    print("| --- | --- | --- | --- | --- |")
    least = sizes[0]
    for size in sizes:
        rate = statistics.median(a / b for a, b in zip(rates[size], rates[least], strict=True))
        cost = statistics.median(a / b for a, b in zip(costs[size], costs[least], strict=True))
        print(
            f"| {size:,} | {statistics.median(rates[size]):.0f} | {rate:.2f} "
            f"| {statistics.median(costs[size]):.0f} | {cost:.2f} |"
        )


async def _hold(port: int, calls: int) -> None:
    loop = asyncio.get_running_loop()
    lines = [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(32)]

    async def dial(line: Connection, numbers: range) -> None:
        for number in numbers:
            caller = f"+1202555{number % 10_000:04d}"
            fields = form(f"CA{number:032x}", caller)
            status, _ = await line.ask("/twilio/voice/incoming", fields, f"hold-{number}")
            assert status == 200

    await asyncio.gather(*(dial(line, range(at, calls, 32)) for at, line in enumerate(lines)))


def memory(folder: Path, calls: int) -> None:
    """Resident memory with ``calls`` in progress."""
    port = free_port()
    with server(our_command(), port, our_environ(folder, port)) as pid:
        empty = memory_mb(pid)
        asyncio.run(_hold(port, calls))
        full = memory_mb(pid)
    print(f"memory: {empty:.0f} MB idle, {full:.0f} MB with {calls:,} calls in progress "
          f"({(full - empty) * 1024 / calls:.1f} kB a call; limit 300 MB: {full / 300:.2f})")  # fmt: skip


def start(folder: Path, times: int = 5) -> None:
    """Seconds from the command to the first 200 of /readyz, on a prepared machine (database and bot made)."""
    taken = []
    for _ in range(times):
        port = free_port()
        began = time.perf_counter()
        process = subprocess.Popen(
            our_command(),
            env={**our_environ(folder, port), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(port, pause=0.01)
            taken.append(time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(30)
    median = statistics.median(taken)
    print(f"start: ready after {median:.2f} s (median of {times}; limit 2 s, ratio {median / 2:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", default="100,10000,1000000")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start(folder)
        memory(folder, args.calls)
        throughput(folder, [int(size) for size in args.contacts.split(",")], args.seconds, args.rounds)


if __name__ == "__main__":
    main()
