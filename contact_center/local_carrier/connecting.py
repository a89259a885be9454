"""Where a call goes on with somebody: <Enqueue>, and <Dial> to a conference, a browser or a number."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import msgspec

from contact_center.local_carrier import calls, places
from contact_center.local_carrier import conference as rules
from contact_center.local_carrier.conference import Callback, Conference, Member
from contact_center.local_carrier.document import check_in_queue
from contact_center.local_carrier.errors import LABEL_TAKEN_IN_VERB, ApiError, DocumentError
from contact_center.local_carrier.inbox import ChildMoved, HungUp, Interrupted, Pressed, Redirected, Released
from contact_center.local_carrier.line import Ask, Depart, End, Form, Line, Step
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.messages import Item
from contact_center.local_carrier.rooms import Entrance
from contact_center.local_carrier.verbs import (
    Dial,
    Enqueue,
    RecordingCallback,
    StatusCallback,
    ToConference,
    ToParty,
)

AGAIN_SECONDS = 1.0
"""Between two pages of a queue, so that one without anything in it is no endless loop."""


# --- <Enqueue> ----------------------------------------------------------------------------------------


async def enqueue(line: Line, verb: Enqueue) -> Step:
    """Wait in a queue until the API leads elsewhere, a page has the caller leave, or the caller hangs up."""
    exchange, live = line.exchange, line.live
    action = line.to(verb.action, verb.method)
    wait = line.to(verb.wait, verb.wait_method) if verb.wait else None

    def over(result: str) -> Ask:
        queue = exchange.queue(verb.name)
        waited = places.seconds(queue, live.sid, exchange.clock.now())
        exchange.leave_queue(live, verb.name)
        form = {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(waited)}
        return msgspec.structs.replace(action, fields=form)

    if not exchange.stand(live, verb.name):
        return _acted(verb.action, msgspec.structs.replace(action, fields={"QueueResult": "queue-full"}))
    try:
        step = await _music(line) if wait is None else await _pages(line, verb, wait)
    except HungUp:
        await line.tell(over("hangup"))
        raise
    except Redirected:
        gone = over("redirected")
        if verb.action:
            await line.pass_by(gone)
        raise
    except DocumentError:
        return _acted(verb.action, over("error"))
    except asyncio.CancelledError:
        over("redirected")
        raise
    gone = over("leave")
    return step if isinstance(step, End) else _acted(verb.action, gone)


def _acted(action: str, ask: Ask) -> Step:
    """A verb's action; without one, the next verb."""
    return ask if action else None


async def _music(line: Line) -> Step:
    seq = line.live.say((Item(music=True),))
    try:
        while True:
            await line.live.inbox.next(None)
    finally:
        line.live.stop(seq)


async def _pages(line: Line, verb: Enqueue, wait: Ask) -> Step:
    """Page after page, from the beginning again where one leads to no other."""
    exchange, live = line.exchange, line.live
    ask = wait
    while True:
        queue, at = exchange.queue(verb.name), exchange.clock.now()
        form = {
            "QueueSid": queue.sid,
            "QueuePosition": str(places.position(queue, live.sid)),
            "QueueTime": str(places.seconds(queue, live.sid, at)),
            "AvgQueueTime": str(queue.average),
            "CurrentQueueSize": str(len(queue.places)),
            "MaxQueueSize": str(queue.most),
        }
        found = await line.fetch(msgspec.structs.replace(ask, fields=form | ask.fields))
        check_in_queue(found)
        step = await line.run(line, found)
        if isinstance(step, (End, Depart)):
            return step
        if step is None:
            await line.rest(AGAIN_SECONDS)
        ask = step or wait


# --- <Dial> -------------------------------------------------------------------------------------------


async def dial(line: Line, verb: Dial) -> Step:
    """Connect the call, and go on with the action once that is over."""
    if isinstance(verb.to, ToConference):
        return await _meet(line, verb, verb.to)
    return await _call(line, verb, verb.to)


async def _meet(line: Line, verb: Dial, to: ToConference) -> Step:
    """Into a conference, until it is over for this call."""
    live, rooms = line.live, line.exchange.rooms
    action = line.to(verb.action, verb.method, {"DialCallStatus": "answered", "DialBridged": "true"})
    member = Member(
        call_sid=live.sid,
        label=to.label,
        muted=to.muted,
        coaching=to.coach,
        starts=to.starts,
        ends=to.ends,
    )
    callback = Callback(_absolute(line, to.callback), to.callback_method, to.events)
    entrance = Entrance(
        callback=callback if to.callback else None,
        record=to.record,
        recording=_recording(line, to.recording),
        wait=to.wait if to.wait is None or not to.wait else _absolute(line, to.wait),
    )
    found = rules.open_named(rooms.listed(to.name)[::-1], to.name) or rooms.new(to.name)
    try:
        rooms.expect(live, member, entrance, found, code=LABEL_TAKEN_IN_VERB)
    except ApiError:
        return _acted(verb.action, _with_status(action, "failed"))
    line.exchange.apply(rooms.come(live))
    return await _talk(line, verb, action)


async def _talk(line: Line, verb: Dial, action: Ask) -> Step:
    """Until the conference has released the call."""
    live, exchange = line.live, line.exchange
    try:
        while live.room:
            event = await live.inbox.next(verb.limit)
            over = event is None or (verb.star and isinstance(event, Pressed) and "*" in event.digits)
            if over or isinstance(event, Released):
                exchange.leave_room(live, rules.HUNG_UP)
    except HungUp:
        if verb.action:
            await line.tell(action)
        raise
    except Redirected:
        if verb.action:
            await line.pass_by(_with_status(action, "completed"))
        raise
    finally:
        exchange.leave_room(live, rules.BY_API)
    return _acted(verb.action, action)


async def _call(line: Line, verb: Dial, to: ToParty) -> Step:
    """Call a party, and let the two talk."""
    live, exchange = line.live, line.exchange
    child = _placed(line, verb, to)
    try:
        await _answered(line, child)
        if child.call.is_answered:
            if child.shown == child.sid:
                _bridge(line, verb, child)
            await _while_they_talk(line, verb, child)
    except Interrupted as why:
        form = _dialled(child)
        exchange.end(child, calls.end_of(child.call), "ended")
        exchange.leave_room(live, rules.BY_API)
        ask = line.to(verb.action, verb.method, form)
        if verb.action and isinstance(why, HungUp):
            await line.tell(ask)
        elif verb.action:
            await line.pass_by(_with_status(ask, "completed"))
        raise
    finally:
        exchange.end(child, calls.end_of(child.call), "ended")
        exchange.leave_room(live, rules.BY_API)
    return _acted(verb.action, line.to(verb.action, verb.method, _dialled(child)))


def _placed(line: Line, verb: Dial, to: ToParty) -> LiveCall:
    live, exchange = line.live, line.exchange
    shown = verb.shown or live.call.caller
    if live.phone is not None and line.is_ours(to.address):
        return exchange.call_in(live.phone, shown, to.address, parent=live)
    callback = to.callback
    if callback is not None:
        callback = StatusCallback(_absolute(line, callback.url), callback.method, callback.events)
    return exchange.place(to.address, shown, callback=callback, timeout=verb.timeout, parent=live)


async def _answered(line: Line, child: LiveCall) -> None:
    """Until the party has answered, or will not."""
    while not (child.call.is_answered or child.call.is_over):
        await line.live.inbox.next(None)


def _bridge(line: Line, verb: Dial, child: LiveCall) -> None:
    """The two hear each other: a conference of which the API knows nothing."""
    exchange, rooms = line.exchange, line.exchange.rooms
    recorded = Entrance(record=verb.record, recording=_recording(line, verb.recording), wait="")
    room: Conference = rooms.new("")
    for live, entrance in ((line.live, recorded), (child, Entrance(wait=""))):
        room = rooms.expect(live, Member(call_sid=live.sid, ends=True), entrance, room)
    for live in (line.live, child):
        exchange.apply(rooms.come(live))


async def _while_they_talk(line: Line, verb: Dial, child: LiveCall) -> None:
    while not child.call.is_over:
        event = await line.live.inbox.next(verb.limit)
        if event is None or (verb.star and isinstance(event, Pressed) and "*" in event.digits):
            return
        if isinstance(event, (ChildMoved, Released)) and child.call.is_over:
            return


def _dialled(child: LiveCall) -> Form:
    """What the action is told of the call that was placed."""
    call = child.call
    if call.answered_at is None:
        status = call.status if call.is_over else calls.CANCELED
        return {"DialCallStatus": status, "DialCallSid": call.sid, "DialBridged": "false"}
    form = {"DialCallStatus": calls.COMPLETED, "DialCallSid": call.sid, "DialBridged": "true"}
    return form | {"DialCallDuration": str(call.seconds)}


def _with_status(ask: Ask, status: str) -> Ask:
    return msgspec.structs.replace(ask, fields=ask.fields | {"DialCallStatus": status})


def _absolute(line: Line, url: str) -> str:
    return urljoin(line.base, url)


def _recording(line: Line, callback: RecordingCallback | None) -> RecordingCallback | None:
    if callback is None:
        return None
    return RecordingCallback(_absolute(line, callback.url), callback.method, callback.events)
