"""``last_agent``: who served the customer last."""

from __future__ import annotations

from typing import ClassVar

from contact_center.agent import AVAILABLE
from contact_center.routing.model import Item
from contact_center.routing.strategies.base import Find, Preferring


class LastAgent(Preferring):
    """The item's ``last_agent`` while on duty; nobody stands in for them."""

    name: ClassVar[str] = "last_agent"

    def agents(self, item: Item, find: Find) -> list[str]:
        """The last agent, or nobody."""
        agent = find(item.last_agent) if item.last_agent else None
        return [item.last_agent] if agent is not None and agent.presence == AVAILABLE else []
