"""What /metrics counts in the store, and what whoever opens the address finds."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from aiohttp.test_utils import TestClient, TestServer

from contact_center.app import running
from contact_center.clock import ManualClock
from contact_center.config import Config
from crm_store import outbox
from tests.app.centre import MONDAY, sqlite_url


async def test_open_contacts_and_the_outbox_are_counted_when_asked(tmp_path: Path) -> None:
    config = Config.model_validate({"store": {"url": sqlite_url(tmp_path)}})
    async with running(config, tmp_path, clock=ManualClock(MONDAY), random=Random(7)) as application:
        room = application.room
        async with TestClient(TestServer(application.web)) as client:
            secret = (tmp_path / "console.secret").read_text().strip()
            headers = {"Authorization": f"Bearer {secret}"}
            called = await client.post("/console/start", json={"session": "one"}, headers=headers)
            assert called.status == 200
            item = outbox.row("out_1", "message.send", {}, room.clock.now())
            await room.store.write(lambda connection: _insert(connection, item))
            text = await (await client.get("/metrics")).text()
            assert 'cc_contacts_open{channel="console"} 1.0' in text
            waiting = re.findall(r'cc_outbox\{state="(?:pending|dead)"\} ([0-9.]+)', text)
            assert sum(map(float, waiting)) == 1  # pending, or given up already: nothing here sends it
            ready = await (await client.get("/readyz")).json()
            assert set(ready["parts"]) == {"store", "bot", "live"}


def _insert(connection: object, row: dict[str, object]) -> None:
    from sqlalchemy.engine import Connection

    from crm_store import schema

    assert isinstance(connection, Connection)
    connection.execute(schema.outbox.insert(), row)
