"""Words of people as every database can keep them."""

from __future__ import annotations

import sqlalchemy as sa


def kept(text: str, column: sa.Column[str] | None = None) -> str:
    """``text`` without what a database refuses, cut to what ``column`` holds.

    NUL characters are dropped (PostgreSQL keeps none), lone surrogates become ``?``. For words of customers,
    for whom half a sentence kept is better than a call that fails; never for keys.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    text = text.replace("\0", "")
    length: int | None = getattr(column.type, "length", None) if column is not None else None
    return text if length is None else text[:length]
