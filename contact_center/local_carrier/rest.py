"""Twilio's REST API under /local, as far as the engine speaks it: calls, conferences, recordings.

Answers and errors have Twilio's shape, so that its own client reads them. A parameter that is not known here
is refused, not ignored: what the engine begins to ask must not pass for done.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl

import structlog
from aiohttp import web

from contact_center.local_carrier import calls
from contact_center.local_carrier import conference as rules
from contact_center.local_carrier.account import VERSION
from contact_center.local_carrier.conference import Callback, Conference, Member
from contact_center.local_carrier.errors import NO_CALLER, NOT_THIS_STATE, ApiError, not_found
from contact_center.local_carrier.exchange import Exchange
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.recorder import Recording
from contact_center.local_carrier.rooms import Entrance
from contact_center.local_carrier.tapes import recording_file
from contact_center.local_carrier.verbs import RecordingCallback, StatusCallback

log = structlog.get_logger(__name__)

BASE: Final = "/local"
_UNKNOWN_PARAMETER: Final = 20001
_CURRENT: Final = "Twilio.CURRENT"

Answer = tuple[int, dict[str, Any] | None]


class Form:
    """The parameters of a request, each of which must be asked for."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._left = dict(fields)

    def has(self, name: str) -> bool:
        return name in self._left

    def text(self, name: str, default: str = "") -> str:
        return self._left.pop(name, [default])[0]

    def flag(self, name: str, default: bool = False) -> bool:
        return self.text(name, str(default)).lower() == "true"

    def maybe(self, name: str) -> bool | None:
        return self.flag(name) if self.has(name) else None

    def whole(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal() and len(value) <= 6):
            raise ApiError(400, _UNKNOWN_PARAMETER, f"{name} is not a whole number")
        return int(value)

    def events(self, name: str, default: Sequence[str]) -> frozenset[str]:
        """A repeated parameter. Several in one text are one that nobody knows: no callbacks (21626)."""
        return frozenset(self._left.pop(name, list(default)))

    def ignore(self, *names: str) -> None:
        for name in names:
            self._left.pop(name, None)

    def done(self) -> None:
        if self._left:
            raise ApiError(400, _UNKNOWN_PARAMETER, f"The built-in phone does not know {min(self._left)}")


class Rest:
    """See the module. ``recordings``: the folder of what was recorded."""

    def __init__(self, exchange: Exchange, recordings: Path) -> None:
        self._exchange = exchange
        self._recordings = recordings
        account = exchange.account
        self._prefix = f"{BASE}/{VERSION}/Accounts/{account.sid}/"
        credentials = b64encode(f"{account.sid}:{account.token}".encode()).decode()
        self._authorization = f"Basic {credentials}".encode()

    def routes(self) -> list[web.RouteDef]:
        """Everything under `BASE`."""
        return [web.route("*", BASE + "/{path:.*}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request of whoever has the account's secret."""
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._authorization):
            return _refused(ApiError(401, 20003, "Authenticate"))
        path = request.path
        if not path.startswith(self._prefix):
            return _refused(not_found())
        parts = path.removeprefix(self._prefix).split("/")
        try:
            if parts[0] == "Recordings" and request.method == "GET" and len(parts) == 2:
                return await self._sound(parts[1])
            if not parts[-1].endswith(".json"):
                raise not_found()
            parts[-1] = parts[-1].removesuffix(".json")
            form = Form(parse_qs(await request.text(), keep_blank_values=True))
            status, answer = self._answer(request.method, parts, form, request.query)
        except ApiError as error:
            return _refused(error)
        return web.json_response(answer, status=status) if answer is not None else web.Response(status=status)

    async def _sound(self, name: str) -> web.StreamResponse:
        try:
            path = recording_file(self._recordings, name.partition(".")[0])
        except ValueError:
            raise not_found() from None
        if not await asyncio.to_thread(path.is_file):
            raise not_found()
        return web.FileResponse(path, headers={"Content-Type": "audio/webm"})

    def _answer(self, method: str, parts: list[str], form: Form, query: Mapping[str, str]) -> Answer:
        pattern = (method, *("*" if place % 2 else part for place, part in enumerate(parts)))
        handler = _RESOURCES.get(pattern)
        if handler is None:
            raise not_found()
        return handler(self, parts[1::2], form, query)

    # --- calls ------------------------------------------------------------------------------------------

    def fetch_call(self, ids: list[str], _form: Form, _query: Mapping[str, str]) -> Answer:
        return 200, _call(self._exchange.find(ids[0]))

    def update_call(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """Redirect a call, or end it."""
        live = self._exchange.find(ids[0])
        url, method, status = form.text("Url"), form.text("Method", "POST"), form.text("Status")
        form.done()
        if url:
            self._exchange.redirect(live, url, method.upper())
        elif status in (calls.COMPLETED, calls.CANCELED):
            self._exchange.end_by_api(live, status)
        else:
            raise ApiError(400, NOT_THIS_STATE, "Status is completed or canceled")
        return 200, _call(live)

    # --- recordings -------------------------------------------------------------------------------------

    def record_call(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """Record the conversation that a call is in."""
        live = self._exchange.find(ids[0])
        recorder = self._exchange.rooms.recorder
        form.ignore("RecordingChannels", "RecordingTrack", "Trim")
        callback = _recording_callback(form, "")
        form.done()
        if not live.room or not live.call.is_answered or recorder.of_room(live.room) is not None:
            raise ApiError(400, NOT_THIS_STATE, "Requested resource is not eligible for recording")
        made = recorder.want(live.room, "StartCallRecordingAPI", callback, live.sid)
        self._exchange.rooms.show(self._exchange.rooms.of(live), self._exchange.calls)
        return 201, _recording(made)

    def change_call_recording(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """Pause, resume or stop what was begun for a call."""
        live = self._exchange.find(ids[0])
        return self._change(live.room, live.sid, ids[1], form)

    def change_conference_recording(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """The same for what was begun with the conference."""
        return self._change(self._exchange.rooms.get(ids[0]).sid, "", ids[1], form)

    def _change(self, room: str, call_sid: str, ref: str, form: Form) -> Answer:
        status = form.text("Status")
        form.ignore("PauseBehavior")
        form.done()
        recorder = self._exchange.rooms.recorder
        found = recorder.of_room(room)
        if found is None or ref not in (_CURRENT, found.tape.sid if found.tape else _CURRENT):
            raise not_found()
        changed = recorder.change(room, call_sid, status)
        self._exchange.rooms.show(self._exchange.rooms.at(room), self._exchange.calls)
        return 200, _recording(changed)

    # --- conferences ------------------------------------------------------------------------------------

    def list_conferences(self, _ids: list[str], _form: Form, query: Mapping[str, str]) -> Answer:
        found = self._exchange.rooms.listed(query.get("FriendlyName"))[:20]
        page = {"conferences": [self._conference(one) for one in found], "page": 0, "page_size": 20}
        return 200, page | {"next_page_uri": None, "uri": ""}

    def fetch_conference(self, ids: list[str], _form: Form, _query: Mapping[str, str]) -> Answer:
        return 200, self._conference(self._exchange.rooms.get(ids[0]))

    def update_conference(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """End it for all."""
        found = self._exchange.rooms.get(ids[0])
        if form.text("Status") != rules.COMPLETED:
            raise ApiError(400, NOT_THIS_STATE, "Status is completed")
        form.done()
        self._exchange.apply(rules.close(found))
        return 200, self._conference(self._exchange.rooms.get(ids[0]))

    # --- participants -----------------------------------------------------------------------------------

    def list_participants(self, ids: list[str], _form: Form, _query: Mapping[str, str]) -> Answer:
        found = self._open(ids[0])
        listed = [self._participant(found, member) for member in found.members]
        return 200, {
            "participants": listed,
            "page": 0,
            "page_size": 50,
            "next_page_uri": None,
            "uri": "",
        }

    def create_participant(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """Call somebody into a conference, which comes to be with it if need be."""
        to, given = _client(form.text("To"))
        shown = form.text("From")
        if not shown:
            raise ApiError(400, NO_CALLER, "Caller phone number is required")
        form.ignore("EarlyMedia", "Beep", "MachineDetectionTimeout")
        detects = form.text("MachineDetection") in ("Enable", "DetectMessageEnd")
        machine = form.text("AmdStatusCallback"), form.text("AmdStatusCallbackMethod", "POST")
        member = _member(form)
        entrance = _entrance(form)
        timeout = form.whole("Timeout", 60)
        callback = _status_callback(form)
        form.done()
        exchange = self._exchange
        found = exchange.rooms.open(ids[0])
        rules.add(found, member("CA"))  # whether there is a place for it, before anybody is called
        live = exchange.place(
            to,
            shown,
            callback=callback,
            timeout=timeout,
            machine=machine if detects else ("", "POST"),
            contact=given.get("contact", ""),
            into=lambda placed: exchange.rooms.expect(placed, member(placed.sid), entrance, found),
        )
        met = exchange.rooms.at(live.room or found.sid)
        return 201, self._participant(met, rules.member_of(met, live.sid))

    def fetch_participant(self, ids: list[str], _form: Form, _query: Mapping[str, str]) -> Answer:
        found = self._open(ids[0])
        return 200, self._participant(found, rules.member_of(found, ids[1]))

    def update_participant(self, ids: list[str], form: Form, _query: Mapping[str, str]) -> Answer:
        """Hold, mute, coach."""
        found = self._open(ids[0])
        hold, hold_url, muted = form.maybe("Hold"), form.text("HoldUrl"), form.maybe("Muted")
        coaching: str | None = form.text("CallSidToCoach") if form.has("CallSidToCoach") else None
        if form.has("Coaching") and not form.flag("Coaching"):
            coaching = ""
        ends = form.maybe("EndConferenceOnExit")
        form.ignore("HoldMethod", "BeepOnExit")
        form.done()
        sid = rules.member_of(found, ids[1]).call_sid
        change = rules.modify(
            found, sid, hold=hold, hold_url=hold_url, muted=muted, coaching=coaching, ends=ends
        )
        self._exchange.apply(change)
        return 200, self._participant(change.conference, rules.member_of(change.conference, sid))

    def delete_participant(self, ids: list[str], _form: Form, _query: Mapping[str, str]) -> Answer:
        """Take somebody out; a call that was placed for the conference ends."""
        found = self._open(ids[0])
        live = self._exchange.find(rules.member_of(found, ids[1]).call_sid)
        self._exchange.end(live, calls.end_of(live.call), "ended", why=rules.BY_API)
        return 204, None

    # --- parts ------------------------------------------------------------------------------------------

    def _open(self, sid: str) -> Conference:
        found = self._exchange.rooms.get(sid)
        if found.status == rules.COMPLETED:
            raise not_found()
        return found

    def _conference(self, one: Conference) -> dict[str, Any]:
        return {
            "sid": one.sid,
            "friendly_name": one.name,
            "status": one.status,
            "account_sid": self._exchange.account.sid,
            "api_version": VERSION,
            "date_created": format_datetime(self._exchange.clock.now()),
        }

    def _participant(self, found: Conference, member: Member) -> dict[str, Any]:
        live = self._exchange.find(member.call_sid)
        status = "ringing" if live.call.status == calls.RINGING else "connecting"
        return {
            "account_sid": self._exchange.account.sid,
            "call_sid": member.call_sid,
            "conference_sid": found.sid,
            "label": member.label or None,
            "muted": member.muted,
            "hold": member.hold,
            "coaching": bool(member.coaching),
            "call_sid_to_coach": member.coaching or None,
            "start_conference_on_enter": member.starts,
            "end_conference_on_exit": member.ends,
            "status": "connected" if member.joined else status,
            "date_created": format_datetime(live.call.created_at),
        }


def _client(to: str) -> tuple[str, dict[str, str]]:
    """Whom to call, and the custom parameters for a browser: ``client:ada?contact=con_1``."""
    if not to.startswith("client:"):
        return to, {}
    address, _, query = to.partition("?")
    return address, dict(parse_qsl(query))


def _member(form: Form) -> Callable[[str], Member]:
    label = form.text("Label")
    muted, starts = form.flag("Muted"), form.flag("StartConferenceOnEnter", True)
    ends = form.flag("EndConferenceOnExit")
    coached = form.text("CallSidToCoach")
    coaching = coached if form.flag("Coaching", bool(coached)) else ""

    def made(sid: str) -> Member:
        return Member(call_sid=sid, label=label, muted=muted, coaching=coaching, starts=starts, ends=ends)

    return made


def _entrance(form: Form) -> Entrance:
    url, method = form.text("ConferenceStatusCallback"), form.text("ConferenceStatusCallbackMethod", "POST")
    events = form.events("ConferenceStatusCallbackEvent", ("start", "end"))
    return Entrance(
        callback=Callback(url, method, events) if url else None,
        record=form.text("ConferenceRecord") in ("record-from-start", "true"),
        recording=_recording_callback(form, "Conference"),
        wait=form.text("WaitUrl") if form.has("WaitUrl") else None,
    )


def _recording_callback(form: Form, prefix: str) -> RecordingCallback | None:
    url = form.text(f"{prefix}RecordingStatusCallback")
    method = form.text(f"{prefix}RecordingStatusCallbackMethod", "POST")
    events = form.events(f"{prefix}RecordingStatusCallbackEvent", ("completed",))
    return RecordingCallback(url, method, events) if url else None


def _status_callback(form: Form) -> StatusCallback | None:
    url, method = form.text("StatusCallback"), form.text("StatusCallbackMethod", "POST")
    events = form.events("StatusCallbackEvent", ("completed",))
    return StatusCallback(url, method, events) if url else None


def _call(live: LiveCall) -> dict[str, Any]:
    call = live.call
    return {
        "sid": call.sid,
        "status": call.status,
        "to": call.called,
        "from": call.caller,
        "direction": call.direction,
        "duration": str(call.seconds) if call.is_over else None,
        "date_created": format_datetime(call.created_at),
    }


def _recording(recording: Recording) -> dict[str, Any]:
    sid = recording.tape.sid if recording.tape else _CURRENT
    return {"sid": sid, "status": recording.status, "call_sid": recording.call_sid or None}


def _refused(error: ApiError) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{error.code}"
    body = {"code": error.code, "message": str(error), "more_info": more, "status": error.status}
    return web.json_response(body, status=error.status)


_RESOURCES: Final[Mapping[tuple[str, ...], Callable[[Rest, list[str], Form, Mapping[str, str]], Answer]]] = {
    ("GET", "Calls", "*"): Rest.fetch_call,
    ("POST", "Calls", "*"): Rest.update_call,
    ("POST", "Calls", "*", "Recordings"): Rest.record_call,
    ("POST", "Calls", "*", "Recordings", "*"): Rest.change_call_recording,
    ("GET", "Conferences"): Rest.list_conferences,
    ("GET", "Conferences", "*"): Rest.fetch_conference,
    ("POST", "Conferences", "*"): Rest.update_conference,
    ("POST", "Conferences", "*", "Recordings", "*"): Rest.change_conference_recording,
    ("GET", "Conferences", "*", "Participants"): Rest.list_participants,
    ("POST", "Conferences", "*", "Participants"): Rest.create_participant,
    ("GET", "Conferences", "*", "Participants", "*"): Rest.fetch_participant,
    ("POST", "Conferences", "*", "Participants", "*"): Rest.update_participant,
    ("DELETE", "Conferences", "*", "Participants", "*"): Rest.delete_participant,
}
"""By method and path, with * for every id."""
