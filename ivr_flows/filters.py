"""The filters that templates of a flow may use: a safe part of Jinja2's, and a few for speech."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from ivr_flows.keyed import FILTERS
from ivr_flows.phrases import phrase

_LONGEST: Final = 10_000
_MOST: Final = 100
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

BUILT_IN: Final = (
    "abs", "capitalize", "default", "d", "first", "float", "int", "last", "length", "count",
    "list", "lower", "round", "sort", "string", "sum", "title", "trim", "truncate", "unique",
    "upper", "urlencode",
)  # fmt: skip


def bounded(value: Any) -> list[Any]:
    """The first hundred items of ``value``: what a loop goes over."""
    if isinstance(value, Undefined):
        return list(value)
    return list(islice(value, _MOST)) if isinstance(value, Iterable) else []


def concat(parts: list[Any]) -> str:
    """``a ~ b``, of bounded length."""
    return "".join(str(part)[:_LONGEST] for part in parts)[:_LONGEST]


def join(value: Any, separator: str = "") -> str:
    """The items as one text, of bounded length."""
    return str(separator)[:_MOST].join(str(item) for item in bounded(value))[:_LONGEST]


def replace(value: Any, old: str, new: str) -> str:
    """``old`` replaced by ``new``, where neither is empty or long."""
    if not old or len(new) > _MOST:
        return str(value)
    return str(value)[:_LONGEST].replace(str(old), str(new))[:_LONGEST]


def spell(value: Any) -> str:
    """Characters one by one, so that a number is read out digit by digit: ``1 0 4``."""
    return " ".join(character for character in str(value)[:_MOST] if not character.isspace())


def _moment(context: Context, value: Any) -> datetime | None:
    """An aware time in the company's time zone (``company.timezone``, default UTC)."""
    if isinstance(value, Undefined):
        str(value)  # an unknown name is noted as such
        return None
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value))
        except ValueError:
            return None
    company = context.resolve("company")
    zone = company.get("timezone", "") if isinstance(company, dict) else ""
    local = _zone(str(zone))
    moment: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.astimezone(local)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):
        return UTC


def _language(context: Context) -> str:
    return str(context.resolve("language"))


@pass_context
def date(context: Context, value: Any) -> str:
    """A day as it is said: ``2 March``, ``3月2日``. Takes a time or ISO 8601 text."""
    moment = _moment(context, value)
    if moment is None:
        return ""
    if _language(context).startswith("zh"):
        return f"{moment.month}月{moment.day}日"
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


@pass_context
def time(context: Context, value: Any) -> str:
    """A time of day as it is said: ``3:30 pm``, ``下午3点30分``."""
    moment = _moment(context, value)
    if moment is None:
        return ""
    language = _language(context)
    half = phrase("am" if moment.hour < 12 else "pm", language)
    hour = moment.hour % 12 or 12
    if language.startswith("zh"):
        return f"{half}{hour}点" + (f"{moment.minute}分" if moment.minute else "")
    return f"{hour}:{moment.minute:02d} {half}" if moment.minute else f"{hour} {half}"


OWN: Final[dict[str, Any]] = {
    "bounded": bounded, "concat": concat, "join": join, "replace": replace, "spell": spell,
    "date": date, "time": time, **FILTERS,
}  # fmt: skip
