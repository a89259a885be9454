"""The expected wait out of the store: who is on duty now, and how long contacts have taken lately."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contact_center.policies import fields_of, policies_of, read_queue_policies
from contact_center.routing.expected_wait import NOBODY
from contact_center.routing.policy import PolicyError
from contact_center.waits import FRESH_SECONDS, LOOK_BACK
from crm_store import queues, works
from crm_store.works import Work
from tests.app.centre import open_centre, sqlite_url
from tests.app.floor import AISHA, GRACE, TOM, Floor
from tests.app.flows import DESK
from tests.app.test_routing import waiting_call


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    async with open_centre(sqlite_url(tmp_path), DESK) as centre:
        yield Floor(centre)


async def handled(floor: Floor, queue: str, seconds: float, number: int, ago: float = 60) -> None:
    """So many contacts took so long, the last one ``ago`` seconds before now."""
    end = floor.centre.clock.now() - timedelta(seconds=ago)
    with floor.centre.room.store.writing() as connection:
        for _ in range(number):
            work = Work(
                id=floor.centre.room.ids.new("wrk"), kind="call", queue=queue, state="done", queued_at=end,
                entered_at=end, accepted_at=end - timedelta(seconds=seconds), ended_at=end, outcome="handled",
            )  # fmt: skip
            works.insert(connection, work)


async def test_without_anybody_on_duty_nobody_can_tell(floor: Floor) -> None:
    waits = floor.centre.room.waits
    assert await waits.estimate("billing", 1) == NOBODY
    assert await waits.expected("billing", 1) is None
    await floor.go(AISHA, "break", "lunch")
    await floor.go(TOM)  # and knows nothing of bills
    floor.centre.clock.advance(FRESH_SECONDS + 1)
    assert await waits.expected("billing", 3) is None


async def test_it_goes_by_who_is_there_and_by_what_was_seen(floor: Floor) -> None:
    room, waits = floor.centre.room, floor.centre.room.waits
    room.policies = {"billing": room.policies["billing"]}  # nobody serves another queue as well
    room.waits._policies = room.policies
    await floor.go(AISHA)
    assert await waits.expected("billing", 1) == 0, "she is free"
    assert await waits.expected("billing", 2) == 240, "nothing was seen: the usual time"
    assert (await waits.estimate("billing", 2)).sure == "low"
    await handled(floor, "billing", 60, 96)
    await handled(floor, "billing", 9999, 50, ago=LOOK_BACK.total_seconds() + 1)
    await handled(floor, "sales", 9999, 50)
    assert await waits.expected("billing", 2) == 240, "it is known for some seconds"
    floor.centre.clock.advance(FRESH_SECONDS + 1)
    seen = await waits.estimate("billing", 2)
    assert seen.seconds == pytest.approx((96 * 60 + 4 * 240) / 100)
    assert (seen.low or 0) < (seen.seconds or 0) < (seen.high or 0)
    await floor.go(GRACE)
    floor.centre.clock.advance(FRESH_SECONDS + 1)
    assert await waits.expected("billing", 2) == 0
    assert await waits.expected("billing", 4) == round(2 * 67.2 / 2)


async def test_who_serves_other_queues_too_gives_half_of_the_time(floor: Floor) -> None:
    await floor.go(AISHA)
    assert await floor.centre.room.waits.expected("billing", 2) == 480


async def test_who_holds_something_is_not_free(floor: Floor) -> None:
    await waiting_call(floor)
    await floor.go(AISHA)
    await floor.step()
    await floor.accept(AISHA)
    floor.centre.clock.advance(FRESH_SECONDS + 1)
    assert await floor.centre.room.waits.expected("billing", 1) == 480


# --- policies ------------------------------------------------------------------------------------------


def queue(**more: Any) -> queues.Queue:
    return queues.Queue(id="que_1", name="sales", version=1, title={"en": "Sales"}, **more)


def test_a_queues_row_is_its_policy() -> None:
    level = queues.ServiceLevel(target=0.95, seconds=10)
    row = queue(skills={"sales": 3}, service_level=level, routing={"required": {"german": 2}, "priority": 5})
    policy = policies_of([row], ("round_robin",))["sales"]
    assert (policy.required, policy.strategy) == ({"sales": 3, "german": 2}, ("round_robin",))
    assert (policy.target, policy.target_seconds, policy.priority) == (0.95, 10, 5)
    own = queue(skills={"sales": 3}, routing={"strategy": ["least_loaded"], "required": {"sales": 9}})
    policy = policies_of([own], ("round_robin",))["sales"]
    assert (policy.strategy, policy.required) == (("least_loaded",), {"sales": 3}), "the queue's skills win"


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        ({"strategy": ["longest_idel"]}, ("sales", "strategy", "longest_idle")),
        ({"order": "loudest"}, ("sales", "order", "priority_ageing")),
        ({"required": ["sales"]}, ("sales", "required")),
        ({"overflow": [{"to": "nowhere", "after": 9}]}, ("sales", "overflow", "nowhere")),
        ({"offer_second": 3}, ("sales", "offer_second", "offer_seconds")),
    ],
)
def test_a_policy_that_cannot_be_names_queue_and_field(
    routing: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(PolicyError) as refused:
        policies_of([queue(routing=routing)], ("longest_idle",))
    for word in words:
        assert word in str(refused.value)


async def test_the_demo_queues_have_policies(floor: Floor) -> None:
    found = await floor.read(lambda connection: read_queue_policies(connection, ("longest_idle",)))
    assert found == floor.centre.room.policies
    assert found["tickets_zh"].strategy == ("longest_idle",)
    assert fields_of(queue(), ("longest_idle",))["required"] == {}
