"""Which conversation is recorded, by whose browser, and what is told of it.

A recording that is wanted is one thing for the API; behind it is a tape after the other, because each agent's
browser makes one of its own (see `tapes`). While it is paused no browser records, whoever comes or goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contact_center.clock import Clock
from contact_center.local_carrier import conference as rules
from contact_center.local_carrier import tapes as tape_rules
from contact_center.local_carrier.account import Account, Sids
from contact_center.local_carrier.conference import Conference
from contact_center.local_carrier.errors import NOT_THIS_STATE, ApiError, not_found
from contact_center.local_carrier.inbox import Sleep
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.messages import Upload
from contact_center.local_carrier.talking import recorder_of
from contact_center.local_carrier.tapes import IN_PROGRESS, PAUSED, STOPPED, Tape, Tapes
from contact_center.local_carrier.verbs import RecordingCallback
from contact_center.local_carrier.webhooks import Webhooks

LAST_PIECE_SECONDS: Final = 10.0
"""How long a browser has, once a recording is over, to send what it still holds."""


@dataclass
class Recording:
    """A recording that is wanted. ``call_sid``: of which call it was asked for, '' = of the conference.
    ``by``: whose browser records now."""

    source: str
    callback: RecordingCallback | None
    call_sid: str = ""
    status: str = IN_PROGRESS
    by: str = ""
    tape: Tape | None = None


class Recorder:
    """See the module. ``root``: the account's URL, as callbacks name recordings."""

    def __init__(
        self,
        tapes: Tapes,
        account: Account,
        sids: Sids,
        clock: Clock,
        webhooks: Webhooks,
        *,
        root: str,
        sleep: Sleep,
    ) -> None:
        self.tapes = tapes
        self._account = account
        self._sids = sids
        self._clock = clock
        self._webhooks = webhooks
        self._root = root
        self._sleep = sleep
        self._wanted: dict[str, Recording] = {}
        self._last: dict[str, asyncio.Event] = {}
        self._intakes: dict[str, asyncio.Lock] = {}

    def want(
        self, room: str, source: str, callback: RecordingCallback | None, call_sid: str = ""
    ) -> Recording:
        """Record that conversation from now on; what is being recorded already goes on."""
        found = self._wanted.get(room)
        if found is None:
            found = self._wanted[room] = Recording(source, callback, call_sid)
        return found

    def of_room(self, room: str) -> Recording | None:
        """What is wanted there."""
        return self._wanted.get(room)

    def change(self, room: str, call_sid: str, status: str) -> Recording:
        """Pause, resume or stop. Raises `ApiError`, also where it was asked for otherwise (of the call, of
        the conference)."""
        found = self._wanted.get(room)
        if found is None or found.call_sid != call_sid or found.status == STOPPED:
            raise not_found()
        if status not in (IN_PROGRESS, PAUSED, STOPPED):
            raise ApiError(400, NOT_THIS_STATE, "Status is one of in-progress, paused, stopped")
        found.status = status
        if found.tape is not None:
            found.tape.move(status, self._clock.now())
        if status == STOPPED:
            self._wanted.pop(room)
            self._finish(found)
        return found

    def look(self, conference: Conference, lives: Mapping[str, LiveCall]) -> None:
        """The conversation has changed: somebody else may have to record, or nobody."""
        found = self._wanted.get(conference.sid)
        if found is None:
            return
        if conference.status != rules.IN_PROGRESS:
            if conference.status == rules.COMPLETED:
                self._wanted.pop(conference.sid)
                self._finish(found)
            return
        agents = frozenset(
            member.call_sid
            for member in conference.inside
            if (live := lives.get(member.call_sid)) is not None and live.phone and live.phone.is_agent
        )
        by = recorder_of(conference, agents, found.by)
        if by != found.by:
            self._finish(found)
            found.by = by
            found.tape = self._begin(conference, found) if by else None

    def upload(self, room: str, call_sid: str) -> Upload | None:
        """Where the browser of that call sends its pieces, where it is the one that records."""
        found = self._wanted.get(room)
        if found is None or found.tape is None or found.by != call_sid:
            return None
        return Upload(found.tape.sid, found.tape.key)

    def is_running(self, room: str) -> bool:
        found = self._wanted.get(room)
        return found is not None and found.status == IN_PROGRESS

    def intake(self, sid: str) -> asyncio.Lock:
        """What lets one piece of a recording in at a time."""
        return self._intakes.get(sid) or asyncio.Lock()

    def last_piece(self, sid: str) -> None:
        """The browser has sent all that it has."""
        waiting = self._last.get(sid)
        if waiting is not None:
            waiting.set()

    def _begin(self, conference: Conference, wanted: Recording) -> Tape:
        at = self._clock.now()
        tape = Tape(
            sid=self._sids.new("RE"),
            key=self._sids.key(),
            call_sid=wanted.call_sid,
            conference_sid="" if wanted.call_sid else conference.sid,
            source=wanted.source,
            callback=wanted.callback,
            started_at=at,
        )
        tape.move(wanted.status, at)
        self._last[tape.sid] = asyncio.Event()
        self._intakes[tape.sid] = asyncio.Lock()
        return self.tapes.begin(tape)

    def _finish(self, wanted: Recording) -> None:
        tape, wanted.tape = wanted.tape, None
        if tape is not None:
            tape.move(STOPPED, self._clock.now())
            self._webhooks.keep(self._finished(tape))

    async def _finished(self, tape: Tape) -> None:
        """Wait for the last piece, keep the file, tell."""
        all_here = asyncio.ensure_future(self._last[tape.sid].wait())
        enough = asyncio.ensure_future(self._sleep(LAST_PIECE_SECONDS))
        try:
            await asyncio.wait({all_here, enough}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            all_here.cancel()
            enough.cancel()
        del self._last[tape.sid]
        async with self._intakes.pop(tape.sid):
            status = await asyncio.to_thread(self.tapes.finish, tape)
        self.tell(tape, status)

    def tell(self, tape: Tape, status: str) -> None:
        """A recordingStatusCallback, where it is wanted."""
        callback = tape.callback
        if callback is not None and status in callback.events:
            form = tape_rules.fields(self._account.sid, tape, status, self._root)
            self._webhooks.tell(tape.sid, callback.url, callback.method, form)

    def close(self) -> None:
        """Nothing is waited for any more."""
        for waiting in self._last.values():
            waiting.set()
