"""What a company sets up: accounts, agents and skills, queues, calendars, API tokens, and the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import accounts, agents, audit, calendars, queues, schema, tokens
from crm_store.accounts import AccountChanges
from crm_store.agents import AgentChanges, NewAgent
from crm_store.audit import AuditFilter
from crm_store.calendars import CalendarSettings
from crm_store.errors import Conflict, NotFound, Refused
from crm_store.ids import Ids
from crm_store.queues import QueueSettings, ServiceLevel


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    return {"at": at, "ids": ids, "actor": "agt_admin"}


# --- accounts --------------------------------------------------------------------------------------


def test_accounts(connection: Connection, by: dict[str, Any]) -> None:
    owner = agents.create(connection, NewAgent(name="Grace", email="grace@example.com"), **by)
    made = accounts.create(connection, "Northwind", tier="gold", **by)
    assert accounts.get(connection, made.id) == made
    changed = accounts.update(connection, made.id, AccountChanges(tier="key", owner_id=owner.id), **by)
    assert (changed.name, changed.tier, changed.owner_id) == ("Northwind", "key", owner.id)
    assert accounts.update(connection, made.id, AccountChanges(), **by) == changed
    assert accounts.list_accounts(connection).items == (changed,)
    with pytest.raises(NotFound):
        accounts.get(connection, "acc_nothing")
    for changes in (
        AccountChanges(tier="platinum"),
        AccountChanges(owner_id="agt_x"),
        AccountChanges(name="x" * 201),
    ):
        with pytest.raises(Refused):
            accounts.update(connection, made.id, changes, **by)
    with pytest.raises(Refused):
        accounts.create(connection, "Other", owner_id="agt_nobody", **by)


# --- agents ----------------------------------------------------------------------------------------


def test_an_agent_comes_back_as_created(connection: Connection, by: dict[str, Any]) -> None:
    new = NewAgent(
        name="陈静",
        email="Jing@Example.com",
        role="supervisor",
        languages=("zh", "en"),
        skills={"billing": 7, "a": 1},
    )
    made = agents.create(connection, new, **by)
    assert agents.get(connection, made.id) == made
    assert (made.email, made.languages, made.active, made.version) == (
        "jing@example.com",
        ("zh", "en"),
        True,
        0,
    )
    assert made.skills == {"a": 1, "billing": 7}
    assert agents.get_by_email(connection, " JING@example.com ") == made
    assert agents.get_by_email(connection, "nobody@example.com") is None
    assert agents.list_skills(connection) == ["a", "billing"]


def test_changing_an_agent(connection: Connection, by: dict[str, Any]) -> None:
    made = agents.create(
        connection, NewAgent(name="Tom", email="t@example.com", skills={"a": 1, "b": 2}), **by
    )
    other = agents.create(connection, NewAgent(name="Ann", email="a@example.com", skills={"a": 3}), **by)
    changed = agents.update(connection, made.id, 0, AgentChanges(skills={"b": 5, "c": 9}, active=False), **by)
    assert (changed.skills, changed.active, changed.version, changed.name) == (
        {"b": 5, "c": 9},
        False,
        1,
        "Tom",
    )
    kept = agents.update(connection, made.id, 1, AgentChanges(email="T@example.com"), **by)
    assert kept.skills == changed.skills
    assert agents.list_agents(connection) == [other, kept]
    assert agents.list_agents(connection, active=True) == [other]
    assert agents.list_agents(connection, active=False) == [kept]
    assert agents.get(connection, other.id).skills == {"a": 3}
    with pytest.raises(Conflict):
        agents.update(connection, made.id, 1, AgentChanges(name="late"), **by)
    with pytest.raises(Refused, match=other.id):
        agents.update(connection, made.id, 2, AgentChanges(email="A@example.com"), **by)
    with pytest.raises(NotFound):
        agents.update(connection, "agt_nobody", 0, AgentChanges(), **by)


@pytest.mark.parametrize(
    "new",
    [
        NewAgent(name="Tom", email="no address"),
        NewAgent(name="Tom", email="t@example.com", role="boss"),
        NewAgent(name="Tom", email="t@example.com", skills={"a": 0}),
        NewAgent(name="Tom", email="t@example.com", skills={"a": 11}),
        NewAgent(name="Tom", email="t@example.com", skills={" ": 5}),
        NewAgent(name="Tom", email="taken@example.com"),
        NewAgent(name="x" * 201, email="t@example.com"),
        NewAgent(name="Tom", email="t@example.com", reach="pigeon"),
        NewAgent(name="Tom", email="t@example.com", reach="phone"),
        NewAgent(name="Tom", email="t@example.com", reach="phone", phone="1234"),
        NewAgent(name="Tom", email="t@example.com", reach="sip"),
        NewAgent(name="Tom", email="t@example.com", sip="tom@example.com"),
        NewAgent(name="Tom", email="t@example.com", capacity=()),
        NewAgent(name="Tom", email="t@example.com", capacity=({},)),
        NewAgent(name="Tom", email="t@example.com", capacity=({"call": 0},)),
        NewAgent(name="Tom", email="t@example.com", capacity=({"call": 1}, {"chat": 101})),
        NewAgent(name="Tom", email="t@example.com", capacity=({"call": -1, "chat": 1},)),
        NewAgent(name="Tom", email="t@example.com", capacity=({"fax": 1},)),
        NewAgent(name="Tom", email="t@example.com", stand_in_id="agt_nobody"),
        NewAgent(name="Tom", email="t@example.com", shifts="nothing"),
    ],
)
def test_agents_that_cannot_be(connection: Connection, by: dict[str, Any], new: NewAgent) -> None:
    agents.create(connection, NewAgent(name="Ann", email="taken@example.com"), **by)
    with pytest.raises(Refused):
        agents.create(connection, new, **by)


def test_how_work_reaches_an_agent(connection: Connection, by: dict[str, Any]) -> None:
    calendars.put(connection, "early", CalendarSettings(timezone="UTC"), **by)
    ann = agents.create(connection, NewAgent(name="Ann", email="a@example.com"), **by)
    assert (ann.reach, ann.sip, ann.capacity, ann.stand_in_id, ann.shifts) == ("client", "", None, None, "")
    new = NewAgent(
        name="Tom",
        email="t@example.com",
        reach="phone",
        phone="+12025550143",
        sip="sip:tom@example.com",
        capacity=({"call": 1, "ticket": 1}, {"chat": 3, "text": 0}),
        stand_in_id=ann.id,
        shifts="early",
    )
    tom = agents.create(connection, new, **by)
    assert {name: getattr(tom, name) for name in new.__struct_fields__} == msgspec.structs.asdict(new)
    sip = agents.update(connection, tom.id, 0, AgentChanges(reach="sip", phone=""), **by)
    assert (sip.reach, sip.sip, sip.phone) == ("sip", "sip:tom@example.com", "")
    for number, (changes, field) in enumerate(
        [
            (AgentChanges(reach="phone"), "phone"),
            (AgentChanges(sip=""), "sip"),
            (AgentChanges(stand_in_id=tom.id), "stand_in_id"),
            (AgentChanges(capacity=()), "capacity"),
        ]
    ):
        with pytest.raises(Refused, match=field):
            agents.update(connection, tom.id, 1, changes, **by)
        assert agents.get(connection, tom.id).version == 1, number
    plain = AgentChanges(capacity=None, stand_in_id=None, shifts="")
    assert agents.update(connection, tom.id, 1, plain, **by).capacity is None


def test_what_was_set_up_before_may_stay_when_other_things_change(
    connection: Connection, by: dict[str, Any]
) -> None:
    """A number that is no number any more does not keep people from changing the name."""
    tom = agents.create(connection, NewAgent(name="Tom", email="t@example.com"), **by)
    connection.execute(schema.agents.update().values(reach="phone", phone="1234"))
    assert agents.update(connection, tom.id, 0, AgentChanges(name="Thomas"), **by).name == "Thomas"


# --- calendars and queues ------------------------------------------------------------------------------


OFFICE = CalendarSettings(
    timezone="Asia/Shanghai",
    weekly={"mon": (("09:00", "12:00"), ("13:30", "18:00"))},
    holidays={"2026-10-01": "国庆节"},
    special={"2026-12-24": (("09:00", "12:00"),)},
    country="CN",
)


def test_calendars(connection: Connection, by: dict[str, Any]) -> None:
    made = calendars.put(connection, "office", OFFICE, **by)
    assert (made.weekly, made.holidays, made.special) == (OFFICE.weekly, OFFICE.holidays, OFFICE.special)
    assert calendars.get(connection, "office") == made
    changed = calendars.put(connection, "office", CalendarSettings(timezone="Europe/Berlin"), **by)
    assert (changed.id, changed.timezone, changed.weekly) == (made.id, "Europe/Berlin", {})
    calendars.put(connection, "always", CalendarSettings(timezone="UTC"), **by)
    assert [calendar.name for calendar in calendars.list_calendars(connection)] == ["always", "office"]
    with pytest.raises(NotFound):
        calendars.get(connection, "nothing")
    with pytest.raises(Refused, match="time zone"):
        calendars.put(connection, "mars", CalendarSettings(timezone="Mars/Olympus"), **by)


def test_queues(connection: Connection, by: dict[str, Any]) -> None:
    calendars.put(connection, "office", OFFICE, **by)
    settings = QueueSettings(
        title={"en": "Sales", "zh": "销售"},
        calendar="office",
        max_length=5,
        max_wait=60,
        service_level=ServiceLevel(target=0.9, seconds=15),
        skills={"sales": 3},
    )
    made = queues.put(connection, "sales", settings, **by)
    assert queues.get(connection, "sales") == made
    assert (made.version, made.service_level, made.skills) == (0, settings.service_level, {"sales": 3})
    assert queues.put(connection, "sales", settings, **by) == made
    changed = queues.put(connection, "sales", QueueSettings(title={"en": "Sales"}), **by)
    assert (changed.id, changed.version, changed.calendar, changed.max_wait) == (made.id, 1, "always", 1800)
    queues.put(connection, "billing", QueueSettings(), **by)
    assert [queue.name for queue in queues.list_queues(connection)] == ["billing", "sales"]
    entry = audit.list_entries(connection, AuditFilter(action="queue.updated")).items[0]
    assert entry.data["max_wait"] == {"from": 60, "to": 1800}
    with pytest.raises(NotFound):
        queues.get(connection, "nothing")


def test_a_queue_keeps_how_it_routes(connection: Connection, by: dict[str, Any]) -> None:
    routing = {"strategy": ["owner_first", "longest_idle"], "rings": [{"after": 30, "lower": 2}]}
    made = queues.put(connection, "vip", QueueSettings(routing=routing), **by)
    assert made.routing == routing
    assert queues.put(connection, "vip", QueueSettings(routing=routing), **by) == made
    changed = queues.put(connection, "vip", QueueSettings(), **by)
    assert (changed.routing, changed.version) == ({}, 1)
    entry = audit.list_entries(connection, AuditFilter(action="queue.updated")).items[0]
    assert entry.data == {"routing": {"from": routing, "to": {}}}


def test_titles_by_language(connection: Connection, by: dict[str, Any]) -> None:
    queue = queues.put(connection, "sales", QueueSettings(title={"en": "Sales", "zh": "销售"}), **by)
    assert [queue.title_in(tag) for tag in ("zh-CN", "zh", "en-GB", "fr", "")] == [
        "销售",
        "销售",
        *["Sales"] * 3,
    ]
    assert queues.put(connection, "bare", QueueSettings(), **by).title_in("zh-CN") == "bare"


@pytest.mark.parametrize(
    "settings",
    [
        QueueSettings(calendar="nothing"),
        QueueSettings(max_length=0),
        QueueSettings(max_wait=0),
        QueueSettings(service_level=ServiceLevel(target=1.5)),
        QueueSettings(service_level=ServiceLevel(seconds=-1)),
    ],
)
def test_queues_that_cannot_be(connection: Connection, by: dict[str, Any], settings: QueueSettings) -> None:
    with pytest.raises(Refused):
        queues.put(connection, "sales", settings, **by)
    with pytest.raises(Refused):
        queues.put(connection, "", QueueSettings(), **by)


# --- tokens ------------------------------------------------------------------------------------------


def test_a_token_is_found_by_its_secret_until_revoked(connection: Connection, by: dict[str, Any]) -> None:
    made = tokens.create(connection, "shop", "administrator", random_bytes=lambda size: b"\xfb" * size, **by)
    assert made.secret == "cc_" + "-_v7" * 10 + "-_s"
    assert tokens.find_by_secret(connection, made.secret) == made.token
    for wrong in ("", "cc_", made.secret[3:], made.secret + "x", "cc_\ud800"):
        assert tokens.find_by_secret(connection, wrong) is None
    later = by | {"at": by["at"] + timedelta(days=1)}
    revoked = tokens.revoke(connection, made.token.id, **later)
    assert revoked.revoked_at == later["at"]
    assert tokens.find_by_secret(connection, made.secret) is None
    assert tokens.revoke(connection, made.token.id, **by) == revoked
    assert tokens.list_tokens(connection) == [revoked]
    with pytest.raises(NotFound):
        tokens.revoke(connection, "tok_nothing", **by)


def test_the_secret_is_not_kept(connection: Connection, by: dict[str, Any]) -> None:
    made = tokens.create(connection, "shop", "agent", **by)
    other = tokens.create(connection, "shop", "agent", **by)
    assert made.secret != other.secret
    assert len(made.secret) >= 43
    for table in (schema.api_tokens, schema.audit):
        for row in connection.execute(sa.select(table)):
            assert made.secret not in str(row)
            assert made.secret[3:] not in str(row)


def test_a_token_remembers_when_it_was_last_used(connection: Connection, by: dict[str, Any]) -> None:
    made = tokens.create(connection, "shop", "agent", **by)
    later = by["at"] + timedelta(hours=1)
    for moment in (later, by["at"]):
        tokens.touch(connection, made.token.id, moment)
    assert tokens.get(connection, made.token.id).last_used_at == later


def test_tokens_that_cannot_be(connection: Connection, by: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        tokens.create(connection, "shop", "boss", **by)
    with pytest.raises(Refused):
        tokens.create(connection, " ", "agent", **by)
    with pytest.raises(Refused):
        tokens.create(connection, "shop", "agent", agent_id="agt_nobody", **by)


# --- audit -------------------------------------------------------------------------------------------


def test_the_audit_trail_by_filter(connection: Connection, by: dict[str, Any]) -> None:
    made = []
    for hour, (actor, action, subject) in enumerate(
        [("ann", "a.made", "x"), ("ben", "a.made", "y"), ("ann", "a.changed", "x")]
    ):
        moment = by | {"at": by["at"] + timedelta(hours=hour), "actor": actor}
        made.append(audit.write(connection, action, subject, {"n": hour, "名": ["值"]}, **moment))

    def found(**which: Any) -> list[int]:
        return [entry.data["n"] for entry in audit.list_entries(connection, AuditFilter(**which)).items]

    assert audit.list_entries(connection, AuditFilter()).items == tuple(made[::-1])
    assert found(actor="ann") == [2, 0]
    assert found(action="a.made") == [1, 0]
    assert found(subject="y") == [1]
    assert found(since=made[1].at) == [2, 1]
    assert found(until=made[1].at) == [0]
    assert found(actor="ben", subject="x") == []


def test_an_actor_too_long_is_refused(connection: Connection, by: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        audit.write(connection, "a", "b", {}, **(by | {"actor": "x" * 81}))
