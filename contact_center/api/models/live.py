"""What supervisors watch: the wallboard, contacts and agents live."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from contact_center.api.models.common import Given, Paging, Shown, Word
from contact_center.api.models.contacts import ChannelWord


class Figures(Shown):
    """What became of calls, chats, texts and callbacks that came into line in some time."""

    offered: int = Field(description="Came into line")
    answered: int = Field(description="An agent said yes")
    in_time: int = Field(description="Of the answered, those within the queue's own seconds")
    abandoned: int = Field(description="The customer left while waiting")
    service_level: float | None = Field(
        description="`in_time` as part of answered and abandoned, 0 to 1; null where there were none"
    )
    abandonment: float | None = Field(description="`abandoned` as part of the same")
    mean_wait: float | None = Field(description="Seconds until the answer, on average")


class BoardStep(Figures):
    """A quarter of an hour: of what came into line from `at` on."""

    at: datetime


class BoardQueue(Shown):
    """A queue on the wallboard."""

    queue: str
    title: dict[str, str]
    target: float = Field(description="The service level that is wanted, 0 to 1")
    target_seconds: int
    waiting: int = Field(description="In line just now")
    ringing: int = Field(description="Offered to agents who have not answered yet")
    longest_wait: float = Field(
        description="Seconds that the first of these has waited; 0 where nobody waits"
    )
    serving: int = Field(description="Agents who have the skills that the queue requires")
    online: int = Field(description="Of these: not offline")
    ready: int = Field(description="Of these: available, busy or not")
    today: Figures
    yesterday: Figures = Field(description="Yesterday until the same time of day, as it then stood")
    steps: list[BoardStep] = Field(description="Today from midnight on, one for each quarter of an hour")


class Wallboard(Shown):
    """How the contact centre does now and today. The day is that of `company.timezone`."""

    at: datetime
    day: datetime = Field(description="When the day began")
    waiting: int
    ringing: int
    longest_wait: float
    agents: dict[str, int] = Field(description="How many agents have each status, as in `GET /live/agents`")
    today: Figures = Field(description="Of all queues; `in_time` goes by each queue's own seconds")
    yesterday: Figures
    steps: list[BoardStep]
    queues: list[BoardQueue]


class LiveContactQuery(Paging):
    """Which open contacts; what is left out lets all pass."""

    state: Literal["in_flow", "waiting", "connected"] | None = None
    owner: Literal["flow", "bot", "agent", "nobody"] | None = None
    channel: ChannelWord | None = None
    queue: Word | None = None
    agent: Word | None = Field(default=None, description="Id of the agent")


class LiveContact(Shown):
    """An open contact as it stands now."""

    id: str
    channel: str
    direction: str
    state: str
    owner: str = Field(description="Who speaks with the customer: flow, bot, agent or nobody")
    customer_id: str | None
    customer_name: str = Field(description="Of an unknown visitor of the web chat: what they say it is")
    tier: str
    address: str = Field(description="Where the customer writes or calls from")
    from_address: str
    to_address: str
    language: str
    reason: str
    queue: str | None
    agent_id: str | None
    agent_name: str
    work_id: str | None = Field(
        description="What waits or is with an agent for it; null where no person is wanted"
    )
    work_state: str | None
    flow: str = Field(description="Where it stands in the flow, or stood when a person took it over")
    node: str
    started_at: datetime
    since: datetime = Field(description="Since when in this state")
    seconds: float = Field(description="The same, until now")


class Held(Shown):
    """Work that an agent holds."""

    work_id: str
    contact_id: str | None
    kind: str
    stage: str = Field(description="offered, active or wrap_up")
    queue: str
    since: datetime


class LiveAgent(Shown):
    """An agent as they do now."""

    id: str
    name: str
    role: str
    presence: str = Field(description="available, break, not_responding or offline")
    reason: str = Field(description="Of a break")
    status: str = Field(description="Presence with work: also offered, on_contact or wrap_up")
    since: datetime | None = Field(description="Since when in this status; null before the first presence")
    seconds: float | None = Field(description="The same, until now")
    load: dict[str, int] = Field(
        description="What is held, by part of the capacity: call, chat, text, ticket"
    )
    holding: list[Held]


class LiveAgentQuery(Given):
    """Which agents; what is left out lets all pass."""

    status: (
        Literal["available", "offered", "on_contact", "wrap_up", "break", "not_responding", "offline"] | None
    ) = None
