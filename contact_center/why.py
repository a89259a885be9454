"""Why a contact went to whom: the router's decisions out of the journal, as values and in words.

The words are for people who ask "why did she get my call": one line a decision, then the agents who could
have had it and those who were passed over, each with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from crm_store import agents, contacts, journal, tickets
from crm_store.journal import Entry

KINDS: Final = frozenset(
    {
        "queued", "queue_left", "offered", "offer_accepted", "offer_declined", "offer_expired",
        "offer_revoked", "connected", "taken", "requeued", "moved", "transferred", "consulted", "wrap_up",
        "wrapped_up",
    }
)  # fmt: skip

REASONS: Final = {
    "lacks_skill": "lacks a skill or its level",
    "lacks_language": "does not speak the language",
    "busy": "had no room for it",
    "break": "was on a break",
    "not_responding": "was not responding",
    "offline": "was not at work",
    "declined": "had declined it or not answered",
    "not_wanted": "was not the one it was for",
    "waiting_for_owner": "it was waiting for the customer's own agent",
}

_TRIGGERS: Final = {
    "agent_free": "an agent became free",
    "work_came": "it came and somebody was free",
    "agent_left": "the agent whom it was kept for has left",
    "time": "it had waited long enough for a wider circle",
}


class Decision(msgspec.Struct, frozen=True):
    """One event of routing; ``data`` as journaled, agents' ids beside their ``names``."""

    at: datetime
    kind: str
    data: dict[str, Any]


class Explanation(msgspec.Struct, frozen=True):
    """All decisions about a contact (or ticket), oldest first, and the names of the agents in them."""

    contact_id: str
    decisions: tuple[Decision, ...]
    names: dict[str, str]


def explain(connection: Connection, contact_id: str) -> Explanation:
    """What routing did with a contact. Raises `NotFound`."""
    contacts.get(connection, contact_id)
    found = [entry for entry in journal.read(connection, contact_id) if entry.kind in KINDS]
    names = {agent.id: agent.name for agent in agents.list_agents(connection)}
    return Explanation(contact_id, tuple(map(_decision, found)), names)


def explain_ticket(connection: Connection, ticket_id: str) -> Explanation:
    """As `explain`, of a ticket. Raises `NotFound`."""
    tickets.get(connection, ticket_id)
    found = [event for event in tickets.history(connection, ticket_id) if event.kind in KINDS]
    names = {agent.id: agent.name for agent in agents.list_agents(connection)}
    return Explanation(ticket_id, tuple(Decision(event.at, event.kind, event.data) for event in found), names)


def _decision(entry: Entry) -> Decision:
    return Decision(entry.at, entry.kind, entry.data)


def tell(explanation: Explanation) -> list[tuple[datetime, list[str]]]:
    """The explanation in words: for each decision its instant and its lines, the first being what
    happened.
    """
    return [
        (decision.at, _TELLERS[decision.kind](decision.data, explanation.names))
        for decision in explanation.decisions
    ]


def _queued(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    wants = [f"{skill} {level}" for skill, level in (data.get("required") or {}).items()]
    facts = [
        f"priority {data['priority']}" if data.get("priority") else "",
        f"{data['tier']} customer" if data.get("tier") not in (None, "", "standard") else "",
        f"in {data['language']}" if data.get("language") else "",
        f"needs {', '.join(wants)}" if wants else "",
        f"owner {_name(data['owners'][0], names)}" if data.get("owners") else "",
    ]
    about = ", ".join(fact for fact in facts if fact)
    place = f", place {data['position']}" if data.get("position") else ""
    return [f"Waits in {data['queue']}{place}" + (f" ({about})" if about else "")]


def _offered(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    why = data.get("why") or {}
    lines = [
        f"Offered to {_name(data['agent_id'], names)} after {data.get('waited', 0):.1f} s of waiting, "
        f"{data.get('free_for', 0) * 1000:.0f} ms after both were free"
    ]
    trigger = _TRIGGERS.get(str(why.get("trigger")), str(why.get("trigger", "")))
    lines.append(
        f"  decided by {why.get('strategy', '')}, because {trigger}; score {why.get('score', 0):g}, "
        f"urgency {why.get('urgency', 0):g}" + (f", ring {why['ring']}" if why.get("ring") else "")
    )
    could = [f"{_name(one['agent_id'], names)} ({one['score']:g})" for one in why.get("candidates", ())]
    more = int(why.get("candidate_count", 0)) - len(could)
    if could:
        lines.append(f"  could have had it: {', '.join(could)}" + (f" and {more} more" if more > 0 else ""))
    for one in why.get("passed_over", ()):
        reason = REASONS.get(one["reason"], one["reason"])
        lines.append(f"  passed over: {_name(one['agent_id'], names)}, who {reason}")
    named = len(why.get("passed_over", ()))
    counts = why.get("passed_over_counts") or {}
    if sum(counts.values()) > named:
        told = ", ".join(f"{number} {reason}" for reason, number in sorted(counts.items()))
        lines.append(f"  passed over in all: {told}")
    return lines


def _over(what: str) -> Any:
    def teller(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
        reason = f" ({data['reason']})" if data.get("reason") else ""
        after = f" after {data['after']:.1f} s" if data.get("after") is not None else ""
        return [f"{_name(data.get('agent_id'), names)} {what}{after}{reason}"]

    return teller


def _left(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [f"Left {data.get('queue')} ({data.get('reason')}) after {data.get('waited', 0):.1f} s"]


def _requeued(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [f"Back in line in {data['queue']} with the old place ({data['reason']})"]


def _moved(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return [f"Moved from {data['from']} to {data['to']} ({data['reason']})"]


def _transferred(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    if data["to_kind"] == "bot":
        return [f"{_name(data.get('from'), names)} gave the customer back to the bot"]
    to = _name(data["to"], names) if data["to_kind"] == "agent" else data["to"]
    return [f"{_name(data.get('from'), names)} transferred it to {data['to_kind']} {to} ({data['how']})"]


def _consulted(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    who = _name(data["agent_id"], names) if data.get("agent_id") else data.get("queue", "")
    return [f"Consultation: {data['what']}" + (f" ({who})" if who else "")]


def _name(agent_id: Any, names: Mapping[str, str]) -> str:
    return names.get(str(agent_id), str(agent_id)) if agent_id else "nobody"


_TELLERS: Final[dict[str, Any]] = {
    "queued": _queued,
    "queue_left": _left,
    "offered": _offered,
    "offer_accepted": _over("accepted"),
    "offer_declined": _over("declined"),
    "taken": _over("took it out of the line unasked"),
    "offer_expired": _over("did not answer"),
    "offer_revoked": _over("was asked no more"),
    "connected": _over("and the customer are connected"),
    "requeued": _requeued,
    "moved": _moved,
    "transferred": _transferred,
    "consulted": _consulted,
    "wrap_up": _over("writes it up"),
    "wrapped_up": _over("is done with it"),
}
