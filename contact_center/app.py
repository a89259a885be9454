"""The composition root: everything is built here, started in one order and stopped in the reverse.

store (migrated, seeded) -> clock -> flows -> room -> bot -> conductor -> channels, API, desks -> sweep,
outbox, routing"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import aiohttp
import structlog
from aiohttp import web
from sqlalchemy.engine import Connection

from contact_center.api import api_routes
from contact_center.bot_actions import BotActions
from contact_center.bots import OpenedBot, open_bot
from contact_center.calendars import business_calendar
from contact_center.carriers.twilio import TwilioCarrier
from contact_center.carriers.twilio_access import sdk_hosts
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.carriers.twilio_calls import TwilioCalls
from contact_center.channels_in_use import channels_in_use
from contact_center.chat.wiring import OpenedChat, open_chat
from contact_center.clock import Clock, StoreClock, SystemClock
from contact_center.conductor import Conductor
from contact_center.config import Config
from contact_center.desk.hub import DeskHub
from contact_center.desk.pages import DeskPages
from contact_center.desk.socket import DeskSocket
from contact_center.dispatcher import Dispatcher
from contact_center.flows import FlowLibrary, Loaded
from contact_center.health import Check, health_routes
from contact_center.holding import Holding
from contact_center.home import HomePage
from contact_center.live import open_live
from contact_center.local_carrier.pages import PhonePages
from contact_center.local_carrier.wiring import RECORDINGS, LocalCarrier, open_local_carrier
from contact_center.log_index import LogIndex
from contact_center.music import music_routes
from contact_center.observe.metrics import Metrics
from contact_center.observe.scraping import guarded
from contact_center.observe.tracing import open_tracing
from contact_center.outbox_worker import Handler, OutboxWorker
from contact_center.policies import read_queue_policies
from contact_center.replay import replay
from contact_center.room import Room
from contact_center.sending import MessageSending
from contact_center.sign_in.routes import SignIn
from contact_center.sweep import Sweep
from contact_center.talks import Talks
from contact_center.texting import SEND
from contact_center.web import channel_routes
from contact_center.web_headers import hardening
from crm_store import calendars, contacts, flow_sources, migrate, outbox, queues
from crm_store.errors import Conflict, StoreError
from crm_store.ids import Ids
from crm_store.seed import Seeded, seed
from crm_store.store import Store
from ivr_flows import FlowSet
from ivr_flows.calendar import ALWAYS_OPEN, BusinessCalendar

log = structlog.get_logger(__name__)

MEASURE_SECONDS = 10.0
"""How often this machine's clock is compared with the database's."""

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_FLOWS = ROOT / "ivr_flows" / "definitions"


@dataclass
class Application:
    """A contact centre that is running inside this process. ``seeded``: None where data was there."""

    room: Room
    conductor: Conductor
    sweep: Sweep
    outbox: OutboxWorker
    dispatcher: Dispatcher
    desks: DeskHub
    web: web.Application
    seeded: Seeded | None
    chat: OpenedChat | None = None
    local: LocalCarrier | None = None


def prepare_store(config: Config, clock: Clock, random: Random) -> tuple[Store, Seeded | None]:
    """The store, migrated to what this code needs and, where it is empty and wanted, with demo data."""
    url = config.store.url.get_secret_value()
    make_folder(url)
    store = Store(url, serving=True)
    fresh = migrate.current(store.engine) is None
    migrate.upgrade(store.engine)
    if not (fresh and config.demo.seed):
        return store, None
    try:
        with store.writing() as connection:
            return store, seed(connection, at=clock.now(), ids=Ids(clock.now, random))
    except Conflict:  # another process that starts just now was quicker
        return store, None


def make_folder(url: str) -> None:
    """The folder of a SQLite file that may not be there yet."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


def load_flows(config: Config) -> FlowSet:
    """The configured flows, else the shipped ones."""
    return FlowSet.load(Path(config.flows.folder) if config.flows.folder else SHIPPED_FLOWS)


def flow_library(config: Config) -> FlowLibrary:
    """The flows with the lines they answer."""
    lines = config.flows.lines | {"console_chat": config.flows.text}
    return FlowLibrary(Loaded.of(load_flows(config)), lines, config.flows.phone)


def company_facts(config: Config) -> dict[str, Any]:
    """What templates may know of the company."""
    company = config.company
    names = {language: company.name_in(language) for language in company.languages}
    return {"name": names, "timezone": company.timezone, **company.facts}


async def read_calendars(store: Store) -> dict[str, BusinessCalendar]:
    """The business calendars by name; ``always`` is there without a row."""
    return await store.read(read_calendars_now)


def read_calendars_now(connection: Connection) -> dict[str, BusinessCalendar]:
    """As `read_calendars`, over a connection."""
    return {"always": ALWAYS_OPEN} | {
        row.name: business_calendar(row) for row in calendars.list_calendars(connection)
    }


@asynccontextmanager
async def running(
    config: Config, folder: Path, *, clock: Clock | None = None, random: Random | None = None
) -> AsyncIterator[Application]:
    """A contact centre from start to stop.

    ``folder`` is for what the process itself keeps: the bot's model, the console's secret.
    """
    clock = StoreClock(clock or SystemClock())
    random = random or SystemRandom()
    async with AsyncExitStack() as stack:
        store, seeded = await asyncio.to_thread(prepare_store, config, clock, random)
        stack.callback(store.close)
        await clock.measure(store)
        library = await asyncio.to_thread(flow_library, config)
        now = clock.now()
        present = library.current.flows
        await store.write(
            lambda connection: flow_sources.remember(connection, present.digest, present.sources, now)
        )
        room, opened = await _room(config, clock, random, store, library, folder, stack)
        application = _application(config, room, folder, seeded, stack)
        application.web.add_routes(opened.routes)
        dispatcher, hub = application.dispatcher, application.desks
        work: list[Callable[[], Coroutine[Any, Any, None]]] = [
            room.announcer.run,  # stopped last: it tells what the others have committed
            application.sweep.run,
            LogIndex(room).run,
            application.outbox.run,
            hub.run,
            hub.keep_alive,
            hub.look_after,
            dispatcher.run,
            *(application.chat.work() if application.chat else ()),
            lambda: _refresh(room),
            lambda: _keep_time(clock, store),
        ]
        if application.local is not None:
            work.append(application.local.run)
        for each in work:
            stack.push_async_callback(_stopped, asyncio.create_task(each()))
        yield application


def _application(
    config: Config, room: Room, folder: Path, seeded: Seeded | None, stack: AsyncExitStack
) -> Application:
    node = f"{socket.gethostname()[:40]}:{os.getpid()}:{room.ids.new('run')[-8:]}"[:80]
    carriers = _carriers(config, room, stack)
    local = _local_carrier(config, room, folder, stack)
    conductor = Conductor(room, Holding(room))
    talks = Talks(room, conductor)
    chat = open_chat(config.webchat, folder, room, conductor) if "webchat" in config.active_channels else None
    handlers = {**carriers, **talks.handlers()}
    if chat is not None:
        handlers[SEND] = chat.sending(carriers.get(SEND))
    worker = OutboxWorker(room, handlers)

    def touched(contact_id: str) -> None:
        conductor.holding.forget_contact(contact_id)
        if chat is not None:
            chat.hub.touch(contact_id)

    room.announcer.on_contact = touched
    room.announcer.on_outbox = worker.wake
    hub = DeskHub(room, node)
    pages = _web(config, room, conductor, worker, folder)
    pages.add_routes(DeskSocket(room, hub).routes())
    pages.add_routes(DeskPages(hosts=sdk_hosts(config.twilio)).routes())
    pages.add_routes(PhonePages(there=local is not None).routes())
    pages.add_routes(HomePage(config.company, phone=local is not None, chat=chat is not None).routes())
    if local is not None:
        pages.add_routes([*channel_routes(local.channel, conductor), *local.routes()])
    pages.on_shutdown.append(lambda _pages: hub.close())
    if chat is not None:
        opened = chat
        pages.add_routes(opened.routes())
        pages.on_shutdown.append(lambda _pages: opened.close())
    return Application(
        room,
        conductor,
        Sweep(room, conductor),
        worker,
        Dispatcher(room, node),
        hub,
        pages,
        seeded,
        chat,
        local,
    )


async def _room(
    config: Config,
    clock: Clock,
    random: Random,
    store: Store,
    library: FlowLibrary,
    folder: Path,
    stack: AsyncExitStack,
) -> tuple[Room, OpenedBot]:
    actions = BotActions()
    metrics = Metrics()
    opened = open_bot(config, folder, actions, lambda outcome, _: metrics.ask_rasa(outcome), stack)
    tracing = open_tracing(config.tracing.otlp_endpoint, config.tracing.sample_ratio)
    stack.push_async_callback(tracing.close)
    live = await open_live(config.live, clock)
    stack.push_async_callback(live.close)
    http = await stack.enter_async_context(aiohttp.ClientSession())
    limits = config.limits
    store.on_commit = metrics.commit_group
    room = Room(
        config=config,
        clock=clock,
        ids=Ids(clock.now, random),
        random=random,
        store=store,
        library=library,
        bot=opened.bot,
        live=live,
        metrics=metrics,
        tracing=tracing,
        http=http,
        calendars=await read_calendars(store),
        policies=await store.read(
            lambda connection: read_queue_policies(connection, config.routing.strategy)
        ),
        company=company_facts(config),
        recordings=folder / RECORDINGS,
        silent_limit=timedelta(seconds=limits.silent_call_seconds),
        connected_limit=timedelta(seconds=limits.connected_seconds),
        effect_timeout=limits.effect_seconds,
    )
    actions.room = room
    return room, opened


def _carriers(config: Config, room: Room, stack: AsyncExitStack) -> dict[str, Handler]:
    """Twilio for live calls and messages, where it is enabled; the outbox's handlers of messages."""
    if not config.twilio.enabled:
        return {}
    api = TwilioApi(config.twilio, clock=room.clock)
    root = f"{config.server.own_url}/twilio"
    calls = TwilioCalls(api, root, hold_music=config.twilio.hold_music)
    carrier = TwilioCarrier(config.twilio, f"{root}/messaging/status", api)
    stack.push_async_callback(calls.close)
    room.calls = calls
    sending = MessageSending(room, carrier)
    return {sending.topic: sending}


def _local_carrier(config: Config, room: Room, folder: Path, stack: AsyncExitStack) -> LocalCarrier | None:
    """The built-in phone, where Twilio does not carry the calls."""
    if config.twilio.enabled or not config.phone.enabled or "twilio_voice" not in config.channels:
        return None
    local = open_local_carrier(config, config.phone, folder, room)
    stack.push_async_callback(local.close)
    room.calls = local.calls
    return local


def _web(
    config: Config, room: Room, conductor: Conductor, worker: OutboxWorker, folder: Path
) -> web.Application:
    app = web.Application(client_max_size=config.server.max_body_bytes)
    app.on_response_prepare.append(hardening(https=config.server.public_url.startswith("https://")))
    checks: dict[str, Check] = {
        "store": room.store.check,
        "bot": room.bot.ready,
        "live": room.live.check,
    }
    app.add_routes(health_routes(checks))
    for channel in channels_in_use(config, folder):
        app.add_routes(channel_routes(channel, conductor))

    def changed(contact_id: str) -> None:
        conductor.holding.forget_contact(contact_id)
        worker.wake()

    app.add_routes([*music_routes(), *SignIn(room).routes()])
    app.add_routes(api_routes(room, changed, replay))
    if config.metrics.enabled:
        app.add_routes([web.get("/metrics", guarded(config.metrics, _metrics(room)))])
    return app


def _metrics(room: Room) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def metrics(_request: web.Request) -> web.StreamResponse:
        with suppress(StoreError):  # what is counted in the process can be told all the same
            open_contacts, to_send, in_line = await room.store.read(
                lambda connection: (
                    contacts.open_by_channel(connection),
                    outbox.counts(connection),
                    queues.count_waiting(connection),
                )
            )
            room.metrics.set_open_contacts(open_contacts)
            room.metrics.set_outbox(*to_send)
            room.metrics.set_waiting(in_line)
        text, content_type = room.metrics.exposition()
        return web.Response(body=text, headers={"Content-Type": content_type})

    return metrics


async def _refresh(room: Room) -> None:
    """Calendars and queues changed through the API or the CLI are in force within a minute."""
    strategy = room.config.routing.strategy
    while True:
        await asyncio.sleep(60)
        with suppress(Exception):
            room.calendars.update(await read_calendars(room.store))
            room.policies.update(
                await room.store.read(lambda connection: read_queue_policies(connection, strategy))
            )


async def _keep_time(clock: StoreClock, store: Store) -> None:
    """All processes go by the database's clock, however their machines' clocks drift."""
    while True:
        await asyncio.sleep(MEASURE_SECONDS)
        with suppress(StoreError):
            correction = await clock.measure(store)
            if correction:
                log.warning(
                    "this machine's clock differs from the database's", seconds=correction.total_seconds()
                )


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task
