"""Sets of agents as whole numbers, bit n for the agent in slot n.

A set of ten thousand agents is a number of 1.25 kB: two are intersected in a fraction of a microsecond,
so that "free, with these skills and this language" costs the same however many agents there are.
"""

from __future__ import annotations

from collections.abc import Iterator


def slots(bits: int) -> Iterator[int]:
    """The slots that are in the set, the lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


class Sums:
    """A sum of whole numbers for each agent, kept by binary digit: ``planes[k]`` holds those with digit k
    set.

    Adding to many agents, and finding those with the highest sum, are a few operations on sets.
    """

    __slots__ = ("planes",)

    def __init__(self) -> None:
        self.planes: list[int] = []

    def add(self, bits: int, number: int) -> None:
        """Add ``number`` (not negative) to the sum of each agent in ``bits``."""
        digit = 0
        while number:
            if number & 1:
                self._carry(bits, digit)
            number >>= 1
            digit += 1

    def _carry(self, bits: int, digit: int) -> None:
        while bits:
            while digit >= len(self.planes):
                self.planes.append(0)
            plane = self.planes[digit]
            self.planes[digit] = plane ^ bits
            bits &= plane
            digit += 1

    def highest(self, among: int) -> int:
        """Those of ``among`` who have the highest sum."""
        for plane in reversed(self.planes):
            among = (among & plane) or among
        return among

    def of(self, bit: int) -> int:
        """The sum of one agent."""
        return sum(1 << digit for digit, plane in enumerate(self.planes) if plane & bit)


class Buckets:
    """Agents by a number that changes often; an agent who is not told of has 0."""

    __slots__ = ("_bits", "_known", "_sorted", "_values")

    def __init__(self) -> None:
        self._bits: dict[float, int] = {}
        self._values: dict[int, float] = {}
        self._known = 0
        self._sorted: list[float] | None = []

    def put(self, bit: int, slot: int, value: float) -> None:
        """The agent in ``slot`` has ``value`` (0 or more) from now on."""
        before = self._values.get(slot, 0.0)
        if before == value:
            return
        if before:
            self._leave(bit, before)
        if value:
            self._enter(bit, value)
            self._values[slot] = value
            self._known |= bit
        else:
            del self._values[slot]
            self._known &= ~bit

    def _leave(self, bit: int, value: float) -> None:
        left = self._bits[value] ^ bit
        if left:
            self._bits[value] = left
        else:
            del self._bits[value]
            self._sorted = None

    def _enter(self, bit: int, value: float) -> None:
        if value in self._bits:
            self._bits[value] |= bit
        else:
            self._bits[value] = bit
            self._sorted = None

    def value(self, slot: int) -> float:
        """The number of the agent in ``slot``."""
        return self._values.get(slot, 0.0)

    def highest_value(self) -> float:
        """The highest number that any agent has."""
        return max(self._bits, default=0.0)

    def lowest(self, among: int) -> int:
        """Those of ``among`` who have the lowest number."""
        known = among & self._known
        if known != among:
            return among ^ known
        if self._sorted is None:
            self._sorted = sorted(self._bits)
        for value in self._sorted:
            tied = self._bits[value] & among
            if tied:
                return tied
        return among
