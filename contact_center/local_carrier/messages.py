"""What telephones and the carrier say to each other: JSON lines with a ``type``, over `phone_socket`."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from contact_center.local_carrier.talking import Peer

LONGEST_WORDS: Final = 2_000
LONGEST_DIGITS: Final = 64

# --- from a telephone ---------------------------------------------------------------------------------


class _Line(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Hello(_Line, frozen=True, tag="hello"):
    """The first line: who is there. ``number``: under which a customer can be called back, where a customer
    may choose it. ``resume``: what `Ready` gave to a telephone whose connection broke, and which has
    ``heard`` so many lines since."""

    as_: str = msgspec.field(name="as")
    number: str = ""
    resume: str = ""
    heard: int = 0


class DialOut(_Line, frozen=True, tag="dial"):
    """A customer calls ``to``; ``from`` only where it may be chosen."""

    to: str
    from_: str = msgspec.field(name="from", default="")


class Keys(_Line, frozen=True, tag="keys"):
    call: str
    digits: str


class Words(_Line, frozen=True, tag="words"):
    """What was said or typed; while it is still being said, ``final`` is false."""

    call: str
    text: str
    confidence: float | None = None
    final: bool = True


class Recorded(_Line, frozen=True, tag="recorded"):
    """A message was left; ``data`` is base64 of audio/webm, or nothing."""

    call: str
    seconds: float
    data: str = ""


class Said(_Line, frozen=True, tag="said"):
    """What came with `Say` of that number was heard to its end."""

    call: str
    seq: int


class Answer(_Line, frozen=True, tag="answer"):
    call: str


class Decline(_Line, frozen=True, tag="decline"):
    call: str


class HangUp(_Line, frozen=True, tag="hang_up"):
    call: str


class Signal(_Line, frozen=True, tag="signal"):
    """WebRTC's session descriptions and candidates, for the end called ``peer``."""

    call: str
    peer: str
    data: Any


class Media(_Line, frozen=True, tag="media"):
    """Whether sound goes to and from ``peer``: connected or failed."""

    call: str
    state: str
    peer: str = ""


FromPhone = Hello | DialOut | Keys | Words | Recorded | Said | Answer | Decline | HangUp | Signal | Media

# --- to a telephone -----------------------------------------------------------------------------------


class Sample(msgspec.Struct, frozen=True):
    """A customer of the demo, as whom one may call."""

    number: str
    name: str


class Ready(_Line, frozen=True, tag="ready"):
    """The telephone is known as ``identity``; ``ice`` is RTCPeerConnection's iceServers. ``numbers``: which
    can be called here; ``choose``: whether ``from`` may be given; ``samples``: from which there is something
    to see.

    ``resume``: with which, for ``grace`` seconds after the connection broke, another one goes on. Then it is
    ``resumed``: calls are as they were, and so many lines were ``heard``; both sides say again what the other
    one has missed. Else there are no calls."""

    identity: str
    ice: list[dict[str, Any]]
    numbers: tuple[str, ...] = ()
    choose: bool = False
    samples: tuple[Sample, ...] = ()
    resume: str = ""
    grace: float = 0
    resumed: bool = False
    heard: int = 0


class Ring(_Line, frozen=True, tag="ring", omit_defaults=True):
    """Somebody calls; ``contact``, for an agent, is whose call it is."""

    call: str
    from_: str = msgspec.field(name="from")
    to: str
    contact: str = ""


class Placed(_Line, frozen=True, tag="placed"):
    call: str


class State(_Line, frozen=True, tag="state", omit_defaults=True):
    """``state``: ringing, in_progress or completed."""

    call: str
    state: str
    reason: str = ""


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to hear: words, a sound, silence in seconds, or music until it is stopped."""

    text: str = ""
    language: str = ""
    play: str = ""
    pause: int = 0
    music: bool = False


class SayItems(_Line, frozen=True, tag="say"):
    call: str
    seq: int
    items: tuple[Item, ...]


class KeysWanted(msgspec.Struct, frozen=True):
    """``max`` 0 = as many as come until ``finish`` or silence."""

    min: int
    max: int
    finish: str


class Listen(_Line, frozen=True, tag="listen"):
    """The caller may answer, also while something is still being said."""

    call: str
    keys: KeysWanted | None
    speech: bool
    timeout: int
    hints: tuple[str, ...] = ()
    language: str = ""


class RecordNow(_Line, frozen=True, tag="record"):
    call: str
    max_seconds: int
    finish: str
    silence: int = 5
    beep: bool = True


class Upload(msgspec.Struct, frozen=True):
    """Where the recording's pieces go: PUT /phone/recordings/ID/N, with ``key`` in X-Recording-Key."""

    id: str
    key: str


class TalkNow(_Line, frozen=True, tag="talk"):
    """The conversation as it now is for this end; no peers = there is none."""

    call: str
    peers: tuple[Peer, ...]
    hold: bool
    muted: bool
    record: bool
    recording: Upload | None = None


class SignalFrom(_Line, frozen=True, tag="signal"):
    call: str
    peer: str
    data: Any


class Stop(_Line, frozen=True, tag="stop"):
    call: str
    seq: int


class Ended(_Line, frozen=True, tag="ended"):
    call: str
    reason: str


class Error(_Line, frozen=True, tag="error"):
    text: str


ToPhone = (
    Ready
    | Ring
    | Placed
    | State
    | SayItems
    | Listen
    | RecordNow
    | TalkNow
    | SignalFrom
    | Stop
    | Ended
    | Error
)

_decoder: Final[msgspec.json.Decoder[FromPhone]] = msgspec.json.Decoder(FromPhone)
_encoder: Final = msgspec.json.Encoder()


def decode(text: str) -> FromPhone:
    """Raises `msgspec.DecodeError` (which names no value) for what is none of these."""
    return _decoder.decode(text)


def encode(line: ToPhone) -> str:
    """As one line of JSON."""
    return _encoder.encode(line).decode()
