"""Puts the web chat together: what `contact_center.app` opens where the channel ``webchat`` is active."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from contact_center.chat.files import FOLDER, ChatFiles
from contact_center.chat.hub import ChatHub
from contact_center.chat.pages import ChatPages
from contact_center.chat.sending import ChatSending
from contact_center.chat.socket import ChatSocket
from contact_center.chat.visits import Visits
from contact_center.conductor import Conductor
from contact_center.config.webchat import Webchat
from contact_center.outbox_worker import Handler
from contact_center.room import Room


@dataclass
class OpenedChat:
    """The web chat of this process. ``work`` goes on until cancelled; ``touch`` is told of changed
    contacts."""

    hub: ChatHub
    socket: ChatSocket
    files: ChatFiles
    pages: ChatPages

    def routes(self) -> list[web.RouteDef]:
        """Everything under ``/chat``."""
        return [*self.socket.routes(), *self.files.routes(), *self.pages.routes()]

    def work(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What has to run."""
        return [self.hub.publish, self.hub.run, self.hub.look_after]

    def sending(self, other: Handler | None) -> ChatSending:
        """The outbox's handler of messages; ``other`` has those of other channels."""
        return ChatSending(self.hub.room, self.hub, other)

    async def close(self) -> None:
        """Send the browsers elsewhere: the server is about to stop listening."""
        await self.hub.close()


def open_chat(settings: Webchat, folder: Path, room: Room, conductor: Conductor) -> OpenedChat:
    """The chat; ``folder`` keeps the files that visitors send."""
    visits = Visits(room, settings)
    hub = ChatHub(room)
    files = ChatFiles(room, settings, visits, folder / FOLDER)
    return OpenedChat(hub, ChatSocket(room, conductor, hub, visits, files), files, ChatPages())
