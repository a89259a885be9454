"""Telephones: browsers that are connected just now, by identity and by number."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Final

from contact_center.local_carrier.messages import ToPhone

CUSTOMER: Final = "customer"
MOST_UNSENT: Final = 500
"""Lines that a browser may be behind; then it is as good as gone."""

MOST_KEPT: Final = 200
"""Lines that are said again to a browser whose connection broke."""

Lines = asyncio.Queue[ToPhone | None]
"""What is to be sent over one connection; None = and then close it."""


class Phone:
    """One browser. ``identity``: client:<agent> or customer. ``number``: a customer's, '' = withheld.

    ``name`` is its secret too: whoever knows it can `resume` it. ``lines`` belong to its present connection.
    ``heard``: how many lines came from it.
    """

    def __init__(self, name: str, identity: str, address: str, number: str = "") -> None:
        self.name = name
        self.identity = identity
        self.address = address
        self.number = number
        self.calls: set[str] = set()
        self.lines: Lines = asyncio.Queue(MOST_UNSENT + 1)
        self.heard = 0
        self.gone = False
        self._told = 0
        self._kept: deque[ToPhone] = deque(maxlen=MOST_KEPT)

    @property
    def is_agent(self) -> bool:
        return self.identity != CUSTOMER

    def tell(self, line: ToPhone) -> None:
        """Send a line; a browser that takes none is hung up on."""
        if self.gone:
            return
        if self.lines.qsize() >= MOST_UNSENT:
            self.hang_up()
            return
        self._told += 1
        self._kept.append(line)
        self.lines.put_nowait(line)

    def resume(self, heard: int) -> bool:
        """Go on over a new connection, for a browser that has heard so many lines; the old one, where it is
        still open, is closed. False where it is gone, or what it has missed is not known any more."""
        missed = self._told - heard
        if self.gone or not 0 <= missed <= len(self._kept):
            return False
        self.lines.put_nowait(None)
        self.lines = asyncio.Queue(MOST_UNSENT + 1)
        for line in list(self._kept)[len(self._kept) - missed :]:
            self.lines.put_nowait(line)
        return True

    def hang_up(self) -> None:
        """Close the connection after what was told."""
        if not self.gone:
            self.gone = True
            self.lines.put_nowait(None)


class Phones:
    """All of them."""

    def __init__(self) -> None:
        self._phones: dict[str, Phone] = {}

    def __iter__(self) -> Iterator[Phone]:
        return iter(tuple(self._phones.values()))

    def add(self, phone: Phone) -> None:
        self._phones[phone.name] = phone

    def remove(self, phone: Phone) -> None:
        phone.gone = True
        self._phones.pop(phone.name, None)

    def of(self, name: str, identity: str) -> Phone | None:
        """The telephone of that secret name, if it is that identity's."""
        found = self._phones.get(name)
        return found if found is not None and found.identity == identity else None

    def at(self, address: str) -> list[Phone]:
        """Those that ring for ``address``: client:<agent>, or a customer's number."""
        if not address:
            return []
        return [
            phone
            for phone in self
            if phone.identity == address or (phone.identity == CUSTOMER and phone.number == address)
        ]

    def calls_from(self, address: str) -> int:
        """Calls that customers at one network address have."""
        return sum(len(phone.calls) for phone in self if phone.address == address and not phone.is_agent)
