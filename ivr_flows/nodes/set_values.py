"""``set``: gives variables values, and notes a reason or tags on the contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import UpdateContact
from ivr_flows.expressions import Template
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.inputs import AnyInput
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class SetValues(Node):
    """Sets variables, in the order written."""

    kind: ClassVar[str] = "set"
    example: ClassVar[str] = """
kind: set
values:
  desk: billing
  attempts: "= (attempts or 0) + 1"
  greeting: "Hello {{ contact.from_address }}"
tags: [billing]
reason: asked about a bill
next: goodbye
"""

    values: dict[str, Any] = spec(
        read.mapping_of(read.body, read.saved_as), "name: template, or '= expression'", None
    )
    tags: tuple[Template, ...] = spec(read.list_of(read.template), "tags to add to the contact", ())
    reason: Template | None = spec(read.template, "what the contact is about", None)
    next: str = way("where to after it")

    def enter(self, visit: Visit) -> Move:
        """Set them; ask for the contact to be noted where there is something to note."""
        for name, value in (self.values or {}).items():
            visit.save(name, visit.value(value))
        if not self.tags and self.reason is None:
            return "next"
        tags = tuple(tag for tag in map(visit.render, self.tags) if tag)
        return UpdateContact(reason=visit.render(self.reason), tags=tags)

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Go on, whether it could be noted or not."""
        return "next"
