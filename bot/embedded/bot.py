"""The embedded bot: a Rasa project run in this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from bot.embedded.load_project import load_project
from bot.embedded.project import Project
from bot.embedded.stories import StoryMemory
from bot.embedded.tracker import decode
from bot.embedded.turn import Runtime, Turn
from bot.embedded.understanding import learn
from bot.runtime import ActionRunner, BotError, BotTurn, Message, NoActions

_log = logging.getLogger(__name__)

SHIPPED_PROJECT = Path(__file__).resolve().parent.parent / "rasa_project"
"""The project that comes with this package."""


class EmbeddedBot:
    """A `bot.runtime.Bot` that reads, trains and runs a Rasa project by itself."""

    name = "embedded"

    def __init__(self, project: Project, cache_dir: Path | None, actions: ActionRunner) -> None:
        self._project = project
        self._cache_dir = cache_dir
        self._actions = actions
        self._runtime: Runtime | None = None
        self._failure: BotError | None = None
        self._share = 0.0
        self._closed = False

    @classmethod
    def load(
        cls,
        project_dir: Path = SHIPPED_PROJECT,
        cache_dir: Path | None = None,
        actions: ActionRunner | None = None,
    ) -> EmbeddedBot:
        """Read and check a project (a fraction of a second; nothing is trained).

        ``cache_dir`` keeps trained models by the content they are learnt from; None = none are kept.
        Raises `ProjectError` naming file and line for what is wrong or not supported.
        """
        return cls(load_project(project_dir), cache_dir, actions or NoActions())

    async def start(self) -> None:
        """Train, or load the trained model, in a thread; `ready` tells how far it is.

        Raises `BotError` where that fails; `ready` goes on to say so.
        """
        try:
            understanding = await asyncio.to_thread(
                learn, self._project, self._cache_dir, self._note_progress
            )
        except Exception as error:
            self._failure = BotError(
                f"The bot could not be trained ({type(error).__name__}: {error}): correct the project"
                " (contact-center doctor checks it) and start again."
            )
            raise self._failure from error
        stories = StoryMemory(self._project.stories, self._project.settings.max_history)
        self._runtime = Runtime(self._project, understanding, stories, self._actions)
        _log.info("The embedded bot is ready.")

    def _note_progress(self, share: float) -> None:
        self._share = share

    async def ready(self) -> None:
        """Raises `BotError` while the bot is training, after it failed, and once it is closed."""
        self._running()

    def _running(self) -> Runtime:
        if self._closed:
            raise BotError("The bot is closed: start the application again.")
        if self._failure is not None:
            raise self._failure
        if self._runtime is None:
            raise BotError(
                f"The bot is training ({self._share:.0%} done): try again in some seconds.",
                retryable=True,
            )
        return self._runtime

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        """Answer one message; see `bot.runtime.Bot.respond`."""
        runtime = self._running()
        tracker = decode(state, self._project.domain)
        return await Turn(runtime, message, tracker, context or {}).run()

    async def close(self) -> None:
        """Answer no more."""
        self._closed = True
        self._runtime = None
