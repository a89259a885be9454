"""The line as turns see it: contacts come into it, leave it, and end while they are in it or with an agent.

Unlike actions these work on a scene: what they write joins the turn's own unit, because the turn may run
again."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from sqlalchemy.engine import Connection

from contact_center import agent as agent_life
from contact_center import leg as leg_life
from contact_center import work as life
from contact_center.actions.connecting import DROP
from contact_center.announcing import Told
from contact_center.room import Room
from contact_center.routing.model import QueuePolicy
from contact_center.scene import Scene
from crm_store import agent_states, contacts, legs, offers, outbox, works
from crm_store.agent_states import AgentState
from crm_store.legs import Leg
from crm_store.offers import Offer
from crm_store.queues import Queue
from crm_store.works import Work
from ivr_flows.effects import EnterQueue

KINDS: Final = {
    "phone": "call",
    "console": "call",
    "sms": "text",
    "whatsapp": "text",
    "web": "chat",
    "console_chat": "chat",
}
"""What kind of work a contact on a channel is."""

FIRST_OWNER: Final = timedelta(days=60)
"""How long the agent of a customer's first contact is the customer's owner, where nobody else is."""

Held = tuple[Work, Offer | None, AgentState | None]
"""Work, the offer of it that is not answered yet, and who has it."""


async def stand_in_line(scene: Scene, room: Room, queue: Queue, asked: EnterQueue) -> Work:
    """New work for the scene's contact, which has its ``queued_at`` already."""
    contact, customer = scene.contact, scene.customer
    first, last = "", ""
    if customer is not None:
        customer_id, since = customer.customer_id, scene.at - FIRST_OWNER
        first, last = await room.store.read_quick(
            lambda connection: contacts.agents_of_customer(connection, customer_id, since)
        )
    owner = customer.owner_id if customer is not None else None
    owners = tuple(dict.fromkeys(name for name in (owner, first) if name))
    work = Work(
        id=room.ids.new("wrk"),
        kind=KINDS.get(contact.channel, "chat"),
        contact_id=contact.id,
        queue=queue.name,
        priority=asked.priority,
        language=scene.session.language.partition("-")[0],
        tier=customer.tier if customer is not None else "",
        required=dict(asked.skills),
        owners=owners,
        last_agent=last,
        owner_first=asked.owner_first,
        reason=contact.reason,
        queued_at=contact.queued_at or scene.at,
        entered_at=scene.at,
    )
    add_work(scene, room, work)
    return work


async def look_at_line(scene: Scene, room: Room, queue: str, position: int) -> int | None:
    """Tell templates how the contact stands in line; the expected wait, whole seconds, None where nobody
    can tell.
    """
    estimate = await room.waits.estimate(queue, position)
    wait = None if estimate.seconds is None else round(estimate.seconds)
    minutes = None if estimate.seconds is None else max(1, math.ceil(estimate.seconds / 60))
    scene.line = {"position": position, "wait": wait, "minutes": minutes, "sure": estimate.sure}
    return wait


def add_work(scene: Scene, room: Room, work: Work) -> None:
    """New work in the scene's unit, told after its commit."""
    scene.insert("works", works.row(work))
    told = Told()
    told.work(None, work)
    scene.after_commit.append(lambda: room.announcer.tell(told))


def told_of(work: Work) -> dict[str, object]:
    """What the journal says of work that begins to wait: all that routing goes by."""
    return {
        "work_id": work.id,
        "queue": work.queue,
        "kind": work.kind,
        "priority": work.priority,
        "language": work.language,
        "tier": work.tier,
        "required": work.required,
        "preferred": work.preferred,
        "owners": list(work.owners),
        "last_agent": work.last_agent,
        "owner_first": work.owner_first,
        "queued_at": work.queued_at.isoformat(),
    }


async def leave_line(scene: Scene, room: Room, outcome: str) -> None:
    """End the wait or the conversation of the scene's contact, if it has one.

    Work that waits or is being brought to an agent is over (``outcome``); what was with an agent is theirs to
    write up. An offer is taken back, and every leg that rings or talks is ended, also of somebody outside to
    whom the agent has given the customer.
    """
    contact_id = scene.contact.id
    found, placed, consults = await room.store.read_quick(lambda connection: _read(connection, contact_id))
    if found is None and not placed:
        return
    told = Told(contacts={contact_id})
    if found is not None:
        _leave(scene, room, told, found, outcome)
    for asked, asked_offer, asked_state in consults:
        _end(scene, told, asked, asked_state, "canceled", asked_offer)
        told.work(asked, told.works[asked.id], asker=found[0].agent_id if found else None)
    for leg in placed:
        _drop(scene, room, told, leg)
    scene.after_commit.append(lambda: room.announcer.tell(told))


def _leave(scene: Scene, room: Room, told: Told, found: Held, outcome: str) -> None:
    work, offer, state = found
    if work.state == life.ACTIVE:
        _write_up(scene, room, told, work, state)
    else:
        _end(scene, told, work, state, outcome, offer)


def _read(connection: Connection, contact_id: str) -> tuple[Held | None, list[Leg], list[Held]]:
    """The contact's own work, the legs to be ended with it, and the consultations about it."""
    work = works.open_for_contact(connection, contact_id)
    placed = [
        leg for leg in legs.list_for_contact(connection, contact_id, open_only=True) if leg.role != "customer"
    ]
    if work is None:
        return None, placed, []
    consults = [_held(connection, asked) for asked in works.consults_of(connection, work.id)]
    return _held(connection, work), placed, consults


def _held(connection: Connection, work: Work) -> Held:
    offer = offers.pending_for_work(connection, work.id) if work.state == life.OFFERED else None
    state = None if work.agent_id is None else agent_states.find(connection, work.agent_id)
    return work, offer, state


def _end(
    scene: Scene, told: Told, work: Work, state: AgentState | None, outcome: str, offer: Offer | None
) -> None:
    if offer is not None:
        named = {"work_id": work.id, "offer_id": offer.id, "agent_id": offer.agent_id, "reason": outcome}
        at = scene.at
        scene.call(lambda connection: offers.end(connection, offer, "revoked", at))
        scene.journal("offer_revoked", named)
        told.notice(offer.agent_id, "offer_over", named)
        told.counted.append(lambda metrics: metrics.end_offer("revoked"))
    changes = life.done(scene.at, outcome)
    _change_work(scene, told, work, changes)
    if state is not None:
        _change_state(scene, told, state, agent_life.release(state, work.id, scene.at))


def _write_up(scene: Scene, room: Room, told: Told, work: Work, state: AgentState | None) -> None:
    limit = (room.policies.get(work.queue) or QueuePolicy()).wrap_up_limit
    talked = (scene.at - (work.accepted_at or scene.at)).total_seconds()
    scene.journal("wrap_up", {"work_id": work.id, "agent_id": work.agent_id, "talked": round(talked, 3)})
    _change_work(scene, told, work, life.wrapping_up(scene.at, limit))
    if state is not None:
        _change_state(scene, told, state, agent_life.move(state, work.id, agent_life.WRAP_UP, scene.at))


def _change_work(scene: Scene, told: Told, work: Work, changes: dict[str, object]) -> None:
    scene.update("works", work.id, work.version, works.columns(changes))
    told.work(work, works.changed(work, changes))


def _change_state(scene: Scene, told: Told, state: AgentState, changes: dict[str, object]) -> None:
    if changes:
        scene.update("agent_states", state.id, state.version, agent_states.columns(changes))
        told.agent(agent_life.changed(state, changes))


def _drop(scene: Scene, room: Room, told: Told, leg: Leg) -> None:
    scene.update("legs", leg.id, leg.version, leg_life.taken_out(scene.at))
    payload = {"leg_id": leg.id, "answered": leg_life.is_answered(leg)}
    scene.insert("outbox", outbox.row(room.ids.new("out"), DROP, payload, scene.at, leg.contact_id))
    told.outbox = True
