"""The bot on a Rasa server: asked over HTTP, and replaced by another bot while it does not answer.

The server must run the project with our connector (`bot.rasa_channel`), which keeps no conversation:
the state goes there and back with each message, in the form that the embedded runtime has. So a
request may be made again, and the embedded runtime may answer any message of a conversation.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Literal

import aiohttp
import msgspec

from bot.embedded.text import clean
from bot.runtime import Bot, BotError, BotTurn, Message

_log = logging.getLogger(__name__)

ROUTE = "/webhooks/engine"
_LARGEST = 1_048_576
_MISSING_ROUTE = (
    "has no route /webhooks/engine: it is a stock Rasa server. Start it with the project's credentials.yml"
    " (bot.rasa_channel.EngineChannel), or by `contact-center rasa serve`"
)

Outcome = Literal["answered", "fell_back", "refused", "failed"]
Observe = Callable[[Outcome, float], None]
"""Told after each message how it went and how long it took, in seconds."""


class RasaSettings(msgspec.Struct, frozen=True):
    """How the server is reached; times in seconds.

    ``callback`` is where the server's actions find this engine process ('' = as they were told at start).
    A request that gets no connection, or loses it, is made ``attempts`` times within ``timeout``. After
    ``failures`` failed messages in a row the server is left alone for ``rest``, then tried once.
    """

    url: str
    token: str
    callback: str = ""
    timeout: float = 4.0
    connect_timeout: float = 1.0
    attempts: int = 2
    pause: float = 0.1
    failures: int = 3
    rest: float = 15.0


class Unanswered(BotError):
    """The server gave no usable answer to one message."""


class Rests:
    """Who fails several times in a row is left alone for a while, then tried by one request."""

    def __init__(self, failures: int, rest: float) -> None:
        self._most, self._rest = failures, rest
        self._failed = 0
        self._until = 0.0

    def admits(self, now: float) -> bool:
        """Whether a request may go out; the one after a rest keeps the others waiting for its end."""
        if self._failed < self._most:
            return True
        if now < self._until:
            return False
        self._until = now + self._rest
        return True

    @property
    def resting(self) -> bool:
        """Whether the server counts as out of order."""
        return self._failed >= self._most

    def note(self, *, answered: bool, now: float) -> None:
        """How a request ended."""
        if answered:
            self._failed = 0
            return
        self._failed += 1
        if self._failed >= self._most:
            self._until = now + self._rest


class RasaServerBot:
    """A `bot.runtime.Bot` that has a Rasa server answer, and ``fallback`` where that does not."""

    name = "rasa"

    def __init__(
        self,
        settings: RasaSettings,
        fallback: Bot | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        observe: Observe = lambda outcome, seconds: None,
    ) -> None:
        self._settings = settings
        self._fallback = fallback
        self._clock = clock
        self._observe = observe
        self._rests = Rests(settings.failures, settings.rest)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def ready(self) -> None:
        """Raises `BotError` where neither the server nor the fall-back can answer."""
        if self._fallback is not None:
            await self._fallback.ready()
            return
        await self.check()

    async def check(self) -> str:
        """Ask the server whether it is there; returns its model's name. Raises `BotError` that says what
        is wrong with it and what to do."""
        answer = await self._exchange("GET", f"{ROUTE}/", None)
        try:
            return str(msgspec.json.decode(answer)["model"])
        except (msgspec.DecodeError, TypeError, KeyError):
            raise Unanswered(f"{self._who} {_MISSING_ROUTE}.") from None

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        """Answer one message; see `bot.runtime.Bot.respond`."""
        if self._closed and self._fallback is None:
            raise BotError("The bot is closed: start the application again.")
        began = self._clock()
        if self._closed or not self._rests.admits(began):
            return await self._fall_back(message, state, context, None, began)
        try:
            turn = await self._ask(message, state)
        except Unanswered as error:
            self._rests.note(answered=False, now=self._clock())
            return await self._fall_back(message, state, context, error, began)
        except BaseException:
            # Given up by the caller: that says as much of the server as no answer.
            self._rests.note(answered=False, now=self._clock())
            raise
        self._rests.note(answered=True, now=self._clock())
        self._observe("answered", self._clock() - began)
        return turn

    async def _fall_back(
        self,
        message: Message,
        state: str,
        context: Mapping[str, object] | None,
        error: Unanswered | None,
        began: float,
    ) -> BotTurn:
        problem = error or Unanswered(
            f"{self._who} did not answer several times and is left alone for a while.", retryable=True
        )
        if self._fallback is None:
            self._observe("refused" if error is None else "failed", self._clock() - began)
            raise problem
        if error is not None:
            _log.warning("%s answers in its place: %s", self._fallback.name, error)
        turn = await self._fallback.respond(message, state, context=context)
        self._observe("fell_back", self._clock() - began)
        return turn

    async def _ask(self, message: Message, state: str) -> BotTurn:
        # Cleaned here: half a character, which a channel may bring, cannot be sent.
        message = msgspec.structs.replace(message, text=clean(message.text))
        body = msgspec.json.encode({"message": message, "state": state, "callback": self._settings.callback})
        answer = await self._exchange("POST", f"{ROUTE}/turn", body)
        try:
            return msgspec.json.decode(answer, type=BotTurn)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            raise Unanswered(f"{self._who} answered with something that is no turn.") from None

    async def _exchange(self, method: str, path: str, body: bytes | None) -> bytes:
        """One answer, however often it has to be asked for; all within the time-out."""
        settings = self._settings
        problem = ""
        try:
            async with asyncio.timeout(settings.timeout):
                for attempt in range(settings.attempts):
                    if attempt:
                        await asyncio.sleep(settings.pause)
                    try:
                        return await self._request(method, path, body)
                    except aiohttp.ClientConnectionError as error:
                        problem = type(error).__name__
        except TimeoutError:
            raise Unanswered(
                f"{self._who} did not answer within {settings.timeout:g} s.", retryable=True
            ) from None
        except (aiohttp.ClientError, ValueError) as error:
            raise Unanswered(
                f"{self._who} cannot be asked ({type(error).__name__}).", retryable=True
            ) from None
        raise Unanswered(
            f"{self._who} cannot be reached ({problem}): start it with `contact-center rasa serve`.",
            retryable=True,
        )

    async def _request(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = {"Authorization": f"Bearer {self._settings.token}", "Content-Type": "application/json"}
        url = self._settings.url.rstrip("/") + path
        async with self._open().request(
            method, url, data=body, headers=headers, allow_redirects=False
        ) as response:
            if response.status == 404:
                raise Unanswered(f"{self._who} {_MISSING_ROUTE}.")
            if response.status == 401:
                raise Unanswered(f"{self._who} refuses the token: bot.rasa.token must be the one it has.")
            if response.status != 200:
                again = response.status in (429, 502, 503, 504)
                raise Unanswered(f"{self._who} answered with status {response.status}.", retryable=again)
            answer = await response.content.read(_LARGEST + 1)
            while len(answer) <= _LARGEST and (more := await response.content.read(_LARGEST)):
                answer += more
            if len(answer) > _LARGEST:
                raise Unanswered(f"{self._who} answered with more than {_LARGEST} bytes.")
            return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect_timeout)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    @property
    def _who(self) -> str:
        return f"The Rasa server at {self._settings.url}"

    async def disconnect(self) -> None:
        """Let go of the connections; the fall-back goes on."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def close(self) -> None:
        """Let go of the connections, and of the fall-back."""
        await self.disconnect()
        if self._fallback is not None:
            await self._fallback.close()
