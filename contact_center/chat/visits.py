"""Who a browser is: by the secret that it keeps, by the host site's token, or somebody new."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center.chat.tokens import BadToken, read_token
from contact_center.config.webchat import Webchat
from contact_center.room import Room
from crm_store import visitors
from crm_store.errors import Conflict, Refused
from crm_store.visitors import OpenedVisit, Visitor

LONGEST_SECRET: Final = 100
MOST_ATTEMPTS: Final = 4


class Visit(msgspec.Struct, frozen=True):
    """A visitor who is known; ``secret`` is given to the browser where it has just been made."""

    visitor: Visitor
    secret: str = ""


class Visits:
    """See the module."""

    def __init__(self, room: Room, settings: Webchat) -> None:
        self._room = room
        self._secret = settings.token_secret.get_secret_value()
        self._lifetime = timedelta(days=settings.session_days)

    async def known(self, session: str, token: str, language: str = "") -> Visit | None:
        """Whose the session or token is; None for neither. A token goes first. Raises `BadToken`."""
        if token:
            return await self._vouched(token, language)
        if not session or len(session) > LONGEST_SECRET:
            return None
        at = self._room.clock.now()
        found = await self._room.store.read_quick(
            lambda connection: visitors.find_by_secret(connection, session, at, self._lifetime)
        )
        if found is None:
            return None
        if at - found.seen_at > timedelta(minutes=1):
            await self._room.store.write(lambda connection: visitors.touch(connection, found.id, at))
        return Visit(found)

    async def new(self, language: str) -> Visit:
        """A visitor who was never here."""
        at, ids = self._room.clock.now(), self._room.ids

        def write(connection: Connection) -> OpenedVisit:
            return visitors.open_anonymous(connection, at=at, ids=ids, language=language)

        opened = await self._room.store.write(write)
        return Visit(opened.visitor, opened.secret)

    async def _vouched(self, token: str, language: str) -> Visit:
        at, ids = self._room.clock.now(), self._room.ids
        who = read_token(token, self._secret, at)

        def write(connection: Connection) -> Visitor:
            return visitors.vouched(connection, who, at=at, ids=ids, language=language)

        for _ in range(MOST_ATTEMPTS):
            try:
                return Visit(await self._room.store.write(write))
            except Conflict:  # another browser of the same person, just now
                continue
            except Refused:
                raise BadToken("bad") from None
        raise Conflict("a visitor is being changed faster than this browser can follow")
