"""The facts that logs and traces may hold: an allow-list, so that personal data cannot slip in."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

SAFE: Final = frozenset(
    {
        # which one
        *("contact_id", "ticket_id", "customer_id", "agent_id", "delivery_id", "message_id"),
        *("request_id", "event_id", "recording_id", "outbox_id", "digest"),
        # what kind
        *("channel", "route", "method", "status", "outcome", "reason", "kind", "effect", "instruction"),
        *("flow", "node", "exit", "queue", "language", "runtime", "severity", "state", "fault"),
        *("command", "topic", "lease", "check", "task", "field", "code"),
        # how many, how long
        *("turn", "attempt", "attempts", "count", "seconds", "milliseconds", "bytes", "size", "limit"),
        *("pending", "dead", "open", "position", "version", "port", "host", "fence", "role"),
        # where it went wrong
        *("error", "cause", "place", "why", "remedy"),
    }
)
"""Names whose values are ids, words of our own or numbers. Never add one that a customer fills:
numbers, names, addresses, texts, keys pressed, URLs with parameters, a provider's parameters.
``error`` is an exception's type; ``why`` the message of one that promises to hold no personal data
(`StoreError`, `Forged`, `BadDelivery`, ...), and even there numbers and quoted words are hidden."""

_LONG_NUMBERS: Final = frozenset({"digest", "place", "cause"})
"""Names of texts that may hold long numbers; so may those of ids (``..._id``)."""

HIDDEN: Final = "***"
LONGEST: Final = 200
MOST_FRAMES: Final = 6

_ROOT: Final = Path(__file__).parents[2]
_DIGITS: Final = re.compile(r"\d{5,}")
_QUOTED: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")

Plain = str | int | float | bool | None


def safe(name: str, value: object) -> Plain:
    """``value`` if ``name`` may be told and it is plain, else what can be said instead."""
    if name not in SAFE:
        return HIDDEN
    if isinstance(value, str):
        if name == "error" and not value.isidentifier():
            return HIDDEN  # the message instead of the type
        if name == "why":
            return without_values(value)
        whole = name in _LONG_NUMBERS or name.endswith("_id")
        return (value if whole else without_numbers(value))[:LONGEST]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return type(value).__name__


def without_numbers(text: str) -> str:
    """``text`` with what may be a telephone number, an order or a card in it hidden."""
    return _DIGITS.sub(HIDDEN, text)


def without_values(text: str) -> str:
    """The first line of a foreign message with what is in quotes or a number hidden."""
    first = text.partition("\n")[0]
    return without_numbers(_QUOTED.sub(f"'{HIDDEN}'", first))[:LONGEST]


def error_facts(error: BaseException) -> dict[str, str]:
    """An exception as its type, what caused it, and where; its message may quote a customer."""
    facts = {"error": type(error).__name__, "place": _place(error.__traceback__)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        facts["cause"] = f"{type(cause).__name__} at {_place(cause.__traceback__, frames=1)}"
    return facts


def _place(trace: TracebackType | None, frames: int = MOST_FRAMES) -> str:
    """The innermost frames, the outer before the inner: ``web.py:88 answer > conductor.py:120 take``."""
    summary = traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False)[-frames:]
    return " > ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in summary)


def _short(filename: str) -> str:
    path = Path(filename)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
