"""One bot in a process of its own, so that its memory and start are its own: answers in JSON on a line.

python -m benchmarks.bot_process --project FOLDER --cache FOLDER --messages FILE [--encoder multilingual]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from pathlib import Path

CALLERS = (1, 8, 32)
PER_CALLER_RUN = 600


def resident_mb() -> float:
    """This process's memory now, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """Training, loading, latency and throughput of one embedded bot."""
    before = resident_mb()
    from bot.embedded import EmbeddedBot
    from bot.runtime import Message

    began = time.perf_counter()
    bot = EmbeddedBot.load(options.project, options.cache, encoder=options.encoder)
    await bot.start()
    started = time.perf_counter() - began
    texts = json.loads(options.messages.read_text(encoding="utf-8"))
    for text in texts[:20]:
        await bot.respond(Message("warm", text))
    latencies = []
    for number, text in enumerate(texts):
        began = time.perf_counter()
        await bot.respond(Message(f"c{number}", text))
        latencies.append(time.perf_counter() - began)
    rates = {callers: await _rate(bot, texts, callers) for callers in CALLERS}
    latencies.sort()
    return {
        "start_seconds": started,
        "p50_ms": 1000 * latencies[len(latencies) // 2],
        "p99_ms": 1000 * latencies[int(len(latencies) * 0.99)],
        "rates": rates,
        "before_mb": before,
        "resident_mb": resident_mb(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _rate(bot: object, texts: list[str], callers: int) -> float:
    """Messages a second with so many callers, each waiting for its answer before it goes on."""
    from bot.runtime import Message

    left = iter(range(PER_CALLER_RUN))

    async def caller(number: int) -> None:
        for turn in left:
            text = f"{texts[turn % len(texts)]} {turn}"  # no two alike: nothing can be remembered
            await bot.respond(Message(f"r{number}", text))  # type: ignore[attr-defined]

    began = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    return PER_CALLER_RUN / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--messages", type=Path, required=True)
    parser.add_argument("--encoder", default="multilingual")
    print(json.dumps(asyncio.run(measure(parser.parse_args()))))


if __name__ == "__main__":
    main()
