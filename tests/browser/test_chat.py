"""A chat from the page of a web site to an agent's desk, through cuts and restarts, to its end in the log."""

from __future__ import annotations

import base64
import signal
from asyncio import gather
from pathlib import Path

from playwright.async_api import Download, expect

from tests.browser.chatting import Agent, Visitor, signed
from tests.browser.people import Street
from tests.browser.site import SUPERVISOR, Site

ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def test_nothing_is_lost_or_said_twice(site: Site, people: Street) -> None:
    """Each one's network is cut, then the server is killed, then restarted; both go on writing."""
    customer, agent = Visitor(await people.comes("someone")), Agent(await people.comes("agent"))
    await agent.start(SUPERVISOR)
    await customer.come()
    await customer.begin_with_bot("Ada")
    await customer.say("what is your return policy?")
    await customer.hears("within 30 days")
    await customer.say("I want to talk to a person")
    await expect(agent.offer).to_contain_text("what is your return policy?")
    await agent.accept()
    await agent.say("Hello, this is Grace.")
    await customer.hears("Hello, this is Grace.")
    await customer.say("Hello Grace")
    await agent.hears("Hello Grace")

    await customer.person.context.set_offline(True)
    await expect(customer.chat.get_by_role("alert")).to_contain_text("offline")
    await customer.say("one, from the tunnel")
    await customer.say("two, from the tunnel")
    await agent.say("Are you still there?")
    await customer.person.context.set_offline(False)
    await agent.hears("two, from the tunnel")
    await customer.hears("Are you still there?")
    await customer.sent()

    await agent.person.context.set_offline(True)
    await expect(agent.person.page.get_by_text("The connection is lost")).to_be_visible()
    await customer.say("Can you read this?")
    await agent.write("I am in the tunnel now")
    await agent.person.context.set_offline(False)
    await agent.goes_on()
    await agent.hears("Can you read this?")
    await customer.hears("I am in the tunnel now")

    for number, kill in enumerate((signal.SIGKILL, signal.SIGTERM)):
        site.stop(kill)
        await expect(agent.person.page.get_by_text("The connection is lost")).to_be_visible()
        await customer.say(f"{number}: while you were away")
        await customer.say(f"{number}: and one more")
        await agent.write(f"{number}: written to nobody")
        await site.start()
        await agent.goes_on()
        await agent.hears(f"{number}: written to nobody")
        await agent.hears(f"{number}: and one more")
        await customer.hears(f"{number}: written to nobody")
        await customer.sent()

    said = await customer.all_said()
    assert said == await agent.all_said()
    assert said[-11:-8] == ["Are you still there?", "one, from the tunnel", "two, from the tunnel"]
    for number in (0, 1):
        mine = [text for text in said if text.startswith(f"{number}: ") and "nobody" not in text]
        assert mine == [f"{number}: while you were away", f"{number}: and one more"]
        assert said.count(f"{number}: written to nobody") == 1
    await _it_ends(customer, agent)
    people.assert_quiet()


async def _it_ends(customer: Visitor, agent: Agent) -> None:
    """The agent ends it, the visitor answers the survey, comes back later, and the log has everything."""
    await agent.end("lost and found")
    await customer.hears("How satisfied were you")
    await customer.say("5")
    await customer.hears("Thank you for your answer.")
    await expect(customer.chat.get_by_text("This conversation has ended.")).to_be_visible()
    said = await customer.all_said()

    await customer.person.page.close()
    customer.person.page = await customer.person.context.new_page()
    await customer.come()
    await expect(customer.chat.get_by_text("Thank you for contacting", exact=False).last).to_be_visible()
    assert await customer.all_said() == said

    page = agent.person.page
    await page.get_by_role("link", name="Call log").click()
    await page.get_by_label("Words said or written").fill("tunnel")
    await page.get_by_role("button", name="Search").click()
    await page.locator("tbody tr").first.get_by_role("link").first.click()
    await expect(page.locator(".thread .words")).to_have_text(said)
    await expect(page.get_by_text("5/5")).to_be_visible()
    await page.get_by_role("tab", name="Timeline").click()
    await expect(page.locator(".timeline")).to_contain_text("lost and found")


async def test_signed_in_at_the_web_site(site: Site, people: Street, tmp_path: Path) -> None:
    """The site says who its user is: the bot may tell of orders, and the agent sees who comes and why."""
    customer, agent = Visitor(await people.comes("someone")), Agent(await people.comes("agent"))
    await agent.start(SUPERVISOR)
    await customer.come(token=signed("user-7", name="Ada W.", email="ada.wilson@example.com"))
    await customer.begin()
    await customer.hears("Hello Ada, welcome back")
    await customer.pick("our virtual assistant")
    await customer.say("where is my order 100101?")
    await customer.hears("100101")
    await customer.say("can I cancel my order?")
    await customer.pick("Yes")

    await expect(agent.offer).to_contain_text("Ada Wilson")
    await expect(agent.offer).to_contain_text("100101")
    await agent.accept()
    page = agent.person.page
    await expect(page.locator(".work-head")).to_contain_text("Ada Wilson")
    await expect(page.get_by_label("About the customer")).to_contain_text("100102")
    await agent.say("Hello Ada, I am looking.")
    await customer.hears("Hello Ada, I am looking.")
    await expect(customer.chat.locator(".m.mine .t").last).to_contain_text("Read")

    await expect(page.locator(".bubble[data-from=agent] .mark").last).to_have_attribute("data-status", "read")
    await _typing_is_shown(customer, agent)
    await _files_go_both_ways(customer, agent, tmp_path)
    people.assert_quiet()


async def _typing_is_shown(customer: Visitor, agent: Agent) -> None:
    at_the_desk, at_theirs = agent.person.page.locator(".typing"), customer.chat.get_by_text("is typing…")
    text, slowly = "Just a moment, please", 200
    await gather(
        customer.chat.locator("textarea").press_sequentially(text, delay=slowly),
        expect(at_the_desk).to_have_text("Ada Wilson is typing…"),
    )
    await gather(
        agent.box.press_sequentially(text, delay=slowly),
        expect(at_theirs).to_have_text("Grace Miller is typing…"),
    )


async def _files_go_both_ways(customer: Visitor, agent: Agent, folder: Path) -> None:
    """Under names that harm nobody, and only ever to be saved."""
    photo, label = folder / "the <b>lid.png", folder / "Rücksendung 标签.txt"
    photo.write_bytes(ONE_PIXEL)
    label.write_text("to the warehouse", "utf-8")
    await customer.attach(photo)
    await expect(customer.chat.locator(".chip")).to_contain_text("the _b_lid.png (70 B)")
    await customer.say("This is the lid")
    await agent.hears("This is the lid")
    page = agent.person.page
    async with page.expect_download() as saving:
        await page.locator(".thread .file", has_text="the _b_lid.png").click()
    assert await _content(await saving.value) == ONE_PIXEL

    await page.locator(".composer input[type=file]").set_input_files(str(label))
    await expect(page.locator(".composer").get_by_text("Rücksendung 标签.txt")).to_be_visible()
    await agent.say("Put this on the parcel")
    theirs = customer.person.page
    async with theirs.expect_download() as saving:
        await customer.chat.locator(".m:not(.mine) .f", has_text="Rücksendung 标签.txt").click()
    assert await _content(await saving.value) == b"to the warehouse"


async def _content(download: Download) -> bytes:
    with open(await download.path(), "rb") as file:  # noqa: ASYNC230  # a few bytes
        return file.read()
