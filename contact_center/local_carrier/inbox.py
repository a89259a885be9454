"""What happens to one call, in order, for whoever follows it: keys, words, redirects, the end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

Sleep = Callable[[float], Awaitable[None]]
"""Waits for seconds to pass."""


class Event(msgspec.Struct, frozen=True):
    """Base of what happens in a call."""


E = TypeVar("E", bound=Event)


class Pressed(Event, frozen=True):
    digits: str


class Spoken(Event, frozen=True):
    text: str
    confidence: float | None
    final: bool


class Heard(Event, frozen=True):
    """Something said was heard to its end."""

    seq: int


class Left(Event, frozen=True):
    """A message was left: its length, and the sound where there is any."""

    seconds: float
    data: bytes


class ChildMoved(Event, frozen=True):
    """The call that a <Dial> has placed stands elsewhere."""

    sid: str


class Released(Event, frozen=True):
    """The conference that the call was in is over, or it was taken out."""


class Interrupted(Exception):
    """What the call was doing is to end at once."""


class HungUp(Interrupted):
    """The call is over."""


class Redirected(Interrupted):
    """The API leads the call elsewhere."""

    def __init__(self, url: str, method: str) -> None:
        super().__init__()
        self.url = url
        self.method = method


class Inbox:
    """See the module. ``sleep`` is the present's, or a test's own."""

    def __init__(self, sleep: Sleep) -> None:
        self.sleep = sleep
        self._events: deque[Event] = deque()
        self._interrupt: Interrupted | None = None
        self._changed = asyncio.Event()

    def put(self, event: Event) -> None:
        self._events.append(event)
        self._changed.set()

    def interrupt(self, why: Interrupted) -> None:
        """End what the call is doing. The end of the call is not taken back by anything."""
        if not isinstance(self._interrupt, HungUp):
            self._interrupt = why
            self._changed.set()

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return isinstance(self._interrupt, HungUp)

    def forget(self) -> None:
        """What was pressed and said before now was meant for nobody."""
        kept = [event for event in self._events if not isinstance(event, (Pressed, Spoken, Heard, Left))]
        self._events = deque(kept)

    def take(self, kind: type[E]) -> E | None:
        """The first event of that kind, also after the end."""
        found = next((event for event in self._events if isinstance(event, kind)), None)
        if found is not None:
            self._events.remove(found)
        return found

    async def next(self, seconds: float | None = None) -> Event | None:
        """The next event; None once ``seconds`` are over. Raises `Interrupted`."""
        timer = None if seconds is None else asyncio.ensure_future(self.sleep(seconds))
        try:
            while True:
                self._raise()
                if self._events:
                    return self._events.popleft()
                if timer is not None and timer.done():
                    return None
                await self._change(timer)
        finally:
            if timer is not None:
                timer.cancel()

    async def guard(self, work: Coroutine[Any, Any, T], keep: Callable[[asyncio.Task[T]], object]) -> T:
        """The result of ``work``. Raises `Interrupted` as soon as there is that; then ``work`` goes on by
        itself, in the care of ``keep``: a request that is on its way cannot be called back."""
        task = asyncio.ensure_future(work)
        while not task.done():
            try:
                self._raise()
            except Interrupted:
                keep(task)
                raise
            await self._change(task)
        return task.result()

    async def over(self) -> None:
        """Return when the call has ended."""
        while not self.is_over:
            await self._change(None)

    def _raise(self) -> None:
        why = self._interrupt
        if why is None:
            return
        if not isinstance(why, HungUp):
            self._interrupt = None
        raise why

    async def _change(self, other: asyncio.Future[Any] | None) -> None:
        """Until something new is here, or ``other`` is done."""
        self._changed.clear()
        waiting = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait(
                {waiting, other} if other is not None else {waiting},
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waiting.cancel()
