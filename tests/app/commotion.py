"""A centre in which anything happens in any order, and what must be true of its database after each step.

One centre serves many runs: `Commotion.begin` empties it. Deeds (`tests.app.deeds`) pick whom they concern by
numbers, so that any list of numbers is a history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.actions.act import Act, act
from contact_center.announcing import Announcer, Told
from contact_center.channels.base import AnyEvent, Delivery
from contact_center.desk.socket import with_people
from contact_center.feed import Feed
from crm_store import agent_states, agents, schema, works
from crm_store import offers as offer_rows
from crm_store.contacts import Contact
from crm_store.offers import Offer
from crm_store.tickets import Ticket
from crm_store.works import Work
from ivr_flows.session import Traits
from tests.app.centre import Centre
from tests.app.floor import AISHA, GRACE, TOM
from tests.app.laws import Desk, Seen, laws

T = TypeVar("T")

TURMOIL = {
    "turmoil": """
flow: turmoil
languages: [en]
start: wait
person: wait
nodes:
  wait:
    kind: queue
    queue: general
    max_wait: 600
    exits: [{key: "1", value: stop, next: more}, {key: "2", value: call_back, next: promise}]
    next: more
    timed_out: bye
    error: bye
  promise: {kind: callback, queue: general, accepted: more, refused: more, on_error: bye}
  more:
    kind: menu
    text: "Press 1 to wait, 2 to end, 3 for the bot."
    choices:
      - {key: "1", label: Wait, words: [wait], next: key}
      - {key: "2", label: End, words: [end], next: bye}
      - {key: "3", label: Bot, words: [bot], next: bot}
  bot: {kind: ask_bot, text: "What can I do?", next: more, handoff: wait}
  key:
    kind: queue
    queue: vip
    max_wait: 600
    exits: [{key: "1", value: stop, next: more}]
    next: more
    timed_out: bye
    error: bye
  bye: {kind: hang_up, text: "Goodbye."}
"""
}

EMAILS = (GRACE, TOM, AISHA, "chen.jing@example.com", "zhou.min@example.com")

FORGOTTEN = (
    "offers", "legs", "works", "ticket_events", "ticket_contacts", "messages", "callbacks", "tickets",
    "contacts", "presence_log", "desks", "agent_states", "outbox", "leases", "journal", "deliveries",
)  # fmt: skip
"""Tables that a run fills, those first that refer to others."""

TRAITS = {"phone": Traits("phone", speaks=True), "sms": Traits("sms", speaks=False)}


class Overheard(Announcer):
    """Keeps what is told; nobody else hears of it."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre.room.live, centre.room.metrics)
        self.told: list[Told] = []

    def tell(self, told: Told) -> None:
        for contact_id in told.contacts:
            self.on_contact(contact_id)
        self.told.append(told)


@dataclass
class Commotion:
    """See the module."""

    centre: Centre = field(repr=False)
    agent_ids: list[str] = field(default_factory=list)
    desks: dict[str, Desk] = field(default_factory=dict, repr=False)
    seen: Seen = field(default_factory=Seen, repr=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.heard = self.centre.room.announcer = Overheard(self.centre)

    async def begin(self) -> None:
        """Forget all that happened; agents and queues stay, and each agent has a desk open."""
        await self.centre.room.store.write(_clear)
        self.centre, self.seen, self.number = self.centre.restarted(), Seen(), 0
        self.heard.told.clear()
        self.agent_ids = await self.read(lambda connection: [_id(connection, one) for one in EMAILS])
        self.desks = {agent_id: Desk(agent_id) for agent_id in self.agent_ids}

        def look(connection: Connection) -> None:
            for desk in self.desks.values():
                desk.look(connection)

        await self.read(look)

    async def check(self) -> None:
        """Every law of `tests.app.laws`, on what stands in the database now."""
        notices = [one for told in self.heard.told for one in told.notices if one.agent_id in self.desks]
        self.heard.told.clear()
        room, seen, desks = self.centre.room, self.seen, self.desks.values()
        with room.store.reading() as connection:  # right here: quicker than in a thread, and often
            for notice, data in zip(notices, with_people(connection, notices), strict=True):
                self.desks[notice.agent_id].apply(notice.event, data)
            broken = laws(connection, room, seen, desks)
        assert not broken, "\n".join(broken)

    async def check_router(self) -> None:
        """A router that is built from the database this moment knows nothing better than ours has done."""
        feed = Feed(self.centre.room)
        feed.begin_look()
        feed.restart(await self.centre.dispatcher._picture())
        assert feed.decide() == []

    # --- for deeds: whom they concern, and how they are done -------------------------------------

    async def read(self, function: Callable[[Connection], T]) -> T:
        return await self.centre.room.store.read(function)

    async def act(self, actor: str, function: Callable[[Act], T]) -> T:
        return await act(self.centre.room, actor, function)

    async def works(self, *states: str) -> list[Work]:
        """Open work, all of it or that in some states."""
        return await self.read(lambda connection: works.list_open(connection, states or works.OPEN_STATES))

    async def offers(self) -> list[Offer]:
        return await self.read(offer_rows.list_pending)

    async def free_agents(self) -> list[str]:
        """Who is available and holds nothing."""
        found = await self.read(agent_states.list_states)
        return [state.id for state in found if state.presence == "available" and not state.holding]

    def agent(self, who: int) -> str:
        return self.agent_ids[who % len(self.agent_ids)]

    async def contact(self, who: int, channel: str) -> Contact | None:
        """One of the open contacts on a channel."""
        found = await self.centre.contacts()
        return _one(
            [one for one in found if one.channel == channel and one.open_key and not one.ended_at], who
        )

    async def offer(self, who: int) -> Offer | None:
        """One of the offers that somebody has yet to answer."""
        return _one(await self.offers(), who)

    async def ticket(self, who: int) -> Ticket | None:
        """One of the open tickets."""
        return _one([one for one in await self.centre.tickets() if one.is_open], who)

    async def on_work(self, who: int, states: Sequence[str], function: Callable[[Act, Work], Any]) -> None:
        """Do something to one of the works in these states, if there is any."""
        work = _one(await self.works(*states), who)
        if work is not None:
            await self.act(
                f"agent:{work.agent_id}", lambda deed: function(deed, works.get(deed.connection, work.id))
            )

    def next(self) -> int:
        self.number += 1
        return self.number

    async def deliver(self, contact: Contact, event: AnyEvent) -> None:
        """What the customer does next."""
        key, ref = f"k{self.next()}", contact.provider_ref or ""
        delivery = Delivery(key, contact.channel, contact.open_key or "", event, provider_ref=ref)
        await self.centre.conductor.handle(delivery, TRAITS[contact.channel])


def _one(found: Sequence[T], who: int) -> T | None:
    return found[who % len(found)] if found else None


def _id(connection: Connection, email: str) -> str:
    found = agents.get_by_email(connection, email)
    assert found is not None
    return found.id


def _clear(connection: Connection) -> None:
    for name in FORGOTTEN:
        connection.execute(sa.delete(schema.metadata.tables[name]))
