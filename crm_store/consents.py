"""Who must not be written to: kept for an address, whether or not a customer is known by it.

Every message that leaves asks `is_opted_out` first, whoever wants it sent.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.addresses import parse_address
from crm_store.ids import Ids
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.rows import check_choice, reader

KINDS = ("sms", "whatsapp")
SOURCES = ("keyword", "carrier_21610", "advanced_opt_out", "agent")
"""How we learnt of it: the customer's word, the carrier's refusal, Twilio's own opt-out, an agent."""

_c = schema.consents.c
_LONGEST = 80


class Consent(msgspec.Struct, frozen=True):
    """A row of `consents`: the last word on messages of ``kind`` to ``address``."""

    kind: str
    address: str
    opted_out: bool
    source: str
    changed_at: datetime


_read = reader(Consent)
_ONE = sa.select(schema.consents).where(
    _c.kind == sa.bindparam("kind"), _c.address == sa.bindparam("address")
)


def opt_out(
    connection: Connection, kind: str, address: str, source: str, *, at: datetime, ids: Ids, actor: str
) -> Consent:
    """Send nothing of ``kind`` to ``address`` (spelt in any way) any more.

    Raises `Refused` for an unknown kind or source.
    """
    return _set(connection, Consent(kind, _spelt(address), True, source, at), ids=ids, actor=actor)


def opt_in(
    connection: Connection, kind: str, address: str, source: str, *, at: datetime, ids: Ids, actor: str
) -> Consent:
    """Take an opt-out back, on the customer's own word. Raises as `opt_out`."""
    return _set(connection, Consent(kind, _spelt(address), False, source, at), ids=ids, actor=actor)


def is_opted_out(connection: Connection, kind: str, address: str) -> bool:
    """Whether messages of ``kind`` to ``address`` are forbidden."""
    consent = find(connection, kind, address)
    return consent is not None and consent.opted_out


def find(connection: Connection, kind: str, address: str) -> Consent | None:
    """The last word on an address; None where nothing was ever said."""
    row = connection.execute(_ONE, {"kind": kind, "address": _spelt(address)}).first()
    return None if row is None else _read(row)


def list_consents(
    connection: Connection,
    *,
    opted_out: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Consent]:
    """A page of consents by kind and address. Raises `Refused` for a bad cursor."""
    statement = sa.select(schema.consents)
    if opted_out is not None:
        statement = statement.where(_c.opted_out.is_(opted_out))
    return fetch_page(
        connection, statement, _read, by=(_c.kind, _c.address), cursor=cursor, limit=limit, descending=False
    )


def _spelt(address: str) -> str:
    """One spelling for one address; what is no number counts as it came."""
    return parse_address(address).value[:_LONGEST]


def _set(connection: Connection, consent: Consent, *, ids: Ids, actor: str) -> Consent:
    check_choice("kind", consent.kind, KINDS)
    check_choice("source", consent.source, SOURCES)
    row = msgspec.structs.asdict(consent)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(schema.consents)
    changes = {name: statement.excluded[name] for name in ("opted_out", "source", "changed_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "address"], set_=changes), row)
    action = "consent.opted_out" if consent.opted_out else "consent.opted_in"
    data = {"kind": consent.kind, "address": consent.address, "source": consent.source}
    audit.write(connection, action, consent.kind, data, at=consent.changed_at, ids=ids, actor=actor)
    return consent
