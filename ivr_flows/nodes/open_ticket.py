"""``open_ticket``: opens a ticket with what the flow has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import OpenTicket as OpenTicketEffect
from ivr_flows.expressions import Template
from ivr_flows.fields import spec, way
from ivr_flows.flow import PERSON, Node
from ivr_flows.inputs import AnyInput, Done
from ivr_flows.visit import Move, Visit

SEVERITIES = ("low", "normal", "high", "urgent")


@dataclass(frozen=True, kw_only=True)
class OpenTicket(Node):
    """Opens a ticket, or joins the open one about the same order."""

    kind: ClassVar[str] = "open_ticket"
    example: ClassVar[str] = """
kind: open_ticket
category: complaint
subject: "Order {{ order_number }}"
description: "{{ words }}"
order: "{{ order_number }}"
severity: high
contact_back: "{{ contact.from_address }}"
queue: complaints
save_as: ticket
next: goodbye
on_error: goodbye
"""

    category: Template = spec(read.template, "what sort of ticket it is")
    subject: Template = spec(read.template, "its title")
    description: Template | None = spec(read.template, "what the customer said", None)
    order: Template | None = spec(read.template, "the number of the order it is about", None)
    severity: Template | None = spec(read.template, "low, normal (also for other words), high, urgent", None)
    contact_back: Template | None = spec(read.template, "how to reach the customer", None)
    queue: Template | None = spec(read.template, "the queue that works on it", None)
    save_as: str = spec(
        read.saved_as, "variable for number, spoken_number, joined, priority and due_at", "ticket"
    )
    next: str = way("where to with the ticket open")
    on_error: str = way("where to when it cannot be opened", PERSON, quiet=True)

    def enter(self, visit: Visit) -> Move:
        """Ask for the ticket."""
        severity = visit.render(self.severity).strip()
        return OpenTicketEffect(
            category=visit.render(self.category), subject=visit.render(self.subject),
            description=visit.render(self.description),
            order_number=visit.render(self.order).strip(),
            severity=severity if severity in SEVERITIES else "normal",
            contact_back=visit.render(self.contact_back), queue=visit.render(self.queue),
        )  # fmt: skip

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Keep the ticket's number."""
        if not isinstance(given, Done):
            return "on_error"
        visit.save(self.save_as, given.result)
        return "next"
