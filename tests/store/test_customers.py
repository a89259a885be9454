"""Customers and their identities: found, recognised with what routing needs, and never by guessing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import accounts, agents, audit, customers, identities, merges, schema
from crm_store.accounts import AccountChanges
from crm_store.addresses import KEYPAD_SPELLINGS
from crm_store.agents import NewAgent
from crm_store.audit import AuditFilter
from crm_store.customers import Customer, CustomerChanges, CustomerFilter, NewCustomer
from crm_store.errors import Conflict, NotFound, Refused
from crm_store.ids import Ids

NUMBER = "+12025550123"


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    """The time, ids and actor that every writer takes."""
    return {"at": at, "ids": ids, "actor": "agt_tester"}


def test_a_customer_comes_back_as_created(connection: Connection, by: dict[str, Any]) -> None:
    new = NewCustomer(
        name="王芳", first_name="芳", language="zh-CN", tier="gold", tags=("常客", "vip"), notes="likes tea"
    )
    made = customers.create(connection, new, **by)
    assert customers.get(connection, made.id) == made
    assert (made.name, made.tags, made.version, made.created_at) == ("王芳", ("常客", "vip"), 0, by["at"])


def test_changes_leave_the_rest_alone(connection: Connection, by: dict[str, Any]) -> None:
    made = customers.create(connection, NewCustomer(name="Ada", tags=("a",)), **by)
    later = by | {"at": by["at"] + timedelta(hours=1)}
    changed = customers.update(
        connection, made.id, 0, CustomerChanges(tier="key", tags=(), owner_id=None), **later
    )
    assert (changed.name, changed.tier, changed.tags, changed.version) == ("Ada", "key", (), 1)
    assert changed.updated_at == later["at"]
    with pytest.raises(Conflict):
        customers.update(connection, made.id, 0, CustomerChanges(tier="gold"), **later)
    with pytest.raises(NotFound):
        customers.update(connection, "cus_nobody", 0, CustomerChanges(tier="gold"), **later)
    entry = audit.list_entries(connection, AuditFilter(action="customer.updated")).items[0]
    assert entry.data["tier"] == {"from": "standard", "to": "key"}
    assert (entry.subject, entry.actor) == (made.id, "agt_tester")


@pytest.mark.parametrize(
    "new",
    [
        NewCustomer(tier="platinum"),
        NewCustomer(account_id="acc_nobody"),
        NewCustomer(owner_id="agt_nobody"),
        NewCustomer(name="x" * 201),
        NewCustomer(notes="a\0b"),
    ],
)
def test_values_that_cannot_be_are_refused(
    connection: Connection, by: dict[str, Any], new: NewCustomer
) -> None:
    with pytest.raises(Refused):
        customers.create(connection, new, **by)


@pytest.fixture
def three(connection: Connection, by: dict[str, Any]) -> list[Customer]:
    people = [
        NewCustomer(name="Ada Wilson", tier="gold", tags=("buyer",)),
        NewCustomer(name="Ben 100%_Carter", tags=("buyer", "late")),
        NewCustomer(name="王芳", tier="gold", language="zh-CN"),
    ]
    made = []
    for minute, person in enumerate(people):
        moment = by | {"at": by["at"] + timedelta(minutes=minute)}
        made.append(customers.create(connection, person, **moment))
    identities.add(connection, made[0].id, "phone", NUMBER, "agent", **by)
    identities.add(connection, made[2].id, "email", "Fang@example.com", "agent", **by)
    return made


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (CustomerFilter(), [2, 1, 0]),
        (CustomerFilter(text="ADA"), [0]),
        (CustomerFilter(text="芳"), [2]),
        (CustomerFilter(text="%_"), [1]),
        (CustomerFilter(text="(202) 555-0123"), [0]),
        (CustomerFilter(text="fang@"), [2]),
        (CustomerFilter(text=" "), [2, 1, 0]),
        (CustomerFilter(text="nobody"), []),
        (CustomerFilter(tier="gold"), [2, 0]),
        (CustomerFilter(tag="buyer"), [1, 0]),
        (CustomerFilter(tag="buy"), []),
        (CustomerFilter(tier="gold", tag="buyer"), [0]),
        (CustomerFilter(language="zh-CN"), [2]),
        (CustomerFilter(merged=True), []),
    ],
)
def test_search(
    connection: Connection, three: list[Customer], which: CustomerFilter, found: list[int]
) -> None:
    assert list(customers.search(connection, which).items) == [three[number] for number in found]


def test_search_in_pages(connection: Connection, three: list[Customer]) -> None:
    first = customers.search(connection, CustomerFilter(), limit=2)
    second = customers.search(connection, CustomerFilter(), first.next_cursor, limit=2)
    assert [*first.items, *second.items] == three[::-1]
    assert second.next_cursor is None


# --- identities ------------------------------------------------------------------------------------


def test_an_identity_belongs_to_one_customer(connection: Connection, by: dict[str, Any]) -> None:
    ada = customers.create(connection, NewCustomer(name="Ada"), **by)
    ben = customers.create(connection, NewCustomer(name="Ben"), **by)
    added = identities.add(connection, ada.id, "phone", "+1 (202) 555-0123", "crm_import", **by)
    assert (added.value, added.verified_at) == (NUMBER, None)
    assert identities.add(connection, ada.id, "phone", NUMBER, "said_by_customer", **by) == added
    with pytest.raises(Refused, match=ada.id) as refused:
        identities.add(connection, ben.id, "phone", NUMBER, "agent", **by)
    assert "0123" not in str(refused.value)
    assert identities.list_identities(connection, ada.id) == [added]
    assert identities.list_identities(connection, ben.id) == []
    verified = identities.add(connection, ada.id, "phone", NUMBER, "verified", **by)
    assert (verified.id, verified.evidence, verified.verified_at) == (added.id, "verified", by["at"])
    assert identities.list_identities(connection, ada.id) == [verified]


def test_a_removed_identity_is_free_again(connection: Connection, by: dict[str, Any]) -> None:
    ada = customers.create(connection, NewCustomer(name="Ada"), **by)
    ben = customers.create(connection, NewCustomer(name="Ben"), **by)
    added = identities.add(connection, ada.id, "email", "Ada@Example.com", "agent", **by)
    identities.remove(connection, added.id, **by)
    with pytest.raises(NotFound):
        identities.remove(connection, added.id, **by)
    assert customers.find_by_identity(connection, "email", "ada@example.com") is None
    identities.add(connection, ben.id, "email", "ada@example.com", "agent", **by)
    assert customers.find_by_identity(connection, "email", "ADA@example.com") == ben
    actions = [entry.action for entry in audit.list_entries(connection, AuditFilter()).items]
    assert sorted(action for action in actions if action.startswith("identity")) == [
        "identity.added",
        "identity.added",
        "identity.removed",
    ]


ODD = ["anonymous", "", "client:ada", "sip:ada@example.com", "12345", "MyBank", "+15555550100"]


@pytest.mark.parametrize("raw", [*ODD, *(f"+{digits}" for digits in sorted(KEYPAD_SPELLINGS))])
def test_odd_caller_ids_are_nobodys(connection: Connection, by: dict[str, Any], raw: str) -> None:
    ada = customers.create(connection, NewCustomer(name="Ada"), **by)
    for kind in ("phone", "whatsapp"):
        with pytest.raises(Refused):
            identities.add(connection, ada.id, kind, raw, "agent", **by)
        assert customers.recognise(connection, kind, raw) is None
    assert customers.recognise(connection, "anonymous", raw) is None


def test_bad_evidence_and_unknown_customers(connection: Connection, by: dict[str, Any]) -> None:
    ada = customers.create(connection, NewCustomer(name="Ada"), **by)
    with pytest.raises(Refused):
        identities.add(connection, ada.id, "phone", NUMBER, "hearsay", **by)
    with pytest.raises(NotFound):
        identities.add(connection, "cus_nobody", "phone", NUMBER, "agent", **by)


# --- recognising -------------------------------------------------------------------------------------


def test_a_stranger_is_not_recognised(connection: Connection) -> None:
    assert customers.recognise(connection, "phone", NUMBER) is None
    assert customers.recognise(connection, "fax", NUMBER) is None


def test_recognising_tells_what_greeting_and_routing_need(connection: Connection, by: dict[str, Any]) -> None:
    grace = agents.create(connection, NewAgent(name="Grace", email="grace@example.com"), **by)
    tom = agents.create(connection, NewAgent(name="Tom", email="tom@example.com"), **by)
    account = accounts.create(connection, "Northwind", owner_id=grace.id, **by)
    new = NewCustomer(
        name="Ada Wilson",
        first_name="Ada",
        language="en",
        tags=("vip",),
        preferred_channel="sms",
        account_id=account.id,
    )
    ada = customers.create(connection, new, **by)
    identities.add(connection, ada.id, "phone", NUMBER, "crm_import", **by)

    def recognised() -> customers.Recognised:
        found = customers.recognise(connection, "phone", NUMBER)
        assert found is not None
        return found

    assert recognised() == customers.Recognised(
        customer_id=ada.id,
        name="Ada Wilson",
        first_name="Ada",
        language="en",
        tier="standard",
        tags=("vip",),
        preferred_channel="sms",
        account_id=account.id,
        account_name="Northwind",
        owner_id=grace.id,
        owner_name="Grace",
        is_key=False,
    )
    accounts.update(connection, account.id, AccountChanges(tier="key"), **by)
    assert recognised().is_key
    customers.update(connection, ada.id, 0, CustomerChanges(owner_id=tom.id, account_id=None), **by)
    assert (recognised().owner_name, recognised().account_id, recognised().is_key) == ("Tom", "", False)
    customers.update(connection, ada.id, 1, CustomerChanges(tier="key", owner_id=None), **by)
    assert (recognised().owner_id, recognised().is_key) == ("", True)


def test_recognising_is_one_query(connection: Connection, by: dict[str, Any]) -> None:
    ada = customers.create(connection, NewCustomer(name="Ada"), **by)
    identities.add(connection, ada.id, "phone", NUMBER, "agent", **by)
    statements: list[str] = []

    def note(*execution: Any) -> None:
        statements.append(execution[2])

    sa.event.listen(connection, "before_cursor_execute", note)
    assert customers.recognise(connection, "phone", NUMBER) is not None
    assert customers.recognise(connection, "phone", "+12025550199") is None
    assert customers.recognise(connection, "phone", "anonymous") is None
    sa.event.remove(connection, "before_cursor_execute", note)
    assert len(statements) == 2


def test_a_number_is_known_to_whatsapp_too_unless_it_is_somebody_elses_there(
    connection: Connection, by: dict[str, Any]
) -> None:
    ada = customers.create(connection, NewCustomer(name="Ada"), **by)
    ben = customers.create(connection, NewCustomer(name="Ben"), **by)
    identities.add(connection, ada.id, "phone", NUMBER, "agent", **by)
    for kind in ("phone", "whatsapp"):
        found = customers.recognise(connection, kind, NUMBER)
        assert found is not None
        assert found.customer_id == ada.id
    identities.add(connection, ben.id, "whatsapp", NUMBER, "agent", **by)
    for kind, customer in (("phone", ada), ("whatsapp", ben)):
        found = customers.recognise(connection, kind, NUMBER)
        assert found is not None
        assert found.customer_id == customer.id
    assert customers.recognise(connection, "web", NUMBER) is None


def test_a_merged_customer_is_found_where_it_lives_now(connection: Connection, by: dict[str, Any]) -> None:
    first, second, third = (
        customers.create(connection, NewCustomer(name=name), **by) for name in ("First", "Second", "Third")
    )
    identities.add(connection, first.id, "phone", NUMBER, "agent", **by)
    merges.merge(connection, first.id, second.id, "same person", **by)
    merges.merge(connection, second.id, third.id, "same person", **by)
    # as one that was written while the merge went on, by somebody who had read the old customer
    connection.execute(schema.identities.update().values(customer_id=first.id))
    found = customers.recognise(connection, "phone", NUMBER)
    assert found is not None
    assert (found.customer_id, found.name) == (third.id, "Third")
    assert customers.recognise_by_id(connection, first.id) == found
    assert customers.recognise_by_id(connection, third.id) == found
    assert customers.recognise_by_id(connection, "cus_nobody") is None
    assert customers.follow(connection, first.id) == third.id
    by_identity = customers.find_by_identity(connection, "phone", NUMBER)
    assert by_identity is not None
    assert by_identity.id == third.id


def test_a_merged_customer_is_not_changed(connection: Connection, by: dict[str, Any]) -> None:
    old, new = (customers.create(connection, NewCustomer(), **by) for _ in range(2))
    merges.merge(connection, old.id, new.id, "same person", **by)
    with pytest.raises(Refused, match=new.id):
        customers.update(connection, old.id, 1, CustomerChanges(name="x"), **by)
    with pytest.raises(Refused, match=new.id):
        identities.add(connection, old.id, "phone", NUMBER, "agent", **by)
    assert [item.id for item in customers.search(connection, CustomerFilter()).items] == [new.id]
    assert [item.id for item in customers.search(connection, CustomerFilter(merged=True)).items] == [old.id]
