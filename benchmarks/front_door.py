"""A complete signed voice webhook against a bare aiohttp handler that takes the same form.

Ours: signature, duplicate check, flow turn, durable commit (fsync), TwiML. The rival: aiohttp on uvloop
reads the form and answers a constant. Same fields, same client, same 32 callers, in turns, so that a busy
machine is as hard on both. Besides throughput it prints the server's own CPU time a request: with the client
core, that is the limit of a server process and the stricter ratio.

    python -m benchmarks.front_door [--postgres] [--callers 32] [--seconds 6] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.load import ACCOUNT, PUBLIC, TOKEN, Figures, run

CONSTANT = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="'
    + PUBLIC
    + '/twilio/voice/turn?c=con_00000000000000000000000000&amp;t=1" numDigits="1">'
    '<Say voice="Polly.Joanna-Neural">How can we help you?</Say></Gather></Response>'
)


def serve_bare(port: int) -> None:
    """The rival: takes the form, answers a constant."""
    import uvloop
    from aiohttp import web

    async def handle(request: web.Request) -> web.Response:
        form = await request.post()
        assert form["CallSid"]
        return web.Response(text=CONSTANT, content_type="text/xml")

    async def main() -> None:
        app = web.Application()
        app.add_routes([web.post("/{tail:.*}", handle), web.get("/readyz", lambda _: _ready())])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    async def _ready() -> web.Response:
        return web.Response(text="ready")

    uvloop.run(main())


@contextmanager
def server(command: list[str], port: int, environ: dict[str, str]) -> Iterator[int]:
    """A server process until the end of the block; its process id."""
    process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, pause: float = 0.05) -> None:
    """Return when the server is ready."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:  # an HTTPError too: not ready yet
            time.sleep(pause)
    raise SystemExit("a server did not start within 60 seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Resident memory of a process now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def our_environ(folder: Path, port: int, store: str = "") -> dict[str, str]:
    """Our server's configuration: Twilio on, nothing else special."""
    return {
        "CC_SERVER__PORT": str(port),
        "CC_SERVER__PUBLIC_URL": PUBLIC,
        "CC_TWILIO__ENABLED": "true",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "CC_STORE__URL": store or f"sqlite:///{folder}/bench.db",
        "CC_LOG__LEVEL": "error",
        "CC_FLOWS__FOLDER": str(Path(__file__).parent / "flows"),
        "CC_FLOWS__PHONE": "menus",
        "CC_FLOWS__TEXT": "menus",
        "CC_FLOWS__CONSOLE": "menus",
        "CC_FLOWS__NUMBERS": "{}",
    }


def our_command() -> list[str]:
    return [sys.executable, "-m", "contact_center", "serve"]


def measure(
    port: int, pid: int, args: argparse.Namespace, first: int, *, bare: bool
) -> tuple[Figures, float]:
    """One round, and the server's CPU microseconds a request."""
    before = cpu_seconds(pid)
    figures = run(port, args.callers, args.seconds, first, bare=bare)
    return figures, (cpu_seconds(pid) - before) / (len(figures.latencies) + figures.others) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL that is started for it")
    parser.add_argument("--callers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.bare:
        serve_bare(args.bare)
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        store = ""
        if args.postgres:
            from tests.support.servers import own_postgres

            store = stack.enter_context(own_postgres(durable=True)).create_database()
        compare(Path(name), args, store)


def compare(folder: Path, args: argparse.Namespace, store: str) -> None:
    """Ours and the rival in turns, and the table."""
    ours_at, bare_at = free_port(), free_port()
    bare_command = [sys.executable, "-m", "benchmarks.front_door", "--bare", str(bare_at)]
    rows: dict[str, list[tuple[Figures, float]]] = {"ours": [], "bare aiohttp": []}
    with (
        server(our_command(), ours_at, our_environ(folder, ours_at, store)) as ours,
        server(bare_command, bare_at, {}) as bare,
    ):
        run(ours_at, args.callers, 1.0, 10**15)  # warm both up
        run(bare_at, args.callers, 1.0, 0, bare=True)
        for number in range(args.rounds):
            rows["ours"].append(measure(ours_at, ours, args, number * 10**9, bare=False))
            rows["bare aiohttp"].append(measure(bare_at, bare, args, 0, bare=True))
    print(
        f"store: {'PostgreSQL' if args.postgres else 'SQLite'}, {args.callers} callers, {args.rounds} rounds"
    )
    print("| server | requests/s | p50 ms | p99 ms | server CPU us a request | failures |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, runs in rows.items():
        p50 = _median(figures.percentile(0.5) for figures, _ in runs)
        print(
            f"| {name} | {_median(f.per_second for f, _ in runs):.0f} | {p50:.1f} "
            f"| {_median(f.percentile(0.99) for f, _ in runs):.1f} | {_median(cpu for _, cpu in runs):.0f} "
            f"| {sum(f.failures for f, _ in runs)} |"
        )
    pairs = list(zip(rows["ours"], rows["bare aiohttp"], strict=True))
    share = _median(a.per_second / b.per_second for (a, _), (b, _) in pairs)
    print(f"ratio of throughput, ours to bare: {share:.2f}")
    print(f"ratio of CPU a request, bare to ours: {_median(b / a for (_, a), (_, b) in pairs):.2f}")


def _median(values: Iterator[float]) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
