"""One call while its TwiML is followed: what a verb's own file needs to do its part."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urljoin

import msgspec

from contact_center.local_carrier import document, fields
from contact_center.local_carrier.errors import DocumentError
from contact_center.local_carrier.exchange import Exchange
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.tapes import Tapes
from contact_center.local_carrier.verbs import Verb

Form = dict[str, str]

REDIRECT_SECONDS: Final = 0.35
"""Between the action of the verb that a redirect ends and the redirect's own target (TWILIO.md)."""


class Ask(msgspec.Struct, frozen=True):
    """A document to fetch next."""

    url: str
    method: str = "POST"
    fields: Form = {}


class End(msgspec.Struct, frozen=True):
    """The call is to end; ``rejected``: without having been answered, with that reason."""

    rejected: str = ""


class Depart(msgspec.Struct, frozen=True):
    """A waiting caller leaves the queue."""


Step = Ask | End | Depart | None
"""What a verb leads to; None = the next verb."""

Run = Callable[["Line", tuple[Verb, ...]], Awaitable[Step]]


class Line:
    """See the module. ``base``: the URL of the document that is being followed. ``is_ours``: whether a number
    is one that the engine answers."""

    def __init__(
        self,
        live: LiveCall,
        exchange: Exchange,
        tapes: Tapes,
        run: Run,
        is_ours: Callable[[str], bool],
        recordings_url: str,
    ) -> None:
        self.live = live
        self.exchange = exchange
        self.tapes = tapes
        self.run = run
        self.is_ours = is_ours
        self.recordings_url = recordings_url
        self.base = ""
        self.method = "POST"

    @property
    def account(self) -> str:
        return self.exchange.account.sid

    def to(self, url: str, method: str, more: Form | None = None) -> Ask:
        """The document at ``url``, which may be relative; '' is the present one again."""
        if not url:
            return Ask(self.base, self.method, more or {})
        return Ask(urljoin(self.base, url), method, more or {})

    async def fetch(self, ask: Ask) -> tuple[Verb, ...]:
        """The document. Raises `Interrupted`, and `DocumentError` for what cannot be followed."""
        webhooks = self.exchange.webhooks
        body = await self.live.inbox.guard(
            webhooks.document(ask.url, ask.method, self._fields(ask)), webhooks.adopt
        )
        found = document.read(body)
        self.base, self.method = ask.url.partition("#")[0], ask.method
        return found

    async def tell(self, ask: Ask) -> None:
        """Ask an action whose answer nobody can hear any more."""
        with suppress(DocumentError):
            await self.exchange.webhooks.document(ask.url, ask.method, self._fields(ask))

    def _fields(self, ask: Ask) -> Form:
        return fields.of_call(self.account, self.live.call) | ask.fields

    async def pass_by(self, ask: Ask) -> None:
        """Ask the action of the verb that a redirect ends, and follow its answer until the redirect's own
        target is due: what it says is heard for a moment, and where it leads is led to."""
        try:
            found = await self.fetch(ask)
        except DocumentError:
            return
        followed = asyncio.ensure_future(self.run(self, found))
        due = asyncio.ensure_future(self.live.inbox.sleep(REDIRECT_SECONDS))
        try:
            await asyncio.wait({followed, due}, return_when=asyncio.FIRST_COMPLETED)
            if followed.done():
                with suppress(DocumentError):
                    followed.result()
                await self.live.inbox.guard(_until(due), _cancel)
        finally:
            due.cancel()
            followed.cancel()
            await asyncio.gather(followed, return_exceptions=True)

    async def rest(self, seconds: float) -> None:
        """Let time pass; what the caller does meanwhile is for nobody. Raises `Interrupted`."""
        inbox = self.live.inbox

        async def sleep() -> None:
            await inbox.sleep(seconds)

        await inbox.guard(sleep(), _cancel)
        inbox.forget()


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()


async def _until(due: asyncio.Future[None]) -> None:
    await due
