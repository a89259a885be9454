"""``python -m tests.e2e.skewed CONFIG``: a server on a machine whose clock is wrong.

By ``CC_TEST_SKEW`` seconds from the start, and by ``CC_TEST_JUMP`` more once it gets SIGUSR1. Everything else
is as in `contact-center serve`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from contact_center.app import running
from contact_center.cli.common import load_config
from contact_center.clock import SystemClock
from contact_center.observe.logs import set_up


class WrongClock(SystemClock):
    """The machine's clock, ``off`` seconds ahead."""

    def __init__(self, off: float) -> None:
        self.off = timedelta(seconds=off)

    def now(self) -> datetime:
        return super().now() + self.off


async def serve(path: Path) -> None:
    config, folder = load_config(path)
    set_up(level="info", format="text")
    clock, stop = WrongClock(float(os.environ.get("CC_TEST_SKEW", "0"))), asyncio.Event()
    loop = asyncio.get_running_loop()

    def jump() -> None:
        clock.off += timedelta(seconds=float(os.environ["CC_TEST_JUMP"]))

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, jump)
    async with running(config, folder / "var", clock=clock) as application:
        runner = web.AppRunner(application.web, access_log=None, shutdown_timeout=2)
        await runner.setup()
        await web.TCPSite(runner, config.server.host, config.server.port).start()
        await stop.wait()
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
