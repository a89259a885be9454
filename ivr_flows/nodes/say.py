"""``say``: words for the customer, and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.expressions import Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class Say(Node):
    """Says something and goes on."""

    kind: ClassVar[str] = "say"
    example: ClassVar[str] = """
kind: say
text: {en: "Welcome to Lakeside Outdoor.", zh: "欢迎致电湖畔户外。"}
next: goodbye
"""

    text: Text = spec(read.text, "what is said, by language")
    next: str = way("where to after it")

    def enter(self, visit: Visit) -> Move:
        """Say it."""
        visit.say(self.text)
        return "next"
