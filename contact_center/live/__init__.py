"""Live state: inside this process, or in a Redis that processes share; `open_live` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contact_center.clock import Clock
from contact_center.live.base import MISSED, Lease, LiveDown, LiveState

if TYPE_CHECKING:
    from contact_center.config.sections import Live

__all__ = ["MISSED", "Lease", "LiveDown", "LiveState", "open_live"]


async def open_live(settings: Live, clock: Clock) -> LiveState:
    """The live state that is configured. Connects when it is first used; see `LiveState.check`."""
    url = settings.redis_url.get_secret_value()
    if not url:
        from contact_center.live.memory import MemoryLive

        return MemoryLive(clock)
    from contact_center.live.redis import RedisLive  # a third of a second to import

    return RedisLive(url, settings.prefix, clock)
