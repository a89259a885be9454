"""The snapshot law: a snapshot and the notices since are a fresh snapshot, after every action."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from contact_center.actions import calls, offers, presence, talk, transfer
from contact_center.actions.offers import LEADER
from contact_center.channels.base import LegEvent
from contact_center.clock import ManualClock
from contact_center.routing.model import QueuePolicy
from crm_store import leases, legs, schema, works
from tests.api.at_work import AtWork, Carrier, Job
from tests.api.conftest import ON_BOTH
from tests.desk.client import Client, opened

Check = Callable[[], Awaitable[None]]


def checking(*desks: Client) -> Check:
    async def check() -> None:
        for desk in desks:
            await desk.is_right()

    return check


async def change(floor: AtWork, job: Job, action: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """An action on work as it is now."""
    return await floor.act(lambda deed: action(deed, works.get(deed.connection, job.id), *given, **more))


@ON_BOTH
async def test_offers(floor: AtWork, clock: ManualClock) -> None:
    async with opened(floor) as wang, opened(floor, "ada") as ada:
        check = checking(wang, ada)
        await floor.go(floor.wang, floor.ada)
        await check()
        job = await floor.offered(await floor.waits(), floor.wang)
        await check()
        assert list(wang.shows.offers) == [job.offer_id]
        await floor.post(f"/offers/{job.offer_id}/decline")
        await check()
        assert (wang.shows.offers, wang.shows.works) == ({}, {})
        job = await floor.offered(job, floor.ada)
        clock.advance(21)
        await floor.act(lambda deed: offers.expire_offer(deed, job.offer_id))
        await check()
        assert ada.shows.state["presence"] == "not_responding"
        await floor.go(floor.ada)
        job = await floor.offered(job, floor.wang)
        await change(floor, job, transfer.reassign, agent_id=floor.ada)
        await check()
        lease = await floor.api.room.store.read(lambda connection: leases.current(connection, LEADER))
        assert lease is not None
        await floor.act(lambda deed: offers.move_work(deed, job.id, "complaints", "waited", lease.fence))
        await check()
        job = await floor.offered(job, floor.wang)
        await change(floor, job, talk.cancel_work)
        await check()


async def test_an_offer_that_is_accepted_by_itself(floor: AtWork) -> None:
    floor.api.room.policies["sales"] = QueuePolicy(auto_accept=True)
    await floor.go(floor.wang)
    async with opened(floor) as wang:
        job = await floor.offered(await floor.waits(), floor.wang)
        await wang.is_right()
        assert (wang.shows.works[job.id]["state"], wang.shows.offers) == ("active", {})
        events = [line["event"] for line in wang.heard]
        assert events.index("offer") < events.index("offer_over")


@ON_BOTH
async def test_a_chat_and_a_colleague(floor: AtWork, clock: ManualClock) -> None:
    async with opened(floor) as wang, opened(floor, "ada") as ada:
        check = checking(wang, ada)
        job = await floor.chat()
        await floor.go(floor.ada)
        await check()
        for on in (True, False):
            await floor.post(f"/works/{job.id}/hold", {"on": on})
            await check()
        for ending in ("cancel", "complete"):
            await floor.post(f"/works/{job.id}/consult", {"agent_id": floor.ada})
            await check()
            [asked] = await floor.api.room.store.read(
                lambda connection: works.consults_of(connection, job.id)
            )
            assert wang.shows.consults[asked.id]["wanted_name"] == "Ada"
            question = await floor.offered(Job(asked.id, job.contact_id), floor.ada)
            await check()
            assert (list(wang.shows.consults), ada.shows.consults) == ([asked.id], {})
            await floor.post(f"/offers/{question.offer_id}/accept", role="ada")
            await floor.post(f"/works/{job.id}/consult/join")
            await check()
            await floor.post(f"/works/{job.id}/consult/{ending}")
            await check()
        assert (wang.shows.works, list(ada.shows.works)) == ({}, [job.id])
        await floor.post(f"/works/{job.id}/end", role="ada")
        await check()
        await floor.post(f"/works/{job.id}/wrap-up", {"disposition": "resolved"}, role="ada")
        await check()
        assert ada.shows.works == {}


@ON_BOTH
async def test_back_in_line_and_lost(floor: AtWork, clock: ManualClock) -> None:
    async with opened(floor) as wang, opened(floor, "ada") as ada:
        check = checking(wang, ada)
        await floor.go(floor.ada)
        job = await floor.chat()
        await floor.post(f"/works/{job.id}/transfer", {"queue": "complaints"})
        await check()
        job = await floor.chat()
        await floor.post(f"/works/{job.id}/transfer", {"agent_id": floor.ada})
        await check()
        job = await floor.chat()
        await floor.post(f"/works/{job.id}/requeue")
        await check()
        job = await floor.chat()
        await floor.post(f"/works/{job.id}/reassign", {"queue": "complaints"}, role="supervisor")
        await check()
        await floor.chat()
        clock.advance(60)
        late = clock.now() - timedelta(seconds=20)
        await floor.act(lambda deed: presence.lose_desk(deed, floor.wang, late))
        await check()
        await floor.act(lambda deed: talk.free_agent(deed, floor.wang, "agent_lost"))
        await check()
        assert wang.shows.works == {}
        for wanted in ("break", "offline", "available"):
            await floor.act(lambda deed, wanted=wanted: presence.set_presence(deed, floor.wang, wanted))
            await check()
        await floor.act(lambda deed: presence.end_shift(deed, floor.wang))
        await check()


@ON_BOTH
async def test_a_call(floor: AtWork) -> None:
    async with opened(floor) as wang:
        job = await floor.call(Carrier())
        await wang.is_right()
        await floor.post(f"/works/{job.id}/mute", {"on": True})
        for what in ("start", "pause"):
            await floor.post(f"/works/{job.id}/record", {"what": what})
            await wang.is_right()
        stands = wang.shows.works[job.id]
        assert (stands["muted"], stands["recording"], stands["held_at"]) == (True, "paused", None)
        await floor.post(f"/works/{job.id}/supervise", {"mode": "listen"}, role="supervisor")
        await floor.post(f"/works/{job.id}/transfer", {"number": "+12025550145"})
        await wang.is_right()
        [outside] = await floor.api.room.store.read(
            lambda connection: [
                leg for leg in legs.list_for_contact(connection, job.contact_id) if leg.role == "outside"
            ]
        )
        gone = LegEvent(outside.id, "failed", reason="busy")
        await floor.act(lambda deed: calls.heed(deed, job.contact_id, gone))
        await wang.is_right()
        assert wang.shows.works[job.id]["held_at"] is None, "nobody answered: the agent has the customer back"
        assert [line["event"] for line in wang.heard].count("trouble") == 1
        await floor.post(f"/works/{job.id}/end")
        await wang.is_right()
        await floor.post(f"/works/{job.id}/wrap-up")
        await wang.is_right()


@ON_BOTH
async def test_a_customer_who_is_changed_or_merged(floor: AtWork) -> None:
    samples = floor.api.samples
    async with opened(floor) as wang:
        job = await floor.chat()
        await floor.api.room.store.write(
            lambda connection: connection.execute(
                schema.contacts.update()
                .where(schema.contacts.c.id == job.contact_id)
                .values(customer_id=samples.chen)
            )
        )
        await wang.say("snapshot")
        await wang.until("hello")
        assert wang.shows.works[job.id]["who"]["name"] == "Chen Jie"
        path, role = f"/customers/{samples.chen}", "supervisor"
        await floor.api.ask("PATCH", path, {"name": "Chen J"}, role=role, headers={"If-Match": '"0"'})
        await wang.is_right()
        assert wang.shows.works[job.id]["who"]["name"] == "Chen J"
        body = {"from_id": samples.chen, "reason": "the same person"}
        answer = await floor.api.ask("POST", f"/customers/{samples.li}/merges", body, role=role)
        merge = await answer.json()
        await wang.is_right()
        assert wang.shows.works[job.id]["who"]["name"] == "Li Wei"
        await floor.post(f"/merges/{merge['id']}/undo", role=role)
        await wang.is_right()
        assert wang.shows.works[job.id]["who"]["name"] == "Chen J"
