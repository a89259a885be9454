"""What the router takes for true, and when; what time changes, and what it tells people."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.routing.model import Move, Offer, Overflow, Proposal, QueuePolicy, Ring
from contact_center.routing.router import Router
from tests.routing.test_equal import AGENTS, agent_fields, item_fields, passed, policies
from tests.routing.world import agent, item, offers

CHATS = ({"chat": 3},)


def centre(policy: QueuePolicy | None = None, **others: QueuePolicy) -> Router:
    return Router({"q": policy or QueuePolicy(), **others})


def triggers(found: list[Proposal]) -> list[str]:
    return [each.why.trigger for each in found if isinstance(each, Offer)]


# Versions


def test_older_values_are_ignored() -> None:
    router = centre()
    router.put_agent(agent("a", presence="break", version=5))
    router.put_agent(agent("a", version=4))
    router.put_item(item("i", priority=1, version=3))
    router.put_item(item("i", wanted="nobody", version=2))
    assert router.decide(0.0) == []
    router.put_agent(agent("a", version=6))
    assert offers(router.decide(0.0)) == [("i", "a")]


@pytest.mark.parametrize(
    ("told", "late", "returns"), [(None, 3, False), (5, 4, False), (5, 5, True), (None, 4, True)]
)
def test_late_news_does_not_bring_back_what_has_gone(told: int | None, late: int, returns: bool) -> None:
    router = centre()
    router.put_item(item("i", version=3))
    router.drop_item("i", told)
    router.put_item(item("i", version=late))
    assert router.length("q") == returns
    router.put_agent(agent("a", version=3))
    router.drop_agent("a", told)
    router.put_agent(agent("a", version=late))
    router.put_item(item("j"))
    assert bool(router.decide(0.0)) == returns


def test_saying_it_twice_changes_nothing() -> None:
    router = centre()
    for _ in range(2):
        router.put_agent(agent("a", version=1))
        router.put_item(item("i", version=1))
    assert offers(router.decide(0.0)) == [("i", "a")]
    router.put_item(item("i", version=1))
    router.put_agent(agent("a", version=1))
    assert router.decide(0.0) == []
    for _ in range(2):
        router.drop_item("i")
        router.drop_agent("a")
    assert router.length("q") == 0


def test_skills_may_change_without_the_row() -> None:
    router = centre(QueuePolicy(required={"billing": 2}))
    router.put_agent(agent("a", version=1))
    router.put_item(item("i"))
    assert router.decide(0.0) == []
    router.put_agent(agent("a", version=1, skills={"billing": 2}))
    assert offers(router.decide(0.0)) == [("i", "a")]


# Proposals on their way


def test_a_proposal_is_taken_for_done_until_it_is_released() -> None:
    router = centre()
    router.put_agent(agent("a", version=1))
    router.put_item(item("i", at=1))
    router.put_item(item("j", at=2))
    assert offers(router.decide(3.0)) == [("i", "a")]
    assert (router.position("i", 3.0), router.position("j", 3.0), router.length("q")) == (None, 1, 1)
    assert router.decide(4.0) == []
    router.release("i", "somebody else")
    assert router.decide(4.0) == []
    router.release("i", "a")
    assert router.position("i", 4.0) == 1
    assert offers(router.decide(5.0)) == [("i", "a")]


@pytest.mark.parametrize("item_first", [True, False])
def test_an_agent_with_room_for_more_holds_what_is_on_its_way(item_first: bool) -> None:
    router = centre()
    router.put_agent(agent("a", capacity=CHATS, version=1))
    for number in range(4):
        router.put_item(item(f"i{number}", at=number, kind="chat"))
    assert offers(router.decide(9.0)) == [("i0", "a"), ("i1", "a"), ("i2", "a")]
    view = agent("a", capacity=CHATS, load={"chat": 1}, holding=("i0",), version=2)
    if item_first:
        router.drop_item("i0")
        router.put_agent(view)
    else:
        router.put_agent(view)
        router.drop_item("i0")
    assert router.decide(9.0) == [], "the two others are still on their way"
    router.release("i1")
    assert offers(router.decide(9.0)) == [("i1", "a")]


def test_a_newer_view_without_holding_is_the_whole_truth() -> None:
    router = centre()
    router.put_agent(agent("a", capacity=CHATS, version=1))
    for number in range(4):
        router.put_item(item(f"i{number}", at=number, kind="chat"))
    assert len(router.decide(9.0)) == 3
    router.put_agent(agent("a", capacity=CHATS, load={"chat": 2}, version=2))
    assert offers(router.decide(9.0)) == [("i3", "a")]
    router.release("i1")
    assert router.position("i1", 9.0) == 1, "its proposal failed, whatever is known of the agent"


def test_who_declines_or_does_not_answer_is_passed_for_a_while() -> None:
    router = centre()
    router.put_agent(agent("a", version=1, idle_since=1))
    router.put_agent(agent("b", version=1, idle_since=2))
    router.put_item(item("i", version=1))
    assert offers(router.decide(9.0)) == [("i", "a")]
    router.put_item(item("i", version=2, passed={"a": 100.0}))
    assert offers(router.decide(10.0)) == [("i", "b")]
    router.put_item(item("i", version=3, passed={"a": 100.0, "b": 120.0}))
    assert router.decide(99.0) == []
    assert router.next_at(99.0) == 100.0
    found = router.decide(100.0)
    assert (offers(found), triggers(found)) == ([("i", "a")], ["time"])


def test_work_that_everybody_free_has_passed_is_in_nobodys_way() -> None:
    router = centre()
    for number in range(5):
        router.put_item(item(f"i{number}", at=number, passed={"a": 100.0}))
    router.put_item(item("last", at=9))
    router.decide(10.0)
    router.put_agent(agent("a"))
    assert offers(router.decide(11.0)) == [("last", "a")]


def test_what_an_agent_has_passed_hides_nothing_more_urgent_elsewhere() -> None:
    router = centre(r=QueuePolicy())
    router.put_item(item("passed", at=1, passed={"a": 100.0}))
    router.put_item(item("behind", at=5))
    router.put_item(item("elsewhere", "r", at=3))
    router.decide(10.0)
    router.put_agent(agent("a"))
    assert offers(router.decide(11.0)) == [("elsewhere", "a")]


def test_an_agent_is_free_again_when_the_customer_left_before_the_offer() -> None:
    router = centre()
    router.put_agent(agent("a"))
    router.put_item(item("i", at=1))
    router.put_item(item("j", at=2))
    assert offers(router.decide(3.0)) == [("i", "a")]
    router.drop_item("i")
    assert router.decide(4.0) == []
    router.release("i", "a")
    assert offers(router.decide(5.0)) == [("j", "a")]


@pytest.mark.parametrize("fields", [{}, {"wanted": "a"}, {"owners": ("a",)}])
def test_queues_that_age_differently_are_compared_by_urgency_now(fields: dict[str, Any]) -> None:
    strategy = ("owner_first", "longest_idle")
    slow = QueuePolicy(strategy=strategy, ageing=1.0, priority=10, prefer_seconds=9999)
    quick = QueuePolicy(strategy=strategy, ageing=6.0, prefer_seconds=9999)
    expected = {310: ("slow", "quick"), 600: ("quick", "slow")}
    for now, order in expected.items():
        router = Router({"s": slow, "r": quick})
        router.put_agent(agent("a", load={"call": 1}, version=1))
        router.put_item(item("slow", "s", at=0, **fields))
        router.put_item(item("quick", "r", at=300, **fields))
        router.decide(301.0)
        router.put_agent(agent("a", version=2))
        assert offers(router.decide(float(now))) == [(order[0], "a")]


# Moves

OVER = Overflow(to="r", after=30.0)


@pytest.mark.parametrize(
    ("rule", "staffed", "moved_at"),
    [
        (OVER, True, {"i": 30, "j": 31}),
        (OVER, False, {}),
        (Overflow(to="r", after=30.0, only_if_staffed=False), False, {"i": 30, "j": 31}),
        (Overflow(to="r", longer_than=0), True, {"j": 1}),
        (Overflow(to="r", longer_than=0, after=20.0), True, {"j": 21}),
        (Overflow(to="r", longer_than=2), True, {}),
    ],
)
def test_when_work_overflows(rule: Overflow, staffed: bool, moved_at: dict[str, int]) -> None:
    router = centre(QueuePolicy(overflow=(rule,)), r=QueuePolicy(required={"x": 1}))
    skills = {"x": 1} if staffed else {}
    router.put_agent(agent("busy", skills=skills, load={"call": 1}))
    router.put_item(item("i", at=0))
    found = {}
    for second in range(60):
        if second == 1:
            router.put_item(item("j", at=1))
        for each in router.decide(float(second)):
            assert isinstance(each, Move)
            assert each.reason == ("full" if rule.longer_than is not None else "waited")
            found[each.item_id] = second
    assert found == moved_at
    assert set(router.line("r")) == set(moved_at)


def test_who_is_pushed_behind_the_limit_overflows() -> None:
    router = centre(QueuePolicy(overflow=(Overflow(to="r", longer_than=1, only_if_staffed=False),)))
    router.put_item(item("first", at=1))
    router.put_item(item("second", at=2))
    assert router.decide(3.0) == []
    router.put_item(item("urgent", at=3, priority=9))
    assert router.decide(3.0) == [Move("second", "r", "full")]


def test_work_held_up_moves_when_somebody_comes_who_could_serve_it_there() -> None:
    router = centre(QueuePolicy(overflow=(OVER,)), r=QueuePolicy(required={"x": 1}))
    router.put_item(item("i", at=0))
    assert router.decide(30.0) == []
    router.put_agent(agent("other"))
    assert offers(router.decide(31.0)) == [("i", "other")]
    router.put_item(item("j", at=0))
    assert router.decide(40.0) == []
    router.put_agent(agent("a", skills={"x": 1}, load={"call": 1}))
    assert router.decide(41.0) == [Move("j", "r", "waited")]


def test_a_move_is_taken_for_done_and_taken_back() -> None:
    policy = QueuePolicy(overflow=(Overflow(to="r", after=30.0),), required={"y": 1})
    router = centre(policy, r=QueuePolicy(required={"x": 1}))
    router.put_agent(agent("a", skills={"x": 1}))
    router.put_item(item("i", at=0, version=1))
    router.decide(1.0)
    found = router.decide(30.0)
    assert [type(each) for each in found] == [Move, Offer]
    router.put_item(item("i", "r", at=0, entered_at=30.0, version=2))
    assert router.decide(31.0) == [], "the move is committed, the offer on its way"
    router.release("i")
    assert offers(router.decide(32.0)) == [("i", "a")]
    router.release("i")
    router.put_item(item("i", at=0, version=3))
    router.decide(33.0)
    router.release("i")
    router.release("i")
    assert router.line("q") == ("i",)


# Time


def test_time_alone_changes_decisions_only_where_it_says() -> None:
    policy = QueuePolicy(
        strategy=("owner_first", "longest_idle"), rings=(Ring(after=50, lower=1),), prefer_seconds=30
    )
    router = centre(policy)
    assert router.next_at(0.0) is None
    router.put_agent(agent("owner", load={"call": 1}))
    router.put_agent(agent("b"))
    router.put_item(item("later", at=0, not_before=20.0))
    router.put_item(item("kept", at=0, owners=("owner",)))
    assert router.next_at(0.0) == 0.0, "something waits for a decision"
    assert router.decide(0.0) == []
    assert router.position("later", 0.0) is None
    assert router.next_at(0.0) == 20.0
    found = router.decide(20.0)
    assert (offers(found), triggers(found)) == ([("later", "b")], ["time"])
    assert router.next_at(20.0) == 30.0
    router.drop_item("later")
    router.put_agent(agent("b", version=1))
    assert router.decide(29.0) == []
    found = router.decide(30.0)
    assert (offers(found), triggers(found)) == ([("kept", "b")], ["time"])
    assert router.next_at(30.0) is None


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_looking_at_next_at_is_as_good_as_looking_every_second(data: st.DataObject) -> None:
    """A centre in which agents are free, and only time goes by."""
    rules = data.draw(policies("longest_idle", "priority_ageing"))
    agents = data.draw(st.lists(agent_fields, max_size=4))
    works = data.draw(st.lists(st.tuples(item_fields, passed, st.integers(0, 30)), max_size=6))

    def told() -> Router:
        router = Router(rules)
        for name, fields in zip(AGENTS, agents, strict=False):
            router.put_agent(agent(name, **fields))
        for number, (fields, passing, later) in enumerate(works):
            more: dict[str, Any] = {"passed": {who: float(n) for who, n in passing.items()}, **fields}
            router.put_item(item(f"i{number}", not_before=float(later), **more))
        return router

    every_second, at_instants = told(), told()
    expected: dict[float, Any] = {}
    for second in range(80):
        found = every_second.decide(float(second))
        if found:
            expected[float(second)] = _without_trigger(found)
    got: dict[float, Any] = {}
    now: float | None = 0.0
    while now is not None and now < 80:
        found = at_instants.decide(now)
        if found:
            got[now] = _without_trigger(found)
        after = at_instants.next_at(now)
        assert after is None or after > now
        now = after
    assert got == expected


def _without_trigger(found: list[Proposal]) -> list[Proposal]:
    return [
        msgspec.structs.replace(each, why=msgspec.structs.replace(each.why, trigger=""))
        if isinstance(each, Offer)
        else each
        for each in found
    ]


@given(lag=st.integers(0, 10), ageing=st.sampled_from([0.5, 1.0, 4.0]), every=st.integers(20, 60))
@settings(max_examples=30, deadline=None)
def test_nobody_starves(lag: int, ageing: float, every: int) -> None:
    """However much comes with more points: what comes when ageing has made up for them goes behind."""
    router = centre(QueuePolicy(ageing=ageing))
    router.put_item(item("poor", at=0))
    even, now, number = lag / ageing * 60, 0.0, 0
    served: list[str] = []
    while "poor" not in served:
        for _ in range(3):
            number += 1
            router.put_item(item(f"{'late' if now > even else 'soon'}{number}", at=now, priority=lag))
        router.put_agent(agent("a", version=number))
        [(work, _)] = offers(router.decide(now))
        served.append(work)
        router.drop_item(work)
        now += every
    assert not [work for work in served if work.startswith("late")]


# What it tells people


def test_the_trigger_says_what_made_it_possible() -> None:
    policy = QueuePolicy(strategy=("owner_first", "longest_idle"))
    router = centre(policy)
    router.put_agent(agent("a", version=1))
    router.put_item(item("i"))
    assert triggers(router.decide(0.0)) == ["work_came"]
    router.drop_item("i")
    router.put_item(item("j"))
    assert router.decide(1.0) == []
    router.put_agent(agent("a", version=2))
    assert triggers(router.decide(2.0)) == ["agent_free"]
    router.drop_item("j")
    router.put_agent(agent("b", load={"call": 1}, version=1))
    router.put_item(item("k", at=2, owners=("b",)))
    router.put_agent(agent("a", version=3))
    assert router.decide(3.0) == []
    router.put_agent(agent("b", load={"call": 1}, presence="break", version=2))
    assert triggers(router.decide(4.0)) == ["agent_left"]


def test_explaining_why_work_waits() -> None:
    policy = QueuePolicy(strategy=("owner_first", "longest_idle"), required={"x": 3})
    router = centre(policy)
    able = {"x": 3}
    router.put_agent(agent("free", skills=able))
    router.put_agent(agent("owner", skills=able, load={"call": 1}))
    router.put_agent(agent("tired", skills=able, presence="break"))
    router.put_agent(agent("silent", skills=able, presence="not_responding"))
    router.put_agent(agent("home", skills=able, presence="offline"))
    router.put_agent(agent("no", skills=able))
    router.put_agent(agent("german", skills=able, languages=("de",)))
    router.put_agent(agent("new", skills={"x": 2}))
    router.put_item(item("i", at=10, owners=("owner",), language="en", passed={"no": 500.0}))
    assert router.decide(20.0) == []
    why = router.explain("i", 25.0)
    assert why is not None
    assert [(each.agent_id, each.reason) for each in why.passed_over] == [
        ("free", "waiting_for_owner"),
        ("owner", "busy"),
        ("no", "declined"),
        ("silent", "not_responding"),
        ("tired", "break"),
        ("home", "offline"),
        ("german", "lacks_language"),
        ("new", "lacks_skill"),
    ]
    assert set(why.passed_over_counts.values()) == {1}
    assert (why.strategy, why.waited, why.candidate_count) == ("owner_first", 15.0, 0)
    assert router.explain("i", 40.0) is not None
    router.decide(40.0)
    assert router.explain("i", 41.0) is None, "it is being offered"


def test_work_wanted_by_one_agent_goes_to_nobody_else() -> None:
    router = centre(QueuePolicy(required={"x": 9}))
    router.put_agent(agent("a", load={"call": 1}, version=1))
    router.put_agent(agent("b", skills={"x": 9}))
    router.put_item(item("i", "", wanted="a", kind="consult"))
    assert router.decide(0.0) == []
    why = router.explain("i", 0.0)
    assert why is not None
    assert why.passed_over_counts == {"busy": 1, "not_wanted": 1}
    router.put_agent(agent("a", version=2))
    [offer] = router.decide(1.0)
    assert isinstance(offer, Offer)
    assert (offer.agent_id, offer.why.strategy) == ("a", "wanted")


def test_names_are_few_and_counts_are_of_all() -> None:
    router = centre(QueuePolicy(required={"x": 1}))
    for number in range(300):
        router.put_agent(
            agent(f"a{number:03}", skills={"x": 1} if number < 100 else {}, idle_since=float(number))
        )
    router.put_item(item("i"))
    [offer] = router.decide(999.0)
    assert isinstance(offer, Offer)
    assert [each.agent_id for each in offer.why.candidates] == [f"a{n:03}" for n in range(10)]
    assert offer.why.candidate_count == 100
    assert (len(offer.why.passed_over), offer.why.passed_over_counts) == (10, {"lacks_skill": 200})


def test_a_queue_without_a_policy_still_works() -> None:
    router = Router({})
    router.put_agent(agent("a"))
    router.put_item(item("i", "forgotten"))
    assert offers(router.decide(0.0)) == [("i", "a")]
