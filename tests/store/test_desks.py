"""Desks, and the history of presences."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Connection

from crm_store import desks, presence_log
from crm_store.desks import Desk
from crm_store.errors import NotFound
from crm_store.presence_log import PresenceChange
from crm_store.store import Store
from tests.store.making import AT, add_agent

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_agent(connection, "agt_2")


def open_desk(connection: Connection, desk_id: str, agent_id: str = "agt_1", node: str = "a") -> Desk:
    desk = Desk(id=desk_id, agent_id=agent_id, node=node, opened_at=AT, seen_at=AT)
    return desks.open(connection, desk)


def ids_of(found: list[Desk]) -> list[str]:
    return [desk.id for desk in found]


def test_an_agent_may_have_several_desks(connection: Connection) -> None:
    one, two = open_desk(connection, "dsk_1"), open_desk(connection, "dsk_2", node="b")
    open_desk(connection, "dsk_3", "agt_2")
    assert desks.of_agent(connection, "agt_1") == [one, two]
    assert ids_of(desks.list_desks(connection)) == ["dsk_1", "dsk_2", "dsk_3"]
    assert desks.close(connection, "dsk_1")
    assert not desks.close(connection, "dsk_1")
    assert desks.of_agent(connection, "agt_1") == [two]
    with pytest.raises(NotFound, match="agt_9"):
        open_desk(connection, "dsk_4", "agt_9")


def test_who_is_not_heard_of_is_lost(connection: Connection) -> None:
    for desk_id in ("dsk_1", "dsk_2", "dsk_3"):
        open_desk(connection, desk_id)
    assert desks.seen(connection, ["dsk_2", "dsk_3"], AT + 10 * SECOND) == set()
    assert desks.seen(connection, ["dsk_3"], AT + 20 * SECOND) == set()
    assert desks.lost(connection, AT) == []
    for lock in (False, True):
        assert ids_of(desks.lost(connection, AT + 10 * SECOND, lock=lock)) == ["dsk_1"]
    assert ids_of(desks.lost(connection, AT + 11 * SECOND)) == ["dsk_1", "dsk_2"]


def test_a_desk_given_up_for_lost_hears_of_it_and_opens_again(connection: Connection) -> None:
    desk = open_desk(connection, "dsk_1")
    open_desk(connection, "dsk_2")
    desks.close(connection, "dsk_1")
    assert desks.seen(connection, {"dsk_1", "dsk_2"}, AT + SECOND) == {"dsk_1"}
    assert desks.seen(connection, [], AT) == set()
    for _ in range(2):
        desks.open(connection, desk)
    assert desks.of_agent(connection, "agt_1")[0] == desk


def test_a_process_that_ends_takes_its_desks_along(connection: Connection) -> None:
    mine = [open_desk(connection, "dsk_1"), open_desk(connection, "dsk_2", "agt_2")]
    other = open_desk(connection, "dsk_3", node="b")
    assert desks.close_node(connection, "a") == mine
    assert desks.close_node(connection, "a") == []
    assert desks.list_desks(connection) == [other]


# --- the history of presences -----------------------------------------------------------------------


def add(
    connection: Connection, change_id: str, seconds: int, presence: str, agent: str = "agt_1"
) -> PresenceChange:
    at = AT + seconds * SECOND
    change = PresenceChange(id=change_id, agent_id=agent, at=at, presence=presence, reason="x", by="engine")
    presence_log.append(connection, change)
    return change


def test_changes_of_a_time_and_how_it_began(connection: Connection) -> None:
    early = add(connection, "prs_1", 0, "available")
    breaks = add(connection, "prs_2", 10, "break")
    back = add(connection, "prs_3", 10, "available")  # in the same instant, after
    other = add(connection, "prs_4", 15, "available", "agt_2")
    gone = add(connection, "prs_5", 20, "offline")
    everything = presence_log.list_changes(connection, AT, AT + 21 * SECOND)
    assert everything == [early, breaks, back, other, gone]
    assert presence_log.list_changes(connection, AT + 10 * SECOND, AT + 20 * SECOND) == [breaks, back, other]
    only = presence_log.list_changes(connection, AT, AT + 60 * SECOND, agent_id="agt_2")
    assert only == [other]
    assert presence_log.as_of(connection, AT) == {}
    assert presence_log.as_of(connection, AT + 10 * SECOND) == {"agt_1": early}
    assert presence_log.as_of(connection, AT + 20 * SECOND) == {"agt_1": back, "agt_2": other}


def test_somebody_sets_a_presence() -> None:
    change = PresenceChange(id="prs_1", agent_id="agt_1", at=AT, presence="break", by="weather")
    with pytest.raises(ValueError, match="agent, engine, supervisor"):
        presence_log.row(change)
