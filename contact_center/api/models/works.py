"""Work on its way to agents: works, offers, presence, lines, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Line, Shown, Word

Note = Annotated[str, StringConstraints(max_length=10_000)]


class Who(Shown):
    """The customer of a contact or ticket, as far as they are known."""

    customer_id: str | None = Field(description="Null: nobody knows who it is")
    name: str = Field(description="Of an unknown visitor of the web chat: what they say it is")
    tier: str
    language: str
    channel: str
    address: str = Field(description="Where they write or call from")
    ticket: str = Field(description="Number of the ticket that it is about")
    subject: str


class Work(Shown):
    """Something that waits for an agent or is with one: a call, chat, text, ticket, callback or consult."""

    id: str
    kind: str
    contact_id: str | None
    ticket_id: str | None
    callback_id: str | None
    for_work: str | None = Field(description="Of a consult: the work that it is about")
    state: str = Field(description="waiting, offered, connecting, active, wrap_up or done")
    queue: str
    priority: int
    language: str
    tier: str
    required: dict[str, int]
    owners: list[str]
    wanted: str = Field(description="The one agent it is for, empty for anybody's")
    reason: str
    queued_at: datetime = Field(description="Its place in line, kept through every transfer")
    entered_at: datetime
    not_before: datetime | None
    agent_id: str | None
    offer_id: str | None
    accepted_at: datetime | None
    held_at: datetime | None = Field(description="Since when the customer is on hold")
    due_at: datetime | None = Field(description="When a wrap-up ends by itself, or connecting is given up")
    ended_at: datetime | None
    outcome: str
    disposition: str
    note: str
    muted: bool = Field(description="The agent is not heard in the call")
    recording: str = Field(description="Of the call: on, paused, or empty where none is made")
    version: int
    who: Who | None = Field(description="Whom it is about")
    agent_name: str
    wanted_name: str


class WorkQuery(Given):
    """Parameters of the list of works."""

    queue: Word | None = None
    agent_id: Word | None = None
    state: Literal["waiting", "offered", "connecting", "active", "wrap_up"] | None = None


class Offer(Shown):
    """An agent was asked to take work, until ``expires_at``."""

    id: str
    work_id: str
    agent_id: str
    queue: str
    state: str = Field(description="pending, accepted, declined, expired or revoked")
    auto_accept: bool
    offered_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class Accept(Given):
    """Who accepts; left out with an agent's own token."""

    agent_id: Word | None = None


class Decline(Accept):
    """Who declines, and why."""

    reason: Line = ""


class Presence(Given):
    """What an agent's presence shall be."""

    presence: Literal["available", "break", "offline"]
    reason: Annotated[str, StringConstraints(max_length=80)] = Field(default="", description="Of a break")
    overtime: bool = Field(default=False, description="Work although the shift is over")


class AgentState(Shown):
    """How an agent is doing at work."""

    id: str
    presence: str = Field(description="available, break, not_responding or offline")
    status: str = Field(
        description="available, offered, on_contact, wrap_up, break, not_responding or offline"
    )
    reason: str
    since: datetime
    idle_since: datetime
    holding: dict[str, Any] = Field(description="Kind, stage and since when of each work that is held")
    version: int


class Switch(Given):
    """On or off."""

    on: bool


class Recording(Given):
    """What to do with the recording of a call."""

    what: Literal["start", "pause", "resume", "stop"]


class Target(Given):
    """Where work shall go: exactly one of them."""

    queue: Word | None = None
    agent_id: Word | None = None
    number: Annotated[str, StringConstraints(min_length=3, max_length=40)] | None = Field(
        default=None, description="Somebody outside, for calls"
    )
    reason: Line = ""


class WrapUp(Given):
    """How the work came out."""

    disposition: Annotated[str, StringConstraints(max_length=80)] = ""
    note: Note = ""


class Reason(Given):
    """Why."""

    reason: Line = ""


class HandBack(Given):
    """What goes with a customer who is given back to the bot."""

    note: Annotated[str, StringConstraints(max_length=500)] = Field(
        default="", description="What the bot should know, in its slot agent_note"
    )


class Mode(Given):
    """How a supervisor joins a call."""

    mode: Literal["listen", "whisper", "barge"]


class Decision(Shown):
    """One event of routing, as it is journaled."""

    at: datetime
    kind: str
    data: dict[str, Any]


class Explanation(Shown):
    """Why a contact went to whom."""

    contact_id: str
    decisions: list[Decision]
    names: dict[str, str] = Field(description="Names of the agents in it, by id")
    lines: list[str] = Field(description="The same in words")


class QueueLine(Shown):
    """How a queue stands now."""

    queue: str
    waiting: int
    offered: int
    longest_wait: float = Field(description="Seconds since the first was queued; 0 where nobody waits")
    expected_wait: float | None = Field(description="Seconds for who comes now; null: nobody can tell")
    expected_low: float | None
    expected_high: float | None
    sure: str = Field(description="How sure the expected wait is: high, medium, low or none")
