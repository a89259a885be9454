"""The search in the log and the wallboard over many contacts on PostgreSQL, beside a scan with ILIKE.

    python -m benchmarks.log_search [--contacts 5000000] [--rounds 40] [--url postgresql://...]

Contacts of a year, each with words by a law of Zipf in English or Chinese: 25,000 are made and put there by
COPY, and copies of them at other times by the server. A case is asked ``--rounds`` times, each time for other
words of the same frequency. The rival finds the same page by ILIKE over the rows where the words are, newest
first, as the search did before there was an index. The limit is 100 ms.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import migrate, wallboard
from crm_store.contact_words import FACTS, first_place
from crm_store.contacts import ContactFilter
from crm_store.errors import StoreDown
from crm_store.search import Query, search
from crm_store.store import Store
from crm_store.terms import cut, fact, times
from crm_store.types import encode_json
from tests.support.servers import libpq_url, own_postgres

LIMIT_MS: Final = 100.0
NOW: Final = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
WORDS, CHARACTERS, AGENTS, PAGES = 20_000, 3_000, 200, 1_000
MADE: Final = 25_000
"""Contacts that differ; more are copies of them."""

QUEUES: Final = ("sales", "service", "billing", "complaints", "technical")
NODES: Final = ("welcome", "main_menu", "order_status", "ask_bot", "to_agent", "complaint_open")
GONE: Final = "discontinued"
"""Said in every other contact of the year's first half, and never since."""


class Vocabulary:
    """Words and characters from the most to the least frequent."""

    def __init__(self, random: Random) -> None:
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


def fill(url: str, contacts: int, vocabulary: Vocabulary) -> int:
    """About so many contacts of the year before `NOW`, with what belongs to them; how many there are."""
    copies = max(1, contacts // MADE)
    made = contacts // copies
    period = timedelta(days=365) / copies
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        connection.execute("DROP INDEX ix_contact_words_terms")
        connection.execute(
            "INSERT INTO agents (id, name, email, role, languages, active, created_at) "
            "SELECT 'agt_' || n, 'Agent', n || '@example.com', 'agent', '[]', true, now() "
            "FROM generate_series(0, 199) AS n"
        )
        _make(connection, made, period, vocabulary)
        for number in range(1, copies):
            for statement in _copies():
                values = {"n": f"{number:04d}", "later": number * period, "said": number < copies / 2}
                connection.execute(statement.encode(), values)
        print("indexing ...", flush=True)
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(
            "CREATE INDEX ix_contact_words_terms ON contact_words USING gin (terms) WITH (fastupdate=off)"
        )
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return made * copies


def _make(
    connection: psycopg.Connection[Any], number: int, period: timedelta, vocabulary: Vocabulary
) -> None:
    random, at = Random(2), NOW - timedelta(days=365)
    rows = [_contact(each, at + period * each / number, random, vocabulary) for each in range(number)]
    for table, columns in _COLUMNS.items():
        with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
            for row in rows:
                for line in row[table]:
                    copy.write_row(line)


_COLUMNS: Final = {
    "contacts": "id, channel, direction, state, owner, from_address, to_address, language, tags, flow, "
    "flow_digest, session, version, journal_length, turn, started_at, ended_at, agent_id, outcome",
    "journal": "contact_id, seq, at, kind, data",
    "messages": "id, contact_id, direction, author, text, media, status, at",
    "works": "id, kind, contact_id, state, queue, required, preferred, owners, passed, queued_at, "
    "entered_at, agent_id, accepted_at, ended_at, outcome, version",
    "contact_words": "place, contact_id, said, terms",
}

_LATER: Final = {
    **{
        name: f"{name} + %(later)s"
        for name in ("at", "started_at", "ended_at", "queued_at", "entered_at", "accepted_at")
    },
    "id": "overlay(id placing %(n)s from 5 for 4)",
    "contact_id": "overlay(contact_id placing %(n)s from 5 for 4)",
    "text": f"CASE WHEN %(said)s THEN text ELSE replace(text, ' {GONE}', '') END",
    "data": "CASE WHEN %(said)s THEN data "
    f"ELSE CAST(replace(CAST(data AS text), ' {GONE}', '') AS jsonb) END",
    "place": "place + CAST(EXTRACT(EPOCH FROM %(later)s) * 1000000 AS bigint) * 1024",
    "terms": f"CASE WHEN %(said)s THEN base.terms ELSE ts_delete(base.terms, '{GONE}') END || "
    "array_to_tsvector(ARRAY[to_char(hour, '\"_h\"YYYYMMDDHH24'), to_char(hour, '\"_d\"YYYYMMDD'), "
    "to_char(hour, '\"_m\"YYYYMM')])",
}
"""What differs in a copy: its number, how much later it was, and whether people still said `GONE`."""

_HOUR: Final = (
    ", LATERAL (SELECT to_timestamp(place / 1024000000) AT TIME ZONE 'UTC' + %(later)s AS hour) AS its_time"
)


def _copies() -> Iterator[str]:
    """Statements that copy everything that was made to another time, with other ids."""
    for table, columns in _COLUMNS.items():
        values = ", ".join(_LATER.get(name, name) for name in columns.split(", "))
        key = "id" if "id" in columns.split(", ") else "contact_id"
        hour = _HOUR if table == "contact_words" else ""
        yield (
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS base{hour} "
            f"WHERE substr({key}, 5, 4) = '0000'"
        )


def _contact(number: int, at: datetime, random: Random, vocabulary: Vocabulary) -> dict[str, list[Any]]:
    """One contact as rows of every table. The four digits behind the kind in its ids tell the copy."""
    contact_id, channel = f"con_0000{number:022d}", random.choice(("phone", "phone", "sms", "web"))
    chinese = random.random() < 0.4
    texts = [vocabulary.sentence(random, chinese) for _ in range(3)]
    if number % 2:
        texts[0] += f" {GONE}"
    agent_id, queue = f"agt_{random.randrange(AGENTS)}", random.choice(QUEUES)
    steps = [["front_door", node, "done"] for node in random.sample(NODES, 3)]
    accepted, ended = at + timedelta(seconds=random.expovariate(1 / 25)), at + timedelta(minutes=4)
    outcome, handled = ("answered", "handled") if random.random() > 0.07 else ("abandoned", "abandoned")
    said = cut(texts)
    facts = [("channel", channel), ("queue", queue), ("agent_id", agent_id), ("outcome", outcome)]
    for flow, node, _ in steps:
        facts += [("node", node), ("node", f"{flow}/{node}")]
    terms = sorted(said.terms | {fact(FACTS[name], value) for name, value in facts})
    journal: list[Any] = [
        (contact_id, seq, at, "input", encode_json({"turn": seq, "text": text}))
        for seq, text in enumerate(texts[:2])
    ]
    journal.append((contact_id, 2, at, "path", encode_json({"turn": 1, "steps": steps})))
    return {
        "contacts": [
            (contact_id, channel, "inbound", "ended", "nobody", f"+1202555{number % 10_000:04d}",
             "+12025550199", "zh" if chinese else "en", "[]", "front_door", "0" * 32, "{}", 8, 3, 6, at,
             ended, agent_id, outcome)
        ],
        "journal": journal,
        "messages": [
            (f"msg_0000{number:022d}", contact_id, "inbound", "customer", texts[2], "[]", "received", at)
        ],
        "works": [
            (f"wrk_0000{number:022d}", "call", contact_id, "done", queue, "{}", "{}", "[]", "{}", at, at,
             agent_id, accepted if handled == "handled" else None, ended, handled, 5)
        ],
        "contact_words": [
            (first_place(at), contact_id, said.lines,
             " ".join(f"'{term}'" for term in (*terms, *times(at))))
        ],
    }  # fmt: skip


# --- measuring ------------------------------------------------------------------------------------------


def cases(vocabulary: Vocabulary, random: Random) -> dict[str, Callable[[], Query]]:
    """What is asked, by name; each time it is called, with other words of the same kind."""
    words, characters = vocabulary.words, vocabulary.characters

    def word(low: int, high: int) -> str:
        return f'"{words[random.randrange(low, high)]}"'

    def agent() -> str:
        return f"agt_{random.randrange(AGENTS)}"

    return {
        "a word of every third contact": lambda: Query(words=word(0, 10)),
        "of every hundredth": lambda: Query(words=word(150, 250)),
        "a rare one": lambda: Query(words=word(WORDS - 5000, WORDS)),
        "one that nobody said": lambda: Query(words=f"xq{random.randrange(10**9)}"),
        "one that is no longer said": lambda: Query(words=GONE),
        "two frequent words": lambda: Query(words=f"{word(0, 10)} {word(10, 30)}"),
        "a frequent and a rare word": lambda: Query(words=f"{word(0, 10)} {word(WORDS - 5000, WORDS)}"),
        "a phrase of two frequent words": lambda: Query(
            words=f'"{words[random.randrange(10)]} {words[random.randrange(10)]}"'
        ),
        "a phrase of two rarer words": lambda: Query(
            words=f'"{words[random.randrange(100, 300)]} {words[random.randrange(100, 300)]}"'
        ),
        "the beginning of a word, 2 letters": lambda: Query(words=words[random.randrange(100)][:2]),
        "the beginning of a word, 4 letters": lambda: Query(words=words[random.randrange(WORDS)][:4]),
        "the beginning of a rare word": lambda: Query(words=words[-1 - random.randrange(2000)]),
        "a Chinese character": lambda: Query(words=characters[random.randrange(10)]),
        "two Chinese characters": lambda: Query(words="".join(random.choices(characters[:30], k=2))),
        "four Chinese characters": lambda: Query(words="".join(random.choices(characters[:60], k=4))),
        "an agent": lambda: Query(which=ContactFilter(agent_id=agent())),
        "a node of the path": lambda: Query(path=random.choice(NODES)),
        "a frequent word, agent, queue, channel, outcome": lambda: Query(
            words=word(0, 10),
            which=ContactFilter(agent_id=agent(), queue="sales", channel="phone", outcome="answered"),
        ),
        "a word of every hundredth in a month": lambda: Query(
            words=word(150, 250),
            which=ContactFilter(since=NOW - timedelta(days=120), until=NOW - timedelta(days=90)),
        ),
        "everything": lambda: Query(),
    }


def timed(function: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    function()
    return (time.perf_counter() - began) * 1000


_LIKE: Final = sa.text(
    "SELECT * FROM contacts AS c WHERE EXISTS (SELECT 1 FROM messages AS m WHERE m.contact_id = c.id "
    "AND m.text ILIKE :words) OR EXISTS (SELECT 1 FROM journal AS j WHERE j.contact_id = c.id "
    "AND j.kind = 'input' AND j.data ->> 'text' ILIKE :words) ORDER BY c.started_at DESC, c.id DESC LIMIT 51"
)


def like(store: Store, query: Query, seconds: int) -> float | None:
    """The rival's milliseconds; None where it is not asked for words alone."""
    if query.words is None or query.which != ContactFilter():
        return None
    words = f"%{query.words.replace(chr(34), '')}%"
    try:
        with store.reading() as connection:
            connection.execute(sa.text(f"SET LOCAL statement_timeout = {seconds * 1000}"))
            return timed(lambda: connection.execute(_LIKE, {"words": words}).all())
    except (sa.exc.OperationalError, StoreDown):
        return seconds * 1000.0


def far(store: Store, query: Query) -> str | None:
    """The cursor of page `PAGES`; None where there are not so many."""
    cursor: str | None = None
    with store.reading() as connection:
        for _ in range(PAGES - 1):
            cursor = search(connection, query, cursor).next_cursor
            if cursor is None:
                return None
    return cursor


class Taken(NamedTuple):
    """Milliseconds of a search: until the answer, and of processor time in this program and in the server."""

    wall: float
    cpu: float


def measure(store: Store, rounds: int, like_seconds: int, vocabulary: Vocabulary) -> None:
    """The table."""
    print(
        f"| search | p50 ms | p95 ms | of {LIMIT_MS:.0f} ms | CPU ms | page {PAGES:,}, CPU ms | to page 1 "
        "| ILIKE ms | ours to it |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, make in cases(vocabulary, Random(3)).items():
        taken = [_asked(store, make()) for _ in range(rounds)]
        query = make()
        deep, ratio = "-", "-"
        if cursor := far(store, query):
            pairs = [(_asked(store, query).cpu, _asked(store, query, cursor).cpu) for _ in range(rounds)]
            first, last = (statistics.median(side) for side in zip(*pairs, strict=True))
            deep, ratio = f"{last:.1f}", f"{last / first:.2f}"
        rival = like(store, query, like_seconds)
        beside, part = "-", "-"
        if rival is not None:
            beside = f"{'over ' if rival >= like_seconds * 1000 else ''}{rival:,.0f}"
            part = f"{statistics.median(one.wall for one in taken) / rival:.4f}"
        print(f"| {name} | {_told(taken)} | {deep} | {ratio} | {beside} | {part} |", flush=True)
    print(f"| the wallboard | {_told([_board(store) for _ in range(rounds)])} | - | - | - | - |")


def _told(taken: list[Taken]) -> str:
    walls = [one.wall for one in taken]
    p95 = statistics.quantiles(walls, n=20)[-1]
    cpu = statistics.median(one.cpu for one in taken)
    return f"{statistics.median(walls):.1f} | {p95:.1f} | {p95 / LIMIT_MS:.2f} | {cpu:.1f}"


def _taken(store: Store, function: Callable[[Connection], object]) -> Taken:
    with store.reading() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        before = time.process_time() * 1000 + _cpu(pid)
        wall = timed(lambda: function(connection))
        return Taken(wall, time.process_time() * 1000 + _cpu(pid) - before)


def _cpu(pid: int) -> float:
    """Milliseconds of processor time of a process on this machine; 0 where the server is elsewhere."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return 0.0


def _asked(store: Store, query: Query, cursor: str | None = None) -> Taken:
    return _taken(store, lambda connection: search(connection, query, cursor))


def _board(store: Store) -> Taken:
    midnight, day, seconds = NOW.replace(hour=0), timedelta(days=1), dict.fromkeys(QUEUES, 20)

    def read(connection: Connection) -> None:
        wallboard.standing(connection)
        wallboard.counted(connection, midnight, NOW, seconds)
        wallboard.counted(connection, midnight - day, NOW - day, seconds)

    return _taken(store, read)


_SIZES: Final = sa.text(
    "SELECT pg_size_pretty(pg_total_relation_size('contact_words')), "
    "pg_size_pretty(pg_relation_size('ix_contact_words_terms')), "
    "pg_size_pretty(pg_database_size(current_database()))"
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--like-seconds", type=int, default=30, help="given to the rival for one page")
    parser.add_argument("--url", help="an empty database; the tests' own server where it is left out")
    args = parser.parse_args()
    if args.url:
        run(args.url, args)
    else:
        with own_postgres(durable=True) as server:
            run(server.create_database(), args)


def run(url: str, args: argparse.Namespace) -> None:
    """Fill the empty database at ``url``, and measure."""
    vocabulary = Vocabulary(Random(1))
    store = Store(url)
    migrate.upgrade(store.engine)
    began = time.perf_counter()
    contacts = fill(url, args.contacts, vocabulary)
    print(f"{contacts:,} contacts in {time.perf_counter() - began:.0f} s", flush=True)
    with store.reading() as connection:
        whole, gin, database = connection.execute(_SIZES).one()
    print(f"contact_words {whole}, of which the GIN index {gin}; the database {database}")
    measure(store, args.rounds, args.like_seconds, vocabulary)
    store.close()


if __name__ == "__main__":
    main()
