"""Live state: inside this process, or in a Redis that processes share; `open_live` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contact_center.clock import Clock
from contact_center.live.base import MISSED, LiveDown, LiveState

if TYPE_CHECKING:
    from contact_center.config.sections import Live

__all__ = ["MISSED", "LiveDown", "LiveState", "open_live"]


async def open_live(settings: Live, clock: Clock) -> LiveState:
    """The live state that is configured. Connects when it is first used; see `LiveState.check`.

    ``clock`` is for a live state inside the process; a shared Redis has the time itself.
    """
    url = settings.redis_url.get_secret_value()
    if not url:
        from contact_center.live.memory import MemoryLive

        return MemoryLive(clock)
    from contact_center.live.redis import RedisLive  # a third of a second to import

    return RedisLive(url, settings.prefix)
