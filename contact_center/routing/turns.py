"""Whose turn it is in a queue that goes round: turns taken, and turns that are made up.

Whoever was busy or away when their turn came has taken fewer turns than the others, and so comes first until
they are even. At most `MAKE_UP` turns are made up that way: what an agent lags behind beyond that is forgiven
when they take their next turn, so that nobody back from a long absence gets every contact of the next hour.
Forgiven turns live in memory; after a failover up to `MAKE_UP` turns may be made up once more.
"""

from __future__ import annotations

from typing import Final

from contact_center.routing.bits import Buckets

MAKE_UP: Final = 3
"""Turns that an agent gets back at most after an absence."""


class Turns:
    """The turns of one queue. ``taken``: by whom; ``counts``: with what was forgiven, which is what agents
    are compared by."""

    __slots__ = ("_forgiven", "counts", "taken")

    def __init__(self) -> None:
        self.taken = Buckets()
        self.counts = Buckets()
        self._forgiven: dict[str, int] = {}

    def count(self, agent_id: str, bit: int, slot: int, taken: int) -> None:
        """So many turns has the agent taken."""
        self.taken.put(bit, slot, taken)
        self.counts.put(bit, slot, taken + self._forgiven.get(agent_id, 0))

    def drop(self, bit: int, slot: int) -> None:
        """The agent is no more; what was forgiven stays, in case of a return."""
        self.taken.put(bit, slot, 0)
        self.counts.put(bit, slot, 0)

    def forgive(self, agent_id: str, slot: int) -> int:
        """Before a turn is taken: forgive what the agent lags behind too far. How many turns that is."""
        lag = int(self.counts.highest_value() - self.counts.value(slot)) - MAKE_UP
        if lag <= 0:
            return 0
        self._forgiven[agent_id] = self._forgiven.get(agent_id, 0) + lag
        return lag

    def take_back(self, agent_id: str, number: int) -> None:
        """A turn came to nothing, and with it what was forgiven for it."""
        self._keep(agent_id, self._forgiven.get(agent_id, 0) - number)

    def forget(self, agent_id: str, slot: int) -> None:
        """Old turns have ceased to count: nobody may be ahead of all others by what was forgiven alone."""
        lag = int(self.taken.highest_value() - self.taken.value(slot))
        self._keep(agent_id, min(lag, self._forgiven.get(agent_id, 0)))

    def _keep(self, agent_id: str, number: int) -> None:
        if number > 0:
            self._forgiven[agent_id] = number
        else:
            self._forgiven.pop(agent_id, None)

    def forgiven(self) -> list[str]:
        """Who has had turns forgiven."""
        return list(self._forgiven)
