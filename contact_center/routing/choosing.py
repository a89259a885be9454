"""Who of those who can have the work gets it, and why."""

from __future__ import annotations

from typing import NamedTuple

from contact_center.routing.lines import Lines
from contact_center.routing.model import MOST_NAMED, Candidate, PassedOver, Why
from contact_center.routing.pool import Member
from contact_center.routing.telling import passed_over, reasons
from contact_center.routing.waiting import Waiting


class Picked(NamedTuple):
    """What made a decision possible, the strategy that decided, and its candidates, the best first."""

    trigger: str
    strategy: str
    candidates: list[Candidate]


def choose(lines: Lines, work: Waiting, takers: int, trigger: str, now: float) -> tuple[Member, Why]:
    """The best of ``takers``, who can all have the work, and the reasons for it."""
    pool = lines.pool
    wanted = [(work.item.wanted, "wanted")] if work.item.wanted else work.named
    named = [
        (agent_id, strategy, float(len(wanted) - number))
        for number, (agent_id, strategy) in enumerate(wanted)
        if pool.bit(agent_id) & takers
    ]
    if named:
        strategy = named[0][1]
        candidates = [Candidate(agent_id, score) for agent_id, _, score in named]
        takers = 0
        for candidate in candidates:
            takers |= pool.bit(candidate.agent_id)
    else:
        strategy = work.queue.ranking.name
        candidates = ranked(lines, work, takers, now)
    why = explained(lines, work, takers, Picked(trigger, strategy, candidates), now)
    return pool.members[candidates[0].agent_id], why


def ranked(lines: Lines, work: Waiting, takers: int, now: float) -> list[Candidate]:
    """The best of ``takers`` under the queue's ranking, at most `MOST_NAMED`."""
    group, ranking, pool = work.group, work.queue.ranking, lines.pool
    assert group is not None
    return [
        Candidate(member.view.id, ranking.score(member, group.wanted, pool, now), group.points(member, pool))
        for member in group.ranked(takers, pool, MOST_NAMED)
    ]


def explained(lines: Lines, work: Waiting, could: int, picked: Picked, now: float) -> Why:
    """A decision about the work with everything around it. ``could``: all who could have it."""
    named, counts = refusals(lines, work, could, now)
    return Why(
        trigger=picked.trigger,
        strategy=picked.strategy,
        score=picked.candidates[0].score if picked.candidates else 0.0,
        urgency=work.queue.urgency(work.item, now),
        waited=max(0.0, now - work.item.queued_at),
        ring=work.ring,
        candidates=tuple(picked.candidates[:MOST_NAMED]),
        candidate_count=could.bit_count(),
        passed_over=named,
        passed_over_counts=counts,
    )


def refusals(
    lines: Lines, work: Waiting, could: int, now: float
) -> tuple[tuple[PassedOver, ...], dict[str, int]]:
    """Who cannot have the work, beside those who ``could``: the nearest by name, and all by reason."""
    return passed_over(lines.pool, refused(lines, work, could, now))


def refused(lines: Lines, work: Waiting, could: int, now: float) -> dict[str, int]:
    """Everybody who cannot have the work, beside those who ``could``, by reason."""
    pool, item = lines.pool, work.item
    group = work.group
    if group is None and not item.wanted:
        group = lines.groups.of(work.queue, item, work.ring, work.medium, pool)
    declined = 0
    for agent_id in work.passed(now):
        declined |= pool.bit(agent_id)
    found = reasons(pool, group, pool.bit(item.wanted), work.medium, declined)
    free = found["waiting_for_owner"]
    found["waiting_for_owner"] = free ^ (free & could)
    return found
