"""The verbs of TwiML that the local carrier follows, as values. Names and defaults are Twilio's."""

from __future__ import annotations

import msgspec


class Say(msgspec.Struct, frozen=True):
    """Words; ``language`` is Twilio's tag ('' = en-US)."""

    text: str
    language: str = ""
    voice: str = ""
    loop: int = 1


class Play(msgspec.Struct, frozen=True):
    """A sound."""

    url: str
    loop: int = 1


class Pause(msgspec.Struct, frozen=True):
    """Silence, in seconds."""

    length: int = 1


Prompt = Say | Play | Pause


class Gather(msgspec.Struct, frozen=True, kw_only=True):
    """Wait for keys or words. ``action``: '' = the document's own URL. ``digits``: None = as many as come."""

    keys: bool = True
    speech: bool = False
    action: str = ""
    method: str = "POST"
    timeout: int = 5
    digits: int | None = None
    finish: str = "#"
    language: str = ""
    hints: tuple[str, ...] = ()
    barge_in: bool = True
    empty: bool = False
    partial: str = ""
    partial_method: str = "POST"
    prompts: tuple[Prompt, ...] = ()


class Enqueue(msgspec.Struct, frozen=True, kw_only=True):
    """Stand in a queue, and hear the documents at ``wait``."""

    name: str
    action: str = ""
    method: str = "POST"
    wait: str = ""
    wait_method: str = "POST"


class RecordingCallback(msgspec.Struct, frozen=True):
    """Whom a recording tells; ``events`` are in-progress completed absent."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


class StatusCallback(msgspec.Struct, frozen=True):
    """Whom a call's progress is told; ``events`` are initiated ringing answered completed."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


class ToConference(msgspec.Struct, frozen=True, kw_only=True):
    """The noun Conference. ``wait``: None = Twilio's music, '' = silence."""

    name: str
    label: str = ""
    muted: bool = False
    starts: bool = True
    ends: bool = False
    wait: str | None = None
    coach: str = ""
    record: bool = False
    recording: RecordingCallback | None = None
    callback: str = ""
    callback_method: str = "POST"
    events: frozenset[str] = frozenset({"start", "end"})


class ToParty(msgspec.Struct, frozen=True, kw_only=True):
    """The nouns Client, Number and Sip: ``address`` as calls name it (client:ada, +12025550123)."""

    address: str
    callback: StatusCallback | None = None


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Connect the call. ``shown``: callerId, '' = the caller's own."""

    to: ToConference | ToParty
    action: str = ""
    method: str = "POST"
    timeout: int = 30
    limit: int = 14_400
    shown: str = ""
    star: bool = False
    record: bool = False
    recording: RecordingCallback | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Record the caller. ``longest`` and ``silence`` are seconds."""

    action: str = ""
    method: str = "POST"
    silence: int = 5
    longest: int = 3600
    finish: str = "1234567890*#"
    beep: bool = True
    recording: RecordingCallback | None = None
    transcribe: str = ""


class Redirect(msgspec.Struct, frozen=True):
    """Go on with another document."""

    url: str
    method: str = "POST"


class Hangup(msgspec.Struct, frozen=True):
    """End the call."""


class Reject(msgspec.Struct, frozen=True):
    """Do not answer the call."""

    reason: str = "rejected"


class Leave(msgspec.Struct, frozen=True):
    """Leave the queue, in a document of its ``wait``."""


Verb = Say | Play | Pause | Gather | Enqueue | Dial | Record | Redirect | Hangup | Reject | Leave
