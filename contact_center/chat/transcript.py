"""What a visitor's browser shows, read from the store: the messages since a place, and how the chat stands.

A place is ``CONTACT:NUMBER``, the number of an entry in that contact's journal (see `crm_store.chats`). A
browser that names the last place it has seen gets all that came since, each once; one that names none, or
one that is not there, gets what is latest and begins anew.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center import contact as life
from contact_center.channels.webchat import file_id, line_id, wanted
from contact_center.conductor import Conductor
from contact_center.scene import Scene
from contact_center.turns import present
from crm_store import agents, attachments, chats, customers
from crm_store.attachments import Attachment
from crm_store.chats import Stand, Written
from crm_store.contacts import Contact
from crm_store.customers import Recognised
from ivr_flows.session import Traits

MOST_CONTACTS: Final = 20
"""Conversations that a browser is shown; older ones are the agents' to see."""

MOST_MESSAGES: Final = 200
"""Messages that a browser is shown at first."""

_PLACE: Final = re.compile(r"([a-z]+_[0-9a-z]{1,36}):([0-9]{1,9})")


class Place(msgspec.Struct, frozen=True, order=True):
    """An entry of a contact's journal; ordered as they came, because ids of contacts rise with time."""

    contact_id: str
    seq: int

    def __str__(self) -> str:
        return f"{self.contact_id}:{self.seq}"


def read_place(text: str) -> Place | None:
    """The place that a browser names; None for what is none."""
    found = _PLACE.fullmatch(text)
    return None if found is None else Place(found[1], int(found[2]))


class ShownFile(msgspec.Struct, frozen=True):
    """A file with a message."""

    id: str
    name: str
    type: str
    size: int


class ShownMessage(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="message"):
    """A message as a browser gets it. ``by``: visitor flow bot agent system; ``line``: the id that the
    browser itself gave it; ``status`` of ours: queued delivered read."""

    place: str
    id: str
    by: str
    text: str
    at: datetime
    name: str = ""
    line: str = ""
    status: str = ""
    files: tuple[ShownFile, ...] = ()


class Since(msgspec.Struct, frozen=True):
    """What has come: ``anew`` says that the browser must forget what it shows. ``place`` is how far this
    goes, ``latest`` the contact that there is now, with its customer."""

    anew: bool
    messages: list[ShownMessage]
    place: Place | None
    stand: Stand | None
    latest: Contact | None
    customer: Recognised | None
    agent: str


def read_since(connection: Connection, visitor_id: str, place: Place | None) -> Since:
    """Everything after ``place``, in order."""
    found = chats.of_visitor(connection, visitor_id, MOST_CONTACTS)
    at = next((n for n, contact in enumerate(found) if place and contact.id == place.contact_id), None)
    anew = at is None or place is None or place.seq >= found[at].journal_length
    written: list[tuple[Contact, Written]] = []
    if anew:
        for contact in reversed(found):
            written[:0] = [(contact, each) for each in chats.written(connection, contact)]
            if len(written) >= MOST_MESSAGES:
                break
        written = written[-MOST_MESSAGES:]
    else:
        assert at is not None
        assert place is not None
        for contact in found[at:]:
            first = place.seq + 1 if contact.id == place.contact_id else 0
            if first < contact.journal_length:
                written += [(contact, each) for each in chats.written(connection, contact, first)]
    latest = found[-1] if found else None
    return Since(
        anew,
        _shown(connection, written),
        None if latest is None else Place(latest.id, latest.journal_length - 1),
        None if latest is None else Stand(latest.id, latest.version),
        latest,
        customers.recognise_by_id(connection, latest.customer_id) if latest and latest.customer_id else None,
        _name(connection, latest.agent_id, {}) if latest and life.is_with_agent(latest) else "",
    )


def _shown(connection: Connection, written: list[tuple[Contact, Written]]) -> list[ShownMessage]:
    names: dict[str, str] = {}
    asked = [file_id(media.url) for _, each in written for media in each.message.media]
    files = attachments.find_all(connection, [name for name in asked if name])
    return [
        ShownMessage(
            place=str(Place(contact.id, each.seq)),
            id=each.message.id,
            by="visitor" if each.message.direction == "inbound" else each.message.author,
            text=each.message.text,
            at=each.message.at,
            name=_name(connection, each.message.author_id, names),
            line=line_id(each.message.provider_ref) if each.message.direction == "inbound" else "",
            status=each.message.status if each.message.direction == "outbound" else "",
            files=tuple(
                shown_file(files[name])
                for media in each.message.media
                if (name := file_id(media.url)) in files
            ),
        )
        for contact, each in written
    ]


def _name(connection: Connection, agent_id: str | None, known: dict[str, str]) -> str:
    """What an agent is called; '' for none."""
    if agent_id is None:
        return ""
    if agent_id not in known:
        known[agent_id] = agents.get(connection, agent_id).name
    return known[agent_id]


def shown_file(attachment: Attachment) -> ShownFile:
    """A file as a browser gets it."""
    return ShownFile(attachment.id, attachment.name, attachment.content_type, attachment.size)


async def standing(since: Since, conductor: Conductor, traits: Traits) -> dict[str, Any]:
    """How the chat stands, as the line ``state``: ``phase`` is none, flow, waiting, agent or ended."""
    contact = since.latest
    if contact is None:
        return {"type": "state", "phase": "none", "agent": "", **wanted(())}
    phase = {life.WAITING: "waiting", life.ENDED: "ended"}.get(contact.state, "flow")
    if contact.owner == "agent":
        phase = "agent"
    asked = wanted(())
    if phase == "flow":
        room = conductor.room
        held = await conductor.holding.decoded(contact, since.customer)
        asked = wanted(present(Scene(held, traits, room.clock.now()), room))
    return {
        "type": "state",
        "contact": contact.id,
        "phase": phase,
        "agent": since.agent,
        "language": contact.language,
        **asked,
    }
