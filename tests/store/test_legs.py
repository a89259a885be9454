"""Legs in the store, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from crm_store import legs
from crm_store.errors import Conflict, NotFound
from crm_store.legs import OPEN_STATES, STATES, Leg
from tests.store.making import AT, add_agent, add_contact

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def people(connection: Connection) -> None:
    add_contact(connection, "con_1")
    add_contact(connection, "con_2")
    add_agent(connection, "agt_1")


def a_leg(leg_id: str = "leg_1", **fields: Any) -> Leg:
    usual: dict[str, Any] = {
        "id": leg_id,
        "contact_id": "con_1",
        "agent_id": "agt_1",
        "role": "agent",
        "party": "client",
        "address": "agt_1",
        "created_at": AT,
    }
    return Leg(**(usual | fields))


FULL = a_leg(
    role="supervisor",
    mode="whisper",
    party="phone",
    address="+12025550144",
    provider_ref="CA1",
    state="left",
    reason="hung_up",
    held=True,
    muted=True,
    sequence=12,
    joined_at=AT + timedelta(seconds=5),
    ended_at=AT + timedelta(seconds=50),
    version=3,
)


@pytest.mark.parametrize("leg", [a_leg(), FULL])
def test_what_is_written_is_read(connection: Connection, leg: Leg) -> None:
    assert legs.insert(connection, leg) == leg
    assert legs.find(connection, "leg_1") == leg
    assert legs.get(connection, "leg_1", lock=True) == leg


def test_what_is_not_there(connection: Connection) -> None:
    assert legs.find(connection, "leg_9") is None
    assert legs.by_provider_ref(connection, "CA9") is None
    assert legs.list_for_contact(connection, "con_1") == []
    with pytest.raises(NotFound, match="leg_9"):
        legs.get(connection, "leg_9")


def test_a_leg_is_found_by_the_carriers_id(connection: Connection) -> None:
    legs.insert(connection, a_leg("leg_1"))
    wanted = legs.insert(connection, a_leg("leg_2", provider_ref="CA2"))
    assert legs.by_provider_ref(connection, "CA2") == wanted


def test_one_call_is_one_leg_and_many_may_have_none_yet(connection: Connection) -> None:
    for number in range(3):
        legs.insert(connection, a_leg(f"leg_{number}"))
    legs.insert(connection, a_leg("leg_4", provider_ref="CA2"))
    with pytest.raises(exc.IntegrityError), connection.begin_nested():
        legs.insert(connection, a_leg("leg_5", provider_ref="CA2"))


def test_the_legs_of_a_contact_in_order(connection: Connection) -> None:
    for number, state in enumerate(STATES):
        legs.insert(
            connection, a_leg(f"leg_{9 - number}", state=state, created_at=AT + timedelta(seconds=number))
        )
    legs.insert(connection, a_leg("leg_x", contact_id="con_2"))
    assert [leg.state for leg in legs.list_for_contact(connection, "con_1")] == list(STATES)
    still = legs.list_for_contact(connection, "con_1", open_only=True)
    assert [leg.state for leg in still] == list(OPEN_STATES)


def test_a_change_is_written_once(connection: Connection) -> None:
    leg = legs.insert(connection, a_leg())
    after = legs.change(connection, leg, {"state": "ringing", "provider_ref": "CA1"})
    assert after == msgspec.structs.replace(leg, state="ringing", provider_ref="CA1", version=1)
    assert legs.get(connection, "leg_1") == after
    assert legs.change(connection, after, {}) == after
    with pytest.raises(Conflict):
        legs.change(connection, leg, {"state": "answered"})
    assert legs.get(connection, "leg_1") == after
