"""``goto``: go on at another node; gives a place in the flow a second name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows.fields import way
from ivr_flows.flow import Node
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class Goto(Node):
    """Goes on elsewhere."""

    kind: ClassVar[str] = "goto"
    example: ClassVar[str] = """
kind: goto
next: goodbye
"""

    next: str = way("where to")

    def enter(self, visit: Visit) -> Move:
        """Go there."""
        return "next"
