"""The database behind one door: open it, read from it, commit units of work to it in groups.

A `Unit` is everything one turn changes, as rows. `Store.commit` hands it to a writer (see
`crm_store.writers`), which writes what has arrived in one transaction and answers each after the commit
(DESIGN D11: the fixed cost of a transaction is paid once for many turns).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from crm_store.bulk import Unit
from crm_store.errors import StoreDown
from crm_store.types import encode_json
from crm_store.writers import LoopWriter, Pending, ThreadWriter, translate

__all__ = ["Store", "Unit", "open_engine"]

T = TypeVar("T")


_POSTGRES: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    # A machine that vanished without a word is noticed within some ten seconds, not hours.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

_SERVING: Final = {"options": "-c lock_timeout=500ms -c idle_in_transaction_session_timeout=4s"}
"""A process that is stopped in the middle of a transaction must not keep its rows from all others: those give
up waiting, and the server gives up on it. Scripts, which may read for long, are left alone."""


def open_engine(url: str, *, serving: bool = False) -> Engine:
    """An engine for ``sqlite:///...`` or ``postgresql://...``, with what each needs to be safe and quick."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(
            parsed,
            pool_size=8,
            max_overflow=8,
            pool_timeout=5,
            pool_pre_ping=False,
            connect_args=_POSTGRES | (_SERVING if serving else {}),
            hide_parameters=True,
            json_serializer=encode_json,
            json_deserializer=msgspec.json.decode,
        )
    engine = sa.create_engine(
        parsed,
        connect_args={"check_same_thread": False, "timeout": 10},
        poolclass=sa.pool.QueuePool,
        pool_size=8,
        hide_parameters=True,
        json_serializer=encode_json,
        json_deserializer=msgspec.json.decode,
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's own
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-8192",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("quick", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write", False) else "BEGIN")

    return engine


class Store:
    """One database. `read` and `commit` for the running engine; `reading` and `writing` for scripts.

    ``serving``: by one of several processes, none of which may keep the others waiting for long.
    """

    def __init__(self, url: str, *, serving: bool = False) -> None:
        self.engine = open_engine(url, serving=serving)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(write=True)
        self._unbound = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._quick: Connection | None = None
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="store-read")
        self._in_thread = ThreadWriter(self.engine, self._told)
        self._on_loop: LoopWriter | None = None
        self._closed = False
        self.on_commit: Callable[[int], None] = lambda units: None  # told how many units each group had

    # --- scripts, migrations, the CLI ------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from, for synchronous code."""
        with _as_store_error(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of one's own, for synchronous code; commits at the end, rolls back on error."""
        with _as_store_error(), self._writing.begin() as connection:
            yield connection

    # --- the running engine -----------------------------------------------------------------------

    async def read(self, function: Callable[[Connection], T]) -> T:
        """``function(connection)`` in a reader thread: for anything that may take long."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read_now, function)

    async def read_quick(self, function: Callable[[Connection], T]) -> T:
        """As `read`, for look-ups by key: without a transaction, whose beginning and end are two more ways to
        the server. On SQLite, which answers from memory and never waits for the writer, it runs right
        here and saves the way to a thread and back. Each statement sees the database as it is then; what is
        decided by several is checked again in the commit.
        """
        if not self.is_sqlite:
            return await asyncio.get_running_loop().run_in_executor(
                self._readers, self._read_quickly, function
            )
        with _as_store_error():
            if self._quick is None:
                self._quick = self.engine.execution_options(quick=True).connect()
            try:
                return function(self._quick)
            finally:
                self._quick.rollback()

    async def commit(self, unit: Unit) -> list[Any]:
        """Write ``unit`` durably; the results of its calls, once the transaction has committed.

        Raises `Conflict`, `Duplicate`, `StoreDown`, or what a call raised; then nothing of the
        unit was written.
        """
        if self._closed:
            raise StoreDown("the store is closed")
        loop = asyncio.get_running_loop()
        pending = Pending(unit, loop)
        if self.is_sqlite and self._on_loop is None:
            self._on_loop = LoopWriter(self.engine, loop, self._told)
        if self._on_loop is not None and self._on_loop.loop is loop:
            self._on_loop.submit(pending)
        else:
            self._in_thread.submit(pending)
        return await pending.answer

    async def write(self, function: Callable[[Connection], T], *, quick: bool = False) -> T:
        """``function(connection)`` as a unit of its own through the writer.

        ``quick``: it is a few statements by key (see `Unit`). It may be run twice: once with a group that
        fails, and once alone.
        """
        unit = Unit(quick=quick)
        unit.call(function)
        result: T = (await self.commit(unit))[0]
        return result

    async def check(self) -> None:
        """Raise `StoreDown` where the database cannot be read."""
        await self.read(lambda connection: connection.execute(sa.text("SELECT 1")).scalar())

    def close(self) -> None:
        """Write what was handed in, then close. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        if self._on_loop is not None:
            self._on_loop.close()
        self._in_thread.close()
        self._readers.shutdown(wait=True)
        if self._quick is not None:
            self._quick.close()
        self.engine.dispose()

    def _told(self, units: int) -> None:
        self.on_commit(units)

    def _read_quickly(self, function: Callable[[Connection], T]) -> T:
        with _as_store_error(), self._unbound.connect() as connection:
            return function(connection)

    def _read_now(self, function: Callable[[Connection], T]) -> T:
        with self.reading() as connection:
            return function(connection)


@contextmanager
def _as_store_error() -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        translated = translate(error)
        if translated is error:
            raise
        raise translated from error
