"""The life of a contact as a pure state machine: which states there are and what moves between them.

One machine for every channel (DESIGN D1). Nothing here reads a clock or a store: each function
takes the contact as it was and answers with the columns that change.

    in_flow    the flow or the bot speaks with the customer
    waiting    in line for an agent
    connected  with a person (an agent, or a number the flow dialled, which may still ring)
    ended      over; `outcome` says what came of it and `end_reason` how it ended
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from crm_store.contacts import Contact
from ivr_flows.inputs import HungUp
from ivr_flows.instructions import Connect, HangUp, Instruction, WaitInQueue
from ivr_flows.session import Session, Turn

IN_FLOW: Final = "in_flow"
WAITING: Final = "waiting"
CONNECTED: Final = "connected"
ENDED: Final = "ended"

OUTCOMES: Final = {
    "completed": "the flow came to its end",
    "answered": "a person talked to the customer",
    "ticket": "a ticket was opened or joined",
    "voicemail": "a message was left",
    "callback": "a callback was promised",
    "abandoned": "the customer left while waiting for a person",
    "hung_up": "the customer left while the flow was speaking",
    "failed": "the call never came about: busy, no answer, failed or canceled",
    "unknown": "no end was ever reported; closed by the sweep",
}
"""What can come of a contact."""

CONCLUDED: Final = frozenset({"abandoned", "hung_up", "failed", "unknown"})
"""Outcomes that only say how it ended."""

Changes = dict[str, Any]

SPOKEN_CHANNELS: Final = frozenset({"phone", "console"})
"""Channels on which prompts are heard and keys pressed."""

TEXT_CHANNELS: Final = frozenset({"sms", "whatsapp", "web"})
"""Channels on which one open conversation at a time lives between two addresses."""

SENT_CHANNELS: Final = TEXT_CHANNELS
"""Channels to which the outbox brings what answers no message of the customer's."""

BUTTON_CHANNELS: Final = frozenset({"web"})
"""Channels that show what may be picked as buttons; in the text of others it is a numbered list."""


def after_turn(contact: Contact, turn: Turn, at: datetime, last: Instruction | None) -> Changes:
    """The columns that ``turn`` changes; ``last`` is its waiting or ending instruction."""
    changes: Changes = {}
    if contact.turn == 0 or turn.taken is not None:
        changes["turn"] = contact.turn + 1
    if turn.session.language != contact.language:
        changes["language"] = turn.session.language
    state = _state_after(turn, last)
    if state == ENDED:
        changes |= ended(contact, _how_it_ended(turn, last), at)
        return changes
    if state != contact.state:
        changes["state"] = state
        if state == CONNECTED:
            changes["connected_at"] = at
    if contact.state == WAITING and state != WAITING:
        changes |= left_queue()
    return changes


def _how_it_ended(turn: Turn, last: Instruction | None) -> str:
    if isinstance(turn.taken, HungUp):
        return turn.taken.reason
    return last.reason if isinstance(last, HangUp) else "done"


def _state_after(turn: Turn, last: Instruction | None) -> str:
    if turn.session.waiting == "ended" or isinstance(last, HangUp):
        return ENDED
    return _state_at(last)


def _state_at(last: Instruction | None) -> str:
    if isinstance(last, WaitInQueue):
        return WAITING
    if isinstance(last, Connect):
        return CONNECTED
    return IN_FLOW


def entered_queue(contact: Contact, queue: str, priority: int, at: datetime) -> Changes:
    """In line: the first `queued_at` stays for good, whatever line the contact moves to."""
    return {"queue": queue, "priority": priority, "queued_at": contact.queued_at or at}


def met_agent(contact: Contact, agent_id: str, at: datetime, limit: timedelta) -> Changes:
    """An agent talks with the customer from now on, and flow and bot are silent (DESIGN D6).

    The turn goes up: what is under way for the wait in line (a page of it, its action) is of an earlier turn.
    """
    return {
        "state": CONNECTED,
        "owner": "agent",
        "agent_id": agent_id,
        "connected_at": contact.connected_at or at,
        "turn": contact.turn + 1,
        "due_at": at + limit,
    } | achieved(contact, "answered")


def is_with_agent(contact: Contact) -> bool:
    """Whether an agent of ours talks with the customer (and not a number that the flow dialled)."""
    return contact.state == CONNECTED and contact.owner == "agent"


def back_in_line(contact: Contact, queue: str, at: datetime, limit: timedelta) -> Changes:
    """The customer waits again, with the place they had. Answered they stay for the log."""
    return {
        "state": WAITING,
        "owner": "flow",
        "agent_id": None,
        "queue": queue,
        "queued_at": contact.queued_at or at,
        "turn": contact.turn + 1,
        "due_at": at + limit,
    }


def handed_back(contact: Contact, turn: Turn, at: datetime, limit: timedelta) -> Changes:
    """A person gives the customer back: from here on the bot speaks, and the person no more (DESIGN D6).

    ``agent_id`` stays: it says who talked with the customer last. What is under way for the conversation
    (its action) is of an earlier turn.
    """
    return after_turn(contact, turn, at, None) | {"owner": "bot", "due_at": at + limit} | left_queue()


def left_queue() -> Changes:
    """Out of line; `queued_at` stays, because the wait is counted from there if it comes back."""
    return {"queue": None}


def ended(contact: Contact, reason: str, at: datetime, outcome: str = "") -> Changes:
    """Over: ``reason`` says how. What was achieved before (`contact.outcome`) wins over how it ended."""
    return {
        "state": ENDED,
        "owner": "nobody",
        "ended_at": at,
        "end_reason": reason,
        "outcome": contact.outcome or outcome or outcome_of(contact, reason),
        "due_at": None,
    } | ({"open_key": None} if contact.channel in TEXT_CHANNELS else {})


def outcome_of(contact: Contact, reason: str) -> str:
    """What a contact that has brought about nothing comes to when it ends for ``reason``."""
    # Where somebody had answered, `achieved` has said so; connected without that, it rang.
    wanted_a_person = contact.state in (WAITING, CONNECTED)
    if reason in ("busy", "no_answer", "failed", "canceled"):
        return "abandoned" if wanted_a_person else "failed"
    if reason in ("customer", "completed"):
        return "abandoned" if wanted_a_person else "hung_up"
    return "completed"


def achieved(contact: Contact, outcome: str) -> Changes:
    """Note what the contact has brought about so far; being answered by a person outranks the rest."""
    if contact.outcome == "answered" or contact.outcome == outcome:
        return {}
    return {"outcome": outcome}


def next_look(contact: Contact, at: datetime, limit: timedelta) -> Changes:
    """When the sweep must look at it next. Moved only when half of ``limit`` is used up: the column is
    indexed, and a call's every key press would otherwise move it."""
    if contact.due_at is not None and contact.due_at - at > limit / 2 and contact.due_at - at <= limit:
        return {}
    return {"due_at": at + limit}


def reopened(contact: Contact, waited_at: Instruction | None) -> Changes:
    """An ended contact for the length of one more turn; ``waited_at`` is the wait at which it ended.

    What was only concluded from the end is open again; what had been brought about stays.
    """
    return {
        "state": _state_at(waited_at),
        "outcome": "" if contact.outcome in CONCLUDED else contact.outcome,
    }


def without_answers(session: Session) -> Session:
    """The session of an ended contact: where it ended, without what the customer had entered."""
    import msgspec

    return msgspec.structs.replace(session, variables={}, local={}, stack=(), effect=None, left=None)
