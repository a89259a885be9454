"""Replay: the journal's inputs through the contact's own flow version once more, and where it goes differently.

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
from contact_center.flows import Loaded
from contact_center.room import Room
from crm_store import contacts, flow_sources, journal
from crm_store.contacts import Contact
from crm_store.journal import Entry
from ivr_flows import FlowSet, advance, begin
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
        return all(turn.same for turn in self.turns)

    @property
    def first_difference(self) -> ReplayedTurn | None:
        return next((turn for turn in self.turns if not turn.same), None)


async def replay(room: Room, contact_id: str) -> Replay:
    """Replay a contact. Raises `NotFound` for one that is not there, or whose flows were never kept."""

    def read(connection: Connection) -> tuple[Contact, list[Entry], dict[str, str]]:
        contact = contacts.get(connection, contact_id)
        sources = flow_sources.get(connection, contact.flow_digest)
        return contact, journal.read(connection, contact_id), sources

    contact, entries, sources = await room.store.read(read)
    flows = room.library.known(contact.flow_digest) or Loaded.of(FlowSet.from_texts(sources))
    return _Player(room, contact, flows).play(entries)


@dataclass
class _Player:
    room: Room
    contact: Contact
    flows: Loaded
    customer: dict[str, Any] | None = None
    session: Session | None = None
    turns: list[ReplayedTurn] = field(default_factory=list)
    _steps: list[Step] = field(default_factory=list)

    def play(self, entries: list[Entry]) -> Replay:
        """Each entry in order; only those the engine saw matter."""
        language = ""
        for entry in entries:
            if entry.kind == "contact_started":
                language = entry.data["language"]
            elif entry.kind == "customer_recognised":
                self.customer = {name: value for name, value in entry.data.items() if name != "by"}
            elif entry.kind == "input":
                self._input(entry, language)
            elif entry.kind == "effect":
                self._advance(msgspec.convert(entry.data["result"], Done | Failed), entry)
            elif entry.kind == "path":
                self._path(entry)
        return Replay(self.contact.id, self.contact.flow_digest, tuple(self.turns))

    def _input(self, entry: Entry, language: str) -> None:
        self._steps = []
        if self.session is None:
            self.session = begin(self.flows.flows, self.contact.flow, language)
        given = {name: value for name, value in entry.data.items() if name != "turn"}
        self._advance(msgspec.convert(given, AnyInput), entry)

    def _advance(self, given: AnyInput, entry: Entry) -> None:
        assert self.session is not None
        turn = advance(self.flows.flows, self.session, given, self._context(entry))
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
            },
            company=self.room.company,
            calendars=self.room.calendars,
        )
