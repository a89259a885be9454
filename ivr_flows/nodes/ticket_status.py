"""``ticket_status``: what became of a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import TicketStatus as TicketStatusEffect
from ivr_flows.expressions import Template
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.inputs import AnyInput, Done
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class TicketStatus(Node):
    """Finds out how a ticket stands, by its number."""

    kind: ClassVar[str] = "ticket_status"
    example: ClassVar[str] = """
kind: ticket_status
number: "{{ ticket_number }}"
save_as: ticket
found: goodbye
missing: goodbye
on_error: goodbye
"""

    number: Template = spec(read.template, "the ticket's number")
    save_as: str = spec(
        read.saved_as, "variable for number, spoken_number, status, due_at and subject", "ticket"
    )
    found: str = way("where to when there is such a ticket")
    missing: str = way("where to when there is none")
    on_error: str = way("where to when it cannot be asked", "missing", quiet=True)

    def enter(self, visit: Visit) -> Move:
        """Ask for it."""
        return TicketStatusEffect(visit.render(self.number).strip())

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Keep what was found."""
        if not isinstance(given, Done):
            return "on_error"
        visit.save(self.save_as, given.result)
        return "found" if given.result.get("found") else "missing"
