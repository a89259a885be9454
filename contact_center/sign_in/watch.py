"""Open sockets and the rights by which they are: whoever's session or token is over is turned out in seconds.

A request is asked for its rights each time, a socket only when it opens: so these are looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeVar

import structlog

from contact_center.actions.act import act
from contact_center.actions.shut_out import stop_supervising
from contact_center.room import Room
from crm_store import agents, sessions
from crm_store.errors import StoreError

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 4.0


class Inside(Protocol):
    """Whoever came in with a session or token (``token_id``, '' = neither), and what ``role`` it has."""

    agent_id: str
    token_id: str
    role: str


Somebody = TypeVar("Somebody", bound=Inside)


async def turned_out(room: Room, inside: Collection[Somebody]) -> list[Somebody]:
    """Those whose session or token is over, or whose agent has left. Who has only lost a role stays, without
    the calls of others that they listen to.
    """
    at, names = room.clock.now(), {one.token_id for one in inside} - {""}
    if not names:
        return []
    roles = await room.store.read(lambda connection: sessions.still_in(connection, names, at))
    for one in inside:
        now = roles.get(one.token_id, one.role)
        if now != one.role and agents.lesser(now, one.role) == now:
            await act(room, "desk", partial(stop_supervising, agent_id=one.agent_id))
        one.role = now
    return [one for one in inside if one.token_id in names and one.token_id not in roles]


@dataclass(eq=False)
class Guest:
    """An open socket. ``over``: nobody is let in any more by what let it in."""

    agent_id: str
    token_id: str
    role: str
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Looks at the sockets of one place as long as there are any."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._guests: list[Guest] = []
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def guest(self, agent_id: str, token_id: str, role: str) -> AsyncIterator[Guest]:
        """Somebody who is here for the length of the block."""
        guest = Guest(agent_id, token_id, role)
        self._guests.append(guest)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_on(), name="sockets' sessions")
        try:
            yield guest
        finally:
            self._guests.remove(guest)
            if not self._guests:
                looking, self._looking = self._looking, None
                looking.cancel()
                with suppress(asyncio.CancelledError):
                    await looking

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except StoreError as error:
                log.warning("who may still be here could not be looked up", why=str(error))

    async def look(self) -> None:
        """One round."""
        for guest in await turned_out(self._room, list(self._guests)):
            guest.over.set()
