"""A desk's socket beside the API, over a real web server, with what is told after commits given out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from contact_center.desk.hub import DeskHub
from contact_center.desk.socket import DeskSocket
from contact_center.room import Room
from tests.api.at_work import AtWork
from tests.api.conftest import Serve, clock, migrated_file, migrated_postgres, room, serve, store

__all__ = ["clock", "migrated_file", "migrated_postgres", "room", "serve", "store"]


@pytest.fixture
async def hub(room: Room) -> AsyncIterator[DeskHub]:
    """The desks of this process, hearing what is told."""
    hub = DeskHub(room, "node")
    tasks = [asyncio.create_task(room.announcer.run()), asyncio.create_task(hub.run())]
    await asyncio.sleep(0)  # it has subscribed
    yield hub
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def floor(serve: Serve, room: Room, hub: DeskHub) -> AtWork:
    """Two agents, the API and the socket."""
    return await AtWork.begin(await serve(routes=DeskSocket(room, hub).routes()))
