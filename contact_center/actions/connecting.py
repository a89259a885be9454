"""Bringing together: from an agent's yes to the conversation, with a carrier's help or without."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from contact_center import agent as agent_life
from contact_center import contact as contact_life
from contact_center import leg as leg_life
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.carriers.base import Party
from contact_center.scene import encode
from crm_store import agents, callbacks, contacts, legs, schema, tickets, works
from crm_store.agents import Agent
from crm_store.contacts import Contact
from crm_store.errors import Refused
from crm_store.journal import NewEntry
from crm_store.legs import Leg
from crm_store.works import Work
from ivr_flows import FlowSet
from ivr_flows import begin as begin_session

DIAL: Final = "call.dial"
DROP: Final = "call.drop"
FETCH_AGAIN: Final = "call.fetch_again"
END_ROOM: Final = "call.end_room"
HOLD: Final = "call.hold"
CONTINUE: Final = "flow.continue"
"""The outbox's topics of what happens to live calls and conversations (`contact_center.talks`)."""

CARRIED: Final = frozenset({"phone"})
"""Channels whose calls a carrier brings to the agent. On all others the agent simply begins."""


def is_carried(act: Act, work: Work) -> bool:
    """Whether a carrier has to bring customer and agent together."""
    if act.room.calls is None or work.kind not in ("call", "callback", "consult"):
        return False
    if work.kind == "callback":
        return True
    return work.contact_id is not None and act.contact(work.contact_id).channel in CARRIED


def customer_contact(act: Act, work: Work) -> Contact | None:
    """The contact in which the agent of this work talks with the customer.

    None for a ticket, for a consultation, whose customer is the asker's, and for a callback that no carrier
    places: the contact that it names is the one that asked for it.
    """
    if work.contact_id is None or work.kind == "consult":
        return None
    contact = act.contact(work.contact_id)
    return None if work.kind == "callback" and contact.direction == "inbound" else contact


def begin(act: Act, work: Work) -> Work:
    """The agent of ``work`` has said yes: they talk at once, or a carrier is asked to connect them."""
    carried = is_carried(act, work)
    limit = timedelta(seconds=act.room.config.routing.connect_seconds)
    accepted = act.change_work(work, life.accepted(act.at, connects=carried, limit=limit))
    assert accepted.agent_id is not None
    act.change_held(
        accepted.agent_id, lambda state: agent_life.move(state, work.id, agent_life.ACTIVE, act.at)
    )
    if not carried:
        return engaged(act, accepted)
    if accepted.kind == "callback":
        accepted = act.change_work(accepted, {"contact_id": call_back(act, accepted)})
    agent = agents.get(act.connection, accepted.agent_id or "")
    role = "consulted" if work.kind == "consult" else "agent"
    place_leg(act, accepted, role, party_of(agent), agent_id=agent.id)
    return accepted


def call_back(act: Act, work: Work) -> str:
    """Begin the contact in which a promise to call back is kept; its id. The line that promised it says
    which it is.
    """
    promised = callbacks.get(act.connection, work.callback_id or "")
    asked = act.contact(promised.contact_id)
    flows = act.room.library.current.flows if act.room.library is not None else None
    if flows is None:
        raise Refused("calls can only be placed by the running program")
    contact = Contact(
        id=act.ids.new("con"),
        channel="phone",
        direction="outbound",
        open_key=None,
        provider_ref=None,
        state=contact_life.CONNECTED,
        owner="agent",
        agent_id=work.agent_id,
        customer_id=promised.customer_id,
        from_address=act.room.config.twilio.caller_id or asked.to_address,
        to_address=promised.number,
        language=asked.language,
        reason=asked.reason,
        flow=asked.flow,
        flow_digest=flows.digest,
        session=encode(begin_session(flows, _flow_of(asked, flows), asked.language)),
        started_at=act.at,
        queued_at=promised.queued_at,
        due_at=act.at + act.connected_limit,
        queue=work.queue,
        priority=work.priority,
    )
    act.connection.execute(schema.contacts.insert(), contacts.columns(contact))
    started = {
        "channel": "phone",
        "direction": "outbound",
        "from": contact.from_address,
        "to": contact.to_address,
        "flow": contact.flow,
        "digest": contact.flow_digest,
        "language": contact.language,
        "callback_id": promised.id,
    }
    act.note_contact(contact.id, [NewEntry(act.at, "contact_started", started)])
    placed = {"callback_id": promised.id, "contact_id": contact.id, "agent_id": work.agent_id}
    act.note_contact(asked.id, [NewEntry(act.at, "callback_placed", placed)])
    if promised.status == "waiting":
        callbacks.change_status(act.connection, promised, "offered")
    return contact.id


def _flow_of(asked: Contact, flows: FlowSet) -> str:
    """A flow of today's: the session of a call that no flow answers must still stand somewhere."""
    return asked.flow if asked.flow in flows.flows else next(iter(flows.flows))


def party_of(agent: Agent) -> Party:
    """Where the agent is called. Raises `Refused` for one who cannot be."""
    if agent.reach == "phone":
        if not agent.phone:
            raise Refused("this agent is reached by telephone and has no number; set one up")
        return Party("phone", agent.phone)
    return Party("sip", agent.sip) if agent.reach == "sip" else Party("client", agent.id)


def place_leg(
    act: Act, work: Work, role: str, party: Party, *, agent_id: str | None = None, mode: str = ""
) -> Leg:
    """Have somebody called into the conversation about the work's contact."""
    assert work.contact_id is not None
    leg = Leg(
        id=act.ids.new("leg"),
        contact_id=work.contact_id,
        work_id=work.id,
        agent_id=agent_id,
        role=role,
        mode=mode,
        party=party.kind,
        address=party.address,
        created_at=act.at,
    )
    legs.insert(act.connection, leg)
    act.queue_outbox(DIAL, {"leg_id": leg.id}, work.contact_id)
    act.note(work, "leg", {"leg_id": leg.id, "role": role, "state": leg.state, "agent_id": agent_id})
    return leg


def drop_legs(act: Act, work: Work, *, roles: frozenset[str] = frozenset({"agent", "consulted"})) -> None:
    """Have those legs of the work ended that are not over."""
    if work.contact_id is None:
        return
    for leg in legs.list_for_contact(act.connection, work.contact_id):
        if leg.work_id == work.id and leg.role in roles and not leg_life.is_over(leg):
            drop_leg(act, leg)


def drop_leg(act: Act, leg: Leg) -> None:
    """Have one leg ended; it is over for us from now on, whatever its carrier says later."""
    legs.change(act.connection, leg, leg_life.taken_out(act.at))
    payload = {"leg_id": leg.id, "answered": leg_life.is_answered(leg)}
    act.queue_outbox(DROP, payload, leg.contact_id)


def _is_recorded(act: Act, work: Work) -> bool:
    """Whether the carrier records this conversation from the first two on (`contact_center.talks`)."""
    if work.kind == "consult" or not is_carried(act, work):
        return False
    return act.room.config.record_calls or act.policy(work.queue).record


def engaged(act: Act, work: Work) -> Work:
    """Customer (or ticket) and agent are together: note it wherever it must be known."""
    active = act.change_work(work, life.connected(recorded=_is_recorded(act, work)))
    assert active.agent_id is not None
    if active.kind == "ticket":
        _claim(act, active)
        return active
    if active.kind == "consult":
        act.note(active, "consulted", {"work_id": active.for_work, "consult_id": active.id, "what": "joined"})
        asked_for = works.find(act.connection, active.for_work or "")
        if asked_for is not None and asked_for.agent_id:
            told_to = {"work_id": asked_for.id, "consult_id": active.id, "agent_id": active.agent_id}
            act.told.notice(asked_for.agent_id, "consult_joined", told_to)
        return active
    contact = act.contact(active.contact_id or "")
    waited = max(0.0, (act.at - active.queued_at).total_seconds())
    told = {"work_id": active.id, "agent_id": active.agent_id, "waited": round(waited, 3)}
    act.told.counted.append(lambda metrics: metrics.meet_agent(waited))
    if active.kind == "callback":
        _keep_promise(act, active)
        act.note(active, "connected", told)
        return active
    changes = contact_life.met_agent(contact, active.agent_id, act.at, act.connected_limit)
    act.note(active, "connected", told, changes)
    return active


def _keep_promise(act: Act, work: Work) -> None:
    promised = callbacks.get(act.connection, work.callback_id or "")
    if promised.status in callbacks.OPEN_STATUSES:
        callbacks.change_status(act.connection, promised, "done")


def _claim(act: Act, work: Work) -> None:
    from contact_center import ticket as rules

    ticket = tickets.get(act.connection, work.ticket_id or "")
    if ticket.assignee_id != work.agent_id or ticket.status == "open":
        change = rules.claim(ticket, work.agent_id or "")
        tickets.apply(act.connection, ticket, change, act.at, f"agent:{work.agent_id}")


def fetch_again(act: Act, contact: Contact) -> None:
    """Have the customer's live call ask what it shall do now."""
    if act.room.calls is not None and contact.channel in CARRIED and contact.provider_ref:
        act.queue_outbox(FETCH_AGAIN, {"contact_id": contact.id, "turn": contact.turn}, contact.id)
