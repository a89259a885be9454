"""Live state in Redis (or Valkey), shared by every process of every machine.

What must be one step is a Lua script. Time is Redis' own, the one clock that all of its users share: theirs
may differ, and one that is ahead would use up a limit for the others. Expiry only clears away what is no
longer of use.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from contact_center.clock import Clock
from contact_center.live.base import MISSED, LiveDown

ANSWER_SECONDS: Final = 1.0
"""How long Redis may take to answer; callers wait for it on the telephone."""

AGAIN_SECONDS: Final = 1.0
"""How often a Redis that did not answer is asked again; whoever else wants something is told so at once."""

SILENT_SECONDS: Final = 3.0
"""After so long without a word a subscriber asks whether Redis is still there, and gives it as long again."""

_RATE_LIMIT: Final = """
local limit, per, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = math.floor(time[1] * 1000 + time[2] / 1000)
end
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


class RedisLive:
    """`LiveState` in the Redis at ``url``; every key begins with ``prefix``.

    ``clock`` takes the place of Redis' own, for virtual time.
    """

    def __init__(self, url: str, prefix: str, clock: Clock | None = None) -> None:
        self._prefix = prefix
        self._clock = clock
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(ConstantBackoff(0.05), 1, (RedisConnectionError,)),
        )
        self._rate_limit = self._redis.register_script(_RATE_LIMIT)
        self._closed = asyncio.Event()
        self._failed: LiveDown | None = None
        self._try_at = 0.0

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}{kind}:{name}"

    async def rate_limit(self, key: str, limit: int, per_seconds: float) -> bool:
        arguments = [limit, max(1, round(per_seconds * 1000))]
        if self._clock is not None:
            arguments.append(math.floor(self._clock.now().timestamp() * 1000))
        with self._asking():
            return int(await self._rate_limit([self._key("limit", key)], arguments)) == 1

    async def publish(self, topic: str, text: str) -> None:
        with self._asking():
            await self._redis.publish(self._key("topic", topic), text)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """For one command. While Redis fails only one command in a while waits for it."""
        now = asyncio.get_running_loop().time()
        if self._failed is not None:
            if now < self._try_at:
                raise self._failed.with_traceback(None)
            self._try_at = now + AGAIN_SECONDS + ANSWER_SECONDS
        try:
            with _as_live_down():
                yield
        except LiveDown as error:
            self._failed = error
            self._try_at = asyncio.get_running_loop().time() + AGAIN_SECONDS
            raise
        self._failed = None

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[str]]:
        channel: Any = self._redis.pubsub()  # redis-py types only some of its methods
        try:
            with _as_live_down():
                await channel.subscribe(self._key("topic", topic))
                if await channel.get_message(timeout=ANSWER_SECONDS) is None:
                    raise TimeoutError("no word that we are subscribed")
            yield self._texts(channel)
        finally:
            with suppress(RedisError, OSError):
                await channel.aclose()

    async def _texts(self, channel: Any) -> AsyncIterator[str]:
        asked = False
        while not self._closed.is_set():
            with _as_live_down():  # a connection that was lost is made anew at once, or it is down
                message = await self._unless_closed(channel.get_message(timeout=SILENT_SECONDS))
                if message is None and not self._closed.is_set():
                    if asked:
                        raise TimeoutError("no answer to a ping")
                    await channel.ping()
                asked = message is None
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
        with self._asking():
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
