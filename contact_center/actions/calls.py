"""What becomes of a leg becomes of the work: one place where the carrier's events meet the engine's state."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from contact_center import contact as contact_life
from contact_center import leg as leg_life
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.connecting import (
    DROP,
    END_ROOM,
    HOLD,
    drop_leg,
    engaged,
    fetch_again,
    is_carried,
    party_of,
    place_leg,
)
from contact_center.actions.presence import stop_responding
from contact_center.actions.talk import conclude, end_talk, leave_consult, requeue
from contact_center.actions.transfer import bring_back
from contact_center.carriers.base import Party
from contact_center.channels.base import LegEvent
from crm_store import agents, callbacks, desks, legs, works
from crm_store.errors import Refused
from crm_store.legs import Leg
from crm_store.works import Work

MISSED = frozenset({"no_answer", "busy", "machine", "canceled"})
"""Ends of an agent's leg that say the agent did not answer, and not that the carrier failed."""


def heed(act: Act, contact_id: str, event: LegEvent) -> None:
    """Take in what the carrier says of a leg, or of a contact's whole conversation.

    A leg that is not ours is nobody's, and anything but news changes nothing.
    """
    if event.leg_id:
        leg = legs.find(act.connection, event.leg_id)
        concerned = [] if leg is None or leg.contact_id != contact_id else [leg]
    else:
        concerned = legs.list_for_contact(act.connection, contact_id, open_only=True)
    for leg in concerned:
        current = legs.get(act.connection, leg.id)  # what one leg's end led to may have ended the next
        detects = leg.party == "phone" and leg.role in ("agent", "consulted")
        _changed(act, current, leg_life.heed(current, event, act.at, detects=detects))


def _changed(act: Act, leg: Leg, changes: dict[str, Any]) -> Leg:
    if not changes:
        return leg
    before = leg.state
    after = legs.change(act.connection, leg, changes)
    if after.state == before:
        return after
    if after.state == leg_life.FAILED and after.reason == leg_life.MACHINE:
        act.queue_outbox(
            DROP, {"leg_id": after.id, "answered": True}, after.contact_id
        )  # it would go on talking
    work = works.find(act.connection, after.work_id or "")
    if work is None:
        return after
    told = {"leg_id": after.id, "role": after.role, "state": after.state, "agent_id": after.agent_id}
    act.note(work, "leg", told | ({"reason": after.reason} if after.reason else {}))
    _react(act, after, works.get(act.connection, work.id))
    return after


def leg_failed(act: Act, leg_id: str, reason: str) -> None:
    """The carrier could not place a leg at all."""
    leg = legs.get(act.connection, leg_id)
    _changed(act, leg, leg_life.fail(leg, reason[:40], act.at))


def leg_placed(act: Act, leg_id: str, provider_ref: str) -> Leg:
    """The carrier is calling; ``provider_ref`` is its name of the call. A callback's contact is found by
    it.
    """
    leg = legs.get(act.connection, leg_id)
    if leg.provider_ref == provider_ref:
        return leg
    placed = legs.change(act.connection, leg, {"provider_ref": provider_ref})
    if leg.role == "customer":
        contact = act.contact(leg.contact_id)
        if contact.state != contact_life.ENDED and contact.provider_ref is None:
            ours = {"provider_ref": provider_ref, "open_key": f"phone:{provider_ref}"}
            act.note_contact(contact.id, [], ours)
    return placed


def supervisor_leg(connection: Connection, work: Work, agent_id: str) -> Leg | None:
    """The supervisor's own leg in the conversation, if there is one."""
    found = legs.list_for_contact(connection, work.contact_id or "")
    mine = [leg for leg in found if leg.role == "supervisor" and leg.agent_id == agent_id]
    return next((leg for leg in mine if not leg_life.is_over(leg)), None)


def supervise(act: Act, work: Work, agent_id: str, mode: str) -> Work:
    """A supervisor joins a call, or changes what they may do in it (the carrier has done that already)."""
    if not is_carried(act, work):
        raise Refused("only a telephone call can be listened to; a chat is read in its messages")
    present = supervisor_leg(act.connection, work, agent_id)
    if present is None:
        party = party_of(agents.get(act.connection, agent_id))
        place_leg(act, work, "supervisor", party, agent_id=agent_id, mode=mode)
    else:
        legs.change(act.connection, present, {"mode": mode, "muted": mode == "listen"})
    act.note(work, "supervised", {"work_id": work.id, "agent_id": agent_id, "mode": mode})
    return work


def _react(act: Act, leg: Leg, work: Work) -> None:
    if leg.state == "joined":
        _JOINED.get(leg.role, _nothing)(act, leg, work)
    elif leg_life.is_over(leg):
        _OVER.get(leg.role, _nothing)(act, leg, work)


def _nothing(act: Act, leg: Leg, work: Work) -> None:
    """A supervisor comes or goes; nobody else is concerned."""


def _agent_joined(act: Act, leg: Leg, work: Work) -> None:
    if work.state != life.CONNECTING or leg.agent_id != work.agent_id:
        if work.state != life.ACTIVE or leg.agent_id != work.agent_id:
            drop_leg(act, leg)  # too late: the caller has gone, or another agent has it
        return
    if work.kind == "callback":
        _call_customer(act, work)
        return
    engaged(act, work)
    if work.kind == "call":
        fetch_again(act, act.contact(work.contact_id or ""))


def _call_customer(act: Act, work: Work) -> None:
    promised = callbacks.get(act.connection, work.callback_id or "")
    place_leg(act, work, "customer", Party("phone", promised.number))


def _agent_over(act: Act, leg: Leg, work: Work) -> None:
    if leg.agent_id != work.agent_id:
        return
    if work.state == life.CONNECTING:
        agent_id = leg.agent_id or ""
        told = {"work_id": work.id, "reason": leg.reason or leg.state}
        act.told.notice(agent_id, "trouble", told)
        requeue(act, work, f"agent_{leg.reason or 'left'}")
        if leg.reason in MISSED:
            stop_responding(act, agent_id, "no_answer")
    elif work.state == life.ACTIVE:
        if work.kind == "consult":
            leave_consult(act, work)
        elif _is_stranded(act, leg):
            requeue(act, work, "agent_lost")
        elif not _others_talk(act, leg):
            end_talk(act, work)


def _is_stranded(act: Act, leg: Leg) -> bool:
    """Whether the agent did not hang up but was lost: a browser's call ends with the browser, and no desk
    is left.
    """
    by_itself = leg.party == "client" and leg.reason in ("", "hung_up", "human")
    return by_itself and not desks.of_agent(act.connection, leg.agent_id or "")


def _others_talk(act: Act, leg: Leg) -> bool:
    found = legs.list_for_contact(act.connection, leg.contact_id)
    return any(
        other.id != leg.id and other.role in ("agent", "outside") and leg_life.talks(other) for other in found
    )


def _customer_joined(act: Act, leg: Leg, work: Work) -> None:
    if work.state != life.CONNECTING:
        return
    active = engaged(act, work)
    contact = act.contact(work.contact_id or "")
    changes = contact_life.met_agent(contact, active.agent_id or "", act.at, act.connected_limit)
    act.note_contact(contact.id, [], changes)


def _customer_over(act: Act, leg: Leg, work: Work) -> None:
    """Of a callback: the customer hung up, or could not be reached and is still owed the call."""
    contact = act.contact(work.contact_id or "")
    reached = work.state == life.ACTIVE
    if work.state in (life.CONNECTING, life.ACTIVE):
        conclude(act, work)
        act.told.notice(work.agent_id or "", "trouble", {"work_id": work.id, "reason": leg.reason or "left"})
    if contact.state != contact_life.ENDED:
        reason = "customer" if reached else (leg.reason or "failed")
        changes = contact_life.ended(contact, reason, act.at, outcome="" if reached else "failed")
        act.note(work, "contact_ended", {"outcome": changes["outcome"], "reason": reason}, changes)


def _outside_joined(act: Act, leg: Leg, work: Work) -> None:
    """Whoever was called talks with the customer: the agent is out of it."""
    if work.state != life.ACTIVE:
        return
    act.queue_outbox(HOLD, {"contact_id": leg.contact_id, "on": False}, leg.contact_id)
    conclude(act, work, frozenset({"agent", "consulted"}))


def _outside_over(act: Act, leg: Leg, work: Work) -> None:
    if leg.joined_at is not None:
        act.queue_outbox(END_ROOM, {"contact_id": leg.contact_id}, leg.contact_id)
    elif work.agent_id:
        act.told.notice(work.agent_id, "trouble", {"work_id": work.id, "reason": leg.reason or "no_answer"})
        if work.state == life.ACTIVE:
            bring_back(act, work)


_JOINED = {
    "agent": _agent_joined,
    "consulted": _agent_joined,
    "customer": _customer_joined,
    "outside": _outside_joined,
}
_OVER = {
    "agent": _agent_over,
    "consulted": _agent_over,
    "customer": _customer_over,
    "outside": _outside_over,
}
