"""What Twilio knows while `tests.support.twilio_rest` plays it: calls, conferences, recordings, callbacks.

Nothing is sent by itself and nothing is random: callbacks wait in `World.callbacks` until they are delivered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
CALL_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
"""By CallStatus, the event of a statusCallback; every other status is ``completed``."""

Form = dict[str, str]


class TwilioError(Exception):
    """An error of the API: HTTP status and Twilio's code."""

    def __init__(self, status: int, code: int, message: str = "") -> None:
        super().__init__(message or f"error {code}")
        self.status, self.code = status, code


@dataclass(frozen=True)
class Callback:
    """A request that Twilio will make of us."""

    url: str
    form: Form


@dataclass
class FakeCall:
    """A call; those placed by REST have a label and callbacks, those that came in have neither."""

    sid: str
    to: str = ""
    caller: str = ""
    status: str = "in-progress"
    label: str = ""
    asked: dict[str, list[str]] = field(default_factory=dict)
    sequence: int = 0
    redirects: list[str] = field(default_factory=list)
    recording: str = ""

    def one(self, name: str) -> str:
        """A parameter that the participant was made with."""
        return self.asked.get(name, [""])[0]


@dataclass
class FakeParticipant:
    """A call in a conference, or on its way there."""

    call: FakeCall
    label: str
    joined: bool = False
    muted: bool = False
    hold: bool = False
    hold_url: str = ""
    coaching: str = ""
    ends: bool = False


@dataclass
class FakeConference:
    """A conference; ``callback`` and its events are those of whoever joined first."""

    sid: str
    name: str
    status: str = "init"
    members: list[FakeParticipant] = field(default_factory=list)
    callback: str = ""
    events: frozenset[str] = frozenset()
    sequence: int = 0
    recording: str = ""


class World:
    """Every call and conference of an account; the methods are what people do."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.calls: dict[str, FakeCall] = {}
        self.conferences: dict[str, FakeConference] = {}
        self.messages: list[Form] = []
        self.callbacks: list[Callback] = []
        self.released: list[str] = []
        """Calls whose <Dial><Conference> is over: Twilio asks its action next."""
        self.lenient = False
        """Whether an end of the wrong kind (`update_call`) is ignored, as documented, rather than refused."""
        self._made = 0

    def sid(self, prefix: str) -> str:
        """A new identifier."""
        self._made += 1
        return f"{prefix}{self._made:032x}"

    # --- what people do -------------------------------------------------------------------------

    def call_in(self, sid: str, caller: str = "+12025550177", to: str = "+12025550199") -> FakeCall:
        """A customer calls."""
        return self.calls.setdefault(sid, FakeCall(sid, to, caller))

    def leg(self, label: str) -> FakeCall:
        """The newest call with that label."""
        return [call for call in self.calls.values() if call.label == label][-1]

    def rings(self, label: str) -> None:
        """The party's telephone rings."""
        self._status(self.leg(label), "ringing")

    def answers(self, label: str, *, joins: bool = True) -> None:
        """The party (or its answering machine) answers, and is in the conference."""
        self._status(self.leg(label), "in-progress")
        if joins:
            self.comes(label)

    def comes(self, label: str) -> None:
        """A party that has answered is in the conference now."""
        call = self.leg(label)
        conference, member = self._where(call)
        self._join(conference, member, call.one("ConferenceStatusCallback"), _events(call, "Conference"))

    def detects(self, label: str, answered_by: str) -> None:
        """Whether a machine has answered has been found out."""
        call = self.leg(label)
        if call.one("AmdStatusCallback"):
            form = {"CallSid": call.sid, "AccountSid": self.account, "AnsweredBy": answered_by,
                    "MachineDetectionDuration": "2100"}  # fmt: skip
            self.callbacks.append(Callback(call.one("AmdStatusCallback"), form))

    def declines(self, label: str, status: str = "busy") -> None:
        """The party does not answer: ``busy``, ``no-answer`` or ``failed``."""
        self._end(self.leg(label), status, "participant_add_failed")

    def hangs_up(self, ref: str) -> None:
        """Whoever has that label or CallSid hangs up."""
        call = self.calls.get(ref) or self.leg(ref)
        self._end(call, "completed", "participant_hung_up")

    def enters(self, room: str, call_sid: str, conference_verb: Form) -> None:
        """A call's TwiML leads into a conference; ``conference_verb``: the attributes of <Conference>."""
        call = self.call_in(call_sid)
        conference = self.open_conference(room) or self._new_conference(room)
        member = FakeParticipant(call, conference_verb.get("participantLabel", ""))
        member.ends = conference_verb.get("endConferenceOnExit") == "true"
        self._unlabelled(conference, member.label, 16025)
        conference.members.append(member)
        if conference_verb.get("record") == "record-from-start" and not conference.recording:
            conference.recording = "in-progress"
        events = conference_verb.get("statusCallbackEvent", "start end").split()
        self._join(conference, member, conference_verb.get("statusCallback", ""), events)

    # --- what the API does ----------------------------------------------------------------------

    def open_conference(self, room: str) -> FakeConference | None:
        """The conference of that name that is not over."""
        named = [one for one in self.conferences.values() if one.name == room and one.status != "completed"]
        return named[-1] if named else None

    def add(self, room: str, asked: dict[str, list[str]]) -> tuple[FakeConference, FakeParticipant]:
        """Participants create."""
        if not asked.get("From", [""])[0]:
            raise TwilioError(400, 21213, "Caller phone number is required")
        conference = self.conferences.get(room) or self.open_conference(room) or self._new_conference(room)
        label = asked.get("Label", [""])[0]
        self._unlabelled(conference, label, 16026)
        # Custom parameters are the browser's; no callback has them.
        called = asked["To"][0].partition("?")[0]
        call = FakeCall(self.sid("CA"), called, asked["From"][0], "queued", label, asked)
        self.calls[call.sid] = call
        member = FakeParticipant(call, label)
        member.muted, member.coaching = call.one("Muted") == "true", call.one("CallSidToCoach")
        member.ends = call.one("EndConferenceOnExit") == "true"
        conference.members.append(member)
        self._status(call, "initiated")
        return conference, member

    def member(self, conference: FakeConference, ref: str) -> FakeParticipant:
        """A participant by CallSid or label."""
        for member in conference.members:
            if ref in (member.call.sid, member.label):
                return member
        raise TwilioError(404, 20404, "The requested resource was not found")

    def modify(
        self, conference: FakeConference, member: FakeParticipant, asked: dict[str, list[str]]
    ) -> None:
        """Participants update."""
        if "Hold" in asked:
            member.hold = asked["Hold"][0] == "true"
            member.hold_url = asked.get("HoldUrl", [""])[0]
            self._tell(conference, "hold", f"participant-{'hold' if member.hold else 'unhold'}", member)
        if "Muted" in asked:
            member.muted = asked["Muted"][0] == "true"
            self._tell(conference, "mute", f"participant-{'mute' if member.muted else 'unmute'}", member)
        if "Coaching" in asked:
            coached = asked.get("CallSidToCoach", [""])[0] if asked["Coaching"][0] == "true" else ""
            if coached and coached not in [one.call.sid for one in conference.members if one.joined]:
                raise TwilioError(400, 13240, "Invalid Whisper SID")
            member.coaching = coached
            self._tell(conference, "modify", "participant-modify", member)

    def update_call(self, sid: str, asked: dict[str, list[str]]) -> FakeCall:
        """Calls update: a redirect, or an end. An ended call takes neither."""
        call = self.calls.get(sid)
        if call is None:
            raise TwilioError(404, 20404, "The requested resource was not found")
        status = asked.get("Status", [""])[0]
        if "Url" in asked:
            if call.status != "in-progress":
                raise TwilioError(400, 21220, "Call is not in-progress. Cannot redirect.")
            call.redirects.append(asked["Url"][0])
            self._leave(call, "participant_updated_via_api")
        elif status == "completed" and call.status == "in-progress":
            self._end(call, "completed", "participant_updated_via_api")
        elif status == "canceled" and call.status in ("queued", "initiated", "ringing"):
            self._end(call, "canceled", "participant_updated_via_api")
        elif not self.lenient:
            raise TwilioError(400, 21220, f"Call is {call.status}")
        return call

    def close(self, conference: FakeConference, why: str = "conference_ended_via_api") -> None:
        """The conference ends, and with it the calls that were placed for it and are in it."""
        if conference.status == "completed":
            return
        conference.status = "completed"
        inside = [member for member in conference.members if member.joined]
        for member in inside:
            self._gone(conference, member, why)
        self._tell(conference, "end", "conference-end", None)
        for member in inside:
            if member.call.label:
                self._status(member.call, "completed")
            elif member.call.status not in OVER:
                self.released.append(member.call.sid)

    # --- what follows ---------------------------------------------------------------------------

    def _new_conference(self, room: str) -> FakeConference:
        conference = FakeConference(self.sid("CF"), room)
        self.conferences[conference.sid] = conference
        return conference

    def _unlabelled(self, conference: FakeConference, label: str, code: int) -> None:
        if label and label in [member.label for member in conference.members]:
            raise TwilioError(400, code, "Participant label is in use by another participant")

    def _where(self, call: FakeCall) -> tuple[FakeConference, FakeParticipant]:
        for conference in reversed(self.conferences.values()):
            for member in conference.members:
                if member.call is call:
                    if conference.status == "completed":  # it comes into a new one of that name
                        return self._moved(conference, member)
                    return conference, member
        raise AssertionError(f"{call.sid} is on its way to no conference")

    def _moved(
        self, ended: FakeConference, member: FakeParticipant
    ) -> tuple[FakeConference, FakeParticipant]:
        ended.members.remove(member)
        conference = self.open_conference(ended.name) or self._new_conference(ended.name)
        conference.members.append(member)
        return conference, member

    def _join(
        self, conference: FakeConference, member: FakeParticipant, callback: str, events: Iterable[str]
    ) -> None:
        if not any(one.joined for one in conference.members):
            conference.callback, conference.events = callback, frozenset(events)
        member.joined = True
        self._tell(conference, "join", "participant-join", member)
        if conference.status == "init" and sum(one.joined for one in conference.members) > 1:
            conference.status = "in-progress"
            self._tell(conference, "start", "conference-start", None)

    def _status(self, call: FakeCall, status: str) -> None:
        if call.status in OVER:
            return
        call.status = status
        event = CALL_EVENTS.get(status, "completed")
        if call.one("StatusCallback") and event in _events(call, ""):
            form = {"CallSid": call.sid, "AccountSid": self.account, "CallStatus": status, "To": call.to,
                    "From": call.caller, "SequenceNumber": str(call.sequence),
                    "CallbackSource": "call-progress-events", "Direction": "outbound-api"}  # fmt: skip
            if status == "completed":
                form |= {"CallDuration": "30", "Duration": "1"}
            self.callbacks.append(Callback(call.one("StatusCallback"), form))
        call.sequence += 1

    def _end(self, call: FakeCall, status: str, why: str) -> None:
        if call.status in OVER:
            return
        self._status(call, status)
        self._leave(call, why)

    def _leave(self, call: FakeCall, why: str) -> None:
        for conference in self.conferences.values():
            for member in [one for one in conference.members if one.call is call]:
                if conference.status == "completed":
                    continue
                was_in = member.joined
                self._gone(conference, member, why)
                left = [one for one in conference.members if one.joined]
                if not conference.members or (was_in and (member.ends or not left)):
                    self.close(conference, "moderator_ended_conference")

    def _gone(self, conference: FakeConference, member: FakeParticipant, why: str) -> None:
        more = {"ReasonParticipantLeft": why, "ParticipantCallStatus": member.call.status}
        conference.members.remove(member)
        self._tell(conference, "leave", "participant-leave", member, **more)

    def _tell(
        self, conference: FakeConference, event: str, word: str, member: FakeParticipant | None, **more: str
    ) -> None:
        conference.sequence += 1
        if not conference.callback or event not in conference.events:
            return
        form = {"ConferenceSid": conference.sid, "FriendlyName": conference.name, "AccountSid": self.account,
                "SequenceNumber": str(conference.sequence), "StatusCallbackEvent": word}  # fmt: skip
        if member is not None:
            form |= {
                "CallSid": member.call.sid,
                "Muted": _word(member.muted),
                "Hold": _word(member.hold),
                "Coaching": _word(bool(member.coaching)),
                "EndConferenceOnExit": _word(member.ends),
            }
            form |= {"ParticipantLabel": member.label} if member.label else {}
        self.callbacks.append(Callback(conference.callback, form | more))


def _events(call: FakeCall, prefix: str) -> list[str]:
    """The events asked for. As one text of several they are none (21626)."""
    return call.asked.get(f"{prefix}StatusCallbackEvent", ["completed"] if not prefix else ["start", "end"])


def _word(value: bool) -> str:
    return "true" if value else "false"
