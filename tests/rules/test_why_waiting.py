"""Why work waits, with the people in it: who serves the queue, what each does, and what they lack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contact_center.routing.model import Skills
from contact_center.routing.standing import Standing
from contact_center.why_waiting import MOST_TOLD, Lacking, Serving, compose, lacking, who_serves
from crm_store.agent_states import AgentState, Holding
from crm_store.agents import Agent
from crm_store.works import Work

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORK = Work(id="wrk_1", kind="call", queue="q", queued_at=AT, entered_at=AT)


def person(name: str, **fields: Any) -> Agent:
    return Agent(
        id=name,
        name=name.title(),
        email=f"{name}@example.com",
        role="agent",
        languages=(),
        phone="",
        active=True,
        version=1,
        created_at=AT,
        **fields,
    )


def stands(reasons: dict[str, str], **fields: Any) -> Standing:
    usual: dict[str, Any] = {
        "place": 1,
        "length": 1,
        "ring": 0,
        "needs": ({},),
        "language": "",
        "kept_for": (),
        "serving": frozenset(reasons),
        "next": (),
    }
    return Standing(reasons=reasons, **(usual | fields))


def test_the_nearest_come_first_each_with_what_they_do() -> None:
    people = [person(name) for name in ("zoe", "amy", "bob", "cat", "new", "else")]
    states = {
        "zoe": AgentState(id="zoe", presence="available", holding={"w": Holding("call", "wrap_up", AT)}),
        "amy": AgentState(id="amy", presence="available", since=AT),
        "bob": AgentState(id="bob", presence="break", reason="lunch", since=AT),
        "cat": AgentState(
            id="cat", presence="available", since=AT, holding={"w": Holding("chat", "active", AT)}
        ),
    }
    reasons = {
        "zoe": "busy",
        "amy": "declined",
        "bob": "break",
        "cat": "busy",
        "new": "offline",
        "else": "busy",
    }
    work = Work(
        id="w",
        kind="call",
        queue="q",
        queued_at=AT,
        entered_at=AT,
        passed={"amy": "2026-03-02T17:32:00+08:00"},
    )
    found = compose(stands(reasons, serving=frozenset(reasons) - {"else"}), work, people, states)
    assert [(each.agent_id, each.reason, each.status, each.since, each.load) for each in found.agents] == [
        ("cat", "busy", "on_contact", AT, {"chat": 1}),
        ("zoe", "busy", "wrap_up", AT, {"call": 1}),
        ("amy", "declined", "available", AT, {}),
        ("bob", "break", "break", AT, {}),
        ("new", "offline", "offline", None, {}),
    ]
    assert [each.presence_reason for each in found.agents] == ["", "", "", "lunch", ""]
    assert [each.until for each in found.agents if each.until] == [AT + timedelta(minutes=2)]
    assert found.serving == Serving(5, 4, 3)
    assert found.reasons == {"busy": 2, "declined": 1, "break": 1, "offline": 1}


def test_many_are_counted_and_some_are_told() -> None:
    names = [f"a{number:03}" for number in range(MOST_TOLD + 20)]
    reasons = {name: "offline" if number < 60 else "busy" for number, name in enumerate(names)}
    found = compose(stands(reasons), WORK, [person(name) for name in names], {})
    assert found.reasons == {"busy": len(names) - 60, "offline": 60}
    assert [each.reason for each in found.agents] == ["busy"] * (len(names) - 60) + ["offline"] * 40


def test_nobody_serves_it() -> None:
    found = compose(stands({"a": "lacks_skill"}, serving=frozenset()), WORK, [person("a")], {})
    assert (found.serving, found.reasons, found.agents) == (Serving(0, 0, 0), {}, ())


@pytest.mark.parametrize(
    ("skills", "needs", "expected"),
    [
        ({}, ({"x": 3},), [("x", 3, 0)]),
        ({"x": 2, "y": 9}, ({"x": 3, "y": 5, "z": 1},), [("x", 3, 2), ("z", 1, 0)]),
        ({"x": 1, "z": 1}, ({"x": 9}, {"z": 2}, {"a": 1, "b": 1}), [("z", 2, 1)]),
        ({}, ({"a": 1, "b": 1}, {"z": 9}), [("z", 9, 0)]),
        ({"x": 3}, ({"x": 3},), []),
        ({}, (), []),
    ],
)
def test_what_is_missing_for_the_nearest_alternative(
    skills: Skills, needs: tuple[Skills, ...], expected: list[tuple[str, int, int]]
) -> None:
    assert lacking(skills, needs) == tuple(Lacking(*each) for each in expected)


def test_only_who_lacks_a_skill_is_told_what_is_missing() -> None:
    needs: tuple[Skills, ...] = ({"x": 3},)
    people = [person("a", skills={"x": 2}), person("b", skills={"x": 1})]
    found = compose(stands({"a": "lacks_skill", "b": "offline"}, needs=needs), WORK, people, {})
    assert {each.agent_id: each.lacking for each in found.agents} == {"a": (Lacking("x", 3, 2),), "b": ()}


@pytest.mark.parametrize(
    ("required", "expected"),
    [({}, Serving(3, 2, 1)), ({"x": 3}, Serving(2, 1, 1)), ({"x": 9}, Serving(0, 0, 0))],
)
def test_who_serves_a_queue(required: Skills, expected: Serving) -> None:
    people = [person("a", skills={"x": 3}), person("b", skills={"x": 2}), person("c", skills={"x": 8})]
    presences = {"a": "available", "b": "break", "c": "offline"}
    states = {name: AgentState(id=name, presence=presence) for name, presence in presences.items()}
    assert who_serves(required, people, states) == expected
