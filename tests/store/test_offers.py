from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from crm_store import offers, schema, works
from crm_store.errors import Conflict, NotFound
from crm_store.offers import Offer
from crm_store.store import Store, Unit
from crm_store.works import Work
from tests.store.making import AT, add_agent

SECOND = timedelta(seconds=1)


def an_offer(
    offer_id: str = "off_1", work_id: str = "wrk_1", agent_id: str = "agt_1", **fields: Any
) -> Offer:
    usual: dict[str, Any] = {"offered_at": AT, "expires_at": AT + 20 * SECOND, "queue": "sales", "fence": 7}
    return Offer(id=offer_id, work_id=work_id, agent_id=agent_id, **(usual | fields))


@pytest.fixture(autouse=True)
def people_and_work(store: Store) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_agent(connection, "agt_2")
        for work_id in ("wrk_1", "wrk_2"):
            works.insert(
                connection, Work(id=work_id, kind="call", queue="sales", queued_at=AT, entered_at=AT)
            )


def test_an_offer_is_kept_as_it_was_made(connection: Connection) -> None:
    made = offers.insert(connection, an_offer(auto_accept=True))
    assert offers.get(connection, "off_1") == made
    assert offers.get(connection, "off_1", lock=True) == made
    assert offers.pending_for_work(connection, "wrk_1") == made
    assert offers.pending_for_work(connection, "wrk_2") is None
    assert offers.find(connection, "off_2") is None
    with pytest.raises(NotFound, match="off_2"):
        offers.get(connection, "off_2")


def test_work_is_on_offer_to_one_at_a_time(connection: Connection) -> None:
    first = offers.insert(connection, an_offer())
    with pytest.raises(Conflict, match="on offer"):
        offers.insert(connection, an_offer("off_2", agent_id="agt_2"))
    offers.end(connection, first, "declined", AT + SECOND)
    second = offers.insert(connection, an_offer("off_2", agent_id="agt_2"))
    assert offers.pending_for_work(connection, "wrk_1") == second
    offers.insert(connection, an_offer("off_3", "wrk_2", "agt_2"))
    assert [offer.id for offer in offers.pending_of_agent(connection, "agt_2")] == ["off_2", "off_3"]
    assert offers.pending_of_agent(connection, "agt_1") == []
    assert [offer.id for offer in offers.list_for_work(connection, "wrk_1")] == ["off_1", "off_2"]


async def test_a_unit_with_a_second_offer_is_a_conflict(store: Store) -> None:
    for number, expected in ((1, None), (2, Conflict)):
        unit = Unit()
        unit.insert("offers", offers.row(an_offer(f"off_{number}", agent_id=f"agt_{number}")))
        if expected is None:
            await store.commit(unit)
        else:
            with pytest.raises(expected):
                await store.commit(unit)


@pytest.mark.parametrize("state", offers.ENDS)
def test_an_offer_ends_once(connection: Connection, state: str) -> None:
    made = offers.insert(connection, an_offer())
    ended = offers.end(connection, made, state, AT + SECOND)
    assert (ended.state, ended.ended_at) == (state, AT + SECOND)
    assert offers.get(connection, "off_1") == ended
    for again in offers.ENDS:
        with pytest.raises(Conflict):
            offers.end(connection, made, again, AT + 2 * SECOND)
    assert offers.get(connection, "off_1") == ended


def test_pending_is_no_end(connection: Connection) -> None:
    made = offers.insert(connection, an_offer())
    with pytest.raises(ValueError, match="accepted, declined, expired, revoked"):
        offers.end(connection, made, "pending", AT)


def test_what_nobody_answered_is_due(connection: Connection) -> None:
    offers.insert(connection, an_offer(expires_at=AT + 9 * SECOND))
    second = offers.insert(connection, an_offer("off_2", "wrk_2", expires_at=AT + 5 * SECOND))

    def due(at: datetime, limit: int = 100) -> list[str]:
        return [offer.id for offer in offers.due(connection, at, limit)]

    assert offers.next_due(connection) == AT + 5 * SECOND
    assert due(AT + 4 * SECOND) == []
    assert due(AT + 5 * SECOND) == ["off_2"]
    assert due(AT + 60 * SECOND) == ["off_2", "off_1"]
    assert due(AT + 60 * SECOND, limit=1) == ["off_2"]
    assert [offer.id for offer in offers.list_pending(connection)] == ["off_2", "off_1"]
    offers.end(connection, second, "expired", AT + 5 * SECOND)
    assert due(AT + 60 * SECOND) == ["off_1"]
    assert [offer.id for offer in offers.list_pending(connection)] == ["off_1"]
    assert offers.next_due(connection) == AT + 9 * SECOND
    offers.end(connection, offers.get(connection, "off_1"), "expired", AT + 9 * SECOND)
    assert offers.next_due(connection) is None


def test_turns_count_accepted_offers_by_queue_and_agent(connection: Connection) -> None:
    made: list[tuple[str, str, str, int]] = [  # agent, queue, end, seconds
        ("agt_1", "sales", "accepted", 0),
        ("agt_1", "sales", "accepted", 5),
        ("agt_1", "billing", "accepted", 9),
        ("agt_2", "sales", "accepted", 2),
        ("agt_2", "sales", "declined", 3),
        ("agt_2", "sales", "accepted", -1),  # made before
        ("agt_2", "", "accepted", 4),  # a transfer to this agent: nobody's turn
    ]
    for number, (agent, queue, end, seconds) in enumerate(made):
        at = AT + seconds * SECOND
        offer = an_offer(
            f"off_{number}", agent_id=agent, queue=queue, offered_at=at, expires_at=at + 20 * SECOND
        )
        offers.end(connection, offers.insert(connection, offer), end, at)
    offers.insert(connection, an_offer("off_open"))
    assert offers.turns(connection, AT) == {"sales": {"agt_1": 2, "agt_2": 1}, "billing": {"agt_1": 1}}
    assert offers.turns(connection, AT + 10 * SECOND) == {}


def test_two_who_offer_the_same_work_at_once(store: Store) -> None:
    together = threading.Barrier(4)
    outcomes: list[str] = []

    def offer(number: int) -> None:
        together.wait()
        try:
            with store.writing() as connection:
                offers.insert(connection, an_offer(f"off_{number}", agent_id="agt_1"))
        except Conflict:
            outcomes.append("conflict")
        else:
            outcomes.append("made")

    threads = [threading.Thread(target=offer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 3 + ["made"]
    with store.reading() as connection:
        assert len(connection.execute(schema.offers.select()).all()) == 1
