"""The indexed router and the plain scan agree on every offer, move, place and reason, whatever happens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.routing import ORDERS, STRATEGIES
from contact_center.routing.model import Overflow, QueuePolicy, Ring
from contact_center.routing.strategies.base import Ranking
from tests.routing.world import World, item

QUEUES = ["a", "b", "c", "", "unknown"]
SKILLS = ["x", "y", "z"]
AGENTS = [f"agt_{n}" for n in range(6)]
RANKINGS = [name for name, each in STRATEGIES.items() if isinstance(each, Ranking)]
PREFERRING = [name for name in STRATEGIES if name not in RANKINGS]
CAPACITIES = (({"call": 1},), ({"call": 1, "ticket": 1}, {"chat": 2, "ticket": 1}), ({"chat": 3},))

levels = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 4), max_size=2)
few_agents = st.lists(st.sampled_from([*AGENTS, "agt_stranger"]), max_size=2, unique=True).map(tuple)


@st.composite
def policies(draw: st.DrawFn, ranking: str, order: str) -> dict[str, QueuePolicy]:
    found = {}
    for number, name in enumerate(("a", "b", "c")):
        preferring = draw(st.lists(st.sampled_from(PREFERRING), unique=True))
        rings = [
            Ring(
                after=10.0 * (n + 1),
                lower=draw(st.integers(0, 2)),
                required=draw(st.none() | levels),
                language=draw(st.none() | st.sampled_from(["required", "preferred", "ignored"])),
                queues=draw(st.sampled_from([(), ("a",), ("b", "c")])),
            )
            for n in range(draw(st.integers(0, 2)))
        ]
        later = ("a", "b", "c", "a")[number + 1 : 3]
        overflow = [
            Overflow(
                to=to,
                after=draw(st.sampled_from([0.0, 15.0, 30.0])),
                longer_than=draw(st.sampled_from([0, 1, 2])) if draw(st.booleans()) else None,
                only_if_staffed=draw(st.booleans()),
            )
            for to in later
            if draw(st.booleans())
        ]
        found[name] = QueuePolicy(
            strategy=(*preferring, ranking),
            order=order if number else "first_come",
            required=draw(levels),
            preferred=draw(levels),
            language=draw(st.sampled_from(["required", "preferred", "ignored"])),
            priority=draw(st.integers(0, 3)),
            ageing=draw(st.sampled_from([0.0, 1.0, 6.0])),
            prefer_seconds=draw(st.sampled_from([0.0, 12.0, 25.0])),
            rings=tuple(rings),
            overflow=tuple(overflow),
        )
    return found


agent_fields = st.fixed_dictionaries(
    {},
    optional={
        "presence": st.sampled_from(["available", "available", "break", "not_responding", "offline"]),
        "skills": levels,
        "languages": st.sampled_from([(), ("en",), ("zh-CN", "en"), ("zh",)]),
        "capacity": st.sampled_from(CAPACITIES),
        "idle_since": st.integers(0, 5).map(float),
        "stand_in": st.sampled_from(["", *AGENTS]),
        "turns": st.dictionaries(st.sampled_from(QUEUES[:3]), st.integers(0, 9), max_size=2),
    },
)
item_fields = st.fixed_dictionaries(
    {"queue": st.sampled_from(QUEUES), "kind": st.sampled_from(["call", "call", "chat", "ticket"])},
    optional={
        "priority": st.integers(0, 5),
        "language": st.sampled_from(["", "en", "zh-CN", "zh-TW"]),
        "tier": st.sampled_from(["gold", "key", "other"]),
        "required": levels,
        "preferred": levels,
        "owners": few_agents,
        "last_agent": st.sampled_from(AGENTS),
        "owner_first": st.booleans(),
        "wanted": st.sampled_from(AGENTS),
    },
)
passed = st.dictionaries(st.sampled_from(AGENTS), st.integers(1, 40), max_size=2)
events = st.one_of(
    st.tuples(st.just("agent"), st.sampled_from(AGENTS), agent_fields),
    st.tuples(st.just("agent"), st.sampled_from(AGENTS), st.just({})),
    st.tuples(st.just("item"), st.integers(0, 12), item_fields, passed, st.sampled_from([0, 0, 0, 9])),
    st.tuples(st.just("item"), st.integers(0, 12), item_fields, st.just({}), st.just(0)),
    st.tuples(st.just("drop_item"), st.integers(0, 12)),
    st.tuples(st.just("drop_agent"), st.sampled_from(AGENTS)),
    st.tuples(st.just("finish"), st.sampled_from(AGENTS)),
    st.tuples(st.just("decide"), st.integers(0, 20)),
    st.tuples(st.just("decide"), st.integers(0, 3)),
    st.tuples(st.just("policies"), st.integers(0, 1)),
    st.tuples(st.just("land"), st.booleans(), st.booleans()),
    st.tuples(st.just("land"), st.just(True), st.booleans()),
)


def play(world: World, event: tuple[Any, ...], rules: list[dict[str, QueuePolicy]]) -> None:
    match event:
        case ("policies", int(number)):
            world.router.set_policies(rules[number])
            world.plain.policies = rules[number]
        case ("agent", str(name), fields):
            world.put_agent(name, **fields)
        case ("item", int(number), fields, passing, later):
            number += 100 if f"i{number}" in world.holder else 0
            world.put_item(
                item(
                    f"i{number}",
                    at=world.now,
                    passed={who: world.now + seconds for who, seconds in passing.items()},
                    not_before=world.now + later if later else 0.0,
                    **fields,
                )
            )
        case ("drop_item", int(number)):
            world.drop_item(f"i{number}")
        case ("drop_agent", str(name)):
            world.drop_agent(name)
        case ("finish", str(name)):
            world.finish(name)
        case ("decide", int(seconds)):
            world.now += seconds
            world.decide()
        case ("land", bool(works), bool(item_first)):
            world.land(works=works, item_first=item_first)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("ranking", RANKINGS)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_router_and_plain_scan_agree(ranking: str, order: str, data: st.DataObject) -> None:
    rules = [data.draw(policies(ranking, order)), data.draw(policies(ranking, order))]
    world = World(rules[0])
    for name in AGENTS[:4]:
        world.put_agent(name, skills={"x": 3}, capacity=CAPACITIES[1])
    for event in data.draw(st.lists(events, max_size=40)):
        play(world, event, rules)
    world.now += 60
    world.decide()
