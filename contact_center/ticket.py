"""The life of a ticket as a pure state machine, and the rules of priority and due time.

Nothing here reads a clock or a store: each action takes the ticket as it was and answers with the
`Change` to write, or raises `Refused` with what to do instead.

    open         nobody has begun
    in_progress  an agent works on it
    waiting      for the customer, or for somebody else
    resolved     the matter is settled; the customer may still disagree
    closed       over for good
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from crm_store.errors import Refused
from crm_store.tickets import OPEN_STATUSES, SEVERITIES, STATUSES, Change, Ticket
from ivr_flows.calendar import CalendarError

ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "claim": OPEN_STATUSES,
    "note": STATUSES,
    "reassign": OPEN_STATUSES,
    "wait": ("open", "in_progress"),
    "resolve": OPEN_STATUSES,
    "reopen": ("resolved", "closed"),
    "close": ("resolved",),
    "escalate": OPEN_STATUSES,
    "prioritise": OPEN_STATUSES,
    "link": STATUSES,
}
"""Every action, and the statuses in which it may be done."""

_INSTEAD: Final[dict[tuple[str, str], str]] = {
    ("wait", "waiting"): "it waits already",
    ("resolve", "resolved"): "there is nothing more to do, or close it",
    ("reopen", "open"): "it is open already; claim it",
    ("reopen", "in_progress"): "it is open already",
    ("reopen", "waiting"): "it is open already; claim it to go on",
    ("close", "open"): "resolve it first",
    ("close", "in_progress"): "resolve it first",
    ("close", "waiting"): "resolve it first",
    ("close", "closed"): "there is nothing more to do",
}

_PRIORITIES: Final[dict[str, tuple[int, int]]] = {
    "urgent": (1, 1),
    "high": (2, 1),
    "normal": (3, 2),
    "low": (4, 3),
}
"""Priority by severity: for most customers, and for those of `FAVOURED_TIERS`."""

PRIORITIES: Final = (1, 2, 3, 4)

FAVOURED_TIERS: Final = frozenset({"gold", "key"})


class Calendar(Protocol):
    """What the rules need of a business calendar (`ivr_flows.calendar.BusinessCalendar`)."""

    def add_working_time(self, at: datetime, seconds: float) -> datetime:
        """The instant at which ``seconds`` of open time have passed since ``at``."""
        ...


class Hours(Protocol):
    """Hours by severity, as the configuration has them."""

    @property
    def urgent(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def normal(self) -> float: ...
    @property
    def low(self) -> float: ...


class SlaRules(msgspec.Struct, frozen=True):
    """Hours of the business calendar until a ticket is due, by severity."""

    urgent: float = 4.0
    high: float = 8.0
    normal: float = 24.0
    low: float = 72.0

    def hours(self, severity: str) -> float:
        """Hours for a severity. Raises `Refused` for a word that is none."""
        found: float = getattr(self, _known(severity))
        return found


def rules_of(hours: Hours) -> SlaRules:
    """The rules as configured (`tickets.sla_hours`)."""
    return SlaRules(urgent=hours.urgent, high=hours.high, normal=hours.normal, low=hours.low)


def _known(severity: str) -> str:
    if severity not in SEVERITIES:
        raise Refused(f"{severity!r} is no severity; use one of {', '.join(SEVERITIES)}")
    return severity


def priority(severity: str, tier: str) -> int:
    """1 (first) to 4, by how bad it is; gold and key customers go one step before the others."""
    return _PRIORITIES[_known(severity)][tier in FAVOURED_TIERS]


def due_at(severity: str, since: datetime, calendar: Calendar, rules: SlaRules) -> datetime:
    """When a matter must be settled, counted in working time from ``since``: the first second of its contact.

    A calendar that never opens again cannot keep anybody waiting for ever: then the hours are the clock's.
    """
    seconds = rules.hours(severity) * 3600
    try:
        return calendar.add_working_time(since, seconds)
    except CalendarError:
        return since + timedelta(seconds=seconds)


class Sla(msgspec.Struct, frozen=True):
    """What due times are counted with: the business calendar, and the hours by severity."""

    calendar: Calendar
    rules: SlaRules = SlaRules()

    def due_at(self, severity: str, since: datetime) -> datetime:
        """As `due_at`, with this calendar and these hours."""
        return due_at(severity, since, self.calendar, self.rules)


def is_overdue(ticket: Ticket, at: datetime) -> bool:
    """Whether it should have been settled by now."""
    return ticket.is_open and ticket.due_at < at


def allowed(ticket: Ticket) -> tuple[str, ...]:
    """The actions that its status allows, for menus and buttons."""
    return tuple(action for action, statuses in ALLOWED.items() if ticket.status in statuses)


def _check(action: str, ticket: Ticket) -> None:
    if ticket.status in ALLOWED[action]:
        return
    done = {"claim": "claimed", "reassign": "reassigned", "wait": "set to wait", "resolve": "resolved",
            "reopen": "reopened", "close": "closed", "escalate": "escalated",
            "prioritise": "given another priority", "link": "linked"}[action]  # fmt: skip
    instead = _INSTEAD.get((action, ticket.status), "reopen it first")
    raise Refused(
        f"ticket {ticket.number} is {ticket.status.replace('_', ' ')} and cannot be {done}: {instead}"
    )


def claim(ticket: Ticket, agent_id: str) -> Change:
    """The agent takes it, or goes on with it after a wait. Refused where another agent has it."""
    _check("claim", ticket)
    if ticket.assignee_id not in (None, agent_id):
        raise Refused(f"ticket {ticket.number} is another agent's: reassign it to take it over")
    if ticket.assignee_id == agent_id and ticket.status == "in_progress":
        raise Refused(f"ticket {ticket.number} is yours already: there is nothing more to do")
    return Change(kind="claimed", status="in_progress", assignee_id=agent_id)


def note(ticket: Ticket, text: str) -> Change:
    """Words for whoever looks at it later; allowed in every status. Refused without words."""
    _check("note", ticket)
    if not text.strip():
        raise Refused("a note needs words: say what should be remembered")
    return Change(kind="noted", data={"text": text})


def reassign(ticket: Ticket, agent_id: str | None, queue: str = "", reason: str = "") -> Change:
    """Give it to an agent, or (``agent_id`` None) to nobody in particular in ``queue`` ('' = the same)."""
    _check("reassign", ticket)
    queue = queue or ticket.queue
    if (agent_id, queue) == (ticket.assignee_id, ticket.queue):
        raise Refused(f"ticket {ticket.number} is there already: name another agent or queue")
    data = {"reason": reason} if reason else {}
    if agent_id is None:
        return Change(kind="reassigned", data=data, assignee_id=None, queue=queue, status="open")
    return Change(kind="reassigned", data=data, assignee_id=agent_id, queue=queue)


def wait(ticket: Ticket, reason: str = "") -> Change:
    """Nothing can be done before the customer, or somebody else, has answered; it stays due all the same."""
    _check("wait", ticket)
    return Change(kind="waiting", data={"reason": reason} if reason else {}, status="waiting")


def resolve(ticket: Ticket, at: datetime, resolution: str = "") -> Change:
    """The matter is settled; ``resolution`` says how."""
    _check("resolve", ticket)
    data = {"resolution": resolution} if resolution else {}
    return Change(kind="resolved", data=data, status="resolved", resolved_at=at)


def reopen(ticket: Ticket, at: datetime, sla: Sla, reason: str = "") -> Change:
    """It was not settled after all: open again, with its agent; due anew where its time had run out."""
    _check("reopen", ticket)
    return Change(
        kind="reopened",
        data={"reason": reason} if reason else {},
        status="open",
        resolved_at=None,
        due_at=ticket.due_at if ticket.due_at > at else sla.due_at(ticket.severity, at),
    )


def close(ticket: Ticket) -> Change:
    """Over for good. Only what is resolved can be closed."""
    _check("close", ticket)
    return Change(kind="closed", status="closed")


def escalate(ticket: Ticket, at: datetime, tier: str, sla: Sla, reason: str = "") -> Change:
    """One step worse: the severity goes up, priority and due time follow, and neither ever gets easier.

    The new hours are counted from now: what was ordinary yesterday is not overdue the moment it is urgent.
    """
    _check("escalate", ticket)
    step = SEVERITIES.index(_known(ticket.severity)) + 1
    if step == len(SEVERITIES):
        raise Refused(f"ticket {ticket.number} is urgent already: reassign it to somebody who can help")
    severity = SEVERITIES[step]
    return Change(
        kind="escalated",
        data={"reason": reason} if reason else {},
        severity=severity,
        priority=min(ticket.priority, priority(severity, tier)),
        due_at=min(ticket.due_at, sla.due_at(severity, at)),
    )


def prioritise(ticket: Ticket, to: int, reason: str = "") -> Change:
    """Another place among the others, 1 (first) to 4; it stays as bad as it is, and due when it was."""
    _check("prioritise", ticket)
    if to not in PRIORITIES:
        raise Refused(f"{to} is no priority; use 1 (first) to 4")
    if to == ticket.priority:
        raise Refused(f"ticket {ticket.number} has priority {to} already")
    data = {"from": ticket.priority, "to": to} | ({"reason": reason} if reason else {})
    return Change(kind="prioritised", data=data, priority=to)


def link_contact(ticket: Ticket, contact_id: str) -> Change:
    """It came up in a contact; allowed in every status."""
    _check("link", ticket)
    return Change(kind="linked", data={"contact_id": contact_id})


def link_ticket(ticket: Ticket, other: Ticket) -> Change:
    """Another ticket is about the same matter; allowed in every status."""
    _check("link", ticket)
    if other.id == ticket.id:
        raise Refused("a ticket cannot be linked to itself; name another one")
    return Change(kind="linked", data={"ticket": other.number})


def unlink_ticket(ticket: Ticket, other: Ticket) -> Change:
    """Another ticket is about something else after all."""
    _check("link", ticket)
    return Change(kind="unlinked", data={"ticket": other.number})
