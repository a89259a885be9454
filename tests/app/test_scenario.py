"""Two calls and a chat wait, three agents with different skills go on duty: the right one is asked each time,
one does not answer, the caller keeps the place in line, and the log tells why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contact_center.channels.base import Delivery, MessageIn, NewContact
from contact_center.why import explain, tell
from crm_store import queues
from crm_store.queues import QueueSettings
from crm_store.works import Work
from ivr_flows.session import Traits
from tests.app.centre import TwilioCall, open_centre, sqlite_url
from tests.app.floor import AISHA, GRACE, TOM, Floor

LINES = {
    "lines": """
flow: lines
languages: [en]
start: ask
person: sales
nodes:
  ask:
    kind: menu
    text: "Press 1 for sales, 2 for complaints, 3 for billing."
    choices:
      - {key: "1", label: Sales, words: [buy], next: sales}
      - {key: "2", label: Complaints, words: [complain], next: complaints}
      - {key: "3", label: Billing, words: [bill], next: billing}
  sales: {kind: queue, queue: scene_sales, max_wait: 600, next: bye, timed_out: bye, error: bye}
  complaints: {kind: queue, queue: scene_complaints, max_wait: 600, next: bye, timed_out: bye, error: bye}
  billing: {kind: queue, queue: scene_billing, max_wait: 600, next: bye, timed_out: bye, error: bye}
  bye: {kind: hang_up, text: "Goodbye."}
"""
}
CHAT = Traits("web", speaks=False)

SKILLS = {"scene_sales": {"sales": 7}, "scene_complaints": {"complaints": 7}, "scene_billing": {"billing": 9}}
"""Sales: Tom. Complaints: Grace and Aisha. Billing at that level: Aisha alone."""


async def a_chat(floor: Floor, *words: str) -> str:
    """Somebody writes on the web site; the contact's id."""
    opens = NewContact("web", "visitor-1", "", "web")
    for number, text in enumerate(("hello", *words)):
        event = MessageIn(text, f"web-{number}")
        delivery = Delivery(f"w{number}", "web", "web:visitor-1", event, f"web-{number}", opens=opens)
        reply = await floor.centre.conductor.handle(delivery, CHAT)
    return reply.contact_id


async def a_call(floor: Floor, number: int, key: str) -> str:
    call = await TwilioCall(floor.centre, f"CA{number:032d}", f"+1202555017{number}").dial()
    await call.press(key)
    return (await floor.centre.contact(call.sid)).id


async def work_of(floor: Floor, contact_id: str) -> Work:
    [work] = [work for work in await floor.works() if work.contact_id == contact_id]
    return work


async def told(floor: Floor, contact_id: str) -> str:
    found = await floor.read(lambda connection: explain(connection, contact_id))
    return "\n".join(line for _, lines in tell(found) for line in lines)


async def test_every_contact_reaches_the_right_person_and_the_log_says_why(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), LINES) as centre:
        floor = Floor(centre)
        by: dict[str, Any] = {"at": centre.clock.now(), "ids": centre.room.ids, "actor": "test"}
        with centre.room.store.writing() as connection:
            for name, skills in SKILLS.items():
                queues.put(connection, name, QueueSettings(title={"en": name}, skills=skills), **by)
        first = await a_call(floor, 1, "2")
        await floor.step(4)
        chat = await a_chat(floor, "bill")
        await floor.step(3)
        second = await a_call(floor, 2, "1")
        await floor.step()
        assert [work.state for work in await floor.works()] == ["waiting"] * 3
        places = {work.id: work.queued_at for work in await floor.works()}

        await floor.go(TOM)
        await floor.step()
        assert (await floor.offer(TOM)).work_id == (await work_of(floor, second)).id, "sales and nothing else"
        await floor.accept(TOM)
        await floor.go(GRACE)
        await floor.step()
        assert (await floor.offer(GRACE)).work_id == (await work_of(floor, first)).id
        await floor.go(AISHA)
        await floor.step()
        assert (await floor.offer(AISHA)).work_id == (await work_of(floor, chat)).id, "Grace knows too little"
        await floor.accept(AISHA)

        third = await a_call(floor, 3, "2")
        await floor.step(21)  # Grace does not answer
        assert (await floor.state(GRACE)).presence == "not_responding"
        waiting = await work_of(floor, first)
        assert (waiting.state, waiting.queued_at) == ("waiting", places[waiting.id])
        await floor.end(await work_of(floor, chat))
        await floor.finish(await work_of(floor, chat))
        await floor.step(1.5)
        assert (await floor.offer(AISHA)).work_id == waiting.id, "the first in line is still the first"
        await floor.accept(AISHA)
        assert (await work_of(floor, third)).state == "waiting"
        assert {work.id: work.queued_at for work in await floor.works() if work.id in places}.items() <= (
            places.items()
        )

        why = await told(floor, second)
        assert "Waits in scene_sales, place 1" in why
        assert "Offered to Tom Becker after 0.0 s of waiting" in why
        assert "could have had it: Tom Becker" in why
        assert "because an agent became free" in why
        why = await told(floor, first)
        assert "passed over: Tom Becker, who lacks a skill or its level" in why
        assert "Grace Miller did not answer" in why
        assert "Offered to Aisha Khan after 29.5 s of waiting" in why
        assert "passed over: Grace Miller, who was not responding" in why
        assert "Aisha Khan accepted after 0.0 s" in why
        why = await told(floor, chat)
        assert "passed over: Grace Miller, who lacks a skill or its level" in why
        assert "Aisha Khan and the customer are connected" in why
