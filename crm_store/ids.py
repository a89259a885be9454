"""Ids that sort by time: new rows land at the end of every index; a list by id is a list by age."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from random import Random

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


class Ids:
    """Makes ids such as ``con_01jd8m9k4x7yq2w3e4r5t6y7z8``: a word for the kind, 48 bits of
    milliseconds, 80 of randomness (the layout of a ULID).

    Ids of one maker always rise, also within a millisecond (or when the clock steps back): the order of
    ids is the order of making.

    ``now`` and ``random`` are passed in, so that tests and replays get the same ids. Any thread may call it.
    """

    def __init__(self, now: Callable[[], datetime], random: Random) -> None:
        self._now = now
        self._random = random
        self._last = 0
        self._lock = threading.Lock()

    def new(self, kind: str) -> str:
        """A fresh id; ``kind`` is a short lower-case word (``con``, ``cus``, ``tkt``, ...)."""
        milliseconds = int(self._now().timestamp() * 1000)
        with self._lock:
            number = (milliseconds << 80) | self._random.getrandbits(80)
            if number >> 80 <= self._last >> 80:
                number = self._last + 1
            self._last = number
        return _written(kind, number)


def first_id(kind: str, at: datetime) -> str:
    """The least id that could have been made at ``at``: all ids made before it are less."""
    return _written(kind, int(at.timestamp() * 1000) << 80)


def _written(kind: str, number: int) -> str:
    pairs = _PAIRS
    text = "".join([pairs[(number >> shift) & 1023] for shift in range(120, -1, -10)])
    return f"{kind}_{text}"
