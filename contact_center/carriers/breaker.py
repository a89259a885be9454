"""A circuit breaker: who fails again and again is left alone for a while, then tried once.

Without it every request to a provider that is down takes its whole time-out, in which callers wait. Pure: the
time, in seconds of a clock that never runs backwards, is handed in.

    closed      requests go through; ``failures`` of them failing within ``window`` seconds open it
    open        none does, for ``rest`` seconds
    half open   one does; how that ends decides
"""

from __future__ import annotations

from collections import deque
from typing import Literal

State = Literal["closed", "open", "half_open"]


class Breaker:
    """See the module. Ask `admits` before each request, and tell how it ended."""

    def __init__(self, *, failures: int = 5, window: float = 30.0, rest: float = 15.0) -> None:
        if failures < 1 or window <= 0 or rest <= 0:
            raise ValueError("a breaker needs at least one failure, and a window and a rest above 0 seconds")
        self._most, self._window, self._rest = failures, window, rest
        self._failed: deque[float] = deque(maxlen=failures)
        self._opened: float | None = None
        self._probed: float | None = None

    def state(self, now: float) -> State:
        """How it stands."""
        if self._opened is None:
            return "closed"
        return "open" if now < self._opened + self._rest else "half_open"

    def left(self, now: float) -> float:
        """Seconds until a request may be tried again, 0 where one may now."""
        if self._opened is None:
            return 0.0
        return max(0.0, self._opened + self._rest - now)

    def admits(self, now: float) -> bool:
        """Whether a request may go out. While half open, one at a time: a probe of which nothing
        is heard for a whole rest is given up."""
        state = self.state(now)
        if state != "half_open":
            return state == "closed"
        if self._probed is not None and now < self._probed + self._rest:
            return False
        self._probed = now
        return True

    def succeeded(self) -> None:
        """A request was answered, with whatever sense: the provider is there."""
        self._failed.clear()
        self._opened = self._probed = None

    def failed(self, now: float) -> bool:
        """A request was not answered, or with a failure of the provider's; True where this has opened it."""
        if self._opened is not None:
            if self._probed is None:
                return False  # sent before it opened
            self._opened, self._probed = now, None
            return True
        self._failed.append(now)
        if len(self._failed) == self._most and now - self._failed[0] <= self._window:
            self._failed.clear()
            self._opened, self._probed = now, None
            return True
        return False
