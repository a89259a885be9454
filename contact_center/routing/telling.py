"""Why a decision fell as it did, from the same sets that it was made from.

The counts are exact with any number of agents, because they are sizes of sets. The names are cut at
`MOST_NAMED`; within a reason they are in the order of their ids as long as no more than `MOST_SORTED`
share the reason, and else whichever are found first.
"""

from __future__ import annotations

from typing import Final

from contact_center.agent import AVAILABLE, BREAK, NOT_RESPONDING, OFFLINE
from contact_center.routing.groups import Group
from contact_center.routing.model import MOST_NAMED, PassedOver
from contact_center.routing.pool import Pool

MOST_SORTED: Final = 50

NEAREST: Final = (
    "waiting_for_owner",
    "busy",
    "declined",
    NOT_RESPONDING,
    BREAK,
    OFFLINE,
    "lacks_language",
    "lacks_skill",
    "not_wanted",
)
"""Reasons, from the nearest to being chosen to the farthest. An agent has the last of them that applies."""


def reasons(pool: Pool, group: Group | None, wanted: int, medium: str, declined: int) -> dict[str, int]:
    """Everybody who cannot have the work, by reason. ``group`` is None for work that is for the agent
    ``wanted``.

    Under ``waiting_for_owner`` are all who are left: they could take it, as far as they are concerned.
    """
    found: dict[str, int] = {}
    rest = pool.everyone
    if group is None:
        found["not_wanted"] = rest ^ wanted
        rest = wanted
    else:
        can, skilled = group.bits(pool), group.skilled(pool)
        found["lacks_skill"] = rest ^ skilled
        found["lacks_language"] = skilled ^ can
        rest = can
    for presence, bits in pool.presence.items():
        if presence != AVAILABLE:
            found[presence] = rest & bits
            rest ^= found[presence]
    found["declined"] = rest & declined
    rest ^= found["declined"]
    free = rest & pool.free.get(medium, 0)
    found["busy"] = rest ^ free
    found["waiting_for_owner"] = free
    return found


def passed_over(pool: Pool, found: dict[str, int]) -> tuple[tuple[PassedOver, ...], dict[str, int]]:
    """Names, the nearest first, and how many there are for each reason."""
    counts = {reason: found[reason].bit_count() for reason in NEAREST if found.get(reason)}
    named: list[PassedOver] = []
    for reason, count in counts.items():
        left = MOST_NAMED - len(named)
        if not left:
            break
        named += [PassedOver(agent_id, reason) for agent_id in _names(pool, found[reason], count, left)]
    return tuple(named), counts


def _names(pool: Pool, bits: int, count: int, most: int) -> list[str]:
    if count <= MOST_SORTED:
        return sorted(member.view.id for member in pool.each(bits))[:most]
    return [member.view.id for member, _ in zip(pool.each(bits), range(most), strict=False)]
