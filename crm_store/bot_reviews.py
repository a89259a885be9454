"""The review list: what customers said that the chatbot did not understand, until it has learnt it.

A row is a wording, not a message: the same words count up. The text comes masked from whoever notes
it; nothing here could tell who said it but ``contact_id``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, fetch_page
from crm_store.rows import check_columns, reader
from crm_store.words import kept

STATUSES: Final = ("open", "labelled", "dismissed")

Order = Literal["often", "newest"]
"""``often``: what was said most often first. ``newest``: what was said last first."""


class Unsure(msgspec.Struct, frozen=True, kw_only=True):
    """A message to be reviewed. ``text`` is masked; ``intent`` is the bot's best guess, ``runner_up``
    its second ('' = none). ``understood``: the bot went by its guess all the same."""

    text: str
    language: str = ""
    channel: str = ""
    intent: str = ""
    confidence: float = 0.0
    runner_up: str = ""
    runner_up_confidence: float = 0.0
    understood: bool = False
    contact_id: str | None = None


class BotReview(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `bot_reviews`: guesses, language, channel and contact are those of the last time."""

    id: str
    text: str
    language: str
    channel: str
    intent: str
    confidence: float
    runner_up: str
    runner_up_confidence: float
    understood: bool
    times: int
    contact_id: str | None
    status: str
    label: str
    reviewed_by: str
    reviewed_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime


class ReviewFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows; every field left None lets all pass. ``language`` is a base language such as "zh"."""

    status: str | None = None
    language: str | None = None
    intent: str | None = None
    label: str | None = None


_b = schema.bot_reviews.c
_read = reader(BotReview)
_ALL = sa.select(schema.bot_reviews)
_LAST = (
    "text", "language", "channel", "intent", "confidence", "runner_up", "runner_up_confidence",
    "understood", "contact_id",
)  # fmt: skip
"""What the last time replaces."""


def wording(text: str) -> str:
    """The key of a text: equal for texts whose letters and digits are equal, whatever stands between."""
    plain = " ".join("".join(one if one.isalnum() else " " for one in text.casefold()).split())
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def note(connection: Connection, message: Unsure, at: datetime, ids: Ids) -> None:
    """Put a message on the list, or count it where its wording is there; whoever settled that wording has
    settled it for good. A few statements by key: it may run where everything else waits for it."""
    row = msgspec.structs.asdict(message)
    for name in ("text", "language", "channel", "intent", "runner_up"):
        row[name] = kept(row[name], _b[name])
    row |= {
        "id": ids.new("rev"),
        "wording": wording(row["text"]),
        "times": 1,
        "status": "open",
        "first_seen_at": at,
        "last_seen_at": at,
    }
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(schema.bot_reviews)
    changes: dict[str, Any] = {name: statement.excluded[name] for name in (*_LAST, "last_seen_at")}
    changes["times"] = _b.times + 1
    connection.execute(statement.on_conflict_do_update(index_elements=["wording"], set_=changes), row)


def get(connection: Connection, review_id: str) -> BotReview:
    """The row with this id. Raises `NotFound`."""
    row = connection.execute(_ALL.where(_b.id == review_id)).first()
    if row is None:
        raise NotFound(f"there is no {review_id} in the review list; `bot review list` shows what there is")
    return _read(row)


def list_reviews(
    connection: Connection,
    which: ReviewFilter,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    order: Order = "often",
) -> Page[BotReview]:
    """A page of the list. Raises `Refused` for a bad cursor."""
    statement = _ALL
    for name in ("status", "language", "intent", "label"):
        value = getattr(which, name)
        if value is not None:
            statement = statement.where(_b[name] == value)
    by = (_b.times, _b.id) if order == "often" else (_b.last_seen_at, _b.id)
    return fetch_page(connection, statement, _read, by=by, cursor=cursor, limit=limit)


def labelled(connection: Connection) -> Iterator[BotReview]:
    """Every row that has its intent, by intent and then in the order in which they first came."""
    statement = _ALL.where(_b.status == "labelled")
    cursor: str | None = None
    while True:
        page = fetch_page(
            connection,
            statement,
            _read,
            by=(_b.label, _b.id),
            cursor=cursor,
            limit=MAX_LIMIT,
            descending=False,
        )
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def label(
    connection: Connection, review_id: str, intent: str, *, at: datetime, ids: Ids, actor: str
) -> BotReview:
    """Say which intent the words have; the last word counts.

    Raises `NotFound`, and `Refused` for a name that no intent can have. Whether the bot's project has that
    intent, the caller knows.
    """
    if not intent or intent != intent.strip() or any(one.isspace() for one in intent):
        raise Refused("an intent's name is one word, such as order_status")
    return _settle(connection, review_id, "labelled", intent, at=at, ids=ids, actor=actor)


def dismiss(connection: Connection, review_id: str, *, at: datetime, ids: Ids, actor: str) -> BotReview:
    """There is nothing to learn from these words. Raises `NotFound`."""
    return _settle(connection, review_id, "dismissed", "", at=at, ids=ids, actor=actor)


def _settle(
    connection: Connection,
    review_id: str,
    status: str,
    intent: str,
    *,
    at: datetime,
    ids: Ids,
    actor: str,
) -> BotReview:
    changes = {"status": status, "label": intent, "reviewed_by": actor, "reviewed_at": at}
    check_columns(schema.bot_reviews, changes)
    changed = connection.execute(schema.bot_reviews.update().where(_b.id == review_id).values(changes))
    if not changed.rowcount:
        get(connection, review_id)
    audit.write(connection, f"bot_review.{status}", review_id, {"label": intent}, at=at, ids=ids, actor=actor)
    return get(connection, review_id)


def prune(connection: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget at most ``limit`` rows last said before an instant, whatever became of them; how many went.

    Call again while it answers ``limit``, each time in a transaction of its own.
    """
    first = sa.select(_b.id).where(_b.last_seen_at < before).order_by(_b.last_seen_at, _b.id).limit(limit)
    old = list(connection.execute(first).scalars())
    if old:
        # Said again since it was read, it stays.
        gone = schema.bot_reviews.delete().where(_b.id.in_(old), _b.last_seen_at < before)
        return int(connection.execute(gone).rowcount)
    return 0
