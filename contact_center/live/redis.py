"""Live state in Redis (or Valkey), shared by every process of every machine.

What must be one step is a Lua script. Time is passed in, as everywhere; Redis' own expiry only
clears away what is no longer of use.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError

from contact_center.clock import Clock
from contact_center.live.base import MISSED, Lease, LiveDown

ANSWER_SECONDS: Final = 2.0
"""How long Redis may take to answer; callers wait for it on the telephone."""

RECONNECT_SECONDS: Final = 1.0

_RATE_LIMIT: Final = """
local limit, per, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or limit, tonumber(kept[2]) or now
tokens = math.min(limit, tokens + math.max(0, now - at) * limit / per)
local allowed = 0
if tokens >= 1 - 0.000001 then
  allowed = 1
  tokens = tokens - 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens),
           'at', string.format('%.0f', math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil(per))
return allowed
"""

_LEASE: Final = """
local holder, lasts, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'holder', 'until', 'fence')
local fence
if kept[1] and tonumber(kept[2]) > now then
  if kept[1] ~= holder then
    return 0
  end
  fence = kept[3]
else
  fence = redis.call('INCR', KEYS[2])
end
redis.call('HSET', KEYS[1], 'holder', holder, 'until', string.format('%.0f', now + lasts), 'fence', fence)
redis.call('PEXPIRE', KEYS[1], lasts)
return tonumber(fence)
"""

_RENEW: Final = """
local fence, lasts, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'fence', 'until')
if kept[1] ~= fence or tonumber(kept[2]) <= now then
  return 0
end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + lasts))
redis.call('PEXPIRE', KEYS[1], lasts)
return 1
"""

_RELEASE: Final = """
if redis.call('HGET', KEYS[1], 'fence') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 0
"""


class RedisLive:
    """`LiveState` in the Redis at ``url``; every key begins with ``prefix``."""

    def __init__(self, url: str, prefix: str, clock: Clock) -> None:
        self._prefix = prefix
        self._clock = clock
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(ConstantBackoff(0.05), 1),
        )
        self._scripts = {
            script: self._redis.register_script(script) for script in (_RATE_LIMIT, _LEASE, _RENEW, _RELEASE)
        }
        self._closed = asyncio.Event()

    def _now(self) -> int:
        return math.floor(self._clock.now().timestamp() * 1000)

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}{kind}:{name}"

    async def _run(self, script: str, keys: list[str], *arguments: str | int) -> int:
        with _as_live_down():
            return int(await self._scripts[script](keys, list(arguments)))

    async def rate_limit(self, key: str, limit: int, per_seconds: float) -> bool:
        milliseconds = max(1, round(per_seconds * 1000))
        keys = [self._key("limit", key)]
        return await self._run(_RATE_LIMIT, keys, limit, milliseconds, self._now()) == 1

    async def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        keys = [self._key("lease", name), self._key("fence", name)]
        fence = await self._run(_LEASE, keys, holder, round(seconds * 1000), self._now())
        return Lease(name, holder, fence) if fence else None

    async def renew(self, lease: Lease, seconds: float) -> bool:
        keys = [self._key("lease", lease.name)]
        return await self._run(_RENEW, keys, str(lease.fence), round(seconds * 1000), self._now()) == 1

    async def release(self, lease: Lease) -> None:
        await self._run(_RELEASE, [self._key("lease", lease.name)], str(lease.fence))

    async def publish(self, topic: str, text: str) -> None:
        with _as_live_down():
            await self._redis.publish(self._key("topic", topic), text)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[str]]:
        channel: Any = self._redis.pubsub()  # redis-py types only some of its methods
        try:
            with _as_live_down():
                await channel.subscribe(self._key("topic", topic))
                await channel.get_message(timeout=ANSWER_SECONDS)  # Redis' word that we are subscribed
            yield self._texts(channel)
        finally:
            await channel.aclose()

    async def _texts(self, channel: Any) -> AsyncIterator[str]:
        while not self._closed.is_set():
            try:
                message = await self._unless_closed(channel.get_message(timeout=None))
            except (RedisError, OSError):
                # The connection is lost, and lost again: the next read connects and subscribes anew.
                await self._unless_closed(asyncio.sleep(RECONNECT_SECONDS))
                continue
            if message is None:
                continue
            if message["type"] == "message":
                yield message["data"]
            elif message["type"] == "subscribe":
                yield MISSED  # subscribed once more, so the connection was lost in between

    async def _unless_closed(self, work: Awaitable[Any]) -> Any:
        """The result of ``work``, or None as soon as we are closed."""
        task = asyncio.ensure_future(work)
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait({task, closed}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            closed.cancel()

    async def check(self) -> None:
        with _as_live_down():
            await self._redis.ping()

    async def close(self) -> None:
        self._closed.set()
        await self._redis.aclose()


@contextmanager
def _as_live_down() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise LiveDown(
            f"Redis does not answer ({type(error).__name__}): check that it runs and that "
            "live.redis_url names it"
        ) from error
