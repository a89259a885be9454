"""How fast one connection may speak: a bucket of tokens in memory, shared with no other process."""

from __future__ import annotations

from typing import Final

MINUTE: Final = 60.0


class Bucket:
    """A limit of so many a minute for one socket; a third of them at once."""

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / MINUTE
        self._most = per_minute / 3.0
        self._left = self._most
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed at ``now``, in seconds."""
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)
        if self._left < 1:
            return False
        self._left -= 1
        return True
