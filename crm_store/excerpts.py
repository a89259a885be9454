"""Where the words that somebody looks for in the log were said: for each contact a piece of text around them.

Read from the rows themselves, for the contacts of one page: the index keeps no text that could be shown.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.contact_words import PEOPLE, SPOKEN
from crm_store.terms import Wanted, asked, cut

LENGTH: Final = 180
"""Characters of an excerpt, at most."""

BEFORE: Final = 50
"""Of these, characters before what was found."""


def excerpts(connection: Connection, words: str, contact_ids: Sequence[str]) -> dict[str, str]:
    """By contact, the text that has most of the ``words``, cut to what is around the first of them."""
    wanted = asked(words)
    needles = _needles(wanted)
    if not needles:
        return {}
    found: dict[str, str] = {}
    for contact_id, texts in _texts(connection, contact_ids).items():
        best = max(texts, key=lambda text: _matches(text, wanted, needles), default="")
        if _matches(best, wanted, needles):
            found[contact_id] = around(best, needles)
    return found


def _texts(connection: Connection, contact_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """What was said, written, noted and recognised, by contact, in this order."""
    ids = {"ids": list(contact_ids)}
    found: dict[str, list[str]] = defaultdict(list)
    for contact_id, kind, data in connection.execute(_JOURNAL, ids):
        found[contact_id] += [str(data[place]) for place in SPOKEN[kind] if data.get(place)]
    for statement in (_MESSAGES, _WORKS, _RECORDINGS):
        for contact_id, text in connection.execute(statement, ids):
            found[contact_id].append(text)
    return found


def _needles(wanted: Wanted) -> frozenset[str]:
    said = frozenset(word for phrase in wanted.phrases for word in phrase.split())
    return wanted.terms | said | ({wanted.prefix} if wanted.prefix else frozenset())


def _matches(text: str, wanted: Wanted, needles: frozenset[str]) -> int:
    terms = cut([text]).terms
    begun = bool(wanted.prefix) and any(term.startswith(wanted.prefix) for term in terms)
    return len(terms & needles) + begun


def around(text: str, needles: frozenset[str]) -> str:
    """The text, where it is long only what is around the first of the ``needles``, cut between words."""
    text = " ".join(text.split())
    if len(text) <= LENGTH:
        return text
    form = unicodedata.normalize("NFKC", text).lower()  # about as long: the place need not be exact
    place = min((at for needle in needles if (at := form.find(needle)) >= 0), default=0)
    start = max(0, min(place - BEFORE, len(text) - LENGTH))
    start = text.rfind(" ", max(0, start - 15), start) + 1 or start
    piece = text[start : start + LENGTH]
    end = start + len(piece) < len(text)
    return f"{'…' if start else ''}{piece.strip()}{'…' if end else ''}"


def _of_contacts(column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam("ids", expanding=True))


_j, _m, _r, _k = schema.journal.c, schema.messages.c, schema.recordings.c, schema.works.c
_JOURNAL: Final = (
    sa.select(_j.contact_id, _j.kind, _j.data)
    .where(_of_contacts(_j.contact_id), _j.kind.in_(tuple(SPOKEN)))
    .order_by(_j.contact_id, _j.seq)
)
_MESSAGES: Final = (
    sa.select(_m.contact_id, _m.text)
    .where(_of_contacts(_m.contact_id), _m.author.in_(PEOPLE))
    .order_by(_m.at, _m.id)
)
_WORKS: Final = sa.select(_k.contact_id, _k.note).where(_of_contacts(_k.contact_id)).order_by(_k.id)
_RECORDINGS: Final = (
    sa.select(_r.contact_id, _r.transcript).where(_of_contacts(_r.contact_id)).order_by(_r.started_at, _r.id)
)
