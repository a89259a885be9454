"""Why a piece of work is where it is: what waits with everything in its way, and the decisions so far."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from contact_center.api.models.common import Shown
from contact_center.api.models.works import Decision


class LackingSkill(Shown):
    """A skill that an agent has not, or not well enough."""

    skill: str
    needed: int = Field(description="1 (learning) to 10 (expert)")
    has: int = Field(description="0: not at all")


class WhyAgent(Shown):
    """An agent who serves the queue, and why the work is not with them."""

    agent_id: str
    name: str
    reason: str = Field(
        description="free (will be asked at once), not_yet (its time has not come), waiting_for_owner, busy, "
        "declined, not_responding, break, offline, lacks_language, lacks_skill, or not_wanted"
    )
    status: str = Field(description="As in the agent's state: on_contact, wrap_up, break and so on")
    presence_reason: str = Field(description="Of a break")
    since: datetime | None = Field(description="Of the status; null: has never signed in")
    load: dict[str, int] = Field(description="Pieces held by medium; empty unless a supervisor asks")
    lacking: list[LackingSkill]
    until: datetime | None = Field(description="Until when who declined it, or did not answer, is passed")


class NextStep(Shown):
    """Something that time alone will change."""

    kind: Literal["not_before", "ask_again", "open_to_all", "ring", "overflow"] = Field(
        description="Its time comes; who declined may be asked again; it is kept for nobody any more; "
        "a wider circle of agents; it moves to another queue"
    )
    at: datetime = Field(description="In the past: of an overflow that is held up")
    agent_id: str = Field(description="Who may be asked again")
    queue: str = Field(description="Where it moves")
    agents: int = Field(description="At work, busy or not, who could then have it; of a ring: those added")
    lower: int = Field(description="Of a ring: by how many levels less will do")
    required: dict[str, int] = Field(description="Of a ring: skills in the place of the queue's")
    language: str = Field(description="Of a ring: the rule for the language from then on")
    queues: list[str] = Field(description="Of a ring: whose agents may serve it too")
    longer_than: int | None = Field(description="Of an overflow: only with more than so many before it")
    held_up: Literal["", "nobody_there", "line_is_short"] = Field(
        description="Why an overflow would not happen as things stand"
    )


class Waiting(Shown):
    """Why a piece of work waits, as of `at`, by the rules of routing."""

    at: datetime
    place: int | None = Field(description="In line, from 1; null while its time has not come")
    length: int = Field(description="How many stand in the queue's line")
    needs: list[dict[str, int]] = Field(description="An agent must have all skills of one of these")
    language: str = Field(description="And must speak this; empty: any")
    ring: int = Field(description="How far the circle has been widened; 0 is not")
    kept_for: list[str] = Field(description="The only agents who may have it now")
    serving: int = Field(description="Agents who serve the queue, whatever else the work asks for")
    online: int = Field(description="Of these: not offline")
    ready: int = Field(description="Of these: available, busy or not")
    reasons: dict[str, int] = Field(description="How many of these for each reason; see `agents`")
    agents: list[WhyAgent] = Field(description="The nearest to having it first, at most 50")
    next: list[NextStep] = Field(description="What time will change, the next first")
    expected_wait: float | None = Field(description="Seconds from now; null: nobody can tell")
    expected_low: float | None
    expected_high: float | None
    sure: str = Field(description="How sure the expected wait is: high, medium, low or none")


class WorkWhy(Shown):
    """Why a piece of work is where it is."""

    work_id: str
    state: str
    queue: str
    queued_at: datetime = Field(description="Its place in line, kept through every transfer")
    entered_at: datetime = Field(description="Since when in this queue")
    priority: int
    tier: str
    preferred: dict[str, int] = Field(description="Skills that count, of the work's own")
    owners: list[str] = Field(description="Whose customer it is, the nearest first")
    last_agent: str = Field(description="Who served the customer last")
    wanted: str = Field(description="The one agent it is for, empty for anybody's")
    waiting: Waiting | None = Field(description="Null for work that does not wait")
    decisions: list[Decision] = Field(description="What routing has done with it, oldest first")
    lines: list[str] = Field(description="The decisions in words")
    names: dict[str, str] = Field(description="Names of the agents in it, by id")
