"""Telephones: browsers that are connected just now, by identity and by number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from contact_center.local_carrier.messages import ToPhone

CUSTOMER: Final = "customer"
MOST_UNSENT: Final = 500
"""Lines that a browser may be behind; then it is as good as gone."""


class Phone:
    """One browser. ``identity``: client:<agent> or customer. ``number``: a customer's, '' = withheld."""

    def __init__(self, name: str, identity: str, address: str, number: str = "") -> None:
        self.name = name
        self.identity = identity
        self.address = address
        self.number = number
        self.calls: set[str] = set()
        self.lines: asyncio.Queue[ToPhone | None] = asyncio.Queue(MOST_UNSENT + 1)
        self.gone = False

    @property
    def is_agent(self) -> bool:
        return self.identity != CUSTOMER

    def tell(self, line: ToPhone) -> None:
        """Send a line; a browser that takes none is hung up on."""
        if self.gone:
            return
        if self.lines.qsize() >= MOST_UNSENT:
            self.hang_up()
        else:
            self.lines.put_nowait(line)

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
