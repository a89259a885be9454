"""A contact centre over the built-in phone, on loopback: the engine, the local carrier, the API.

Time stands still: every wait of the carrier's ends when the test says so (`Timers`).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port
from sqlalchemy.engine import Connection

from contact_center.actions.presence import open_desk
from contact_center.api import api_routes, server
from contact_center.app import company_facts, read_calendars
from contact_center.channels import TwilioMessaging
from contact_center.clock import ManualClock
from contact_center.config import Config
from contact_center.config.phone import Phone as PhoneSettings
from contact_center.config.sections import Server
from contact_center.flows import FlowLibrary, Loaded
from contact_center.live.memory import MemoryLive
from contact_center.local_carrier.uploads import KEY_HEADER
from contact_center.local_carrier.wiring import LocalCarrier, open_local_carrier
from contact_center.observe.metrics import Metrics
from contact_center.outbox_worker import OutboxWorker
from contact_center.policies import read_queue_policies
from contact_center.room import Room
from contact_center.web import channel_routes
from crm_store import flow_sources, migrate, recordings, tokens
from crm_store.contacts import Contact
from crm_store.ids import Ids
from crm_store.recordings import Recording
from crm_store.seed import seed
from crm_store.store import Store
from ivr_flows import FlowSet
from tests.api.conftest import NoBot, promote
from tests.app.centre import MONDAY, Centre, sqlite_url
from tests.app.floor import Floor
from tests.app.flows import DESK
from tests.local_carrier.phone import PATIENCE, TestPhone


@dataclass
class Timers:
    """The carrier's waits: nothing passes unless the test lets it, but what lasts a moment passes at once."""

    waiting: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        if seconds <= 1:
            return
        entry = (seconds, asyncio.get_running_loop().create_future())
        self.waiting.append(entry)
        self.changed.set()
        try:
            await entry[1]
        finally:
            self.waiting.remove(entry)

    async def pass_by(self, seconds: float) -> None:
        """Until somebody waits for exactly so long; then that time is over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self.changed.clear()
                for wanted, future in self.waiting:
                    if wanted == seconds and not future.done():
                        future.set_result(None)
                        return
                await self.changed.wait()


@dataclass
class Company(Floor):
    """See the module."""

    url: str
    carrier: LocalCarrier
    timers: Timers
    http: aiohttp.ClientSession
    secrets: dict[str, str] = field(default_factory=dict)

    async def settle(self) -> None:
        """Carry out what was asked for, and hear what comes of it, until nothing more does."""
        worker = OutboxWorker(self.centre.room, self.centre.talks.handlers())
        while True:
            await self.carrier.exchange.webhooks.told()
            if not await worker.drain():
                return

    async def told(self) -> None:
        """Until every call that has ended has been reported, and what comes of that is done."""
        async with asyncio.timeout(PATIENCE):
            followers = [live.follower for live in self.carrier.exchange.calls.values() if live.call.is_over]
            await asyncio.gather(*[one for one in followers if one is not None])
        await self.settle()

    async def gone(self, phone: TestPhone) -> None:
        """Until the exchange knows that a browser is gone."""
        async with asyncio.timeout(PATIENCE):
            while any(one.identity == phone.identity for one in self.carrier.exchange.phones):
                await self.read(lambda connection: None)  # what came before it is taken in meanwhile

    async def token(self, email: str, role: str = "agent") -> str:
        """An agent's token of the API."""
        agent_id = await self.id_of(email)
        room = self.centre.room

        def make(connection: Connection) -> str:
            by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}
            if role != "agent":
                promote(connection, agent_id)
            return tokens.create(connection, email, role, agent_id=agent_id, **by).secret

        if email not in self.secrets:
            self.secrets[email] = await room.store.write(make)
        return self.secrets[email]

    async def ask(self, email: str, method: str, path: str, body: Any = None) -> Any:
        """A request of an agent to the API, which must succeed."""
        headers = {"Authorization": f"Bearer {await self.token(email)}"}
        url = f"{self.url}/api/v1{path}"
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def available(self, email: str) -> str:
        """The agent goes available at an open desk."""
        agent_id = await self.id_of(email)
        await self.act("desk", lambda deed: open_desk(deed, agent_id, f"dsk_{agent_id}", "node"))
        await self.ask(email, "PUT", f"/agents/{agent_id}/presence", {"presence": "available"})
        await self.step()
        return agent_id

    async def accepts(self, email: str) -> dict[str, Any]:
        """The agent says yes to the one offer there is, and is called."""
        offer = await self.offer(email)
        work: dict[str, Any] = await self.ask(email, "POST", f"/offers/{offer.id}/accept", {})
        await self.settle()
        return work

    async def does(self, email: str, work: dict[str, Any], what: str, body: Any = None) -> dict[str, Any]:
        """The agent does something about work."""
        done: dict[str, Any] = await self.ask(email, "POST", f"/works/{work['id']}/{what}", body)
        await self.settle()
        return done

    async def newest(self) -> Contact:
        return (await self.centre.contacts())[-1]

    async def finished(self, recording: dict[str, str]) -> None:
        """Until the engine knows what became of a recording."""
        async with asyncio.timeout(PATIENCE):
            while await self.read(
                lambda connection: recordings.get_by_provider_ref(connection, recording["id"]) is None
            ):
                await self.carrier.exchange.webhooks.told()

    async def recordings(self, contact: Contact) -> list[Recording]:
        return await self.read(lambda connection: recordings.list_for_contact(connection, contact.id))

    async def upload(self, recording: dict[str, str], number: int, piece: bytes, **query: str) -> int:
        """A browser's piece of a recording; the status that it got."""
        url = f"{self.url}/phone/recordings/{recording['id']}/{number}"
        async with self.http.put(
            url, data=piece, params=query, headers={KEY_HEADER: recording["key"]}
        ) as answer:
            return answer.status


def seeded_file(path: Path) -> None:
    """A migrated database with the demo data, to be copied."""
    store = Store(f"sqlite:///{path}")
    migrate.upgrade(store.engine)
    with store.writing() as connection:
        seed(connection, at=MONDAY, ids=Ids(lambda: MONDAY, Random(7)))
        flows = FlowSet.from_texts(DESK)
        flow_sources.remember(connection, flows.digest, flows.sources, MONDAY)
    store.close()


async def open_room(store: Store, config: Config) -> tuple[Room, ManualClock]:
    """What the engine works with, without a bot."""
    clock, random = ManualClock(MONDAY), Random(8)
    room = Room(
        config=config,
        clock=clock,
        ids=Ids(clock.now, random),
        random=random,
        store=store,
        library=FlowLibrary(Loaded.of(FlowSet.from_texts(DESK)), {}, "desk"),
        bot=NoBot(),
        live=MemoryLive(clock),
        metrics=Metrics(),
        calendars=await read_calendars(store),
        policies=await store.read(
            lambda connection: read_queue_policies(connection, config.routing.strategy)
        ),
        company=company_facts(config),
    )
    return room, clock


def _api(centre: Centre) -> list[web.RouteDef]:
    """The API without its documents, which take a second to write."""
    with patch.multiple(server, document=lambda: "", page=lambda: ""):
        return list(api_routes(centre.room, centre.conductor.holding.forget_contact, None))


@asynccontextmanager
async def open_company(
    seeded: Path, folder: Path, settings: PhoneSettings | None = None, **sections: Any
) -> AsyncIterator[Company]:
    """A contact centre whose calls the local carrier carries, over a copy of ``seeded``. ``sections``: of its
    configuration, which are not the defaults."""
    timers, config = Timers(), Config(server=Server(port=unused_port()), **sections)
    shutil.copy(seeded, folder / "cc.db")
    store = Store(sqlite_url(folder))
    room, clock = await open_room(store, config)
    async with aiohttp.ClientSession() as http:
        carrier = open_local_carrier(config, settings or PhoneSettings(), folder, room, sleep=timers.sleep)
        room.calls = carrier.calls
        messaging = TwilioMessaging(carrier.channel.settings)
        centre = Centre.over(room, clock, carrier.channel, messaging)
        app = web.Application()
        app.add_routes(channel_routes(carrier.channel, centre.conductor))
        app.add_routes(_api(centre))
        app.add_routes(carrier.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, config.server.host, config.server.port).start()
        announcing = asyncio.create_task(room.announcer.run())
        try:
            yield Company(centre, config.server.own_url, carrier, timers, http)
        finally:
            await carrier.close()
            announcing.cancel()
            await asyncio.gather(announcing, return_exceptions=True)
            await runner.cleanup()
            store.close()


__all__ = ["Company", "Timers", "open_company", "seeded_file"]
