"""Surveys, callbacks, deliveries, flow sources."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from crm_store import callbacks, deliveries, schema, surveys
from crm_store.callbacks import Callback
from crm_store.errors import Conflict, Duplicate, NotFound, Refused
from crm_store.ids import first_id
from crm_store.store import Store, Unit
from crm_store.surveys import Survey
from tests.store.making import AT, add_contact

MINUTE = timedelta(minutes=1)


def test_a_survey_is_kept_with_its_contact(store: Store) -> None:
    answer = Survey(id="srv_1", contact_id="con_1", survey="csat", score=5, comment="很好", at=AT)
    with store.writing() as connection:
        add_contact(connection)
        connection.execute(schema.surveys.insert(), surveys.row(answer))
    with store.reading() as connection:
        assert surveys.list_for_contact(connection, "con_1") == [answer]
        assert surveys.list_for_contact(connection, "con_2") == []


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_is_one_to_five(score: int) -> None:
    with pytest.raises(ValueError, match="1 "):
        surveys.row(Survey(id="s", contact_id="c", survey="csat", score=score, at=AT))


def _callback(minutes: int, **fields: object) -> Callback:
    usual = {
        "id": f"cbk_{minutes}",
        "contact_id": "con_1",
        "queue": "billing",
        "number": "+8613800138000",
        "queued_at": AT + minutes * MINUTE,
        "created_at": AT,
    }
    return msgspec.convert(usual | fields, Callback)


@pytest.fixture
def promised(store: Store) -> Store:
    promises = [
        _callback(3),
        _callback(1),
        _callback(0, due_at=AT + 30 * MINUTE),
        _callback(2, queue="sales", number="+4930123456"),
        _callback(4, status="done"),
    ]
    with store.writing() as connection:
        add_contact(connection)
        for promise in promises:
            connection.execute(schema.callbacks.insert(), callbacks.row(promise))
    return store


def test_callbacks_wait_in_line_from_when_they_are_wanted(promised: Store) -> None:
    with promised.reading() as connection:
        now = [c.id for c in callbacks.waiting(connection, "billing", AT + MINUTE)]
        later = [c.id for c in callbacks.waiting(connection, "billing", AT + 30 * MINUTE)]
        assert (now, later) == (["cbk_1", "cbk_3"], ["cbk_0", "cbk_1", "cbk_3"])
        assert len(callbacks.list_for_contact(connection, "con_1")) == 5
        owed = callbacks.open_for_number(connection, "sales", "+4930123456")
        assert owed == _callback(2, queue="sales", number="+4930123456")
        assert callbacks.open_for_number(connection, "billing", "+4930123456") is None


def test_only_one_of_two_moves_a_callback_on(promised: Store) -> None:
    with promised.writing() as connection:
        read = callbacks.get(connection, "cbk_1")
        offered = callbacks.change_status(connection, read, "offered")
        with pytest.raises(Conflict):
            callbacks.change_status(connection, read, "canceled")
        done = callbacks.change_status(connection, offered, "done")
        assert callbacks.get(connection, "cbk_1") == done
        with pytest.raises(Refused, match="done"):
            callbacks.change_status(connection, done, "waiting")
        with pytest.raises(ValueError, match="lost"):
            callbacks.change_status(connection, read, "lost")
        with pytest.raises(NotFound):
            callbacks.get(connection, "cbk_9")


CONTACT = first_id("con", AT)


def _deliver(key: str, turn: int, reply: str, minutes: int, contact: str = CONTACT) -> Unit:
    unit = Unit()
    row = {"contact_id": contact, "key": key, "turn": turn, "reply": reply}
    unit.insert("deliveries", row | {"received_at": AT + minutes * MINUTE})
    return unit


async def test_a_delivery_is_found_by_its_key_and_by_the_turn_it_made(store: Store) -> None:
    await store.commit(_deliver("k1", 1, '{"turn": 1}', 0))
    await store.commit(_deliver("k2", 2, '{"turn": 2}', 1))
    await store.commit(_deliver("a-status", 2, "{}", 2))
    with pytest.raises(Duplicate):
        await store.commit(_deliver("k2", 3, "other", 3))
    with store.reading() as connection:
        found = deliveries.get(connection, CONTACT, "k2")
        assert found is not None
        assert (found.contact_id, found.turn, found.reply, found.received_at) == (
            CONTACT,
            2,
            '{"turn": 2}',
            AT + MINUTE,
        )
        assert deliveries.get(connection, CONTACT, "k3") is None
        assert deliveries.get(connection, "con_2", "k2") is None
        assert deliveries.reply_for(connection, CONTACT, 2) == '{"turn": 2}'
        assert deliveries.reply_for(connection, CONTACT, 3) is None
        assert deliveries.reply_for(connection, "con_2", 1) is None


async def test_old_deliveries_go_in_portions_oldest_first(store: Store) -> None:
    for minutes in range(5):
        contact = first_id("con", AT + minutes * MINUTE)
        await store.commit(_deliver(f"k{minutes}", 1, "{}", minutes, contact))
    await store.commit(_deliver("report", 0, "{}", 0, ""))
    late = first_id("con", AT)  # a long conversation: its last delivery is new
    await store.commit(_deliver("late", 9, "{}", 4, late))
    with store.writing() as connection:
        assert deliveries.prune(connection, AT + 3 * MINUTE, limit=2) == 2
        assert deliveries.get(connection, "", "report") is None
        assert deliveries.get(connection, first_id("con", AT + 2 * MINUTE), "k2") is not None
        assert deliveries.prune(connection, AT + 3 * MINUTE, limit=3) == 2
        assert deliveries.get(connection, first_id("con", AT + 3 * MINUTE), "k3") is not None
        assert deliveries.get(connection, late, "late") is not None
        assert deliveries.prune(connection, AT + 3 * MINUTE) == 0
