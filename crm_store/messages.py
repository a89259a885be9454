"""Messages of a contact, in and out, and what became of each.

Providers report statuses late, twice, and in any order; `apply_status` makes every order end in
the same state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import NotFound
from crm_store.words import kept

STATUSES: Final = ("queued", "sent", "failed", "undelivered", "delivered", "read")
"""What can become of a message of ours, each outranking those before it: an end (from ``failed`` on)
wins over what is on the way, and proof of arrival over a report of failure. ``received`` (inbound) and
``blocked`` (never sent: the customer has opted out) stay as they are."""

FAILURES: Final = frozenset({"failed", "undelivered"})


class Media(msgspec.Struct, frozen=True):
    """A file with a message."""

    url: str
    content_type: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `messages`."""

    id: str
    contact_id: str
    direction: str
    author: str
    author_id: str | None = None
    text: str
    media: tuple[Media, ...] = ()
    provider_ref: str | None = None
    status: str
    error: str = ""
    at: datetime
    status_at: datetime | None = None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of a message: named by our ``message_id``, or '' and the ``provider_ref``."""

    status: str
    provider_ref: str = ""
    message_id: str = ""
    error: str = ""


class Applied(msgspec.Struct, frozen=True):
    """What a status report did: ``not_found`` has no message (it came too early: journal the report)."""

    outcome: Literal["changed", "unchanged", "not_found"]
    message: Message | None = None


_m = schema.messages.c
_ALL = sa.select(*schema.messages.c)


def inbound_row(
    message_id: str,
    contact_id: str,
    text: str,
    at: datetime,
    *,
    ref: str | None = None,
    media: tuple[Media, ...] = (),
) -> dict[str, Any]:
    """The row of a message from the customer, for `Unit.insert`; ``ref`` is the provider's id of it."""
    return _row(
        Message(
            id=message_id,
            contact_id=contact_id,
            direction="inbound",
            author="customer",
            text=text,
            media=media,
            provider_ref=ref or None,
            status="received",
            at=at,
        )
    )


def outbound_row(message: Message) -> dict[str, Any]:
    """The row of a message of ours, for `Unit.insert`; ``status`` is ``queued`` or ``blocked``."""
    if message.direction != "outbound" or message.author == "customer":
        raise ValueError("a message of ours is outbound and not by the customer")
    return _row(message)


def _row(message: Message) -> dict[str, Any]:
    values = msgspec.structs.asdict(message)
    values["text"] = kept(message.text)
    values["media"] = [msgspec.structs.asdict(item) for item in message.media]
    return values


def _decode(row: sa.Row[Any]) -> Message:
    values = dict(row._mapping)
    values["media"] = msgspec.convert(values["media"], tuple[Media, ...])
    return Message(**values)


def _first(connection: Connection, condition: sa.ColumnElement[bool]) -> Message | None:
    row = connection.execute(_ALL.where(condition)).first()
    return None if row is None else _decode(row)


def get(connection: Connection, message_id: str) -> Message:
    """The message with this id. Raises `NotFound`."""
    message = _first(connection, _m.id == message_id)
    if message is None:
        raise NotFound(f"there is no message {message_id}")
    return message


def get_by_provider_ref(connection: Connection, ref: str) -> Message | None:
    """The message with the provider's id (a MessageSid), if there is one."""
    return _first(connection, _m.provider_ref == ref)


def list_for_contact(connection: Connection, contact_id: str) -> list[Message]:
    """All messages of a contact, oldest first."""
    statement = _ALL.where(_m.contact_id == contact_id).order_by(_m.at, _m.id)
    return [_decode(row) for row in connection.execute(statement)]


def list_of(connection: Connection, message_ids: Sequence[str]) -> list[Message]:
    """Those of these messages that there are, in no order."""
    return [_decode(row) for row in connection.execute(_ALL.where(_m.id.in_(message_ids)))]


def set_provider_ref(connection: Connection, message_id: str, ref: str) -> None:
    """Note the id that the provider gave a message of ours. Raises `NotFound`."""
    changed = connection.execute(schema.messages.update().where(_m.id == message_id).values(provider_ref=ref))
    if changed.rowcount != 1:
        raise NotFound(f"there is no message {message_id}")


def mark_taken(connection: Connection, message_ids: Sequence[str], at: datetime) -> None:
    """The customer has come for these messages of ours: they are delivered."""
    connection.execute(
        schema.messages.update()
        .where(_m.id.in_(message_ids), _m.status == "queued")
        .values(status="delivered", status_at=at)
    )


def apply_status(connection: Connection, report: StatusReport, at: datetime) -> Applied:
    """Let a provider's report change a message of ours, where it says more than is known.

    Any order of the same reports, repeated or not, ends in the same status and error. A status
    that is not in `STATUSES`, and any for a message that came in or was blocked, changes nothing. A report
    that names our id also teaches us the provider's.
    """
    message = _named(connection, report)
    if message is None:
        return Applied("not_found")
    changes: dict[str, Any] = {}
    same = _m.id == message.id
    if report.provider_ref and message.provider_ref is None and message.direction == "outbound":
        changes["provider_ref"] = report.provider_ref
    error = kept(report.error, _m.error) if report.status in FAILURES else ""
    outranks = _outranks(report.status, error)
    if outranks is not None:
        changed = connection.execute(
            schema.messages.update()
            .where(same, outranks)
            .values(status=report.status, error=error, status_at=at, **changes)
        )
        if changed.rowcount == 1:
            return Applied("changed", get(connection, message.id))
    if changes:
        connection.execute(schema.messages.update().where(same).values(changes))
        message = get(connection, message.id)
    return Applied("unchanged", message)


def _named(connection: Connection, report: StatusReport) -> Message | None:
    if report.message_id:
        message = _first(connection, _m.id == report.message_id)
        if message is not None:
            return message
    return get_by_provider_ref(connection, report.provider_ref) if report.provider_ref else None


def _outranks(status: str, error: str) -> sa.ColumnElement[bool] | None:
    """The condition on the row, decided by the database so that parallel reports cannot pass each other."""
    if status not in STATUSES:
        return None
    lower = _m.status.in_(STATUSES[: STATUSES.index(status)])
    # Of two reports of the same failure the one with the greater code stays: any rule will do that
    # does not depend on which came first.
    return sa.or_(lower, sa.and_(_m.status == status, _m.error < error)) if error else lower
