"""Requests to the engine, as Twilio makes them: signed forms, tried again, with a key that repeats.

The URL that is signed is the public one, which our TwiML and the API's requests name; the request itself goes
straight to this process (``local``), because the public address may lead through a proxy that only the world
can reach. No other address is ever asked.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import structlog

from contact_center.local_carrier.account import Account, Sids
from contact_center.local_carrier.errors import NO_ANSWER, NOT_REACHED, NOT_XML, DocumentError

log = structlog.get_logger(__name__)

SECONDS: Final = 15.0
"""For an answer, and as long again for the second try (TWILIO.md, "Time")."""

TRIES: Final = 2
_TYPES: Final = ("text/xml", "application/xml", "text/html")

Fields = Mapping[str, str]


class Webhooks:
    """See the module. ``public``: the engine's URL as it is signed; ``local``: as it is reached."""

    def __init__(
        self, http: aiohttp.ClientSession, account: Account, sids: Sids, public: str, local: str
    ) -> None:
        self._http = http
        self._account = account
        self._sids = sids
        self._public = public.rstrip("/")
        self._local = local.rstrip("/")
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def document(self, url: str, method: str, fields: Fields) -> bytes:
        """What ``url`` answers, to be followed. Raises `DocumentError` for every other answer, and none."""
        status, kind, body = await self._asked(url, method, fields)
        if status >= 400:
            raise DocumentError(NOT_REACHED, f"the URL answered {status}")
        if kind not in _TYPES:
            raise DocumentError(NOT_XML, f"the answer is of the type {kind[:40]}, not text/xml")
        return body

    def tell(self, stream: str, url: str, method: str, fields: Fields) -> None:
        """Post a callback; those of one ``stream`` in their order. Nobody waits for it."""
        if not url or self._closed:
            return
        before = self._streams.get(stream)
        task = self.keep(self._tell(before, url, method, fields))
        self._streams[stream] = task

        def done(ended: asyncio.Task[None]) -> None:
            if self._streams.get(stream) is ended:
                del self._streams[stream]

        task.add_done_callback(done)

    def keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do it beside everything else; after the end, not any more."""
        task = self.adopt(asyncio.create_task(work))
        if self._closed:
            task.cancel()
        return task

    def adopt(self, task: asyncio.Task[Any]) -> asyncio.Task[Any]:
        """See to a task that nobody waits for any more."""
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, DocumentError):
            log.error("the local carrier failed at something", error=type(error).__name__, exc_info=error)

    async def told(self) -> None:
        """Return when everything that was to be told has been."""
        while self._streams:
            await asyncio.gather(*self._streams.values(), return_exceptions=True)

    async def all_done(self) -> None:
        """Return when nothing is under way any more: no call is followed, and everything is told."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def close(self) -> None:
        """Give up what is under way; nothing more is told."""
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, before: asyncio.Task[None] | None, url: str, method: str, fields: Fields) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            status, _, _ = await self._asked(url, method, fields)
        except DocumentError as error:
            log.warning("a callback of the local carrier was not taken", why=str(error))
            return
        if status >= 400:
            log.warning("a callback of the local carrier was refused", status=status)

    async def _asked(self, url: str, method: str, fields: Fields) -> tuple[int, str, bytes]:
        """Status, content type and body; a second try with the same key where there was no connection."""
        target = self._reached(url)
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": self._sids.key()[:36],
            "Accept": "*/*",
        }
        failure = DocumentError(NOT_REACHED, "the URL could not be reached")
        for _ in range(TRIES):
            try:
                async with asyncio.timeout(SECONDS):
                    return await self._once(url, target, method, fields, headers)
            except TimeoutError:
                raise DocumentError(NO_ANSWER, f"the URL did not answer in {SECONDS:g} s") from None
            except (aiohttp.ClientError, OSError) as error:
                failure = DocumentError(NOT_REACHED, f"the URL could not be reached: {type(error).__name__}")
        raise failure

    async def _once(
        self, url: str, target: str, method: str, fields: Fields, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        options: dict[str, Any] = {"allow_redirects": False}
        signed: Fields = fields
        if method == "GET":
            query = ("&" if "?" in url else "?") + urlencode(fields)
            url, target, signed = url + query, target + query, {}
        else:
            options["data"] = dict(fields)
        headers = headers | {"X-Twilio-Signature": signature(self._account.token, url, signed)}
        async with self._http.request(method, aiohttp_url(target), headers=headers, **options) as answer:
            return answer.status, answer.content_type, await answer.read()

    def _reached(self, url: str) -> str:
        bare = url.partition("#")[0]
        if not bare.startswith((self._public + "/", self._public + "?")):
            raise DocumentError(NOT_REACHED, "the URL is not this contact centre's, and no other is asked")
        return self._local + bare.removeprefix(self._public)


def signature(token: str, url: str, fields: Fields) -> str:
    """X-Twilio-Signature (twilio.com/docs/usage/security)."""
    signed = url.partition("#")[0] + "".join([name + fields[name] for name in sorted(fields)])
    return b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


def aiohttp_url(target: str) -> Any:
    """The URL exactly as it was signed: no character of it is encoded anew."""
    from yarl import URL

    return URL(target, encoded=True)


Keep = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel and wait."""
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
