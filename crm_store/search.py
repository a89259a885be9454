"""Search in the log: contacts by the words that people said in them, by their path, and by facts.

The index of words (`crm_store.contact_words`) answers, where it is asked for more than a time: facts are
terms in it as well, so that any of them together cost no more than the rarest. Newest first, in pages of
which the thousandth costs what the first costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.contact_words import FACTS, first_place, instant
from crm_store.contacts import Contact, ContactFilter, conditions, decode, page, selection
from crm_store.errors import Refused
from crm_store.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor
from crm_store.slices import newest
from crm_store.terms import Wanted, asked, fact

_FIRST: Final = -(2**62)
_LAST: Final = 2**62


class Query(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to look for; everything given must hold.

    ``words`` that were said, typed, keyed, written by an agent, or recognised in a recording, or the
    customer's name, as `crm_store.terms.asked` reads them. ``path``: a node that the contact passed, as
    ``node`` or ``flow/node``. In ``which``, ``queue`` is any that it has stood in, ``agent_id`` anybody who
    has had it.
    """

    which: ContactFilter = ContactFilter()
    words: str | None = None
    path: str | None = None


def check(query: Query) -> None:
    """Raise `Refused` for what cannot be looked for: words without any letter or digit."""
    _wanted(query)


def search(
    connection: Connection, query: Query, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Contact]:
    """A page of the contacts that match, newest first, as far as they are indexed (`contact_words.missing`).

    A page may have less than ``limit``, even nothing, and a cursor all the same: then the search goes on from
    there. Raises `Refused` for a bad cursor, and for words without any letter or digit.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    wanted = _wanted(query)
    since, until = query.which.since, query.which.until
    if wanted == Wanted():
        when = ContactFilter(since=since, until=until)
        return page(connection, selection().where(*conditions(when)), cursor, limit)
    low = _FIRST if since is None else first_place(since)
    high = _LAST if until is None else first_place(until)
    if cursor:
        high = min(high, _place_in(cursor))
    places = newest(connection, wanted, low, high, limit + 1)
    onward = places.onward
    if len(places.found) > limit:
        onward = places.found[limit - 1][0]
    contacts = _contacts(connection, [contact_id for _, contact_id in places.found[:limit]])
    return Page(contacts, None if onward is None else _cursor(onward))


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


def _wanted(query: Query) -> Wanted:
    """The query as terms. Raises `Refused`."""
    wanted = Wanted()
    if query.words and query.words.strip():
        wanted = asked(query.words)
        if wanted == Wanted():
            raise Refused(
                "there is no letter or digit in the words to look for; give a word, or leave them out"
            )
    facts = {
        fact(letter, value)
        for name, letter in FACTS.items()
        if (value := getattr(query.which, name, None)) is not None
    }
    if query.path:
        facts.add(fact(FACTS["node"], query.path))
    return msgspec.structs.replace(wanted, terms=wanted.terms | facts)


def _contacts(connection: Connection, ids: Sequence[str]) -> tuple[Contact, ...]:
    """The contacts with these ids, in their order."""
    rows = connection.execute(selection().where(schema.contacts.c.id.in_(ids)))
    found = {contact.id: contact for contact in map(decode, rows)}
    return tuple(found[contact_id] for contact_id in ids)


def _cursor(place: int) -> str:
    """A place as the instant, and how many places behind its first one."""
    at = instant(place)
    return encode_cursor((at, place - first_place(at)))


def _place_in(cursor: str) -> int:
    at, behind = decode_cursor(cursor, (datetime, int))
    return first_place(at) + int(behind)
