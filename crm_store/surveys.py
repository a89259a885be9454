"""Answers to customer-satisfaction surveys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.words import kept


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `surveys`: ``score`` is 1 (bad) to 5 (good)."""

    id: str
    contact_id: str
    survey: str
    score: int
    comment: str = ""
    at: datetime


_s = schema.surveys.c
_ALL = sa.select(*schema.surveys.c)


def row(answer: Survey) -> dict[str, Any]:
    """The row of an answer, for `Unit.insert`. Raises `ValueError` for a score outside 1 to 5."""
    if not 1 <= answer.score <= 5:
        raise ValueError("a survey's score is 1 (bad) to 5 (good)")
    return msgspec.structs.asdict(answer) | {"comment": kept(answer.comment)}


def list_for_contact(connection: Connection, contact_id: str) -> list[Survey]:
    """What the customer answered during a contact, oldest first."""
    statement = _ALL.where(_s.contact_id == contact_id).order_by(_s.at, _s.id)
    return [Survey(**found._mapping) for found in connection.execute(statement)]
