"""A contact centre with a web chat on a real web server, its visitors, and the agent at the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestServer
from sqlalchemy.engine import Connection

from contact_center.actions.act import act
from contact_center.actions.presence import set_presence
from contact_center.api.models.common import PREFIX
from contact_center.api.server import Api
from contact_center.api.table import ENDPOINTS
from contact_center.api.typing import ENDPOINTS as TYPING
from contact_center.app import company_facts
from contact_center.channels import TwilioMessaging, TwilioVoice
from contact_center.channels.twilio_settings import TwilioSettings
from contact_center.chat.wiring import OpenedChat, open_chat
from contact_center.clock import ManualClock
from contact_center.config import Config
from contact_center.config.sections import Routing
from contact_center.config.webchat import Webchat
from contact_center.flows import FlowLibrary, Loaded
from contact_center.live.memory import MemoryLive
from contact_center.observe.metrics import Metrics
from contact_center.outbox_worker import OutboxWorker
from contact_center.room import Room
from contact_center.texting import SEND
from crm_store import agents, queues, tokens, works
from crm_store.agents import NewAgent
from crm_store.ids import Ids
from crm_store.messages import Message
from crm_store.queues import QueueSettings
from crm_store.store import Store
from ivr_flows import FlowSet
from tests.api.conftest import NoBot
from tests.app.centre import ACCOUNT, MONDAY, PUBLIC, TOKEN, Centre

PATIENCE = 20.0
"""Seconds until a test that waits for something that never comes gives up."""

Line = dict[str, Any]

FLOW = {
    "chat": """
flow: chat
languages: [en, zh]
start: ask
person: wait
nodes:
  ask:
    kind: menu
    text: {en: What is it about?, zh: 请问有什么可以帮您？}
    choices:
      - {key: "1", value: orders, label: {en: My order, zh: 我的订单}, next: number}
      - {key: "2", value: person, label: {en: A person, zh: 人工服务}, next: wait}
      - {key: "3", value: bye, label: {en: Nothing, zh: 没有了}, next: bye}
  number:
    kind: collect
    text: {en: Which order?, zh: 哪个订单？}
    min: 4
    max: 8
    save_as: order
    next: ask
  wait:
    kind: queue
    queue: general
    max_wait: 600
    announcements:
      - {en: Somebody will be with you., zh: 马上有人为您服务。}
    next: survey
    full: bye
    closed: bye
    timed_out: bye
    error: bye
  survey:
    kind: survey
    name: csat
    text: {en: How was it?, zh: 您满意吗？}
    thanks: {en: Thank you., zh: 谢谢。}
    next: bye
  bye: {kind: hang_up, text: {en: Goodbye., zh: 再见。}}
"""
}


@dataclass
class Process:
    """One process of the centre: its own memory, the store and live state of all."""

    centre: Centre
    chat: OpenedChat
    worker: OutboxWorker
    server: TestServer
    tasks: list[asyncio.Task[None]]

    @classmethod
    async def start(
        cls, centre: Centre, settings: Webchat, folder: Path, api: Sequence[web.RouteDef]
    ) -> Process:
        chat = open_chat(settings, folder, centre.room, centre.conductor)
        worker = OutboxWorker(centre.room, {**centre.talks.handlers(), SEND: chat.sending(None)})

        def touched(contact_id: str) -> None:
            centre.conductor.holding.forget_contact(contact_id)
            chat.hub.touch(contact_id)

        centre.room.announcer.on_contact = touched
        centre.room.announcer.on_outbox = worker.wake
        application = web.Application()
        application.add_routes(api)
        application.add_routes(chat.routes())
        application.on_shutdown.append(lambda _application: chat.close())
        server = TestServer(application)
        await server.start_server()
        work: list[Callable[[], Any]] = [*chat.work(), worker.run, centre.room.announcer.run]
        tasks = [asyncio.create_task(each()) for each in work]
        await asyncio.sleep(0)  # they have subscribed
        return cls(centre, chat, worker, server, tasks)

    async def stop(self) -> None:
        await self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@dataclass
class Site:
    """See the module. ``process`` is the one that is asked; ``settings`` are those of the next to start."""

    centre: Centre
    http: ClientSession
    folder: Path
    settings: Webchat
    api: Sequence[web.RouteDef]
    process: Process
    others: list[Process] = field(default_factory=list)
    agent_id: str = ""
    secret: str = ""

    def url(self, path: str) -> str:
        return str(self.process.server.make_url(path))

    async def restart(self) -> None:
        """The process goes, in good order, and another one comes that remembers nothing."""
        await self.process.stop()
        self.process = await Process.start(self.centre.restarted(), self.settings, self.folder, self.api)

    async def another(self) -> None:
        """From now on another process beside the first is asked."""
        self.others.append(self.process)
        self.process = await Process.start(self.centre.restarted(), self.settings, self.folder, self.api)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the agent asks of the API."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with self.http.request(
            method, self.url(f"/api/v1{path}"), json=body, headers=headers
        ) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.status != 204 else None

    async def work(self) -> str:
        """The id of the one work that is open."""
        [work] = await self.centre.room.store.read(
            lambda connection: works.list_open(connection, works.OPEN_STATES)
        )
        return work.id

    async def take(self) -> str:
        """The agent takes who waits; the work's id."""
        work_id = await self.work()
        await self.ask("POST", f"/works/{work_id}/take", {})
        return work_id

    async def written(self) -> list[Message]:
        """Every message of every contact, contacts oldest first."""
        found: list[Message] = []
        for contact in await self.centre.contacts():
            found += await self.centre.messages(contact.id)
        return found


def _endpoints(api: Api) -> list[web.RouteDef]:
    """The API without its documents, which take half a second to make."""
    every = {(each.method, each.path): each for each in (*ENDPOINTS, *TYPING)}
    return [web.route(each.method, f"{PREFIX}{each.path}", api._handler(each)) for each in every.values()]


FREE: dict[str, Any] = {"messages_per_minute": 1000, "messages_per_minute_and_address": 9000}


@asynccontextmanager
async def opened_site(store: Store, folder: Path, **settings: Any) -> AsyncIterator[Site]:
    """A site over a store that is migrated and empty, with one agent who is available."""
    clock, random = ManualClock(MONDAY), Random(7)
    # Nothing is found by looking now and then, so that every wake-up is needed.
    config = Config(routing=Routing(poll_seconds=300))
    room = Room(
        config=config,
        clock=clock,
        ids=Ids(clock.now, random),
        random=random,
        store=store,
        library=FlowLibrary(Loaded.of(FlowSet.from_texts(FLOW)), {}, "chat"),
        bot=NoBot(),
        live=MemoryLive(clock),
        metrics=Metrics(),
        company=company_facts(config),
    )
    twilio = TwilioSettings(account_sid=ACCOUNT, auth_tokens=(TOKEN,), public_url=PUBLIC)
    centre = Centre.over(room, clock, TwilioVoice(twilio), TwilioMessaging(twilio))
    chosen = Webchat(**(FREE | settings))

    def changed(contact_id: str) -> None:
        room.announcer.on_contact(contact_id)
        room.announcer.on_outbox()

    async with ClientSession() as http:
        api = _endpoints(Api(room, changed))
        process = await Process.start(centre, chosen, folder, api)
        site = Site(centre, http, folder, chosen, api, process)
        try:
            await _hire(site)
            yield site
        finally:
            for process in (site.process, *site.others):
                await process.stop()


async def _hire(site: Site) -> None:
    room = site.centre.room

    def write(connection: Connection) -> tuple[str, str]:
        by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}
        queues.put(connection, "general", QueueSettings(title={"en": "General"}), **by)
        agent_id = agents.create(connection, NewAgent(name="Wang Fang", email="wf@example.com"), **by).id
        return agent_id, tokens.create(connection, "agent", "agent", agent_id=agent_id, **by).secret

    site.agent_id, site.secret = await room.store.write(write)
    await act(room, "test", lambda deed: set_presence(deed, site.agent_id, "available"))


@dataclass
class Visitor:
    """A browser: it keeps its session, the place it has seen, and whatever is not known to be taken."""

    site: Site
    session: str = ""
    token: str = ""
    language: str = "en"
    place: str = ""
    shown: list[Line] = field(default_factory=list)
    state: Line = field(default_factory=dict)
    pending: dict[str, Line] = field(default_factory=dict)
    heard: list[Line] = field(default_factory=list)
    ready: Line = field(default_factory=dict)
    socket: ClientWebSocketResponse | None = None
    number: int = 0
    tab: str = "l"  # ids of lines begin with it: no two browsers make the same

    async def come(self, origin: str | None = None) -> Visitor:
        """Connect and say hello, and once more what may not have been taken."""
        headers = {"Origin": origin} if origin else {}
        self.socket = await self.site.http.ws_connect(self.site.url("/chat/socket"), headers=headers)
        await self.send({
            "type": "hello", "session": self.session, "token": self.token, "after": self.place,
            "language": self.language,
        })  # fmt: skip
        for line in list(self.pending.values()):
            await self.send(line)
        return self

    async def go(self) -> None:
        """The connection breaks, whatever was on its way."""
        if self.socket is not None:
            transport = self.socket.get_extra_info("transport")
            if transport is not None:
                transport.abort()
            await self.socket.close()
            self.socket = None

    async def send(self, line: Line) -> None:
        assert self.socket is not None
        with suppress(ConnectionError):
            await self.socket.send_json(line)

    async def say(self, text: str, **more: Any) -> str:
        """Write; the line's id."""
        return await self.act("say", text=text, **more)

    async def act(self, kind: str, **more: Any) -> str:
        """Say a line that changes something."""
        self.number += 1
        line = {"type": kind, "id": f"{self.tab}{self.number}", **more}
        self.pending[line["id"]] = line
        await self.send(line)
        return str(line["id"])

    async def next(self) -> Line | None:
        """The next line; None where the connection is over."""
        assert self.socket is not None
        async with asyncio.timeout(PATIENCE):
            message = await self.socket.receive()
        if message.type is not WSMsgType.TEXT:
            return None
        line: Line = message.json()
        self.heard.append(line)
        self.take(line)
        return line

    def take(self, line: Line) -> None:
        """What the browser makes of a line."""
        if line["type"] == "ready":
            self.ready = line
            self.session = line.get("session", self.session)
        elif line["type"] == "anew":
            self.shown.clear()
        elif line["type"] == "message":
            self.shown.append(line)
            self.place = line["place"]
            self.pending.pop(line.get("line", ""), None)
        elif line["type"] == "state":
            self.state = line
            self.place = line["place"] or self.place
            for name, said in list(self.pending.items()):
                if said["type"] == ("start" if line["phase"] not in ("none", "ended") else "end"):
                    del self.pending[name]
        elif line["type"] == "refused":
            self.pending.pop(line["line"], None)

    async def until(self, wanted: Callable[[Line], bool]) -> Line:
        """The next line that is so."""
        while True:
            line = await self.next()
            assert line is not None, "the connection is over"
            if wanted(line):
                return line

    async def message(self, text: str) -> Line:
        """The next message with that text in it."""
        return await self.until(lambda line: line["type"] == "message" and text in line["text"])

    async def phase(self, phase: str) -> Line:
        """The next state in that phase."""
        return await self.until(lambda line: line["type"] == "state" and line["phase"] == phase)

    def texts(self) -> list[str]:
        return [line["text"] for line in self.shown]
