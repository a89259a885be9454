"""A whole contact centre without a web server, and callers who speak Twilio's protocol to it.

`TwilioCall` does what Twilio does: it fetches signed webhooks, reads the TwiML that comes back, and goes
where its actions and redirects say. `TwilioChat` sends text messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree
from zlib import crc32

import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from contact_center.app import SHIPPED_FLOWS, company_facts, read_calendars
from contact_center.bot_actions import BotActions
from contact_center.channels import TwilioMessaging, TwilioVoice
from contact_center.channels.base import Channel, Inbound, Outbound
from contact_center.channels.twilio_settings import TwilioSettings
from contact_center.clock import ManualClock
from contact_center.conductor import Conductor
from contact_center.config import Config
from contact_center.dispatcher import Dispatcher
from contact_center.flows import FlowLibrary, Loaded
from contact_center.holding import Holding
from contact_center.live.memory import MemoryLive
from contact_center.observe.metrics import Metrics
from contact_center.policies import read_queue_policies
from contact_center.room import Room
from contact_center.sweep import Sweep
from contact_center.talks import Talks
from crm_store import contacts, flow_sources, journal, messages, migrate, schema, ticket_list
from crm_store.contacts import Contact, ContactFilter
from crm_store.ids import Ids
from crm_store.journal import Entry
from crm_store.messages import Message
from crm_store.seed import seed
from crm_store.store import Store
from crm_store.ticket_list import TicketFilter
from crm_store.tickets import Ticket
from ivr_flows import FlowSet

PUBLIC = "https://cc.example.com"
TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "0" * 32
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, a working day
LINE = "+12025550199"
KNOWN = "+12025550101"  # in the demo data
STRANGER = "+12025550177"


@dataclass
class Centre:
    """What a test may reach: the parts, and the store's contents as it stands."""

    room: Room
    clock: ManualClock
    conductor: Conductor
    sweep: Sweep
    voice: TwilioVoice
    messaging: TwilioMessaging
    dispatcher: Dispatcher
    talks: Talks

    @classmethod
    def over(cls, room: Room, clock: ManualClock, voice: TwilioVoice, messaging: TwilioMessaging) -> Centre:
        """The parts of one process over a room."""
        conductor = Conductor(room, Holding(room))
        room.announcer.on_contact = conductor.holding.forget_contact
        return cls(
            room, clock, conductor, Sweep(room, conductor), voice, messaging,
            Dispatcher(room, room.ids.new("run")), Talks(room, conductor),
        )  # fmt: skip

    def restarted(self) -> Centre:
        """The same store behind a process that remembers nothing."""
        return Centre.over(self.room, self.clock, self.voice, self.messaging)

    async def deliver(self, channel: Channel, inbound: Inbound) -> Outbound:
        """What the web adapter does with a request, without the web."""
        channel.verify(inbound)
        delivery = channel.parse(inbound)
        reply = await self.conductor.handle(delivery, channel.traits(delivery.channel))
        return channel.render(reply, inbound)

    async def contacts(self) -> list[Contact]:
        """Every contact, oldest first."""
        page = await self.room.store.read(
            lambda connection: contacts.list_contacts(connection, ContactFilter(), limit=200)
        )
        return sorted(page.items, key=lambda contact: contact.id)

    async def contact(self, ref: str) -> Contact:
        """The contact of a call, by its CallSid."""
        found = await self.room.store.read(
            lambda connection: contacts.get_by_provider_ref(connection, "phone", ref)
        )
        assert found is not None
        return found

    async def journal(self, contact_id: str) -> list[Entry]:
        return await self.room.store.read(lambda connection: journal.read(connection, contact_id))

    async def kinds(self, contact_id: str) -> list[str]:
        """What is in a contact's journal."""
        return [entry.kind for entry in await self.journal(contact_id)]

    async def path(self, contact_id: str) -> list[tuple[str, str]]:
        """The nodes that a contact has passed, each with the exit it was left by ('' where it waited)."""
        entries = await self.journal(contact_id)
        return [
            (node, way) for entry in entries if entry.kind == "path" for _, node, way in entry.data["steps"]
        ]

    async def tickets(self) -> list[Ticket]:
        """Every ticket, oldest first."""
        page = await self.room.store.read(
            lambda connection: ticket_list.list_tickets(connection, TicketFilter(), limit=200)
        )
        return sorted(page.items, key=lambda ticket: ticket.id)

    async def messages(self, contact_id: str) -> list[Message]:
        return await self.room.store.read(
            lambda connection: messages.list_for_contact(connection, contact_id)
        )

    async def rows(self, table: str) -> int:
        """How many rows a table has."""
        statement = sa.select(sa.func.count()).select_from(schema.metadata.tables[table])
        return int(await self.room.store.read(lambda connection: connection.execute(statement).scalar_one()))


@asynccontextmanager
async def open_centre(
    url: str,
    flows: dict[str, str] | None = None,
    line: str = "",
    *,
    bot_cache: Path | None = None,
    emergency_number: str = "",
) -> AsyncIterator[Centre]:
    """A centre on the database at ``url`` (migrated, with demo data), on ``flows`` or the shipped ones.

    The bot is ready only with ``bot_cache``, the folder where it keeps what it has learnt.
    """
    clock = ManualClock(MONDAY)
    store = Store(url)
    migrate.upgrade(store.engine)
    random = Random(7)
    ids = Ids(clock.now, random)
    with store.writing() as connection:
        seed(connection, at=clock.now(), ids=ids)
    flow_set = FlowSet.from_texts(flows) if flows else FlowSet.load(SHIPPED_FLOWS)
    default = line or (next(iter(flows)) if flows else "front_door")
    with store.writing() as connection:
        flow_sources.remember(connection, flow_set.digest, flow_set.sources, clock.now())
    actions = BotActions()
    bot = EmbeddedBot.load(SHIPPED_PROJECT, bot_cache, actions)
    if bot_cache is not None:
        await bot.start()
    room = Room(
        config=Config(),
        clock=clock,
        ids=ids,
        random=random,
        store=store,
        library=FlowLibrary(Loaded.of(flow_set), {}, default),
        bot=bot,
        live=MemoryLive(clock),
        metrics=Metrics(),
        calendars=await read_calendars(store),
        policies=await store.read(
            lambda connection: read_queue_policies(connection, Config().routing.strategy)
        ),
        company=company_facts(Config()),
    )
    actions.room = room
    settings = TwilioSettings(
        account_sid=ACCOUNT, auth_tokens=(TOKEN,), public_url=PUBLIC, emergency_number=emergency_number
    )
    try:
        yield Centre.over(room, clock, TwilioVoice(settings), TwilioMessaging(settings))
    finally:
        store.close()


def signed(channel: Channel, url: str, form: dict[str, str], token: str = "", auth: str = TOKEN) -> Inbound:
    """A request as Twilio would send it to ``url`` (absolute or a path)."""
    absolute = url if url.startswith("http") else PUBLIC + url
    parts = urlsplit(absolute)
    route = next(route.name for route in channel.routes() if route.path == parts.path)
    headers = {
        "x-twilio-signature": RequestValidator(auth).compute_signature(absolute, form),
        "content-type": "application/x-www-form-urlencoded",
    }
    if token:
        headers["i-twilio-idempotency-token"] = token
    return Inbound(
        route=route,
        method="POST",
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
        form=tuple(form.items()),
        headers=headers,
        body=urlencode(form).encode(),
        remote="127.0.0.1",
    )


@dataclass
class TwilioCall:
    """One call. ``heard`` is everything said so far; ``document`` the TwiML now in force."""

    centre: Centre
    sid: str
    caller: str = STRANGER
    called: str = LINE
    heard: list[str] = field(default_factory=list)
    sent: list[Inbound] = field(default_factory=list)
    document: ElementTree.Element = field(default_factory=lambda: ElementTree.Element("Response"))
    over: bool = False

    def form(self, **more: str) -> dict[str, str]:
        """The fields that every webhook of the call has, and ``more``."""
        return {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT,
            "From": self.caller,
            "To": self.called,
            "CallStatus": "in-progress",
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
        } | more

    async def dial(self) -> TwilioCall:
        """Call in."""
        await self.fetch("/twilio/voice/incoming", CallStatus="ringing")
        return self

    async def fetch(self, url: str, **more: str) -> None:
        """Fetch a document and play it up to where it waits."""
        inbound = signed(self.centre.voice, url, self.form(**more), token=f"t-{self.sid}-{len(self.sent)}")
        self.sent.append(inbound)
        outbound = await self.centre.deliver(self.centre.voice, inbound)
        assert outbound.status == 200
        self.document = ElementTree.fromstring(outbound.body)
        self.heard += [say.text or "" for say in self.document.iter("Say")]
        self.over = self.over or any(verb.tag in ("Hangup", "Reject") for verb in self.document)

    def verb(self, name: str) -> ElementTree.Element:
        """The verb of that name that the document waits at."""
        found = self.document.find(name)
        assert found is not None, f"no <{name}> in {[verb.tag for verb in self.document]}"
        return found

    async def press(self, digits: str) -> None:
        """Press keys at a <Gather>."""
        await self.fetch(self.verb("Gather").attrib["action"], Digits=digits)

    async def say(self, words: str, confidence: float = 0.93) -> None:
        """Speak at a <Gather>."""
        await self.fetch(self.verb("Gather").attrib["action"], SpeechResult=words, Confidence=str(confidence))

    async def be_silent(self) -> None:
        """Let a <Gather> run out."""
        await self.fetch(self.verb("Gather").attrib["action"])

    async def hang_up(self) -> None:
        """End the call; Twilio reports it."""
        self.over = True
        await self.fetch("/twilio/voice/status", CallStatus="completed", CallDuration="30")

    async def wait_page(self) -> None:
        """Fetch the next page of the queue that the caller is in."""
        await self.fetch(self.verb("Enqueue").attrib["waitUrl"], QueuePosition="1", QueueTime="5")

    def last(self) -> str:
        """What was said in the present document."""
        return " ".join(say.text or "" for say in self.document.iter("Say"))


@dataclass
class TwilioChat:
    """One customer's side of a text conversation. ``heard`` is every message that came back."""

    centre: Centre
    customer: str = STRANGER
    line: str = LINE
    heard: list[str] = field(default_factory=list)
    sent: list[Inbound] = field(default_factory=list)

    def form(self, number: int, body: str, **more: str) -> dict[str, str]:
        """The fields of the customer's message with that number."""
        return {
            "MessageSid": f"SM{crc32((self.customer + self.line).encode()):024d}{number:08d}",
            "AccountSid": ACCOUNT,
            "From": self.customer,
            "To": self.line,
            "Body": body,
            "NumMedia": "0",
            "ApiVersion": "2010-04-01",
        } | more

    def message(self, body: str, **more: str) -> Inbound:
        """The request with the customer's next message."""
        inbound = signed(
            self.centre.messaging, "/twilio/messaging/incoming", self.form(len(self.sent), body, **more)
        )
        self.sent.append(inbound)
        return inbound

    async def text(self, body: str, **more: str) -> str:
        """Send a message; what came back, '' where nothing did."""
        outbound = await self.centre.deliver(self.centre.messaging, self.message(body, **more))
        assert outbound.status == 200
        answers = [said.text or "" for said in ElementTree.fromstring(outbound.body).iter("Body")]
        self.heard += answers
        return "\n".join(answers)

    async def report(self, message_id: str, status: str, token: str = "", **more: str) -> None:
        """What Twilio says became of a message of ours."""
        form = {
            "MessageSid": "SM" + "f" * 32,
            "AccountSid": ACCOUNT,
            "From": self.line,
            "To": self.customer,
            "MessageStatus": status,
        } | more
        url = f"/twilio/messaging/status?m={message_id}"
        await self.centre.deliver(
            self.centre.messaging, signed(self.centre.messaging, url, form, token=token)
        )


async def together(*work: Awaitable[Any]) -> list[Any]:
    """Run deliveries in parallel, as redeliveries come; the first error is raised."""
    return list(await asyncio.gather(*work))


def sqlite_url(folder: Path) -> str:
    """A new database file."""
    return f"sqlite:///{folder / 'cc.db'}"
