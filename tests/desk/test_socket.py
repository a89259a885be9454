"""The desk's socket: who comes in, what is shown and told, and how it goes away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import WSServerHandshakeError

from contact_center import texting
from contact_center.actions.act import act
from contact_center.actions.presence import lose_desk
from contact_center.announcing import Notice, Told
from contact_center.clock import ManualClock
from contact_center.desk.hub import MOST_WAITING, Connection, DeskHub
from contact_center.desk.socket import PROTOCOL
from contact_center.room import Room
from contact_center.scene import Held, Scene
from crm_store import desks
from crm_store.desks import Desk
from ivr_flows import begin
from ivr_flows.session import Traits
from tests.api.at_work import AtWork
from tests.api.conftest import ON_BOTH
from tests.desk.client import opened


async def rows(floor: AtWork) -> list[Desk]:
    return await floor.api.room.store.read(desks.list_desks)


@ON_BOTH
async def test_hello_an_offer_yes_and_over(floor: AtWork) -> None:
    await floor.go(floor.wang)
    async with opened(floor) as desk:
        [hello] = desk.heard
        assert (hello["event"], hello["n"]) == ("hello", 0)
        assert hello["data"]["agent_id"] == floor.wang
        assert hello["data"]["state"]["status"] == "available"
        assert (hello["data"]["works"], hello["data"]["offers"]) == ([], [])
        job = await floor.offered(await floor.waits(), floor.wang)
        offer = await desk.until("offer")
        assert (offer["offer"]["id"], offer["work"]["id"]) == (job.offer_id, job.id)
        assert desk.shows.state["status"] == "offered"
        await floor.post(f"/offers/{job.offer_id}/accept")
        over = await desk.until("offer_over")
        assert (over["offer_id"], over["reason"]) == (job.offer_id, "accepted")
        await desk.is_right()
        assert desk.shows.works[job.id]["state"] == "active"
        assert [line["n"] for line in desk.heard] == list(range(len(desk.heard)))


async def test_a_desk_that_comes_late_is_shown_what_there_is(floor: AtWork) -> None:
    first = await floor.chat()
    second = await floor.offered(await floor.waits(), floor.wang)
    async with opened(floor) as desk:
        shown = desk.heard[0]["data"]
        assert {work["id"] for work in shown["works"]} == {first.id, second.id}
        assert [offer["id"] for offer in shown["offers"]] == [second.offer_id]


async def test_what_a_customer_writes_is_shown(floor: AtWork, room: Room) -> None:
    job = await floor.chat()
    flows = room.library.current
    held = Held(await floor.contact(job), begin(flows.flows, "hello", "en"), flows, None)
    scene = Scene(held, Traits("web", speaks=False), room.clock.now())
    async with opened(floor) as desk, opened(floor, "ada") as other:
        texting.tell_agent(scene, room, "msg_1", "where is it?")
        for function in scene.after_commit:
            function()
        said = await desk.until("message")
        assert (said["contact_id"], said["text"]) == (job.contact_id, "where is it?")
        assert await other.catch_up() == []


async def test_two_desks_of_an_agent_hear_the_same_and_others_nothing(floor: AtWork) -> None:
    await floor.go(floor.wang)
    async with opened(floor) as one, opened(floor) as two, opened(floor, "ada") as other:
        job = await floor.offered(await floor.waits(), floor.wang)
        await floor.post(f"/offers/{job.offer_id}/accept")
        assert await one.catch_up() == await two.catch_up()
        assert one.shows.works == two.shows.works != {}
        assert await other.catch_up() == []
        assert len(await rows(floor)) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer cc_forged"}, 401),
        ({"Sec-WebSocket-Protocol": "contact-center, bearer.cc_forged"}, 401),
        ({"Sec-WebSocket-Protocol": "contact-center, bearer."}, 401),
    ],
)
async def test_who_does_not_come_in(floor: AtWork, headers: dict[str, str], status: int) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await floor.api.client.ws_connect("/api/v1/desk", headers=headers)
    assert refused.value.status == status
    assert await rows(floor) == []


async def test_a_token_of_no_agent_has_no_desk(floor: AtWork) -> None:
    for role in ("nobody", "program"):
        problem = await floor.api.problem(403, "GET", "/desk", role=role)
        assert "token of an agent" in problem["detail"]


async def test_a_browser_brings_its_token_as_a_protocol(floor: AtWork) -> None:
    protocols = (PROTOCOL, f"bearer.{floor.api.secrets['ada']}")
    async with opened(floor, "ada", headers={}, protocols=protocols) as desk:
        assert desk.socket.protocol == PROTOCOL, "the token is not said back"
        assert desk.heard[0]["data"]["agent_id"] == floor.ada


async def test_good_bye_takes_the_row_away_at_once(floor: AtWork, hub: DeskHub) -> None:
    await floor.go(floor.wang)
    async with opened(floor) as desk:
        assert [row.agent_id for row in await rows(floor)] == [floor.wang]
        await desk.say("bye")
        await desk.closed()
        assert await rows(floor) == []
        assert len(hub) == 0


async def test_who_has_said_good_bye_is_not_written_down_as_alive(floor: AtWork, hub: DeskHub) -> None:
    async with hub.connected(floor.wang) as desk:
        await hub.leave(desk)
        await hub.write_seen()
        assert await rows(floor) == []


def forgotten(hub: DeskHub, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the next desk has gone."""
    gone, forget = asyncio.Event(), hub._forget

    def tell(desk: Connection) -> None:
        forget(desk)
        gone.set()

    monkeypatch.setattr(hub, "_forget", tell)
    return gone


async def test_a_connection_that_is_lost_leaves_the_row_for_the_grace(
    floor: AtWork, hub: DeskHub, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = forgotten(hub, monkeypatch)
    async with opened(floor):
        before = await rows(floor)
    await gone.wait()
    assert await rows(floor) == before != []
    clock.advance(5)
    await hub.write_seen()
    assert await rows(floor) == before, "it is not seen any more"


async def test_desks_that_are_there_are_written_down(floor: AtWork, hub: DeskHub, clock: ManualClock) -> None:
    async with opened(floor), opened(floor, "ada"):
        clock.advance(5)
        await hub.write_seen()
        assert {row.seen_at for row in await rows(floor)} == {clock.now()}
        [gone, _] = await rows(floor)
        await floor.api.room.store.write(lambda connection: desks.close(connection, gone.id))
        clock.advance(5)
        await hub.write_seen()
        assert {row.id for row in await rows(floor)} >= {gone.id}, "given up for lost, and here all the same"


async def test_a_desk_that_goes_while_others_are_opened_again(
    floor: AtWork, hub: DeskHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub.connected(floor.wang), hub.connected(floor.ada):
        await floor.api.room.store.write(lambda connection: desks.close_node(connection, "node"))

        async def all_others_go(*given: Any) -> Any:
            result = await act(*given)
            [opened_again] = await rows(floor)
            for desk in list(hub._connections.values()):
                if desk.id != opened_again.id:
                    hub._forget(desk)
            return result

        monkeypatch.setattr("contact_center.desk.hub.act", all_others_go)
        await hub.write_seen()
        assert len(hub) == 1


async def test_a_slow_desk_begins_anew_and_does_not_grow(floor: AtWork, hub: DeskHub) -> None:
    await floor.go(floor.wang)
    async with opened(floor) as desk:
        told = Told()
        for number in range(MOST_WAITING + 100):
            told.notice(floor.wang, "message", {"number": number})
        floor.api.room.announcer.tell(told)
        job = await floor.offered(await floor.waits(), floor.wang)
        events = await desk.catch_up()
        assert events[0] == "hello"
        assert events.count("message") < MOST_WAITING
        await desk.is_right()
        assert list(desk.shows.offers) == [job.offer_id]


async def test_hello_comes_first_whatever_is_told_meanwhile(
    floor: AtWork, hub: DeskHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's commit is told while the desk is being opened; the snapshot has it already."""

    async def meanwhile(*given: Any) -> Any:
        hub._give_out(msgspec.json.encode([Notice(floor.wang, "state", {"version": -5})]).decode())
        return await act(*given)

    monkeypatch.setattr("contact_center.desk.hub.act", meanwhile)
    async with opened(floor) as desk:
        assert desk.heard[0]["event"] == "hello"
        await desk.is_right()


async def test_everything_is_shown_again_when_asked_for(floor: AtWork) -> None:
    async with opened(floor) as desk:
        for _ in range(3):
            await desk.say("snapshot")
        again = await desk.until("hello")
        assert again == desk.heard[0]["data"]
        await desk.socket.send_str("not json")
        await desk.socket.send_bytes(b"\x00")
        await desk.socket.send_json({"say": ["bye"]})
        await desk.socket.send_json({"other": "word"})
        await desk.is_right()


async def test_a_desk_that_says_too_much_is_cut_off(
    floor: AtWork, hub: DeskHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = forgotten(hub, monkeypatch)
    async with opened(floor) as desk:
        await desk.say("x" * 5000)
        assert await desk.closed() == 1009
    await gone.wait()
    assert len(hub) == 0


async def test_the_server_that_ends_says_so(floor: AtWork, hub: DeskHub) -> None:
    async with opened(floor) as desk:
        await hub.close()
        await desk.until("going_away")
        assert await desk.closed() == 1001
        assert len(await rows(floor)) == 1, "it comes back, here or elsewhere"


async def test_who_was_lost_for_want_of_a_desk_is_back_with_one(floor: AtWork, clock: ManualClock) -> None:
    await floor.go(floor.wang)
    async with opened(floor):
        pass
    clock.advance(60)
    before = clock.now() - timedelta(seconds=20)
    await floor.act(lambda deed: lose_desk(deed, floor.wang, before))
    assert (await floor.api.get(f"/agents/{floor.wang}/state"))["presence"] == "not_responding"
    async with opened(floor) as desk:
        assert desk.shows.state["presence"] == "available"


async def test_a_page_finds_out_whether_it_is_heard(floor: AtWork) -> None:
    async with opened(floor) as wang:
        await wang.say("ping")
        assert await wang.until("pong") == {}
        await wang.is_right()
