"""The database behind one door: open it, read from it, commit units of work to it in groups.

A `Unit` is everything one turn changes, as rows. `Store.commit` hands it to the writer, a thread
that gathers what has arrived, writes it in one transaction and answers each after the commit
(DESIGN D11: the fixed cost of a transaction is paid once for many turns). A unit's conflict is its
own: when a gathered group fails, each of its units is tried again under a savepoint of its own.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from crm_store import schema
from crm_store.errors import Conflict, Duplicate, StoreDown
from crm_store.types import encode_json

T = TypeVar("T")
Call = Callable[[Connection], Any]

GATHER_SECONDS = 0.003
"""How long the writer waits for more to come while it is busy. A lone unit never waits: the last group
tells whether there are others."""

MAX_GROUP = 64
"""Units in one transaction at most: bounds what a failed group costs and how long a commit holds the lock."""

_DUPLICATE_TABLES = frozenset({"deliveries"})

_RANK = {table.name: rank for rank, table in enumerate(schema.metadata.sorted_tables)} | {"deliveries": -1}
"""Order of tables within a group: a delivery's key first (the cheapest refusal), parents before children."""

_TRY_AGAIN = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's states for a transaction that lost to another: serialisation, deadlock, lock not to be had."""


class _Write:
    """One statement and how its failure reads: every row of an ``expects_rows`` update must match."""

    __slots__ = ("expects_rows", "rank", "statement", "table")

    def __init__(self, statement: sa.Executable, table: str, *, expects_rows: bool) -> None:
        self.statement = statement
        self.table = table
        self.expects_rows = expects_rows
        self.rank = _RANK[table]


@lru_cache(maxsize=256)
def _insert(table: str, columns: tuple[str, ...]) -> _Write:
    return _Write(schema.metadata.tables[table].insert(), table, expects_rows=False)


@lru_cache(maxsize=256)
def _update(table: str, columns: tuple[str, ...]) -> _Write:
    target = schema.metadata.tables[table]
    statement = (
        target.update()
        .where(target.c.id == sa.bindparam("_id"), target.c.version == sa.bindparam("_version"))
        .values({"version": sa.bindparam("_next")} | {name: sa.bindparam(f"_set_{name}") for name in columns})
    )
    return _Write(statement, table, expects_rows=True)


class Unit:
    """The rows one turn writes, all or none of them.

    `insert` and `update` are gathered with those of other units into few statements; `call` runs
    any function over the transaction's connection (slower; for what a row cannot say).
    """

    __slots__ = ("calls", "writes")

    def __init__(self) -> None:
        self.writes: list[tuple[_Write, dict[str, Any]]] = []
        self.calls: list[Call] = []

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row. A taken key is `Duplicate` for `deliveries`, `Conflict` for any other table."""
        self.writes.append((_insert(table, tuple(row)), dict(row)))

    def update(self, table: str, row_id: str, version: int, changes: Mapping[str, Any]) -> None:
        """Change a row that must still have ``version`` (else `Conflict`); the version goes up by one."""
        values: dict[str, Any] = {"_id": row_id, "_version": version, "_next": version + 1}
        for name, value in changes.items():
            values[f"_set_{name}"] = value
        self.writes.append((_update(table, tuple(changes)), values))

    def call(self, function: Call) -> None:
        """Run ``function(connection)`` inside the unit; its results are `Store.commit`'s answer."""
        self.calls.append(function)


class _Pending:
    __slots__ = ("done", "error", "result", "unit")

    def __init__(self, unit: Unit, done: Callable[[_Pending], None]) -> None:
        self.unit = unit
        self.done = done
        self.result: list[Any] = []
        self.error: BaseException | None = None


def open_engine(url: str) -> Engine:
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
            connect_args={"connect_timeout": 5},
            json_serializer=encode_json,
            json_deserializer=msgspec.json.decode,
        )
    engine = sa.create_engine(
        parsed,
        connect_args={"check_same_thread": False, "timeout": 10},
        poolclass=sa.pool.QueuePool,
        pool_size=8,
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
            "cache_size=-65536",
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
    """One database. `read` and `commit` for the running engine; `reading` and `writing` for scripts."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(write=True)
        self._quick: Connection | None = None
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="store-read")
        self._incoming: queue.SimpleQueue[_Pending | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
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
        """As `read`, for look-ups by key: on SQLite, which answers from memory and never waits for
        the writer, it runs right here and saves the way to a thread and back. There, each statement
        sees the database as it is then; what is decided by several is checked again in the commit.
        """
        if not self.is_sqlite:
            return await self.read(function)
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
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def done(pending: _Pending) -> None:
            if answer.done():
                return
            if pending.error is not None:
                answer.set_exception(pending.error)
            else:
                answer.set_result(pending.result)

        self._submit(_Pending(unit, _OnLoop(loop, done)))
        return await answer

    async def write(self, function: Callable[[Connection], T]) -> T:
        """``function(connection)`` as a unit of its own through the writer."""
        unit = Unit()
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
        if self._writer is not None:
            self._incoming.put(None)
            self._writer.join()
        self._refuse_latecomers()
        self._readers.shutdown(wait=True)
        if self._quick is not None:
            self._quick.close()
        self.engine.dispose()

    # --- the writer thread -----------------------------------------------------------------------

    def _read_now(self, function: Callable[[Connection], T]) -> T:
        with self.reading() as connection:
            return function(connection)

    def _submit(self, pending: _Pending) -> None:
        if self._closed:
            raise StoreDown("the store is closed")
        if self._writer is None:
            self._writer = threading.Thread(target=self._run, name="store-write", daemon=True)
            self._writer.start()
        self._incoming.put(pending)

    def _refuse_latecomers(self) -> None:
        """Answer what another thread handed in while the store was closing."""
        late: list[_Pending] = []
        while not self._incoming.empty():
            if (pending := self._incoming.get()) is not None:
                pending.error = StoreDown("the store is closed")
                late.append(pending)
        answer_all(late)

    def _run(self) -> None:
        busy = False
        while (first := self._incoming.get()) is not None:
            if busy:
                time.sleep(GATHER_SECONDS)
            group = [first]
            last = False
            while len(group) < MAX_GROUP:
                try:
                    following = self._incoming.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    last = True
                    break
                group.append(following)
            busy = len(group) > 1
            self._write_group(group)
            self.on_commit(len(group))
            answer_all(group)
            if last:
                return

    def _write_group(self, group: Sequence[_Pending]) -> None:
        try:
            with self._writing.connect() as connection:
                plain = [pending for pending in group if not pending.unit.calls]
                single = [pending for pending in group if pending.unit.calls]
                with connection.begin() as transaction:
                    try:
                        _write_together(connection, plain)
                    except Exception as error:
                        if isinstance(_translate(error), StoreDown):
                            raise
                        transaction.rollback()
                        single = list(group)
                    else:
                        _write_each(connection, single)
                        return
                with connection.begin():
                    _write_each(connection, single)
        except BaseException as error:
            for pending in group:
                if pending.error is None:
                    pending.error = _translate(error)


class _OnLoop:
    """Answers a pending unit on its event loop."""

    __slots__ = ("call", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[_Pending], None]) -> None:
        self.loop = loop
        self.call = call

    def __call__(self, pending: _Pending) -> None:
        self.call(pending)


def answer_all(group: Sequence[_Pending]) -> None:
    """Wake every waiting loop once for all of its units."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Pending]] = {}
    for pending in group:
        assert isinstance(pending.done, _OnLoop)
        by_loop.setdefault(pending.done.loop, []).append(pending)
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # a loop that has ended: nobody waits there any more
            loop.call_soon_threadsafe(_answer, waiting)


def _answer(waiting: Sequence[_Pending]) -> None:
    for pending in waiting:
        pending.done(pending)


def _write_together(connection: Connection, group: Sequence[_Pending]) -> None:
    """The rows of all units, statement by statement; any refusal fails the whole group."""
    rows: dict[_Write, list[dict[str, Any]]] = {}
    for pending in group:
        for write, values in pending.unit.writes:
            rows.setdefault(write, []).append(values)
    for write in sorted(rows, key=lambda write: (write.rank, write.expects_rows)):
        _execute(connection, write, rows[write])


def _write_each(connection: Connection, group: Sequence[_Pending]) -> None:
    """Each unit under a savepoint of its own, so that its refusal is its own."""
    for pending in group:
        pending.error, pending.result = None, []
        try:
            with connection.begin_nested():
                for write, values in sorted(pending.unit.writes, key=lambda item: item[0].rank):
                    _execute(connection, write, [values])
                pending.result = [call(connection) for call in pending.unit.calls]
        except Exception as error:
            pending.error = _translate(error)
            if isinstance(pending.error, StoreDown):
                raise


def _execute(connection: Connection, write: _Write, rows: list[dict[str, Any]]) -> None:
    try:
        result = connection.execute(write.statement, rows)
    except sa.exc.IntegrityError as error:
        if write.table in _DUPLICATE_TABLES:
            raise Duplicate(f"a row of {write.table} is there already") from error
        raise
    if write.expects_rows and result.rowcount != len(rows):
        raise Conflict(f"a row of {write.table} was changed by somebody else meanwhile")


def _translate(error: BaseException) -> BaseException:
    """A database error in the store's words; anything else as it is."""
    if isinstance(error, sa.exc.IntegrityError):
        return Conflict("a row with that key was written by somebody else meanwhile")
    if isinstance(error, sa.exc.DBAPIError) and getattr(error.orig, "sqlstate", None) in _TRY_AGAIN:
        return Conflict("somebody else was at the same rows just now")
    if isinstance(error, sa.exc.OperationalError) and _is_mistake(error.orig):
        return error
    if isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)):
        return StoreDown("the database does not answer; see `contact-center doctor`")
    if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        return StoreDown("the connection to the database was lost; see `contact-center doctor`")
    return error


def _is_mistake(error: BaseException | None) -> bool:
    """Whether SQLite means the statement (no such table, a slip in SQL) and not the file."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


@contextmanager
def _as_store_error() -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        translated = _translate(error)
        if translated is error:
            raise
        raise translated from error
