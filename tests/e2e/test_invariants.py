"""What the checks of `tests.e2e.invariants` are worth: each finds the one thing that was made wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contact_center.actions import talk
from tests.app.centre import TwilioCall, open_centre, sqlite_url
from tests.app.floor import GRACE, TOM, Floor
from tests.app.flows import DESK
from tests.e2e import invariants
from tests.e2e.invariants import Store

Change = Callable[[Store], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three calls: one was declined and is over, one is with an agent, one waits."""
    return asyncio.run(make(tmp_path_factory.mktemp("sound")))


@pytest.fixture
def store(sound: Store) -> Store:
    """The same, to be made wrong."""
    return deepcopy(sound)


async def make(folder: Path) -> Store:
    async with open_centre(sqlite_url(folder), DESK) as centre:
        floor = Floor(centre)
        for number in range(3):
            call = await TwilioCall(centre, f"CA{number:032d}", f"+1202555{number:04d}").dial()
            await call.press("4")
            await call.fetch(call.verb("Dial").attrib["action"], DialCallStatus="busy")
            await floor.step(20)
        await floor.go(GRACE)
        await floor.step()
        await floor.decline(GRACE)
        await floor.step(5)
        work = await floor.accept(GRACE)
        await floor.step(5)
        await floor.with_work(work, lambda deed, found: talk.wrap_up(deed, found, "resolved", ""))
        await floor.outbox()
        await floor.go(GRACE, "break", "lunch")
        await floor.go(TOM)
        await floor.step(5)
        await floor.accept(TOM)
        return await floor.read(Store.read)


def the(store: Store, state: str) -> Any:
    [found] = [work for work in store.works.values() if work.state == state]
    return found


def put_work(which: str, /, **changes: Any) -> Change:
    def change(store: Store) -> None:
        work = the(store, which)
        store.works[work.id] = msgspec.structs.replace(work, **changes)

    return change


def lose_contact(store: Store) -> None:
    contact_id = the(store, "waiting").contact_id
    del store.contacts[contact_id], store.journals[contact_id]


def lose_line(store: Store) -> None:
    del store.journals[the(store, "waiting").contact_id][1]


def end_contact(store: Store) -> None:
    contact_id = the(store, "waiting").contact_id
    store.contacts[contact_id] = msgspec.structs.replace(store.contacts[contact_id], state="ended")


def free_agent(store: Store) -> None:
    agent_id = the(store, "active").agent_id
    store.states[agent_id] = msgspec.structs.replace(store.states[agent_id], holding={})


def offer_again(state: str, agent: str | None = None) -> Change:
    """Another offer of the same work, to somebody else, in the journal and the table."""

    def change(store: Store) -> None:
        work = the(store, state)
        lines = store.journals[work.contact_id]
        last = next(entry for entry in reversed(lines) if entry.kind == "offered")
        data = last.data | {"offer_id": "off_2", "agent_id": agent or "agt_2"}
        at = last.at + timedelta(seconds=1)
        lines.append(msgspec.structs.replace(last, seq=len(lines), at=at, data=data))
        contact = store.contacts[work.contact_id]
        store.contacts[contact.id] = msgspec.structs.replace(contact, journal_length=len(lines))
        made = next(offer for offer in store.offers if offer.id == last.data["offer_id"])
        store.offers.append(msgspec.structs.replace(made, id="off_2", state="pending", offered_at=at))

    return change


def jump_the_line(store: Store) -> None:
    """The one who came first has waited all the time while the second was offered."""
    work = the(store, "active")
    lines = store.journals[work.contact_id]
    lines[:] = [entry for entry in lines if entry.kind == "queued"]


def old_leader(store: Store) -> None:
    last = max(store.offers, key=lambda offer: offer.offered_at)
    late = msgspec.structs.replace(last, id="off_old", fence=last.fence - 1)
    store.offers.append(msgspec.structs.replace(late, offered_at=last.offered_at + timedelta(seconds=1)))


def two_calls_at_once(store: Store) -> None:
    """The agent of the active call has had the other one's all along."""
    done, active = the(store, "done"), the(store, "active")
    for lines in (store.journals[done.contact_id], store.journals[active.contact_id]):
        lines[:] = [
            msgspec.structs.replace(entry, data=entry.data | {"agent_id": active.agent_id})
            if entry.kind == "offered"
            else entry
            for entry in lines
            if entry.kind not in ("wrapped_up", "offer_declined")
        ]
    store.works[done.id] = msgspec.structs.replace(done, state="active")


NOW: dict[str, tuple[Change, str]] = {
    "an answered caller is gone": (lose_contact, "got an answer"),
    "a line of a journal is missing": (lose_line, "the journal of"),
    "a waiting contact has no work": (put_work("waiting", state="done"), "has work that is not there"),
    "a contact that is over waits": (end_contact, "is ended and has work"),
    "an offer without a row": (put_work("waiting", state="offered", offer_id="off_9"), "pending offers"),
    "an agent has room that is taken": (free_agent, "holds {}"),
    "work is with an agent who knows nothing": (put_work("active", agent_id="agt_9"), "the works say"),
}
HISTORY: dict[str, tuple[Change, str]] = {
    "offered to a second one": (offer_again("active"), "was offered while"),
    "the place in line is another": (
        put_work("waiting", queued_at=datetime(2026, 1, 1, tzinfo=UTC)),
        "was given the place",
    ),
    "somebody was passed in line": (jump_the_line, "stood before it"),
    "a leader of yesterday": (old_leader, "under the fence"),
    "two calls at once": (two_calls_at_once, "calls at"),
}


def test_what_is_right_is_right(store: Store) -> None:
    assert invariants.now(store, store.contacts) == []
    assert invariants.history(store) == []
    assert len(invariants.over(store)) == 6  # three contacts, two works, one agent


@pytest.mark.parametrize("name", NOW)
def test_what_is_wrong_now_is_found(store: Store, name: str) -> None:
    change, what = NOW[name]
    answered = list(store.contacts)
    change(store)
    assert any(what in found for found in invariants.now(store, answered)), invariants.now(store, answered)


@pytest.mark.parametrize("name", HISTORY)
def test_what_was_wrong_once_is_found(store: Store, name: str) -> None:
    change, what = HISTORY[name]
    change(store)
    assert any(what in found for found in invariants.history(store)), invariants.history(store)
