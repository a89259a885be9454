"""``serve``: run the contact centre until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from pathlib import Path

import click
import structlog
from aiohttp import web

from contact_center.app import Application, running
from contact_center.cli.common import CliError, config_option, load_config
from contact_center.config import Config
from contact_center.observe.logs import set_up
from contact_center.sign_in.first import first_passwords
from contact_center.welcome import first_token, welcome

log = structlog.get_logger(__name__)


@click.command()
@config_option
@click.option("--host", help="Listen here instead of at server.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here instead of at server.port; 0 = any.")
def serve(config_path: Path | None, host: str | None, port: int | None) -> None:
    """Run the contact centre."""
    began = time.perf_counter()
    config, folder = load_config(config_path)
    folder = folder / "var"
    server = config.server.model_copy(
        update={name: value for name, value in (("host", host), ("port", port)) if value is not None}
    )
    config = config.model_copy(update={"server": server})
    set_up(level=config.log.level, format=config.log.format)
    sys.setswitchinterval(0.0005)  # the store's writer thread must not wait 5 ms for its turn
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(config, folder, began))
    else:
        uvloop.run(_serve(config, folder, began))


async def _serve(config: Config, folder: Path, began: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(config, folder) as application:
        runner = web.AppRunner(
            application.web,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=config.server.shutdown_grace_seconds,
        )
        await runner.setup()
        site = web.TCPSite(runner, config.server.host, config.server.port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise CliError(_cannot_listen(config, error)) from None
        await _say_welcome(application, runner, began)
        _settle_memory()
        await stop.wait()
        log.info("stopping: answering what has begun")
        if application.local is not None:
            await application.local.hang_up()
        await runner.cleanup()
    log.info("stopped")


def _settle_memory() -> None:
    """Spare the collector what will live as long as the process: its rounds over everything that was imported
    and loaded took a quarter of a turn's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _say_welcome(application: Application, runner: web.AppRunner, began: float) -> None:
    host, port = runner.addresses[0][:2]
    room = application.room
    token = await first_token(room)
    people = await first_passwords(room, demo=room.config.demo.seed)
    seconds = time.perf_counter() - began
    click.echo(welcome(application, f"http://{host}:{port}", token, people, seconds))
    sys.stdout.flush()


def _cannot_listen(config: Config, error: OSError) -> str:
    where = f"{config.server.host}:{config.server.port}"
    if error.errno in (98, 48):
        return (
            f"Port {config.server.port} is in use; stop the other program or take another: serve --port 8081"
        )
    return f"Cannot listen on {where}: {os.strerror(error.errno or 0)}; see server.host and server.port"
