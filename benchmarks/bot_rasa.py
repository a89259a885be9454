"""Rasa's own server with its stock pipeline, measured: training, start, memory, latency, rate, accuracy.

The baseline of `benchmarks.bot`. Rasa runs in its own environment (``--rasa-python``, see `python3 cc.py
rasa`), on a loopback port, with the project's config_diet.yml, and is ended by its process's id.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.front_door import free_port

PER_CALLER_RUN = 150


@dataclass
class RasaFigures:
    """What the server did; times in seconds unless the name says milliseconds."""

    train: float = 0.0
    start: float = 0.0
    resident_mb: float = 0.0
    webhook_p50_ms: float = 0.0
    webhook_p99_ms: float = 0.0
    parse_p50_ms: float = 0.0
    rates: dict[int, float] = field(default_factory=dict)
    accuracy: float = 0.0
    epochs: int = 0


def prepare(project: Path, folder: Path, epochs: int) -> Path:
    """A copy of the project with the stock pipeline and so many epochs."""
    copy = folder / "project"
    shutil.copytree(project, copy)
    stock = (copy / "config_diet.yml").read_text(encoding="utf-8")
    (copy / "config.yml").write_text(re.sub(r"epochs: \d+", f"epochs: {epochs}", stock), encoding="utf-8")
    (copy / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    (copy / "endpoints.yml").unlink(missing_ok=True)
    return copy


def train(python: Path, project: Path) -> float:
    """Train understanding and dialogue; returns the seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "rasa", "train", "--fixed-model-name", "stock", "--quiet"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"rasa train failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


@asynccontextmanager
async def serving(python: Path, project: Path, figures: RasaFigures) -> AsyncIterator[str]:
    """The server's address while it runs."""
    port = free_port()
    began = time.perf_counter()
    log = (project / "server.log").open("w")
    process = subprocess.Popen(  # noqa: ASYNC220 -- returns at once
        [python, "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)],
        cwd=project, stdout=log, stderr=log,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session:
            while True:
                if process.poll() is not None or time.perf_counter() - began > 300:
                    raise SystemExit("rasa run did not start; see " + str(project / "server.log"))
                try:
                    async with session.get(f"{url}/status") as answer:
                        if answer.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.5)
        figures.start = time.perf_counter() - began
        yield url
        figures.resident_mb = _resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


async def measure(
    python: Path, project: Path, folder: Path, epochs: int, texts: list[str], heldout: list[tuple[str, str]]
) -> RasaFigures:
    """Train, serve, ask; ``heldout`` are (text, intent) pairs that neither bot has learnt from."""
    figures = RasaFigures(epochs=epochs)
    copy = prepare(project, folder, epochs)
    figures.train = train(python, copy)
    async with serving(python, copy, figures) as url, aiohttp.ClientSession() as session:
        webhook, parse = f"{url}/webhooks/rest/webhook", f"{url}/model/parse"
        for text in texts[:10]:
            await _post(session, webhook, {"sender": "warm", "message": text})
        waits = []
        for number, text in enumerate(texts[:200]):
            began = time.perf_counter()
            await _post(session, webhook, {"sender": f"c{number}", "message": text})
            waits.append(1000 * (time.perf_counter() - began))
        waits.sort()
        figures.webhook_p50_ms, figures.webhook_p99_ms = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        parses, right = [], 0
        for text, intent in heldout:
            began = time.perf_counter()
            answer = await _post(session, parse, {"text": text})
            parses.append(1000 * (time.perf_counter() - began))
            right += answer["intent"]["name"] == intent  # type: ignore[index]
        figures.parse_p50_ms = sorted(parses)[len(parses) // 2]
        figures.accuracy = 100 * right / len(heldout)
        for callers in (1, 8, 32):
            figures.rates[callers] = await _rate(session, webhook, texts, callers)
    return figures


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, str]) -> dict[str, object]:
    async with session.post(url, json=body) as answer:
        answer.raise_for_status()
        found: dict[str, object] = await answer.json()
        return found


async def _rate(session: aiohttp.ClientSession, url: str, texts: list[str], callers: int) -> float:
    left = iter(range(PER_CALLER_RUN))

    async def caller(number: int) -> None:
        for turn in left:
            text = texts[turn % len(texts)]
            await _post(session, url, {"sender": f"r{callers}-{number}-{turn}", "message": text})

    began = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    return PER_CALLER_RUN / (time.perf_counter() - began)
