"""Giving a contact on: to a queue, an agent or a number; at once, or after a word with whoever takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contact_center import agent as agent_life
from contact_center import contact as contact_life
from contact_center import leg as leg_life
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.connecting import HOLD, customer_contact, drop_legs, is_carried, place_leg
from contact_center.actions.offers import require_another
from contact_center.actions.talk import (
    cancel_work,
    change_line,
    hold,
    requeue,
    require_conversation,
    require_customer,
)
from contact_center.carriers.base import Party
from crm_store import agents, legs, queues, works
from crm_store.addresses import parse_address
from crm_store.agent_states import AgentState, Holding
from crm_store.errors import Refused
from crm_store.works import Work


def to_queue(act: Act, work: Work, queue: str) -> Work:
    """The contact waits in another queue, where its old place counts. The agent is free at once."""
    require_customer(work)
    queues.get(act.connection, queue)
    act.note(work, "transferred", _told(work, "queue", queue, "cold"))
    return requeue(act, work, "transfer", queue=queue, passing=False)


def to_agent(act: Act, work: Work, agent_id: str) -> Work:
    """The contact waits for one agent; if that one does not answer, for anybody in its queue."""
    require_customer(work)
    if agent_id == work.agent_id:
        raise Refused("the work is with this agent already")
    _require_active(act, agent_id)
    act.note(work, "transferred", _told(work, "agent", agent_id, "cold"))
    return requeue(act, work, "transfer", wanted=agent_id)


def to_number(act: Act, work: Work, number: str) -> Work:
    """Somebody outside is called into the conversation; once they are there the agent leaves it.

    Until then the customer hears music (the carrier has seen to it already). If nobody answers, the agent has
    the customer back.
    """
    called = number_to_call(act, work, number)
    act.note(work, "transferred", _told(work, "number", called, "cold"))
    place_leg(act, work, "outside", Party("phone", called))
    return hold(act, work, True)


def number_to_call(act: Act, work: Work, number: str) -> str:
    """The number as it is called. Raises `Refused` where the work cannot go to a number, or not to this."""
    require_conversation(work)
    if not is_carried(act, work):
        raise Refused("this contact is on no telephone line; only a call can go to a number")
    address = parse_address(number, region=act.room.config.company.region or None)
    if not address.dialable:
        raise Refused(f"this number cannot be called: {address.reason}")
    return address.value


def _told(work: Work, kind: str, to: str, how: str) -> dict[str, str | None]:
    return {"work_id": work.id, "from": work.agent_id, "to_kind": kind, "to": to, "how": how}


def _require_active(act: Act, agent_id: str) -> None:
    """Raise `Refused` for an agent for whom a customer would wait in vain. Who is busy will be free."""
    if not agents.get(act.connection, agent_id).active:
        raise Refused("that agent does not work here any more")
    presence = act.state(agent_id).presence
    if presence != agent_life.AVAILABLE:
        raise Refused(f"that agent takes no work now ({presence}); choose another one, or a queue")


def consult(act: Act, work: Work, *, agent_id: str = "", queue: str = "", reason: str = "") -> Work:
    """Ask another agent, or whoever a queue finds, about the customer, who is put on hold meanwhile."""
    check_consult(act, work, agent_id=agent_id, queue=queue)
    work = act.hang_on(work)
    asked = act.add_work(
        Work(
            id=act.ids.new("wrk"),
            kind="consult",
            contact_id=work.contact_id,
            for_work=work.id,
            queue=queue,
            priority=100,  # a customer is on hold
            language=work.language,
            wanted=agent_id,
            passed={work.agent_id: "9999-12-31T00:00:00+00:00"} if work.agent_id else {},
            reason=reason.strip()[:200] or work.reason,
            queued_at=act.at,
            entered_at=act.at,
        )
    )
    told = {"work_id": work.id, "consult_id": asked.id, "what": "asked", "agent_id": agent_id, "queue": queue}
    act.note(work, "consulted", told)
    return asked


def check_consult(act: Act, work: Work, *, agent_id: str = "", queue: str = "") -> None:
    """Raise `Refused` or `NotFound` where nobody can be asked about the work, or not they."""
    require_conversation(work)
    if bool(agent_id) == bool(queue):
        raise Refused("say whom to ask: an agent or a queue, one of them")
    if agent_id == work.agent_id:
        raise Refused("this agent has the work; ask somebody else")
    if agent_id:
        _require_active(act, agent_id)
    else:
        queues.get(act.connection, queue)
    if works.consults_of(act.connection, work.id):
        raise Refused("somebody is being asked already; cancel that first")


def cancel_consult(act: Act, work: Work) -> Work:
    """Ask no more: whoever was asked leaves, the customer comes back."""
    for asked in works.consults_of(act.connection, work.id):
        cancel_work(act, asked)
        act.note(work, "consulted", {"work_id": work.id, "consult_id": asked.id, "what": "canceled"})
    return bring_back(act, work)


def join(act: Act, work: Work) -> Work:
    """All three talk: customer, agent, and whoever was asked."""
    _asked(act, work)
    return bring_back(act, work)


def bring_back(act: Act, work: Work) -> Work:
    """The customer hears the conversation again."""
    if work.held_at is not None and is_carried(act, work):
        act.queue_outbox(HOLD, {"contact_id": work.contact_id, "on": False}, work.contact_id)
    return hold(act, work, False)


def complete(act: Act, work: Work) -> Work:
    """The one who was asked takes the customer; the agent who asked is out of it and writes it up no more."""
    asked = _asked(act, work)
    taker = asked.agent_id
    assert taker is not None
    giver = work.agent_id
    act.note(work, "transferred", _told(work, "agent", taker, "warm"))
    act.change_work(asked, life.done(act.at, "handled"))
    act.change_held(taker, lambda state: _taken_over(state, asked, work, act.at))
    act.change_held(giver, lambda state: agent_life.release(state, work.id, act.at))
    drop_legs(act, work, roles=frozenset({"agent"}))
    for leg in legs.list_for_contact(act.connection, work.contact_id or ""):
        if leg.work_id == asked.id and not leg_life.is_over(leg):
            legs.change(act.connection, leg, {"work_id": work.id, "role": "agent"})
    contact = customer_contact(act, work)
    if contact is not None and contact.state == contact_life.CONNECTED:
        told = {"owner": "agent", "by": act.actor, "agent_id": taker}
        act.note(work, "owner_changed", told, {"agent_id": taker})
    back = bring_back(act, work)
    return act.change_work(
        back, {"agent_id": taker, "offer_id": asked.offer_id, "accepted_at": act.at, "muted": False}
    )


def _taken_over(state: AgentState, asked: Work, work: Work, at: datetime) -> dict[str, Any]:
    """What the taker holds: the work in place of the consultation about it."""
    holding = {name: held for name, held in state.holding.items() if name != asked.id}
    return {"holding": holding | {work.id: Holding(work.kind, agent_life.ACTIVE, at)}}


def _asked(act: Act, work: Work) -> Work:
    """Who was asked and has come. Raises `Refused`."""
    for asked in works.consults_of(act.connection, work.id):
        if asked.state == life.ACTIVE:
            return asked
    raise Refused("nobody who was asked has answered yet")


def reassign(act: Act, work: Work, *, agent_id: str = "", queue: str = "") -> Work:
    """A supervisor gives work to another agent or queue, wherever it stands."""
    if work.state in (life.DONE, life.WRAP_UP):
        raise Refused(f"this work is {work.state}; there is nothing to give on")
    if queue:
        queues.get(act.connection, queue)
    if agent_id:
        _require_active(act, agent_id)
        require_another(act, work, agent_id)
    if work.state in (life.WAITING, life.OFFERED):
        return change_line(act, work, "reassigned", queue=queue, wanted=agent_id)
    return requeue(act, work, "reassigned", queue=queue, wanted=agent_id, passing=False)
