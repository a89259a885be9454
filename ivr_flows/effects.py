"""What a turn asks the application to do before it can go on: named requests with documented results.

The engine stops at an effect and is called again with `Done` (``result`` as documented in each
class) or `Failed`. A handler in contact_center/effects carries each out; it may be asked twice for
the same effect of the same turn (a conflict runs the turn again), so it changes nothing outside
the turn's own unit of work.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Effect(msgspec.Struct, frozen=True, tag_field="effect", omit_defaults=True):
    """Base of every effect; `effect` is the tag in JSON and the name in `Done.effect`."""


class LookUp(Effect, frozen=True, tag="look_up"):
    """Find a ``customer``, ``order`` or ``ticket`` (``what``) by a number that the customer gave.

    ``by``: ``number`` (order, ticket; customer: a phone number), or ``caller`` (the latest of the
    recognised customer). Result: ``{"found": bool, "allowed": bool, "record": {...}}`` with plain
    values for templates; ``allowed`` is False, and the record empty, where it belongs to somebody else.
    order: number status placed_at total currency items promised_at; ticket: number status subject
    due_at opened_at; customer: name first_name language tier.
    """

    what: str
    by: str
    value: str = ""


class AskBot(Effect, frozen=True, tag="ask_bot"):
    """One message to the chatbot. ``state`` is the bot's own, opaque; '' begins a conversation.

    ``note`` is what a person who has just given the customer back wants the bot to know. ``per_minute``:
    messages of this contact that the bot is asked in a minute at most (0 = any number).
    Result: ``{"replies": [{"text", "buttons": [{"title", "payload"}]}], "intent", "confidence",
    "slots", "handoff": bool, "handoff_reason", "closed": bool, "state"}``, or ``{"flooded": True}`` where
    the bot was not asked, because too many messages came.
    """

    text: str
    language: str
    state: str = ""
    note: str = ""
    per_minute: int = 0


class OpenTicket(Effect, frozen=True, tag="open_ticket"):
    """Open a ticket, or join the open one about the same order.

    ``severity``: ``low``, ``normal``, ``high``, ``urgent``. Result: ``{"number", "spoken_number",
    "joined": bool, "priority", "due_at": ISO 8601}``; the ticket commits with this turn.
    """

    category: str
    subject: str
    description: str = ""
    order_number: str = ""
    severity: str = "normal"
    contact_back: str = ""
    queue: str = ""


class TicketStatus(Effect, frozen=True, tag="ticket_status"):
    """What became of a ticket, by its number. Result: ``{"found": bool, "number", "spoken_number",
    "status", "due_at", "subject"}``; a number with a wrong check digit is not found."""

    number: str


class EnterQueue(Effect, frozen=True, tag="enter_queue"):
    """Put the contact in line. Result: ``{"entered": bool, "reason": "" | "closed" | "full" | "unknown",
    "position": int, "expected_wait": seconds or None}``."""

    queue: str
    priority: int = 0
    reason: str = ""
    skills: dict[str, int] = {}
    owner_first: bool = False


class LeaveQueue(Effect, frozen=True, tag="leave_queue"):
    """Take the contact out of line. Result: ``{}``."""

    reason: str


class RequestCallback(Effect, frozen=True, tag="request_callback"):
    """Promise to call back, keeping the place in line. ``number`` '' = the caller's own.

    Result: ``{"accepted": bool, "reason": "" | "not_dialable" | "opted_out", "number_spoken", "due_at"}``.
    """

    queue: str
    number: str = ""
    preferred_at: str = ""


class HttpRequest(Effect, frozen=True, tag="http_request"):
    """An HTTP call out. Result: ``{"ok": bool, "status": int, "body": JSON or text}``; no answer within
    ``timeout`` seconds is `Failed` with reason ``timeout``, a refused address ``refused``."""

    method: str
    url: str
    headers: dict[str, str] = {}
    body: Any = None
    timeout: float = 5.0


class SaveSurvey(Effect, frozen=True, tag="save_survey"):
    """Keep a customer-satisfaction answer, 1 (bad) to 5 (good). Result: ``{}``."""

    survey: str
    score: int
    comment: str = ""


class SaveVoicemail(Effect, frozen=True, tag="save_voicemail"):
    """Keep a recorded (``recording_id``) or typed (``text``) message for a queue. Result:
    ``{"ticket_number"}``: voicemail is worked on as a ticket."""

    queue: str
    recording_id: str = ""
    text: str = ""
    seconds: float = 0.0


class UpdateContact(Effect, frozen=True, tag="update_contact"):
    """Note on the contact what the flow learnt: ``language`` ('' = unchanged), ``reason``, ``tags`` to
    add. Result: ``{}``."""

    language: str = ""
    reason: str = ""
    tags: tuple[str, ...] = ()


AnyEffect = (
    LookUp
    | AskBot
    | OpenTicket
    | TicketStatus
    | EnterQueue
    | LeaveQueue
    | RequestCallback
    | HttpRequest
    | SaveSurvey
    | SaveVoicemail
    | UpdateContact
)
