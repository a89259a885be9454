"""How waiting work stands: place, needs, everybody's reason, who serves the queue, what time will change."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.routing.model import Overflow, QueuePolicy, Ring
from contact_center.routing.router import Router
from contact_center.routing.standing import REASONS, Standing, Step
from tests.routing.world import agent, item

BUSY: dict[str, Any] = {"load": {"call": 1}}


def centre(policy: QueuePolicy, **others: QueuePolicy) -> Router:
    return Router({"q": policy, **others})


def stands(router: Router, item_id: str, now: float) -> Standing:
    found = router.standing(item_id, now)
    assert found is not None
    return found


def test_place_needs_and_everybody() -> None:
    router = centre(QueuePolicy(required={"x": 3}))
    router.put_agent(agent("busy", skills={"x": 3}, **BUSY))
    router.put_agent(agent("tired", skills={"x": 5}, presence="break"))
    router.put_agent(agent("chats", skills={"x": 9}, capacity=({"chat": 3},)))
    router.put_agent(agent("german", skills={"x": 4, "y": 2}, languages=("de",)))
    router.put_agent(agent("half", skills={"x": 4}))
    router.put_agent(agent("new", skills={"x": 2, "y": 2}))
    router.put_item(item("first", at=1, required={"y": 2}, language="en"))
    router.put_item(item("i", at=10, required={"y": 2}, language="en"))
    router.decide(20.0)
    found = stands(router, "i", 20.0)
    assert (found.place, found.length, found.ring) == (2, 2, 0)
    assert (found.needs, found.language) == (({"x": 3, "y": 2},), "en")
    assert found.reasons == {
        "german": "lacks_language",
        "busy": "lacks_skill",
        "tired": "lacks_skill",
        "chats": "lacks_skill",
        "half": "lacks_skill",
        "new": "lacks_skill",
    }
    assert found.serving == {"busy", "tired", "german", "half"}, "whatever else the work asks for"
    assert found.next == ()


def test_who_will_be_asked_at_once_is_free() -> None:
    router = centre(QueuePolicy())
    router.put_agent(agent("a"))
    router.put_agent(agent("b", **BUSY))
    router.put_item(item("i"))
    assert stands(router, "i", 0.0).reasons == {"a": "free", "b": "busy"}
    router.decide(0.0)
    assert router.standing("i", 1.0) is None, "it is being offered"
    assert router.standing("none", 1.0) is None


def test_before_its_time_it_has_no_place_and_keeps_nobody_busy() -> None:
    router = centre(QueuePolicy(overflow=(Overflow(to="r", after=5),)), r=QueuePolicy())
    router.put_agent(agent("a"))
    router.put_agent(agent("b", **BUSY))
    router.put_item(item("i", kind="callback", not_before=100.0))
    found = stands(router, "i", 20.0)
    assert (found.place, found.reasons) == (None, {"a": "not_yet", "b": "busy"})
    assert [(step.kind, step.at) for step in found.next] == [("not_before", 100.0), ("overflow", 100.0)]


def test_kept_for_an_owner_until_it_is_open_to_all() -> None:
    router = centre(QueuePolicy(strategy=("owner_first", "longest_idle"), prefer_seconds=30))
    router.put_agent(agent("owner", **BUSY))
    router.put_agent(agent("other"))
    router.put_item(item("i", at=10, owners=("owner",)))
    router.decide(12.0)
    found = stands(router, "i", 12.0)
    assert found.kept_for == ("owner",)
    assert found.reasons == {"other": "waiting_for_owner", "owner": "busy"}
    assert found.next == (Step(kind="open_to_all", at=40.0),)


def test_who_has_declined_may_be_asked_again() -> None:
    router = centre(QueuePolicy())
    router.put_agent(agent("a"))
    router.put_item(item("i", passed={"a": 130.0, "gone": 5.0}))
    found = stands(router, "i", 10.0)
    assert found.reasons == {"a": "declined"}
    assert found.next == (Step(kind="ask_again", at=130.0, agent_id="a"),)


def test_work_for_one_agent_widens_and_overflows_never() -> None:
    policy = QueuePolicy(required={"x": 9}, rings=(Ring(after=5),), overflow=(Overflow(to="r"),))
    router = centre(policy, r=QueuePolicy())
    router.put_agent(agent("a", **BUSY))
    router.put_agent(agent("b", skills={"x": 9}))
    router.put_item(item("i", wanted="a", passed={"b": 90.0}))
    router.put_item(item("j", "", wanted="nobody", kind="consult"))
    found = stands(router, "i", 1.0)
    assert (set(found.serving), found.needs, found.next) == ({"a"}, (), ())
    assert found.reasons == {"a": "busy", "b": "not_wanted"}
    assert stands(router, "j", 1.0).serving == frozenset()


def test_each_ring_tells_how_many_it_adds() -> None:
    rings = (
        Ring(after=30, lower=2),
        Ring(after=60, language="preferred"),
        Ring(after=90, queues=("r",)),
    )
    router = centre(QueuePolicy(required={"x": 3}, rings=rings), r=QueuePolicy(required={"z": 1}))
    router.put_agent(agent("learns", skills={"x": 1}, **BUSY))
    router.put_agent(agent("german", skills={"x": 9}, languages=("de",), **BUSY))
    router.put_agent(agent("other", skills={"z": 1}, **BUSY))
    router.put_agent(agent("away", skills={"z": 1}, presence="break"))
    router.put_item(item("i", language="en"))
    told = [(step.kind, step.at, step.agents) for step in stands(router, "i", 0.0).next]
    assert told == [("ring", 30.0, 1), ("ring", 60.0, 1), ("ring", 90.0, 1)]
    found = stands(router, "i", 65.0)
    assert found.ring == 2
    assert (found.needs, found.language) == (({"x": 1},), "")
    assert found.next == (Step(kind="ring", at=90.0, agents=1, queues=("r",)),)
    assert stands(router, "i", 95.0).serving == {"learns", "german", "other", "away"}


@pytest.mark.parametrize(
    ("rule", "staffed", "held_up"),
    [
        (Overflow(to="r", after=60), True, ""),
        (Overflow(to="r", after=60), False, "nobody_there"),
        (Overflow(to="r", after=60, only_if_staffed=False), False, ""),
        (Overflow(to="r", longer_than=1), True, "line_is_short"),
        (Overflow(to="r", longer_than=0), True, ""),
    ],
)
def test_an_overflow_tells_what_holds_it_up(rule: Overflow, staffed: bool, held_up: str) -> None:
    router = centre(QueuePolicy(required={"x": 1}, overflow=(rule,)), r=QueuePolicy(required={"z": 1}))
    router.put_agent(agent("there", skills={"z": 1}, presence="available" if staffed else "offline", **BUSY))
    router.put_item(item("first", at=1))
    router.put_item(item("i", at=2))
    [step] = stands(router, "i", 10.0).next
    assert (step.kind, step.queue, step.at) == ("overflow", "r", 2 + rule.after)
    assert (step.held_up, step.agents) == (held_up, int(staffed))


@given(
    data=st.lists(
        st.tuples(
            st.sampled_from(["available", "break", "offline", "not_responding"]),
            st.integers(0, 2),
            st.integers(0, 5),
            st.booleans(),
        ),
        max_size=8,
    ),
    passed=st.booleans(),
)
def test_everybody_has_one_reason_and_the_counts_are_those_of_why(
    data: list[tuple[str, int, int, bool]], passed: bool
) -> None:
    router = centre(QueuePolicy(required={"x": 3}))
    for number, (presence, load, level, german) in enumerate(data):
        router.put_agent(
            agent(
                f"a{number}",
                presence=presence,
                load={"call": load},
                skills={"x": level},
                languages=("de",) if german else (),
            )
        )
    router.put_item(item("i", language="en", passed={"a0": 99.0} if passed else {}))
    found, why = stands(router, "i", 1.0), router.explain("i", 1.0)
    assert why is not None
    assert found.reasons.keys() == {f"a{number}" for number in range(len(data))}
    assert set(found.reasons.values()) <= set(REASONS)
    counts = {
        reason: list(found.reasons.values()).count(reason)
        for reason in found.reasons.values()
        if reason != "free"
    }
    assert counts == why.passed_over_counts
    assert list(found.reasons.values()).count("free") == why.candidate_count
