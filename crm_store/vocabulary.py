"""Every term that people have said, with the day on which it was said last: for the search on PostgreSQL.

With it a search begins on the last day on which all it asks for was said, knows at once what nobody has said,
and asks the index for the words that begin as wanted one by one, instead of having it gather them all.

Triggers on ``contact_words`` keep it, in the transaction that indexes a contact, whichever version of the
program does that. A term may be claimed for later than it was said (a contact changed): that costs time and
nothing else. What was indexed before there was a vocabulary is taken in by `learn`; until that is done the
search does without.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.contact_words import WAIT_FOR_LOCK, first_place, instant
from crm_store.terms import Wanted

MOST_SPELLED: Final = 60
"""Words that begin as wanted which the index is asked for one by one: beyond, gathering them is quicker."""

BATCH: Final = 1000
"""Contacts that `learn` takes in at a time."""

LEARNT: Final = ""
"""The term of the row that says from which place on everything is in the vocabulary."""

DAY: Final = first_place(instant(0) + timedelta(days=1))
"""Places of a day: to its end, in UTC, terms are claimed."""

_NOTHING: Final = 2**62
_v = schema.contact_vocabulary.c


class Known(msgspec.Struct, frozen=True):
    """What the vocabulary says of what is wanted. ``until``: no place from here on holds it, 0 where nobody
    has said it. ``spelled``: the words that begin as wanted, each with such a place; None where they are too
    many."""

    until: int = _NOTHING
    spelled: dict[str, int] | None = None

    def since(self, place: int) -> list[str]:
        """The words that begin as wanted and may be found from ``place`` on."""
        return [term for term, until in (self.spelled or {}).items() if until > place]


def look_up(connection: Connection, wanted: Wanted) -> Known:
    """See `Known`; nothing is known on SQLite, nor where `learn` has not finished."""
    if connection.dialect.name != "postgresql":
        return Known()
    terms = [term for term in wanted.terms if not term.startswith("_")]
    values = {
        "terms": [LEARNT, *terms],
        "begin": wanted.prefix or None,
        "end": wanted.prefix + "\U0010ffff",
        "most": MOST_SPELLED + 1,
    }
    rows = connection.execute(_LOOK_UP, values).all()
    places = {row.term: int(row.until) for row in rows if not row.spelled}
    if places.pop(LEARNT, _NOTHING) > 0:
        return Known()
    until = min((places.get(term, 0) for term in terms), default=_NOTHING)
    spelled = {row.term: int(row.until) for row in rows if row.spelled}
    if not wanted.prefix or len(spelled) > MOST_SPELLED:
        return Known(until)
    return Known(min(until, max(spelled.values(), default=0)), spelled)


_LOOK_UP: Final = sa.text(
    "SELECT term, until, false AS spelled FROM contact_vocabulary WHERE term = ANY(:terms) UNION ALL "
    "(SELECT term, until, true FROM contact_vocabulary "
    "WHERE term >= CAST(:begin AS text) AND term < CAST(:end AS text) ORDER BY term LIMIT :most)"
)


def learn(connection: Connection, most: int = BATCH) -> bool:
    """Take in the next contacts that were indexed before there was a vocabulary, the newest first; whether
    there are more. Run it in a transaction that writes."""
    if connection.dialect.name != "postgresql":
        return False
    connection.execute(WAIT_FOR_LOCK)
    known = connection.execute(sa.select(_v.until).where(_v.term == LEARNT)).scalar()
    if known == 0:
        return False
    known = _NOTHING if known is None else int(known)
    first = connection.execute(_NEXT, {"known": known, "most": most}).scalar()
    if first is not None:
        connection.execute(_LEARN, {"first": first, "known": known, "day": DAY})
    connection.execute(_MARK, {"place": first or 0})
    return first is not None


def forget(connection: Connection) -> None:
    """Have `learn` begin anew. Run it in a transaction that writes."""
    if connection.dialect.name == "postgresql":
        connection.execute(WAIT_FOR_LOCK)
        connection.execute(_MARK, {"place": _NOTHING})
        connection.execute(schema.contact_vocabulary.delete().where(_v.term != LEARNT))


_NEXT: Final = sa.text(
    "SELECT min(place) FROM "
    "(SELECT place FROM contact_words WHERE place < :known ORDER BY place DESC LIMIT :most) AS next"
)
_LEARN: Final = sa.text(
    "INSERT INTO contact_vocabulary (term, until) "
    "SELECT term, max((place / :day + 1) * :day) "
    "FROM contact_words, unnest(tsvector_to_array(terms)) AS term "
    "WHERE place >= :first AND place < :known AND NOT starts_with(term, '_') GROUP BY term "
    "HAVING coalesce((SELECT had.until FROM contact_vocabulary AS had WHERE had.term = term.term), 0) "
    "< max((place / :day + 1) * :day) ORDER BY term "
    "ON CONFLICT (term) DO UPDATE SET until = greatest(contact_vocabulary.until, excluded.until)"
)
_MARK: Final = sa.text(
    "INSERT INTO contact_vocabulary (term, until) VALUES ('', :place) "
    "ON CONFLICT (term) DO UPDATE SET until = excluded.until"
)
