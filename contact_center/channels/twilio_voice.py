"""The telephone, through Twilio: its webhooks as deliveries, turns as TwiML.

    incoming       a call comes in                 -> Started, opens a contact
    turn           a <Gather> is over              -> Keys, Words or Silent
    resume         what should be heard now        -> nothing changes (also the target of live redirects)
    enqueue        an <Enqueue> is over            -> QueueLeft
    wait, leave    a page of a queue; a key there  -> QueueWait, Keys
    dial           a <Dial> is over                -> Connected
    talked         a conversation is over          -> QueueLeft
    record         a <Record> is over              -> Recorded
    leg            how a dialled leg stands        -> CallStatus, never final
    agent_leg, conference, amd                     -> LegEvent (twilio_legs.py)
    status         how the call stands             -> CallStatus
    recording, transcription                       -> RecordingStatus, Transcript (twilio_recordings.py)
    fallback       our answer was of no use        -> Trouble

A redirect of a live call makes Twilio first ask the action of the <Dial> or <Enqueue> it aborts, and
then the target, and the target wins. The aborted action says ``completed`` like any other: it is
known by its turn number, which the redirect has left behind. What we answer to it is played until the target
is there: never a conference, because the customer would come and go, and the conversation end with that.
Sources: design notes and docs/twilio.md.
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
    Reply,
    Route,
    Take,
    Trouble,
)
from contact_center.channels.twilio_delivery import OVER, call_delivery
from contact_center.channels.twilio_legs import READERS as LEG_READERS
from contact_center.channels.twilio_recordings import recording, transcription
from contact_center.channels.twilio_request import Request, bounded, fraction, seconds, whole
from contact_center.channels.twilio_settings import TwilioSettings
from contact_center.channels.twilio_signature import TwilioSignature
from contact_center.channels.twiml import EMPTY, VoiceTwiml
from crm_store.addresses import parse_address
from ivr_flows.inputs import AnyInput, Connected, Keys, QueueLeft, Recorded, Silent, Started, Words
from ivr_flows.instructions import Connect, Talk
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

_FACTS = {
    "CallerName": "caller_name",
    "ForwardedFrom": "forwarded_from",
    "StirVerstat": "verstat",
    "FromCountry": "country",
    "FromState": "state",
    "FromCity": "city",
    "ErrorCode": "error_code",
}
_SILENT_ROUTES = frozenset({"leg", "status", "recording", "transcription", *LEG_READERS})
_QUEUE_ROUTES = frozenset({"wait", "leave"})
_KEYPAD = frozenset("0123456789*#")
_LONGEST_DIGITS = 200
_APOLOGY_PAUSE = 15  # seconds of silence in a queue before we try again
_FETCHED_PAUSE = 2  # seconds in which a redirect that is under way should have come
_MOST_FETCHED = 5


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
            "talked": self._talked,
            "record": self._record,
            "leg": self._leg,
            "status": self._status,
            "recording": recording,
            "transcription": transcription,
            "fallback": self._fallback,
            **LEG_READERS,
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
            return Outbound(self._queued(reply, inbound))
        if _aborted(reply, inbound):
            reply = msgspec.structs.replace(reply, instructions=())
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

    def _queued(self, reply: Reply, inbound: Inbound) -> str:
        """A page for a caller who is still in Twilio's queue."""
        page, turn, contact = whole(_query(inbound, "page")) or 0, _query(inbound, "t"), _query(inbound, "c")
        if _talks(reply):
            # An agent has answered and the redirect is under way, which takes the caller out better than a
            # <Leave>. Should it never come, leaving leads to the conversation, too.
            asked = whole(_query(inbound, "n")) or 0
            if asked < _MOST_FETCHED:
                return self._twiml.waiting_on(contact, turn, page, _FETCHED_PAUSE, asked=asked + 1)
            reply = msgspec.structs.replace(reply, instructions=())
        elif whole(turn) not in (None, reply.turn):
            # The flow has gone on, perhaps to another queue: the caller leaves this one first.
            reply = msgspec.structs.replace(reply, instructions=())
        return self._twiml.wait_page(reply, page)

    # --- the caller does something -------------------------------------------------------------

    def _incoming(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        return call_delivery(request, sid, Take(Started()), (sid,), opens=self._opens(request, sid))

    def _answer(self, request: Request) -> Delivery:
        sid, turn = request.sid("CallSid"), request.ours("t")
        given = _given(request)
        event: AnyEvent = _call_over(request) or Take(Silent()) if given is None else Take(given)
        return call_delivery(request, sid, event, (sid, turn))

    def _resume(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        return call_delivery(request, sid, _call_over(request) or Take(Started()), ())

    def _wait(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        return call_delivery(request, sid, _queue_page(request), ())

    def _leave(self, request: Request) -> Delivery:
        sid, digits = request.sid("CallSid"), _digits(request)
        event: AnyEvent = Take(Keys(digits)) if digits else _queue_page(request)
        parts = (sid, request.ours("t"), request.ours("page"), digits)
        return call_delivery(request, sid, event, parts if digits else ())

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
        return call_delivery(request, sid, event, (sid, request.ours("t")))

    def _dial(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        outcome = DIAL_OUTCOMES.get(request.get("DialCallStatus"), "failed")
        over = _call_over(request) if outcome != "answered" else None
        spoken = whole(request.get("DialCallDuration")) or 0
        event = over or Take(Connected(outcome, spoken))
        return call_delivery(request, sid, event, (sid, request.ours("t")))

    def _talked(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        status = request.get("DialCallStatus")
        # A conference that took place is ``answered``, one that a redirect has broken off ``completed``; else
        # there was none. The two may come of one and the same turn, so the second is no repeated delivery.
        broken_off = status == "completed"
        there = DIAL_OUTCOMES.get(status) == "answered"
        given = Take(QueueLeft("answered" if there else "error"), unless_talking=broken_off)
        parts = () if broken_off else (sid, request.ours("t"))
        return call_delivery(request, sid, _call_over(request) or given, parts)

    def _record(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        recorded = Recorded(
            seconds(request.get("RecordingDuration")),
            _recording_sid(request),
            hung_up=request.get("Digits") == "hangup",
        )
        return call_delivery(request, sid, Take(recorded), (sid, request.ours("t")))

    # --- Twilio tells us something -------------------------------------------------------------

    def _status(self, request: Request) -> Delivery:
        sid = request.sid("CallSid")
        # Statuses overtake the call they tell of; its end must not be lost, nor the call begin after it.
        opens = self._opens(request, sid)
        return call_delivery(request, sid, _stands(request), _status_parts(request, sid), opens=opens)

    def _leg(self, request: Request) -> Delivery:
        leg, sid = request.sid("CallSid"), request.sid("ParentCallSid")
        event = msgspec.structs.replace(_stands(request), final=False)
        return call_delivery(request, sid, event, _status_parts(request, leg))

    def _fallback(self, request: Request) -> Delivery:
        sid, code = request.sid("CallSid"), request.get("ErrorCode")[:20]
        parts = (sid, code, bounded(request.get("ErrorUrl"), 80))
        opens = self._opens(request, sid)
        return call_delivery(request, sid, Trouble(code), parts, opens=opens)

    # --- parts ---------------------------------------------------------------------------------

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


def _talks(reply: Reply) -> bool:
    """Whether the customer is to talk with an agent now."""
    return bool(reply.instructions) and type(reply.instructions[-1]) is Talk


def _aborted(reply: Reply, inbound: Inbound) -> bool:
    """Whether this is the action of an <Enqueue> or a conversation that a redirect has ended."""
    if inbound.route == "enqueue":
        return inbound.first().get("QueueResult", "").startswith("redirected")
    return inbound.route == "talked" and _talks(reply)


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
    if status in OVER:
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
        final=status in OVER,
    )


def _status_parts(request: Request, sid: str) -> tuple[str, ...]:
    return sid, request.get("CallStatus"), request.get("SequenceNumber")


def _recording_sid(request: Request) -> str:
    """RecordingSid, else the end of the URL, which is the same."""
    last = request.get("RecordingUrl").rpartition("/")[2]
    return request.maybe_sid("RecordingSid") or (last if last.startswith("RE") and last.isalnum() else "")
