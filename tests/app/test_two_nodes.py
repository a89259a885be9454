"""Two processes over one store, in virtual time: any of them takes calls, answers and leads, in any order.

What one process does not hear of another it finds in the database; who leads with an old lease changes
nothing. Real processes that are killed and frozen are in tests/e2e.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contact_center.actions import offers, talk
from contact_center.actions.act import act
from contact_center.actions.presence import open_desk, set_presence
from contact_center.announcing import Changed
from contact_center.dispatcher import Dispatcher
from contact_center.duties import Duties, _free_if_stranded
from contact_center.feed import Feed
from contact_center.live.memory import MemoryLive
from contact_center.routing.model import Move, Proposal
from crm_store import agents, leases, works
from crm_store import offers as offer_rows
from crm_store.agents import AgentChanges
from crm_store.errors import Conflict, Refused
from crm_store.leases import Fenced
from crm_store.store import Store
from tests.app.centre import Centre, TwilioCall, open_centre, sqlite_url
from tests.app.floor import AISHA, GRACE, TOM, Floor
from tests.app.flows import DESK as FLOWS
from tests.e2e import invariants

EMAILS = (GRACE, TOM, AISHA)


@asynccontextmanager
async def two_nodes(url: str) -> AsyncIterator[tuple[Floor, Floor]]:
    """Two centres that share nothing but the store: neither hears what the other one tells."""
    async with open_centre(url, FLOWS) as first:
        room = replace(first.room, store=Store(url), live=MemoryLive(first.clock))
        second = Centre.over(room, first.clock, first.voice, first.messaging)
        try:
            yield Floor(first), Floor(second)
        finally:
            room.store.close()


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[Floor, Floor]]:
    async with two_nodes(sqlite_url(tmp_path)) as both:
        yield both


async def waiting_call(floor: Floor, number: int = 1) -> TwilioCall:
    """A caller who came in at one node and waits."""
    call = await TwilioCall(floor.centre, f"CA{number:032d}", f"+1202555{number:04d}").dial()
    await call.press("4")
    await call.fetch(call.verb("Dial").attrib["action"], DialCallStatus="busy")
    return call


async def test_who_calls_at_one_node_is_offered_by_the_other_and_answered_at_either(
    nodes: tuple[Floor, Floor],
) -> None:
    here, there = nodes
    await waiting_call(here)
    await there.go(GRACE)
    await there.step()
    offer = await here.offer(GRACE)
    assert (await there.offer(GRACE)) == offer
    work = await here.accept(GRACE)
    assert (work.state, work.offer_id) == ("active", offer.id)
    with pytest.raises(Fenced):
        await here.step()
    store = await here.read(invariants.Store.read)
    assert invariants.now(store) + invariants.history(store) == []


# --- any order -----------------------------------------------------------------------------------------


@dataclass
class World:
    """Random steps at two nodes; what an old leader still tries is among them."""

    nodes: tuple[Floor, Floor]
    random: Random
    calls: list[TwilioCall]

    async def step(self) -> None:
        """One of `STEPS` at a node of its own choice."""
        name = self.random.choice(STEPS)
        floor = self.random.choice(self.nodes)
        with suppress(Fenced, Refused, Conflict):
            await getattr(self, name)(floor)

    async def call(self, floor: Floor) -> None:
        self.calls.append(await waiting_call(floor, len(self.calls)))

    async def hang_up(self, floor: Floor) -> None:
        left = [call for call in self.calls if not call.over]
        if left:
            call = self.random.choice(left)
            call.centre = floor.centre
            await call.hang_up()

    async def come(self, floor: Floor) -> None:
        await floor.go(self.random.choice(EMAILS))

    async def rest(self, floor: Floor) -> None:
        await floor.go(self.random.choice(EMAILS), "break", "lunch")

    async def accept(self, floor: Floor) -> None:
        for email in EMAILS:
            for offer in await floor.offers(email):
                agent_id = offer.agent_id
                await floor.act(
                    f"agent:{agent_id}",
                    lambda deed, of=offer: offers.accept_offer(deed, of.id, of.agent_id),  # type: ignore[misc]
                )

    async def decline(self, floor: Floor) -> None:
        email = self.random.choice(EMAILS)
        if await floor.offers(email):
            await floor.decline(email)

    async def finish(self, floor: Floor) -> None:
        for work in await floor.works("active", "wrap_up"):
            await floor.with_work(work, lambda deed, found: talk.wrap_up(deed, found, "resolved", ""))
        await floor.outbox()

    async def requeue(self, floor: Floor) -> None:
        for work in await floor.works("active"):
            await floor.with_work(work, lambda deed, found: talk.requeue(deed, found, "agent"))

    async def route(self, floor: Floor) -> None:
        await floor.step()

    async def pass_time(self, floor: Floor) -> None:
        floor.centre.clock.advance(self.random.choice((0.5, 2, 4, 25)))

    async def decide_late(self, floor: Floor) -> None:
        """A leader, perhaps of yesterday, goes by what it knew and by the lease it had."""
        dispatcher = floor.centre.dispatcher
        if dispatcher.lease is not None:
            await dispatcher._decide(dispatcher.lease)


STEPS = (
    *["call"] * 3, *["route"] * 4, *["accept"] * 2, *["decide_late"] * 3, "come", "come", "finish", "decline",
    "hang_up", "rest", "requeue", "pass_time", "pass_time",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_two_nodes_do_in_whatever_order(nodes: tuple[Floor, Floor], seed: int) -> None:
    world = World(nodes, Random(seed), [])
    for number in range(60):
        await world.step()
        if number % 5 == 4:
            store = await nodes[0].read(invariants.Store.read)
            assert invariants.now(store) == [], f"step {number}"
            for floor in nodes:
                await a_look_shows_everything(floor)
    store = await nodes[0].read(invariants.Store.read)
    assert invariants.offered_once(store) == []
    assert store.offers


async def a_look_shows_everything(floor: Floor) -> None:
    """After a look a router that has missed anything decides as one that was built anew."""
    old, new = floor.centre.dispatcher.feed, Feed(floor.centre.room)
    picture = await floor.centre.dispatcher._picture()
    old.begin_look()
    old.compare(picture)
    new.restart(picture)
    found = old.decide()
    assert list(map(told, found)) == list(map(told, new.decide()))
    for proposal in reversed(found):
        old.release(proposal)


def told(proposal: Proposal) -> tuple[str, str]:
    return proposal.item_id, proposal.to if isinstance(proposal, Move) else proposal.agent_id


async def test_an_agent_of_whom_nothing_is_heard_gets_the_next_caller(nodes: tuple[Floor, Floor]) -> None:
    here, there = nodes
    await here.go(GRACE)
    await there.step()
    dispatcher = there.centre.dispatcher
    assert dispatcher.lease is not None
    for number in range(3):
        await waiting_call(here, number)
        dispatcher.feed.begin_look()
        dispatcher.feed.compare(await dispatcher._picture())
        await dispatcher._decide(dispatcher.lease)
        work = await here.accept(GRACE)
        await here.with_work(work, lambda deed, found: talk.wrap_up(deed, found, "resolved", ""))


# --- leading -------------------------------------------------------------------------------------------


async def test_a_dispatcher_that_is_stopped_gives_its_lease_up(nodes: tuple[Floor, Floor]) -> None:
    here, there = nodes
    dispatcher = here.centre.dispatcher
    running = asyncio.create_task(dispatcher.run())
    async with asyncio.timeout(10):
        await dispatcher.signals.leading.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert await there.read(lambda connection: leases.current(connection, offers.LEADER)) is None
    await there.step()
    assert there.centre.dispatcher.leads


async def test_who_is_back_keeps_everything_however_late_the_duty_is(nodes: tuple[Floor, Floor]) -> None:
    here, there = nodes
    agent_id = await here.go(GRACE)
    await here.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_1", "node"))
    await waiting_call(here)
    await here.step()
    taken = await here.accept(GRACE)
    await here.step(25)
    assert (await here.state(GRACE)).presence == "not_responding"
    before = here.centre.clock.now() + timedelta(seconds=1)
    await there.act("desk", lambda deed: open_desk(deed, agent_id, "dsk_2", "node"))
    await here.act("router", lambda deed: _free_if_stranded(deed, agent_id, before))
    assert (await here.work(taken.id)).state == "active"
    await Duties(here.centre.room, here.centre.dispatcher).once()
    assert (await here.work(taken.id)).state == "active"


async def test_who_does_not_work_here_any_more_costs_no_looks(nodes: tuple[Floor, Floor]) -> None:
    here, _ = nodes
    room = here.centre.room
    agent_id = await here.go(TOM)
    await act(room, "test", lambda deed: set_presence(deed, agent_id, "offline"))

    def leave(connection: Any) -> None:
        version = agents.get(connection, agent_id).version
        gone = AgentChanges(active=False)
        at, ids = room.clock.now(), room.ids
        agents.update(connection, agent_id, version, gone, at=at, ids=ids, actor="test")

    await room.store.write(leave)
    dispatcher = Dispatcher(room, "run")
    await dispatcher.step()
    assert not dispatcher.feed.wants_setup
    state = await here.state(GRACE)
    dispatcher.feed.take(Changed(agents=(state,)))
    assert not dispatcher.feed.wants_setup


async def test_an_offer_that_one_node_never_heard_of_is_known_to_it(nodes: tuple[Floor, Floor]) -> None:
    """The next leader goes by the database: it neither offers again nor forgets to take back."""
    here, there = nodes
    await waiting_call(here)
    await here.go(GRACE)
    await here.go(TOM)
    await here.step()
    [pending] = await here.read(offer_rows.list_pending)
    here.centre.clock.advance(6)
    await there.step()
    assert await there.read(offer_rows.list_pending) == [pending]
    await there.step(20)
    found = await there.read(lambda connection: works.get(connection, pending.work_id))
    assert found.offer_id != pending.id
    assert found.agent_id != pending.agent_id
