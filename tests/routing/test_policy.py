"""Reading what queues decide by: what is accepted, what is refused in which words, and writing it back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.routing import ORDERS, STRATEGIES
from contact_center.routing.model import Overflow, QueuePolicy, Ring
from contact_center.routing.policy import PolicyError, read_policies, read_policy, write_policy
from tests.routing.test_equal import policies

RANKINGS = "longest_idle, most_skilled, least_loaded, round_robin"

REFUSED: list[tuple[Any, str]] = [
    (None, "queue 'q': expected a mapping of fields and found None; {} takes all defaults"),
    ({"ringz": []}, "queue 'q', ringz: there is no field 'ringz'; did you mean 'rings'? known: ageing, "),
    ({"strategy": "longst_idle"}, "queue 'q', strategy: there is no strategy 'longst_idle'; did you mean"),
    ({"strategy": "x"}, f"there is no strategy 'x'; known: {', '.join(sorted(STRATEGIES))}"),
    ({"order": "x"}, f"queue 'q', order: there is no order 'x'; known: {', '.join(sorted(ORDERS))}"),
    ({"strategy": []}, f"no strategy ranks all agents; end the list with one of {RANKINGS}"),
    ({"strategy": ["owner_first"]}, "no strategy ranks all agents"),
    (
        {"strategy": ["round_robin", "longest_idle"]},
        "only one can rank all agents; keep one of round_robin, long",
    ),
    ({"strategy": ["longest_idle", "owner_first"]}, "'longest_idle' ranks all agents and must be the last"),
    ({"strategy": ["last_agent", "last_agent", "round_robin"]}, "a name is listed twice"),
    ({"strategy": 5}, "queue 'q', strategy: expected a list, got a whole number"),
    ({"priority": "high"}, "queue 'q', priority: expected a whole number, got a text"),
    ({"language": "maybe"}, "language: 'maybe' is not allowed; allowed: required, preferred, ignored"),
    ({"required": {"billing": 11}}, "required.billing: 11 is not allowed; write a whole number from 1 to 10"),
    ({"preferred": {"billing": 0}}, "preferred.billing: 0 is not allowed"),
    ({"ageing": -1}, "ageing: -1 is not allowed; write a number of at least 0"),
    ({"ageing": float("nan")}, "ageing: nan is not allowed"),
    ({"offer_seconds": 0}, "offer_seconds: 0 is not allowed; write a number above 0"),
    ({"target": 80}, "target: 80 is not a share; write 0.8 for 80 %"),
    ({"rings": {"after": 3}}, "rings: expected a list, got a mapping"),
    ({"rings": [{"after": 3, "lowr": 1}]}, "rings[1].lowr: there is no field 'lowr'; did you mean 'lower'?"),
    ({"rings": [{"after": 9, "lower": 1}, {"after": "x"}]}, "rings[2].after: expected a number, got a text"),
    ({"rings": [{"after": 9, "lower": 1}, {"after": 9, "lower": 2}]}, "rings[2].after: 9 is not later"),
    ({"rings": [{"after": 9}]}, "rings[1]: it widens nothing; give it lower, required, language or queues"),
    ({"rings": [{"after": 9, "lower": -1}]}, "rings[1].lower: -1 is not allowed"),
    ({"rings": [{"after": 9, "required": {"x": 99}}]}, "rings[1].required.x: 99 is not allowed"),
    ({"rings": [{"lower": 1}]}, "rings[1]: 'after' is missing; add it"),
    ({"overflow": [{"after": 3}]}, "overflow[1]: 'to' is missing; add it"),
    (
        {"overflow": [{"to": "r"}]},
        "overflow[1]: it would move all work at once; give it after or longer_than",
    ),
    ({"overflow": [{"to": "q", "after": 9}]}, "overflow[1].to: a queue cannot overflow into itself"),
    ({"overflow": [{"to": "r", "longer_than": -1}]}, "overflow[1].longer_than: -1 is not allowed"),
    ({"overflow": [{"to": "r", "longer_than": "x"}]}, "expected a whole number or nothing, got a text"),
]


@pytest.mark.parametrize(("data", "told"), REFUSED)
def test_what_is_refused_and_how_it_is_told(data: Any, told: str) -> None:
    with pytest.raises(PolicyError) as error:
        read_policy("q", data)
    assert told in str(error.value)
    assert str(error.value).startswith("queue 'q'")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            {"a": {"overflow": [{"to": "bb", "after": 9}]}, "b": {}},
            "queue 'a', overflow[1].to: there is no queue 'bb'",
        ),
        (
            {"a": {"rings": [{"after": 9, "queues": ["c"]}]}},
            "queue 'a', rings[1].queues: there is no queue 'c'",
        ),
        (
            {
                "a": {"overflow": [{"to": "b", "after": 9}]},
                "b": {"overflow": [{"to": "c", "after": 9}]},
                "c": {"overflow": [{"to": "b", "longer_than": 9}]},
            },
            "queue 'b', overflow: work would go round in a circle: b -> c -> b; take one of these out",
        ),
    ],
)
def test_what_queues_say_of_each_other_is_checked(data: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyError) as error:
        read_policies(data)
    assert told in str(error.value)


def test_a_whole_policy_is_read() -> None:
    found = read_policy(
        "q",
        {
            "strategy": "round_robin",
            "required": {"billing": 3},
            "rings": [{"after": 20, "lower": 1}, {"after": 60, "queues": ["r"]}],
            "overflow": [{"to": "r", "after": 300}],
        },
    )
    assert found == QueuePolicy(
        strategy=("round_robin",),
        required={"billing": 3},
        rings=(Ring(after=20.0, lower=1), Ring(after=60.0, queues=("r",))),
        overflow=(Overflow(to="r", after=300.0),),
    )
    assert read_policy("q", {}) == QueuePolicy()
    assert write_policy(QueuePolicy()) == {}


@given(data=st.data())
def test_what_is_written_is_read_again_and_is_short(data: st.DataObject) -> None:
    for name, policy in data.draw(policies("round_robin", "first_come")).items():
        rings = tuple(ring for ring in policy.rings if ring != Ring(after=ring.after))
        overflow = tuple(rule for rule in policy.overflow if rule.after or rule.longer_than is not None)
        policy = msgspec.structs.replace(policy, rings=rings, overflow=overflow)
        written = write_policy(policy)
        assert read_policy(name, written) == policy
        assert all(value != getattr(QueuePolicy(), field) for field, value in written.items())
