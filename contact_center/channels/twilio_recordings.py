"""What Twilio tells of recordings and transcripts of calls."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from contact_center.channels.base import BadDelivery, Delivery, RecordingStatus, Transcript
from contact_center.channels.twilio_delivery import call_delivery
from contact_center.channels.twilio_request import Request, identifier, seconds

_STATUSES = {
    "in-progress": "in_progress",
    "completed": "completed",
    "absent": "absent",
    "failed": "failed",
}
_TRACKS = {"inbound_track": "customer", "outbound_track": "agent"}
_LONGEST_URL = 500


class _Heard(msgspec.Struct):
    """The words of a real-time transcription (TranscriptionData)."""

    transcript: str = ""
    confidence: float | None = None


def recording(request: Request) -> Delivery:
    """How a recording stands. That of a conference names no call, that of an agent's leg not the
    customer's, so the contact comes from our URL."""
    ref, status, url = (
        request.sid("RecordingSid"),
        request.get("RecordingStatus"),
        request.get("RecordingUrl"),
    )
    contact_id = identifier(request.ours("c"))
    sid = request.maybe_sid("CallSid") if contact_id else request.sid("CallSid")
    event = RecordingStatus(
        ref,
        _STATUSES.get(status, "in_progress"),
        url if url.startswith("https://") and len(url) <= _LONGEST_URL else "",
        seconds(request.get("RecordingDuration")),
        request.ours("p")[:20] or "voicemail",
        _instant(request.get("RecordingStartTime")),
    )
    return call_delivery(request, sid, event, (ref, status), contact_id=contact_id)


def _instant(text: str) -> datetime | None:
    """A time as Twilio writes it (RFC 2822); None for what is none."""
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if not 1990 < at.year < 3000:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def transcription(request: Request) -> Delivery:
    """The words of a recording, or live words."""
    sid, status = request.sid("CallSid"), request.get("TranscriptionStatus")
    if request.get("TranscriptionEvent"):
        return _live(request, sid)
    text = request.get("TranscriptionText") if status == "completed" else ""
    event = Transcript(text, request.maybe_sid("RecordingSid"), "customer")
    return call_delivery(request, sid, event, (sid, request.get("TranscriptionSid"), status))


def _live(request: Request, sid: str) -> Delivery:
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
    return call_delivery(request, sid, event, parts)
