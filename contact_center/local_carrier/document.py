"""A TwiML document as verbs. What is not known here is an error that names it, never left out.

Pure. An attribute that Twilio knows and that makes no difference here (a voice, a region) is in
`_WITHOUT_EFFECT`; everything else must be understood, or the document is refused as Twilio refuses one that
it cannot follow (twilio.com/docs/api/errors: 12100, 12200, 11750).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from contact_center.local_carrier import verbs
from contact_center.local_carrier.errors import (
    DOCUMENT_TOO_LARGE,
    UNKNOWN_IN_DOCUMENT,
    UNREADABLE_DOCUMENT,
    DocumentError,
)
from contact_center.local_carrier.verbs import Prompt, RecordingCallback, StatusCallback, Verb
from contact_center.local_carrier.xml import parse

MOST_BYTES: Final = 65_536
IN_QUEUE: Final = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
"""What a document for a waiting caller may hold (twilio.com/docs/voice/twiml/enqueue)."""

_WITHOUT_EFFECT: Final = {
    "Say": {"voice"},
    "Gather": {"speechTimeout", "speechModel", "enhanced", "profanityFilter", "debug"},
    "Dial": {"answerOnBridge", "ringTone", "trim", "sequential"},
    "Conference": {"beep", "region", "trim", "waitMethod", "jitterBufferSize", "maxParticipants"},
    "Record": {"trim", "recordingTrack"},
}


class _Reader:
    """The attributes of one element, each of which must be asked for."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self._left = dict(element.attrib)
        for name in _WITHOUT_EFFECT.get(element.tag, ()):
            self._left.pop(name, None)

    def text(self, name: str, default: str = "") -> str:
        return self._left.pop(name, default).strip()

    def method(self, name: str = "method") -> str:
        return self._one_of(name, "POST", ("POST", "GET"), str.upper)

    def flag(self, name: str, default: bool = False) -> bool:
        return self._one_of(name, str(default).lower(), ("true", "false"), str.lower) == "true"

    def whole(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal() and len(value) <= 6):
            raise self.error(f"{name}='{value[:20]}' is not a whole number")
        return int(value)

    def words(self, name: str, default: str, allowed: tuple[str, ...]) -> frozenset[str]:
        found = frozenset(self.text(name, default).split())
        unknown = sorted(found - set(allowed))
        if unknown:
            raise self.error(f"{name} has '{unknown[0][:40]}'; allowed: {', '.join(allowed)}")
        return found

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        return self._one_of(name, default, allowed, str)

    def _one_of(
        self, name: str, default: str, allowed: tuple[str, ...], spelling: Callable[[str], str]
    ) -> str:
        value = spelling(self.text(name, default))
        if value not in allowed:
            raise self.error(f"{name}='{value[:20]}'; allowed: {', '.join(allowed)}")
        return value

    def body(self) -> str:
        return (self.element.text or "").strip()

    def done(self, *, children: bool = False) -> None:
        """Refuse what nobody has asked for."""
        if self._left:
            raise self.error(f"has the attribute {min(self._left)}, which this telephone does not know")
        if not children and len(self.element):
            raise self.error(f"holds <{self.element[0].tag}>, which it cannot")

    def error(self, what: str) -> DocumentError:
        return DocumentError(UNKNOWN_IN_DOCUMENT, f"<{self.element.tag}> {what}")


def read(body: bytes) -> tuple[Verb, ...]:
    """The document's verbs in order. Raises `DocumentError`."""
    if len(body) > MOST_BYTES:
        raise DocumentError(DOCUMENT_TOO_LARGE, f"the document has more than {MOST_BYTES} bytes")
    try:
        root = parse(body)
    except (ParseError, ValueError):
        raise DocumentError(UNREADABLE_DOCUMENT, "the document is no XML that can be read") from None
    if root.tag != "Response":
        raise DocumentError(
            UNREADABLE_DOCUMENT, f"the document begins with <{root.tag[:40]}>, not <Response>"
        )
    return tuple(_verb(element, _VERBS) for element in root)


def check_in_queue(document: tuple[Verb, ...]) -> None:
    """Raise `DocumentError` where a document for a waiting caller holds what none may."""
    for verb in document:
        name = type(verb).__name__
        if name not in IN_QUEUE:
            raise DocumentError(
                UNKNOWN_IN_DOCUMENT,
                f"<{name}> cannot be in a waitUrl; allowed: {', '.join(sorted(IN_QUEUE))}",
            )


_Read = Callable[[_Reader], Verb]


def _verb(element: Element, known: Mapping[str, _Read]) -> Verb:
    reader = known.get(element.tag)
    if reader is None:
        listed = ", ".join(sorted(known))
        raise DocumentError(
            UNKNOWN_IN_DOCUMENT, f"<{element.tag[:40]}> is a verb that is not known here; known: {listed}"
        )
    return reader(_Reader(element))


def _say(at: _Reader) -> verbs.Say:
    said = verbs.Say(at.body(), at.text("language"), at.element.get("voice", ""), at.whole("loop", 1))
    at.done()
    return said


def _play(at: _Reader) -> verbs.Play:
    played = verbs.Play(at.body(), at.whole("loop", 1))
    if not played.url:
        raise at.error("names nothing to play (its digits are not played here)")
    at.done()
    return played


def _pause(at: _Reader) -> verbs.Pause:
    paused = verbs.Pause(at.whole("length", 1))
    at.done()
    return paused


def _gather(at: _Reader) -> verbs.Gather:
    heard = at.words("input", "dtmf", ("dtmf", "speech"))
    digits = at.whole("numDigits", 0)
    hints = tuple(hint.strip() for hint in at.text("hints").split(",") if hint.strip())
    prompts = tuple(_verb(child, _PROMPTS) for child in at.element)
    gathered = verbs.Gather(
        keys="dtmf" in heard,
        speech="speech" in heard,
        action=at.text("action"),
        method=at.method(),
        timeout=5 if at.element.get("timeout") == "auto" and at.text("timeout") else at.whole("timeout", 5),
        digits=digits or None,
        finish=at.text("finishOnKey", "#"),
        language=at.text("language"),
        hints=hints,
        barge_in=at.flag("bargeIn", True),
        empty=at.flag("actionOnEmptyResult"),
        partial=at.text("partialResultCallback"),
        partial_method=at.method("partialResultCallbackMethod"),
        prompts=tuple(prompt for prompt in prompts if isinstance(prompt, Prompt)),
    )
    at.done(children=True)
    return gathered


def _enqueue(at: _Reader) -> verbs.Enqueue:
    queued = verbs.Enqueue(
        name=at.body(),
        action=at.text("action"),
        method=at.method(),
        wait=at.text("waitUrl"),
        wait_method=at.method("waitUrlMethod"),
    )
    if not queued.name:
        raise at.error("names no queue")
    at.done()
    return queued


def _record(at: _Reader) -> verbs.Record:
    transcribe = at.flag("transcribe")
    callback = at.text("transcribeCallback")
    recorded = verbs.Record(
        action=at.text("action"),
        method=at.method(),
        silence=at.whole("timeout", 5),
        longest=at.whole("maxLength", 3600),
        finish=at.text("finishOnKey", "1234567890*#"),
        beep=at.flag("playBeep", True),
        recording=_recording(at),
        transcribe=callback if transcribe or callback else "",
    )
    at.done()
    return recorded


def _recording(at: _Reader) -> RecordingCallback | None:
    url, method = at.text("recordingStatusCallback"), at.method("recordingStatusCallbackMethod")
    events = at.words("recordingStatusCallbackEvent", "completed", ("in-progress", "completed", "absent"))
    return RecordingCallback(url, method, events) if url else None


def _dial(at: _Reader) -> verbs.Dial:
    nouns = list(at.element)
    if len(nouns) > 1:
        raise at.error("dials several at once, which this telephone does not")
    if nouns and nouns[0].tag not in _NOUNS:
        raise at.error(f"dials <{nouns[0].tag[:40]}>, which is not known here; known: {', '.join(_NOUNS)}")
    record = at.one_of("record", "do-not-record", _RECORDS)
    dialled = verbs.Dial(
        to=_NOUNS[nouns[0].tag](_Reader(nouns[0])) if nouns else verbs.ToParty(address=at.body()),
        action=at.text("action"),
        method=at.method(),
        timeout=at.whole("timeout", 30),
        limit=at.whole("timeLimit", 14_400),
        shown=at.text("callerId"),
        star=at.flag("hangupOnStar"),
        record=record not in ("do-not-record", "false"),
        recording=_recording(at),
    )
    at.text("recordingTrack")
    at.done(children=True)
    return dialled


_RECORDS: Final = (
    "do-not-record",
    "false",
    "true",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
    "record-from-start",
)
_CONFERENCE_EVENTS: Final = ("start", "end", "join", "leave", "mute", "hold", "modify")


def _conference(at: _Reader) -> verbs.ToConference:
    waits = "waitUrl" in at.element.attrib
    url = at.text("waitUrl")
    met = verbs.ToConference(
        name=at.body(),
        label=at.text("participantLabel"),
        muted=at.flag("muted"),
        starts=at.flag("startConferenceOnEnter", True),
        ends=at.flag("endConferenceOnExit"),
        wait=url if waits else None,
        coach=at.text("coach"),
        record=at.one_of("record", "do-not-record", _RECORDS) == "record-from-start",
        recording=_recording(at),
        callback=at.text("statusCallback"),
        callback_method=at.method("statusCallbackMethod"),
        events=at.words("statusCallbackEvent", "start end", _CONFERENCE_EVENTS),
    )
    if not met.name:
        raise at.error("has no name")
    at.done()
    return met


def _party(prefix: str) -> Callable[[_Reader], verbs.ToParty]:
    def read_party(at: _Reader) -> verbs.ToParty:
        url, method = at.text("statusCallback"), at.method("statusCallbackMethod")
        known = ("initiated", "ringing", "answered", "completed")
        events = at.words("statusCallbackEvent", "completed", known)
        address = at.body()
        at.done()
        if prefix and not address.startswith(prefix):
            address = prefix + address
        return verbs.ToParty(address=address, callback=StatusCallback(url, method, events) if url else None)

    return read_party


_NOUNS: Final[Mapping[str, Callable[[_Reader], verbs.ToConference | verbs.ToParty]]] = {
    "Client": _party("client:"),
    "Conference": _conference,
    "Number": _party(""),
    "Sip": _party(""),
}


def _redirect(at: _Reader) -> verbs.Redirect:
    redirected = verbs.Redirect(at.body(), at.method())
    at.done()
    return redirected


def _hangup(at: _Reader) -> verbs.Hangup:
    at.done()
    return verbs.Hangup()


def _leave(at: _Reader) -> verbs.Leave:
    at.done()
    return verbs.Leave()


def _reject(at: _Reader) -> verbs.Reject:
    rejected = verbs.Reject(at.one_of("reason", "rejected", ("rejected", "busy")))
    at.done()
    return rejected


_PROMPTS: Final[Mapping[str, _Read]] = {"Say": _say, "Play": _play, "Pause": _pause}
_VERBS: Final[Mapping[str, _Read]] = {
    **_PROMPTS,
    "Gather": _gather,
    "Enqueue": _enqueue,
    "Dial": _dial,
    "Record": _record,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Leave": _leave,
    "Reject": _reject,
}
