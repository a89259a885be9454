"""The telephone, through Twilio: its webhooks as deliveries, turns as TwiML.

    incoming       a call comes in                 -> Started, opens a contact
    turn           a <Gather> is over              -> Keys, Words or Silent
    resume         what should be heard now        -> nothing changes (also the target of live redirects)
    enqueue        an <Enqueue> is over            -> QueueLeft
    wait, leave    a page of a queue; a key there  -> QueueWait, Keys
    dial           a <Dial> is over                -> Connected
    record         a <Record> is over              -> Recorded
    leg            how a dialled leg stands        -> CallStatus, never final
    status         how the call stands             -> CallStatus
    recording, transcription                       -> RecordingStatus, Transcript
    fallback       our answer was of no use        -> Trouble

A redirect of a live call makes Twilio first ask the action of the <Dial> or <Enqueue> it aborts, and
then the target, and the target wins. The aborted action says ``completed`` like any other: it is
known by its turn number, which the redirect has left behind. Sources: design notes and docs/twilio.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from contact_center.channels.base import (
    AnyEvent,
    BadDelivery,
    CallStatus,
    Delivery,
    Inbound,
    NewContact,
    Outbound,
    QueueWait,
    RecordingStatus,
    Reply,
    Route,
    Take,
    Transcript,
    Trouble,
)
from contact_center.channels.twilio_request import Request, bounded, fraction, seconds, whole
from contact_center.channels.twilio_settings import TwilioSettings
from contact_center.channels.twilio_signature import TwilioSignature
from contact_center.channels.twiml import EMPTY, VoiceTwiml
from crm_store.addresses import parse_address
from ivr_flows.inputs import AnyInput, Connected, Keys, QueueLeft, Recorded, Silent, Started, Words
from ivr_flows.instructions import Connect
from ivr_flows.session import Traits

CALL_STATUSES = {
    "queued": "queued",
    "initiated": "initiated",
    "ringing": "ringing",
    "answered": "in_progress",
    "in-progress": "in_progress",
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "canceled",
}
_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})

DIAL_OUTCOMES = {
    "completed": "answered",
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "failed",
    "canceled": "canceled",
}

QUEUE_RESULTS = {
    "bridged": "answered",
    "bridging-in-process": "answered",
    "leave": "left",
    "queue-full": "full",
    "error": "error",
    "system-error": "error",
}
"""QueueResult as the flow's reason. ``hangup`` and ``redirected*`` are no end of waiting, see `_enqueue`."""

_RECORDING_STATUSES = {
    "in-progress": "in_progress",
    "completed": "completed",
    "absent": "absent",
    "failed": "failed",
}
_TRACKS = {"inbound_track": "customer", "outbound_track": "agent"}
_FACTS = {
    "CallerName": "caller_name",
    "ForwardedFrom": "forwarded_from",
    "StirVerstat": "verstat",
    "FromCountry": "country",
    "FromState": "state",
    "FromCity": "city",
    "ErrorCode": "error_code",
}
_SILENT_ROUTES = frozenset({"leg", "status", "recording", "transcription"})
_QUEUE_ROUTES = frozenset({"wait", "leave"})
_KEYPAD = frozenset("0123456789*#")
_LONGEST_DIGITS = 200
_LONGEST_URL = 500
_APOLOGY_PAUSE = 15  # seconds of silence in a queue before we try again


class _Heard(msgspec.Struct):
    """The words of a real-time transcription (TranscriptionData)."""

    transcript: str = ""
    confidence: float | None = None


class TwilioVoice:
    """See the module. Implements `contact_center.channels.base.Channel`."""

    name = "twilio_voice"

    def __init__(self, settings: TwilioSettings) -> None:
        self.settings = settings
        self._signature = TwilioSignature(settings.auth_tokens, settings.public_url)
        self._readers: dict[str, Callable[[Request], Delivery]] = {
            "incoming": self._incoming,
            "turn": self._answer,
            "resume": self._resume,
            "enqueue": self._enqueue,
            "wait": self._wait,
            "leave": self._leave,
            "dial": self._dial,
            "record": self._record,
            "leg": self._leg,
            "status": self._status,
            "recording": self._recording,
            "transcription": self._transcription,
            "fallback": self._fallback,
        }
        self._paths = {route: f"{settings.base_path}/voice/{route}" for route in self._readers}
        self._twiml = VoiceTwiml(settings, self._paths)

    def routes(self) -> Sequence[Route]:
        """Every URL that Twilio calls for calls."""
        return tuple(Route(name, path) for name, path in self._paths.items())

    def traits(self, channel: str) -> Traits:
        """A telephone."""
        return Traits("phone", speaks=True)

    def verify(self, inbound: Inbound) -> None:
        """Raise `Forged` unless Twilio signed it."""
        self._signature.verify(inbound, voice=True)

    def parse(self, inbound: Inbound) -> Delivery:
        """What the request means; raises `BadDelivery`, and `Forged` for another account's."""
        reader = self._readers.get(inbound.route)
        if reader is None:
            raise BadDelivery("there is no such route", status=404)
        return reader(Request(inbound, self.settings))

    def render(self, reply: Reply, inbound: Inbound) -> Outbound:
        """The reply as TwiML; nothing for a mere status."""
        if inbound.route in _SILENT_ROUTES:
            return Outbound(EMPTY)
        if inbound.route in _QUEUE_ROUTES:
            page = whole(_query(inbound, "page")) or 0
            if whole(_query(inbound, "t")) not in (None, reply.turn):
                # The flow has gone on, perhaps to another queue: the caller leaves this one first.
                reply = msgspec.structs.replace(reply, instructions=())
            return Outbound(self._twiml.wait_page(reply, page))
        shown = ""
        if any(type(item) is Connect for item in reply.instructions):
            shown = self._shown(inbound)
        nudges = (whole(_query(inbound, "n")) or 0) if inbound.route == "resume" else 0
        fresh = inbound.route == "incoming"
        return Outbound(self._twiml.document(reply, fresh=fresh, nudges=nudges, shown=shown))

    def apology(self, inbound: Inbound, language: str) -> Outbound:
        """A sentence and a person's number for the caller; who waits in a queue goes on waiting; a
        status is refused with 503, so that a provider that retries does."""
        if inbound.route in _SILENT_ROUTES:
            return Outbound(EMPTY, status=503)
        if inbound.route in _QUEUE_ROUTES:
            page = whole(_query(inbound, "page")) or 0
            ids = _query(inbound, "c"), _query(inbound, "t")
            return Outbound(self._twiml.waiting_on(*ids, page, _APOLOGY_PAUSE))
        return Outbound(self._twiml.apology(language))

    # --- the caller does something -------------------------------------------------------------

    def _incoming(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        return self._delivery(request, sid, Take(Started()), (sid,), opens=self._opens(request, sid))

    def _answer(self, request: Request) -> Delivery:
        sid, turn = request.sid("CallSid"), request.ours("t")
        given = _given(request)
        event: AnyEvent = _call_over(request) or Take(Silent()) if given is None else Take(given)
        return self._delivery(request, sid, event, (sid, turn))

    def _resume(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        return self._delivery(request, sid, _call_over(request) or Take(Started()), ())

    def _wait(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        return self._delivery(request, sid, _queue_page(request), ())

    def _leave(self, request: Request) -> Delivery:
        sid, digits = request.sid("CallSid"), _digits(request)
        event: AnyEvent = Take(Keys(digits)) if digits else _queue_page(request)
        parts = (sid, request.ours("t"), request.ours("page"), digits)
        return self._delivery(request, sid, event, parts if digits else ())

    def _enqueue(self, request: Request) -> Delivery:
        sid, result = request.sid("CallSid"), request.get("QueueResult")
        event: AnyEvent
        if result == "hangup":
            event = CallStatus("completed", final=True)
        elif result.startswith("redirected"):
            # We took the call out of the queue ourselves, and its redirect's target is asked next.
            event = CallStatus("in_progress")
        else:
            reason = QUEUE_RESULTS.get(result, "error")
            over = _call_over(request) if reason == "error" else None
            event = over or Take(QueueLeft(reason))
        return self._delivery(request, sid, event, (sid, request.ours("t")))

    def _dial(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        outcome = DIAL_OUTCOMES.get(request.get("DialCallStatus"), "failed")
        over = _call_over(request) if outcome != "answered" else None
        spoken = whole(request.get("DialCallDuration")) or 0
        event = over or Take(Connected(outcome, spoken))
        return self._delivery(request, sid, event, (sid, request.ours("t")))

    def _record(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        recorded = Recorded(
            seconds(request.get("RecordingDuration")),
            _recording_sid(request),
            hung_up=request.get("Digits") == "hangup",
        )
        return self._delivery(request, sid, Take(recorded), (sid, request.ours("t")))

    # --- Twilio tells us something -------------------------------------------------------------

    def _status(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        # Statuses overtake the call they tell of; its end must not be lost, nor the call begin after it.
        opens = self._opens(request, sid)
        return self._delivery(request, sid, _stands(request), _status_parts(request, sid), opens=opens)

    def _leg(self, request: Request) -> Delivery:
        leg, sid = request.sid("CallSid"), request.sid("ParentCallSid")
        event = msgspec.structs.replace(_stands(request), final=False)
        return self._delivery(request, sid, event, _status_parts(request, leg))

    def _recording(self, request: Request) -> Delivery:
        sid, recording = request.sid("CallSid"), request.sid("RecordingSid")
        status, url = request.get("RecordingStatus"), request.get("RecordingUrl")
        event = RecordingStatus(
            recording,
            _RECORDING_STATUSES.get(status, "in_progress"),
            url if url.startswith("https://") and len(url) <= _LONGEST_URL else "",
            seconds(request.get("RecordingDuration")),
            request.ours("p")[:20] or "voicemail",
        )
        return self._delivery(request, sid, event, (recording, status))

    def _transcription(self, request: Request) -> Delivery:
        sid, status = request.sid("CallSid"), request.get("TranscriptionStatus")
        if request.get("TranscriptionEvent"):
            return self._live_transcription(request, sid)
        text = request.get("TranscriptionText") if status == "completed" else ""
        event = Transcript(text, request.maybe_sid("RecordingSid"), "customer")
        return self._delivery(request, sid, event, (sid, request.get("TranscriptionSid"), status))

    def _live_transcription(self, request: Request, sid: str) -> Delivery:
        kind, data = request.get("TranscriptionEvent"), request.get("TranscriptionData")
        heard = _Heard()
        if kind == "transcription-content":
            try:
                heard = msgspec.json.decode(data, type=_Heard)
            except (msgspec.DecodeError, UnicodeEncodeError):
                raise BadDelivery("TranscriptionData is not the JSON it should be") from None
        event = Transcript(
            heard.transcript,
            track=_TRACKS.get(request.get("Track"), ""),
            final=request.get("Final") != "false",
            confidence=heard.confidence,
        )
        parts = (sid, request.get("TranscriptionSid"), request.get("SequenceId"), kind)
        return self._delivery(request, sid, event, parts)

    def _fallback(self, request: Request) -> Delivery:
        sid, code = request.sid("CallSid"), request.get("ErrorCode")[:20]
        parts = (sid, code, bounded(request.get("ErrorUrl"), 80))
        opens = self._opens(request, sid)
        return self._delivery(request, sid, Trouble(code), parts, opens=opens)

    # --- parts ---------------------------------------------------------------------------------

    def _delivery(
        self,
        request: Request,
        sid: str,
        event: AnyEvent,
        unique: tuple[str, ...],
        opens: NewContact | None = None,
    ) -> Delivery:
        """The delivery for the call ``sid``; without ``unique`` it changes nothing and is not remembered."""
        return Delivery(
            key=request.key(*unique) if unique else "",
            channel="phone",
            open_key=f"phone:{sid}",
            event=event,
            provider_ref=sid,
            opens=opens,
            turn=whole(request.ours("t")),
        )

    def _opens(self, request: Request, sid: str) -> NewContact:
        outbound = request.get("Direction").startswith("outbound")
        caller, called = parse_address(request.get("From")), parse_address(request.get("To"))
        customer = called if outbound else caller
        facts = request.facts(_FACTS)
        if customer.kind != "phone":
            facts["address_kind"] = customer.kind
        return NewContact(
            channel="phone",
            from_address=caller.value,
            to_address=called.value,
            identity_kind="phone" if customer.matchable and customer.kind == "phone" else "",
            provider_ref=sid,
            direction="outbound" if outbound else "inbound",
            replyable=customer.dialable,
            facts=facts,
        )

    def _shown(self, inbound: Inbound) -> str:
        """The caller id of a call we place: ours; else the customer's ('' = as it is), where that is
        a number; else the number that was called. A withheld number as caller id makes the call fail."""
        if self.settings.caller_id:
            return self.settings.caller_id
        values = inbound.first()
        if parse_address(values.get("From", "")).kind == "phone":
            return ""
        return parse_address(values.get("To", "")).value


def _query(inbound: Inbound, name: str) -> str:
    return next((value for key, value in inbound.query if key == name), "")


def _digits(request: Request) -> str:
    return "".join([key for key in request.get("Digits") if key in _KEYPAD])[:_LONGEST_DIGITS]


def _given(request: Request) -> AnyInput | None:
    """What a <Gather> heard: keys, else words, else nothing."""
    digits = _digits(request)
    if digits:
        return Keys(digits)
    words = request.get("SpeechResult").strip()
    return Words(words, fraction(request.get("Confidence"))) if words else None


def _call_over(request: Request) -> CallStatus | None:
    """The end of the call, where an action is asked only because the caller has gone."""
    status = request.get("CallStatus")
    if status in _OVER:
        return CallStatus(CALL_STATUSES[status], final=True)
    return CallStatus("completed", final=True) if request.get("Digits") == "hangup" else None


def _queue_page(request: Request) -> QueueWait:
    return QueueWait(
        whole(request.ours("page")) or 0, whole(request.get("QueuePosition")), whole(request.get("QueueTime"))
    )


def _stands(request: Request) -> CallStatus:
    status = request.get("CallStatus")
    return CallStatus(
        CALL_STATUSES.get(status, "unknown"),
        whole(request.get("SequenceNumber")),
        whole(request.get("CallDuration")),
        final=status in _OVER,
    )


def _status_parts(request: Request, sid: str) -> tuple[str, ...]:
    return sid, request.get("CallStatus"), request.get("SequenceNumber")


def _recording_sid(request: Request) -> str:
    """RecordingSid, else the end of the URL, which is the same."""
    last = request.get("RecordingUrl").rpartition("/")[2]
    return request.maybe_sid("RecordingSid") or (last if last.startswith("RE") and last.isalnum() else "")
