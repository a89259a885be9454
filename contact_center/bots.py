"""Opens the bot that the configuration asks for: the embedded one, or one on a Rasa server before it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from bot.rasa_server import Observe, RasaServerBot, RasaSettings
from bot.runtime import Bot, BotTurn, Message
from contact_center.bot_actions import BotActions
from contact_center.bot_callbacks import CalledBack, bot_callback_routes
from contact_center.config import Config
from contact_center.config.sections import RasaServer
from contact_center.rasa_env.found import find_server

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 5.0
"""How long what was found of a Rasa server on this machine is believed."""


@dataclass(frozen=True)
class OpenedBot:
    """A bot, and the routes by which its actions come back from another process."""

    bot: Bot
    routes: list[web.RouteDef] = field(default_factory=list)


def open_bot(
    config: Config, folder: Path, actions: BotActions, observe: Observe, stack: AsyncExitStack
) -> OpenedBot:
    """The bot, closed with ``stack``; it trains, or loads its model from ``folder``, in the background.

    ``observe`` is told how a Rasa server answered. Raises `bot.embedded.ProjectError` where the project
    cannot be run.
    """
    settings = config.bot
    project = Path(settings.project) if settings.project else SHIPPED_PROJECT
    embedded = EmbeddedBot.load(project, folder / "bot", actions, settings.encoder, config.company.region)
    stack.push_async_callback(embedded.close)
    _beside(embedded.start(), stack)
    if settings.reload_seconds:
        _beside(embedded.watch(settings.reload_seconds), stack)
    if settings.runtime == "embedded":
        return OpenedBot(embedded)
    callback = settings.rasa.callback_url or config.server.local_url
    rasa = RasaBot(settings.rasa, folder / "rasa", callback, embedded, observe)
    stack.push_async_callback(rasa.close)
    return OpenedBot(CalledBack(rasa, actions), bot_callback_routes(actions, lambda: rasa.token))


class RasaBot:
    """The bot on the configured Rasa server, or on the one that runs on this machine just now; where
    there is none, or it does not answer, ``embedded`` answers.

    A server on this machine may come, go, and come back with another token, while this process runs.
    """

    name = "rasa"

    def __init__(
        self, settings: RasaServer, folder: Path, callback: str, embedded: Bot, observe: Observe
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._callback = callback
        self._embedded = embedded
        self._observe = observe
        self._server: RasaServerBot | None = None
        self._known = ("", "")
        self._looked = -LOOK_SECONDS
        if settings.url:
            self._use(settings.url, settings.token.get_secret_value())

    @property
    def token(self) -> str:
        """What the server in use was started with."""
        return self._known[1]

    def _use(self, url: str, token: str) -> None:
        self._known = (url, token)
        settings = RasaSettings(
            url=url, token=token, timeout=self._settings.timeout_seconds, callback=self._callback
        )
        self._server = RasaServerBot(settings, self._embedded, observe=self._observe)

    async def _current(self) -> Bot:
        """The server's bot; looked for where the configuration names none."""
        now = asyncio.get_running_loop().time()
        if not self._settings.url and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            found = await asyncio.to_thread(find_server, self._folder)
            told = (found.url, found.token) if found else ("", "")
            if told != self._known:
                await self._change(*told)
        return self._server or self._embedded

    async def _change(self, url: str, token: str) -> None:
        before, self._server, self._known = self._server, None, ("", "")
        if url:
            self._use(url, token)
        log.info("a Rasa server was found" if url else "no Rasa server runs here; the embedded bot answers")
        if before is not None:
            await before.disconnect()

    async def ready(self) -> None:
        """The embedded bot can answer at any time; more is not needed."""
        await self._embedded.ready()

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        """See `bot.runtime.Bot.respond`."""
        bot = await self._current()
        return await bot.respond(message, state, context=context)

    async def close(self) -> None:
        if self._server is not None:
            await self._server.disconnect()


def _beside(work: Coroutine[Any, Any, None], stack: AsyncExitStack) -> None:
    """Run ``work`` until ``stack`` ends; what it raises is for `Bot.ready` to tell."""
    task = asyncio.create_task(work)

    async def stop() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task

    stack.push_async_callback(stop)
