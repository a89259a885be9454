"""Wherever the connection breaks, whatever restarts: nothing is lost or doubled, and the order is kept."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from contact_center.clock import ManualClock
from crm_store import chats, contacts
from crm_store.contacts import Contact
from crm_store.messages import Message
from tests.api.conftest import ON_BOTH
from tests.chat.site import PATIENCE, Site, Visitor
from tests.chat.test_conversation import with_agent

STEPS = st.one_of(
    st.just(("say", 0)),
    st.just(("agent", 0)),
    st.tuples(st.just("cut"), st.integers(0, 4)),  # after so many lines were heard
    st.just(("restart", 0)),
)


async def kept(site: Site, visitor: Visitor) -> list[tuple[str, str]]:
    """Every message of the visitor's in the order in which it was kept: its id and its text."""

    def read(connection: Connection) -> list[Message]:
        found = chats.of_visitor(connection, visitor.ready["visitor"], 100)
        return [each.message for contact in found for each in chats.written(connection, contact)]

    return [(message.id, message.text) for message in await site.centre.room.store.read(read)]


async def settle(site: Site, visitor: Visitor) -> None:
    """Until the browser shows all that is kept, and everything of its own is kept."""
    async with asyncio.timeout(PATIENCE):
        while True:
            while visitor.pending:
                assert await visitor.next() is not None
            if len(visitor.shown) >= len(await kept(site, visitor)):
                return
            assert await visitor.next() is not None


async def agent_writes(site: Site, contact_id: str, text: str) -> None:
    await site.ask("POST", f"/contacts/{contact_id}/messages", {"text": text})


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=st.lists(STEPS, min_size=1, max_size=12))
async def test_any_cuts(site: Site, plan: list[tuple[str, int]]) -> None:
    assert isinstance(site.centre.clock, ManualClock)
    site.centre.clock.advance(60)  # connections are limited by the minute
    visitor = await Visitor(site).come()
    contact_id = await with_agent(site, visitor)
    work_id = await site.work()
    for number, (step, heard) in enumerate([*plan, ("cut", 0)]):
        if step == "say":
            await visitor.say(f"visitor {number}")
        elif step == "agent":
            await agent_writes(site, contact_id, f"agent {number}")
        else:
            for _ in range(heard):
                if not visitor.pending:
                    break
                await visitor.next()
            await visitor.go()
            if step == "restart":
                await site.restart()
            await visitor.come()
    await settle(site, visitor)
    assert [(line["id"], line["text"]) for line in visitor.shown] == await kept(site, visitor)
    told = [line["text"] for line in visitor.shown]
    for step, who in (("say", "visitor"), ("agent", "agent")):
        said = [f"{who} {number}" for number, (what, _) in enumerate(plan) if what == step]
        assert [text for text in told if text.startswith(f"{who} ")] == said
    await visitor.go()
    await site.ask("POST", f"/works/{work_id}/end")
    await site.ask("POST", f"/works/{work_id}/wrap-up", {})


@ON_BOTH
async def test_a_line_said_twice_is_one(site: Site) -> None:
    visitor = await Visitor(site).come()
    await visitor.act("start")
    await visitor.message("What is it about?")
    await visitor.phase("flow")
    line = {"type": "say", "id": "same", "text": "1"}
    for _ in range(3):
        await visitor.send(line)
    await visitor.message("Which order?")
    await site.restart()
    await visitor.come()
    await visitor.send(line)
    await visitor.say("12345")
    await visitor.message("12345")
    await visitor.message("What is it about?")
    assert visitor.texts() == ["What is it about?", "1", "Which order?", "12345", "What is it about?"]


async def test_a_beginning_and_an_end_said_again_begin_and_end_nothing_else(site: Site) -> None:
    visitor = await Visitor(site).come()
    first = {"type": "start", "id": "first"}
    await visitor.send(first)
    await visitor.phase("flow")
    await visitor.send({"type": "end", "id": "over"})
    await visitor.phase("ended")
    await visitor.go()
    await site.restart()  # what the process remembered would hide it
    await visitor.come()
    await visitor.send(first)
    await visitor.send({"type": "start", "id": "second"})
    await visitor.phase("flow")
    await visitor.send({"type": "end", "id": "over"})
    await visitor.say("2")
    await visitor.phase("waiting")
    assert [contact.state for contact in await site.centre.contacts()] == ["ended", "waiting"]


@ON_BOTH
async def test_another_process_and_another_tab(site: Site) -> None:
    here = await Visitor(site).come()
    await here.act("start")
    await here.phase("flow")
    await site.another()
    there = await Visitor(site, session=here.session, tab="t").come()
    await there.message("What is it about?")
    await there.phase("flow")
    await there.say("orders", picked="orders")
    assert (await here.message("Which order?"))["id"] == (await there.message("Which order?"))["id"]
    assert [line["id"] for line in here.shown] == [line["id"] for line in there.shown]


async def test_a_lost_wake_up_is_found(site: Site) -> None:
    visitor = await Visitor(site).come()
    contact_id = await with_agent(site, visitor)
    site.process.chat.hub._give_out = lambda wakes: None  # type: ignore[method-assign]  # nothing is heard
    await agent_writes(site, contact_id, "can you hear me?")
    await site.process.chat.hub.look()
    await visitor.message("can you hear me?")


async def test_a_place_that_is_none_begins_anew(site: Site) -> None:
    visitor = await Visitor(site).come()
    await visitor.act("start")
    await visitor.phase("flow")
    for place in ("", "nonsense", "con_00000000000000000000000000:5", visitor.place.split(":")[0] + ":999"):
        again = await Visitor(site, session=visitor.session, place=place).come()
        await again.until(lambda line: line["type"] == "anew")
        await again.message("What is it about?")
        await again.go()


@ON_BOTH
async def test_what_is_committed_between_two_reads_is_for_the_next_look(site: Site) -> None:
    visitor = await Visitor(site).come()
    contact_id = await with_agent(site, visitor)
    store = site.centre.room.store
    before = await store.read(lambda connection: contacts.get(connection, contact_id))
    await agent_writes(site, contact_id, "just now")
    after = await store.read(lambda connection: contacts.get(connection, contact_id))

    def texts(contact: Contact) -> list[str]:
        with store.engine.connect() as connection:
            return [each.message.text for each in chats.written(connection, contact)]

    assert texts(after) == [*texts(before), "just now"]
