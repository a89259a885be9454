"""What must be true of contacts, works, offers and agents at every moment, whatever has happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.actions.connecting import CONTINUE
from contact_center.agent import fits, load_of
from contact_center.desk.socket import snapshot
from contact_center.room import Room
from crm_store import agent_states, agents, contacts, offers, schema, ticket_list, works
from crm_store.agent_states import AgentState
from crm_store.contacts import Contact
from crm_store.offers import Offer
from crm_store.ticket_list import TicketFilter
from crm_store.works import Work

TALKS = ("call", "chat", "text")
IN_LINE = ("waiting", "offered", "connecting")
STAGES = {"offered": "offered", "connecting": "active", "active": "active", "wrap_up": "wrap_up"}


@dataclass
class Desk:
    """What a desk shows: a snapshot, and on top of it what it has been told since (the snapshot law)."""

    agent_id: str
    state: dict[str, Any] = field(default_factory=dict)
    works: dict[str, dict[str, Any]] = field(default_factory=dict)
    offers: dict[str, dict[str, Any]] = field(default_factory=dict)
    consults: dict[str, dict[str, Any]] = field(default_factory=dict)

    def show(self, shown: dict[str, Any]) -> None:
        """A ``hello``."""
        self.state = dict(shown["state"])
        self.works = {work["id"]: dict(work) for work in shown["works"]}
        self.offers = {offer["id"]: dict(offer) for offer in shown["offers"]}
        self.consults = {work["id"]: dict(work) for work in shown["consults"]}

    def look(self, connection: Connection) -> None:
        """As `show`, of how things stand."""
        self.show(snapshot(connection, self.agent_id))

    def apply(self, event: str, data: Mapping[str, Any]) -> None:
        """Hear a notice; those of no lasting effect (messages, trouble) change nothing."""
        if event == "state":
            self.state = dict(data)
        elif event == "work":
            mine = data["agent_id"] == self.agent_id and data["state"] != "done"
            self.works.pop(data["id"], None)
            self.consults.pop(data["id"], None)
            if mine:
                self.works[data["id"]] = dict(data)
            elif data["for_work"] in self.works and data["state"] != "done":
                self.consults[data["id"]] = dict(data)
        elif event == "offer":
            self.offers[data["offer"]["id"]] = dict(data["offer"])
        elif event == "offer_over":
            self.offers.pop(data["offer_id"], None)

    def differs(self, connection: Connection) -> Iterator[str]:
        """Where it shows something else than a desk that is opened now."""
        fresh = Desk(self.agent_id)
        fresh.look(connection)
        for part in ("state", "works", "offers", "consults"):
            mine, now = _plain(getattr(self, part)), _plain(getattr(fresh, part))
            if mine != now:
                yield f"the desk of {self.agent_id} shows {part} {mine}, and a new one {now}"


def _plain(shown: dict[str, Any]) -> Any:
    """As it comes out of a socket."""
    return msgspec.json.decode(msgspec.json.encode(shown))


@dataclass
class Seen:
    """What may never change: places in line; and agents who hold more than fits by a colleague's doing."""

    places: dict[str, datetime] = field(default_factory=dict)
    fuller: set[str] = field(default_factory=set)


@dataclass
class World:
    """Everything that the laws speak of, as it stands."""

    works: list[Work]
    leaving: set[str]  # contacts whose conversation is over: the outbox will have them go on in the flow
    states: dict[str, AgentState]
    offers: list[Offer]
    contacts: list[Contact]

    @classmethod
    def read(cls, connection: Connection) -> World:
        rows = connection.execute(sa.select(schema.works).order_by(schema.works.c.id))
        page = contacts.list_contacts(connection, contacts.ContactFilter(), limit=200)
        return cls(
            [works.decode(row) for row in rows],
            {item.contact_id for item in _waiting_to_go_on(connection)},
            {state.id: state for state in agent_states.list_states(connection)},
            offers.list_pending(connection),
            list(page.items),
        )


def _waiting_to_go_on(connection: Connection) -> list[Any]:
    rows = schema.outbox.c
    statement = sa.select(rows.contact_id).where(rows.topic == CONTINUE, rows.status == "pending")
    return list(connection.execute(statement))


def laws(connection: Connection, room: Room, seen: Seen, desks: Iterable[Desk]) -> list[str]:
    """Every law that is broken, in words."""
    world = World.read(connection)
    return [
        *_contacts_have_their_work(world),
        *_one_owner_speaks(world),
        *_agents_hold_their_works(world),
        *_offers_are_of_what_is_offered(world),
        *_nobody_has_too_much(connection, room, world, seen),
        *_places_are_kept(world, seen),
        *_consults_are_of_conversations(world),
        *_tickets_have_their_work(connection, world),
        *_journals_have_no_gaps(connection),
        *(line for desk in desks for line in desk.differs(connection)),
    ]


def _contacts_have_their_work(world: World) -> Iterator[str]:
    for contact in world.contacts:
        mine = [work for work in world.works if work.contact_id == contact.id and work.kind in TALKS]
        live = [work for work in mine if work.state not in ("wrap_up", "done")]
        states = [work.state for work in live]
        if contact.state == "waiting":
            if len(live) != 1 or live[0].state not in IN_LINE:
                yield f"contact {contact.id} waits and has work {states}"
            elif live[0].queue != contact.queue:
                yield f"contact {contact.id} waits in {contact.queue}, its work in {live[0].queue}"
        elif contact.state == "connected" and contact.owner == "agent":
            if contact.id in world.leaving and not live:
                continue
            if states != ["active"] or live[0].agent_id != contact.agent_id:
                yield f"contact {contact.id} talks with {contact.agent_id} and has work {live}"
        elif live:
            yield f"contact {contact.id} is {contact.state} and has work {states}"


def _one_owner_speaks(world: World) -> Iterator[str]:
    """Who the bot or the flow speaks with has no agent, and the other way round (DESIGN D6)."""
    for contact in world.contacts:
        if contact.owner == "bot" and contact.state != "in_flow":
            yield f"contact {contact.id} is {contact.state} and the bot's"
        if contact.state == "in_flow" and contact.owner == "agent":
            yield f"contact {contact.id} is in the flow and an agent's"


def _agents_hold_their_works(world: World) -> Iterator[str]:
    with_agents = {
        work.id: (work.agent_id, work.kind, STAGES[work.state])
        for work in world.works
        if work.state in STAGES
    }
    held = {
        work_id: (state.id, one.kind, one.stage)
        for state in world.states.values()
        for work_id, one in state.holding.items()
    }
    if with_agents != held:
        yield f"with agents are {with_agents}, and they hold {held}"
    for work in world.works:
        if work.state == "waiting" and (work.agent_id or work.offer_id or work.held_at or work.accepted_at):
            yield f"work {work.id} waits and is with somebody"


def _offers_are_of_what_is_offered(world: World) -> Iterator[str]:
    pending = sorted((offer.work_id, offer.id, offer.agent_id) for offer in world.offers)
    offered = sorted(
        (work.id, str(work.offer_id), str(work.agent_id)) for work in world.works if work.state == "offered"
    )
    if pending != offered:
        yield f"offers are pending {pending}, and works are offered {offered}"


def _nobody_has_too_much(connection: Connection, room: Room, world: World, seen: Seen) -> Iterator[str]:
    """A warm transfer may put a chat beside a call; nothing is offered on top of that."""
    for state in world.states.values():
        capacity = agents.get(connection, state.id).capacity or room.config.routing.usual_capacity
        load = load_of(state.holding)
        first = next(iter(load), None)
        if first is None:
            seen.fuller.discard(state.id)
            continue
        without = load | {first: load[first] - 1}
        medium = {"call": "call", "chat": "chat", "text": "text", "ticket": "ticket"}[first]
        if fits(capacity, without, medium):
            seen.fuller.discard(state.id)
        elif not any(one.stage == "active" and one.kind in TALKS for one in state.holding.values()):
            if state.id not in seen.fuller:
                yield f"agent {state.id} holds {load}, which does not fit into {capacity}"
        else:
            seen.fuller.add(state.id)


def _places_are_kept(world: World, seen: Seen) -> Iterator[str]:
    places = [(work.id, work.queued_at) for work in world.works]
    places += [(contact.id, contact.queued_at) for contact in world.contacts if contact.queued_at]
    for name, place in places:
        if seen.places.setdefault(name, place) != place:
            yield f"{name} was queued at {seen.places[name]}, and now at {place}"


def _consults_are_of_conversations(world: World) -> Iterator[str]:
    by_id = {work.id: work for work in world.works}
    for work in world.works:
        if work.kind == "consult" and work.state != "done":
            asked_for = by_id[str(work.for_work)]
            if asked_for.state != "active" or work.state == "wrap_up":
                yield f"consultation {work.id} is {work.state}, and what it is about {asked_for.state}"
            if asked_for.agent_id == work.agent_id:
                yield f"agent {work.agent_id} asks nobody else about {asked_for.id}"


def _tickets_have_their_work(connection: Connection, world: World) -> Iterator[str]:
    for ticket in ticket_list.list_tickets(connection, TicketFilter(), limit=200).items:
        live = [work for work in world.works if work.ticket_id == ticket.id and work.state != "done"]
        told = [(work.state, work.queue, work.agent_id) for work in live]
        if ticket.status == "open" and ticket.assignee_id is None:
            if len(live) != 1 or live[0].state not in ("waiting", "offered") or live[0].queue != ticket.queue:
                yield f"ticket {ticket.id} waits in {ticket.queue} and has work {told}"
        elif live and (len(live) > 1 or live[0].agent_id != ticket.assignee_id):
            yield f"ticket {ticket.id} is {ticket.status} with {ticket.assignee_id} and has work {told}"


def _journals_have_no_gaps(connection: Connection) -> Iterator[str]:
    journal, rows = schema.journal.c, schema.contacts.c
    counted = (
        sa.select(rows.id, rows.journal_length, sa.func.count(journal.seq), sa.func.max(journal.seq))
        .join_from(schema.contacts, schema.journal, journal.contact_id == rows.id)
        .group_by(rows.id, rows.journal_length)
    )
    for contact_id, length, number, last in connection.execute(counted):
        if not length == number == last + 1:
            yield f"the journal of {contact_id} has {number} lines up to {last}, and should have {length}"
