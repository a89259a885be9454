"""A desk as a program on the other side of the socket: it keeps what it was shown and what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from contact_center.announcing import Told
from tests.api.at_work import AtWork
from tests.app.laws import Desk

PATIENCE = 20.0
"""Seconds until a test that waits for something that never comes gives up."""


@dataclass
class Client:
    """See the module. ``heard`` is every line so far."""

    floor: AtWork
    socket: ClientWebSocketResponse
    shows: Desk
    heard: list[dict[str, Any]] = field(default_factory=list)
    number: int = 0

    async def next(self) -> dict[str, Any]:
        """The next line."""
        async with asyncio.timeout(PATIENCE):
            line: dict[str, Any] = await self.socket.receive_json()
        self.heard.append(line)
        if line["event"] == "hello":
            self.shows.show(line["data"])
        else:
            self.shows.apply(line["event"], line["data"])
        return line

    async def until(self, event: str) -> dict[str, Any]:
        """What the next line of that event tells."""
        while True:
            line = await self.next()
            if line["event"] == event:
                data: dict[str, Any] = line["data"]
                return data

    async def catch_up(self) -> list[str]:
        """Hear everything told so far; the events."""
        self.number += 1
        first, told = len(self.heard), Told()
        told.notice(self.shows.agent_id, "mark", {"number": self.number})
        self.floor.api.room.announcer.tell(told)
        while (await self.until("mark"))["number"] != self.number:
            continue
        return [line["event"] for line in self.heard[first:-1]]

    async def is_right(self) -> None:
        """The snapshot law: what it shows is what a new desk would show."""
        await self.catch_up()
        broken = await self.floor.api.room.store.read(lambda connection: list(self.shows.differs(connection)))
        assert not broken, "\n".join(broken)

    async def say(self, what: str) -> None:
        await self.socket.send_json({"say": what})

    async def closed(self) -> int | None:
        """Wait until the server closes it; with which code."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.socket.receive()
                if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
                    return self.socket.close_code


@asynccontextmanager
async def opened(floor: AtWork, role: str = "agent", **more: Any) -> AsyncIterator[Client]:
    """A desk that has said hello."""
    agent_id = {"agent": floor.wang, "ada": floor.ada}[role]
    headers = {"Authorization": f"Bearer {floor.api.secrets[role]}"}
    options: dict[str, Any] = {"headers": headers} | more
    async with floor.api.client.ws_connect("/api/v1/desk", **options) as socket:
        client = Client(floor, socket, Desk(agent_id))
        await client.next()
        yield client
