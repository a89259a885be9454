"""How much a visitor, and an address, may do: shared by all processes through live state.

Where live state is down nobody is limited by it; a socket has a limit of its own besides
(`contact_center.bucket`).
"""

from __future__ import annotations

from typing import Final

from contact_center.config.webchat import Webchat
from contact_center.live import LiveDown
from contact_center.room import Room

SOCKETS_A_MINUTE: Final = 60
"""Sockets from one address."""

VISITORS_A_MINUTE: Final = 20
"""New visitors from one address."""

FILES_A_MINUTE: Final = 20
"""Uploads from one address, and downloads twelve times as many."""

LINES_A_MINUTE: Final = 240
"""Lines of any kind over one socket; a third of them at once."""

MINUTE: Final = 60.0


class Limits:
    """See the module."""

    def __init__(self, room: Room, settings: Webchat) -> None:
        self._room = room
        self._settings = settings

    async def may_connect(self, address: str) -> bool:
        """One more socket."""
        return await self._allowed(f"chat:socket:{address}", SOCKETS_A_MINUTE)

    async def may_be_new(self, address: str) -> bool:
        """One more visitor who was never here."""
        return await self._allowed(f"chat:visitor:{address}", VISITORS_A_MINUTE)

    async def may_write(self, visitor_id: str, address: str) -> bool:
        """One more message."""
        mine, all_here = (
            self._settings.messages_per_minute,
            self._settings.messages_per_minute_and_address,
        )
        return await self._allowed(f"chat:say:{visitor_id}", mine) and await self._allowed(
            f"chat:say:address:{address}", all_here
        )

    async def may_upload(self, visitor_id: str, address: str) -> bool:
        """One more file."""
        return await self._allowed(f"chat:file:{visitor_id}", FILES_A_MINUTE) and await self._allowed(
            f"chat:file:address:{address}", 5 * FILES_A_MINUTE
        )

    async def may_fetch(self, address: str) -> bool:
        """One more request for a file, with whatever right."""
        return await self._allowed(f"chat:fetch:{address}", 12 * FILES_A_MINUTE)

    async def _allowed(self, key: str, most: int) -> bool:
        try:
            return await self._room.live.rate_limit(key, most, MINUTE)
        except LiveDown as error:
            self._room.announcer.live_is_down(error)
            return True
