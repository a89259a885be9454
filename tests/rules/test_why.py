"""Why in words: one line for every decision, whatever the journal holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from contact_center.routing.model import Candidate, PassedOver, Why
from contact_center.routing.telling import NEAREST
from contact_center.why import KINDS, REASONS, Decision, Explanation, tell

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NAMES = {"agt_1": "Grace", "agt_2": "Tom"}
WHY = Why(
    trigger="agent_free",
    strategy="longest_idle",
    score=12.5,
    urgency=3.0,
    waited=7.0,
    ring=2,
    candidates=(Candidate("agt_1", 12.5), Candidate("agt_9", 3.0)),
    candidate_count=5,
    passed_over=(PassedOver("agt_2", "busy"),),
    passed_over_counts={"busy": 1, "lacks_skill": 40},
)


def lines(kind: str, **data: Any) -> list[str]:
    decision = Decision(AT, kind, data)
    [(at, told)] = tell(Explanation("con_1", (decision,), NAMES))
    assert at == AT
    return told


TOLD = [
    (
        "queued",
        {
            "queue": "sales", "position": 3, "priority": 5, "tier": "gold", "language": "en",
            "required": {"sales": 7}, "owners": ["agt_1"],
        },
        "Waits in sales, place 3 (priority 5, gold customer, in en, needs sales 7, owner Grace)",
    ),
    ("queued", {"queue": "sales", "tier": "standard"}, "Waits in sales"),
    ("queue_left", {"queue": "vip", "reason": "stop", "waited": 12.34}, "Left vip (stop) after 12.3 s"),
    ("offer_accepted", {"agent_id": "agt_1", "after": 2.5}, "Grace accepted after 2.5 s"),
    ("taken", {"agent_id": "agt_1", "queue": "vip"}, "Grace took it out of the line unasked"),
    ("offer_declined", {"agent_id": "agt_1", "reason": "busy"}, "Grace declined (busy)"),
    ("offer_expired", {"agent_id": "agt_1"}, "Grace did not answer"),
    ("offer_revoked", {"agent_id": "agt_8", "reason": "abandoned"}, "agt_8 was asked no more (abandoned)"),
    ("connected", {"agent_id": "agt_2", "waited": 3.0}, "Tom and the customer are connected"),
    ("requeued", {"queue": "vip", "reason": "carrier"}, "Back in line in vip with the old place (carrier)"),
    ("moved", {"from": "sales", "to": "vip", "reason": "waited"}, "Moved from sales to vip (waited)"),
    (
        "transferred",
        {"from": "agt_1", "to_kind": "agent", "to": "agt_2", "how": "warm"},
        "Grace transferred it to agent Tom (warm)",
    ),
    (
        "transferred",
        {"from": None, "to_kind": "queue", "to": "vip", "how": "cold"},
        "nobody transferred it to queue vip (cold)",
    ),
    ("consulted", {"what": "asked", "agent_id": "agt_2", "queue": ""}, "Consultation: asked (Tom)"),
    ("consulted", {"what": "asked", "agent_id": "", "queue": "vip"}, "Consultation: asked (vip)"),
    ("consulted", {"what": "joined"}, "Consultation: joined"),
    ("wrap_up", {"agent_id": "agt_1", "talked": 3}, "Grace writes it up"),
    ("wrapped_up", {"agent_id": "agt_1", "disposition": "resolved"}, "Grace is done with it"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data", "line"), TOLD)
def test_every_kind_is_told(kind: str, data: dict[str, Any], line: str) -> None:
    assert lines(kind, **data) == [line]


def test_every_kind_is_in_the_table() -> None:
    assert {kind for kind, _, _ in TOLD} | {"offered"} == KINDS


@pytest.mark.parametrize("order", [False, True], ids=["as written", "as PostgreSQL gives it back"])
def test_an_offer_tells_who_could_and_who_could_not(order: bool) -> None:
    """JSONB keeps the keys of objects in an order of its own."""
    why = json.loads(json.dumps(msgspec.to_builtins(WHY), sort_keys=order))
    if order:
        why["candidates"] = [
            dict(sorted(one.items(), key=lambda item: len(item[0]))) for one in why["candidates"]
        ]
        why["passed_over"] = [
            dict(sorted(one.items(), key=lambda item: len(item[0]))) for one in why["passed_over"]
        ]
    assert lines("offered", agent_id="agt_1", waited=7.04, free_for=0.004, why=why) == [
        "Offered to Grace after 7.0 s of waiting, 4 ms after both were free",
        "  decided by longest_idle, because an agent became free; score 12.5, urgency 3, ring 2",
        "  could have had it: Grace (12.5), agt_9 (3) and 3 more",
        "  passed over: Tom, who had no room for it",
        "  passed over in all: 1 busy, 40 lacks_skill",
    ]


def test_an_offer_without_a_why_is_told_too() -> None:
    assert lines("offered", agent_id="agt_1")[0].startswith("Offered to Grace after 0.0 s")


@pytest.mark.parametrize("trigger", ["agent_free", "work_came", "agent_left", "time"])
def test_every_trigger_of_the_router_has_words(trigger: str) -> None:
    why = msgspec.to_builtins(msgspec.structs.replace(WHY, trigger=trigger))
    assert f"because {trigger};" not in lines("offered", agent_id="agt_1", why=why)[1]


def test_every_reason_of_the_router_has_words() -> None:
    assert set(NEAREST) <= set(REASONS)
