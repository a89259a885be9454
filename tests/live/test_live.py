"""What holds for every live state, in the process and in Redis (STYLE habit 16)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from contact_center.clock import ManualClock
from contact_center.config.base import SecretUrl
from contact_center.config.sections import Live
from contact_center.live import MISSED, LiveDown, LiveState, open_live
from contact_center.live.memory import MOST_BUCKETS, MOST_WAITING, MemoryLive
from contact_center.live.redis import RedisLive

PATIENCE = 10


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, 10, tzinfo=UTC))


@pytest.fixture(params=["memory", "redis"])
async def pair(
    request: pytest.FixtureRequest, clock: ManualClock
) -> AsyncIterator[tuple[LiveState, LiveState]]:
    """The live state as two processes have it; in memory there is only one."""
    one: LiveState
    two: LiveState
    if request.param == "memory":
        one = two = MemoryLive(clock)
    else:
        url = request.getfixturevalue("fresh_redis")
        one, two = RedisLive(url, "test:", clock), RedisLive(url, "test:", clock)
    yield one, two
    await one.close()
    await two.close()


@pytest.fixture
def live(pair: tuple[LiveState, LiveState]) -> LiveState:
    return pair[0]


@pytest.fixture
def other(pair: tuple[LiveState, LiveState]) -> LiveState:
    return pair[1]


async def next_of(texts: AsyncIterator[str]) -> str:
    async with asyncio.timeout(PATIENCE):
        return await anext(texts)


# --- limits -----------------------------------------------------------------------------------------


async def test_a_limit_is_shared_and_refills_evenly(
    live: LiveState, other: LiveState, clock: ManualClock
) -> None:
    taken = [await process.rate_limit("a", 4, 60) for process in (live, other, live, other, live)]
    assert taken == [True, True, True, True, False]
    clock.advance(14.9)
    assert not await other.rate_limit("a", 4, 60)
    clock.advance(0.2)
    assert [await live.rate_limit("a", 4, 60) for _ in range(2)] == [True, False]
    clock.advance(600)
    assert [await live.rate_limit("a", 4, 60) for _ in range(5)] == [True] * 4 + [False]


async def test_every_key_has_a_limit_of_its_own(live: LiveState) -> None:
    assert await live.rate_limit("a", 1, 60)
    assert await live.rate_limit("b", 1, 60)
    assert not await live.rate_limit("a", 1, 60)


async def test_a_clock_that_goes_back_gives_nothing_for_free(live: LiveState, clock: ManualClock) -> None:
    assert await live.rate_limit("a", 1, 60)
    clock.advance(-30)
    assert not await live.rate_limit("a", 1, 60)
    clock.advance(30)
    assert not await live.rate_limit("a", 1, 60)


async def test_of_many_at_once_as_many_as_allowed_pass(live: LiveState, other: LiveState) -> None:
    tries = (process.rate_limit("a", 7, 60) for process in (live, other) for _ in range(10))
    assert sum(await asyncio.gather(*tries)) == 7


@given(st.lists(st.one_of(st.sampled_from("ab"), st.integers(-20, 40)), max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_memory_and_redis_answer_the_same(redis_url: str, steps: list[str | int]) -> None:
    """Whoever asks, and however the clock goes, memory and Redis answer the same."""

    async def run() -> None:
        clock = ManualClock(datetime(2026, 3, 2, 10, tzinfo=UTC))
        async with Redis.from_url(redis_url) as client:
            await client.flushdb()
        lives: list[LiveState] = [MemoryLive(clock), RedisLive(redis_url, "p:", clock)]
        for step in steps:
            if isinstance(step, int):
                clock.advance(step)
            else:
                assert len({await live.rate_limit(step, 3, 60) for live in lives}) == 1
        for live in lives:
            await live.close()

    asyncio.run(run())


# --- wake-ups ---------------------------------------------------------------------------------------


async def test_what_is_published_reaches_every_subscriber_in_order(live: LiveState, other: LiveState) -> None:
    async with live.subscribe("agents") as here, other.subscribe("agents") as there:
        await live.publish("agents", "one")
        await live.publish("agents", "二")
        for texts in (here, there):
            assert [await next_of(texts), await next_of(texts)] == ["one", "二"]


async def test_topics_are_apart_and_the_past_is_past(live: LiveState, other: LiveState) -> None:
    await other.publish("agents", "before")
    async with live.subscribe("agents") as texts:
        await other.publish("contacts", "elsewhere")
        await other.publish("agents", "now")
        assert await next_of(texts) == "now"


async def test_who_left_costs_nothing(live: LiveState, other: LiveState) -> None:
    async with live.subscribe("agents"):
        pass
    await other.publish("agents", "to nobody")
    async with live.subscribe("agents") as texts:
        await other.publish("agents", "to somebody")
        assert await next_of(texts) == "to somebody"


async def test_closing_ends_subscriptions(live: LiveState) -> None:
    async with live.subscribe("agents") as texts:

        async def listen() -> list[str]:
            return [text async for text in texts]

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0)
        await live.close()
        async with asyncio.timeout(PATIENCE):
            assert await listening == []


async def test_it_can_be_used(live: LiveState) -> None:
    await live.check()


# --- what only one of them can meet -------------------------------------------------------------------


async def test_memory_tells_a_slow_subscriber_that_it_missed_something(clock: ManualClock) -> None:
    live = MemoryLive(clock)
    async with live.subscribe("agents") as slow, live.subscribe("agents") as quick:
        for number in range(MOST_WAITING + 1):
            await live.publish("agents", f"{number}")
            assert await next_of(quick) == f"{number}"
        assert await next_of(slow) == MISSED
        await live.publish("agents", "after")
        assert await next_of(slow) == "after"


async def test_memory_forgets_limits_that_are_full_again(clock: ManualClock) -> None:
    live = MemoryLive(clock)
    for number in range(MOST_BUCKETS):
        await live.rate_limit(f"{number}", 1, 60)
    clock.advance(61)
    await live.rate_limit("last", 1, 60)
    assert len(live._buckets) == 1
    assert not await live.rate_limit("last", 1, 60)


async def test_redis_tells_of_a_lost_connection_and_goes_on(fresh_redis: str, clock: ManualClock) -> None:
    live = RedisLive(fresh_redis, "test:", clock)
    async with live.subscribe("agents") as texts, Redis.from_url(fresh_redis) as operator:
        await operator.client_kill_filter(_type="pubsub")
        assert await next_of(texts) == MISSED
        await live.publish("agents", "after")
        assert await next_of(texts) == "after"
    await live.close()


async def test_redis_keeps_nothing_for_ever(fresh_redis: str) -> None:
    live = RedisLive(fresh_redis, "test:")
    await live.rate_limit("a", 4, 60)
    async with Redis.from_url(fresh_redis, decode_responses=True) as operator:
        kept = {key: await operator.pttl(key) for key in await operator.keys()}
    assert set(kept) == {"test:limit:a"}
    assert 0 < kept["test:limit:a"] <= 60_000
    await live.close()


async def test_redis_has_the_time_itself(fresh_redis: str) -> None:
    live = RedisLive(fresh_redis, "test:")
    assert [await live.rate_limit("long", 2, 3600) for _ in range(3)] == [True, True, False]
    assert await live.rate_limit("short", 1, 0.005)
    async with asyncio.timeout(PATIENCE):
        while not await live.rate_limit("short", 1, 0.005):
            pass  # Redis' clock goes on
    async with Redis.from_url(fresh_redis, decode_responses=True) as operator:
        seconds, _ = await operator.time()
        at = await operator.hget("test:limit:long", "at")
        assert abs(int(at or 0) / 1000 - seconds) < PATIENCE
    await live.close()


CALLS: dict[str, Callable[[LiveState], Awaitable[object]]] = {
    "rate_limit": lambda live: live.rate_limit("a", 1, 1),
    "publish": lambda live: live.publish("a", "b"),
    "check": lambda live: live.check(),
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_redis_that_is_not_there_is_live_down(call: str, clock: ManualClock) -> None:
    live = RedisLive("redis://127.0.0.1:1/0", "test:", clock)
    with pytest.raises(LiveDown, match=r"live\.redis_url"):
        await CALLS[call](live)
    with pytest.raises(LiveDown, match=r"live\.redis_url"):
        async with live.subscribe("agents"):
            pass
    await live.close()


async def test_the_configuration_chooses(clock: ManualClock) -> None:
    here = await open_live(Live(), clock)
    there = await open_live(Live(redis_url=SecretUrl("redis://127.0.0.1:1/0")), clock)
    assert isinstance(here, MemoryLive)
    assert isinstance(there, RedisLive)
    await there.close()
