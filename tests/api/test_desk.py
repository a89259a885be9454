"""What a desk needs when it begins, replies of an agent's own, and whom works are about."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.config.desk import Choice, Desk, Disposition, Reply
from contact_center.room import Room
from crm_store import schema
from tests.api.at_work import AtWork, Carrier
from tests.api.conftest import ON_BOTH, Api
from tests.api.samples import LI


@pytest.fixture
async def floor(api: Api) -> AtWork:
    return await AtWork.begin(api)


async def test_a_desk_begins_with_the_lists_that_come_with_the_program(api: Api) -> None:
    setup = await api.get("/desk-setup", role="agent")
    assert setup["company"] == {"en": "Example Company", "zh": "示例公司"}
    assert "resolved" in [each["code"] for each in setup["dispositions"]]
    assert "lunch" in [each["code"] for each in setup["break_reasons"]]
    assert setup["own_replies"] == []
    assert (setup["files"]["bytes"], setup["files"]["most"]) == (5_242_880, 5)
    for each in (*setup["dispositions"], *setup["break_reasons"]):
        assert each["title"].keys() == {"en", "zh"}
    for each in setup["replies"]:
        assert each["text"].keys() == {"en", "zh"}


async def test_the_configuration_says_what_agents_choose_from(api: Api, room: Room) -> None:
    desk = Desk(
        dispositions=(Disposition(code="sold", title={"en": "sold"}, queues=("sales",)),),
        break_reasons=(Choice(code="tea", title={"": "Tea"}),),
        replies=(Reply(name="hi", text={"en": "Hi {name}"}),),
        other_dispositions=False,
    )
    room.config = room.config.model_copy(update={"desk": desk})
    setup = await api.get("/desk-setup", role="agent")
    assert setup["dispositions"] == [{"code": "sold", "title": {"en": "sold"}, "queues": ["sales"]}]
    assert setup["break_reasons"] == [{"code": "tea", "title": {"": "Tea"}}]
    assert setup["replies"] == [{"name": "hi", "text": {"en": "Hi {name}"}, "queues": []}]
    assert (setup["other_dispositions"], setup["other_break_reasons"]) == (False, True)


async def test_names_have_titles_and_the_companys_win(api: Api, room: Room) -> None:
    names = (await api.get("/desk-setup", role="agent"))["names"]
    assert names["cancel_order"] == {"en": "wants to cancel an order", "zh": "想取消订单"}
    assert names["order {}"] == {"en": "order {}", "zh": "订单 {}"}
    flow = room.library.current.flows.flows[room.library.default]
    assert names[flow.name] == flow.title

    desk = Desk(names={"cancel_order": {"": "cancelling"}, "quote": {"en": "a quote", "zh": "报价"}})
    room.config = room.config.model_copy(update={"desk": desk})
    names = (await api.get("/desk-setup", role="agent"))["names"]
    assert (names["cancel_order"], names["quote"]) == ({"": "cancelling"}, {"en": "a quote", "zh": "报价"})
    assert "refund" in names


@ON_BOTH
async def test_an_agent_keeps_replies_that_nobody_else_sees(floor: AtWork) -> None:
    api, body = floor.api, {"name": "way", "language": "en", "text": "It is on its way, {name}."}
    made = await (await api.ask("POST", "/replies", body, role="agent")).json()
    assert (await api.get("/desk-setup", role="agent"))["own_replies"] == [made]
    assert (await api.get("/desk-setup", role="ada"))["own_replies"] == []
    twice = await api.problem(409, "POST", "/replies", body, role="agent")
    assert "of that name" in twice["detail"]
    await api.ask("POST", "/replies", body, role="ada")  # her own
    path = f"/replies/{made['id']}"
    for method, given in (("PUT", body), ("DELETE", None)):
        await api.problem(404, method, path, given, role="ada")
    changed = await (
        await api.ask("PUT", path, body | {"queue": "sales"}, role="agent", headers={"If-Match": '"0"'})
    ).json()
    assert (changed["queue"], changed["version"]) == ("sales", 1)
    await api.problem(412, "PUT", path, body, role="agent", headers={"If-Match": '"0"'})
    await api.problem(404, "PUT", path, body | {"queue": "none"}, role="agent")
    assert (await api.ask("DELETE", path, role="agent")).status == 204
    assert (await api.get("/desk-setup", role="agent"))["own_replies"] == []
    await api.problem(403, "POST", "/replies", body, role="nobody")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "two words", "text": "x"},
        {"name": "", "text": "x"},
        {"name": "x/y", "text": "x"},
        {"name": "x", "text": ""},
        {"name": "x", "text": "x" * 1601},
    ],
)
async def test_a_reply_has_a_name_and_a_text(api: Api, body: dict[str, Any]) -> None:
    await api.problem(422, "POST", "/replies", body, role="agent")


@ON_BOTH
async def test_works_say_whom_they_are_about(floor: AtWork) -> None:
    api = floor.api
    known, stranger = await floor.chat(), await floor.waits("phone")
    await api.room.store.write(
        lambda connection: connection.execute(
            schema.contacts.update()
            .where(schema.contacts.c.id == known.contact_id)
            .values(customer_id=api.samples.li)
        )
    )
    found = {work["id"]: work for work in (await api.get("/works", role="agent"))["items"]}
    mine = found[known.id]
    assert mine["agent_name"] == "Wang Fang"
    assert (mine["who"]["name"], mine["who"]["tier"], mine["who"]["customer_id"]) == (
        "Li Wei",
        "gold",
        api.samples.li,
    )
    who = found[stranger.id]["who"]
    assert (who["customer_id"], who["name"], who["channel"]) == (None, "", "phone")
    assert who["address"].startswith("+1202555")
    assert (await api.get(f"/works/{known.id}", role="agent")) == mine
    held = await floor.post(f"/works/{known.id}/hold", {"on": True})
    assert (held["who"], held["agent_name"]) == (mine["who"], "Wang Fang")
    [live] = (await api.get("/live/contacts?channel=web", role="supervisor"))["items"]
    assert (live["customer_name"], live["tier"], live["agent_name"]) == ("Li Wei", "gold", "Wang Fang")
    assert [work["id"] for work in (await api.get("/works?queue=sales", role="agent"))["items"]] == [
        known.id,
        stranger.id,
    ]
    assert (await api.get("/works?queue=none", role="agent"))["items"] == []


@ON_BOTH
async def test_a_ticket_says_whom_it_is_about(floor: AtWork) -> None:
    body = {"subject": "Another kettle", "customer_id": floor.api.samples.chen, "contact_back": LI}
    opened = await (await floor.api.ask("POST", "/tickets", body, role="agent")).json()
    [work] = (await floor.api.get("/works?queue=complaints", role="agent"))["items"]
    assert work["who"]["ticket"] == opened["number"]
    assert (work["who"]["name"], work["who"]["subject"], work["who"]["address"]) == (
        "Chen Jie",
        "Another kettle",
        LI,
    )


async def test_how_a_call_stands_is_kept(floor: AtWork) -> None:
    job = await floor.call(Carrier())
    path = f"/works/{job.id}"
    assert (await floor.post(f"{path}/mute", {"on": True}))["muted"] is True
    for what, stands in (("start", "on"), ("pause", "paused"), ("resume", "on"), ("stop", "")):
        assert (await floor.post(f"{path}/record", {"what": what}))["recording"] == stands
    await floor.post(f"{path}/record", {"what": "start"})
    ended = await floor.post(f"{path}/end")
    assert (ended["muted"], ended["recording"]) == (False, "")


async def test_a_call_that_is_recorded_from_the_beginning_says_so(floor: AtWork) -> None:
    room = floor.api.room
    room.config = room.config.model_copy(
        update={"phone": room.config.phone.model_copy(update={"record": True})}
    )
    job = await floor.call(Carrier())
    assert (await floor.work(job)).recording == "on"
    back = await floor.post(f"/works/{job.id}/requeue")
    assert back["recording"] == "", "nobody talks, nothing is recorded"


@ON_BOTH
async def test_tickets_are_prioritised_and_linked(floor: AtWork) -> None:
    api, number = floor.api, floor.api.samples.ticket_number
    path = f"/tickets/{number}"
    asked = await floor.post(f"{path}/prioritise", {"priority": 1, "reason": "third call"})
    assert (asked["priority"], asked["severity"]) == (1, "normal")
    await api.problem(409, "POST", f"{path}/prioritise", {"priority": 1}, role="agent")
    await api.problem(422, "POST", f"{path}/prioritise", {"priority": 5}, role="agent")
    job = await floor.chat()
    for _ in range(2):  # twice is once
        linked = await floor.post(f"{path}/contacts", {"contact_id": job.contact_id})
        assert linked["contact_ids"] == [api.samples.call, job.contact_id]
    assert (await floor.kinds(job)).count("ticket_joined") == 1
    assert (await api.get(f"/contacts/{job.contact_id}"))["tickets"] == [number]
    await api.problem(404, "POST", f"{path}/contacts", {"contact_id": "con_none"}, role="agent")
    other = await (await api.ask("POST", "/tickets", {"subject": "The lid"}, role="agent")).json()
    for _ in range(2):
        linked = await floor.post(f"{path}/link", {"ticket": other["number"]})
        assert [each["number"] for each in linked["links"]] == [other["number"]]
    seen = await api.get(f"/tickets/{other['number']}")
    assert [each["subject"] for each in seen["links"]] == ["The kettle is broken"]
    assert [event["kind"] for event in seen["history"]].count("linked") == 1
    assert "itself" in await floor.refused(409, "refused", f"{path}/link", {"ticket": number})
    await floor.post(f"/tickets/{other['number']}/unlink", {"ticket": number})
    assert (await api.get(path))["links"] == []
    await floor.refused(404, "not_found", f"{path}/unlink", {"ticket": other["number"]})


@ON_BOTH
async def test_an_agent_says_who_a_stranger_is(floor: AtWork) -> None:
    api = floor.api
    job = await floor.chat()
    body = {"contact_id": job.contact_id}
    for _ in range(2):  # twice is once
        answer = await api.ask("POST", f"/customers/{api.samples.li}/contacts", body, role="agent")
        assert answer.status == 204
    assert (await api.get(f"/works/{job.id}", role="agent"))["who"]["name"] == "Li Wei"
    assert (await floor.kinds(job)).count("customer_recognised") == 1
    other = f"/customers/{api.samples.chen}/contacts"
    assert "merge" in await floor.refused(409, "refused", other, body)
    await floor.refused(404, "not_found", "/customers/cus_none/contacts", body)
