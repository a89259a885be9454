"""``look_up``: finds a customer, an order or a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import LookUp as LookUpEffect
from ivr_flows.expressions import Template
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.inputs import AnyInput, Done
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class LookUp(Node):
    """Looks something up in the store; what belongs to somebody else counts as missing."""

    kind: ClassVar[str] = "look_up"
    example: ClassVar[str] = """
kind: look_up
what: order
by: number
value: "{{ order_number }}"
save_as: order
found: goodbye
missing: goodbye
on_error: goodbye
"""

    what: str = spec(read.one_of("customer", "order", "ticket"), "what is looked for")
    by: str = spec(read.one_of("number", "caller"), "by a number, or the latest of the caller's", "number")
    value: Template | None = spec(read.template, "the number", None)
    save_as: str = spec(read.saved_as, "variable for the record")
    found: str = way("where to when it is there")
    missing: str = way("where to when it is not")
    on_error: str = way("where to when the store cannot be asked", "missing", quiet=True)

    def enter(self, visit: Visit) -> Move:
        """Ask for it."""
        return LookUpEffect(self.what, self.by, visit.render(self.value).strip())

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Keep the record that was found."""
        if not isinstance(given, Done):
            return "on_error"
        found = bool(given.result.get("found")) and bool(given.result.get("allowed", True))
        visit.save(self.save_as, given.result.get("record") or {} if found else {})
        return "found" if found else "missing"
