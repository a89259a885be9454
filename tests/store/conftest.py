"""The conformance suite's store: each test that takes `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import Connection

from crm_store import migrate, schema
from crm_store.ids import Ids
from crm_store.store import Store, open_engine
from tests.support.servers import Postgres, libpq_url


def migrated(url: str) -> str:
    """Bring the database at ``url`` to the newest schema and let go of it."""
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """A migrated database, emptied after each test: ten times quicker than a new one for each."""
    url = migrated(postgres.create_database())
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, emptied after the test."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    url: str = request.getfixturevalue("migrated_postgres")
    yield url
    _empty(url)


def _empty(url: str) -> None:
    """Delete every row; fails where a test has left a transaction open."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SET lock_timeout = '10s'")
        connection.execute("SET session_replication_role = replica")  # in any order: no foreign keys
        for table in schema.metadata.tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store on a migrated, empty database."""
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    """A transaction on `store`, committed after the test."""
    with store.writing() as opened:
        yield opened


@pytest.fixture
def at() -> datetime:
    """The instant at which a test happens."""
    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def ids(at: datetime) -> Ids:
    """An id maker that makes the same ids in every run."""
    return Ids(lambda: at, Random(1))
