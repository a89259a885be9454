"""The search in the log and the wallboard over many contacts on PostgreSQL, beside a scan with ILIKE.

    python -m benchmarks.log_search [--contacts 200000] [--rounds 40] [--url postgresql://...]
    python -m benchmarks.log_search --contacts 5000000 --keep FOLDER --build
    python -m benchmarks.log_search --keep FOLDER [--rounds 40]

The contacts are those of `benchmarks.log_data`. With ``--keep`` they stay in the folder, to be measured at
another time. A case is asked ``--rounds`` times, each time for other words of the same frequency. The rival
finds the same page by ILIKE over the rows where the words are, newest first, as the search did before there
was an index. The limit is 100 ms.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from benchmarks.log_data import (
    AGENTS,
    FADED,
    GONE,
    NODES,
    NOW,
    QUEUES,
    WHILE_BUILDING,
    WORDS,
    Lexicon,
    fill,
)
from crm_store import migrate, wallboard
from crm_store.contacts import ContactFilter
from crm_store.errors import StoreDown
from crm_store.search import Query, search
from crm_store.store import Store
from tests.support.servers import Postgres, libpq_url, own_postgres

LIMIT_MS: Final = 100.0
PAGES: Final = 1_000
KEPT: Final = "log"
"""The database in a folder that is kept."""

# --- measuring ------------------------------------------------------------------------------------------


def cases(lexicon: Lexicon, random: Random) -> dict[str, Callable[[], Query]]:
    """What is asked, by name; each time it is called, with other words of the same kind."""
    words, characters = lexicon.words, lexicon.characters

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
        "one that is hardly said any more": lambda: Query(words=FADED),
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


def measure(store: Store, rounds: int, like_seconds: int) -> None:
    """The table."""
    print(
        f"| search | p50 ms | p95 ms | of {LIMIT_MS:.0f} ms | CPU ms | page {PAGES:,}, CPU ms | to page 1 "
        "| ILIKE ms | ours to it |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, make in cases(Lexicon(), Random(3)).items():
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
    "SELECT (SELECT count(*) FROM contact_words) AS contacts, "
    "pg_size_pretty(pg_total_relation_size('contact_words')) AS index_of_words, "
    "pg_size_pretty(pg_relation_size('ix_contact_words_terms')) AS its_gin_index, "
    "pg_size_pretty(pg_total_relation_size('contact_vocabulary')) AS vocabulary, "
    "pg_size_pretty(pg_database_size(current_database())) AS database"
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--like-seconds", type=int, default=30, help="given to the rival for one page")
    parser.add_argument("--url", help="an empty database; the tests' own server where it is left out")
    parser.add_argument("--keep", type=Path, help="a folder for a server whose contacts stay")
    parser.add_argument("--build", action="store_true", help="fill that folder, and do not measure")
    args = parser.parse_args()
    if args.url:
        build(args.url, args.contacts)
        run(args.url, args)
    elif args.keep and args.build:
        with (
            own_postgres(durable=True, keep=args.keep, options=WHILE_BUILDING) as server,
            psycopg.connect(libpq_url(server.url), autocommit=True) as connection,
        ):
            connection.execute(f"CREATE DATABASE {KEPT}".encode())
            build(_kept(server), args.contacts)
            connection.execute("CHECKPOINT")
    elif args.keep:
        with own_postgres(durable=True, keep=args.keep) as server:
            run(_kept(server), args)
    else:
        with own_postgres(durable=True, options=WHILE_BUILDING[3:]) as server:
            url = server.create_database()
            build(url, args.contacts)
            run(url, args)


def _kept(server: Postgres) -> str:
    return sa.make_url(server.url).set(database=KEPT).render_as_string(hide_password=False)


def build(url: str, contacts: int) -> None:
    """Fill the empty database at ``url``."""
    began = time.perf_counter()

    def tell(what: str) -> None:
        print(f"{time.perf_counter() - began:.0f} s: {what}", flush=True)

    store = Store(url)
    migrate.upgrade(store.engine)
    store.close()
    tell(f"{fill(url, contacts, tell):,} contacts")


def run(url: str, args: argparse.Namespace) -> None:
    """Measure."""
    store = Store(url)
    migrate.upgrade(store.engine)
    with store.reading() as connection:
        for what, told in connection.execute(_SIZES).one()._asdict().items():
            print(f"{what}: {told}")
    measure(store, args.rounds, args.like_seconds)
    store.close()


if __name__ == "__main__":
    main()
