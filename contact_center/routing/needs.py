"""What an agent must bring for work: skills at their levels and a language, wider from ring to ring.

Rings build upon each other in order: each may put other required skills in the place of the queue's, then
takes ``lower`` levels off all required skills, the queue's and the work's own, never below 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from contact_center.routing.model import Item, QueuePolicy, Skills

SkillSet = tuple[tuple[str, int], ...]
"""Skills with levels in the order of their names, so that equal ones are equal keys."""


class Need(NamedTuple):
    """What an agent must bring: all skills of one of the ``alternatives``, and ``language`` ('' = any)."""

    alternatives: tuple[SkillSet, ...]
    language: str


class Stage(NamedTuple):
    """A queue's circle of agents between one ring and the next.

    ``after``: seconds in the queue; ``required``: the queue's skills; ``lower``: levels off the work's own;
    ``others``: the required skills of queues whose agents may serve it too; ``language``: the rule.
    """

    after: float
    required: Skills
    lower: int
    others: tuple[Skills, ...]
    language: str


def stages(policy: QueuePolicy, policies: Mapping[str, QueuePolicy]) -> tuple[Stage, ...]:
    """The queue as it is at first, and then as each ring makes it."""
    stage = Stage(0.0, lowered(policy.required, 0), 0, (), policy.language)
    found = [stage]
    for ring in policy.rings:
        required = stage.required if ring.required is None else ring.required
        others = tuple(lowered(policies[name].required, 0) for name in ring.queues if name in policies)
        stage = Stage(
            ring.after,
            lowered(required, ring.lower),
            stage.lower + ring.lower,
            stage.others + others,
            ring.language or stage.language,
        )
        found.append(stage)
    return tuple(found)


def lowered(skills: Mapping[str, int], levels: int) -> Skills:
    """Every level less by ``levels``, but 1 at least."""
    return {name: max(1, level - levels) for name, level in skills.items()}


def need_of(item: Item, stage: Stage) -> Need:
    """What the work needs at a stage of its queue. Where queue and work ask for one skill, the higher level
    counts."""
    own = lowered(item.required, stage.lower) if item.required else {}
    alternatives = [together(required, own) for required in (stage.required, *stage.others)]
    return Need(tuple(dict.fromkeys(alternatives)), item.language if stage.language == "required" else "")


def together(queue: Mapping[str, int], own: Mapping[str, int]) -> SkillSet:
    """The skills of both, each at the higher level."""
    if not own:
        return tuple(sorted(queue.items()))
    return tuple(sorted({**queue, **{k: max(v, queue.get(k, 0)) for k, v in own.items()}}.items()))


def has_skills(skills: Mapping[str, int], alternatives: tuple[SkillSet, ...]) -> bool:
    """Whether an agent with ``skills`` has all of one alternative."""
    for wanted in alternatives:
        for name, level in wanted:
            if skills.get(name, 0) < level:
                break
        else:
            return True
    return False


def speaks(languages: tuple[str, ...], language: str) -> bool:
    """Whether an agent with ``languages`` speaks it. One without any speaks all; ``zh`` and ``zh-CN`` go
    together, ``zh-TW`` and ``zh-CN`` do not."""
    return not languages or not language or any(_same(each, language) for each in languages)


def _same(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower()
    if one == other:
        return True
    plain, other_plain = one.partition("-")[0], other.partition("-")[0]
    return plain == other_plain and (plain == one or other_plain == other)
