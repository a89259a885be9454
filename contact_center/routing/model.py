"""What the router is told and what it answers: plain values, no rows, no clock.

Times are seconds since the epoch as floats: the router compares them millions of times. The
dispatcher makes these values from rows (`contact_center.dispatcher`), the simulation from a scenario.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

import msgspec

Skills = dict[str, int]
"""Least (of work) or actual (of an agent) level by skill, 1 (learning) to 10 (expert)."""

Capacity = tuple[dict[str, int], ...]
"""Alternatives: what an agent holds must fit into one of them, e.g. one call, or three chats and a ticket."""

TIERS: Final[dict[str, int]] = {"key": 20, "gold": 10, "silver": 5}
"""Points of priority that a customer's tier adds where a queue says nothing else."""


class Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wider circle of agents for what has waited ``after`` seconds in the queue.

    ``lower`` takes so many levels off every required skill (never below 1); ``required`` replaces the
    queue's required skills where it is given; ``language`` replaces the queue's rule; ``queues``: whoever
    may serve one of these queues may serve this one too. Later rings build upon earlier ones.
    """

    after: float
    lower: int = 0
    required: Skills | None = None
    language: Literal["required", "preferred", "ignored"] | None = None
    queues: tuple[str, ...] = ()


class Overflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Work moves to queue ``to`` for good, its place by `queued_at` kept.

    After ``after`` seconds in the queue; or, with ``longer_than``, as soon as more than so many stand before
    it there; with both, when both hold. ``only_if_staffed``: only while somebody at work could serve it
    there.
    """

    to: str
    after: float = 0.0
    longer_than: int | None = None
    only_if_staffed: bool = True


class QueuePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a queue's work finds its agent.

    ``strategy``: names out of `contact_center.routing.STRATEGIES`, in order: any number that prefer certain
    agents (``owner_first``, ``last_agent``) and then one that ranks all (``longest_idle``, ...). ``order``: a
    name out of `contact_center.routing.ORDERS`: which work goes first. ``required``: every agent must have
    it; ``preferred``: adds to an agent's score, so much for each level. ``language``: whether an agent must
    speak the customer's language (an agent without languages speaks all). ``priority``: points that all its
    work gets; ``tiers``: points by customer tier; ``ageing``: points for each minute waited (under order
    ``priority_ageing``). ``prefer_seconds``: how long work waits for a preferred agent who is on duty but
    busy. ``offer_seconds``: how long an agent may take to answer. ``pass_seconds``: how long work is not
    offered again to an agent who declined it or did not answer. ``wrap_up_seconds``: limit of the wrap-up, 0
    = none. ``target``/``target_seconds``: the service level. ``record``: conversations are recorded.
    """

    strategy: tuple[str, ...] = ("longest_idle",)
    order: str = "priority_ageing"
    required: Skills = {}
    preferred: Skills = {}
    language: Literal["required", "preferred", "ignored"] = "required"
    priority: int = 0
    tiers: dict[str, int] = msgspec.field(default_factory=lambda: dict(TIERS))
    ageing: float = 1.0
    prefer_seconds: float = 30.0
    rings: tuple[Ring, ...] = ()
    overflow: tuple[Overflow, ...] = ()
    offer_seconds: float = 20.0
    auto_accept: bool = False
    pass_seconds: float = 120.0
    wrap_up_seconds: float = 60.0
    target: float = 0.8
    target_seconds: float = 20.0
    record: bool = False

    @property
    def wrap_up_limit(self) -> timedelta | None:
        """How long a wrap-up may take; None = as long as it takes."""
        return timedelta(seconds=self.wrap_up_seconds) if self.wrap_up_seconds > 0 else None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits for an agent.

    ``kind``: call, chat, text, ticket, callback, consult. ``queued_at``: its place in line, kept for good;
    ``entered_at``: since when in this queue (rings and overflow count from it). ``required`` and
    ``preferred`` come on top of the queue's. ``owners``: whose customer it is, the nearest first (account
    manager, then the owner of the first contact), without stand-ins. ``last_agent``: who served the customer
    last. ``owner_first``: its owners are preferred, whatever the queue's strategy says.
    ``wanted``: only this agent (a transfer or consultation). ``passed``: agents who shall not be
    offered it before an instant. ``not_before``: waits until then (a callback at a time). ``version``: of the
    row; older ones are ignored.
    """

    id: str
    kind: str
    queue: str
    queued_at: float
    entered_at: float
    priority: int = 0
    language: str = ""
    tier: str = ""
    required: Skills = {}
    preferred: Skills = {}
    owners: tuple[str, ...] = ()
    last_agent: str = ""
    owner_first: bool = False
    wanted: str = ""
    passed: dict[str, float] = {}
    not_before: float = 0.0
    version: int = 0


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the router sees one.

    ``presence``: available, break, not_responding, offline. ``load``: how much of each medium the agent holds
    (offers and wrap-up count). ``idle_since``: when the agent last became free of all. ``stand_in``: who
    serves this agent's customers while they are not on duty. ``turns``: offers taken by queue in the present
    round-robin period. ``holding``: ids of the items that ``load`` counts, so that the router can tell which
    of its offers are in it already; left out, a newer version is taken to have them all. ``version``: of the
    row; older ones are ignored.
    """

    id: str
    presence: str
    skills: Skills = {}
    languages: tuple[str, ...] = ()
    capacity: Capacity = ({"call": 1},)
    load: dict[str, int] = {}
    idle_since: float = 0.0
    stand_in: str = ""
    turns: dict[str, int] = {}
    holding: tuple[str, ...] = ()
    version: int = 0


class Candidate(msgspec.Struct, frozen=True):
    """An agent who could have had the work. ``preferred``: points for preferred skills and language, which
    are compared first; then the strategy's ``score``; of both the higher is better."""

    agent_id: str
    score: float
    preferred: float = 0.0


class PassedOver(msgspec.Struct, frozen=True):
    """An agent who could not have it. ``reason``: lacks_skill, lacks_language, busy, break, not_responding,
    offline, declined (also: did not answer), not_wanted, waiting_for_owner."""

    agent_id: str
    reason: str


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a decision fell as it did; goes into the journal.

    ``trigger``: agent_free, work_came, agent_left (one whom it was kept for), time. ``strategy``: the one
    that decided. ``score``: of the chosen agent; ``urgency``: of the work under the queue's order. ``ring``:
    how far the circle was widened (0 = not). ``candidates``: the best first, at most `MOST_NAMED`;
    ``candidate_count``: how many there were. ``passed_over``: at most `MOST_NAMED`, the nearest to being
    chosen first; ``passed_over_counts``: all, by reason.
    """

    trigger: str
    strategy: str
    score: float
    urgency: float
    waited: float
    ring: int = 0
    candidates: tuple[Candidate, ...] = ()
    candidate_count: int = 0
    passed_over: tuple[PassedOver, ...] = ()
    passed_over_counts: dict[str, int] = {}


MOST_NAMED: Final = 10


class Offer(msgspec.Struct, frozen=True):
    """The router proposes that ``agent_id`` be offered ``item_id``."""

    item_id: str
    agent_id: str
    why: Why


class Move(msgspec.Struct, frozen=True):
    """The router proposes that the work move to another queue; ``reason``: waited or full."""

    item_id: str
    to: str
    reason: str


Proposal = Offer | Move
