"""Entities that follow rules of the world rather than of one company: phone, e-mail, date, amount.

A project that declares an entity of one of these names gets its recogniser. `reading` prepares a
message once for all of them (`numerals`, `quantities`, and `bot.embedded.spoken_digits` for numbers
that name something). The patterns here keep the law of `bot.embedded.patterns`, so that hostile text
costs no more than friendly text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.embedded.recognisers.amounts import find_amounts
from bot.embedded.recognisers.dates import find_dates
from bot.embedded.recognisers.emails import find_emails
from bot.embedded.recognisers.phones import find_phones
from bot.embedded.recognisers.reading import Reading

Found = tuple[int, int, str]
"""Start, end and value of an entity in the text."""

RECOGNISERS: dict[str, Callable[[Reading], Iterator[Found]]] = {
    "phone": find_phones,
    "email": find_emails,
    "date": find_dates,
    "amount": find_amounts,
}
