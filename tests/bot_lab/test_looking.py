"""What the bot finds for whoever tries it in a terminal: the store as it is, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.runtime import SlotValue
from contact_center.bot_lab.looking import PRETENDED_NUMBER, LookingActions
from crm_store import migrate, ticket_numbers
from crm_store.ids import Ids
from crm_store.store import Store
from tests.api.samples import Samples

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Samples]]:
    path: Path = tmp_path_factory.mktemp("looking") / "store.db"
    store = Store(f"sqlite:///{path}")
    migrate.upgrade(store.engine)
    with store.writing() as connection:
        samples = Samples.make(connection, Ids(lambda: AT, Random(1)), AT)
    yield store, samples
    store.close()


async def test_orders_and_tickets_are_looked_up_as_in_a_call(shop: tuple[Store, Samples]) -> None:
    store, samples = shop
    actions = LookingActions(store)
    cases: list[tuple[str, dict[str, SlotValue], dict[str, Any]]] = [
        ("action_order_status", {"order_number": "so-1001"}, {"order_lookup": "found"}),
        ("action_order_status", {"order_number": "SO-9"}, {"order_lookup": "not_found"}),
        ("action_order_status", {}, {"order_lookup": "not_found"}),
        ("action_ticket_status", {"ticket_number": samples.ticket_number}, {"ticket_lookup": "found"}),
        ("action_ticket_status", {"ticket_number": "12"}, {"ticket_lookup": "not_found"}),
    ]
    for action, slots, wanted in cases:
        found = (await actions.run(action, slots, {})).slots
        assert wanted.items() <= found.items(), (action, slots)
    assert {case[0] for case in cases} | {"action_open_complaint"} == actions.names


async def test_a_complaint_is_only_pretended(shop: tuple[Store, Samples]) -> None:
    answer = await LookingActions(shop[0]).run("action_open_complaint", {"complaint_what": "noise"}, {})
    assert answer.slots == {"complaint_result": "opened", "complaint_number": PRETENDED_NUMBER}
    assert not ticket_numbers.is_valid(PRETENDED_NUMBER)
