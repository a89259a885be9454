"""While customer and agent are together: hold, end, wrap-up, and back in line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contact_center import agent as agent_life
from contact_center import contact as contact_life
from contact_center import leg as leg_life
from contact_center import ticket as rules
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.connecting import (
    CARRIED,
    CONTINUE,
    END_ROOM,
    customer_contact,
    drop_legs,
    fetch_again,
    is_carried,
)
from contact_center.actions.offers import return_to_line, revoke_offer, tell_asker
from contact_center.carriers.base import Recording
from crm_store import legs, tickets, works
from crm_store.contacts import Contact
from crm_store.errors import Refused
from crm_store.journal import NewEntry
from crm_store.works import Work

DISPOSITIONS = ("resolved", "follow_up", "wrong_queue", "no_answer", "spam", "other")
"""Known ends of work; a company may use others."""


def own_work(act: Act, work_id: str, agent_id: str | None, states: frozenset[str]) -> Work:
    """The work, where ``agent_id`` (None: a supervisor, anybody's) has it in one of ``states``. Raises
    `Refused`.
    """
    work = works.get(act.connection, work_id)
    if agent_id is not None and work.agent_id != agent_id:
        raise Refused("this work is with another agent, or with nobody")
    if work.state not in states:
        raise Refused(f"this cannot be done while the work is {work.state}")
    return work


TALKING = frozenset({life.ACTIVE})
ENGAGED = frozenset({life.CONNECTING, life.ACTIVE})
ENDING = frozenset({life.ACTIVE, life.WRAP_UP})

PAUSES = {"pause": "paused", "resume": "resumed"}
"""What the journal says of a recording, by what was done to it; begin and end are the carrier's to tell."""


def hold(act: Act, work: Work, on: bool) -> Work:
    """Note that the customer hears music, or is back (the carrier has done it already)."""
    if (work.held_at is not None) == on:
        return work
    require_conversation(work)
    act.note(work, "held", {"work_id": work.id, "on": on})
    return act.change_work(work, {"held_at": act.at if on else None})


def note_recording(act: Act, work: Work, what: Recording) -> Work:
    """Note what has become of the recording (the carrier has done it already); when it was paused is in the
    journal, because the places in it are later from there on.
    """
    after = act.change_work(work, {"recording": life.RECORDING_AFTER[what]})
    if after is not work and what in PAUSES:
        act.note(work, "recording", {"work_id": work.id, "status": PAUSES[what], "by": act.actor})
    return after


def end_talk(act: Act, work: Work) -> Work:
    """The agent ends the conversation: the customer goes on in the flow (a survey, good-bye), the agent
    writes it up. Who was only asked by a colleague leaves, and has nothing to write up.
    """
    if work.kind == "consult":
        return leave_consult(act, work)
    contact = customer_contact(act, work)
    after = conclude(act, work)
    if contact is not None and contact.state == contact_life.CONNECTED:
        _release_customer(act, after, contact)
    return after


def leave_consult(act: Act, consult: Work) -> Work:
    """Who was asked is out of it; the customer stays with the asker, who is told."""
    over = cancel_work(act, consult, "handled")
    tell_asker(act, over)
    return over


def require_customer(work: Work) -> None:
    """Raise `Refused` for a consultation: its customer is the asker's, to hold or to give on."""
    if work.kind == "consult":
        raise Refused(
            "a colleague only asks you about this customer; leave holding and transferring to them, or have "
            "them leave the customer to you"
        )


def require_conversation(work: Work) -> None:
    """As `require_customer`; also for a ticket, about which nobody talks."""
    require_customer(work)
    if work.ticket_id is not None:
        raise Refused("a ticket is no conversation; write a note, or give it to another agent or queue")


def _release_customer(act: Act, work: Work, contact: Contact) -> None:
    if contact.direction == "outbound":
        changes = contact_life.ended(contact, "agent", act.at)
        told = {"outcome": changes["outcome"], "reason": "agent"}
        act.note(work, "contact_ended", told, changes)
    if contact.direction == "outbound" or (act.room.calls is not None and contact.channel in CARRIED):
        act.queue_outbox(END_ROOM, {"contact_id": contact.id}, contact.id)
    else:
        payload = {"contact_id": contact.id, "turn": contact.turn, "reason": "answered"}
        act.queue_outbox(CONTINUE, payload, contact.id)


PARTIES = frozenset({"agent", "consulted", "outside", "supervisor"})
"""Everybody in a conversation but the customer."""


def conclude(act: Act, work: Work, roles: frozenset[str] = PARTIES) -> Work:
    """The conversation is over, whoever ended it: the legs of those ``roles`` end, and the wrap-up begins."""
    for consult in works.consults_of(act.connection, work.id):
        cancel_work(act, consult)
    drop_legs(act, work, roles=roles)
    talked = (act.at - (work.accepted_at or act.at)).total_seconds()
    act.note(work, "wrap_up", {"work_id": work.id, "agent_id": work.agent_id, "talked": round(talked, 3)})
    act.change_held(work.agent_id, lambda state: agent_life.move(state, work.id, agent_life.WRAP_UP, act.at))
    return act.change_work(work, life.wrapping_up(act.at, act.policy(work.queue).wrap_up_limit))


def finish(act: Act, work: Work, disposition: str = "", note: str = "", *, outcome: str = "handled") -> Work:
    """The agent is done with it and free of it. ``disposition`` says how it came out."""
    held_since = _wrapping_since(act, work)
    told: dict[str, Any] = {
        "work_id": work.id,
        "agent_id": work.agent_id,
        "disposition": disposition,
        "seconds": round(max(0.0, (act.at - held_since).total_seconds()), 3) if held_since else 0.0,
    }
    if note:
        told["text"] = note
    act.note(work, "wrapped_up", told)
    act.change_held(work.agent_id, lambda state: agent_life.release(state, work.id, act.at))
    changes = life.done(act.at, outcome) | {"disposition": disposition[:80], "note": note}
    return act.change_work(work, changes)


def wrap_up(act: Act, work: Work, disposition: str, note: str) -> Work:
    """Finish what is being written up; a conversation that still goes on is ended first.

    A ticket stays with its agent: finishing its work says only that it takes no more room.
    """
    if work.state == life.ACTIVE:
        work = end_talk(act, work)
    return work if work.state == life.DONE else finish(act, work, disposition.strip(), note.strip())


def _wrapping_since(act: Act, work: Work) -> datetime | None:
    if work.agent_id is None:
        return None
    held = act.state(work.agent_id).holding.get(work.id)
    return None if held is None or held.stage != agent_life.WRAP_UP else held.at


def requeue(
    act: Act, work: Work, reason: str, *, queue: str = "", wanted: str = "", passing: bool = True
) -> Work:
    """Back in line with the old place: by the agent, because the carrier failed, or because the agent is
    gone.

    ``queue``: another line from now on; ``wanted``: for this agent alone, as long as that one answers.
    ``passing``: not to the same agent for a while.
    """
    revoke_offer(act, work, reason)
    current = works.get(act.connection, work.id)
    for consult in works.consults_of(act.connection, work.id):
        cancel_work(act, consult)
    drop_legs(act, current, roles=PARTIES)
    act.change_held(current.agent_id, lambda state: agent_life.release(state, work.id, act.at))
    policy = act.policy(current.queue)
    seconds = policy.pass_seconds if passing and current.agent_id and not wanted else None
    to = queue or current.queue
    told = {"work_id": work.id, "queue": to, "reason": reason, "by": act.actor}
    contact = customer_contact(act, current)
    act.note(current, "requeued", told, _waits_again(act, contact, to))
    if contact is not None and contact.direction == "outbound":
        _give_up_call(act, current, contact)
    if current.ticket_id is not None:
        _unassign(act, current, to)
    waiting = return_to_line(act, current, seconds)
    if queue or wanted:
        waiting = act.change_work(waiting, life.moved(to, act.at, wanted=wanted))
    if contact is not None and contact.state == contact_life.CONNECTED and contact.direction == "inbound":
        fetch_again(act, act.contact(contact.id))
    return waiting


def _give_up_call(act: Act, work: Work, contact: Contact) -> None:
    """A callback goes back in line: its call is over, and whoever has it next places another."""
    drop_legs(act, work, roles=frozenset({"customer"}))
    if contact.state != contact_life.ENDED:
        outcome = "" if work.state == life.ACTIVE else "failed"
        changes = contact_life.ended(contact, "agent", act.at, outcome=outcome)
        told = {"outcome": changes["outcome"], "reason": "agent"}
        act.note_contact(contact.id, [NewEntry(act.at, "contact_ended", told)], changes)
        act.queue_outbox(END_ROOM, {"contact_id": contact.id}, contact.id)


def _waits_again(act: Act, contact: Contact | None, queue: str) -> dict[str, Any] | None:
    """What changes for a customer whose work goes back in line, or to another one."""
    if contact is None or contact.direction != "inbound":
        return None
    if contact.state == contact_life.CONNECTED:
        return contact_life.back_in_line(contact, queue, act.at, act.silent_limit)
    return {"queue": queue} if contact.state == contact_life.WAITING and contact.queue != queue else None


def change_line(act: Act, work: Work, reason: str, *, queue: str = "", wanted: str = "") -> Work:
    """Work that nobody has said yes to waits in another line, or for one agent alone, in its old place."""
    revoke_offer(act, work, reason)
    current, to = works.get(act.connection, work.id), queue or work.queue
    told = {"work_id": work.id, "queue": to, "reason": reason, "by": act.actor}
    act.note(current, "requeued", told, _waits_again(act, customer_contact(act, current), to))
    if current.ticket_id is not None:
        _unassign(act, current, to)
    changes = life.back_in_line(current, act.at) | life.moved(to, act.at, wanted=wanted)
    return act.change_work(current, changes)


def _unassign(act: Act, work: Work, queue: str) -> None:
    """The ticket is nobody's again, and in the queue in which its work waits."""
    ticket = tickets.get(act.connection, work.ticket_id or "")
    if ticket.is_open and (ticket.assignee_id, ticket.queue) != (None, queue or ticket.queue):
        change = rules.reassign(ticket, None, queue or ticket.queue, "")
        tickets.apply(act.connection, ticket, change, act.at, act.actor)


def cancel_work(act: Act, work: Work, outcome: str = "canceled") -> Work:
    """Nobody needs it any more, wherever it stands."""
    if work.state == life.DONE:
        return work
    revoke_offer(act, work, outcome)
    current = works.get(act.connection, work.id)
    drop_legs(act, current)
    act.change_held(current.agent_id, lambda state: agent_life.release(state, work.id, act.at))
    return act.change_work(current, life.done(act.at, outcome))


def free_agent(act: Act, agent_id: str, reason: str) -> int:
    """Take everything from an agent who is gone for good: nobody waits for somebody who is not there."""
    taken = works.of_agent(act.connection, agent_id)
    for work in taken:
        if work.state == life.WRAP_UP:
            finish(act, work, "", outcome="handled")
        elif not (work.state == life.ACTIVE and is_carried(act, work) and has_talker(act, work)):
            requeue(act, work, reason)
    return len(taken)


def has_talker(act: Act, work: Work) -> bool:
    """Whether the agent is still in the call itself, whatever has become of the desk."""
    found = [
        leg for leg in legs.list_for_contact(act.connection, work.contact_id or "") if leg.work_id == work.id
    ]
    return any(leg.role in ("agent", "consulted") and leg_life.talks(leg) for leg in found)
