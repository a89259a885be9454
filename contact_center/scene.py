"""One delivery under way: the contact as it will be, and everything its commit will write.

A `Scene` gathers and decides nothing: the conductor and the effects change it, and `unit` turns it into
the rows of one transaction (DESIGN D1). Thrown away, it leaves no trace; that is how a turn is run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from contact_center.channels.base import OutMessage, Reply
from contact_center.flows import Loaded
from crm_store import contacts
from crm_store.contacts import Contact
from crm_store.customers import Recognised
from crm_store.errors import Conflict
from crm_store.store import Unit
from ivr_flows.session import Session, Traits

MASK = "****"


@dataclass(slots=True)
class Held:
    """What is known of an open contact between deliveries; kept in memory, rebuilt from the store at will.

    ``contact.session`` is left empty here: ``session`` is the same thing, decoded.
    """

    contact: Contact
    session: Session
    flows: Loaded
    customer: Recognised | None


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a scene had come; see `Scene.mark`."""

    contact: Contact
    changes: dict[str, Any]
    lengths: tuple[int, ...]


class Scene:
    """See the module. ``new`` says that the contact begins in this scene."""

    __slots__ = (
        "_calls", "_entries", "_rows", "_session_before", "_updates", "_version", "after_commit", "at",
        "changes", "contact", "customer", "flows", "line", "masked", "messages", "new", "session", "traits",
    )  # fmt: skip

    def __init__(self, held: Held, traits: Traits, at: datetime, *, new: bool = False) -> None:
        self.contact = held.contact
        self.session = held.session
        self.flows = held.flows
        self.customer = held.customer
        self.traits = traits
        self.at = at
        self.new = new
        self.line: dict[str, Any] = {}  # how it stands in line, where that was asked for
        self.masked = False  # the answer that was just taken must be kept nowhere
        self.changes: dict[str, Any] = {}
        self.messages: list[OutMessage] = []
        self.after_commit: list[Callable[[], None]] = []
        self._session_before = held.session
        self._version = held.contact.version
        self._entries: list[tuple[str, dict[str, Any]]] = []
        self._rows: list[tuple[str, dict[str, Any]]] = []
        self._updates: list[tuple[str, str, int, dict[str, Any]]] = []
        self._calls: list[Callable[[Any], Any]] = []

    def change(self, changes: dict[str, Any]) -> None:
        """Columns of the contact that change."""
        if changes:
            self.changes.update(changes)
            self.contact = msgspec.structs.replace(self.contact, **changes)

    def journal(self, kind: str, data: dict[str, Any]) -> None:
        """One more entry of the contact's journal, at the scene's time."""
        self._entries.append((kind, data))

    def insert(self, table: str, row: dict[str, Any]) -> None:
        """One more row of another table."""
        self._rows.append((table, row))

    def update(self, table: str, row_id: str, version: int, changes: dict[str, Any]) -> None:
        """Columns of a row of another table that change; it must still have ``version``."""
        self._updates.append((table, row_id, version, changes))

    def call(self, function: Callable[[Any], Any]) -> None:
        """Run ``function(connection)`` in the commit, after the rows."""
        self._calls.append(function)

    @property
    def touched(self) -> bool:
        """Whether there is anything to commit."""
        gathered = self._entries or self._rows or self._updates or self._calls
        return bool(self.new or self.changes or gathered or self.turned)

    @property
    def turned(self) -> bool:
        """Whether the flow has taken a turn."""
        return self.session is not self._session_before

    def mask(self, value: Any) -> Any:
        """Plain data without the answers that the flow calls sensitive."""
        secrets = self.flows.secrets_of(self.session)
        return _masked(value, secrets) if secrets else value

    def unit(self, key: str, reply: Reply) -> Unit:
        """Everything as rows, with the delivery's ``key`` ('' = it is not remembered) and its ``reply``."""
        unit = Unit(quick=True)
        contact_id = self.contact.id
        if key:
            unit.insert("deliveries", self._delivery(key, reply))
        first = self.contact.journal_length
        if self._entries:
            self.change({"journal_length": first + len(self._entries)})
        if self.new:
            unit.insert("contacts", contacts.columns(self.contact) | {"session": encode(self.session)})
        elif self.touched:
            changes = self.changes
            if self.turned:
                changes = changes | {"session": encode(self.session)}
            unit.update("contacts", contact_id, self._version, changes)
            self.contact = msgspec.structs.replace(self.contact, version=self._version + 1)
        for number, (kind, data) in enumerate(self._entries, first):
            unit.insert(
                "journal",
                {"contact_id": contact_id, "seq": number, "at": self.at, "kind": kind, "data": data},
            )
        for table, row in self._rows:
            unit.insert(table, row)
        for table, row_id, version, changes in self._updates:
            unit.update(table, row_id, version, changes)
        for function in self._calls:
            unit.call(function)
        return unit

    def answer_only(self, key: str, reply: Reply) -> Unit:
        """What is written where nothing changes: that the delivery with ``key`` got ``reply``.

        A `Conflict` where the contact is not any more as the reply was made from (see `check`).
        """
        unit = Unit()
        unit.insert("deliveries", self._delivery(key, reply))
        unit.call(self.check)
        return unit

    def check(self, connection: Connection) -> None:
        """Raise `Conflict` where somebody else has changed the contact since it was read.

        An answer that changes nothing has no version to fail on; another process may have gone on.
        """
        if contacts.version(connection, self.contact.id) != self._version:
            raise Conflict("the contact was changed by somebody else meanwhile")

    def mark(self) -> Mark:
        """Where the scene stands, for `undo`."""
        gathered = (self._entries, self._rows, self._updates, self._calls, self.after_commit)
        lengths = tuple(len(part) for part in gathered)
        return Mark(self.contact, dict(self.changes), lengths)

    def undo(self, mark: Mark) -> None:
        """Take back everything since ``mark``: an effect that failed half-way must leave nothing behind."""
        self.contact, self.changes = mark.contact, mark.changes
        gathered = (self._entries, self._rows, self._updates, self._calls, self.after_commit)
        for part, length in zip(gathered, mark.lengths, strict=True):
            del part[length:]  # type: ignore[attr-defined]  # lists of different things

    def _delivery(self, key: str, reply: Reply) -> dict[str, Any]:
        """``turn`` is the one that this delivery took the contact to; -1 where it took none."""
        return {
            "key": key,
            "contact_id": self.contact.id,
            "turn": reply.turn if self.turned else -1,
            "reply": msgspec.json.encode(reply).decode(),
            "received_at": self.at,
        }

    def held(self) -> Held:
        """The contact as it stands after the commit."""
        return Held(self.contact, self.session, self.flows, self.customer)


def encode(session: Session) -> str:
    """A session as it is kept in the contact's row."""
    return msgspec.json.encode(session).decode()


def _masked(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {name: _masked(item, secrets) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, secrets) for item in value]
    return value
