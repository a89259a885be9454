"""Which agent each strategy picks, and in which order each order lets work go, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.routing import ORDERS, STRATEGIES
from contact_center.routing.model import AgentView, Item, Offer, QueuePolicy, Ring, Why
from contact_center.routing.router import Router
from contact_center.routing.turns import MAKE_UP
from tests.routing.world import agent, item, offers

NOW = 1000.0
CHATS = ({"chat": 4},)

RANKED: dict[str, list[tuple[str, dict[str, Any], list[AgentView], list[str], list[float]]]] = {
    # what the case is about, the queue's policy, the agents, whom they are ranked as, with which scores
    "longest_idle": [
        (
            "who is idle the longest, by id where two are equal",
            {},
            [agent("c", idle_since=900), agent("b", idle_since=900), agent("a", idle_since=950)],
            ["b", "c", "a"],
            [100, 100, 50],
        ),
        (
            "who holds something comes after who holds nothing, by how much they hold",
            {},
            [
                agent("two", idle_since=1, capacity=CHATS, load={"chat": 2}),
                agent("one", idle_since=2, capacity=CHATS, load={"chat": 1}),
                agent("none", idle_since=999, capacity=CHATS),
            ],
            ["none", "one", "two"],
            [1, -1, -2],
        ),
    ],
    "most_skilled": [
        (
            "levels of what is required and preferred count, others do not",
            {"required": {"billing": 1}, "preferred": {}},
            [
                agent("good", skills={"billing": 7}),
                agent("best", skills={"billing": 9}),
                agent("other", skills={"billing": 2, "sales": 10}),
            ],
            ["best", "good", "other"],
            [9, 7, 2],
        ),
        (
            "ties go to the longest idle",
            {"required": {"billing": 1}},
            [
                agent("a", skills={"billing": 5}, idle_since=9),
                agent("b", skills={"billing": 5}, idle_since=2),
            ],
            ["b", "a"],
            [5, 5],
        ),
    ],
    "least_loaded": [
        (
            "the part of the capacity that is free",
            {},
            [
                agent("half", capacity=CHATS, load={"chat": 2}, idle_since=1),
                agent("third", capacity=({"chat": 3},), load={"chat": 1}, idle_since=2),
                agent("free", capacity=({"chat": 1},), idle_since=3),
            ],
            ["free", "third", "half"],
            [1, 1 - 1 / 3, 0.5],
        ),
    ],
    "round_robin": [
        (
            "the fewest turns in this queue, then the longest idle",
            {},
            [
                agent("x", turns={"q": 4}, idle_since=1),
                agent("y", turns={"q": 2, "other": 9}, idle_since=5),
                agent("z", turns={"q": 2}, idle_since=3),
            ],
            ["z", "y", "x"],
            [-2, -2, -4],
        ),
    ],
}

PREFERRED: dict[str, list[tuple[str, dict[str, Any], list[AgentView], str | None, str]]] = {
    # what the case is about, the item, the agents, who gets it at once, and by which strategy
    "owner_first": [
        ("the owner", {"owners": ("a",)}, [agent("a", idle_since=9), agent("b")], "a", "owner_first"),
        (
            "the nearer owner",
            {"owners": ("a", "b")},
            [agent("b"), agent("a", idle_since=9)],
            "a",
            "owner_first",
        ),
        (
            "the farther owner, when the nearer is busy",
            {"owners": ("a", "b")},
            [agent("a", load={"call": 1}), agent("b", idle_since=9), agent("c")],
            "b",
            "owner_first",
        ),
        (
            "nobody else while the owner is busy",
            {"owners": ("a",)},
            [agent("a", load={"call": 1}), agent("c")],
            None,
            "",
        ),
        (
            "the stand-in of an owner on a break, and the stand-in's",
            {"owners": ("a",)},
            [
                agent("a", presence="break", stand_in="b"),
                agent("b", presence="offline", stand_in="c"),
                agent("c", idle_since=9),
                agent("d"),
            ],
            "c",
            "owner_first",
        ),
        (
            "anybody, when the stand-ins stand in for each other",
            {"owners": ("a",)},
            [
                agent("a", presence="break", stand_in="b"),
                agent("b", presence="not_responding", stand_in="a"),
                agent("c"),
            ],
            "c",
            "longest_idle",
        ),
        (
            "anybody, when the owner has declined it",
            {"owners": ("a",), "passed": {"a": NOW + 60}},
            [agent("a"), agent("b")],
            "b",
            "longest_idle",
        ),
        (
            "anybody, when the owner cannot do it: required skills hold for owners too",
            {"owners": ("a",), "required": {"billing": 3}},
            [agent("a", skills={"billing": 2}), agent("b", skills={"billing": 3})],
            "b",
            "longest_idle",
        ),
        (
            "anybody, when the owner never does this kind of work",
            {"owners": ("a",)},
            [agent("a", capacity=CHATS), agent("b")],
            "b",
            "longest_idle",
        ),
        ("anybody, when the owner is a stranger", {"owners": ("gone",)}, [agent("b")], "b", "longest_idle"),
    ],
    "last_agent": [
        ("the last agent", {"last_agent": "a"}, [agent("a", idle_since=9), agent("b")], "a", "last_agent"),
        (
            "anybody while the last agent is away: nobody stands in",
            {"last_agent": "a"},
            [agent("a", presence="break", stand_in="b"), agent("b", idle_since=9), agent("c")],
            "c",
            "longest_idle",
        ),
        (
            "nobody else while the last agent is busy",
            {"last_agent": "a"},
            [agent("a", load={"call": 1}), agent("b")],
            None,
            "",
        ),
    ],
}

ORDERED: dict[str, list[tuple[str, dict[str, Any], list[Item], list[str]]]] = {
    "first_come": [
        (
            "neither priority nor tier count",
            {"ageing": 0.0},
            [item("b", at=20, priority=9, tier="key"), item("a", at=30), item("c", at=10)],
            ["c", "b", "a"],
        ),
    ],
    "priority_ageing": [
        (
            "points of the work and of the tier",
            {"ageing": 0.0},
            [item("plain", at=1), item("gold", at=3, tier="gold"), item("urgent", at=2, priority=15)],
            ["urgent", "gold", "plain"],
        ),
        (
            "every minute counts",
            {"ageing": 2.0},
            [item("old", at=0), item("newer", at=61, priority=2), item("newest", at=59, priority=2)],
            ["newest", "old", "newer"],
        ),
        (
            "ties go to the place in line",
            {},
            [item("b", at=5), item("a", at=5), item("c", at=4)],
            ["c", "a", "b"],
        ),
    ],
}


def test_every_strategy_and_order_has_its_table() -> None:
    assert set(STRATEGIES) == {*RANKED, *PREFERRED}
    assert set(ORDERS) == set(ORDERED)


def flat(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, *case[1:], id=f"{name}: {case[0]}")
        for name, cases in table.items()
        for case in cases
    ]


def first_why(router: Router, now: float = NOW) -> Why:
    found = router.decide(now)
    assert isinstance(found[0], Offer)
    return found[0].why


@pytest.mark.parametrize(("name", "fields", "agents", "expected", "scores"), flat(RANKED))
def test_how_agents_are_ranked(
    name: str, fields: dict[str, Any], agents: list[AgentView], expected: list[str], scores: list[float]
) -> None:
    router = Router({"q": QueuePolicy(strategy=(name,), **fields)})
    for view in agents:
        router.put_agent(view)
    router.put_item(
        item("i", kind="chat" if any("chat" in c for a in agents for c in a.capacity) else "call")
    )
    why = first_why(router)
    assert [each.agent_id for each in why.candidates] == expected
    assert [each.score for each in why.candidates] == pytest.approx(scores)
    assert why.strategy == name


@pytest.mark.parametrize(("name", "fields", "agents", "expected", "strategy"), flat(PREFERRED))
def test_whom_a_preferring_strategy_picks(
    name: str, fields: dict[str, Any], agents: list[AgentView], expected: str | None, strategy: str
) -> None:
    router = Router({"q": QueuePolicy(strategy=(name, "longest_idle"), prefer_seconds=30)})
    for view in agents:
        router.put_agent(view)
    router.put_item(item("i", at=NOW, **fields))
    found = router.decide(NOW)
    assert offers(found) == ([("i", expected)] if expected else [])
    if found:
        assert isinstance(found[0], Offer)
        assert found[0].why.strategy == strategy


@pytest.mark.parametrize(("name", "fields", "items", "expected"), flat(ORDERED))
def test_which_work_goes_first(
    name: str, fields: dict[str, Any], items: list[Item], expected: list[str]
) -> None:
    router = Router({"q": QueuePolicy(order=name, **fields)})
    for each in items:
        router.put_item(each)
    router.decide(NOW)
    assert list(router.line("q")) == expected
    assert [router.position(each, NOW) for each in expected] == [1, 2, 3]
    for number in range(3):
        router.put_agent(agent(f"a{number}"))
    assert [each for each, _ in offers(router.decide(NOW))] == expected


@pytest.mark.parametrize("name", RANKED)
def test_preferred_skills_are_compared_before_the_score(name: str) -> None:
    router = Router({"q": QueuePolicy(strategy=(name,), preferred={"wine": 2}, required={"billing": 1})})
    router.put_agent(agent("best", skills={"billing": 9}, idle_since=1))
    router.put_agent(agent("wine", skills={"billing": 1, "wine": 3}, idle_since=2, turns={"q": 7}))
    router.put_agent(agent("both", skills={"billing": 1, "wine": 1, "cheese": 5}, idle_since=3))
    router.put_item(item("i", preferred={"cheese": 1}))
    why = first_why(router)
    assert [(each.agent_id, each.preferred) for each in why.candidates] == [
        ("both", 7),
        ("wine", 6),
        ("best", 0),
    ]


def test_a_preferred_language_is_worth_an_experts_skill() -> None:
    router = Router({"q": QueuePolicy(language="preferred", preferred={"wine": 1})})
    router.put_agent(agent("speaks", languages=("zh",)))
    router.put_agent(agent("knows", languages=("en",), skills={"wine": 9}))
    router.put_item(item("i", language="zh-CN"))
    assert [(c.agent_id, c.preferred) for c in first_why(router).candidates] == [("speaks", 10), ("knows", 9)]


def test_missed_turns_are_made_up_to_a_limit() -> None:
    """Who missed twenty turns gets MAKE_UP of them back in a row; then all take turns again."""
    router = Router({"q": QueuePolicy(strategy=("round_robin",))})
    turns = {"away": 0, "b": 20, "c": 20}
    for name, count in turns.items():
        router.put_agent(agent(name, turns={"q": count}, idle_since=float(count), version=1))
    taken = []
    for number in range(12):
        router.put_item(item(f"i{number:02}", at=float(number)))
        [(work, who)] = offers(router.decide(float(number)))
        taken.append(who)
        turns[who] += 1
        router.drop_item(work)
        router.put_agent(agent(who, turns={"q": turns[who]}, idle_since=50.0 + number, version=number + 2))
    assert taken[:MAKE_UP] == ["away"] * MAKE_UP
    rest = taken[MAKE_UP:]
    assert {name: rest.count(name) for name in turns} == {"away": 3, "b": 3, "c": 3}


def test_a_new_period_forgets_what_was_forgiven() -> None:
    router = Router({"q": QueuePolicy(strategy=("round_robin",))})
    router.put_agent(agent("away", version=1))
    router.put_agent(agent("b", turns={"q": 20}, version=1))
    router.put_item(item("i1"))
    assert offers(router.decide(1.0)) == [("i1", "away")]
    router.drop_item("i1")
    router.put_agent(agent("b", version=2, idle_since=4.0))
    router.put_agent(agent("away", version=2, idle_since=3.0))
    router.put_item(item("i2"))
    router.put_item(item("i3"))
    assert offers(router.decide(5.0)) == [("i2", "away"), ("i3", "b")]


def test_a_turn_that_came_to_nothing_is_taken_back() -> None:
    router = Router({"q": QueuePolicy(strategy=("round_robin",))})
    router.put_agent(agent("away", version=1))
    router.put_agent(agent("b", turns={"q": 20}, version=1))
    router.put_item(item("i"))
    before = first_why(router)
    router.release("i")
    assert first_why(router).candidates == before.candidates


RINGS = (
    Ring(after=10, lower=2),
    Ring(after=20, required={"sales": 4}, language="ignored"),
    Ring(after=30, lower=1, queues=("other",)),
)


@pytest.mark.parametrize(
    ("at", "skills", "languages"),
    [
        (0, {"billing": 5, "vip": 4}, ("zh",)),
        (10, {"billing": 3, "vip": 2}, ("zh", "en")),
        (20, {"sales": 4, "vip": 2}, ("en",)),  # other skills instead of the queue's; no language
        (30, {"sales": 3, "vip": 1}, ("en",)),  # one level less of these too
        (30, {"tea": 9, "vip": 1}, ()),  # whoever may serve the other queue
        (None, {"sales": 9, "tea": 9}, ()),  # the work's own skill is lowered, never taken away
        (None, {"tea": 8, "vip": 9}, ()),
    ],
)
def test_rings_build_upon_each_other(
    at: int | None, skills: dict[str, int], languages: tuple[str, ...]
) -> None:
    other = QueuePolicy(required={"tea": 9})
    router = Router({"q": QueuePolicy(required={"billing": 5}, rings=RINGS), "other": other})
    router.put_agent(agent("a", skills=skills, languages=languages))
    router.put_item(item("i", at=0, language="zh", required={"vip": 4}))
    rings = {
        second: each.why.ring
        for second in range(41)
        for each in router.decide(float(second))
        if isinstance(each, Offer)
    }
    assert rings == ({} if at is None else {at: at // 10})
