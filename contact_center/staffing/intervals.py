"""Reads what is expected interval by interval: a CSV table or a YAML list with ``start``, ``calls`` and
``aht``."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

COLUMNS: Final = ("start", "calls", "aht")


class Interval(msgspec.Struct, frozen=True):
    """One interval: when it begins (as written), how many calls come in it, seconds that one takes."""

    start: str
    calls: float
    aht: float


class IntervalsError(Exception):
    """The file cannot be used; the text names file, row and column."""


def read_intervals(path: Path, aht: float | None) -> tuple[Interval, ...]:
    """The intervals of ``path`` (``.csv``, else YAML); ``aht``: for rows without one of their own.

    Raises `IntervalsError`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise IntervalsError(f"{path}: cannot be read: {error.strerror or 'unknown reason'}") from None
    except UnicodeDecodeError:
        raise IntervalsError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    rows = list(_csv(text) if path.suffix.lower() == ".csv" else _yaml(text, path))
    if not rows:
        raise IntervalsError(f"{path}: there are no intervals; write one row each: start, calls, aht")
    return tuple(_interval(row, f"{path} {where}", aht) for where, row in rows)


def _csv(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        filled = {(name or "").strip(): value for name, value in row.items() if value not in (None, "")}
        yield f"line {reader.line_num}", filled


def _yaml(text: str, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        # BaseLoader: else 08:30 would be read as a number in base 60.
        rows = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 makes only texts, lists, mappings
    except yaml.YAMLError:
        raise IntervalsError(f"{path}: is not YAML; mind indentation, quotes and colons") from None
    if not isinstance(rows, list):
        raise IntervalsError(f"{path}: must be a list with one entry an interval: start, calls, aht")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise IntervalsError(f"{path} [{number}]: must be a mapping: start, calls, aht")
        yield f"[{number}]", row


def _interval(row: Mapping[str, Any], where: str, aht: float | None) -> Interval:
    for name in row:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(COLUMNS)}"
            raise IntervalsError(f"{where}: there is no column '{name}'; {hint}")
    if "calls" not in row:
        raise IntervalsError(f"{where}: calls is missing")
    if "aht" not in row and aht is None:
        raise IntervalsError(f"{where}: aht is missing; write it in the row, or give --aht for all")
    seconds = _number(row["aht"], f"{where}: aht") if "aht" in row else aht
    assert seconds is not None
    return Interval(str(row.get("start", "")), _number(row["calls"], f"{where}: calls"), seconds)


def _number(value: Any, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise IntervalsError(f"{where}: '{value}' is not a number") from None
    if not math.isfinite(number) or number < 0:
        raise IntervalsError(f"{where}: must not be negative or endless")
    return number
