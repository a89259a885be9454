"""What is found in a message."""

from __future__ import annotations

import msgspec


class Entity(msgspec.Struct, frozen=True):
    """An entity found at text[start:end]; ``value`` is its normal form (synonyms, E.164, ...)."""

    entity: str
    start: int
    end: int
    value: str
    role: str | None = None
