"""The embedded bot: a Rasa project run in this process."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.actions import Resources
from bot.articles import Articles
from bot.embedded.load_project import load_project, project_files
from bot.embedded.project import Project
from bot.embedded.stories import StoryMemory
from bot.embedded.tracker import decode
from bot.embedded.turn import Runtime, Turn
from bot.embedded.understanding import DEFAULT_ENCODER, DEFAULT_REGION, learn
from bot.runtime import ActionRunner, BotError, BotTurn, Message, NoActions

_log = logging.getLogger(__name__)

SHIPPED_PROJECT = Path(__file__).resolve().parent.parent / "rasa_project"
"""The project that comes with this package."""

_THREADS = min(2, os.cpu_count() or 1)
"""Understanding is matrix work outside the interpreter's lock: more threads than this only wait."""

Stamp = tuple[tuple[str, int, int], ...]


class EmbeddedBot:
    """A `bot.runtime.Bot` that reads, trains and runs a Rasa project by itself."""

    name = "embedded"

    def __init__(
        self,
        folder: Path,
        project: Project,
        cache_dir: Path | None,
        actions: ActionRunner,
        encoder: str,
        region: str,
    ) -> None:
        self._folder = folder
        self._project = project
        self._stamp = _stamp(folder)
        self._cache_dir = cache_dir
        self._actions = actions
        self._encoder = encoder
        self._region = region
        self._runtime: Runtime | None = None
        self._failure: BotError | None = None
        self._share = 0.0
        self._closed = False
        self._threads = ThreadPoolExecutor(_THREADS, "bot")

    @classmethod
    def load(
        cls,
        project_dir: Path = SHIPPED_PROJECT,
        cache_dir: Path | None = None,
        actions: ActionRunner | None = None,
        encoder: str = DEFAULT_ENCODER,
        region: str = DEFAULT_REGION,
    ) -> EmbeddedBot:
        """Read and check a project (a fraction of a second; nothing is trained).

        ``cache_dir`` keeps trained models by the content they are learnt from; None = none are kept.
        ``encoder`` as in `bot.nlu.load_encoder`; ``region`` is the country of telephone numbers that are
        told without one.
        Raises `ProjectError` naming file and line for what is wrong or not supported.
        """
        project = load_project(project_dir)
        return cls(project_dir, project, cache_dir, actions or NoActions(), encoder, region)

    async def start(self) -> None:
        """Train, or load the trained model, in a thread; `ready` tells how far it is.

        Raises `BotError` where that fails; `ready` goes on to say so.
        """
        try:
            self._runtime = await asyncio.to_thread(self._learn, self._project)
        except Exception as error:
            self._failure = BotError(
                f"The bot could not be trained ({type(error).__name__}: {error}): correct the project"
                " (contact-center bot check) and start again."
            )
            raise self._failure from error
        _log.info("The embedded bot is ready.")

    def _learn(self, project: Project) -> Runtime:
        understanding = learn(project, self._cache_dir, self._note_progress, self._encoder, self._region)
        articles = Articles(project.articles, understanding.encode)
        stories = StoryMemory(project.domain, project.stories, project.settings.max_history)
        return Runtime(project, understanding, stories, self._actions, Resources(articles), self._threads)

    def _note_progress(self, share: float) -> None:
        self._share = share

    async def reload(self) -> bool:
        """Take in the project's files where they changed since the last look; True where it did.

        Conversations go on: a turn under way ends with the old project, the next one has the new. A
        project that is wrong is refused with a `BotError`, once, and the old one stays.
        """
        stamp = await asyncio.to_thread(_stamp, self._folder)
        if self._runtime is None or stamp == self._stamp:
            return False
        self._stamp = stamp
        project = await asyncio.to_thread(load_project, self._folder)
        self._runtime = await asyncio.to_thread(self._learn, project)
        self._project = project
        return True

    async def watch(self, seconds: float) -> None:
        """Keep looking for changed files, for as long as this task runs; refusals are logged."""
        while True:
            await asyncio.sleep(seconds)
            try:
                if await self.reload():
                    _log.info("The bot's project changed and was taken in.")
            except BotError as error:
                _log.error("The bot's changed project is refused; the old one stays. %s", error)
            except Exception:
                _log.exception("The bot's changed project could not be taken in; the old one stays.")

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
        tracker = decode(state, runtime.project.domain)
        return await Turn(runtime, message, tracker, context or {}).run()

    async def close(self) -> None:
        """Answer no more."""
        self._closed = True
        self._runtime = None
        self._threads.shutdown(wait=False, cancel_futures=True)


def _stamp(folder: Path) -> Stamp:
    """Changes with any file of the project."""
    found = []
    for path in project_files(folder):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((path.as_posix(), status.st_mtime_ns, status.st_size))
    return tuple(found)
