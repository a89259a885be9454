"""Recorded days, read from the journal: who came to which queue when, what became of them, and who was at
work.

Only facts about work are read: no names, numbers or words of customers. Skills, capacity and policies are
those of today, because no history of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.agent import AVAILABLE, NOT_RESPONDING, OFFLINE
from contact_center.policies import read_queue_policies
from contact_center.routing.model import Capacity, QueuePolicy, Skills
from crm_store import agents, presence_log, queues, schema
from crm_store.ids import first_id
from crm_store.journal import Entry
from crm_store.presence_log import PresenceChange

LONGEST_OPEN: Final = timedelta(days=7)
"""How long before a period a contact may have begun that waits in it."""
LONGEST_AFTER: Final = timedelta(hours=24)
"""For how long after a period is read what became of those who came in it."""

_KINDS: Final = (
    "queued", "queue_left", "offered", "offer_accepted", "offer_declined", "offer_expired", "offer_revoked",
    "moved", "transferred", "requeued", "wrap_up", "wrapped_up", "contact_ended",
)  # fmt: skip
_OVER: Final = ("offer_declined", "offer_expired", "offer_revoked")


class Asked(msgspec.Struct, frozen=True):
    """An offer that an agent got: how it ended (accepted, declined, expired, revoked), after how many
    seconds."""

    agent_id: str
    ended: str
    seconds: float


class Talk(msgspec.Struct, frozen=True):
    """A conversation: by whom, from when on, how long, and how long it was written up. In seconds; ``at``
    since the
    epoch."""

    agent_id: str
    at: float
    seconds: float
    wrap_up: float = 0.0


class Wait(msgspec.Struct, frozen=True):
    """A wait in a ``queue``: for how long, until it ``ended``: answered, left (the customer hung up, or
    chose another
    way) or timed_out (the queue ended it); '' where it was last heard of. ``moved``: from queue to queue by
    overflow.
    """

    queue: str
    seconds: float
    ended: str
    asked: tuple[Asked, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A contact's way to an agent, as it was recorded; the fields that `Arrival` has too mean the same.

    ``waits``: the first, and those after transfers to other queues; ``talks``: the conversations after them.
    """

    at: float
    place: float
    kind: str
    priority: int = 0
    language: str = ""
    tier: str = ""
    required: Skills = {}
    preferred: Skills = {}
    owners: tuple[str, ...] = ()
    last_agent: str = ""
    waits: tuple[Wait, ...]
    talks: tuple[Talk, ...] = ()


class RecordedAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of those days. ``presences``: from which second on which one, without what the engine set for
    an
    offer that was not answered; ``away``: how long each of those lasted."""

    id: str
    skills: Skills = {}
    languages: tuple[str, ...] = ()
    capacity: Capacity = ()
    stand_in: str = ""
    presences: tuple[tuple[float, str], ...] = ()
    away: tuple[float, ...] = ()


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Recorded days, from ``start`` to ``end`` (seconds since the epoch)."""

    start: float
    end: float
    visits: tuple[Visit, ...]
    agents: tuple[RecordedAgent, ...]
    policies: Mapping[str, QueuePolicy]
    titles: Mapping[str, str]


def read_history(
    connection: Connection,
    start: datetime,
    end: datetime,
    *,
    strategy: Sequence[str],
    capacity: Capacity,
) -> History:
    """What the journal knows of the time from ``start`` to ``end``.

    ``strategy`` and ``capacity`` hold where a queue or an agent has none. Raises `PolicyError`.
    """
    policies = read_queue_policies(connection, strategy)
    found = (
        visit
        for entries in _by_contact(connection, start, end)
        for visit in visits_of(entries)
        if start.timestamp() <= visit.at < end.timestamp() and visit.waits[0].queue in policies
    )
    return History(
        start=start.timestamp(),
        end=end.timestamp(),
        visits=tuple(sorted(found, key=lambda visit: visit.at)),
        agents=tuple(_agents(connection, start, end, capacity)),
        policies=policies,
        titles={queue.name: queue.title_in("en") for queue in queues.list_queues(connection)},
    )


def _by_contact(connection: Connection, start: datetime, end: datetime) -> Iterator[list[Entry]]:
    """The entries that matter, a contact at a time. Ids sort by time, so that only a part of the journal is
    read."""
    j = schema.journal.c
    statement = (
        sa.select(j.contact_id, j.seq, j.at, j.kind, j.data)
        .where(
            j.contact_id >= first_id("con", start - LONGEST_OPEN),
            j.contact_id < first_id("con", end),
            j.at >= start,
            j.at < end + LONGEST_AFTER,
            j.kind.in_(_KINDS),
        )
        .order_by(j.contact_id, j.seq)
    )
    entries: list[Entry] = []
    for row in connection.execute(statement):
        if entries and entries[0].contact_id != row.contact_id:
            yield entries
            entries = []
        entries.append(Entry(*row))
    if entries:
        yield entries


# --- contacts -------------------------------------------------------------------------------------


def visits_of(entries: Sequence[Entry]) -> list[Visit]:
    """The visits of one contact, from its entries in order."""
    open_: dict[str, _Reading] = {}
    for entry in entries:
        work_id = str(entry.data.get("work_id", ""))
        if entry.kind == "queued":
            if work_id:
                open_[work_id] = _Reading(entry)
        elif work_id in open_:
            open_[work_id].take(entry)
        elif entry.kind in ("queue_left", "contact_ended"):
            for reading in open_.values():
                reading.leave(entry)
    return [reading.visit() for reading in open_.values()]


class _Waiting:
    """One wait while its entries are read."""

    def __init__(self, queue: str, since: float) -> None:
        self.queue, self.since = queue, since
        self.ended, self.until = "", since
        self.asked: list[Asked] = []
        self.moved: list[tuple[str, str]] = []

    def end(self, ended: str, at: float) -> None:
        if not self.ended:
            self.ended, self.until = ended, at

    def wait(self) -> Wait:
        return Wait(self.queue, self.until - self.since, self.ended, tuple(self.asked), tuple(self.moved))


class _Reading:
    """One piece of work while its entries are read."""

    def __init__(self, queued: Entry) -> None:
        self.queued = queued
        self.waits = [_Waiting(str(queued.data.get("queue", "")), queued.at.timestamp())]
        self.talks: list[Talk] = []
        self._offered = self._talking = 0.0
        self._agent = ""

    def take(self, entry: Entry) -> None:
        """The next entry about the work."""
        data, at, wait = entry.data, entry.at.timestamp(), self.waits[-1]
        if not wait.ended:
            wait.until = at
        agent_id = str(data.get("agent_id") or self._agent)
        if entry.kind == "offered":
            self._offered, self._agent = at, agent_id
        elif entry.kind in _OVER:
            wait.asked.append(Asked(agent_id, entry.kind.removeprefix("offer_"), at - self._offered))
        elif entry.kind == "offer_accepted":
            wait.asked.append(Asked(agent_id, "accepted", at - self._offered))
            wait.end("answered", at)
            self._agent, self._talking = agent_id, at
        elif entry.kind == "moved":
            wait.moved.append((str(data.get("from", "")), str(data.get("to", ""))))
        elif entry.kind == "transferred":
            self._talked(at)
            if data.get("to_kind") == "queue":
                self.waits.append(_Waiting(str(data.get("to", "")), at))
        elif entry.kind in ("requeued", "wrap_up"):
            self._talked(at)
        elif entry.kind == "wrapped_up":
            self._wrapped_up(at, float(data.get("seconds") or 0.0))

    def _talked(self, at: float) -> None:
        if self._talking:
            self.talks.append(Talk(self._agent, self._talking, at - self._talking))
            self._talking = 0.0

    def _wrapped_up(self, at: float, seconds: float) -> None:
        self._talked(at - seconds)
        if self.talks:
            self.talks[-1] = msgspec.structs.replace(self.talks[-1], wrap_up=seconds)

    def leave(self, entry: Entry) -> None:
        """The contact left the line, or is over."""
        timed_out = entry.kind == "queue_left" and entry.data.get("reason") == "timed_out"
        self.waits[-1].end("timed_out" if timed_out else "left", entry.at.timestamp())

    def visit(self) -> Visit:
        """All of it."""
        data, at = self.queued.data, self.queued.at.timestamp()
        return Visit(
            at=at,
            place=min(at, _instant(data.get("queued_at"), at)),
            kind=str(data.get("kind", "call")),
            priority=int(data.get("priority") or 0),
            language=str(data.get("language", "")),
            tier=str(data.get("tier", "")),
            required=data.get("required") or {},
            preferred=data.get("preferred") or {},
            owners=tuple(data.get("owners") or ()),
            last_agent=str(data.get("last_agent", "")),
            waits=tuple(wait.wait() for wait in self.waits),
            talks=tuple(self.talks),
        )


def _instant(text: Any, default: float) -> float:
    return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else default


# --- agents ---------------------------------------------------------------------------------------


def _agents(
    connection: Connection, start: datetime, end: datetime, capacity: Capacity
) -> Iterator[RecordedAgent]:
    """Everybody who was at work, with the skills of today."""
    before = presence_log.as_of(connection, start)
    changes: dict[str, list[PresenceChange]] = {agent_id: [change] for agent_id, change in before.items()}
    for change in presence_log.list_changes(connection, start, end):
        changes.setdefault(change.agent_id, []).append(change)
    for agent in agents.list_agents(connection, active=None):
        had = changes.get(agent.id, [])
        presences, away = roster_of(had, start.timestamp(), end.timestamp())
        if any(presence != OFFLINE for _, presence in presences):
            yield RecordedAgent(
                id=agent.id,
                skills=agent.skills,
                languages=agent.languages,
                capacity=agent.capacity or capacity,
                stand_in=agent.stand_in_id or "",
                presences=presences,
                away=away,
            )


def roster_of(
    changes: Sequence[PresenceChange], start: float, end: float
) -> tuple[tuple[tuple[float, str], ...], tuple[float, ...]]:
    """What an agent was there for: presences from ``start`` on, and how long unanswered offers kept them
    away.

    Not responding after an offer is the doing of that day's routing, and the simulation's own routing brings
    its own; so the agent counts as available. After a lost desk they were really away.
    """
    presences: list[tuple[float, str]] = []
    away: list[float] = []
    for number, change in enumerate(changes):
        at = max(change.at.timestamp(), start)
        after = changes[number + 1].at.timestamp() if number + 1 < len(changes) else end
        presence = change.presence
        if presence == NOT_RESPONDING:
            missed = change.reason == "no_answer"
            presence = AVAILABLE if missed else OFFLINE
            if missed and change.at.timestamp() >= start:
                away.append(after - at)
        if presences and presences[-1][0] == at:
            presences.pop()
        if not presences or presences[-1][1] != presence:
            presences.append((at, presence))
    return tuple(presences), tuple(away)
