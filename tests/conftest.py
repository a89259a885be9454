"""Fixtures for every test: stores and servers.

The servers start when a test first asks for one, once for each pytest process (with pytest-xdist:
for each worker), so that workers share nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.support.servers import (
    POSTGRES_VARIABLE,
    REDIS_VARIABLE,
    Postgres,
    own_postgres,
    own_redis,
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that makes databases: its own, or the one named by CC_TEST_POSTGRES_URL."""
    url = os.environ.get(POSTGRES_VARIABLE)
    if url:
        yield Postgres(url)
        return
    with own_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The URL of the PostgreSQL's maintenance database; for tables take `fresh_postgres`."""
    return postgres.url


@pytest.fixture
def fresh_postgres(postgres: Postgres) -> Iterator[str]:
    """The URL of a new empty database on PostgreSQL, gone after the test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """The URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'contact-center.db'}"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis-compatible server: its own, or the one named by CC_TEST_REDIS_URL."""
    url = os.environ.get(REDIS_VARIABLE)
    if url:
        yield url
        return
    with own_redis() as own:
        yield own


@pytest.fixture
def fresh_redis(redis_url: str) -> str:
    """The same server with its database emptied: also that of CC_TEST_REDIS_URL."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url
