"""``owner_first``: whose customer it is, or who stands in for them."""

from __future__ import annotations

from typing import ClassVar

from contact_center.agent import AVAILABLE
from contact_center.routing.model import Item
from contact_center.routing.strategies.base import Find, Preferring


class OwnerFirst(Preferring):
    """The item's ``owners`` in their order. In the place of one who is not on duty comes their stand-in, or
    the stand-in's, and so on; nobody when the chain ends or comes round to where it was."""

    name: ClassVar[str] = "owner_first"

    def agents(self, item: Item, find: Find) -> list[str]:
        """Owners on duty, or who stands in for them."""
        found = (on_duty(owner, find) for owner in item.owners)
        return [agent_id for agent_id in found if agent_id]


def on_duty(agent_id: str, find: Find) -> str:
    """The agent, or the first one on duty along the chain of stand-ins; '' when there is none."""
    seen: set[str] = set()
    while agent_id and agent_id not in seen:
        seen.add(agent_id)
        agent = find(agent_id)
        if agent is None:
            return ""
        if agent.presence == AVAILABLE:
            return agent_id
        agent_id = agent.stand_in
    return ""
