"""Opting out: kept for the address, however it is spelt, known customer or not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from crm_store import audit, consents
from crm_store.audit import AuditFilter
from crm_store.consents import Consent
from crm_store.errors import Refused
from crm_store.ids import Ids

NUMBER = "+12025550123"


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    return {"at": at, "ids": ids, "actor": "engine"}


def test_nobody_has_opted_out_to_begin_with(connection: Connection) -> None:
    assert not consents.is_opted_out(connection, "sms", NUMBER)
    assert consents.find(connection, "sms", NUMBER) is None


@pytest.mark.parametrize("spelling", ["+1 202 555 0123", "＋12025550123", NUMBER])
def test_an_opt_out_counts_for_every_spelling(
    connection: Connection, by: dict[str, Any], spelling: str
) -> None:
    consents.opt_out(connection, "sms", spelling, "keyword", **by)
    assert consents.is_opted_out(connection, "sms", NUMBER)
    assert consents.is_opted_out(connection, "sms", "+1 (202) 555-0123")
    assert not consents.is_opted_out(connection, "whatsapp", NUMBER)
    assert not consents.is_opted_out(connection, "sms", "+12025550124")


def test_whatsapp_addresses_are_their_numbers(connection: Connection, by: dict[str, Any]) -> None:
    consents.opt_out(connection, "whatsapp", f"whatsapp:{NUMBER}", "keyword", **by)
    assert consents.is_opted_out(connection, "whatsapp", NUMBER)
    assert not consents.is_opted_out(connection, "sms", NUMBER)


def test_the_last_word_counts(connection: Connection, by: dict[str, Any]) -> None:
    consents.opt_out(connection, "sms", NUMBER, "keyword", **by)
    consents.opt_out(connection, "sms", NUMBER, "carrier_21610", **by)
    later = by | {"at": by["at"] + timedelta(days=1)}
    made = consents.opt_in(connection, "sms", NUMBER, "keyword", **later)
    assert made == Consent("sms", NUMBER, False, "keyword", later["at"])
    assert consents.find(connection, "sms", NUMBER) == made
    assert not consents.is_opted_out(connection, "sms", NUMBER)
    # Clocks may step back; to opt out must count all the same.
    consents.opt_out(connection, "sms", NUMBER, "agent", **by)
    assert consents.is_opted_out(connection, "sms", NUMBER)
    noted = [entry.action for entry in audit.list_entries(connection, AuditFilter()).items]
    assert sorted(noted) == ["consent.opted_in", *["consent.opted_out"] * 3]


def test_lists(connection: Connection, by: dict[str, Any]) -> None:
    consents.opt_out(connection, "whatsapp", NUMBER, "keyword", **by)
    consents.opt_out(connection, "sms", "+12025550199", "keyword", **by)
    consents.opt_in(connection, "sms", NUMBER, "keyword", **by)
    everybody = consents.list_consents(connection, limit=2)
    rest = consents.list_consents(connection, cursor=everybody.next_cursor, limit=2)
    assert [(item.kind, item.address) for item in (*everybody.items, *rest.items)] == [
        ("sms", NUMBER),
        ("sms", "+12025550199"),
        ("whatsapp", NUMBER),
    ]
    assert [item.kind for item in consents.list_consents(connection, opted_out=True).items] == [
        "sms",
        "whatsapp",
    ]
    assert [item.kind for item in consents.list_consents(connection, opted_out=False).items] == ["sms"]


def test_what_cannot_be_is_refused(connection: Connection, by: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        consents.opt_out(connection, "fax", NUMBER, "keyword", **by)
    with pytest.raises(Refused):
        consents.opt_out(connection, "sms", NUMBER, "hearsay", **by)


@pytest.mark.parametrize("address", ["12345", "MyBank", "", "x" * 300, "sip:" + "a" * 200])
def test_odd_addresses_can_opt_out_too(connection: Connection, by: dict[str, Any], address: str) -> None:
    consents.opt_out(connection, "sms", address, "keyword", **by)
    assert consents.is_opted_out(connection, "sms", address)
