"""Giving a customer back to the bot over the API, and what the bot left, as the API shows it."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.actions.act import Act
from contact_center.flows import FlowLibrary, Loaded
from contact_center.scene import encode
from crm_store import audit
from crm_store.audit import AuditFilter
from crm_store.journal import NewEntry
from crm_store.works import Work
from ivr_flows import FlowSet, begin
from tests.api.at_work import AtWork, Job
from tests.api.conftest import ON_BOTH, Api

BOT = """
flow: f
languages: [en]
start: bot
person: line
nodes:
  bot: {kind: ask_bot, text: "What can I do?", next: bye}
  line: {kind: queue, queue: sales}
  bye: {kind: hang_up, text: Bye}
"""
NO_BOT = "flow: f\nlanguages: [en]\nstart: line\nperson: line\nnodes:\n  line: {kind: queue, queue: sales}\n"


@pytest.fixture
async def desk(api: Api) -> AtWork:
    return await AtWork.begin(api)


async def runs_on(desk: AtWork, job: Job, source: str) -> None:
    """The contact's session is one of the flow ``source``."""
    flows = FlowSet.from_texts({"f": source})
    desk.api.room.library = FlowLibrary(Loaded.of(flows), {}, "f")
    session = encode(begin(flows, "f", "en")).replace('"node"', '"waiting":"input","node"', 1)
    changes = {"session": session, "flow": "f", "flow_digest": flows.digest}
    await desk.act(lambda deed: deed.note_contact(job.contact_id, [], changes))


@ON_BOTH
async def test_the_bot_has_the_customer_again_and_the_agent_writes_it_up(desk: AtWork) -> None:
    job = await desk.chat()
    await runs_on(desk, job, BOT)
    work = await desk.post(f"/works/{job.id}/hand-back", {"note": "a note"})
    assert (work["state"], work["agent_id"]) == ("wrap_up", desk.wang)
    contact = await desk.contact(job)
    assert (contact.state, contact.owner, contact.agent_id) == ("in_flow", "bot", desk.wang)
    assert (await desk.kinds(job))[-5:] == ["transferred", "input", "path", "owner_changed", "message_out"]
    page = await desk.api.room.store.read(lambda connection: audit.list_entries(connection, AuditFilter()))
    assert (page.items[0].action, page.items[0].subject) == ("work.handed_back", job.id)
    assert "a note" not in str(page)
    why = await desk.api.get(f"/contacts/{job.contact_id}/why", role="agent")
    assert "gave the customer back to the bot" in "\n".join(why["lines"])


async def test_without_a_body_there_is_no_note(desk: AtWork) -> None:
    job = await desk.chat()
    await runs_on(desk, job, BOT)
    await desk.post(f"/works/{job.id}/hand-back", {})
    assert (await desk.contact(job)).owner == "bot"
    await desk.refused(409, "refused", f"/works/{job.id}/hand-back", {})


async def test_only_who_has_the_work_or_a_supervisor(desk: AtWork) -> None:
    job = await desk.chat(desk.ada)
    await runs_on(desk, job, BOT)
    path = f"/works/{job.id}/hand-back"
    assert "another agent" in await desk.refused(409, "refused", path, {})
    await desk.refused(422, "invalid", path, {"note": "x" * 501}, role="ada")
    await desk.refused(404, "not_found", "/works/none/hand-back", {})
    await desk.post(path, {}, role="program")


async def test_it_is_refused_in_words_where_no_bot_can_have_them(desk: AtWork) -> None:
    chat, ticket = await desk.chat(), await ticket_work(desk)
    await runs_on(desk, chat, NO_BOT)
    before = await desk.work(chat)
    words = await desk.refused(409, "refused", f"/works/{chat.id}/hand-back", {})
    assert "has no bot to give the customer back to; transfer" in words
    words = await desk.refused(409, "refused", f"/works/{ticket}/hand-back", {})
    assert "ticket is no conversation" in words
    assert await desk.work(chat) == before


async def ticket_work(desk: AtWork) -> str:
    def add(deed: Act) -> str:
        return deed.add_work(
            Work(
                id=deed.ids.new("wrk"), kind="ticket", ticket_id=desk.api.samples.ticket, state="active",
                agent_id=desk.wang, queued_at=deed.at, entered_at=deed.at,
            )
        ).id  # fmt: skip

    return str(await desk.act(add))


async def test_what_the_bot_left_is_shown_with_the_contact(desk: AtWork) -> None:
    job = await desk.waits()
    assert (await desk.api.get(f"/contacts/{job.contact_id}", role="agent"))["handoff"] is None
    result = {
        "replies": [{"text": "One moment."}], "intent": "refund", "handoff": True,
        "handoff_reason": "frustrated", "slots": {"order_number": "100101", "handoff_summary": "money back"},
    }  # fmt: skip

    def hands_over(deed: Act) -> None:
        entries: list[tuple[str, dict[str, Any]]] = [
            ("input", {"turn": 1, "kind": "words", "text": "give me my money"}),
            ("effect", {
                "asked": {"effect": "ask_bot", "text": "give me my money"},
                "result": {"kind": "done", "effect": "ask_bot", "result": result},
            }),
            ("path", {"turn": 1, "steps": [["f", "bot", "handoff"], ["f", "line", ""]]}),
        ]  # fmt: skip
        deed.note_contact(job.contact_id, [NewEntry(deed.at, kind, data) for kind, data in entries])

    await desk.act(hands_over)
    shown = (await desk.api.get(f"/contacts/{job.contact_id}", role="agent"))["handoff"]
    assert (shown["wants"], shown["why"]) == ("wants money back", "the customer is angry")
    assert (shown["summary"], shown["slots"]) == (
        "money back", [{"name": "order_number", "label": "order", "value": "100101"}],
    )  # fmt: skip
    assert [(line["who"], line["text"]) for line in shown["lines"]] == [
        ("customer", "give me my money"), ("bot", "One moment."),
    ]  # fmt: skip
    chinese = await desk.api.get(f"/contacts/{job.contact_id}?language=zh", role="agent")
    assert chinese["handoff"]["wants"] == "要求退款"
    await desk.api.problem(422, "GET", f"/contacts/{job.contact_id}?language=xx")


async def written_to(desk: AtWork) -> Job:
    """A text conversation of the bot's into which Wang Fang has written."""
    job = Job("", desk.api.samples.text)
    await runs_on(desk, job, BOT)
    response = await desk.api.ask(
        "POST", f"/contacts/{job.contact_id}/messages", {"text": "Hi"}, role="agent"
    )
    assert response.status == 202
    assert (await desk.contact(job)).owner == "agent"
    return job


async def test_who_only_wrote_gives_the_customer_back_as_well(desk: AtWork) -> None:
    job = await written_to(desk)
    path = f"/contacts/{job.contact_id}/hand-back"
    assert "nother agent" in await desk.refused(409, "refused", path, {}, role="ada")
    shown = await desk.post(path, {"note": "it has come"})
    assert (shown["state"], shown["owner"]) == ("in_flow", "bot")
    assert job.contact_id in desk.api.changed
    assert "no agent has them" in await desk.refused(409, "refused", path, {})
    page = await desk.api.get(f"/contacts/{job.contact_id}/messages", role="agent")
    assert (page["items"][-1]["author"], page["items"][-1]["status"]) == ("bot", "queued")


async def test_by_the_contact_the_work_is_ended_too(desk: AtWork) -> None:
    job = await desk.chat()
    await runs_on(desk, job, BOT)
    await desk.post(f"/contacts/{job.contact_id}/hand-back", {})
    assert ((await desk.work(job)).state, (await desk.contact(job)).owner) == ("wrap_up", "bot")
