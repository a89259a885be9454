"""The terminal: a telephone or a chat on this machine, in JSON, for the command line and for tests.

Requests are ``POST /console/{event}`` with ``Authorization: Bearer SECRET``, from this machine and
not through a proxy. The body is one JSON object:

    session  who is calling: letters, digits, - and _, at most 40, made by the client  (always)
    n        counts the client's requests from 0; the same n again is the same request (but for wait, resume)
    turn     the ``turn`` of the answer that this is a reaction to                     (optional)

and by event

    start          as ("phone" or "chat"), from, to, language                          (all optional)
    keys           digits            words          text, confidence (null = typed)
    pick           value             silence        -
    recorded       seconds, hung_up  connect_ended  outcome, seconds
    queue_left     reason            wait           page (what a waiting caller hears now)
    resume         -  (what should be heard now)    hang_up        reason

Later events repeat ``as`` where it is "chat". The answer is one JSON object:

    contact, turn, language
    say       [{"text", "language"}, {"play": URL, "text"}, {"pause": SECONDS}], in order
    messages  [{"id", "text", "media": [URL]}], what a chat shows instead of ``say``
    await     {"kind": "answer", "keys": {"min", "max", "finish"} or null, "speech", "timeout",
               "sensitive", "options": [{"value", "label", "key"}]}
              {"kind": "recording", "purpose", "max_seconds", "finish", "transcribe"}
              {"kind": "queue", "queue", "max_wait", "every", "page", "leave_keys": {KEY: NAME}}
              {"kind": "connect", "target_kind", "target", "timeout", "record"}
              {"kind": "talk", "agent"}  (until queue_left says that it was answered)
              {"kind": "nothing"}  (the contact has ended, or an answer is on its way: ask resume)
    ended     whether it is over, and with it ``reason``

Errors are {"error": TEXT} with a status of 4xx or 503.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from contact_center.channels.base import (
    AnyEvent,
    BadDelivery,
    CallStatus,
    Delivery,
    Forged,
    Inbound,
    NewContact,
    Outbound,
    QueueWait,
    Reply,
    Route,
    Take,
)
from contact_center.channels.twilio_settings import APOLOGIES, by_language
from contact_center.loopback import is_loopback
from crm_store.addresses import parse_address
from ivr_flows.inputs import Connected, Keys, Picked, QueueLeft, Recorded, Silent, Started, Words
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Pause,
    Play,
    Prompt,
    RecordMessage,
    Say,
    Talk,
    WaitInQueue,
)
from ivr_flows.session import Traits

PHONE = "console"
CHAT = "console_chat"

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NOT_KEYS = re.compile(r"[^0-9*#]")
_JSON = "application/json"
_UNREMEMBERED = frozenset({"wait", "resume"})
_QUEUE_REASONS = frozenset({"answered", "left", "timed_out", "full", "closed", "error"})
_OUTCOMES = frozenset({"answered", "busy", "no_answer", "failed", "canceled"})
_LONGEST_TEXT = 4_000


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``secret`` is shared by the server and the command line of one machine."""

    secret: str
    base_path: str = "/console"

    def __repr__(self) -> str:
        return f"ConsoleSettings(secret=…, base_path={self.base_path!r})"


class ConsoleRequest(msgspec.Struct, frozen=True, kw_only=True, rename={"as_": "as", "from_": "from"}):
    """The body of a request; see the module for which event has which field."""

    session: str
    n: int = 0
    turn: int | None = None
    as_: str = "phone"
    from_: str = ""
    to: str = ""
    language: str = ""
    digits: str = ""
    text: str = ""
    confidence: float | None = None
    value: str = ""
    seconds: float = 0.0
    hung_up: bool = False
    outcome: str = ""
    reason: str = ""
    page: int = 0


_DECODER = msgspec.json.Decoder(ConsoleRequest)


class Console:
    """See the module. Implements `contact_center.channels.base.Channel`."""

    name = "console"

    def __init__(self, settings: ConsoleSettings) -> None:
        if not settings.secret:
            raise ValueError("the console needs a secret; without one anybody on this machine could call in")
        self.settings = settings
        self._authorization = f"Bearer {settings.secret}".encode()

    def routes(self) -> Sequence[Route]:
        """One path for each event."""
        return tuple(Route(name, f"{self.settings.base_path}/{name}", ("POST",)) for name in _EVENTS)

    def traits(self, channel: str) -> Traits:
        """A telephone, or a chat with buttons."""
        return Traits(channel, speaks=channel != CHAT, buttons=channel == CHAT)

    def verify(self, inbound: Inbound) -> None:
        """Raise `Forged` unless the request is from this machine and has the secret."""
        if not is_loopback(inbound.remote) or {"forwarded", "x-forwarded-for"} & set(inbound.headers):
            raise Forged("the console is only for this machine; call it at 127.0.0.1, not through a proxy")
        given = inbound.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._authorization):
            raise Forged(
                "the console's secret is missing or wrong; the server and the command line share one"
            )

    def parse(self, inbound: Inbound) -> Delivery:
        """What the request means; raises `BadDelivery`."""
        make = _EVENTS.get(inbound.route)
        if make is None:
            raise BadDelivery("there is no such event", status=404)
        asked = _decoded(inbound.body)
        channel = CHAT if asked.as_ == "chat" else PHONE
        return Delivery(
            key="" if inbound.route in _UNREMEMBERED else f"console:{asked.session}:{asked.n}",
            channel=channel,
            open_key=f"console:{asked.session}",
            event=make(asked),
            provider_ref=asked.session,
            opens=_opens(asked, channel) if inbound.route == "start" else None,
            turn=asked.turn,
        )

    def render(self, reply: Reply, inbound: Inbound) -> Outbound:
        """The reply as JSON."""
        page = 0
        if inbound.route == "wait":
            try:
                page = _decoded(inbound.body).page
            except BadDelivery:
                page = 0
        last = reply.instructions[-1] if reply.instructions else None
        ended = isinstance(last, HangUp) or not reply.contact_id
        answer = {
            "contact": reply.contact_id,
            "turn": reply.turn,
            "language": reply.language,
            "say": [_shown(prompt) for prompt in _prompts(reply.instructions, page)],
            "messages": [
                {"id": each.id, "text": each.text, "media": list(each.media)} for each in reply.messages
            ],
            "await": _awaited(last, page),
            "ended": ended,
            "reason": last.reason if isinstance(last, HangUp) else "unknown" if ended else "",
        }
        return _json(answer)

    def apology(self, inbound: Inbound, language: str) -> Outbound:
        """The apology that a caller would hear, as an error."""
        return _json({"error": by_language(APOLOGIES, language)}, 503)


def _decoded(body: bytes) -> ConsoleRequest:
    try:
        asked = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadDelivery(
            "the body is not the JSON object that the console takes; see docs/twilio.md"
        ) from None
    if not _SESSION.fullmatch(asked.session):
        raise BadDelivery("session must have 1 to 40 letters, digits, - or _")
    if not 0 <= asked.n < 10**9 or asked.as_ not in ("phone", "chat"):
        raise BadDelivery('n must count from 0, and as be "phone" or "chat"')
    if not 0 <= asked.page < 10**9 or not 0 <= (asked.turn or 0) < 10**9:
        raise BadDelivery("page and turn must be numbers from 0")
    return asked


def _opens(asked: ConsoleRequest, channel: str) -> NewContact:
    caller = parse_address(asked.from_)
    return NewContact(
        channel=channel,
        from_address=caller.value,
        to_address=parse_address(asked.to).value,
        identity_kind=caller.kind if caller.matchable and caller.kind in ("phone", "whatsapp") else "",
        provider_ref=asked.session,
        language=asked.language[:20],
        replyable=caller.dialable,
        facts={} if caller.matchable else {"address_kind": caller.kind},
    )


def _keys(asked: ConsoleRequest) -> AnyEvent:
    digits = _NOT_KEYS.sub("", asked.digits)[:200]
    return Take(Keys(digits) if digits else Silent())


def _words(asked: ConsoleRequest) -> AnyEvent:
    text = asked.text.replace("\x00", "").strip()[:_LONGEST_TEXT]
    confidence = asked.confidence
    if confidence is not None and not 0 <= confidence <= 1:
        raise BadDelivery("confidence must be a number from 0 to 1")
    return Take(Words(text, confidence) if text else Silent())


def _queue_left(asked: ConsoleRequest) -> AnyEvent:
    if asked.reason not in _QUEUE_REASONS:
        raise BadDelivery(f"reason must be one of {', '.join(sorted(_QUEUE_REASONS))}")
    return Take(QueueLeft(asked.reason))


def _connect_ended(asked: ConsoleRequest) -> AnyEvent:
    if asked.outcome not in _OUTCOMES:
        raise BadDelivery(f"outcome must be one of {', '.join(sorted(_OUTCOMES))}")
    return Take(Connected(asked.outcome, int(_length(asked.seconds))))


def _length(seconds: float) -> float:
    if not 0 <= seconds < 1e6:
        raise BadDelivery("seconds must be a number from 0")
    return seconds


_EVENTS: dict[str, Callable[[ConsoleRequest], AnyEvent]] = {
    "start": lambda asked: Take(Started()),
    "keys": _keys,
    "words": _words,
    "pick": lambda asked: Take(Picked(asked.value.replace("\x00", "")[:200])),
    "silence": lambda asked: Take(Silent()),
    "recorded": lambda asked: Take(Recorded(_length(asked.seconds), hung_up=asked.hung_up)),
    "connect_ended": _connect_ended,
    "queue_left": _queue_left,
    "wait": lambda asked: QueueWait(asked.page),
    "resume": lambda asked: Take(Started()),
    "hang_up": lambda asked: CallStatus("completed", final=True),
}


def _prompts(instructions: Sequence[Instruction], page: int) -> list[Prompt]:
    """Everything that is said in a turn, in order."""
    said: list[Prompt] = []
    for item in instructions:
        if isinstance(item, (Say, Play, Pause)):
            said.append(item)
        elif isinstance(item, (Listen, RecordMessage, Connect)):
            said += item.prompts
        elif isinstance(item, WaitInQueue) and item.announcements:
            said.append(item.announcements[page % len(item.announcements)])
    return said


def _shown(prompt: Prompt) -> dict[str, Any]:
    if isinstance(prompt, Pause):
        return {"pause": prompt.seconds}
    if isinstance(prompt, Play):
        return {"play": prompt.url, "text": prompt.text}
    return {"text": prompt.text, "language": prompt.language}


def _awaited(last: Instruction | None, page: int) -> dict[str, Any]:
    """What the customer may do now."""
    if isinstance(last, Listen):
        keys = {"min": last.min_digits, "max": last.max_digits, "finish": last.finish_on_key}
        return {
            "kind": "answer",
            "keys": keys if last.max_digits > 0 else None,
            "speech": last.speech,
            "timeout": last.timeout,
            "sensitive": last.sensitive,
            "options": [{"value": o.value, "label": o.label, "key": o.key} for o in last.options],
        }
    if isinstance(last, RecordMessage):
        return {
            "kind": "recording",
            "purpose": last.purpose,
            "max_seconds": last.max_seconds,
            "finish": last.finish_on_key,
            "transcribe": last.transcribe,
        }
    if isinstance(last, WaitInQueue):
        return {
            "kind": "queue",
            "queue": last.queue,
            "max_wait": last.max_wait,
            "every": last.every,
            "page": page,
            "leave_keys": last.leave_keys,
        }
    if isinstance(last, Connect):
        return {
            "kind": "connect",
            "target_kind": last.target_kind,
            "target": last.target,
            "timeout": last.timeout,
            "record": last.record,
        }
    if isinstance(last, Talk):
        return {"kind": "talk", "agent": last.agent}
    return {"kind": "nothing"}


def _json(answer: dict[str, Any], status: int = 200) -> Outbound:
    return Outbound(msgspec.json.encode(answer).decode(), _JSON, status)
