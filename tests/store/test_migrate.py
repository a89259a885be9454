"""Migrations: up, down and up again, on both databases, to exactly the tables of crm_store.schema."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from crm_store import migrate, schema
from crm_store.errors import Refused, StoreDown
from crm_store.store import open_engine


@pytest.fixture(params=["fresh_sqlite", "fresh_postgres"])
def url(request: pytest.FixtureRequest) -> str:
    value: str = request.getfixturevalue(request.param)
    return value


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()


def shape(engine: Engine) -> dict[str, Any]:
    """Everything that the database itself says about its tables."""
    look = sa.inspect(engine)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in look.get_columns(table)
            ],
            "primary": look.get_pk_constraint(table),
            "unique": sorted(look.get_unique_constraints(table), key=str),
            "foreign": sorted(look.get_foreign_keys(table), key=str),
            "indexes": sorted(look.get_indexes(table), key=str),
            "checks": sorted(look.get_check_constraints(table), key=str),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def test_upgrade_makes_exactly_the_schema(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_migrated_database_equals_one_made_from_the_schema(engine: Engine) -> None:
    migrate.upgrade(engine)
    migrated = shape(engine)
    migrate.downgrade(engine, "base")
    schema.metadata.create_all(engine)
    assert migrated == shape(engine)
    assert migrated.keys() == schema.metadata.tables.keys()


def test_up_down_and_up_again(engine: Engine) -> None:
    assert migrate.current(engine) is None
    assert migrate.pending(engine)
    migrate.upgrade(engine)
    first = shape(engine)
    assert migrate.current(engine) == migrate.head()
    assert not migrate.pending(engine)
    migrate.downgrade(engine, "base")
    assert shape(engine) == {}
    assert migrate.pending(engine)
    migrate.upgrade(engine)
    assert shape(engine) == first


def test_upgrading_twice_keeps_the_rows(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(schema.skills.insert(), {"id": "ski_1", "name": "billing"})
    migrate.upgrade(engine)
    migrate.upgrade(engine, migrate.head())
    with engine.connect() as connection:
        assert connection.execute(sa.select(schema.skills.c.name)).scalars().all() == ["billing"]


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(migrate.FOLDER)).get_heads() == [migrate.head()]


def test_failing_migration_leaves_the_database_as_it_was(engine: Engine) -> None:
    with engine.begin() as connection:  # in the way of the last table the migration makes
        connection.execute(sa.text("CREATE TABLE audit (id INTEGER)"))
    with pytest.raises(sa.exc.DBAPIError):
        migrate.upgrade(engine)
    assert shape(engine).keys() == {"audit"}
    assert migrate.current(engine) is None


def test_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.pending(engine)
    with pytest.raises(Refused, match="9999"):
        migrate.upgrade(engine)
    with pytest.raises(Refused, match="9999"):
        migrate.downgrade(engine, "base")


def test_many_that_start_at_once_migrate_once(url: str) -> None:
    together = threading.Barrier(6)
    failures: list[BaseException] = []

    def start() -> None:
        engine = open_engine(url)
        together.wait()
        try:
            migrate.upgrade(engine)
        except BaseException as error:
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    engine = open_engine(url)
    assert migrate.current(engine) == migrate.head()
    engine.dispose()


def test_settled_database_is_seen_without_alembic(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    program = (
        "import sys; from crm_store import migrate; from crm_store.store import open_engine\n"
        "engine = open_engine(sys.argv[1]); assert not migrate.pending(engine); migrate.upgrade(engine)\n"
        "print('alembic' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, url], capture_output=True, text=True, check=True, cwd="."
    )
    assert ran.stdout.strip() == "False"


def test_server_out_of_reach_is_store_down() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreDown):
        migrate.upgrade(engine)
