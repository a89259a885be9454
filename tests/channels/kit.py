"""The channel kit: what every channel must get right, as a table of cases that each channel fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contact_center.channels.base import AnyEvent, BadDelivery, Channel, Delivery, Forged, Inbound


@dataclass(frozen=True)
class Good:
    """A request and what it means; ``fields`` are fields of the delivery, ``opens`` of its new contact."""

    name: str
    inbound: Inbound
    event: AnyEvent
    fields: dict[str, Any] = field(default_factory=dict)
    opens: dict[str, Any] | None = None


@dataclass(frozen=True)
class Bad:
    """A request that is refused with ``status``."""

    name: str
    inbound: Inbound
    status: int = 400


@dataclass(frozen=True)
class Pair:
    """Two requests that are one delivery (``same``) or two."""

    name: str
    one: Inbound
    other: Inbound
    same: bool


@dataclass(frozen=True)
class Kit:
    """A channel and its cases. ``secrets`` must be in no error that any of its requests cause."""

    channel: Channel
    good: list[Good]
    bad: list[Bad]
    forged: list[tuple[str, Inbound]]
    pairs: list[Pair]
    secrets: list[str]
    random: Callable[[str, list[tuple[str, str]], list[tuple[str, str]], bytes], Inbound]
    """Makes an unsigned request of route, query, form and body."""


def read(channel: Channel, inbound: Inbound) -> Delivery | BadDelivery | Forged:
    """The delivery, or why there is none; anything else that is raised is a fault."""
    try:
        channel.verify(inbound)
        return channel.parse(inbound)
    except (BadDelivery, Forged) as refusal:
        return refusal


def changed(inbound: Inbound, **fields: Any) -> Inbound:
    """The request with other fields, its signature kept."""
    return msgspec.structs.replace(inbound, **fields)
