"""Search in the log: contacts by filters, by words that were said, typed or keyed in them, and by path.

It reads the rows where the words are; there is no index of words to keep in step. Contacts are
gone through from the newest, so a page costs as much as it takes to find its contacts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.contacts import Contact, ContactFilter, conditions, page, selection
from crm_store.paging import DEFAULT_LIMIT, MAX_LIMIT, Page

_SPOKEN: Final = {
    "input": ("text", "digits"),
    "transcript": ("text",),
    "voicemail": ("text",),
    "note": ("text",),
}
"""Where in a journal entry's data words are, by kind of entry."""


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to look for; everything given must hold.

    ``words``: a piece of what was said, typed, keyed, written by an agent, or recognised in a recording,
    in any case of the letters a-z. ``path``: a node that the contact passed, as ``node`` or ``flow/node``.
    """

    which: ContactFilter = ContactFilter()
    words: str | None = None
    path: str | None = None


def search(
    connection: Connection, query: Query, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Contact]:
    """A page of the contacts that match, newest first. Raises `Refused` for a bad cursor."""
    return page(connection, _statement(query), cursor, limit)


def export(connection: Connection, query: Query, batch: int = 200) -> Iterator[list[Contact]]:
    """All contacts that match, newest first, in batches of at most ``batch``; memory for one batch."""
    cursor: str | None = None
    while True:
        found = search(connection, query, cursor, min(batch, MAX_LIMIT))
        if found.items:
            yield list(found.items)
        cursor = found.next_cursor
        if cursor is None:
            return


def _statement(query: Query) -> sa.Select[Any]:
    statement = selection().where(*conditions(query.which))
    if query.words:
        statement = statement.where(_has_words(query.words))
    if query.path:
        statement = statement.where(_passed(query.path))
    return statement


def _has_words(words: str) -> sa.ColumnElement[bool]:
    contact = schema.contacts.c.id
    entry, message, recording = schema.journal.c, schema.messages.c, schema.recordings.c
    spoken = sa.or_(
        *(
            sa.and_(
                entry.kind == kind,
                sa.or_(
                    *(entry.data[place].as_string().icontains(words, autoescape=True) for place in places)
                ),
            )
            for kind, places in _SPOKEN.items()
        )
    )
    return sa.or_(
        sa.exists().where(entry.contact_id == contact, spoken),
        sa.exists().where(message.contact_id == contact, message.text.icontains(words, autoescape=True)),
        sa.exists().where(
            recording.contact_id == contact, recording.transcript.icontains(words, autoescape=True)
        ),
    )


def _passed(path: str) -> sa.ColumnElement[bool]:
    """Steps are [flow, node, exit], so a node is the one text of a step with texts on both sides."""
    flow, _, node = path.rpartition("/")
    wanted = f'"{flow}","{node}","' if flow else f'","{node}","'
    entry = schema.journal.c
    # PostgreSQL writes a space after a comma, SQLite keeps the text as it was written, without.
    steps = sa.func.replace(sa.cast(entry.data["steps"], sa.Text), '", "', '","')
    return sa.exists().where(
        entry.contact_id == schema.contacts.c.id,
        entry.kind == "path",
        steps.contains(wanted, autoescape=True),
    )
