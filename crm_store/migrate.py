"""Brings a database to the schema of this version, and back: Alembic without its ini file.

Two processes that start at once are safe: one migrates, the other waits and finds it done. The
whole way is one transaction, so a migration that fails leaves the database as it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, RootTransaction

from crm_store.errors import Refused, StoreDown

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest revision in migrations/versions; a test holds the two together. Kept here so that a
start on a database that is up to date need not import Alembic."""

FOLDER = Path(__file__).with_name("migrations")

_VERSION_TABLE = "alembic_version"
_LOCK = 0x63635F6D69677261  # "cc_migra": the key of PostgreSQL's advisory lock
_OPENING_TRIES = 100
_OPENING_PAUSE = 0.1  # seconds


def head() -> str:
    """The revision that this version of the code needs."""
    return HEAD


def current(engine: Engine) -> str | None:
    """The revision a database is at; None for one that was never migrated. Raises `StoreDown`."""
    with _begun(engine) as connection:
        return _revision(connection)


def pending(engine: Engine) -> bool:
    """Whether `upgrade` would change anything; cheap, without Alembic. Raises `StoreDown`."""
    return current(engine) != HEAD


def upgrade(engine: Engine, target: str = "head") -> None:
    """Bring the database (an engine of `crm_store.store.open_engine`) up to ``target``.

    Raises `Refused` where it was made by a newer version of the code, `StoreDown` where another
    process holds the SQLite file for longer than the engine waits.
    """
    if target in ("head", HEAD) and not pending(engine):
        return
    with _alone(engine) as connection:
        _refuse_unknown(_revision(connection))
        _config_for(connection, "upgrade", target)


def downgrade(engine: Engine, target: str) -> None:
    """Take the database back to ``target`` (``base`` = empty; all rows are lost). Raises as `upgrade`."""
    with _alone(engine) as connection:
        _refuse_unknown(_revision(connection))
        _config_for(connection, "downgrade", target)


def config(connection: Connection) -> Config:
    """Alembic's configuration for these migrations over ``connection``; for its other commands."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _config_for(connection: Connection, direction: str, target: str) -> None:
    from alembic import command

    run = command.upgrade if direction == "upgrade" else command.downgrade
    run(config(connection), target)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no other process migrates."""
    engine = engine.execution_options(write=True)
    if engine.dialect.name == "sqlite":
        with _rebuilding(engine) as connection:
            yield connection
        return
    with _begun(engine) as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # another one may take its time
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection


@contextmanager
def _rebuilding(engine: Engine) -> Iterator[Connection]:
    """A transaction in which SQLite may rebuild tables that others refer to (sqlite.org/lang_altertable.html,
    section 7): foreign keys are not watched meanwhile, and are checked before the commit."""
    with _connected(engine) as connection:
        cursor = connection.connection.cursor()  # the driver's: this cannot be said within a transaction
        cursor.execute("PRAGMA foreign_keys=OFF")
        try:
            with _transaction(connection):
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise Refused(
                        f"rows of {broken[0]} would refer to rows of {broken[2]} that are not there"
                    )
        finally:
            cursor.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction, which commits at the end."""
    with _connected(engine) as connection, _transaction(connection):
        yield connection


def _transaction(connection: Connection) -> RootTransaction:
    try:
        return connection.begin()
    except sa.exc.OperationalError as error:
        raise _store_down() from error


def _connected(engine: Engine) -> Connection:
    """A connection. Two processes that create one SQLite file meet while switching it to WAL, for
    which SQLite does not wait by itself."""
    for left in reversed(range(_OPENING_TRIES)):
        try:
            return engine.connect()
        except sa.exc.OperationalError as error:
            if engine.dialect.name != "sqlite" or "locked" not in str(error) or not left:
                raise _store_down() from error
            time.sleep(_OPENING_PAUSE)
    raise _store_down()


def _store_down() -> StoreDown:
    return StoreDown("the database does not answer; see `contact-center doctor`")


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(_VERSION_TABLE):
        return None
    table = sa.table(_VERSION_TABLE, sa.column("version_num", sa.String))
    revision: str | None = connection.execute(sa.select(table.c.version_num)).scalar_one_or_none()
    return revision


def _refuse_unknown(revision: str | None) -> None:
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    if revision is None:
        return
    try:
        ScriptDirectory(str(FOLDER)).get_revision(revision)
    except CommandError as error:
        raise Refused(
            f"the database is at revision {revision}, which this version does not know: it was made by a "
            "newer one; install that version, or name another database in config.yaml"
        ) from error
