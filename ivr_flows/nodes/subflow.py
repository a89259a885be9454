"""``subflow`` and ``return``: a part of the conversation that several flows share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.fields import spec, way
from ivr_flows.flow import END, Exit, Node
from ivr_flows.visit import RETURN, Call, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Subflow(Node):
    """Goes through another flow and comes back. Variables are shared with it."""

    kind: ClassVar[str] = "subflow"
    example: ClassVar[str] = """
kind: subflow
flow: example
pass: {matter: "order {{ order_number }}"}
next: goodbye
"""

    flow: str = spec(read.name, "the flow's name")
    pass_: dict[str, Any] = spec(
        read.mapping_of(read.body, read.saved_as), "variables to set on the way in", None
    )
    next: str = way("where to when it returns")

    def enter(self, visit: Visit) -> Move:
        """Go in."""
        return Call(self.flow, {name: visit.value(v) for name, v in (self.pass_ or {}).items()})


@dataclass(frozen=True, kw_only=True)
class Return(Node):
    """Goes back to the flow around this one; where there is none, the contact ends."""

    kind: ClassVar[str] = "return"
    example: ClassVar[str] = """
kind: return
"""

    def enter(self, visit: Visit) -> Move:
        """Go back."""
        return RETURN

    def exits(self) -> Iterator[Exit]:
        """Back."""
        yield Exit("return", END, "")
