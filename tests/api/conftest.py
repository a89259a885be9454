"""The API over a real store: a room with what the API needs, a test client, tokens of every role."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.engine import Connection

from bot.runtime import BotTurn, Message
from contact_center.api import api_routes
from contact_center.clock import ManualClock
from contact_center.config import Config
from contact_center.flows import FlowLibrary, Loaded
from contact_center.live.memory import MemoryLive
from contact_center.observe.metrics import Metrics
from contact_center.room import Room
from crm_store import migrate, schema, tokens
from crm_store.agents import ROLES
from crm_store.ids import Ids
from crm_store.store import Store, open_engine
from ivr_flows import FlowSet
from tests.api.samples import Samples
from tests.support.servers import Postgres

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class NoBot:
    """The API never asks a bot."""

    name = "none"

    async def ready(self) -> None:
        raise AssertionError("the API has no business with the bot")

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        raise AssertionError("the API has no business with the bot")

    async def close(self) -> None:
        raise AssertionError("the API has no business with the bot")


def promote(connection: Connection, agent_id: str) -> None:
    """Let tokens of every role act for one agent, without a trace: none does more than its agent may."""
    mine = schema.agents.c.id == agent_id
    connection.execute(schema.agents.update().where(mine).values(role="administrator"))


@dataclass
class Api:
    """The API under test. ``changed`` are the contacts that were announced as changed."""

    room: Room
    client: TestClient[web.Request, web.Application]
    secrets: dict[str, str]
    samples: Samples
    changed: list[str] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: Any = None, role: str | None = "administrator", **more: Any
    ) -> ClientResponse:
        """One request under /api/v1 with a token of ``role`` (None: without one)."""
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.secrets[role]}"
        if body is not None:
            more["json"] = body
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def get(self, path: str, **more: Any) -> Any:
        """The JSON of a page that must be there."""
        response = await self.ask("GET", path, **more)
        assert response.status == 200, await response.text()
        return await response.json()

    async def problem(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The problem document of a request that must be refused with ``status``."""
        response = await self.ask(method, path, body, **more)
        assert response.status == status, await response.text()
        assert response.content_type == "application/problem+json"
        document = await response.json()
        assert document["status"] == status
        return document


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """A migrated, empty database to make copies of."""
    url = postgres.create_database()
    _migrate(url)
    yield url
    postgres.drop_database(url)


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()


ON_BOTH = pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
"""For the tests that run on each database."""


@pytest.fixture
def store(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on a migrated, empty database: SQLite, or what the test's parameter says."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "store.db"
        shutil.copy(migrated_file, path)
        opened = Store(f"sqlite:///{path}")
        yield opened
        opened.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_database(template=request.getfixturevalue("migrated_postgres"))
    opened = Store(url)
    yield opened
    opened.close()
    server.drop_database(url)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AT)


@pytest.fixture
def room(store: Store, clock: ManualClock) -> Room:
    flows = Loaded.of(FlowSet.from_texts({"hello": HELLO}))
    return Room(
        config=Config(),
        clock=clock,
        ids=Ids(clock.now, Random(1)),
        random=Random(2),
        store=store,
        library=FlowLibrary(flows, {}, "hello"),
        bot=NoBot(),
        live=MemoryLive(clock),
        metrics=Metrics(),
    )


HELLO = """
flow: hello
title: Hello
languages: [en]
start: greet
nodes:
  greet: {kind: hang_up, text: Hello}
"""

Serve = Callable[..., Awaitable[Api]]


@pytest.fixture
async def serve(room: Room) -> AsyncIterator[Serve]:
    """A function that starts the API over `room`, with further ``routes`` and arguments for `api_routes`."""
    clients: list[TestClient[web.Request, web.Application]] = []

    async def start(*, routes: Iterable[web.RouteDef] = (), **more: Any) -> Api:
        changed: list[str] = []
        application = web.Application()
        application.add_routes(api_routes(room, changed.append, **more))
        application.add_routes(routes)
        client = TestClient(TestServer(application))
        await client.start_server()
        clients.append(client)

        def prepare(connection: Connection) -> tuple[dict[str, str], Samples]:
            by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}
            samples = Samples.make(connection, room.ids, room.clock.now())
            promote(connection, samples.agent)
            secrets = {
                role: tokens.create(connection, role, role, agent_id=samples.agent, **by).secret
                for role in ROLES
            }
            return secrets, samples

        secrets, samples = await room.store.write(prepare)
        return Api(room, client, secrets, samples, changed)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def api(serve: Serve) -> Api:
    """The API with the sample rows."""
    return await serve()
