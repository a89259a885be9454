"""Two processes on one PostgreSQL do things to the same rows at the same moment: one of them wins, the other
one tries again, and the laws of `tests.app.laws` hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from contact_center.actions import offers, presence, talk, transfer
from contact_center.actions.act import act
from contact_center.actions.offers import LEADER
from contact_center.dispatcher import Dispatcher
from contact_center.room import Room
from crm_store import leases
from crm_store.errors import Refused
from crm_store.leases import Fenced
from crm_store.store import Store
from tests.app.centre import Centre, open_centre
from tests.app.commotion import TURMOIL, Commotion
from tests.app.deeds import accepts, call_comes, hangs_up, sets_presence, text_comes, time_passes

ROUNDS = 4


@dataclass
class Two:
    """The same database in two processes: what happens is started in both at once."""

    here: Commotion
    there: Centre

    async def both(self, *work: Awaitable[Any]) -> list[Any]:
        """Run all at once; what the rules refuse is an answer, a conflict that nobody retried is not."""
        found = await asyncio.gather(*work, return_exceptions=True)
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, Refused):
                raise one
        return found

    async def act(self, room: Room, function: Callable[..., Any]) -> Any:
        return await act(room, "agent:1", function)

    async def clear(self) -> None:
        """Everybody hangs up, and everything is written up."""
        while await self.here.contact(0, "phone"):
            await hangs_up(self.here, 0, 0)
        for _ in await self.here.works("wrap_up"):
            await self.here.on_work(0, ("wrap_up",), talk.finish)
        assert await self.here.works() == []

    async def check(self) -> None:
        self.here.desks.clear()  # what is told over there is not heard here
        await self.here.check()


@pytest.fixture
async def two(fresh_postgres: str) -> AsyncIterator[Two]:
    async with open_centre(fresh_postgres, TURMOIL) as here:
        at = here.room
        store = Store(fresh_postgres)
        room = Room(
            config=at.config, clock=at.clock, ids=at.ids, random=at.random, store=store, library=at.library,
            bot=at.bot, live=at.live, metrics=at.metrics, calendars=at.calendars, policies=dict(at.policies),
            company=at.company,
        )  # fmt: skip
        there = Centre.over(room, here.clock, here.voice, here.messaging)
        commotion = Commotion(here)
        await commotion.begin()
        yield Two(commotion, there)
        store.close()


async def test_one_offer_has_one_end(two: Two) -> None:
    """Accepted, declined, revoked by the caller's hanging up and expired, all at once."""
    at = two.here
    for turn in range(ROUNDS):
        await call_comes(at, 0, 0)
        await sets_presence(at, turn, 0)
        await time_passes(at, 0, 0)
        [offer] = await at.offers()
        here, there = at.centre.room, two.there.room
        yes = lambda deed: offers.accept_offer(deed, offer.id, offer.agent_id)  # noqa: B023, E731
        no = lambda deed: offers.decline_offer(deed, offer.id, offer.agent_id)  # noqa: B023, E731
        await two.both(
            two.act(here, yes), two.act(there, no), two.act(there, yes), hangs_up(at, 0, 0),
            two.act(here, lambda deed: presence.set_presence(deed, offer.agent_id, "break")),  # noqa: B023
        )  # fmt: skip
        await two.check()
        assert await at.offers() == []
        await two.clear()


async def test_one_conversation_goes_one_way(two: Two) -> None:
    """Ended, transferred, given on by a supervisor and asked about, all at once."""
    at = two.here
    for who in range(3):
        await sets_presence(at, who, 0)
    for _ in range(ROUNDS):
        await call_comes(at, 0, 0)
        await time_passes(at, 0, 0)
        await accepts(at, 0, 0)
        [work] = await at.works("active")

        def on(room: Room, function: Callable[..., Any], *given: Any, **more: Any) -> Awaitable[Any]:
            def action(deed: Any) -> Any:
                mine = talk.own_work(deed, work.id, None, talk.TALKING)  # noqa: B023
                return function(deed, mine, *given, **more)

            return two.act(room, action)

        here, there = at.centre.room, two.there.room
        await two.both(
            on(here, talk.hold, True), on(there, transfer.consult, queue="vip"),
            on(there, transfer.to_queue, "vip"), on(here, talk.end_talk), on(there, talk.requeue, "agent"),
            on(here, transfer.reassign, queue="vip"),
        )  # fmt: skip
        await two.check()
        await two.clear()


async def test_two_leaders_never_offer_twice(two: Two) -> None:
    """Both have rebuilt from the same rows, and both commit what they propose under a good lease."""
    at = two.here
    for who in range(6):
        await text_comes(at, who, 0)
        await call_comes(at, 0, 0)
    first, second = at.centre.dispatcher, Dispatcher(two.there.room, "there")
    await first.step()
    for who in range(3):
        await sets_presence(at, who, 0)
    at.centre.clock.advance(6)
    await second.step()
    lease = await at.read(lambda connection: leases.current(connection, LEADER))
    assert lease is not None
    for dispatcher in (first, second):
        dispatcher.feed.begin_look()
        dispatcher.feed.restart(await dispatcher._picture())

    async def decide(dispatcher: Dispatcher) -> None:
        with suppress(Fenced):
            while await dispatcher._decide(lease):  # the fence of the newest: nothing but the rows stops it
                continue

    await two.both(decide(first), decide(second), *(hangs_up(at, who, 0) for who in range(3)))
    await two.check()


async def test_an_agent_signs_in_twice_at_once(two: Two) -> None:
    at, agent_id = two.here, two.here.agent(0)
    go = lambda deed: presence.set_presence(deed, agent_id, "available")  # noqa: E731
    rooms = [at.centre.room, two.there.room] * 3
    found = await two.both(*(two.act(room, go) for room in rooms))
    assert {state.presence for state in found} == {"available"}
    desks = [
        two.act(room, lambda deed, number=number: presence.open_desk(deed, agent_id, f"dsk_{number}", "n"))
        for number, room in enumerate(rooms)
    ]
    await two.both(*desks)
    await two.check()
