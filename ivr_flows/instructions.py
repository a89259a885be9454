"""What a turn asks the channel to do, in the channel's absence: the neutral words that a channel renders.

A `Listen` is a Gather on the telephone, a numbered list in a text message and buttons on the web.
Instructions of one turn stand in order; only the last one waits (`Listen`, `RecordMessage`, `WaitInQueue`,
`Connect`, `Talk`) or ends (`HangUp`), and every turn that asks for no effect ends with one of them."""

from __future__ import annotations

import msgspec


class _Instruction(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    pass


class Say(_Instruction, frozen=True, tag="say"):
    """Words for the customer. ``language`` is a BCP 47 tag of the flow (``en``, ``zh``)."""

    text: str
    language: str


class Play(_Instruction, frozen=True, tag="play"):
    """A sound for the customer; ``text`` is what channels without sound show instead ('' = nothing)."""

    url: str
    text: str = ""
    language: str = ""


class Pause(_Instruction, frozen=True, tag="pause"):
    """Silence, in whole seconds; text channels ignore it."""

    seconds: int = 1


Prompt = Say | Play | Pause


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One choice of a `Listen`: ``value`` comes back in `Picked`, ``key`` is pressed, ``label`` is shown."""

    value: str
    label: str
    key: str = ""


class Listen(_Instruction, frozen=True, tag="listen"):
    """Wait for the customer.

    ``prompts`` may be interrupted by an answer. ``min_digits``/``max_digits`` bound a keyed
    answer (0 = keys are not expected); ``finish_on_key`` ends it early. ``speech``: words are
    accepted on the telephone (typed words always are). ``timeout`` is in seconds of silence on the
    telephone; ``text_timeout`` in seconds on channels where people take their time.
    ``sensitive``: the answer must be masked wherever it is kept or shown.
    ``offer_options``: text channels list the options (they are spoken by the prompts on the phone).
    ``hints`` are words that may be said, and with ``numbers`` runs of digits too. ``listens_for``: ``""``
    anything, ``commands`` (single words and numbers) or ``sentences``. ``speech_pause``: seconds of silence
    that end what is said, 0 = as the recogniser thinks.
    """

    language: str
    prompts: tuple[Prompt, ...] = ()
    options: tuple[Option, ...] = ()
    min_digits: int = 0
    max_digits: int = 0
    finish_on_key: str = "#"
    speech: bool = False
    hints: tuple[str, ...] = ()
    timeout: float = 5.0
    text_timeout: float = 86_400.0
    sensitive: bool = False
    offer_options: bool = True
    numbers: bool = False
    listens_for: str = ""
    speech_pause: float = 0.0


class RecordMessage(_Instruction, frozen=True, tag="record"):
    """Record the customer (voicemail). Text channels ask for a typed message instead."""

    language: str
    purpose: str
    prompts: tuple[Prompt, ...] = ()
    max_seconds: int = 120
    silence_seconds: int = 5
    finish_on_key: str = "#"
    transcribe: bool = False


class WaitInQueue(_Instruction, frozen=True, tag="wait_in_queue"):
    """Hold the contact in a queue until an agent takes it, it leaves, or ``max_wait`` seconds pass.

    ``announcements`` are played in turn, ``every`` seconds apart, between music.
    ``leave_keys`` maps a key to the exit of the queue node that it takes.
    """

    queue: str
    language: str
    max_wait: int
    announcements: tuple[Prompt, ...] = ()
    music: str = ""
    every: int = 30
    leave_keys: dict[str, str] = {}


class Connect(_Instruction, frozen=True, tag="connect"):
    """Connect the customer to ``target`` (``kind``: ``number``, ``sip``, ``client``) and wait for the end."""

    target_kind: str
    target: str
    language: str
    timeout: int = 30
    record: bool = False
    prompts: tuple[Prompt, ...] = ()


class Talk(_Instruction, frozen=True, tag="talk"):
    """Talk with the agent who took the contact, until that is over.

    No flow says this: the application does, for a contact that a person has accepted. ``room`` names the
    conversation; ``agent`` is what the customer may know the person by ('' = nothing).
    """

    room: str
    language: str
    agent: str = ""
    record: bool = False


class HangUp(_Instruction, frozen=True, tag="hang_up"):
    """End the contact; ``reason`` is kept in the log. ``reject``: refuse the call before answering it."""

    reason: str = "done"
    reject: bool = False


Instruction = Say | Play | Pause | Listen | RecordMessage | WaitInQueue | Connect | Talk | HangUp
