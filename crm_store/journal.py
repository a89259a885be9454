"""The journal: what happened to a contact, in order, written at the source and never changed.

It is the interaction log, the timeline of the call log, the audit trail, and the input of reports
and replay (DESIGN D2). A turn adds its entries with the contact's row in one unit (`rows`);
everybody else uses `append`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.bulk import change_row, insert_row
from crm_store.errors import Conflict, NotFound

KINDS: Final[dict[str, str]] = {
    "contact_started": "the contact began: channel, addresses, flow, what the provider said",
    "customer_recognised": "who the customer is and by which evidence: customer_id, evidence",
    "input": "what the flow took (masked where sensitive): turn, and the fields of `ivr_flows.inputs`",
    "path": "nodes passed and what was said: turn, steps of [flow, node, exit], language, said, wait",
    "effect": "what the application did for the flow: asked, result",
    "ticket_opened": "a ticket was opened: ticket_id, number",
    "ticket_joined": "an open ticket about the same matter was joined: ticket_id, number",
    "queued": "in line: work_id, queue, priority, position, and what routing goes by",
    "queue_left": "out of line: queue, reason, waited seconds",
    "offered": "an agent was asked: work_id, offer_id, agent_id, queue, waited, free_for, why",
    "offer_accepted": "the agent said yes: work_id, offer_id, agent_id, after seconds",
    "taken": "an agent took it out of the line unasked: work_id, agent_id, queue",
    "offer_declined": "the agent said no: work_id, offer_id, agent_id",
    "offer_expired": "the agent did not answer: work_id, offer_id, agent_id",
    "offer_revoked": "the question was taken back: work_id, offer_id, agent_id, reason",
    "connected": "customer and agent talk: work_id, agent_id, waited seconds since the first queue",
    "requeued": "back in line with the old place: work_id, queue, reason, by",
    "moved": "the router moved it to another queue: work_id, from, to, reason",
    "transferred": "the agent gave it on: work_id, from, to_kind, to, how, text",
    "consulted": "an agent asked another one: work_id, consult_id, what",
    "held": "the customer heard music, or was brought back: work_id, on",
    "supervised": "a supervisor joined in: agent_id, mode",
    "leg": "somebody was called into the conversation, came or went: leg_id, role, state, reason",
    "wrap_up": "the conversation is over, the agent writes it up: work_id, agent_id, talked seconds",
    "wrapped_up": "the agent is done with it: work_id, agent_id, disposition, seconds",
    "connecting": "a person is being called for the customer: target_kind, to",
    "message_in": "a message came: message_id, text, media",
    "message_out": "a message was sent: message_id, author, text",
    "message_status": "what became of a message: message_id or provider_ref, status, error",
    "call_status": "how the provider says the call stands: status, sequence, seconds",
    "recording": "a recording began, ended, paused or resumed: recording_id or work_id, status, seconds, by",
    "transcript": "words recognised in the conversation: text, track",
    "voicemail": "a message was left: recording_id, text, seconds",
    "callback_placed": "the promised call was placed: callback_id, contact_id of that call, agent_id",
    "callback_requested": "a call back was promised: callback_id, queue, due_at",
    "survey": "the customer answered a survey: survey, score, comment",
    "consent": "the customer stopped or allowed messages: kind, opted_out, source",
    "fault": "the flow itself went wrong and fell back to a person: what",
    "trouble": "the provider could not use our answer: code",
    "owner_changed": "who speaks with the customer: owner, by whom",
    "contact_updated": "facts about the contact changed: language, reason, tags",
    "note": "an agent's note: actor, text",
    "contact_ended": "over: reason, outcome",
    "closed_by_sweep": "no end was ever reported, so the sweep closed it",
    "merged": "the contact moved to another customer by a merge: merge_id, customer_id",
    "unmerged": "the contact moved back, the merge was undone: merge_id, customer_id",
}
"""Every kind of entry and what it tells; after the colon what `data` holds. The log search
(`crm_store.search`) looks for words under ``text`` and ``digits``."""


class NewEntry(msgspec.Struct, frozen=True):
    """Something that happened, not yet in the journal; ``kind`` is one of `KINDS`."""

    at: datetime
    kind: str
    data: dict[str, Any] = {}


class Entry(msgspec.Struct, frozen=True):
    """One entry of a contact's journal; ``seq`` counts from 0 without gaps."""

    contact_id: str
    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


_j = schema.journal.c
_c = schema.contacts.c
_STANDS = sa.select(_c.version, _c.journal_length).where(_c.id == sa.bindparam("contact_id"))
_READ = (
    sa.select(_j.contact_id, _j.seq, _j.at, _j.kind, _j.data)
    .where(_j.contact_id == sa.bindparam("contact_id"), _j.seq >= sa.bindparam("first"))
    .order_by(_j.seq)
)


def read(connection: Connection, contact_id: str, first: int = 0) -> list[Entry]:
    """The journal of a contact in order, from entry ``first`` on; empty where there is no such contact."""
    rows = connection.execute(_READ, {"contact_id": contact_id, "first": first})
    return [Entry(*row) for row in rows]


def rows(contact_id: str, length: int, entries: Sequence[NewEntry]) -> list[dict[str, Any]]:
    """Rows of `journal` behind the ``length`` entries that are there (`Contact.journal_length`).

    Raises `ValueError` for a kind that is not in `KINDS`.
    """
    return [_row(contact_id, seq, entry) for seq, entry in enumerate(entries, start=length)]


def _row(contact_id: str, seq: int, entry: NewEntry) -> dict[str, Any]:
    if entry.kind not in KINDS:
        raise ValueError(f"{entry.kind!r} is no kind of journal entry; add it to crm_store.journal.KINDS")
    return {
        "contact_id": contact_id,
        "seq": seq,
        "at": entry.at,
        "kind": entry.kind,
        "data": entry.data,
    }


def append(
    connection: Connection,
    contact_id: str,
    entries: Sequence[NewEntry],
    changes: Mapping[str, Any] | None = None,
    known: int | None = None,
) -> int:
    """Add entries outside a turn, with ``changes`` of the contact's columns; the contact's new version.

    Takes the contact's row, so that a turn going on meanwhile runs again; ``known``: the version that what is
    written was decided upon, where it was read. Raises `NotFound`, and
    `Conflict` where somebody else wrote the contact first (run it again in a new transaction).
    """
    found = connection.execute(_STANDS, {"contact_id": contact_id}).first()
    if found is None:
        raise NotFound(f"there is no contact {contact_id} to write a journal entry for")
    version, length = found
    if known is not None and version != known:
        raise Conflict("the contact was changed by somebody else meanwhile")
    if not entries and not changes:
        return int(version)
    written = {**(changes or {}), "journal_length": length + len(entries)}
    if not change_row(connection, "contacts", contact_id, version, written):
        raise Conflict("the contact was changed by somebody else meanwhile")
    for row in rows(contact_id, length, entries):
        insert_row(connection, "journal", row)
    return int(version) + 1
