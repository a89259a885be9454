"""A real Rasa server that runs the shipped project, beside the embedded runtime.

`python3 cc.py test -m rasa` runs what is here; the first time it makes Rasa's environment in var/rasa, or
in the folder that CC_TEST_RASA_FOLDER names (minutes, gigabytes). The model is trained when the project
changed.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from bot.embedded.understanding import DEFAULT_ENCODER
from bot.rasa_server import RasaServerBot, RasaSettings
from bot.runtime import ActionResult
from contact_center.rasa_env.environment import Environment
from contact_center.rasa_env.found import RunningServer, find_server
from contact_center.rasa_env.pythons import find_python
from contact_center.rasa_env.serving import free_port, serve
from contact_center.rasa_env.workshop import Workshop
from tests.bot.conversations_support import ScriptedActions, load_conversations

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("CC_TEST_RASA_FOLDER") or ROOT / "var" / "rasa")


def _say(text: str) -> None:
    print(text, flush=True)


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    """Rasa's commands, in its own environment."""
    environment = Environment(FOLDER, ROOT / "requirements" / "rasa.txt")
    environment.prepare(lambda: find_python(os.environ), _say, os.environ)
    code = SHIPPED_PROJECT.parent
    return Workshop(FOLDER / "tests", environment, SHIPPED_PROJECT, code, DEFAULT_ENCODER, "config.yml")


class Served(NamedTuple):
    """A running server, and where its action server is."""

    server: RunningServer
    actions_url: str


@pytest.fixture(scope="session")
def served(workshop: Workshop) -> Iterator[Served]:
    """Rasa and its action server, until the session ends."""
    folder = FOLDER / "tests"
    model, _ = workshop.train(_say, os.environ)
    stop, failures = threading.Event(), list[BaseException]()
    ports = free_port(0, 0), free_port(0, 0)

    def run() -> None:
        try:
            serve(
                workshop,
                folder,
                model,
                engine_url="http://127.0.0.1:9",
                token="",
                ports=ports,
                say=_say,
                environment=os.environ,
                until=stop.is_set,
            )
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while (server := find_server(folder)) is None and thread.is_alive():
            time.sleep(0.1)
        if failures:
            raise failures[0]
        assert server is not None
        yield Served(server, f"http://127.0.0.1:{ports[1]}")
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="session")
def script() -> ScriptedActions:
    """The look-ups of the conversations."""
    return ScriptedActions(load_conversations())


@pytest.fixture(scope="session")
def embedded(script: ScriptedActions) -> EmbeddedBot:
    """The other runtime of the same project."""
    bot = EmbeddedBot.load(SHIPPED_PROJECT, FOLDER / "tests" / "embedded", script)
    asyncio.run(bot.start())
    return bot


@pytest.fixture
async def rasa(served: Served, script: ScriptedActions) -> AsyncIterator[RasaServerBot]:
    """The bot on the server; its actions come to an engine that does what the conversations say."""

    async def carry_out(request: web.Request) -> web.Response:
        asked = await request.json()
        assert request.headers["Authorization"] == f"Bearer {served.server.token}"
        assert asked.keys() == {"conversation_id", "turn", "slots"}
        try:
            result: ActionResult = await script.run(
                request.match_info["action"], asked["slots"], {"conversation_id": asked["conversation_id"]}
            )
        except ConnectionError:
            return web.Response(status=500)
        return web.json_response({"slots": result.slots})

    app = web.Application()
    app.router.add_post("/api/v1/bot/actions/{action}", carry_out)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    callback = f"http://127.0.0.1:{runner.addresses[0][1]}"
    bot = RasaServerBot(RasaSettings(served.server.url, served.server.token, callback, timeout=30.0))
    yield bot
    await bot.close()
    await runner.cleanup()
