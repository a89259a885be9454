"""The web application that `serve` runs, with all its routes, over a store with something of everything."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from contact_center import app
from contact_center.api import server
from contact_center.api.openapi import document
from contact_center.api.page import page
from contact_center.bot_actions import BotActions
from contact_center.bot_callbacks import bot_callback_routes
from contact_center.clock import ManualClock
from contact_center.config import Config
from contact_center.flows import FlowLibrary, Loaded
from contact_center.live.memory import MemoryLive
from contact_center.observe.metrics import Metrics
from contact_center.room import Room
from crm_store import store as store_module
from crm_store.ids import Ids
from crm_store.store import Store
from ivr_flows import FlowSet
from tests.api.conftest import AT, HELLO, NoBot, migrated_file
from tests.app.centre import ACCOUNT, PUBLIC, TOKEN
from tests.chat.site import FLOW
from tests.security.office import Office

__all__ = ["migrated_file"]

BOT_TOKEN = "canary-bot-token-0123456789"
CHAT_SECRET = "canary-chat-secret-0123456789abcdef"
TURN_SECRET = "canary-turn-secret"

_BASE: dict[str, Any] = {
    "limits": {"requests_per_minute": 1_000_000},
    "sign_in": {"session_hours": 720, "idle_minutes": 40_000},
    "webchat": {"token_secret": CHAT_SECRET, "messages_per_minute": 1000},
    "metrics": {"enabled": True},
    "routing": {"poll_seconds": 300},
}
CONFIGS: dict[str, dict[str, Any]] = {
    "built-in phone": _BASE
    | {
        "channels": ["console", "twilio_voice", "webchat"],
        "server": {"trusted_proxies": ["127.0.0.0/8", "::1/128"]},
        "phone": {
            "ice_servers": ["turn:turn.example.com:3478"],
            "turn_secret": TURN_SECRET,
            "choose_number": "always",
        },
    },
    "twilio": _BASE
    | {
        "channels": ["console", "twilio_voice", "twilio_messaging", "webchat"],
        "server": {"public_url": PUBLIC},
        "twilio": {
            "enabled": True,
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "messaging_sender": "+12025550199",
        },
    },
}


def settings(name: str) -> Config:
    """A configuration of `CONFIGS`."""
    return Config.model_validate(CONFIGS[name])


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty store that waits for no disk: thousands of refusals are noted here."""
    path = tmp_path / "store.db"
    shutil.copy(migrated_file, path)
    real = store_module.open_engine

    def open_engine(url: str, **more: Any) -> sa.Engine:
        engine = real(url, **more)

        @sa.event.listens_for(engine, "connect")
        def _hurry(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        return engine

    with patch.object(store_module, "open_engine", open_engine):
        opened = Store(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AT)


def room_of(config: Config, clock: ManualClock, store: Store, folder: Path) -> Room:
    flows = Loaded.of(FlowSet.from_texts(FLOW | {"hello": HELLO}))
    return Room(
        config=config,
        clock=clock,
        ids=Ids(clock.now, Random(1)),
        random=Random(2),
        store=store,
        library=FlowLibrary(flows, {}, "chat"),
        bot=NoBot(),
        live=MemoryLive(clock),
        metrics=Metrics(),
        company=app.company_facts(config),
        recordings=folder / "recordings",
    )


_document, _page = cache(document), cache(page)  # they take half a second to make


@asynccontextmanager
async def opened_office(
    config: Config, clock: ManualClock, store: Store, folder: Path, *, fill: bool = True
) -> AsyncIterator[Office]:
    """`contact_center.app.running` without the work in the background and without a bot."""
    async with AsyncExitStack() as stack:
        room = room_of(config, clock, store, folder)
        stack.enter_context(patch.object(server, "document", _document))
        stack.enter_context(patch.object(server, "page", _page))
        application = app._application(config, room, folder, None, stack)
        application.web.add_routes(bot_callback_routes(BotActions(), lambda: BOT_TOKEN))
        office = await stack.enter_async_context(Office.open(application, folder, fill=fill))
        yield office


@pytest.fixture
async def office(
    request: pytest.FixtureRequest, clock: ManualClock, store: Store, tmp_path: Path
) -> AsyncIterator[Office]:
    """An office with the built-in phone, or as the test's parameter says (see `CONFIGS`)."""
    name = getattr(request, "param", "built-in phone")
    async with opened_office(settings(name), clock, store, tmp_path) as opened:
        yield opened


@pytest.fixture
async def awake(office: Office) -> AsyncIterator[Office]:
    """The same office, where what is committed is told to desks and visitors."""
    assert office.application.chat is not None
    work = [
        office.room.announcer.run,
        office.application.desks.run,
        office.application.outbox.run,
        *office.application.chat.work(),
    ]
    tasks = [asyncio.create_task(each()) for each in work]
    await asyncio.sleep(0)  # they have subscribed
    yield office
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
