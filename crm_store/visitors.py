"""Visitors of the web chat: a browser that keeps a secret, or whom the host site vouches for.

Of the secret only its SHA-256 is kept. An anonymous visitor is nobody's identity; one whom the host site
names (``subject``) is the customer with that identity of kind ``web`` (DESIGN D9), made where there is none.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import customers, identities, schema
from crm_store.customers import NewCustomer
from crm_store.errors import Refused
from crm_store.ids import Ids
from crm_store.rows import insert, reader
from crm_store.words import kept

ACTOR = "webchat"
_BYTES = 32
_v = schema.visitors.c
_COLUMNS = [column for column in _v if column.name != "digest"]


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `visitors` without its digest. ``name`` and ``email``: as said by the visitor, or by the host
    site where there is a ``subject``."""

    id: str
    subject: str | None
    customer_id: str | None
    name: str
    email: str
    language: str
    created_at: datetime
    seen_at: datetime


class OpenedVisit(msgspec.Struct, frozen=True):
    """A new anonymous visitor and the ``secret`` for the browser, which cannot be had again."""

    visitor: Visitor
    secret: str


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """What the host site says of its user; ``email_verified``: that the address was proved to be theirs."""

    subject: str
    name: str = ""
    email: str = ""
    email_verified: bool = False


_read = reader(Visitor)
_ALL = sa.select(*_COLUMNS)


def open_anonymous(
    connection: Connection,
    *,
    at: datetime,
    ids: Ids,
    language: str = "",
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> OpenedVisit:
    """A browser that has never been here; ``random_bytes`` must be fit for secrets."""
    secret = base64.urlsafe_b64encode(random_bytes(_BYTES)).decode().rstrip("=")
    visitor = _new(ids.new("vis"), at, language)
    insert(connection, schema.visitors, msgspec.structs.asdict(visitor) | {"digest": _digest(secret)})
    return OpenedVisit(visitor, secret)


def find_by_secret(connection: Connection, secret: str, at: datetime, lifetime: timedelta) -> Visitor | None:
    """Whose browser this is; None where it was not here for ``lifetime``, or never."""
    row = connection.execute(_ALL.where(_v.digest == _digest(secret), _v.seen_at > at - lifetime)).first()
    return None if row is None else _read(row)


def vouched(connection: Connection, who: Vouched, *, at: datetime, ids: Ids, language: str = "") -> Visitor:
    """Whom the host site names, linked to the customer that is known by that name, or to a new one.

    An e-mail address links only where the host says that it was verified. Raises `Refused` for a subject that
    can be no identity."""
    row = connection.execute(_ALL.where(_v.subject == who.subject)).first()
    customer_id = _customer(connection, who, at, ids)
    told = {"customer_id": customer_id, "name": kept(who.name, _v.name), "email": kept(who.email, _v.email)}
    if row is None:
        visitor = msgspec.structs.replace(_new(ids.new("vis"), at, language), subject=who.subject, **told)
        insert(connection, schema.visitors, msgspec.structs.asdict(visitor) | {"digest": None})
        return visitor
    visitor = msgspec.structs.replace(_read(row), seen_at=at, **told)
    connection.execute(schema.visitors.update().where(_v.id == visitor.id).values(seen_at=at, **told))
    return visitor


def _customer(connection: Connection, who: Vouched, at: datetime, ids: Ids) -> str:
    known = identities.find(connection, "web", who.subject)
    if known is not None:
        return customers.follow(connection, known.customer_id)
    found = None
    if who.email and who.email_verified:
        try:
            found = customers.find_by_identity(connection, "email", who.email)
        except Refused:  # no address at all
            found = None
    if found is None:
        new = NewCustomer(name=who.name[:120], preferred_channel="")
        found = customers.create(connection, new, at=at, ids=ids, actor=ACTOR)
        if who.email and who.email_verified:
            with suppress(Refused):
                identities.add(
                    connection, found.id, "email", who.email, "verified", at=at, ids=ids, actor=ACTOR
                )
    identities.add(connection, found.id, "web", who.subject, "verified", at=at, ids=ids, actor=ACTOR)
    return found.id


def touch(connection: Connection, visitor_id: str, at: datetime) -> None:
    """Note that the visitor is here."""
    connection.execute(
        schema.visitors.update().where(_v.id == visitor_id, _v.seen_at < at).values(seen_at=at)
    )


def told(connection: Connection, visitor_id: str, name: str, email: str) -> None:
    """Keep what an anonymous visitor says of themselves; it is no evidence of anything."""
    connection.execute(
        schema.visitors.update()
        .where(_v.id == visitor_id, _v.subject.is_(None))
        .values(name=kept(name, _v.name), email=kept(email, _v.email))
    )


def _new(visitor_id: str, at: datetime, language: str) -> Visitor:
    return Visitor(
        id=visitor_id, subject=None, customer_id=None, name="", email="",
        language=kept(language, _v.language), created_at=at, seen_at=at,
    )  # fmt: skip


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
