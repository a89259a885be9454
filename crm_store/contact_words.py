"""The index behind the search in the log: what is kept of a contact's words and facts, and how it is kept up.

Triggers note every contact whose words or facts change, in the transaction that changes them
(``contact_words_due``). `drain` cuts the words of those contacts anew from the rows where they are, and
forgets the notes that it has read: nothing is lost by a process that dies, and `missing` tells how many are
still to come. One process at a time does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.terms import Said, cut, fact, times

BATCH: Final = 200
"""Contacts that `drain` and `rebuild` index in one transaction."""

MOST_MISSING: Final = 1000
"""`missing` counts no further."""

SPOKEN: Final = {
    "input": ("text", "digits"),
    "transcript": ("text",),
    "voicemail": ("text",),
    "note": ("text",),
    "transferred": ("text",),
    "survey": ("comment",),
}
"""Where in a journal entry's data words of people are, by kind of entry."""

PEOPLE: Final = ("customer", "agent")
"""Whose messages are searched: what flow and bot say is the same in every contact."""

FACTS: Final = {
    "channel": "c",
    "direction": "i",
    "customer_id": "u",
    "state": "s",
    "outcome": "o",
    "end_reason": "e",
    "flow": "f",
    "language": "l",
    "queue": "q",
    "agent_id": "a",
    "address": "x",
    "tag": "t",
    "ticket": "k",
    "node": "n",
}
"""The letter of each kind of fact; the names are those of `ContactFilter`, and ``node`` is one passed."""

_COLUMNS: Final = (
    "channel",
    "direction",
    "customer_id",
    "state",
    "outcome",
    "end_reason",
    "flow",
    "language",
)
_LOCK: Final = 0x63635F776F726473  # "cc_words": the key of PostgreSQL's advisory lock

_TRY_LOCK: Final = sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))
WAIT_FOR_LOCK: Final = sa.select(sa.func.pg_advisory_xact_lock(_LOCK))
"""For PostgreSQL: until the end of the transaction no other process indexes."""

_c = schema.contacts.c
_w = schema.contact_words.c
_due = schema.contact_words_due.c


class Entry(msgspec.Struct, frozen=True):
    """What the index keeps of a contact. ``facts`` are terms."""

    contact_id: str
    started_at: datetime
    said: Said
    facts: frozenset[str]


# --- places ---------------------------------------------------------------------------------------------

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SAME: Final = 1024
"""Places that there are for contacts that began in the same microsecond."""


def first_place(at: datetime) -> int:
    """The first place of a contact that began at ``at``: those that began before have lesser ones."""
    return (at - _EPOCH) // timedelta(microseconds=1) * _SAME


def instant(place: int) -> datetime:
    """When the contact in a place began."""
    return _EPOCH + timedelta(microseconds=place // _SAME)


# --- what is to be indexed ------------------------------------------------------------------------------


def missing(connection: Connection) -> int:
    """How many changes of contacts are not yet in the index, up to `MOST_MISSING`."""
    some = sa.select(_due.id).limit(MOST_MISSING).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def count(connection: Connection) -> int:
    """How many contacts are in the index."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(schema.contact_words)).scalar_one())


def drain(connection: Connection, most: int = BATCH) -> int:
    """Index contacts that have changed, those noted last first; how many notes were done with, 0 also where
    another process is at it. Run it in a transaction that writes."""
    here = connection.dialect.name
    if here == "postgresql" and not connection.execute(_TRY_LOCK).scalar():
        return 0
    noted = connection.execute(sa.select(_due.id, _due.contact_id).order_by(_due.id.desc()).limit(most)).all()
    if noted:
        # Only now: what is written from here on has a note that is not among these.
        index(connection, {note.contact_id for note in noted})
        ids = [note.id for note in noted]
        connection.execute(schema.contact_words_due.delete().where(_due.id.in_(ids)))
    return len(noted)


def rebuild(connection: Connection, after: str = "", *, whole: bool = True, most: int = BATCH) -> str | None:
    """Index the next contacts by id behind ``after``; the last one's id, None where there are no more.

    ``whole``: all of them, else those that the index has not. Run it in transactions that write, again and
    again.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(WAIT_FOR_LOCK)
    statement = sa.select(_c.id).where(_c.id > after).order_by(_c.id).limit(most)
    if not whole:
        statement = statement.where(~sa.exists().where(_w.contact_id == _c.id))
    found = connection.execute(statement).scalars().all()
    index(connection, found)
    return found[-1] if found else None


def index(connection: Connection, contact_ids: Iterable[str]) -> None:
    """Bring the index's rows of these contacts to what is in the store now."""
    entries = gather(connection, contact_ids)
    write = _write_postgres if connection.dialect.name == "postgresql" else _write_sqlite
    write(connection, entries, _places(connection, entries))


def _places(connection: Connection, entries: Sequence[Entry]) -> dict[str, int]:
    """Each contact's place: the one it has, else a free one."""
    ids = [entry.contact_id for entry in entries]
    rows = connection.execute(sa.select(_w.contact_id, _w.place).where(_w.contact_id.in_(ids)))
    places = {contact_id: int(place) for contact_id, place in rows}
    firsts = {
        entry.contact_id: first_place(entry.started_at) for entry in entries if entry.contact_id not in places
    }
    taken = set(connection.execute(sa.select(_w.place).where(_w.place.in_(set(firsts.values())))).scalars())
    for contact_id, place in sorted(firsts.items()):
        while place in taken:
            place = _behind(connection, place, taken)
        taken.add(place)
        places[contact_id] = place
    return places


def _behind(connection: Connection, place: int, taken: set[int]) -> int:
    """A place behind all those near ``place``."""
    near = sa.select(sa.func.max(_w.place)).where(_w.place >= place, _w.place < place + _SAME)
    stored = connection.execute(near).scalar() or place
    return max(stored, *(other for other in taken if place <= other < place + _SAME)) + 1


def _row(entry: Entry, place: int, terms: Any) -> dict[str, Any]:
    return {"place": place, "contact_id": entry.contact_id, "said": entry.said.lines, "terms": terms}


_PUT: Final = (
    "INSERT INTO contact_words (place, contact_id, said, terms) VALUES (:place, :contact_id, :said, {terms}) "
    "ON CONFLICT (contact_id) DO UPDATE SET said = excluded.said, terms = excluded.terms "
    "WHERE contact_words.terms <> excluded.terms OR contact_words.said <> excluded.said"
)
_PUT_SQLITE: Final = sa.text(_PUT.format(terms=":terms"))
_PUT_POSTGRES: Final = sa.text(_PUT.format(terms="array_to_tsvector(CAST(:terms AS text[]))"))


def _write_sqlite(connection: Connection, entries: Sequence[Entry], places: dict[str, int]) -> None:
    rows = [
        _row(entry, places[entry.contact_id], " ".join(sorted(entry.said.terms | entry.facts)))
        for entry in entries
    ]
    if rows:
        connection.execute(_PUT_SQLITE, rows)


def _write_postgres(connection: Connection, entries: Sequence[Entry], places: dict[str, int]) -> None:
    """With the terms of when it began: slices of time are looked through (see `crm_store.slices`)."""
    rows = [
        _row(
            entry,
            places[entry.contact_id],
            sorted(entry.said.terms | entry.facts | set(times(entry.started_at))),
        )
        for entry in entries
    ]
    if rows:
        connection.execute(_PUT_POSTGRES, rows)


# --- what a contact has of words and facts --------------------------------------------------------------


def gather(connection: Connection, contact_ids: Iterable[str]) -> list[Entry]:
    """What the index is to keep of these contacts; those that do not exist are left out."""
    ids = sorted(set(contact_ids))
    texts: dict[str, list[str]] = defaultdict(list)
    facts: dict[str, set[str]] = defaultdict(set)
    rows = connection.execute(_CONTACTS, {"ids": ids}).all()
    for row in rows:
        texts[row.id].append(row.customer_name or "")
        facts[row.id].update(_facts_of_row(row))
    for contact_id, kind, data in connection.execute(_JOURNAL, {"ids": ids}):
        if kind == "path":
            facts[contact_id].update(_nodes(data))
        else:
            texts[contact_id] += [str(data[place]) for place in SPOKEN[kind] if data.get(place)]
    for statement in (_MESSAGES, _RECORDINGS):
        for contact_id, text in connection.execute(statement, {"ids": ids}):
            texts[contact_id].append(text)
    for contact_id, queue, agent_id, note in connection.execute(_WORKS, {"ids": ids}):
        texts[contact_id].append(note)
        facts[contact_id].update(_some(("queue", queue), ("agent_id", agent_id)))
    for contact_id, number in connection.execute(_TICKETS, {"ids": ids}):
        facts[contact_id].add(fact(FACTS["ticket"], number))
    return [Entry(row.id, row.started_at, cut(texts[row.id]), frozenset(facts[row.id])) for row in rows]


def _facts_of_row(row: Any) -> Iterator[str]:
    yield from _some(*((name, getattr(row, name)) for name in _COLUMNS))
    yield from _some(("queue", row.queue), ("agent_id", row.agent_id))
    yield from _some(("address", row.from_address), ("address", row.to_address))
    yield from _some(*(("tag", tag) for tag in row.tags))


def _some(*named: tuple[str, str | None]) -> Iterator[str]:
    for name, value in named:
        if value is not None:
            yield fact(FACTS[name], value)


def _nodes(data: Any) -> Iterator[str]:
    """A step is [flow, node, exit]; a node is found by its name, with its flow's before it or without."""
    letter = FACTS["node"]
    for flow, node, *_ in data.get("steps") or ():
        yield fact(letter, str(node))
        yield fact(letter, f"{flow}/{node}")


def _of_contacts(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam("ids", expanding=True))


_CONTACTS = (
    sa.select(
        _c.id,
        _c.started_at,
        *(_c[name] for name in _COLUMNS),
        _c.queue,
        _c.agent_id,
        _c.from_address,
        _c.to_address,
        _c.tags,
        schema.customers.c.name.label("customer_name"),
    )
    .outerjoin_from(schema.contacts, schema.customers, schema.customers.c.id == _c.customer_id)
    .where(_of_contacts(_c.id))
)
_j, _m, _r, _k = schema.journal.c, schema.messages.c, schema.recordings.c, schema.works.c
_JOURNAL = (
    sa.select(_j.contact_id, _j.kind, _j.data)
    .where(_of_contacts(_j.contact_id), _j.kind.in_((*SPOKEN, "path")))
    .order_by(_j.contact_id, _j.seq)
)
_MESSAGES = (
    sa.select(_m.contact_id, _m.text)
    .where(_of_contacts(_m.contact_id), _m.author.in_(PEOPLE))
    .order_by(_m.at, _m.id)
)
_RECORDINGS = (
    sa.select(_r.contact_id, _r.transcript).where(_of_contacts(_r.contact_id)).order_by(_r.started_at, _r.id)
)
_WORKS = (
    sa.select(_k.contact_id, _k.queue, _k.agent_id, _k.note)
    .where(_of_contacts(_k.contact_id))
    .order_by(_k.id)
)
_TICKETS = (
    sa.select(schema.ticket_contacts.c.contact_id, schema.tickets.c.number)
    .join_from(schema.ticket_contacts, schema.tickets)
    .where(_of_contacts(schema.ticket_contacts.c.contact_id))
)
