"""The web chat: lines that a browser says over its socket, and what the flow wants of the visitor, as JSON.

    start   begin a conversation               -> Take(Started), opens a contact
    say     words, a picked button, files      -> MessageIn, opens a contact
    end     the visitor is done                -> CallStatus

Every line has an ``id`` that the browser made: the same id again is the same line. (`contact_center.chat`
has the socket itself, and the lines that change no contact.) There is no HTTP request to forge: a line
counts only if it came over the socket, which has put the visitor's id and addresses into the inbound's
headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from contact_center.channels.base import (
    BadDelivery,
    CallStatus,
    Delivery,
    Forged,
    Inbound,
    Media,
    MessageIn,
    NewContact,
    Outbound,
    Reply,
    Route,
    Take,
)
from contact_center.channels.twilio_settings import APOLOGIES, by_language
from ivr_flows.inputs import Started
from ivr_flows.instructions import Connect, HangUp, Instruction, Listen, RecordMessage, Talk, WaitInQueue
from ivr_flows.session import Traits

CHANNEL: Final = "web"
SOCKET: Final = "SOCKET"
"""The method of an inbound that the chat's socket has made; no HTTP server lets it through."""

LONGEST_TEXT: Final = 4_000
LARGEST_LINE: Final = 32_768
"""Bytes of a line: the longest text in the widest characters, escaped."""

MOST_FILES: Final = 5
FILES: Final = "/chat/files/"
"""Where files are fetched: the address of a message's media is this and the file's id."""

FORM_FIELDS: Final = ("name", "email", "phone", "subject", "page")
"""What the form before the chat may ask; it is shown to the agent and is no evidence of anything."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
_LINE: Final = re.compile(r"[a-z0-9_-]{0,40}")
_JSON: Final = "application/json"


def file_id(url: str) -> str:
    """The id of the file that lies at ``url``; '' where that is none of ours."""
    return url.removeprefix(FILES) if url.startswith(FILES) else ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what a browser says that changes a contact; see the module."""

    id: str


class Start(Line, frozen=True, kw_only=True):
    """``form``: what the visitor wrote before; ``line``: which of our flows, '' = the usual one."""

    form: dict[str, str] = {}
    line: str = ""
    language: str = ""


class Say(Line, frozen=True, kw_only=True):
    """``picked``: the value of the button that ``text`` is the label of; ``files``: ids of uploads."""

    text: str = ""
    picked: str = ""
    files: tuple[str, ...] = ()
    line: str = ""
    language: str = ""


class End(Line, frozen=True, kw_only=True):
    """Good-bye."""


class WebChat:
    """See the module. Implements `contact_center.channels.base.Channel`."""

    name = "webchat"

    def routes(self) -> Sequence[Route]:
        """The lines of the socket; none of them is an address of its own."""
        return tuple(Route(name, f"/chat/socket/{name}", (SOCKET,)) for name in _LINES)

    def traits(self, channel: str) -> Traits:
        """A written channel with buttons."""
        return Traits(channel, speaks=False, buttons=True)

    def verify(self, inbound: Inbound) -> None:
        """Raise `Forged` unless the socket made it, for a visitor whom it knows."""
        if inbound.method != SOCKET or not inbound.headers.get("visitor"):
            raise Forged("lines of the web chat come over /chat/socket, from a visitor who has said hello")

    def parse(self, inbound: Inbound) -> Delivery:
        """What the line means; raises `BadDelivery`."""
        kind = _LINES.get(inbound.route)
        if kind is None:
            raise BadDelivery("there is no such line", status=404)
        line = _decoded(inbound.body, kind)
        visitor = inbound.headers["visitor"]
        return Delivery(
            key=f"web:{visitor}:{line.id}",
            channel=CHANNEL,
            open_key=f"web:{visitor}",
            event=_EVENTS[kind](line, inbound),
            opens=None if isinstance(line, End) else _opens(line, inbound),
        )

    def render(self, reply: Reply, inbound: Inbound) -> Outbound:
        """What the visitor may do now; the messages themselves come in their order, see the module."""
        return _json({"type": "turn", "contact": reply.contact_id, **wanted(reply.instructions)})

    def apology(self, inbound: Inbound, language: str) -> Outbound:
        """The line was not taken, and may be said again."""
        return _json({"type": "refused", "reason": "failed", "text": by_language(APOLOGIES, language)}, 503)


def wanted(instructions: Sequence[Instruction]) -> dict[str, Any]:
    """What the flow waits for: ``wants`` is answer, agent, talk or nothing; the ``options`` to pick from, and
    whether the answer is ``sensitive``."""
    last = instructions[-1] if instructions else None
    if isinstance(last, Listen):
        options = [{"value": o.value, "label": o.label} for o in last.options if o.label]
        return {"wants": "answer", "options": options, "sensitive": last.sensitive}
    kinds: dict[type, str] = {
        WaitInQueue: "agent",
        Talk: "talk",
        Connect: "talk",
        RecordMessage: "answer",
        HangUp: "nothing",
    }
    return {"wants": kinds.get(type(last), "nothing"), "options": [], "sensitive": False}


def message_ref(visitor_id: str, line_id: str) -> str:
    """What a visitor's message is known by (`messages.provider_ref`)."""
    return f"{visitor_id}:{line_id}"


def line_id(ref: str | None) -> str:
    """The browser's own id of a message, '' where it has none."""
    return ref.partition(":")[2] if ref else ""


def _decoded(body: bytes, kind: type[Line]) -> Line:
    try:
        line = msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadDelivery("the line is not JSON that the chat takes; see docs/webchat.md") from None
    if not _ID.fullmatch(line.id):
        raise BadDelivery("id must have 1 to 36 letters, digits, - or _")
    return line


def _opens(line: Line, inbound: Inbound) -> NewContact:
    assert isinstance(line, Start | Say)
    if not _LINE.fullmatch(line.line):
        raise BadDelivery("line must have at most 40 small letters, digits, - or _")
    given = line.form if isinstance(line, Start) else {}
    facts = {name: said for name in FORM_FIELDS if (said := _clean(given.get(name, ""), 200))}
    identity = inbound.headers.get("identity", "")
    return NewContact(
        channel=CHANNEL,
        from_address=identity or inbound.headers["visitor"],
        to_address=line.line,
        identity_kind="web" if identity else "",
        provider_ref=inbound.headers["visitor"],
        language=line.language[:20] or inbound.headers.get("language", "")[:20],
        facts=facts,
    )


def _say(line: Line, inbound: Inbound) -> MessageIn:
    assert isinstance(line, Say)
    text, picked = _clean(line.text, LONGEST_TEXT), line.picked.replace("\x00", "")[:200]
    media = tuple(Media(url, kind) for url, kind in inbound.form)
    if not (text or picked or media):
        raise BadDelivery("a message needs words, a picked button or a file")
    return MessageIn(text or picked, message_ref(inbound.headers["visitor"], line.id), media, picked)


def _clean(text: str, most: int) -> str:
    return text.replace("\x00", "").strip()[:most]


_LINES: Final[dict[str, type[Line]]] = {"start": Start, "say": Say, "end": End}
_EVENTS: Final[dict[type[Line], Callable[[Line, Inbound], Any]]] = {
    Start: lambda line, inbound: Take(Started()),
    Say: _say,
    End: lambda line, inbound: CallStatus("completed", final=True),
}


def _json(answer: dict[str, Any], status: int = 200) -> Outbound:
    return Outbound(msgspec.json.encode(answer).decode(), _JSON, status)
