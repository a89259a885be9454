"""The outbox's worker: what is slow keeps nothing else waiting, and what has begun is finished."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.engine import Connection

from contact_center.outbox_worker import OutboxWorker
from crm_store import outbox, schema
from crm_store.outbox import OutboxItem
from tests.app.centre import Centre, open_centre, sqlite_url
from tests.app.flows import DESK


async def put(centre: Centre, topic: str) -> None:
    """Something to be done."""
    row = outbox.row(centre.room.ids.new("out"), topic, {}, centre.clock.now())

    def insert(connection: Connection) -> None:
        connection.execute(schema.outbox.insert(), row)

    await centre.room.store.write(insert)


async def test_what_is_slow_keeps_nothing_else_waiting_and_is_finished_at_the_end(tmp_path: Path) -> None:
    begun, free, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def slow(item: OutboxItem) -> None:
        begun.set()
        await free.wait()
        finished.append(item.topic)

    async def quick(item: OutboxItem) -> None:
        finished.append(item.topic)
        done.set()

    async with open_centre(sqlite_url(tmp_path), DESK) as centre:
        worker = OutboxWorker(centre.room, {"slow": slow, "quick": quick})
        await put(centre, "slow")
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(begun.wait(), 10)
        await put(centre, "quick")
        worker.wake()
        await asyncio.wait_for(done.wait(), 10)
        assert finished == ["quick"]
        running.cancel()
        free.set()
        await asyncio.gather(running, return_exceptions=True)
        assert finished == ["quick", "slow"]
        assert await centre.room.store.read(outbox.counts) == (0, 0)
