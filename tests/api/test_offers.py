"""Offers over the API: accepted, declined, taken out of the line; whose they are, on both databases."""

from __future__ import annotations

import pytest

from contact_center.actions.transfer import consult
from contact_center.clock import ManualClock
from crm_store import works
from tests.api.at_work import AtWork
from tests.api.conftest import ON_BOTH, Api


@pytest.fixture
async def desk(api: Api) -> AtWork:
    return await AtWork.begin(api)


@ON_BOTH
async def test_an_offer_is_accepted_once(desk: AtWork) -> None:
    await desk.go(desk.wang)
    job = await desk.offered(await desk.waits(), desk.wang)
    shown = await desk.api.get(f"/offers/{job.offer_id}", role="agent")
    assert (shown["state"], shown["agent_id"], shown["work_id"]) == ("pending", desk.wang, job.id)
    first = await desk.post(f"/offers/{job.offer_id}/accept")
    assert (first["state"], first["agent_id"], first["offer_id"]) == ("active", desk.wang, job.offer_id)
    assert await desk.post(f"/offers/{job.offer_id}/accept") == first
    contact = await desk.contact(job)
    assert (contact.state, contact.owner, contact.agent_id) == ("connected", "agent", desk.wang)
    assert (await desk.kinds(job)).count("offer_accepted") == 1
    assert (await desk.api.get(f"/works/{job.id}", role="supervisor"))["state"] == "active"


async def test_an_offer_is_declined_with_a_reason(desk: AtWork) -> None:
    await desk.go(desk.wang)
    job = await desk.offered(await desk.waits(), desk.wang)
    work = await desk.post(f"/offers/{job.offer_id}/decline", {"reason": " my cousin "})
    assert (work["state"], work["agent_id"]) == ("waiting", None)
    assert list((await desk.work(job)).passed) == [desk.wang]
    state = await desk.api.get(f"/agents/{desk.wang}/state")
    assert (state["presence"], state["holding"]) == ("available", {})
    assert "it was declined" in await desk.refused(409, "refused", f"/offers/{job.offer_id}/accept")
    assert "it was declined" in await desk.refused(409, "refused", f"/offers/{job.offer_id}/decline")


@pytest.mark.parametrize("answer", ["accept", "decline"])
async def test_whose_offer_it_is(desk: AtWork, answer: str) -> None:
    await desk.go(desk.ada)
    job = await desk.offered(await desk.waits(), desk.ada)
    path = f"/offers/{job.offer_id}/{answer}"
    assert "another agent" in await desk.refused(409, "refused", path)
    for_ada = {"agent_id": desk.ada}
    assert "supervisor" in await desk.refused(403, "forbidden", path, for_ada)
    assert "which agent" in await desk.refused(422, "invalid", path, role="program")
    await desk.refused(409, "refused", path, {"agent_id": "agt_nobody"}, role="program")
    assert (await desk.offer(job)).state == "pending"
    work = await desk.post(path, for_ada, role="program")
    assert work["state"] == {"accept": "active", "decline": "waiting"}[answer]


async def test_a_token_of_no_agent_answers_nothing(desk: AtWork) -> None:
    await desk.go(desk.wang)
    job = await desk.offered(await desk.waits(), desk.wang)
    await desk.refused(422, "invalid", f"/offers/{job.offer_id}/accept", role="nobody")
    job = await desk.chat(desk.ada)
    assert "token of the agent" in await desk.refused(403, "forbidden", f"/works/{job.id}/end", role="nobody")


async def test_an_offer_that_has_run_out_is_over(desk: AtWork, clock: ManualClock) -> None:
    await desk.go(desk.wang)
    job = await desk.offered(await desk.waits(), desk.wang)
    clock.advance(20)
    assert "run out" in await desk.refused(409, "refused", f"/offers/{job.offer_id}/accept")


@ON_BOTH
async def test_work_is_taken_out_of_the_line(desk: AtWork) -> None:
    await desk.go(desk.wang)
    offered = await desk.offered(await desk.waits(), desk.wang)
    waiting = await desk.waits()
    await desk.refused(404, "not_found", "/works/none/take")
    for job in (offered, waiting):
        work = await desk.post(f"/works/{job.id}/take", role="ada")
        assert (work["state"], work["agent_id"], work["offer_id"]) == ("active", desk.ada, None)
        assert (await desk.contact(job)).agent_id == desk.ada
        assert (await desk.kinds(job))[-2:] == ["taken", "connected"]
        assert "is active" in await desk.refused(409, "refused", f"/works/{job.id}/take")
    assert (await desk.offer(offered)).state == "revoked"
    assert (await desk.api.get(f"/agents/{desk.wang}/state"))["holding"] == {}
    third = await desk.waits()
    assert "supervisor" in await desk.refused(
        403, "forbidden", f"/works/{third.id}/take", {"agent_id": desk.ada}
    )
    await desk.post(f"/works/{third.id}/take", {"agent_id": desk.ada}, role="program")
    assert "no room" in await desk.refused(
        409, "refused", f"/works/{(await desk.waits()).id}/take", role="ada"
    )


async def test_the_asker_does_not_take_the_question(desk: AtWork) -> None:
    job = await desk.chat()
    await desk.act(lambda deed: consult(deed, works.get(deed.connection, job.id), queue="complaints"))
    [asked] = await desk.api.room.store.read(lambda connection: works.consults_of(connection, job.id))
    capacity = [{"chat": 3, "call": 1}]
    agent = await desk.api.get(f"/agents/{desk.wang}")
    body = {"name": agent["name"], "email": agent["email"], "capacity": capacity}
    headers = {"If-Match": f'"{agent["version"]}"'}
    assert (await desk.api.ask("PUT", f"/agents/{desk.wang}", body, headers=headers)).status == 200
    assert "asks" in await desk.refused(409, "refused", f"/works/{asked.id}/take")
