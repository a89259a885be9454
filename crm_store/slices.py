"""The newest places in the index that hold what is wanted: how each database is asked.

SQLite's FTS5 goes through the rows from the newest and stops. PostgreSQL's GIN index cannot: it gives all
rows that hold a word, a million of them for a common one. So it is asked for one slice of time after the
other, from the newest (where the vocabulary says that all may be found), each short enough that few rows come
of it; hours, days and months are terms of their own, with which the index skips the rest. How many rows a
slice gave says how long the next one may be; one that would give far too many is given up for a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store.contact_words import first_place, instant
from crm_store.terms import Wanted, beginning, span
from crm_store.vocabulary import Known, look_up

FIRST_SLICE: Final = timedelta(hours=2)
GOOD: Final = 1500
"""Rows that a slice should give."""

MOST: Final = 30_000
"""Rows that are looked at for one page. More are only met where words are common and what is asked beside
them is not (a phrase of common words); then the page is short, and the next one goes on from there."""

MOST_IN_SLICE: Final = 300_000
"""Contacts in one slice, about: all of them may hold what was common once and is no longer."""

TOO_MANY: Final = 2_500
"""Rows with which a slice is given up, for one that is `CUT` times shorter."""

CUT: Final = 16

FEW: Final = 2_000
"""Where no more rows are expected in all, there is no need for short slices; see `ENOUGH`."""

ENOUGH: Final = 2
"""Times as many places as are needed are expected in a slice where few rows are. Each row may have to be read
from the disk, so not all of them are fetched for a page that the newest fill."""

FIRST_SLICES: Final = 2
"""Slices before that is asked: most searches have filled their page by then."""

UNCOMMON: Final = 0.005
"""The part of all rows that at most holds a term which PostgreSQL's statistics of common ones have not."""

MOST_BY_ROW: Final = 4_000
"""Rows whose words are compared one by one with the beginning of very many words. The index would gather all
rows with all of these; where so few rows have not filled the page, they are rare enough for that."""

_MICROSECONDS: Final = first_place(instant(0) + timedelta(microseconds=1))


class Places(msgspec.Struct, frozen=True):
    """Some places with their contacts' ids, newest first. ``onward``: only what is there or newer was looked
    at; None where all was."""

    found: list[tuple[int, str]]
    onward: int | None = None


def newest(connection: Connection, wanted: Wanted, low: int, high: int, most: int) -> Places:
    """The first ``most`` from ``low`` to before ``high`` that hold what is wanted, newest first."""
    search = _in_slices if connection.dialect.name == "postgresql" else _in_order
    return search(connection, wanted, low, high, most)


# --- SQLite ---------------------------------------------------------------------------------------------


def _in_order(connection: Connection, wanted: Wanted, low: int, high: int, most: int) -> Places:
    match = " AND ".join(
        [f'"{term}"' for term in sorted(wanted.terms)] + ([f'"{wanted.prefix}"*'] if wanted.prefix else [])
    )
    said = "".join(f" AND instr(w.said, :phrase{number})" for number in range(len(wanted.phrases)))
    statement = sa.text(
        "SELECT t.rowid, w.contact_id FROM contact_terms AS t JOIN contact_words AS w ON w.place = t.rowid "  # noqa: S608 values are bound
        f"WHERE t.contact_terms MATCH :match AND t.rowid >= :low AND t.rowid < :high{said} "
        "ORDER BY t.rowid DESC LIMIT :most"
    )
    values: dict[str, object] = {"match": match, "low": low, "high": high, "most": most}
    values |= _phrases(wanted)
    return Places([(int(place), contact_id) for place, contact_id in connection.execute(statement, values)])


def _phrases(wanted: Wanted) -> dict[str, object]:
    return {f"phrase{number}": phrase for number, phrase in enumerate(wanted.phrases)}


# --- PostgreSQL -----------------------------------------------------------------------------------------


class _Part(msgspec.Struct, frozen=True):
    """What the index is asked for, for a part ``of`` what is wanted: a tsquery, and its terms."""

    of: str
    query: str
    terms: tuple[str, ...] = ()


@dataclass
class _Way:
    """How far a search has come: what is from ``low`` to before ``high`` is still to be looked at, in a table
    of ``rows`` rows, one in so many places (``spacing``), and the next slice is ``width`` places long.
    ``many_from``: behind this place there are many rows, and short slices are taken to find them."""

    wanted: Wanted
    known: Known
    rows: float
    spacing: float
    low: int
    high: int
    width: int = FIRST_SLICE // timedelta(microseconds=1) * _MICROSECONDS
    slices: int = 0
    looked_at: int = 0
    looked_through: int = 0
    may_be_few: bool = True
    gather_at_once: bool = True
    many_from: int | None = None
    found: list[tuple[int, str]] = field(default_factory=list)

    @property
    def gathers(self) -> bool:
        """Whether the index has to gather the words that begin as wanted: they are too many to be named."""
        return bool(self.wanted.prefix) and self.known.spelled is None

    @property
    def by_row(self) -> bool:
        """Whether rows are compared with the beginning instead."""
        return self.gathers and self.looked_at < MOST_BY_ROW

    @property
    def longest(self) -> int:
        """Places in a slice."""
        return max(1, int(MOST_IN_SLICE * self.spacing))

    def expected(self) -> float:
        """Rows in all, if it goes on as so far."""
        so_far = (len(self.found) if self.gathers else self.looked_at) + 1
        return so_far * self.rows * self.spacing / max(self.spacing, self.looked_through)

    def enough(self, needed: int) -> int:
        """Where a slice starts in which `ENOUGH` places are expected, if it goes on as so far."""
        each = max(self.spacing, self.looked_through) / (len(self.found) + 1)
        start = self.high - int(ENOUGH * needed * each)
        if start <= self.low:
            return self.low
        # The terms of time give all of its first month (or day): what is read anyway may as well be found.
        return max(self.low, first_place(beginning(instant(start), instant(self.high))))

    def went(self, start: int, seen: int) -> None:
        """A slice down to ``start`` has given so many rows."""
        self.looked_through += self.high - start
        self.looked_at, self.slices, self.high = self.looked_at + seen, self.slices + 1, start
        grow = 8.0 if self.many_from is None or self.high <= self.many_from else 1.0
        self.width = max(1, int(min(self.longest, self.width * min(grow, max(0.1, GOOD / max(seen, 1))))))

    def cut(self, start: int) -> None:
        """A slice down to ``start`` would give too many rows."""
        if self.high - start > self.width:  # not for its length, but as few were expected in all
            self.may_be_few, self.gather_at_once = False, False
        else:
            self.many_from, self.width = start, max(1, (self.high - start) // CUT)


def _in_slices(connection: Connection, wanted: Wanted, low: int, high: int, most: int) -> Places:
    first, last, rows, *_ = connection.execute(_ENDS).one()
    if first is None:
        return Places([])
    known, rows = look_up(connection, wanted), max(float(rows), 1.0)
    spacing = (last - first + 1) / rows
    way = _Way(wanted, known, rows, spacing, max(low, first), min(high, last + 1, known.until))
    shortest = min(way.width, GOOD * spacing)
    while way.low < way.high and len(way.found) < most:
        if way.looked_at >= MOST:
            return Places(way.found, way.high)
        start, parts = _next(connection, way, most - len(way.found))
        limit = TOO_MANY if way.high - start > shortest else None
        seen, hits = _slice(connection, way, start, parts, (most - len(way.found), limit))
        if limit and seen > limit:
            way.cut(start)
        else:
            way.found += hits
            way.went(start, seen)
    return Places(way.found)


_ENDS = sa.text(
    "SELECT min(place), max(place), "
    "(SELECT reltuples FROM pg_class WHERE oid = CAST('contact_words' AS regclass)), "
    "set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true) FROM contact_words"
)
"""With two settings for this transaction: compiling a plan takes longer than what it would save here."""


def _next(connection: Connection, way: _Way, needed: int) -> tuple[int, list[_Part]]:
    """Where the next slice starts, for so many places more, and what the index is asked for in it."""
    parts = _parts(way, way.low)
    if (
        way.slices >= FIRST_SLICES
        and way.may_be_few
        and parts
        and (rarest := _rarest(connection, way, parts))
    ):
        return way.enough(needed), rarest
    once = way.gathers and not way.by_row and way.gather_at_once  # each slice gathers anew
    start = max(way.low, way.high - (4 * way.longest if once else way.width))
    return start, _parts(way, start)


def _parts(way: _Way, start: int) -> list[_Part]:
    """What the index is asked for from ``start`` on."""
    parts = [_Part(query, query, (term,)) for term in sorted(way.wanted.terms) if (query := f"'{term}'")]
    if not way.wanted.prefix or way.by_row:
        return parts
    beginning = _beginning(way.wanted)
    if way.known.spelled is None:
        return [*parts, _Part(beginning, beginning)]
    spelled = way.known.since(start)
    either = " | ".join(f"'{term}'" for term in spelled)
    return [*parts, _Part(beginning, f"({either})", tuple(spelled))]


def _beginning(wanted: Wanted) -> str:
    return f"'{wanted.prefix}':*"


def _rarest(connection: Connection, way: _Way, parts: list[_Part]) -> list[_Part] | None:
    """The rarest parts, as many as leave few of all rows; None where all together leave more.

    Of what is not common the statistics say only that; then it counts what is expected by what was found so
    far. Each common part more would cost the index more than looking at few rows does.
    """
    left = way.rows
    chosen: list[_Part] = []
    shares = _shares(connection, parts, way.wanted.prefix)
    for share, number in sorted((share, number) for number, share in enumerate(shares)):
        chosen.append(parts[number])
        left *= share
        if left <= FEW:
            return chosen
    return chosen if min(shares) <= UNCOMMON and way.expected() <= FEW else None


def _shares(connection: Connection, parts: list[_Part], prefix: str) -> list[float]:
    """The part of all rows that holds each, by what the planner knows of common terms."""
    terms = sorted({term for part in parts for term in part.terms})
    rows = connection.execute(_COMMON, {"terms": terms, "prefix": prefix or "-"})
    common = {row.term: float(row.share) for row in rows}
    shares = []
    for part in parts:
        of = part.terms or [term for term in common if term.startswith(prefix)]
        shares.append(min(1.0, max(UNCOMMON, sum(common.get(term, 0.0) for term in of))))
    return shares


_COMMON = sa.text(
    "SELECT known.term, known.share FROM pg_stats AS s, "
    "unnest(CAST(CAST(s.most_common_elems AS text) AS text[]), s.most_common_elem_freqs) "
    "AS known(term, share) WHERE s.schemaname = current_schema() AND s.tablename = 'contact_words' "
    "AND s.attname = 'terms' AND (known.term = ANY(:terms) OR starts_with(known.term, :prefix))"
)


def _slice(
    connection: Connection, way: _Way, start: int, parts: list[_Part], limits: tuple[int, int | None]
) -> tuple[int, list[tuple[int, str]]]:
    """How many rows the index gave for ``parts`` in a slice, and the newest of those that hold everything.

    ``limits``: how many of those, and with how many rows the slice is given up: then there is one more. The
    time is a condition of its own: each of two conditions skips what the other one leaves out. ``place + 0``,
    and the list made before it is sorted: else the planner may go through all places from the newest and
    compare each, which for a rare word is the whole table.
    """
    wanted = way.wanted
    checks = [f"strpos(said, :phrase{number}) > 0" for number in range(len(wanted.phrases))]
    values: dict[str, object] = {"start": start, "high": way.high, "most": limits[0]} | _phrases(wanted)
    values["limit"] = None if limits[1] is None else limits[1] + 1
    conditions = []
    asked_for = {part.of for part in parts}
    rest = [f"'{term}'" for term in sorted(wanted.terms)] + ([_beginning(wanted)] if wanted.prefix else [])
    rest = [part for part in rest if part not in asked_for]
    within = span(instant(start), instant(way.high - 1) + timedelta(microseconds=1))
    if within:
        conditions.append("terms @@ CAST(:times AS tsquery)")
        values["times"] = " | ".join(f"'{time}'" for time in within)
    if parts:
        conditions.append("terms @@ CAST(:terms AS tsquery)")
        values["terms"] = " & ".join(part.query for part in parts)
    if rest:
        (checks if conditions else conditions).append("terms @@ CAST(:rest AS tsquery)")
        values["rest"] = " & ".join(rest)
    statement = sa.text(
        f"WITH hits AS MATERIALIZED (SELECT place, contact_id, {' AND '.join(checks) or 'true'} AS holds "  # noqa: S608 values are bound
        f"FROM contact_words WHERE {' AND '.join(conditions)} "
        "AND place + 0 >= :start AND place + 0 < :high LIMIT :limit) "
        "SELECT every.seen, best.place, best.contact_id FROM (SELECT count(*) AS seen FROM hits) AS every "
        "LEFT JOIN LATERAL (SELECT place, contact_id FROM hits WHERE holds ORDER BY place DESC LIMIT :most) "
        "AS best ON true"
    )
    rows = connection.execute(statement, values).all()
    return int(rows[0].seen), [(row.place, row.contact_id) for row in rows if row.place is not None]
