"""Giving a customer back to the bot: the flow goes on at its bot's node, and the agent writes it up.

One transaction: before it the agent speaks, after it the bot (DESIGN D6). The turn asks nothing of anybody
outside, so it is taken right here, unlike those of customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from contact_center import contact as contact_life
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.connecting import END_ROOM, customer_contact, is_carried
from contact_center.actions.talk import conclude, require_conversation
from contact_center.channels.base import compose
from contact_center.flows import Loaded
from contact_center.people import for_templates
from contact_center.scene import MASK, encode
from contact_center.texting import send_row
from crm_store import consents, customers, flow_sources, messages, schema, works
from crm_store.contacts import Contact
from crm_store.errors import NotFound, Refused
from crm_store.journal import NewEntry
from crm_store.messages import Message
from crm_store.works import Work
from ivr_flows import Context, Session, Traits, Turn, advance, place_back
from ivr_flows.inputs import HandedBack


def hand_back(act: Act, work: Work, note: str, company: Mapping[str, Any]) -> Work:
    """The bot has the customer again, with all that it knew and ``note``; the agent's wrap-up begins.

    The customer hears a line of the bot's, and from then on the bot. ``company`` is what templates may know
    of it. Raises `Refused` where there is no bot to give the customer to.
    """
    require_conversation(work)
    contact = customer_contact(act, work)
    if contact is None:
        raise Refused("we have called this customer, and no flow speaks there; end the conversation")
    back = _turn_back(act, contact, note, company)
    carried = is_carried(act, work)
    after = conclude(act, work)
    act.told.notice(work.agent_id or "", "handed_back", {"work_id": work.id})
    _note(act, contact, back, {"work_id": work.id, "from": work.agent_id})
    _go_on(act, act.contact(contact.id), back.turn, carried=carried)
    return after


def hand_contact_back(act: Act, contact: Contact, note: str, company: Mapping[str, Any]) -> None:
    """As `hand_back`, of a contact: also where an agent has written into the bot's conversation and has no
    work.
    """
    work = works.open_for_contact(act.connection, contact.id)
    if work is not None and work.state == life.ACTIVE:
        hand_back(act, work, note, company)
        return
    back = _turn_back(act, contact, note, company)
    _note(act, contact, back, {"from": contact.agent_id})
    _go_on(act, act.contact(contact.id), back.turn, carried=False)


class _Back(msgspec.Struct, frozen=True):
    """The turn with which the bot takes the customer, at which node (``flow/node``), and the note it gets."""

    turn: Turn
    place: str
    note: str


def _turn_back(act: Act, contact: Contact, note: str, company: Mapping[str, Any]) -> _Back:
    """What the flow makes of it; nothing is written. Raises `Refused`."""
    if contact.direction != "inbound":
        raise Refused("we have called this customer, and no flow speaks there; end the conversation")
    if contact.owner != "agent":
        raise Refused("the customer has gone, or no agent has them; there is nothing to give back")
    flows = _flows_of(act, contact)
    session = _session_of(contact)
    place = place_back(flows.flows, session)
    if place is None:
        raise Refused(
            f"the flow {session.flow} has no bot to give the customer back to; transfer to a queue or an "
            "agent, or end the conversation"
        )
    note = _masked(flows, session, note.strip())
    turn = advance(flows.flows, session, HandedBack(note), _context(act, contact, company))
    if turn.effect is not None or (turn.session.flow, turn.session.node) not in flows.bot_nodes:
        raise Refused(
            f"the bot of the flow {place.flow} cannot take the customer just now"
            + (f" ({turn.fault})" if turn.fault else "")
            + "; transfer to a queue or an agent, or end the conversation"
        )
    return _Back(turn, f"{place.flow}/{place.node}", note)


def _flows_of(act: Act, contact: Contact) -> Loaded:
    library = act.room.library
    if library is None:
        raise Refused("customers can only be given back by the running program")
    known = library.known(contact.flow_digest)
    if known is not None:
        return known
    try:
        return library.learn(contact.flow_digest, flow_sources.get(act.connection, contact.flow_digest))
    except NotFound:
        return library.current


def _session_of(contact: Contact) -> Session:
    try:
        return msgspec.json.decode(contact.session, type=Session)
    except msgspec.DecodeError:
        raise Refused("where this contact stands in its flow cannot be read; end the conversation") from None


def _masked(flows: Loaded, session: Session, note: str) -> str:
    """The note without answers that the flow calls sensitive: they are kept nowhere else."""
    for secret in flows.secrets_of(session):
        note = note.replace(secret, MASK)
    return note


def _context(act: Act, contact: Contact, company: Mapping[str, Any]) -> Context:
    customer = None
    if contact.customer_id is not None:
        customer = customers.recognise_by_id(act.connection, contact.customer_id)
    spoken = contact.channel in contact_life.SPOKEN_CHANNELS
    return Context(
        now=act.at,
        traits=Traits(contact.channel, speaks=spoken, buttons=contact.channel in ("web", "console_chat")),
        customer=None if customer is None else for_templates(customer),
        contact={
            "id": contact.id,
            "channel": contact.channel,
            "from_address": contact.from_address,
            "to_address": contact.to_address,
            "speaks": spoken,
        },
        company=dict(company),
        calendars=act.room.calendars,
    )


def _note(act: Act, contact: Contact, back: _Back, of: Mapping[str, Any]) -> None:
    """The journal as a turn writes it, so that it replays; and the contact's columns."""
    turn = back.turn
    told = {**of, "to_kind": "bot", "to": back.place, "how": "cold"}
    taken = {"turn": contact.turn} | msgspec.to_builtins(turn.taken)
    path = {
        "turn": contact.turn,
        "steps": turn.steps,
        "language": turn.session.language,
        "said": compose(turn.instructions).splitlines(),
        "wait": "listen",
    }
    entries = [
        NewEntry(act.at, "transferred", told | ({"text": back.note} if back.note else {})),
        NewEntry(act.at, "input", taken),
        NewEntry(act.at, "path", msgspec.to_builtins(path)),
        NewEntry(act.at, "owner_changed", {"owner": "bot", "by": act.actor}),
    ]
    limit = act.silent_limit
    if turn.wait_seconds is not None and contact.channel not in contact_life.SPOKEN_CHANNELS:
        limit = timedelta(seconds=turn.wait_seconds)
    changes = contact_life.handed_back(contact, turn, act.at, limit)
    act.note_contact(contact.id, entries, changes | {"session": encode(turn.session)})


def _go_on(act: Act, contact: Contact, turn: Turn, *, carried: bool) -> None:
    """Bring the line to the customer: by a message, or by ending the conversation that the call is in, after
    which the carrier asks what comes next. A terminal asks by itself.
    """
    if carried:
        act.queue_outbox(END_ROOM, {"contact_id": contact.id}, contact.id)
    elif contact.channel in contact_life.TEXT_CHANNELS:
        buttons = contact.channel in contact_life.BUTTON_CHANNELS
        _write(act, contact, compose(turn.instructions, buttons=buttons))


def _write(act: Act, contact: Contact, text: str) -> None:
    may_stop = contact.channel in consents.KINDS
    blocked = may_stop and consents.is_opted_out(act.connection, contact.channel, contact.from_address)
    message = Message(
        id=act.ids.new("msg"),
        contact_id=contact.id,
        direction="outbound",
        author="bot",
        text=text,
        status="blocked" if blocked else "queued",
        error="the customer has opted out" if blocked else "",
        at=act.at,
    )
    data = {"message_id": message.id, "author": "bot"} | ({"blocked": "opted_out"} if blocked else {})
    act.note_contact(contact.id, [NewEntry(act.at, "message_out", data)])
    act.connection.execute(schema.messages.insert(), messages.outbound_row(message))
    if not blocked:
        act.connection.execute(schema.outbox.insert(), send_row(message.id, contact.id, act.at, act.ids))
        act.told.outbox = True
