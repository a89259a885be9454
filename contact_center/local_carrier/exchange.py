"""The exchange: every live call, conference and queue, and what people and the API do with them.

One process, one event loop; nothing here waits for anybody. The rules are those of the pure modules
(`calls`, `conference`, `places`, `talking`); here their answers become messages to browsers and callbacks to
the engine. A call that came in, or was placed by a <Dial>, is followed by `runner.Runner`; one that the API
has placed for a conference only rings, joins and ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog

from contact_center.clock import Clock
from contact_center.local_carrier import calls, conference, fields, places
from contact_center.local_carrier.account import Account, Sids
from contact_center.local_carrier.calls import Call
from contact_center.local_carrier.conference import Change
from contact_center.local_carrier.errors import ApiError, not_found
from contact_center.local_carrier.inbox import (
    ChildMoved,
    Event,
    HungUp,
    Inbox,
    Left,
    Redirected,
    Released,
    Sleep,
)
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.messages import Ended, Placed, Ring, SignalFrom, State
from contact_center.local_carrier.phones import Lines, Phone, Phones
from contact_center.local_carrier.places import Waiting
from contact_center.local_carrier.rooms import Rooms
from contact_center.local_carrier.verbs import StatusCallback
from contact_center.local_carrier.webhooks import Webhooks

log = structlog.get_logger(__name__)

MOST_CALLS: Final = 500
"""Live calls of the whole telephone company."""

MOST_ENDED: Final = 1_000
"""Calls, conferences and queues that are over and still known to the API."""

WITHHELD: Final = "anonymous"

_STATES = {calls.RINGING: "ringing", calls.IN_PROGRESS: "in_progress"}


class Exchange:
    """See the module. ``follow`` follows a call's TwiML from a URL on; it is set by `wiring`."""

    def __init__(
        self, account: Account, sids: Sids, clock: Clock, webhooks: Webhooks, rooms: Rooms, sleep: Sleep
    ) -> None:
        self.account = account
        self.sids = sids
        self.clock = clock
        self.webhooks = webhooks
        self.rooms = rooms
        self.phones = Phones()
        self.queues: dict[str, Waiting] = {}
        self.calls: dict[str, LiveCall] = {}
        self.follow: Callable[[LiveCall], None] = _nobody_follows
        self._sleep = sleep

    # --- what people do ---------------------------------------------------------------------------------

    def call_in(self, phone: Phone, caller: str, called: str, parent: LiveCall | None = None) -> LiveCall:
        """A browser calls one of our numbers, or a <Dial> of its call does (``parent``)."""
        live = self._new(calls.INBOUND, caller or WITHHELD, called)
        live.phone = phone
        if parent is not None:
            live.parent, live.shown = parent, parent.shown
        else:
            phone.calls.add(live.sid)
            phone.tell(Placed(live.sid))
        self.move(live, calls.RINGING)
        self.follow(live)
        return live

    def answer(self, phone: Phone, sid: str) -> None:
        """Somebody answers a call that rings; at another telephone it rings no more."""
        live = self.calls.get(sid)
        if live is None or phone not in live.ringing:
            return
        for other in live.ringing:
            if other is not phone:
                other.calls.discard(sid)
                other.tell(Ended(sid, "answered_elsewhere"))
        live.ringing, live.phone = [], phone
        self.move(live, calls.IN_PROGRESS)
        if live.machine_url:
            form = fields.of_machine(self.account.sid, live.call)
            self.webhooks.tell(live.sid, live.machine_url, live.machine_method, form)
        if live.room:
            self.apply(self.rooms.come(live))

    def decline(self, phone: Phone, sid: str) -> None:
        """Somebody does not take the call."""
        live = self.calls.get(sid)
        if live is not None and phone in live.ringing:
            self.end(live, calls.BUSY, "declined")

    def hang_up(self, phone: Phone, sid: str) -> None:
        """Somebody hangs up, or declines."""
        live = self.calls.get(sid)
        if live is None or live.call.is_over:
            return
        if phone in live.ringing:
            self.decline(phone, sid)
        elif live.phone is phone and live.call.direction == calls.INBOUND:
            self.end(live, calls.COMPLETED if live.call.is_answered else calls.NO_ANSWER, "hung_up")
        elif live.phone is phone:
            self.end(live, calls.end_of(live.call), "hung_up")

    def gone(self, phone: Phone) -> None:
        """A browser has gone, and with it its calls."""
        self.phones.remove(phone)
        for sid in tuple(phone.calls):
            live = self.calls.get(sid)
            if live is None:
                continue
            if phone in live.ringing:
                live.ringing.remove(phone)
                if not live.ringing:
                    self.end(live, calls.NO_ANSWER, "gone")
            else:
                self.hang_up(phone, sid)

    def lost(self, phone: Phone, seconds: float) -> None:
        """A browser's connection broke: so long its calls wait for it."""
        if seconds > 0 and not phone.gone:
            self.webhooks.keep(self._wait_for(phone, phone.lines, seconds))
        else:
            self.gone(phone)

    async def _wait_for(self, phone: Phone, lines: Lines, seconds: float) -> None:
        await self._sleep(seconds)
        if phone.lines is lines:
            self.gone(phone)

    def heard(self, phone: Phone, sid: str, event: Event) -> None:
        """The caller has pressed, said or heard something; for the call that listens at this browser."""
        listening = [
            live
            for live in self.calls.values()
            if live.shown == sid and live.phone is phone and not live.call.is_over
        ]
        if listening and (listening[-1].records or not isinstance(event, Left)):
            listening[-1].inbox.put(event)

    # --- calls that are placed --------------------------------------------------------------------------

    def place(
        self,
        to: str,
        shown: str,
        *,
        callback: StatusCallback | None,
        timeout: int,
        parent: LiveCall | None = None,
        machine: tuple[str, str] = ("", "POST"),
        contact: str = "",
        into: Callable[[LiveCall], object] | None = None,
    ) -> LiveCall:
        """Call a browser, for the <Dial> of ``parent``, or for a conference, which ``into`` makes expect it.

        ``machine``: URL and method to tell who has answered. ``contact``: for an agent's browser to show.
        """
        live = self._new(calls.BY_DIAL if parent else calls.BY_API, shown, to)
        live.callback, live.parent = callback, parent
        live.machine_url, live.machine_method = machine
        if parent is not None:
            live.call = msgspec.structs.replace(live.call, parent=parent.sid)
        if into is not None:
            into(live)
        self.move(live, calls.INITIATED)
        self.webhooks.keep(self._ring(live, timeout, contact))
        return live

    async def _ring(self, live: LiveCall, seconds: int, contact: str) -> None:
        """Ring until somebody answers, or nobody does in so many ``seconds``."""
        found = self.phones.at(live.call.called)
        free = [phone for phone in found if not self._talks(phone)]
        if not free:
            self.end(live, calls.BUSY if found else calls.NO_ANSWER, "busy" if found else "not_there")
            return
        if live.call.is_over:
            return
        live.ringing = list(free)
        for phone in free:
            phone.calls.add(live.sid)
            to_agent = contact if phone.is_agent else ""
            phone.tell(Ring(live.sid, live.call.caller, live.call.called, to_agent))
        self.move(live, calls.RINGING)
        await self._sleep(seconds)
        if live.ringing:
            self.end(live, calls.NO_ANSWER, "no_answer")

    def _talks(self, phone: Phone) -> bool:
        """Whether a customer is in a call already; an agent's telephone takes several."""
        return not phone.is_agent and bool(phone.calls)

    # --- what the API does ------------------------------------------------------------------------------

    def find(self, sid: str) -> LiveCall:
        """The call, also one that is over. Raises `ApiError` 20404."""
        live = self.calls.get(sid)
        if live is None:
            raise not_found()
        return live

    def redirect(self, live: LiveCall, url: str, method: str) -> None:
        """Lead a live call elsewhere."""
        calls.check_update(live.call, "")
        if live.follower is None:
            raise ApiError(400, 21220, "A call that was placed for a conference cannot be redirected here")
        self.leave_room(live, conference.BY_API)
        live.inbox.interrupt(Redirected(url, method))

    def end_by_api(self, live: LiveCall, status: str) -> None:
        """End a call; ``status`` is completed or canceled, whichever its state allows."""
        calls.check_update(live.call, status)
        self.end(live, status, "ended", why=conference.BY_API)

    # --- what follows -----------------------------------------------------------------------------------

    def move(self, live: LiveCall, status: str) -> bool:
        """A call's progress, told to its browser and its callback; whether it was any."""
        moved = calls.move(live.call, status, self.clock.now())
        if moved is None:
            return False
        live.call = moved
        state = _STATES.get(status)
        if state is not None and live.shown == live.sid:
            live.tell(State(live.shown, state))
        self._report(live)
        return True

    def end(self, live: LiveCall, status: str, reason: str, *, why: str = "") -> None:
        """The call is over: for its browser, its conference, its queue, and whoever follows it."""
        if not self.move(live, status):
            return
        live.reason = reason
        for phone in {*live.ringing, *([live.phone] if live.phone else [])}:
            if live.shown == live.sid:
                phone.calls.discard(live.sid)
                phone.tell(State(live.sid, "completed", reason))
                phone.tell(Ended(live.sid, reason))
        live.ringing = []
        default = conference.HUNG_UP if status == calls.COMPLETED else conference.ADD_FAILED
        self.leave_room(live, why or default)
        live.inbox.interrupt(HungUp())
        for child in [one for one in self.calls.values() if one.parent is live]:
            self.end(child, _end_of(child.call), "ended")
        self._forget_ended()

    def _report(self, live: LiveCall) -> None:
        if not (live.call.is_over and live.follower is not None):
            self.report(live)  # else whoever follows it does, after its last action
        if live.parent is not None:
            live.parent.inbox.put(ChildMoved(live.sid))

    def report(self, live: LiveCall) -> None:
        """Tell the call's own callback how it stands, where that wants to know."""
        call, callback = live.call, live.callback
        if callback is not None and calls.EVENTS.get(call.status) in callback.events:
            form = fields.of_status(self.account.sid, call, self.clock.now())
            self.webhooks.tell(live.sid, callback.url, callback.method, form)

    def leave_room(self, live: LiveCall, why: str) -> None:
        """Out of the conference, if it is in one or on its way to one."""
        if live.room:
            change = self.rooms.leave(live, why)
            live.room = ""
            self.apply(change)

    def signal(self, phone: Phone, sid: str, peer: str, data: Any) -> None:
        """Hand a browser's WebRTC signal to another end of the same conversation, and to nobody else."""
        for live in self.calls.values():
            if live.shown == sid and live.phone is phone and live.room:
                other = self.rooms.together(live, peer, self.calls.values())
                if other is not None and other is not live:
                    other.tell(SignalFrom(other.shown, live.name, data))

    def apply(self, change: Change) -> None:
        """What became of a conference: told to its callback and to every end in it, and heeded."""
        after = change.conference
        self.rooms.keep(after)
        for told in change.told:
            form = fields.of_conference(self.account.sid, after, told, self.clock.now())
            assert after.callback is not None
            self.webhooks.tell(after.sid, after.callback.url, after.callback.method, form)
        self.rooms.show(after, self.calls)
        for sid in change.released:
            live = self.calls.get(sid)
            if live is None:
                continue
            live.room = ""
            self.rooms.clear(live)
            if live.follower is not None or live.parent is not None:
                live.inbox.put(Released())
            else:
                self.end(live, calls.COMPLETED, "conversation_over")

    # --- parts ------------------------------------------------------------------------------------------

    def queue(self, name: str) -> Waiting:
        """The queue of that name."""
        found = self.queues.get(name)
        if found is None:
            found = self.queues[name] = Waiting(sid=self.sids.new("QU"), name=name)
        return found

    def stand(self, live: LiveCall, name: str) -> bool:
        """The call stands in that queue; False where it is full."""
        entered = places.enter(self.queue(name), live.sid, self.clock.now())
        if entered is not None:
            self.queues[name] = entered
        return entered is not None

    def leave_queue(self, live: LiveCall, name: str) -> None:
        """The call stands there no more."""
        self.queues[name] = places.leave(self.queue(name), live.sid, self.clock.now())

    def _new(self, direction: str, caller: str, called: str) -> LiveCall:
        if sum(not live.call.is_over for live in self.calls.values()) >= MOST_CALLS:
            raise ApiError(429, 20429, f"There are {MOST_CALLS} calls already")
        sid = self.sids.new("CA")
        call = Call(sid=sid, direction=direction, caller=caller, called=called, created_at=self.clock.now())
        live = LiveCall(call, Inbox(self._sleep), name=f"end_{self.sids.key()[:12]}", shown=sid)
        self.calls[sid] = live
        return live

    def _forget_ended(self) -> None:
        over = [sid for sid, live in self.calls.items() if live.call.is_over]
        for sid in over[: max(0, len(over) - MOST_ENDED)]:
            del self.calls[sid]

    def end_all(self) -> None:
        """Every call ends: the process does."""
        for live in tuple(self.calls.values()):
            self.end(live, _end_of(live.call), "closing")

    async def close(self) -> None:
        """Every call ends, and nothing more is told."""
        self.end_all()
        await self.webhooks.close()


def _end_of(call: Call) -> str:
    return calls.NO_ANSWER if call.direction == calls.INBOUND and not call.is_answered else calls.end_of(call)


def _nobody_follows(live: LiveCall) -> None:
    raise AssertionError("the exchange is not wired up: nobody follows calls")
