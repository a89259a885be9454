"""Tickets as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Paging, Prose, Severity, Shown, Time, Word


class Ticket(Shown):
    """Something a customer wants mended."""

    id: str
    number: str = Field(description="Eight digits to be read out over the phone")
    category: str
    subject: str
    description: str
    status: str
    severity: str
    priority: int = Field(description="1 (first) to 4")
    queue: str
    contact_back: str = Field(description="Where the customer wants to be reached")
    order_number: str
    customer_id: str | None
    assignee_id: str | None
    contact_id: str | None = Field(description="The contact that opened it")
    version: int
    opened_at: datetime
    due_at: datetime
    updated_at: datetime
    resolved_at: datetime | None


class TicketEvent(Shown):
    """One line of a ticket's history."""

    seq: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]


class LinkedTicket(Shown):
    """Another ticket about the same matter."""

    id: str
    number: str
    subject: str
    status: str


class TicketDetail(Ticket):
    """A ticket with its history, its contacts, and what may be done to it now."""

    history: list[TicketEvent]
    contact_ids: list[str]
    links: list[LinkedTicket] = Field(description="Other tickets about the same matter")
    overdue: bool
    allowed: list[str] = Field(description="The actions that its status allows")


class TicketQuery(Paging):
    """Parameters of the list of tickets."""

    status: Literal["open", "in_progress", "waiting", "resolved", "closed"] | None = None
    open: bool | None = Field(default=None, description="Still to be worked on, or not")
    assignee: Word | None = Field(default=None, description="Id of the agent")
    unassigned: bool | None = None
    overdue: bool = Field(default=False, description="Only those that should have been settled by now")
    queue: Word | None = None
    customer: Word | None = Field(default=None, description="Id of the customer")
    priority: Annotated[int, Field(ge=1, le=4)] | None = None
    severity: Severity | None = None
    category: Word | None = None
    order_number: Word | None = None
    since: Time | None = Field(default=None, description="Opened at this instant or later")
    until: Time | None = Field(default=None, description="Opened before this instant")
    order: Literal["newest", "work"] = Field(
        default="newest", description="`work`: by priority, then by due time, most pressing first"
    )


class NewTicket(Given):
    """A complaint or request; joins the customer's open ticket about the same order where there is one."""

    category: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "complaint"
    subject: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    description: Prose = ""
    severity: Severity = "normal"
    queue: Annotated[str, StringConstraints(max_length=80)] = Field(
        default="", description="Empty: the queue for tickets in the configuration"
    )
    contact_back: Annotated[str, StringConstraints(max_length=255)] = ""
    order_number: Annotated[str, StringConstraints(max_length=40)] = ""
    customer_id: Word | None = None
    contact_id: Word | None = Field(
        default=None, description="The contact it came up in; the SLA counts from its start"
    )


class OpenedTicket(Ticket):
    """The ticket that was opened, or joined."""

    joined: bool


class Claim(Given):
    """Who takes it."""

    agent_id: Word | None = Field(default=None, description="None: the agent whose token it is")


class TicketNote(Given):
    """Words for whoever looks at it later."""

    text: Annotated[Prose, StringConstraints(min_length=1)]


class Reassign(Given):
    """To whom it goes: an agent, or (without one) nobody in particular in a queue."""

    agent_id: Word | None = None
    queue: Annotated[str, StringConstraints(max_length=80)] = ""
    reason: Annotated[str, StringConstraints(max_length=2000)] = ""


class Prioritise(Given):
    """Another place among the others."""

    priority: Annotated[int, Field(ge=1, le=4)] = Field(description="1 (first) to 4")
    reason: Annotated[str, StringConstraints(max_length=2000)] = ""


class LinkContact(Given):
    """The contact in which the ticket came up."""

    contact_id: Word


class LinkTicket(Given):
    """The other ticket about the same matter."""

    ticket: Word = Field(description="Its number or id")


class Reason(Given):
    """Why."""

    reason: Annotated[str, StringConstraints(max_length=2000)] = ""


class Resolve(Given):
    """How it was settled."""

    resolution: Prose = ""
