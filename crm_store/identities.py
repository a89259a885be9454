"""Identities: the addresses by which customers are recognised, each with the evidence for it (DESIGN D9).

An identity belongs to one customer. Withheld numbers, short codes and the like can be nobody's
identity, so they never match and never join two customers (see `crm_store.addresses`).
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import audit, customers, schema
from crm_store.addresses import normalise_identity
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.rows import check_choice, insert, reader

EVIDENCE = ("crm_import", "said_by_customer", "agent", "verified", "first_contact")
"""Why we believe that an address is the customer's; ``verified`` also notes when."""

_i = schema.identities.c


class Identity(msgspec.Struct, frozen=True):
    """A row of `identities`; ``value`` is spelt as `normalise_identity` does."""

    id: str
    customer_id: str
    kind: str
    value: str
    evidence: str
    verified_at: datetime | None
    created_at: datetime


_read = reader(Identity)
_ALL = sa.select(schema.identities)


def find(connection: Connection, kind: str, value: str) -> Identity | None:
    """The identity with this value, if there is one. Raises `Refused` for a value that can be nobody's."""
    spelt = normalise_identity(kind, value)
    row = connection.execute(_ALL.where(_i.kind == kind, _i.value == spelt)).first()
    return None if row is None else _read(row)


def add(
    connection: Connection,
    customer_id: str,
    kind: str,
    value: str,
    evidence: str,
    *,
    at: datetime,
    ids: Ids,
    actor: str,
) -> Identity:
    """Link an address to a customer; one that the customer has already is answered as it is, and
    noted as verified where it now is.

    Raises `NotFound`, and `Refused` for an address that can be nobody's, one that is another
    customer's, and a customer merged into another.
    """
    check_choice("evidence", evidence, EVIDENCE)
    spelt = normalise_identity(kind, value)
    if customers.get(connection, customer_id).merged_into is not None:
        living = customers.follow(connection, customer_id)
        raise Refused(f"customer {customer_id} was merged; add it to {living} instead")
    verified_at = at if evidence == "verified" else None
    known = find(connection, kind, spelt)
    if known is None:
        identity = Identity(ids.new("idn"), customer_id, kind, spelt, evidence, verified_at, at)
        insert(connection, schema.identities, msgspec.structs.asdict(identity))
        _note(connection, "identity.added", identity, at=at, ids=ids, actor=actor)
        return identity
    if known.customer_id != customer_id:
        raise Refused(
            f"that {kind} identity belongs to customer {known.customer_id}; remove it there first, or merge "
            "the two if they are one"
        )
    if verified_at is None:
        return known
    identity = msgspec.structs.replace(known, evidence=evidence, verified_at=verified_at)
    connection.execute(
        schema.identities.update().where(_i.id == known.id).values(evidence=evidence, verified_at=verified_at)
    )
    _note(connection, "identity.verified", identity, at=at, ids=ids, actor=actor)
    return identity


def remove(connection: Connection, identity_id: str, *, at: datetime, ids: Ids, actor: str) -> None:
    """Take an address from its customer: it is no longer recognised by it. Raises `NotFound`."""
    row = connection.execute(_ALL.where(_i.id == identity_id)).first()
    if row is None:
        raise NotFound(f"there is no identity {identity_id}; the customer's page lists them")
    connection.execute(schema.identities.delete().where(_i.id == identity_id))
    _note(connection, "identity.removed", _read(row), at=at, ids=ids, actor=actor)


def list_identities(connection: Connection, customer_id: str) -> list[Identity]:
    """What a customer is known by, oldest first."""
    rows = connection.execute(_ALL.where(_i.customer_id == customer_id).order_by(_i.created_at, _i.id))
    return [_read(row) for row in rows]


def _note(
    connection: Connection, action: str, identity: Identity, *, at: datetime, ids: Ids, actor: str
) -> None:
    data = {
        "identity_id": identity.id,
        "kind": identity.kind,
        "value": identity.value,
        "evidence": identity.evidence,
    }
    audit.write(connection, action, identity.customer_id, data, at=at, ids=ids, actor=actor)
