"""A conversation over the socket: flow, agent, survey; typing signs and marks; history on return."""

from __future__ import annotations

from tests.api.conftest import ON_BOTH
from tests.chat.site import Site, Visitor


async def with_agent(site: Site, visitor: Visitor) -> str:
    """Up to where the visitor talks with the agent; the contact's id."""
    await visitor.act("start")
    await visitor.phase("flow")
    await visitor.say("A person", picked="person")
    await visitor.phase("waiting")
    await site.take()
    state = await visitor.phase("agent")
    assert state["agent"] == "Wang Fang"
    return str(state["contact"])


@ON_BOTH
async def test_from_the_menu_to_an_agent_to_the_survey(site: Site) -> None:
    visitor = await Visitor(site).come()
    await visitor.phase("none")
    await visitor.act("start", form={"name": "Eve", "email": "eve@example.com", "other": "x"})
    asked = await visitor.message("What is it about?")
    assert asked["text"] == "What is it about?", "what can be picked is in no text"
    state = await visitor.phase("flow")
    assert [option["label"] for option in state["options"]] == ["My order", "A person", "Nothing"]
    await visitor.say("A person", picked="person")
    await visitor.phase("waiting")
    work_id = await site.take()
    contact_id = (await visitor.phase("agent"))["contact"]
    await site.ask("POST", f"/contacts/{contact_id}/messages", {"text": "Hello, I am Wang"})
    came = await visitor.message("Hello, I am Wang")
    assert (came["by"], came["name"]) == ("agent", "Wang Fang")
    await visitor.say("my parcel is late")
    await visitor.message("my parcel is late")
    await site.ask("POST", f"/works/{work_id}/end")
    await visitor.message("How was it?")
    state = await visitor.until(lambda line: line["type"] == "state" and bool(line["options"]))
    assert [option["value"] for option in state["options"]] == ["1", "2", "3", "4", "5"]
    await visitor.say("5", picked="5")
    await visitor.phase("ended")
    assert visitor.texts() == [
        "What is it about?", "A person", "Somebody will be with you.", "Hello, I am Wang",
        "my parcel is late", "How was it?", "5", "Thank you.\nGoodbye.",
    ]  # fmt: skip
    [contact] = await site.centre.contacts()
    assert (contact.channel, contact.state, contact.outcome) == ("web", "ended", "answered")
    started = (await site.centre.journal(contact.id))[0]
    assert started.data["facts"] == {"name": "Eve", "email": "eve@example.com"}


async def test_in_chinese(site: Site) -> None:
    visitor = await Visitor(site, language="zh").come()
    await visitor.act("start")
    await visitor.message("请问有什么可以帮您？")
    assert (await visitor.phase("flow"))["options"][0]["label"] == "我的订单"


@ON_BOTH
async def test_what_an_agent_writes_waits_for_the_visitor(site: Site) -> None:
    visitor = await Visitor(site).come()
    contact_id = await with_agent(site, visitor)
    await visitor.go()
    await site.ask("POST", f"/contacts/{contact_id}/messages", {"text": "are you there?"})
    await site.restart()
    assert (await site.written())[-1].status == "queued"
    await visitor.come()
    came = await visitor.message("are you there?")
    await visitor.send({"type": "got", "place": came["place"]})
    await visitor.send({"type": "seen", "place": came["place"]})
    await visitor.say("yes")
    await visitor.message("yes")  # the lines before it have been taken
    statuses = {message.text: message.status for message in await site.written()}
    assert statuses["are you there?"] == "read"
    assert statuses["What is it about?"] == "queued", "it came to no browser that said so"
