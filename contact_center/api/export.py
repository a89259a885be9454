"""Contacts as lines of a file, CSV or JSON lines: for the API's stream and the CLI."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from contact_center.api.models import contacts as shapes
from crm_store.contacts import Contact

BATCH: Final = 500
COLUMNS: Final = tuple(shapes.Contact.model_fields)
"""Columns of the CSV: the fields of a contact, in order."""

CONTENT_TYPES: Final = {"csv": "text/csv", "jsonl": "application/jsonl"}

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def heading(form: str) -> str:
    """What stands before the first contact of an export in ``form``."""
    return _row(COLUMNS) if form == "csv" else ""


def as_lines(found: Iterable[Contact], form: str) -> str:
    """Contacts as lines of an export in ``form``, ``csv`` or ``jsonl``."""
    shown = [shapes.Contact.model_validate(contact) for contact in found]
    if form == "jsonl":
        return "".join(f"{contact.model_dump_json()}\n" for contact in shown)
    return "".join(_row(map(_cell, contact.model_dump(mode="json").values())) for contact in shown)


def _cell(value: object) -> str:
    if isinstance(value, list):
        value = " ".join(map(str, value))
    text = "" if value is None else str(value)
    # A spreadsheet would run a cell that begins like a formula; a caller may choose what stands in one.
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text[1:].isdigit() and text[0] in "+-"


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
