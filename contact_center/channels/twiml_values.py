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


_NUMBERS = {
    "en": ("$OOV_CLASS_DIGIT_SEQUENCE",),
    "zh": ("零", "一", "幺", "二", "三", "四", "五", "六", "七", "八", "九"),
}
"""What makes runs of digits likelier: Twilio's class token for them in English, the digits in Chinese."""

_MODELS = {"commands": "numbers_and_commands", "sentences": "phone_call"}
_PAUSE = 2
"""Seconds of silence that end what is said where Twilio must be told."""


def number_hints(language: str) -> tuple[str, ...]:
    """Words to expect where numbers may be said."""
    return _NUMBERS.get(language.partition("-")[0], ())


def speech_model(listens_for: str, language: str) -> tuple[tuple[str, str], ...]:
    """Attributes of the model to recognise speech with; none for the account's own.

    The model for telephone calls, the one that can be ``enhanced``, knows English, and not Chinese.
    """
    model = _MODELS.get(listens_for, "")
    if model == "phone_call":
        english = language.partition("-")[0] == "en"
        return (("speechModel", model), ("enhanced", "true")) if english else ()
    return (("speechModel", model),) if model else ()


def speech_timeout(pause: float, model: tuple[tuple[str, str], ...]) -> str:
    """Seconds of silence that end what is said; with a model named it cannot be ``auto`` (error 13327)."""
    if pause > 0:
        return str(whole_seconds(pause))
    return str(_PAUSE) if model else "auto"


def whole_seconds(value: float) -> int:
    """Whole seconds, at least one and at most ten minutes."""
    return min(600, max(1, math.ceil(value))) if math.isfinite(value) else 600
