"""Who writes units: gathers what has arrived, writes it in one transaction, answers each after the commit.

Two writers with one meaning. `ThreadWriter` does everything in a thread: for a database behind a network.
`LoopWriter` is for SQLite: it runs the statements on the event loop, where they take some 15 µs a unit, and
only the commit, which waits for the disk, in a thread; so it does with units whose calls are ``quick``.
With a busy event loop the thread would have to win back the interpreter's lock after every statement;
measured with 32 callers, that doubled the processor time of a turn.

A unit's conflict is its own: when a group fails, each of its units is tried again under a savepoint.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Transaction

from crm_store.bulk import DUPLICATE_TABLES, Row, Unit, Write
from crm_store.errors import Conflict, Duplicate, StoreDown

GATHER_SECONDS: Final = 0.003
ENOUGH: Final = 16
"""A busy `ThreadWriter` waits so long, or for so many, before it writes; a lone unit never waits."""

MAX_GROUP: Final = 64
"""Units in one transaction at most: bounds what a failed group costs and how long a commit holds the lock."""

MOST_CALLS: Final = 8
"""Quick calls in one group on the event loop, which stands still for a millisecond or so for each."""

_TRY_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL's states for a transaction that lost to another: serialisation, deadlock, lock not to be had."""


class Pending:
    """A unit on its way: `result` or `error` once it is written, and the future that waits for it."""

    __slots__ = ("answer", "error", "loop", "result", "unit")

    def __init__(self, unit: Unit, loop: asyncio.AbstractEventLoop) -> None:
        self.unit = unit
        self.loop = loop
        self.answer: asyncio.Future[list[Any]] = loop.create_future()
        self.result: list[Any] = []
        self.error: BaseException | None = None

    def tell(self) -> None:
        """Give the result to whoever waits for it; on the loop."""
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


class ThreadWriter:
    """See the module. ``told`` hears how many units each group had."""

    def __init__(self, engine: Engine, told: Callable[[int], None]) -> None:
        self._engine = engine
        self._told = told
        self._incoming: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, pending: Pending) -> None:
        """Have it written by the thread, which starts with the first unit."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="store-write", daemon=True)
            self._thread.start()
        self._incoming.put(pending)

    def close(self) -> None:
        """Write what is there; what another thread hands in meanwhile is refused."""
        if self._thread is not None:
            self._incoming.put(None)
            self._thread.join()
        late: list[Pending] = []
        while not self._incoming.empty():
            if (pending := self._incoming.get()) is not None:
                pending.error = StoreDown("the store is closed")
                late.append(pending)
        _tell_all(late)

    def _run(self) -> None:
        busy, last = False, False
        while not last and (first := self._incoming.get()) is not None:
            if busy:
                self._gather()
            group = [first]
            while len(group) < MAX_GROUP and not self._incoming.empty():
                following = self._incoming.get()
                if following is None:
                    last = True
                    break
                group.append(following)
            busy = len(group) > 1
            write_group(self._engine, group)
            self._told(len(group))
            _tell_all(group)

    def _gather(self) -> None:
        end = time.monotonic() + GATHER_SECONDS
        while self._incoming.qsize() < ENOUGH and time.monotonic() < end:
            time.sleep(GATHER_SECONDS / 6)


class LoopWriter:
    """See the module. Serves one event loop; ``told`` hears how many units each group had."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop, told: Callable[[int], None]) -> None:
        self.loop = loop
        self._engine = engine
        self._told = told
        self._plain: list[Pending] = []  # rows and quick calls: written together, on the loop
        self._calling: list[Pending] = []  # with functions that may take long: written in the thread
        self._busy = False
        self._impatient = engine.execution_options(write=True)
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-commit")

    def submit(self, pending: Pending) -> None:
        """Have it written in the next group: with all that comes in the same round of the loop."""
        slow = pending.unit.calls and not pending.unit.quick
        (self._calling if slow else self._plain).append(pending)
        if not self._busy:
            self._busy = True
            self.loop.call_soon(self._start)

    def close(self) -> None:
        """Finish the commit under way and write what still waits."""
        self._thread.shutdown(wait=True)
        left = self._calling + self._plain
        self._calling, self._plain = [], []
        if left:
            write_group(self._engine, left)
            _tell_all(left)
        if self._connection is not None:
            self._connection.close()

    def _start(self) -> None:
        """Begin the next group, if there is one. Groups with calls and without take turns."""
        calling, self._calling = self._calling, []
        if calling:
            self._in_thread(calling)
        elif self._plain:
            self._here(self._next_group())
        else:
            self._busy = False

    def _next_group(self) -> list[Pending]:
        calls = size = 0
        for pending in self._plain[:MAX_GROUP]:
            calls += len(pending.unit.calls)
            if size and calls > MOST_CALLS:
                break
            size += 1
        group, self._plain = self._plain[:size], self._plain[size:]
        return group

    def _here(self, group: list[Pending]) -> None:
        try:
            connection = self._opened()
            transaction = connection.begin()
        except Exception:  # somebody else is writing, or worse: the thread can wait, and finds out
            self._in_thread(group)
            return
        try:
            _write_quickly(connection, group)
            for pending in group:
                pending.result = [call(connection) for call in pending.unit.calls]
        except Exception:
            transaction.rollback()
            self._in_thread(group)
            return
        self._await(self.loop.run_in_executor(self._thread, _commit, transaction), group)

    def _opened(self) -> Connection:
        """The loop's own connection, which never waits for another writer's lock."""
        if self._connection is None:
            connection = self._impatient.connect()
            # On the driver's connection: SQLAlchemy would begin a transaction first, and wait for its lock.
            connection.connection.cursor().execute("PRAGMA busy_timeout=0")
            self._connection = connection
        return self._connection

    def _in_thread(self, group: list[Pending]) -> None:
        self._await(self.loop.run_in_executor(self._thread, write_group, self._engine, group), group)

    def _await(self, written: asyncio.Future[None], group: list[Pending]) -> None:
        written.add_done_callback(lambda _: self._finish(written, group))

    def _finish(self, written: asyncio.Future[None], group: list[Pending]) -> None:
        error = None if written.cancelled() else written.exception()
        for pending in group:
            pending.error = pending.error or (translate(error) if error is not None else None)
            pending.tell()
        self._told(len(group))
        if self._plain and self._calling:
            group, self._plain = self._plain[:MAX_GROUP], self._plain[MAX_GROUP:]
            self._here(group)
        else:
            self._start()


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except BaseException:
        with suppress(sa.exc.SQLAlchemyError):
            transaction.rollback()
        raise


def _tell_all(group: Sequence[Pending]) -> None:
    """Wake every waiting loop once for all of its units."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Pending]] = {}
    for pending in group:
        by_loop.setdefault(pending.loop, []).append(pending)
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # a loop that has ended: nobody waits there any more
            loop.call_soon_threadsafe(_tell, waiting)


def _tell(waiting: Sequence[Pending]) -> None:
    for pending in waiting:
        pending.tell()


# --- writing a group ---------------------------------------------------------------------------


def write_group(engine: Engine, group: Sequence[Pending]) -> None:
    """Write all of ``group`` in one transaction; each unit learns its own result or error."""
    try:
        with engine.execution_options(write=True).connect() as connection:
            quick = [pending for pending in group if pending.unit.quick or not pending.unit.calls]
            single = [pending for pending in group if pending.unit.calls and not pending.unit.quick]
            with connection.begin() as transaction:
                try:
                    _write_together(connection, quick)
                except Exception as error:
                    if isinstance(translate(error), StoreDown):
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
                pending.error = translate(error)


def _write_together(connection: Connection, group: Sequence[Pending]) -> None:
    """The rows of all units, statement by statement, then their calls; any refusal fails the whole group."""
    for write, rows in _by_statement(group):
        _execute(connection, write, rows)
    for pending in group:
        pending.result = [call(connection) for call in pending.unit.calls]


def _write_quickly(connection: Connection, group: Sequence[Pending]) -> None:
    """As `_write_together`, on the driver's own cursor. What is refused is not told in our words: the group
    is written again in the thread, and there it is."""
    cursor = connection.connection.cursor()

    def run(sql: str, values: tuple[Any, ...]) -> int:
        cursor.execute(sql, values)
        return int(cursor.rowcount)

    for write, rows in _by_statement(group):
        if write.execute("sqlite", rows, run) != len(rows):
            raise Conflict(f"a row of {write.table} was changed by somebody else meanwhile")


def _by_statement(group: Sequence[Pending]) -> Iterator[tuple[Write, list[Row]]]:
    rows: dict[Write, list[Row]] = {}
    for pending in group:
        for write, row in pending.unit.writes:
            rows.setdefault(write, []).append(row)
    for write in sorted(rows, key=lambda write: (write.rank, write.expects_rows)):
        yield write, rows[write]


def _write_each(connection: Connection, group: Sequence[Pending]) -> None:
    """Each unit under a savepoint of its own, so that its refusal is its own."""
    for pending in group:
        pending.error, pending.result = None, []
        try:
            with connection.begin_nested():
                for write, row in sorted(pending.unit.writes, key=lambda item: item[0].rank):
                    _execute(connection, write, [row])
                pending.result = [call(connection) for call in pending.unit.calls]
        except Exception as error:
            pending.error = translate(error)
            if isinstance(pending.error, StoreDown):
                raise


def _execute(connection: Connection, write: Write, rows: list[Row]) -> None:
    def run(sql: str, values: tuple[Any, ...]) -> int:
        return int(connection.exec_driver_sql(sql, values).rowcount)

    try:
        written = write.execute(connection.dialect.name, rows, run)
    except sa.exc.IntegrityError as error:
        if write.table in DUPLICATE_TABLES:
            raise Duplicate(f"a row of {write.table} is there already") from error
        raise
    if write.expects_rows and written != len(rows):
        raise Conflict(f"a row of {write.table} was changed by somebody else meanwhile")


def translate(error: BaseException) -> BaseException:
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
