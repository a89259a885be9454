"""Migrations: up, down and up again, on both databases, to exactly the tables of crm_store.schema."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from crm_store import contact_words, migrate, schema, vocabulary
from crm_store.errors import Refused, StoreDown
from crm_store.journal import NewEntry
from crm_store.store import open_engine
from tests.store.making import AT, add_contact


@pytest.fixture(params=["fresh_sqlite", "fresh_postgres"])
def url(request: pytest.FixtureRequest) -> str:
    value: str = request.getfixturevalue(request.param)
    return value


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()


FULL_TEXT = ("contact_terms", "ix_contact_words_terms")
"""SQLite's full-text table with those in which it keeps itself, and PostgreSQL's index of terms: each is on
one database only, so that the schema, which is for both, has neither."""


def is_compared(_thing: Any, name: str | None, *_: Any) -> bool:
    return not str(name).startswith(FULL_TEXT)


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
            "indexes": sorted(
                (index_shape(index) for index in look.get_indexes(table) if is_compared(None, index["name"])),
                key=str,
            ),
            "checks": sorted(look.get_check_constraints(table), key=str),
        }
        for table in look.get_table_names()
        if table != "alembic_version" and is_compared(None, table)
    }


def index_shape(index: Any) -> dict[str, Any]:
    """An index; what it is made of only in part (``WHERE``) as text, which can be compared."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_upgrade_makes_exactly_the_schema(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_object": is_compared}
        context = MigrationContext.configure(connection, opts=opts)
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


OLD_AGENT = {"id": "agt_1", "name": "Ann", "email": "ann@example.com", "role": "agent", "active": True}


def add_old_rows(connection: Connection) -> None:
    """Two agents, a customer of the first one's and a queue, as version 0001 wrote them."""
    agents = sa.text(
        "INSERT INTO agents (id, name, email, role, languages, active, created_at) "
        "VALUES (:id, :name, :email, :role, '[]', :active, '2026-03-02 09:30:00+00:00')"
    )
    connection.execute(agents, OLD_AGENT)
    connection.execute(agents, OLD_AGENT | {"id": "agt_2", "email": "ben@example.com"})
    connection.execute(
        sa.text(
            "INSERT INTO customers (id, tags, owner_id, created_at, updated_at) "
            "VALUES ('cus_1', '[]', 'agt_1', '2026-03-02 09:30:00+00:00', '2026-03-02 09:30:00+00:00')"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO queues (id, name, title, service_level, skills) "
            "VALUES ('que_1', 'sales', '{}', '{}', '{}')"
        )
    )


def names(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT name, email FROM agents ORDER BY id")).all()
        owned = connection.execute(sa.text("SELECT owner_id FROM customers")).all()
    return [*map(tuple, found), *map(tuple, owned)]


def test_0002_keeps_agents_and_what_refers_to_them_up_and_down(engine: Engine) -> None:
    migrate.upgrade(engine, "0001")
    with engine.begin() as connection:
        add_old_rows(connection)
    before = names(engine)
    migrate.upgrade(engine)
    assert names(engine) == before
    with engine.connect() as connection:
        agent = connection.execute(sa.select(schema.agents).where(schema.agents.c.id == "agt_1")).one()
        new = (agent.reach, agent.sip, agent.capacity, agent.stand_in_id, agent.shifts)
        assert new == ("client", "", None, None, "")
        assert connection.execute(sa.select(schema.queues.c.routing)).scalar_one() == {}
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(schema.agents.update().values(stand_in_id="agt_nobody"))
    with engine.begin() as connection:
        connection.execute(schema.agents.update().values(stand_in_id="agt_2"))
    migrate.downgrade(engine, "0001")
    assert names(engine) == before


def test_0003_keeps_what_was_there_up_and_down(engine: Engine) -> None:
    migrate.upgrade(engine, "0002")
    before = shape(engine)
    with engine.begin() as connection:
        add_old_rows(connection)
    people = names(engine)
    migrate.upgrade(engine, "0003")
    assert shape(engine).keys() - before.keys() == {"bot_reviews"}
    migrate.downgrade(engine, "0002")
    assert shape(engine) == before
    assert names(engine) == people


def test_0004_keeps_what_was_there_up_and_down(engine: Engine) -> None:
    migrate.upgrade(engine, "0003")
    before = shape(engine)
    with engine.begin() as connection:
        add_old_rows(connection)
    people = names(engine)
    migrate.upgrade(engine, "0004")
    assert shape(engine).keys() - before.keys() == {"passwords", "sessions"}
    migrate.downgrade(engine, "0003")
    assert shape(engine) == before
    assert names(engine) == people


def watched(engine: Engine) -> set[str]:
    """The names of all triggers."""
    names_of = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with engine.connect() as connection:
        return set(connection.execute(sa.text(names_of[engine.dialect.name])).scalars())


def test_0006_keeps_what_was_there_and_has_it_indexed_newest_first(engine: Engine) -> None:
    migrate.upgrade(engine, "0005")
    before = shape(engine)
    with engine.begin() as connection:
        add_old_rows(connection)
        for contact_id, minutes in (("con_new", 2), ("con_old", 1)):
            add_contact(connection, contact_id, started_at=AT + timedelta(minutes=minutes))
    people = names(engine)
    migrate.upgrade(engine, "0006")
    assert shape(engine).keys() - before.keys() == {"contact_words", "contact_words_due"}
    assert watched(engine) >= {"due_by_contact", "due_by_new_contact", "due_by_message", "due_by_customer"}
    with engine.execution_options(write=True).begin() as connection:
        assert contact_words.drain(connection, 1) == 1
        assert connection.execute(sa.select(schema.contact_words.c.contact_id)).scalars().all() == ["con_new"]
    migrate.downgrade(engine, "0005")
    assert shape(engine) == before
    assert watched(engine) == set()
    assert names(engine) == people
    with engine.begin() as connection:  # no trigger is left that would write somewhere
        add_contact(connection, "con_3")
    migrate.upgrade(engine, "0006")
    with engine.execution_options(write=True).begin() as connection:
        assert contact_words.drain(connection) == 3


def test_0007_has_the_vocabulary_learnt_of_what_is_indexed_and_kept_from_then_on(engine: Engine) -> None:
    migrate.upgrade(engine, "0006")
    before, triggers = shape(engine), watched(engine)
    writing = engine.execution_options(write=True)
    with writing.begin() as connection:
        add_contact(connection, "con_1", (NewEntry(AT, "note", {"text": "parcel"}),))
        contact_words.drain(connection)
    migrate.upgrade(engine, "0007")
    assert shape(engine).keys() - before.keys() == {"contact_vocabulary"}
    terms = sa.select(schema.contact_vocabulary.c.term).order_by(schema.contact_vocabulary.c.term)
    with writing.begin() as connection:
        add_contact(connection, "con_2", (NewEntry(AT, "note", {"text": "order"}),))
        contact_words.drain(connection)
        on_postgres = engine.dialect.name == "postgresql"
        assert connection.execute(terms).scalars().all() == (["", "order"] if on_postgres else [])
        while vocabulary.learn(connection):
            pass
        assert connection.execute(terms).scalars().all() == (["", "order", "parcel"] if on_postgres else [])
    migrate.downgrade(engine, "0006")
    assert shape(engine) == before
    assert watched(engine) == triggers
    with writing.begin() as connection:  # no trigger is left that would write somewhere
        contact_words.index(connection, ["con_1"])


def test_foreign_keys_are_watched_again_after_a_migration(engine: Engine) -> None:
    migrate.upgrade(engine)
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(schema.agent_skills.insert(), {"agent_id": "a", "skill_id": "b", "level": 1})


def test_a_migration_that_would_break_references_is_undone(fresh_sqlite: str) -> None:
    engine = open_engine(fresh_sqlite)
    migrate.upgrade(engine, "0001")
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            connection.execute(schema.agent_skills.insert(), {"agent_id": "a", "skill_id": "b", "level": 1})
    with pytest.raises(Refused, match="agent_skills"):
        migrate.upgrade(engine)
    assert migrate.current(engine) == "0001"
    engine.dispose()


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
