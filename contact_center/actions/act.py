"""One action under way: its transaction, and what is to be told after the commit.

Actions are plain functions over an `Act`. They write state, journal and outbox in one transaction and note
in `Act.told` what others must hear; nobody hears it before the commit (STYLE habits 8, 11). Each may raise
`Conflict` (it is run again), `NotFound` and `Refused` (for people).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy.engine import Connection

from contact_center.announcing import Told
from contact_center.carriers.base import CallCarrier
from contact_center.config import Config
from contact_center.flows import FlowLibrary
from contact_center.room import Room
from contact_center.routing.model import Capacity, QueuePolicy
from crm_store import agent_states, agents, contacts, journal, outbox, tickets, works
from crm_store.agent_states import AgentState
from crm_store.bulk import insert_row
from crm_store.contacts import Contact
from crm_store.errors import Conflict
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.leases import Fenced
from crm_store.works import Work
from ivr_flows.calendar import BusinessCalendar

T = TypeVar("T")

MOST_ATTEMPTS = 8
"""Times an action is run where others change the same rows meanwhile."""


class Site(Protocol):
    """What an action needs of the place where it runs: the running centre (`Room`), or a command line
    beside it.
    """

    @property
    def config(self) -> Config: ...
    @property
    def ids(self) -> Ids: ...
    @property
    def policies(self) -> dict[str, QueuePolicy]: ...
    @property
    def calendars(self) -> dict[str, BusinessCalendar]: ...
    @property
    def calls(self) -> CallCarrier | None: ...
    @property
    def library(self) -> FlowLibrary | None: ...


@dataclass
class Notes:
    """What an action has to write about one contact."""

    entries: list[NewEntry] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Act:
    """See the module. ``actor`` is who does it: ``agent:ID``, ``router``, ``sweep``, ``customer``,
    ``carrier``.
    """

    connection: Connection
    room: Site
    at: datetime
    actor: str
    told: Told = field(default_factory=Told)
    _states: dict[str, AgentState] = field(default_factory=dict)
    _contacts: dict[str, Contact] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)
    _notes: dict[str, Notes] = field(default_factory=dict)

    @property
    def ids(self) -> Ids:
        return self.room.ids

    @property
    def connected_limit(self) -> timedelta:
        """How long a conversation may go on unheard of before the sweep looks at it."""
        return timedelta(seconds=self.room.config.limits.connected_seconds)

    @property
    def silent_limit(self) -> timedelta:
        """The same for a contact that is not with anybody."""
        return timedelta(seconds=self.room.config.limits.silent_call_seconds)

    def policy(self, queue: str) -> QueuePolicy:
        """How the queue's work is routed; the defaults for a queue that is not known (any more)."""
        return self.room.policies.get(queue) or QueuePolicy()

    def capacity(self, agent_id: str) -> Capacity:
        """What the agent may hold at once. Raises `NotFound`."""
        own = agents.capacity_of(self.connection, agent_id)
        return own or self.room.config.routing.usual_capacity

    def change_work(self, work: Work, changes: dict[str, Any]) -> Work:
        """Write changes of work and have them told; what stays as it is is not written."""
        news = {name: value for name, value in changes.items() if getattr(work, name) != value}
        after = works.change(self.connection, work, news)
        if after is not work:
            self._tell(work, after)
        return after

    def hang_on(self, work: Work) -> Work:
        """The work's next version, with nothing changed: for whatever is begun that hangs on it, so that
        nobody who changes it at this moment overlooks that.
        """
        after = works.change(self.connection, work, {"held_at": work.held_at})
        self.told.work(work, after)
        return after

    def add_work(self, work: Work) -> Work:
        """New work, told."""
        works.insert(self.connection, work)
        self._tell(None, work)
        return work

    def _tell(self, before: Work | None, after: Work) -> None:
        """Have it told; of a consultation also to whoever asks."""
        asked_for = None if after.for_work is None else works.find(self.connection, after.for_work)
        self.told.work(before, after, asker=asked_for.agent_id if asked_for else None)

    def change_agent(self, state: AgentState, changes: dict[str, Any]) -> AgentState:
        """Write changes of an agent's state and have them told."""
        after = agent_states.change(self.connection, state, changes)
        if after is not state:
            self.told.agent(after)
        self._states[state.id] = after
        return after

    def state(self, agent_id: str) -> AgentState:
        """How the agent is doing, with what this action has changed."""
        found = self._states.get(agent_id)
        if found is None:
            found = self._states[agent_id] = agent_states.find(self.connection, agent_id)
        return found

    def contact(self, contact_id: str) -> Contact:
        """The contact, with what this action has changed. Raises `NotFound`."""
        found = self._contacts.get(contact_id)
        if found is None:
            found = self._contacts[contact_id] = contacts.get(self.connection, contact_id)
            self._read[contact_id] = found.version
        return found

    def change_held(self, agent_id: str | None, change: Callable[[AgentState], dict[str, Any]]) -> None:
        """Change what an agent holds; nothing where there is no agent."""
        if agent_id is not None:
            state = self.state(agent_id)
            self.change_agent(state, change(state))

    def note(
        self, work: Work, kind: str, data: Mapping[str, Any], changes: Mapping[str, Any] | None = None
    ) -> None:
        """A line in the journal of what the work is about, with changes of the contact's columns."""
        if work.contact_id is not None:
            self.note_contact(work.contact_id, [NewEntry(self.at, kind, dict(data))], changes)
        elif work.ticket_id is not None:
            ticket = tickets.get(self.connection, work.ticket_id)
            change = tickets.Change(kind=kind, data=dict(data))
            tickets.apply(self.connection, ticket, change, self.at, self.actor)

    def note_contact(
        self, contact_id: str, entries: list[NewEntry], changes: Mapping[str, Any] | None = None
    ) -> None:
        """Lines in a contact's journal, with changes of its columns; written by `flush`, all at once."""
        notes = self._notes.setdefault(contact_id, Notes())
        notes.entries += entries
        if changes:
            notes.changes.update(changes)
            self._contacts[contact_id] = msgspec.structs.replace(self.contact(contact_id), **changes)
        self.told.contacts.add(contact_id)

    def flush(self) -> None:
        """Write what is still to be written: the last thing in the transaction."""
        for contact_id, notes in self._notes.items():
            known = self._read.get(contact_id)
            journal.append(self.connection, contact_id, notes.entries, notes.changes, known)
        self._notes, self._contacts, self._read = {}, {}, {}

    def queue_outbox(
        self,
        topic: str,
        payload: dict[str, Any],
        contact_id: str | None = None,
        after: timedelta | None = None,
    ) -> None:
        """Something to be done outside because of this commit."""
        due = self.at + (after or timedelta())
        row = outbox.row(self.ids.new("out"), topic, payload, due, contact_id)
        insert_row(self.connection, "outbox", row)
        self.told.outbox = True


async def act(room: Room, actor: str, function: Callable[[Act], T]) -> T:
    """Run an action in a transaction of its own, again where it meets a conflict, and tell after the
    commit.
    """
    for _ in range(MOST_ATTEMPTS):
        ran: list[Act] = []

        def work(connection: Connection, ran: list[Act] = ran) -> T:
            ran[:] = [Act(connection, room, room.clock.now(), actor)]  # a group may run it twice
            result = function(ran[0])
            ran[0].flush()
            return result

        try:
            result = await room.store.write(work, quick=True)
        except Fenced:
            raise
        except Conflict:
            room.metrics.meet_conflict()
            continue
        room.announcer.tell(ran[0].told)
        return result
    raise Conflict("it is being changed by others faster than this action can follow; try again")
