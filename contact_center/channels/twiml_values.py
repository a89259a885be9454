"""What our instructions name, as Twilio takes it: queues, targets, hints and times within its limits."""

from __future__ import annotations

import math
from collections.abc import Iterable

from contact_center.channels.markup import attribute, without_forbidden
from contact_center.channels.twilio_request import bounded
from crm_store.addresses import parse_address
from ivr_flows.instructions import Connect

_MOST_HINTS, _LONGEST_HINT, _LONGEST_HINTS = 500, 100, 5_000
_LONGEST_TARGET = 255
_LONGEST_QUEUE = 64


def queue_name(queue: str) -> str:
    """Twilio's name of one of our queues: at most 64 characters."""
    name = without_forbidden(queue).strip() or "queue"
    return bounded(name, _LONGEST_QUEUE)


def target_of(item: Connect, region: str | None) -> str:
    """Whom to dial; '' where nobody is named. A number is given its country code."""
    target = without_forbidden(item.target).strip()[:_LONGEST_TARGET]
    if item.target_kind in ("sip", "client") or not target:
        return target
    address = parse_address(target, region=region)
    return address.value if address.kind == "phone" else target


def is_number(value: str) -> bool:
    """Whether ``value`` may be shown as caller id: a real number with country code."""
    return value.startswith("+") and parse_address(value).kind == "phone"


def hints_of(hints: Iterable[str]) -> str:
    """Words to expect, as Twilio takes them: separated by commas, at most 500 of 100 characters."""
    kept: list[str] = []
    room = _LONGEST_HINTS
    for hint in dict.fromkeys(" ".join(hint.replace(",", " ").split()) for hint in hints):
        room -= len(hint) + 1
        if room < 0 or len(kept) == _MOST_HINTS:
            break
        if hint and len(hint) <= _LONGEST_HINT:
            kept.append(hint)
    return attribute(",".join(kept))


def whole_seconds(value: float) -> int:
    """Whole seconds, at least one and at most ten minutes."""
    return min(600, max(1, math.ceil(value))) if math.isfinite(value) else 600
