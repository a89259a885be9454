"""Agents, queues, calendars, tokens and the audit trail as the API shows and takes them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import ConfigDict, Field, StringConstraints

from contact_center.agent import status_of
from contact_center.api.models.common import Given, Language, Paging, Role, Shown, Time, Word
from crm_store import agents, queues
from crm_store.agent_states import AgentState

SLUG = re.compile(r"[a-z][a-z0-9_-]{0,79}")
Slug = Annotated[str, StringConstraints(pattern=rf"^{SLUG.pattern}$")]
Skills = Annotated[dict[Slug, Annotated[int, Field(ge=1, le=10)]], Field(max_length=100)]
Clock = Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reach = Literal["client", "phone", "sip"]
Medium = Literal["call", "chat", "text", "ticket"]
Alternative = Annotated[dict[Medium, Annotated[int, Field(ge=0, le=100)]], Field(min_length=1)]

_REACH = "How calls get there: `client` is the desk in the browser, `phone` and `sip` the addresses below"
_CAPACITY = (
    'What may be held at once, as alternatives: `[{"call": 1}, {"chat": 3, "ticket": 1}]`; '
    "null for what the configuration says for all"
)
_STAND_IN = "The agent who serves this one's customers meanwhile"
_SHIFTS = "The calendar of working hours; empty for any time"
_ROUTING = (
    "How its work finds an agent: strategy, order, rings, overflow and more, as the guide to routing says"
)


class Agent(Shown):
    """A person who serves customers."""

    id: str
    name: str
    email: str
    role: str
    languages: list[str]
    phone: str
    active: bool
    skills: dict[str, int] = Field(description="Level of each skill, 1 (learning) to 10 (expert)")
    reach: str = Field(description=_REACH)
    sip: str
    capacity: list[dict[str, int]] | None = Field(description=_CAPACITY)
    stand_in_id: str | None = Field(description=_STAND_IN)
    shifts: str = Field(description=_SHIFTS)
    presence: str = Field(description="available, break, not_responding or offline")
    reason: str = Field(description="Of a break")
    since: datetime | None = Field(description="Since when in this presence; null before the first one")
    status: str = Field(description="Presence with work: also offered, on_contact or wrap_up")
    version: int
    created_at: datetime

    @classmethod
    def of(cls, agent: agents.Agent, state: AgentState) -> Agent:
        """An agent with how they are doing at work."""
        at_work = {
            "presence": state.presence,
            "reason": state.reason,
            "since": state.since if state.version >= 0 else None,
            "status": status_of(state),
        }
        return cls.model_validate(msgspec.structs.asdict(agent) | at_work)


class AgentQuery(Given):
    """Parameters of the list of agents."""

    active: bool | None = Field(default=None, description="At work here, or no longer")


class NewAgent(Given):
    """An agent to add."""

    name: Title
    email: Annotated[str, StringConstraints(pattern=r"^[^\s@]+@[^\s@]+$", max_length=255)]
    role: Role = "agent"
    languages: list[Language] = Field(default=[], max_length=20)
    phone: Annotated[str, StringConstraints(max_length=80)] = ""
    skills: Skills = Field(default={})
    reach: Reach = Field(default="client", description=_REACH)
    sip: Annotated[str, StringConstraints(max_length=255)] = ""
    capacity: Annotated[list[Alternative], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description=_CAPACITY
    )
    stand_in_id: Word | None = Field(default=None, description=_STAND_IN)
    shifts: Slug | Literal[""] = Field(default="", description=_SHIFTS)


class PutAgent(NewAgent):
    """An agent as they are to be; what is left out gets its default."""

    active: bool = True


class ServiceLevel(Given):
    """What part of contacts is to be answered within how many seconds."""

    model_config = ConfigDict(from_attributes=True)

    target: Annotated[float, Field(gt=0, le=1)] = 0.8
    seconds: Annotated[int, Field(ge=1, le=86_400)] = 20


class Queue(Shown):
    """A line that contacts wait in."""

    id: str
    name: str
    title: dict[str, str]
    calendar: str
    max_length: int
    max_wait: int = Field(description="Seconds")
    service_level: ServiceLevel
    skills: dict[str, int]
    routing: dict[str, Any] = Field(description=_ROUTING)
    waiting: int = Field(description="Work that waits in it just now")
    version: int

    @classmethod
    def of(cls, queue: queues.Queue, waiting: int) -> Queue:
        """A queue with how many wait in it."""
        return cls.model_validate(msgspec.structs.asdict(queue) | {"waiting": waiting})


class PutQueue(Given):
    """A queue as it is to be."""

    title: dict[Language, Title]
    calendar: Slug = "always"
    max_length: Annotated[int, Field(ge=1, le=100_000)] = 1000
    max_wait: Annotated[int, Field(ge=1, le=86_400)] = Field(default=1800, description="Seconds")
    service_level: ServiceLevel = ServiceLevel()
    skills: Skills = Field(default={})
    routing: dict[str, Any] = Field(default={}, description=_ROUTING)

    def settings(self) -> queues.QueueSettings:
        """The same for the store."""
        level = queues.ServiceLevel(self.service_level.target, self.service_level.seconds)
        return queues.QueueSettings(**self.model_dump(exclude={"service_level"}), service_level=level)


class Calendar(Shown):
    """When the business is open, in its own time zone."""

    id: str
    name: str
    timezone: str
    weekly: dict[str, list[list[str]]] = Field(description="Shifts of each day, mon to sun")
    holidays: dict[str, str] = Field(description="Name of the holiday on a date")
    special: dict[str, list[list[str]]] = Field(description="Dates with shifts of their own; none is closed")
    country: str = Field(description="Country whose public holidays are kept; empty for none")


class PutCalendar(Given):
    """A calendar as it is to be; times are `HH:MM`, `24:00` is the day's end."""

    timezone: Word
    weekly: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], list[tuple[Clock, Clock]]]
    holidays: dict[Day, Title] = Field(default={}, max_length=2000)
    special: dict[Day, list[tuple[Clock, Clock]]] = Field(default={}, max_length=2000)
    country: Annotated[str, StringConstraints(max_length=10)] = ""


class Token(Shown):
    """A token for the API, without its secret."""

    id: str
    name: str
    role: str
    agent_id: str | None
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewToken(Given):
    """A token to make."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    role: Role = "agent"
    agent_id: Word | None = Field(default=None, description="The agent for whom it acts")


class CreatedToken(Token):
    """A new token with its secret, which is shown this once and kept nowhere."""

    secret: str = Field(description="Goes into `Authorization: Bearer`")


class AuditEntry(Shown):
    """Who did what to what."""

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    data: dict[str, Any]


class AuditQuery(Paging):
    """Parameters of the audit trail."""

    actor: Word | None = None
    action: Word | None = None
    subject: Word | None = None
    since: Time | None = None
    until: Time | None = None
