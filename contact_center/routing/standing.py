"""Why work waits: its place, what it asks for, every agent with a reason, and what time will change.

`Why` tells at most `MOST_NAMED` agents, because it goes into the journal; who asks about waiting work wants
to hear of each. Both come from the same sets.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from contact_center.routing.choosing import refused
from contact_center.routing.lines import Lines
from contact_center.routing.model import Overflow, Skills
from contact_center.routing.telling import NEAREST
from contact_center.routing.waiting import Waiting

FREE: Final = "free"
NOT_YET: Final = "not_yet"

REASONS: Final = (FREE, NOT_YET, *NEAREST)
"""All reasons, the nearest to having it first: those of `Why`; ``free``, who will be asked at once; and
``not_yet``, who could have it if its time had come."""

HeldUp = Literal["", "nobody_there", "line_is_short"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that time alone changes, at ``at``.

    ``kind``: not_before (its time comes), ask_again (``agent_id``, who had declined it, may be asked),
    open_to_all (it is kept for nobody any more), ring (a wider circle), overflow (it moves to ``queue``).
    ``agents``: on duty, busy or not, who could then have it: of a ring those whom it adds. Of a ring
    ``lower``: by how many levels, ``required``: other skills in the place of the queue's, ``language``: the
    rule from then on, ``queues``: whose agents may serve it too; each empty where the ring does not say.
    ``held_up``: why an overflow would not happen as things stand.
    """

    kind: Literal["not_before", "ask_again", "open_to_all", "ring", "overflow"]
    at: float
    agent_id: str = ""
    queue: str = ""
    agents: int = 0
    lower: int = 0
    required: Skills = {}
    language: str = ""
    queues: tuple[str, ...] = ()
    longer_than: int | None = None
    held_up: HeldUp = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How waiting work stands.

    ``place``, from 1, of ``length`` in line; None while its time has not come. ``needs``: an agent must have
    all skills of one of these; ``language``: and speak this ('' = any). ``kept_for``: the only agents who may
    have it now. ``reasons``: for every agent, out of `REASONS`. ``serving``: who serves its queue and this
    medium, whatever else the work asks for; of work for one agent that agent. ``next``: what time will
    change, the next first.
    """

    place: int | None
    length: int
    ring: int
    needs: tuple[Skills, ...]
    language: str
    kept_for: tuple[str, ...]
    reasons: dict[str, str]
    serving: frozenset[str]
    next: tuple[Step, ...]


def standing(lines: Lines, work: Waiting, now: float) -> Standing:
    """How work that waits stands; everything has its place as of ``now``."""
    item, queue = work.item, work.queue
    ring = 0 if item.wanted else queue.ring(item.entered_at, now)
    group = None if item.wanted else lines.groups.of(queue, item, ring, work.medium, lines.pool)
    return Standing(
        place=queue.line.rank(work.place) + 1 if work.in_line else None,
        length=len(queue.line),
        ring=ring,
        needs=tuple(dict(skills) for skills in group.need.alternatives) if group else (),
        language=group.need.language if group else "",
        kept_for=tuple(work.keepers),
        reasons=_reasons(lines, work, now),
        serving=_serving(lines, work, ring),
        next=tuple(sorted(_steps(lines, work, ring, now), key=lambda step: step.at)),
    )


def _reasons(lines: Lines, work: Waiting, now: float) -> dict[str, str]:
    could = lines.takers(work, now) if work.in_line else 0
    found = refused(lines, work, could, now)
    if not work.in_line:
        found[NOT_YET] = found.pop("waiting_for_owner")
    found[FREE] = could
    return {member.view.id: reason for reason in REASONS for member in lines.pool.each(found.get(reason, 0))}


def _serving(lines: Lines, work: Waiting, ring: int) -> frozenset[str]:
    pool, wanted = lines.pool, work.item.wanted
    if wanted:
        return frozenset({wanted} & pool.members.keys())
    stage = work.queue.stages[ring]
    skilled = pool.skilled(tuple(tuple(sorted(skills.items())) for skills in (stage.required, *stage.others)))
    return frozenset(member.view.id for member in pool.each(skilled) if work.medium in member.room.able)


def _steps(lines: Lines, work: Waiting, ring: int, now: float) -> list[Step]:
    item, policy = work.item, work.queue.policy
    found = [
        Step(kind="ask_again", at=until, agent_id=agent_id)
        for agent_id, until in item.passed.items()
        if until > now and item.wanted in ("", agent_id)
    ]
    if item.not_before > now:
        found.append(Step(kind="not_before", at=item.not_before))
    if item.wanted:
        return found
    if work.keepers:
        found.append(Step(kind="open_to_all", at=item.entered_at + policy.prefer_seconds))
    found += [_ring(lines, work, number, now) for number in range(ring + 1, len(work.queue.stages))]
    found += [_overflow(lines, work, rule, now) for rule in policy.overflow]
    return found


def _ring(lines: Lines, work: Waiting, number: int, now: float) -> Step:
    rule, pool = work.queue.policy.rings[number - 1], lines.pool
    before, after = (
        lines.groups.of(work.queue, work.item, each, work.medium, pool).bits(pool)
        for each in (number - 1, number)
    )
    return Step(
        kind="ring",
        at=max(work.item.entered_at + rule.after, work.item.not_before),
        agents=(after & ~before & pool.able.get(work.medium, 0)).bit_count(),
        lower=rule.lower,
        required=rule.required or {},
        language=rule.language or "",
        queues=rule.queues,
    )


def _overflow(lines: Lines, work: Waiting, rule: Overflow, now: float) -> Step:
    queue, pool = lines.queue(rule.to), lines.pool
    group = lines.groups.of(queue, work.item, queue.ring(now, now), work.medium, pool)
    agents = (group.bits(pool) & pool.able.get(work.medium, 0)).bit_count()
    held_up: HeldUp = "nobody_there" if rule.only_if_staffed and not agents else ""
    if rule.longer_than is not None and (
        not work.in_line or work.queue.line.rank(work.place) <= rule.longer_than
    ):
        held_up = "line_is_short"
    return Step(
        kind="overflow",
        at=max(work.item.entered_at + rule.after, work.item.not_before),
        queue=rule.to,
        agents=agents,
        longer_than=rule.longer_than,
        held_up=held_up,
    )
