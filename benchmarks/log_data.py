"""Many contacts of a year for `benchmarks.log_search`, put into PostgreSQL as fast as it takes them.

25,000 contacts with words by a law of Zipf in English or Chinese are made here; the server copies them to
other times. Indexes and foreign keys are put aside meanwhile, each table is filled in a transaction that has
emptied it (with ``wal_level=minimal`` nothing of that is logged), and two tables are filled at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Final

import psycopg

from crm_store.contact_words import FACTS, first_place
from crm_store.terms import cut, fact
from crm_store.types import encode_json
from crm_store.vocabulary import DAY
from tests.support.servers import libpq_url

NOW: Final = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
YEAR: Final = timedelta(days=365)
WORDS, CHARACTERS, AGENTS = 20_000, 3_000, 200
MADE: Final = 25_000
"""Contacts that differ; more are copies of them."""

CHUNK: Final = 2_500
"""Contacts that one process makes at a time."""

QUEUES: Final = ("sales", "service", "billing", "complaints", "technical")
NODES: Final = ("welcome", "main_menu", "order_status", "ask_bot", "to_agent", "complaint_open")
GONE: Final = "discontinued"
"""Said in every other contact of the year's first half, and never since."""

FADED: Final = "telegram"
"""As `GONE`, and since then in one contact of ten thousand."""

WHILE_BUILDING: Final = (
    "fsync=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "checkpoint_timeout=1h",
    "autovacuum=off",
    "shared_buffers=512MB",
)
"""Settings of a server that is only for this."""

TABLES: Final = {
    "contacts": "id, channel, direction, state, owner, from_address, to_address, language, tags, flow, "
    "flow_digest, session, version, journal_length, turn, started_at, ended_at, agent_id, outcome",
    "journal": "contact_id, seq, at, kind, data",
    "messages": "id, contact_id, direction, author, text, media, status, at",
    "works": "id, kind, contact_id, state, queue, required, preferred, owners, passed, queued_at, "
    "entered_at, agent_id, accepted_at, ended_at, outcome, version",
    "contact_words": "place, contact_id, said, terms",
}


class Lexicon:
    """Words and characters from the most to the least frequent."""

    def __init__(self) -> None:
        random = Random(1)
        parts = [
            a + b for a in "bcdfghjklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en", "il", "or")
        ]
        words: dict[str, None] = {}
        while len(words) < WORDS:
            words["".join(random.choices(parts, k=random.choice((1, 2, 2, 3, 3, 4))))] = None
        self.words = list(words)
        self.characters = [chr(0x4E00 + 7 * number) for number in range(CHARACTERS)]
        self._weights = {
            size: list(accumulate(1 / (rank + 3) for rank in range(size))) for size in (WORDS, CHARACTERS)
        }

    def sentence(self, random: Random, chinese: bool) -> str:
        """Some ten words, or twice as many characters."""
        pool, between, length = (self.characters, "", 20) if chinese else (self.words, " ", 10)
        return between.join(random.choices(pool, cum_weights=self._weights[len(pool)], k=length))


# --- filling --------------------------------------------------------------------------------------------


def fill(url: str, contacts: int, tell: Callable[[str], None]) -> int:
    """About so many contacts of the year before `NOW`, with what belongs to them; how many there are."""
    copies = max(1, contacts // MADE)
    made = contacts // copies
    with _connected(url) as connection:
        connection.execute(
            "INSERT INTO agents (id, name, email, role, languages, active, created_at) "
            "SELECT 'agt_' || n, 'Agent', n || '@example.com', 'agent', '[]', true, now() "
            "FROM generate_series(0, 199) AS n"
        )
        connection.commit()
        again = _put_aside(connection)
    with ProcessPoolExecutor() as makers, ThreadPoolExecutor(2) as fillers:
        chunks = [makers.submit(_made, first, min(CHUNK, made - first), made, copies)
                  for first in range(0, made, CHUNK)]  # fmt: skip
        rest = [table for table in TABLES if table != "contact_words"]
        parts = [
            fillers.submit(_fill, url, tables, chunks, copies, again, tell)
            for tables in (["contact_words"], rest)
        ]
        for part in parts:
            part.result()
        for done in [fillers.submit(_vacuum, url, tables) for tables in (["contact_words"], rest)]:
            done.result()
    with _connected(url) as connection:
        for statement in again[""]:
            connection.execute(statement.encode())
    return made * copies


def _connected(url: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(libpq_url(url))
    for setting in ("session_replication_role = replica", "maintenance_work_mem = '1GB'"):  # no triggers
        connection.execute(f"SET {setting}".encode())
    connection.commit()
    return connection


def _put_aside(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Drop keys and indexes of `TABLES`; what makes them again, by table ('' = foreign keys)."""
    names = {"tables": list(TABLES)}
    keys = connection.execute(
        "SELECT conrelid::regclass::text AS held, conname, contype::text, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE contype IN ('f', 'p', 'u') AND (conrelid::regclass::text = ANY(%(tables)s) "
        "OR confrelid::regclass::text = ANY(%(tables)s)) ORDER BY contype",  # foreign keys come first
        names,
    ).fetchall()
    again: dict[str, list[str]] = {table: [] for table in ("", *TABLES)}
    for held, name, kind, definition in keys:
        late = " NOT VALID" if kind == "f" else ""
        connection.execute(f"ALTER TABLE {held} DROP CONSTRAINT {name}".encode())
        again["" if kind == "f" else held].append(
            f"ALTER TABLE {held} ADD CONSTRAINT {name} {definition}{late}"
        )
    indexes = connection.execute(
        "SELECT tablename, indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = current_schema() AND tablename = ANY(%(tables)s)",
        names,
    ).fetchall()
    for table, name, definition in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
        again[table].append(definition)
    connection.commit()
    return again


def _fill(
    url: str,
    tables: list[str],
    chunks: list[Future[dict[str, list[Any]]]],
    copies: int,
    again: dict[str, list[str]],
    tell: Callable[[str], None],
) -> None:
    """Fill some of the tables, and index them."""
    later, gone_from = YEAR / copies, (copies + 1) // 2
    with _connected(url) as connection:
        for table in tables:
            columns = TABLES[table]
            connection.execute(f"TRUNCATE {table}".encode())
            connection.execute(f"CREATE TEMP TABLE made (LIKE {table} INCLUDING DEFAULTS)".encode())
            with connection.cursor().copy(f"COPY made ({columns}) FROM STDIN".encode()) as copy:
                for chunk in chunks:
                    for row in chunk.result()[table]:
                        copy.write_row(row)
            connection.execute("ANALYZE made")
            for number in range(copies):
                if number == gone_from:
                    connection.execute(_GONE.get(table, "SELECT 1").encode())
                values = {"n": f"{number:04d}", "later": number * later}
                connection.execute(_copy(table, columns).encode(), values)
            connection.execute("DROP TABLE made")
            tell(f"{table}: rows are there")
            for statement in again[table]:
                connection.execute(statement.encode())
            tell(f"{table}: indexed")
            if table == "contact_words":
                periods = {
                    "from": NOW - YEAR,
                    "said": gone_from * later,
                    "last": YEAR - later,
                    "later": later,
                }
                connection.execute(_VOCABULARY.encode(), periods)
            connection.commit()


def _vacuum(url: str, tables: list[str]) -> None:
    with _connected(url) as connection:
        connection.autocommit = True
        connection.execute(f"VACUUM ANALYZE {', '.join(tables)}".encode())


_LATER: Final = {
    **{
        name: f"{name} + %(later)s"
        for name in ("at", "started_at", "ended_at", "queued_at", "entered_at", "accepted_at")
    },
    "id": "overlay(id placing %(n)s from 5 for 4)",
    "contact_id": "overlay(contact_id placing %(n)s from 5 for 4)",
    "place": "place + CAST(EXTRACT(EPOCH FROM %(later)s) * 1000000 AS bigint) * 1024",
    "terms": "terms || array_to_tsvector(ARRAY[to_char(hour, '\"_h\"YYYYMMDDHH24'), "
    "to_char(hour, '\"_d\"YYYYMMDD'), to_char(hour, '\"_m\"YYYYMM')])",
}
"""What differs in a copy: its number, and how much later it was."""

_HOUR: Final = (
    ", LATERAL (SELECT to_timestamp(place / 1024000000) AT TIME ZONE 'UTC' + %(later)s AS hour) AS its_time"
)

_GONE: Final = {
    "journal": "UPDATE made SET data = "
    f"CAST(replace(replace(CAST(data AS text), ' {GONE}', ''), ' {FADED}', '') AS jsonb) "
    "WHERE kind = 'input' AND right(contact_id, 4) <> '0000'",
    "contact_words": f"UPDATE made SET terms = ts_delete(terms, ARRAY['{GONE}', '{FADED}']), "
    f"said = replace(replace(said, ' {GONE} ', ' '), ' {FADED} ', ' ') WHERE right(contact_id, 4) <> '0000'",
}
"""What is done before the copies of the year's second half."""


_PLACE: Final = "CAST(EXTRACT(EPOCH FROM %(from)s{}) * 1000000 AS bigint) * 1024"
_VOCABULARY: Final = (
    "INSERT INTO contact_vocabulary (term, until) "
    f"SELECT term, max((place / {DAY} + 1) * {DAY}) "
    "FROM contact_words, unnest(tsvector_to_array(terms)) AS term "
    f"WHERE NOT starts_with(term, '_') AND (place >= {_PLACE.format(' + %(last)s')} OR "
    f"(place >= {_PLACE.format(' + %(said)s - %(later)s')} AND place < {_PLACE.format(' + %(said)s')})) "
    "GROUP BY term"
)
"""Of the last copy, and of the last with `GONE`: all have the same other words."""


def _copy(table: str, columns: str) -> str:
    values = ", ".join(_LATER.get(name, name) for name in columns.split(", "))
    source = "made" + (_HOUR if table == "contact_words" else "")
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {source}"


# --- what is made ---------------------------------------------------------------------------------------


def _made(first: int, number: int, of: int, copies: int) -> dict[str, list[Any]]:
    """Rows of every table for some of the contacts."""
    lexicon, random, period = Lexicon(), Random(first), YEAR / copies
    rows: dict[str, list[Any]] = {table: [] for table in TABLES}
    for each in range(first, first + number):
        for table, row in _contact(each, NOW - YEAR + period * each / of, random, lexicon):
            rows[table].append(row)
    return rows


def _contact(number: int, at: datetime, random: Random, lexicon: Lexicon) -> Iterator[tuple[str, Any]]:
    """One contact as rows of tables. The four digits behind the kind in its ids tell the copy."""
    contact_id, channel = f"con_0000{number:022d}", random.choice(("phone", "phone", "sms", "web"))
    chinese = random.random() < 0.4
    texts = [lexicon.sentence(random, chinese) for _ in range(3)]
    texts[0] += f" {GONE if number % 2 else FADED}"
    agent_id, queue = f"agt_{random.randrange(AGENTS)}", random.choice(QUEUES)
    steps = [["front_door", node, "done"] for node in random.sample(NODES, 3)]
    accepted, ended = at + timedelta(seconds=random.expovariate(1 / 25)), at + timedelta(minutes=4)
    outcome, handled = ("answered", "handled") if random.random() > 0.07 else ("abandoned", "abandoned")
    said = cut(texts)
    facts = [("channel", channel), ("queue", queue), ("agent_id", agent_id), ("outcome", outcome)]
    for flow, node, _ in steps:
        facts += [("node", node), ("node", f"{flow}/{node}")]
    terms = sorted(said.terms | {fact(FACTS[name], value) for name, value in facts})
    yield "contacts", (
        contact_id, channel, "inbound", "ended", "nobody", f"+1202555{number % 10_000:04d}", "+12025550199",
        "zh" if chinese else "en", "[]", "front_door", "0" * 32, "{}", 8, 3, 6, at, ended, agent_id, outcome,
    )  # fmt: skip
    for seq, text in enumerate(texts[:2]):
        yield "journal", (contact_id, seq, at, "input", encode_json({"turn": seq, "text": text}))
    yield "journal", (contact_id, 2, at, "path", encode_json({"turn": 1, "steps": steps}))
    yield "messages", (
        f"msg_0000{number:022d}", contact_id, "inbound", "customer", texts[2], "[]", "received", at
    )  # fmt: skip
    yield "works", (
        f"wrk_0000{number:022d}", "call", contact_id, "done", queue, "{}", "{}", "[]", "{}", at, at, agent_id,
        accepted if handled == "handled" else None, ended, handled, 5,
    )  # fmt: skip
    yield "contact_words", (
        first_place(at), contact_id, said.lines, " ".join(f"'{term}'" for term in terms)
    )  # fmt: skip
