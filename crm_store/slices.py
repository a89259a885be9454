"""The newest places in the index that hold what is wanted: how each database is asked.

SQLite's FTS5 goes through the rows from the newest and stops. PostgreSQL's GIN index cannot: it gives all
rows that hold a word, a million of them for a common one. So it is asked for one slice of time after the
other, from the newest, each short enough that few rows come of it; hours, days and months are terms of their
own, with which the index skips the rest. How many rows a slice gave says how long the next one may be.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store.contact_words import first_place, instant
from crm_store.terms import Wanted, span

FIRST_SLICE: Final = timedelta(hours=2)
GOOD: Final = 1500
"""Rows that a slice should give."""

MOST: Final = 30_000
"""Rows that are looked at for one page. More are only met where words are common and what is asked beside
them is not (a phrase of common words); then the page is short, and the next one goes on from there."""

MOST_IN_SLICE: Final = 100_000
"""Contacts in one slice, about: all of them may hold a word that was common once and is no longer."""

FEW: Final = 2_000
"""Where no more rows are expected in all, there is no need for slices."""

FIRST_SLICES: Final = 2
"""Slices before that is asked: most searches have filled their page by then."""

UNCOMMON: Final = 0.005
"""The part of all rows that PostgreSQL guesses at most for a word that is not in its statistics."""

MOST_GUESSES: Final = 12
"""Terms of which it is asked."""

MOST_BY_ROW: Final = 4_000
"""Rows whose words are compared with the beginning of a word one by one. The index would gather all rows with
all words that begin so; where so few rows have not filled the page, they are rare enough for that."""

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


def _in_slices(connection: Connection, wanted: Wanted, low: int, high: int, most: int) -> Places:
    first, last, rows, *_ = connection.execute(_ENDS).one()
    if first is None:
        return Places([])
    low, high = max(low, first), min(high, last + 1)
    longest = (last - first) * MOST_IN_SLICE / max(rows, MOST_IN_SLICE)
    found: list[tuple[int, str]] = []
    width = FIRST_SLICE // timedelta(microseconds=1) * _MICROSECONDS
    looked_at = slices = 0
    newest_place = high
    while low < high and len(found) < most:
        if looked_at >= MOST:
            return Places(found, high)
        by_row = bool(wanted.prefix) and looked_at < MOST_BY_ROW
        parts = _parts(wanted, by_row=by_row)
        start = max(low, high - width)
        if slices >= FIRST_SLICES and parts:
            covered = max(1.0, rows * (newest_place - high) / (last - first + 1))
            so_far = (len(found) if wanted.prefix else looked_at) + 1
            if rarest := _rarest(connection, parts, rows, so_far / covered * rows):
                start, parts = low, rarest
            elif _beginning(wanted) in parts:  # the index gathers all words that begin so for each slice
                start = max(low, high - int(4 * longest))
        seen, hits = _slice(connection, wanted, (start, high), most - len(found), parts)
        found += hits
        looked_at, slices, high = looked_at + seen, slices + 1, start
        width = max(1, int(min(longest, width * min(8.0, max(0.1, GOOD / max(seen, 1))))))
    return Places(found)


_ENDS = sa.text(
    "SELECT min(place), max(place), "
    "(SELECT reltuples FROM pg_class WHERE oid = CAST('contact_words' AS regclass)), "
    "set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true) FROM contact_words"
)
"""With two settings for this transaction: compiling a plan takes longer than what it would save here."""


def _parts(wanted: Wanted, *, by_row: bool) -> list[str]:
    """What the index is asked for, of a tsquery. ``by_row``: without the beginning of a word."""
    parts = [f"'{term}'" for term in sorted(wanted.terms)]
    return parts if by_row or not wanted.prefix else [*parts, _beginning(wanted)]


def _beginning(wanted: Wanted) -> str:
    return f"'{wanted.prefix}':*"


def _rarest(connection: Connection, parts: list[str], rows: float, at_this_rate: float) -> list[str] | None:
    """The rarest parts, as many as leave few of all ``rows``; None where all together leave more.

    Of what is not common the planner knows only that; then ``at_this_rate`` counts: what all rows would give
    if it went on as so far. Each common part more would cost the index more than looking at few rows does.
    """
    left = rows = max(rows, 1.0)
    guesses = sorted((_expected(connection, part), part) for part in parts[:MOST_GUESSES])
    chosen: list[str] = []
    for number, part in guesses:
        chosen.append(part)
        left *= min(1.0, number / rows)
        if left <= FEW:
            return chosen
    return chosen if guesses[0][0] <= UNCOMMON * rows and at_this_rate <= FEW else None


def _expected(connection: Connection, part: str) -> float:
    """How many rows hold it, as the planner guesses by its statistics: they know the common words."""
    explained = connection.execute(_EXPLAIN, {"terms": part}).scalar_one()
    return float(explained[0]["Plan"]["Plan Rows"])


_EXPLAIN = sa.text(
    "EXPLAIN (FORMAT JSON) SELECT place FROM contact_words WHERE terms @@ CAST(:terms AS tsquery)"
)


def _slice(
    connection: Connection, wanted: Wanted, between: tuple[int, int], most: int, parts: list[str]
) -> tuple[int, list[tuple[int, str]]]:
    """How many rows the index gave for ``parts`` in a slice, and the newest of those that hold everything.

    ``place + 0``, and the list made before it is sorted: else the planner may go through all places from the
    newest and compare each, which for a rare word is the whole table.
    """
    start, high = between
    within = span(instant(start), instant(high - 1) + timedelta(microseconds=1))
    checks = [f"strpos(said, :phrase{number}) > 0" for number in range(len(wanted.phrases))]
    values: dict[str, object] = {"start": start, "high": high, "most": most} | _phrases(wanted)
    asked_for = [*parts]
    if within:
        asked_for.append("(" + " | ".join(f"'{time}'" for time in within) + ")")
    rest = " & ".join(part for part in _parts(wanted, by_row=False) if part not in parts)
    if rest and asked_for:
        checks.append("terms @@ CAST(:rest AS tsquery)")
        values["rest"] = rest
    values["terms"] = " & ".join(asked_for) or rest
    statement = sa.text(
        f"WITH hits AS MATERIALIZED (SELECT place, contact_id, {' AND '.join(checks) or 'true'} AS holds "  # noqa: S608 values are bound
        "FROM contact_words WHERE terms @@ CAST(:terms AS tsquery) "
        "AND place + 0 >= :start AND place + 0 < :high) "
        "SELECT every.seen, best.place, best.contact_id FROM (SELECT count(*) AS seen FROM hits) AS every "
        "LEFT JOIN LATERAL (SELECT place, contact_id FROM hits WHERE holds ORDER BY place DESC LIMIT :most) "
        "AS best ON true"
    )
    rows = connection.execute(statement, values).all()
    return int(rows[0].seen), [(row.place, row.contact_id) for row in rows if row.place is not None]
