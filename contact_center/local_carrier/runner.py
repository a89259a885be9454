"""Follows a call's TwiML, as Twilio does: document after document, until the call is over.

A document that cannot be fetched or followed is tried at the fallback URL, with Twilio's code; where that is
of no use either, the caller is told that something is wrong, and the call ends. Nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from contact_center.local_carrier import calls
from contact_center.local_carrier.connecting import dial, enqueue
from contact_center.local_carrier.errors import UNKNOWN_IN_DOCUMENT, DocumentError
from contact_center.local_carrier.exchange import Exchange
from contact_center.local_carrier.inbox import HungUp, Redirected
from contact_center.local_carrier.line import Ask, Depart, End, Line, Step
from contact_center.local_carrier.listening import gather, hear, record
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.messages import Error
from contact_center.local_carrier.tapes import Tapes
from contact_center.local_carrier.verbs import (
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Reject,
    Say,
    StatusCallback,
    Verb,
)

log = structlog.get_logger(__name__)

WRONG: Final = Say("We are sorry, an application error has occurred. Goodbye.", "en-US")
MOST_DOCUMENTS: Final = 5_000
"""Of one call; more is a document that leads to itself."""


class Runner:
    """See the module. ``voice``: the URL of the engine's voice routes, which is what the numbers are set to:
    incoming, fallback and status. ``is_ours``: whether a number leads to the engine."""

    def __init__(
        self,
        exchange: Exchange,
        tapes: Tapes,
        voice: str,
        is_ours: Callable[[str], bool],
        recordings_url: str,
    ) -> None:
        self._exchange = exchange
        self._tapes = tapes
        self._voice = voice
        self._is_ours = is_ours
        self._recordings_url = recordings_url

    def follow(self, live: LiveCall) -> None:
        """Follow a call that has just come in, beside everything else."""
        live.callback = StatusCallback(f"{self._voice}/status")
        live.follower = self._exchange.webhooks.keep(self._follow(live))

    async def _follow(self, live: LiveCall) -> None:
        line = Line(live, self._exchange, self._tapes, run, self._is_ours, self._recordings_url)
        step: Step = None
        try:
            step = await self._documents(line)
        except HungUp:
            pass
        except Exception as error:
            log.exception("a call could not be followed", error=type(error).__name__)
            live.tell(Error("The telephone failed at this call."))
        finally:
            rejected = step.rejected if isinstance(step, End) else ""
            self._over(live, rejected)

    def _over(self, live: LiveCall, rejected: str) -> None:
        if rejected:
            self._exchange.end(live, calls.BUSY if rejected == "busy" else calls.FAILED, rejected)
        elif live.call.is_answered:
            self._exchange.end(live, calls.COMPLETED, "completed")
        else:
            self._exchange.end(live, calls.FAILED, "failed")
        self._exchange.report(live)

    async def _documents(self, line: Line) -> Step:
        ask = Ask(f"{self._voice}/incoming")
        failed = False
        for _ in range(MOST_DOCUMENTS):
            try:
                found = await line.fetch(ask)
                failed = failed and ask.url == f"{self._voice}/fallback"
                if not self._answered(line, found):
                    return await run(line, found)
                step = await run(line, found)
            except Redirected as to:
                step = Ask(to.url, to.method)
            except DocumentError as error:
                log.warning("a document could not be followed", code=error.code, why=str(error))
                line.live.tell(Error(f"{error} (error {error.code})"))
                if failed:
                    return await self._apologise(line)
                failed = True
                step = Ask(
                    f"{self._voice}/fallback", fields={"ErrorCode": str(error.code), "ErrorUrl": ask.url}
                )
            if isinstance(step, Depart):
                line.live.tell(Error("<Leave> outside of a queue"))
                return End()
            if not isinstance(step, Ask):
                return step
            ask = step
        raise DocumentError(UNKNOWN_IN_DOCUMENT, "the documents of this call lead in a circle")

    def _answered(self, line: Line, found: tuple[Verb, ...]) -> bool:
        """Answer the call, unless the document refuses it."""
        if found and isinstance(found[0], Reject) and not line.live.call.is_answered:
            return False
        self._exchange.move(line.live, calls.IN_PROGRESS)
        return True

    async def _apologise(self, line: Line) -> Step:
        self._exchange.move(line.live, calls.IN_PROGRESS)
        await hear(line, [WRONG])
        return End()


async def run(line: Line, document: tuple[Verb, ...]) -> Step:
    """Follow one document; where it leads, None at its end."""
    prompts: list[Prompt] = []
    for verb in document:
        if isinstance(verb, Prompt):
            prompts.append(verb)
            continue
        await hear(line, prompts)
        prompts = []
        step: Step = await _VERBS[type(verb)](line, verb)
        if step is not None:
            return step
    return await hear(line, prompts)


async def _redirect(line: Line, verb: Redirect) -> Step:
    return line.to(verb.url, verb.method)


async def _hangup(_line: Line, _verb: Hangup) -> Step:
    return End()


async def _leave(_line: Line, _verb: Leave) -> Step:
    return Depart()


async def _reject(line: Line, verb: Reject) -> Step:
    return End() if line.live.call.is_answered else End(verb.reason)


_VERBS: Final[Mapping[type[Any], Callable[[Line, Any], Any]]] = {
    Gather: gather,
    Record: record,
    Enqueue: enqueue,
    Dial: dial,
    Redirect: _redirect,
    Hangup: _hangup,
    Leave: _leave,
    Reject: _reject,
}
"""The verbs that do more than say something."""

assert not set(_VERBS) & {Say, Play, Pause}
