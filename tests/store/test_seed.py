"""The demo data: complete, callable by nobody real, and put only into an empty store."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.routing.policy import read_policy
from crm_store import agents, calendars, customers, identities, orders, queues, schema, seed, seed_data
from crm_store.addresses import parse_address
from crm_store.customers import CustomerFilter
from crm_store.errors import Refused
from crm_store.ids import Ids
from crm_store.seed import Seeded
from ivr_flows.calendar import BusinessCalendar

TABLES = ("customers", "accounts", "orders", "transactions", "agents", "queues", "calendars")


def count(connection: Connection, table: str) -> int:
    rows = sa.select(sa.func.count()).select_from(schema.metadata.tables[table])
    return int(connection.execute(rows).scalar_one())


def test_the_summary_counts_what_was_added(connection: Connection, at: datetime, ids: Ids) -> None:
    seeded = seed.seed(connection, at=at, ids=ids)
    assert {table: count(connection, table) for table in TABLES} == {
        table: getattr(seeded, table) for table in TABLES
    }
    assert min(getattr(seeded, table) for table in TABLES) > 0


def test_a_store_in_use_is_left_alone(connection: Connection, at: datetime, ids: Ids) -> None:
    seed.seed(connection, at=at, ids=ids)
    before = {table: count(connection, table) for table in schema.metadata.tables}
    assert seed.seed(connection, at=at, ids=ids) == Seeded()
    assert {table: count(connection, table) for table in schema.metadata.tables} == before


def test_one_customer_is_enough_to_be_in_use(connection: Connection, at: datetime, ids: Ids) -> None:
    customers.create(connection, customers.NewCustomer(), at=at, ids=ids, actor="test")
    assert seed.seed(connection, at=at, ids=ids) == Seeded()


def test_every_customer_is_recognised(connection: Connection, at: datetime, ids: Ids) -> None:
    seed.seed(connection, at=at, ids=ids)
    languages, keys = set(), 0
    for customer in customers.search(connection, CustomerFilter(), limit=100).items:
        known_by = identities.list_identities(connection, customer.id)
        assert known_by
        for identity in known_by:
            found = customers.recognise(connection, identity.kind, identity.value)
            assert found is not None
            assert found.customer_id == customer.id
            if found.is_key:
                keys += 1
                assert found.owner_id
            languages.add(found.language)
    assert languages == {"en", "zh-CN"}
    assert keys


def test_nobody_real_can_be_called_or_written_to() -> None:
    for person in seed_data.CUSTOMERS:
        for kind, value in person.identities:
            if kind in ("phone", "whatsapp"):
                fictional = value.startswith("+6149157") or (
                    value.startswith("+1") and value[5:10] == "55501"
                )
                assert fictional, value
                assert parse_address(value).kind == "phone"
            if kind == "email":
                assert value.endswith("@example.com")
    for agent in seed_data.AGENTS:
        assert agent.email.endswith("@example.com")
        assert agent.phone == ""


def test_orders_are_in_every_state_with_their_money(connection: Connection, at: datetime, ids: Ids) -> None:
    seed.seed(connection, at=at, ids=ids)
    page = orders.list_orders(connection, limit=100)
    assert {order.status for order in page.items} == set(orders.STATUSES)
    for order in page.items:
        assert order.placed_at <= at
        assert order.number.isdigit()  # it can be keyed on a telephone
        paid = orders.list_transactions(connection, order.id)
        assert bool(paid) == (order.status != "placed")
        assert all(transaction.at <= at for transaction in paid)


def test_every_language_and_skill_that_a_queue_needs_is_there(
    connection: Connection, at: datetime, ids: Ids
) -> None:
    seed.seed(connection, at=at, ids=ids)
    people = agents.list_agents(connection)
    assert {language for agent in people for language in agent.languages} == {"en", "zh"}
    assert {agent.role for agent in people} >= {"agent", "supervisor"}
    for queue in queues.list_queues(connection):
        assert {"en", "zh"} <= queue.title.keys()
        assert calendars.find(connection, queue.calendar) is not None
        able = [
            agent
            for agent in people
            if all(agent.skills.get(skill, 0) >= level for skill, level in queue.skills.items())
        ]
        assert len(able) >= 2, queue.name
        assert {"en", "zh"} <= {language for agent in able for language in agent.languages}, queue.name


def test_who_looks_after_customers_has_somebody_who_stands_in(
    connection: Connection, at: datetime, ids: Ids
) -> None:
    seed.seed(connection, at=at, ids=ids)
    people = {agent.id: agent for agent in agents.list_agents(connection)}
    owners = {customer.owner_id for customer in customers.search(connection, CustomerFilter()).items}
    owners |= set(connection.execute(sa.select(schema.accounts.c.owner_id)).scalars())
    for owner in owners - {None}:
        stand_in = people[people[str(owner)].stand_in_id or ""]
        assert set(stand_in.languages) >= set(people[str(owner)].languages)


def test_the_router_can_read_how_each_queue_routes(connection: Connection, at: datetime, ids: Ids) -> None:
    seed.seed(connection, at=at, ids=ids)
    found = queues.list_queues(connection)
    policies = {queue.name: read_policy(queue.name, queue.routing) for queue in found}
    assert policies["vip"].strategy == ("owner_first", "longest_idle")
    for policy in policies.values():
        named = {overflow.to for overflow in policy.overflow}
        named |= {name for ring in policy.rings for name in ring.queues}
        assert named <= policies.keys()


def test_the_engine_can_read_the_calendars(connection: Connection, at: datetime, ids: Ids) -> None:
    seed.seed(connection, at=at, ids=ids)
    for row in calendars.list_calendars(connection):
        calendar = BusinessCalendar(
            name=row.name,
            timezone=row.timezone,
            weekly=row.weekly,
            holidays=row.holidays,
            special=row.special,
            country=row.country,
        )
        assert calendar.next_open(at)
    monday_in_shanghai = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    weekdays = seed_data.CALENDARS["weekdays"]
    opened = BusinessCalendar(name="weekdays", timezone=weekdays.timezone, weekly=weekdays.weekly)
    assert opened.is_open(monday_in_shanghai)
    assert not opened.is_open(monday_in_shanghai.replace(hour=12, minute=30))


def test_whoever_tries_the_demo_reaches_people_at_any_hour() -> None:
    used = {settings.calendar for settings in seed_data.QUEUES.values()} | {"office"}
    for name in used:
        settings = seed_data.CALENDARS[name]
        assert set(settings.weekly) == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, name
        assert {tuple(map(tuple, shifts)) for shifts in settings.weekly.values()} == {
            (("00:00", "24:00"),)
        }, name
        assert not settings.country, name
        assert not settings.special, name


def test_demo_numbers_are_each_ones_own(connection: Connection, at: datetime, ids: Ids) -> None:
    seed.seed(connection, at=at, ids=ids)
    ada = customers.find_by_identity(connection, "phone", seed_data.CUSTOMERS[0].identities[0][1])
    assert ada is not None
    assert ada.name == seed_data.CUSTOMERS[0].name
    other = customers.create(connection, customers.NewCustomer(), at=at, ids=ids, actor="test")
    with pytest.raises(Refused):
        identities.add(
            connection, other.id, *seed_data.CUSTOMERS[0].identities[0], "agent", at=at, ids=ids, actor="test"
        )
