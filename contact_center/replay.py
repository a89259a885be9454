"""Replay: the journal's inputs through the contact's own flow version once more, and where it differs.

The engine is pure, so the same inputs, effect results and times lead to the same path; where they do not, the
calendars have changed since, or the flow was loaded from other sources. Sensitive answers were never
kept; behind each of them the replay goes on from the session as it was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from contact_center import contact as life
from contact_center.room import Room
from crm_store import contacts, flow_sources, journal
from crm_store.contacts import Contact
from crm_store.journal import Entry
from ivr_flows import FlowSet, advance, begin
from ivr_flows.calendar import BusinessCalendar
from ivr_flows.inputs import AnyInput, Done, Failed
from ivr_flows.session import Context, Session, Step, Traits


@dataclass(frozen=True)
class ReplayedTurn:
    """One turn: the steps in the journal and those of the replay; ``skipped`` behind a sensitive answer."""

    turn: int
    recorded: tuple[Step, ...]
    replayed: tuple[Step, ...]
    skipped: bool = False

    @property
    def same(self) -> bool:
        return self.skipped or self.recorded == self.replayed


@dataclass(frozen=True)
class Replay:
    """What a replay found. ``same``: every turn took the recorded path."""

    contact_id: str
    digest: str
    turns: tuple[ReplayedTurn, ...]

    @property
    def same(self) -> bool:
        """Whether every turn took the recorded path."""
        return all(turn.same for turn in self.turns)

    @property
    def first_difference(self) -> ReplayedTurn | None:
        return next((turn for turn in self.turns if not turn.same), None)


async def replay(room: Room, contact_id: str) -> Replay:
    """Replay a contact. Raises `NotFound` for one that is not there, or whose flows were never kept."""
    return await room.store.read(
        lambda connection: replay_journal(connection, contact_id, room.company, room.calendars)
    )


def replay_journal(
    connection: Connection,
    contact_id: str,
    company: dict[str, Any],
    calendars: dict[str, BusinessCalendar],
) -> Replay:
    """As `replay`, over a connection."""
    contact = contacts.get(connection, contact_id)
    sources = flow_sources.get(connection, contact.flow_digest)
    player = _Player(contact, FlowSet.from_texts(sources), company, calendars)
    return player.play(journal.read(connection, contact_id))


async def session_before_end(room: Room, contact: Contact, flows: FlowSet) -> Session | None:
    """Where a contact stood when the customer hung up, from its journal; None where nobody did.

    The row keeps no answers of an ended contact. Sensitive ones are not in the journal either: they are
    masked here.
    """
    entries = await room.store.read(lambda connection: journal.read(connection, contact.id))
    player = _Player(contact, flows, room.company, room.calendars)
    player.play(entries)
    return player.before_end


@dataclass
class _Player:
    contact: Contact
    flows: FlowSet
    company: dict[str, Any]
    calendars: dict[str, BusinessCalendar]
    customer: dict[str, Any] | None = None
    session: Session | None = None
    turns: list[ReplayedTurn] = field(default_factory=list)
    before_end: Session | None = None
    _steps: list[Step] = field(default_factory=list)

    def play(self, entries: list[Entry]) -> Replay:
        """Each entry in order; only those the engine saw matter."""
        language = ""
        for entry in entries:
            if entry.kind == "contact_started":
                language = entry.data["language"]
            elif entry.kind == "customer_recognised":
                self.customer = {name: value for name, value in entry.data.items() if name != "by"}
            elif entry.kind == "input" and not entry.data.get("ignored"):
                self._input(entry, language)
            elif entry.kind == "effect":
                self._advance(msgspec.convert(entry.data["result"], Done | Failed), entry)
            elif entry.kind == "path":
                self._path(entry)
        return Replay(self.contact.id, self.contact.flow_digest, tuple(self.turns))

    def _input(self, entry: Entry, language: str) -> None:
        self._steps = []
        if self.session is None:
            self.session = begin(self.flows, self.contact.flow, language)
        given = {name: value for name, value in entry.data.items() if name not in ("turn", "late")}
        if entry.data.get("late"):
            self.session = self.before_end
        if given["kind"] == "hung_up":
            self.before_end = self.session
        self._advance(msgspec.convert(given, AnyInput), entry)

    def _advance(self, given: AnyInput, entry: Entry) -> None:
        assert self.session is not None
        turn = advance(self.flows, self.session, given, self._context(entry))
        self.session = turn.session
        self._steps += turn.steps

    def _path(self, entry: Entry) -> None:
        recorded = tuple(msgspec.convert(step, Step) for step in entry.data["steps"])
        kept = entry.data.get("session")
        if kept is not None:
            self.session = msgspec.convert(kept, Session)
        self.turns.append(
            ReplayedTurn(entry.data["turn"], recorded, tuple(self._steps), skipped=kept is not None)
        )

    def _context(self, entry: Entry) -> Context:
        contact = self.contact
        spoken = contact.channel in life.SPOKEN_CHANNELS
        return Context(
            now=entry.at,
            traits=Traits(contact.channel, speaks=spoken),
            customer=self.customer,
            contact={
                "id": contact.id,
                "channel": contact.channel,
                "from_address": contact.from_address,
                "to_address": contact.to_address,
                "speaks": spoken,
            },
            company=self.company,
            calendars=self.calendars,
        )
