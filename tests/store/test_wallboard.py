"""The wallboard's numbers, open contacts, and the ways taken through a flow, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import branches, open_contacts, schema, wallboard, works
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.open_contacts import OpenFilter
from crm_store.store import Store
from crm_store.wallboard import STEP, Counts
from crm_store.works import Work
from tests.store.making import AT, add_agent, add_contact

SECONDS = {"sales": 20, "service": 60}


def add_work(
    connection: Connection, name: str, at: datetime = AT, queue: str = "sales", **fields: Any
) -> None:
    usual: dict[str, Any] = {"kind": "call", "queued_at": at, "entered_at": at, "queue": queue}
    works.insert(connection, Work(id=f"wrk_{name}", **(usual | fields)))


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_who_waits_now_is_counted_by_queue(store: Store) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_work(connection, "1", after(0))
        add_work(connection, "2", after(-60), state="offered", agent_id="agt_1")
        add_work(connection, "3", after(-300), state="active", agent_id="agt_1")
        add_work(connection, "4", after(-900), state="done", ended_at=AT, outcome="abandoned")
        add_work(connection, "5", after(-5), queue="service")
        add_work(connection, "6", after(-5000), kind="ticket")
        found = wallboard.standing(connection)
    assert found == {
        "sales": wallboard.Standing(1, 1, after(-60)),
        "service": wallboard.Standing(1, 0, after(-5)),
    }


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, Counts(1)),
        ({"state": "active", "accepted_at": after(20)}, Counts(1, 1, 1, 0, 20.0)),
        ({"state": "active", "accepted_at": after(20.1)}, Counts(1, 1, 0, 0, 20.1)),
        ({"queue": "service", "state": "active", "accepted_at": after(59)}, Counts(1, 1, 1, 0, 59.0)),
        ({"queue": "unknown", "state": "active", "accepted_at": after(21)}, Counts(1, 1, 0, 0, 21.0)),
        ({"state": "done", "outcome": "abandoned", "ended_at": after(9)}, Counts(1, 0, 0, 1)),
        ({"state": "done", "outcome": "left", "ended_at": after(9)}, Counts(1)),
        ({"state": "done", "outcome": "handled", "accepted_at": after(9), "ended_at": after(50)},
         Counts(1, 1, 1, 0, 9.0)),
        # As it stood at the end of what is asked for: neither answer nor leaving had happened yet.
        ({"state": "active", "accepted_at": after(3700)}, Counts(1)),
        ({"state": "done", "outcome": "abandoned", "ended_at": after(3700)}, Counts(1)),
        ({"kind": "ticket"}, None),
        ({"kind": "consult"}, None),
    ],
)  # fmt: skip
def test_what_became_of_work(store: Store, fields: dict[str, Any], counts: Counts | None) -> None:
    with store.writing() as connection:
        add_work(connection, "1", **fields)
        found = wallboard.counted(connection, AT, after(3600), SECONDS)
        assert wallboard.counted(connection, after(0.001), after(3600), SECONDS) == {}
        assert wallboard.counted(connection, after(-3600), AT, SECONDS) == {}
    (got,) = found.values() if counts else (None,)
    if got is not None and counts is not None:
        assert got.waited == pytest.approx(counts.waited, abs=0.01)
        assert got == msgspec.structs.replace(counts, waited=got.waited)
    assert list(found) == ([(fields.get("queue", "sales"), 0)] if counts else [])


def test_a_step_begins_with_its_first_instant_and_ends_before_the_next(store: Store) -> None:
    seconds = [0.0, 899.999, 900.0, 1799.999, 1800.0, 86_399.999]
    with store.writing() as connection:
        for number, second in enumerate(seconds):
            add_work(connection, str(number), after(second))
        found = wallboard.counted(connection, AT, after(86_400), {})
    assert {step: counts.offered for (_, step), counts in found.items()} == {0: 2, 1: 2, 2: 1, 95: 1}


@given(st.lists(st.integers(0, 10_000), max_size=8))
def test_figures_add_up_and_parts_are_of_what_is_decided(numbers: list[int]) -> None:
    each = [Counts(number + 2, number, number // 2, 1, float(number)) for number in numbers]
    whole = Counts()
    for counts in each:
        whole += counts
    decided = sum(numbers) + len(numbers)
    assert whole.offered == sum(numbers) + 2 * len(numbers)
    assert whole.service_level == (None if not decided else sum(n // 2 for n in numbers) / decided)
    assert whole.abandonment == (None if not decided else len(numbers) / decided)
    assert whole.mean_wait == (None if not sum(numbers) else 1.0)


def test_the_steps_of_a_day_are_what_a_plain_count_gives(store: Store) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from(["sales", "service"]), st.booleans())))
    def check(came: list[tuple[int, str, bool]]) -> None:
        with store.writing() as connection:
            connection.execute(schema.works.delete())
            for number, (second, queue, answered) in enumerate(came):
                accepted: dict[str, Any] = {}
                if answered:
                    accepted = {"state": "active", "accepted_at": after(second + 30)}
                add_work(connection, str(number), after(second), queue, **accepted)
            found = wallboard.counted(connection, AT, after(30_000), SECONDS)
        assert sum(counts.offered for counts in found.values()) == len(came)
        for (queue, step), counts in found.items():
            mine = [one for one in came if one[1] == queue and after(one[0]) - AT >= step * STEP]
            mine = [one for one in mine if after(one[0]) - AT < (step + 1) * STEP]
            taken = sum(one[2] for one in mine)
            in_time = taken if queue == "service" else 0
            assert (counts.offered, counts.answered, counts.in_time) == (len(mine), taken, in_time)

    check()


def test_open_contacts_come_with_their_work_newest_first(store: Store) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        for number in range(4):
            ended = AT if number == 2 else None
            add_contact(connection, f"con_{number}", started_at=after(number), ended_at=ended, queue="sales")
        add_work(connection, "1", contact_id="con_1", state="active", agent_id="agt_1", queue="service")
        add_work(connection, "2", contact_id="con_1", kind="consult", queue="")
        add_work(connection, "3", contact_id="con_3", state="done", ended_at=AT)
        first = open_contacts.list_open(connection, OpenFilter(), limit=2)
        rest = open_contacts.list_open(connection, OpenFilter(), first.next_cursor, limit=2)
        found = [*first.items, *rest.items]
        assert [(one.contact.id, one.work_id, one.work_state, one.queue, one.agent_id) for one in found] == [
            ("con_3", None, None, "sales", None),
            ("con_1", "wrk_1", "active", "service", "agt_1"),
            ("con_0", None, None, "sales", None),
        ]
        for which, ids in (
            (OpenFilter(queue="service"), ["con_1"]),
            (OpenFilter(queue="sales"), ["con_3", "con_0"]),
            (OpenFilter(agent_id="agt_1"), ["con_1"]),
            (OpenFilter(owner="agent"), []),
            (OpenFilter(state="in_flow", channel="phone", owner="flow"), ["con_3", "con_1", "con_0"]),
        ):
            assert [one.contact.id for one in open_contacts.list_open(connection, which).items] == ids


def test_ways_are_counted_once_a_contact_and_only_of_those_that_began_since(store: Store) -> None:
    def path(*steps: list[str]) -> NewEntry:
        return NewEntry(AT, "path", {"turn": 1, "steps": list(steps)})

    clock = [after(-10)]
    ids = Ids(lambda: clock[0], Random(1))
    with store.writing() as connection:
        add_contact(connection, ids.new("con"), (path(["front", "menu", "1"]),))
        clock[0] = AT
        loops = (path(["front", "menu", "1"], ["other", "menu", "9"]), path(["front", "menu", "1"]))
        add_contact(connection, ids.new("con"), loops)
        add_contact(connection, ids.new("con"), (path(["front", "menu", "2"], ["front", "say", ""]),))
        add_contact(connection, ids.new("con"), (NewEntry(AT, "note", {"text": "x"}),))
        found = branches.taken(connection, "front", AT)
    assert found == {("menu", "1"): 1, ("menu", "2"): 1, ("say", ""): 1}
