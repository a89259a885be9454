"""A complaint's ticket in the desk, from the customer's words to its end, and how the bot tells of it."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.browser.chatting import Visitor, signed
from tests.browser.people import Street
from tests.browser.site import COLLEAGUE, SUPERVISOR


async def test_a_complaint_from_open_to_resolved(people: Street) -> None:
    customer = Visitor(await people.comes("someone"))
    number = await _complain(customer)
    agent, supervisor = await people.comes("agent"), await people.comes("supervisor")
    await agent.sign_in(COLLEAGUE, "tickets")
    await supervisor.sign_in(SUPERVISOR, f"tickets/{number}")

    page = agent.page
    card = page.get_by_label("Open").get_by_role("link", name=number)
    await expect(card).to_contain_text("due in")
    await expect(card).to_contain_text("High")
    await page.get_by_text("List", exact=True).click()
    await expect(page.get_by_role("row", name=number)).to_contain_text("Complaints")
    await page.get_by_role("link", name=number).click()
    ticket = page.get_by_role("dialog")
    await expect(ticket).to_contain_text("arrived with a broken lid")
    await agent.click("Claim")
    await _stands(page, "In progress")
    await ticket.get_by_label("Note").fill("asked the warehouse")
    await agent.click("Save note")
    await expect(ticket.locator(".timeline")).to_contain_text("asked the warehouse")
    await _do(page, "Escalate", "wants to speak to a manager")

    page = supervisor.page
    await expect(page.locator(".ticket .timeline")).to_contain_text("wants to speak to a manager")
    await _reassign(page, "Grace Miller")
    await _do(page, "Let it wait", "the parcel is on its way back")
    await _stands(page, "Waiting")
    await _the_bot_says(customer, number, "waiting")
    await supervisor.click("Go on with it")
    await _stands(page, "In progress")
    await supervisor.click("Resolve")
    await _confirm(page, "How it was settled", "sent a new one", "Resolve")
    await _stands(page, "Resolved")
    await expect(page.locator(".ticket")).not_to_contain_text("due in")
    await _the_bot_says(customer, number, "resolved")
    await supervisor.click("Reopen")
    await _confirm(page, "Reason", "the new one leaks too", "Reopen")
    await expect(page.locator(".ticket").get_by_text("due in")).to_be_visible()
    await expect(page.locator(".ticket .timeline")).to_contain_text("sent a new one")
    people.assert_quiet()


async def _complain(customer: Visitor) -> str:
    """To the bot, as somebody whom the web site knows; the ticket's number."""
    await customer.come(token=signed("user-7", name="Ada W.", email="ada.wilson@example.com"))
    await customer.begin()
    await customer.pick("our virtual assistant")
    await customer.say("I want to make a complaint")
    await customer.hears("what went wrong")
    await customer.say("The kettle arrived with a broken lid and it leaks.")
    await customer.hears("Which order is it about?")
    await customer.say("100101")
    await customer.pick("Serious")
    await customer.pick("Yes")
    await customer.hears("I have noted your complaint as")
    found = re.search(r"noted your complaint as (\d{4})-(\d{4})", " ".join(await customer.all_said()))
    assert found is not None
    return found[1] + found[2]


async def _the_bot_says(customer: Visitor, number: str, how: str) -> None:
    await customer.say("what is the status of my complaint?")
    await customer.hears("What is the number of your complaint?")
    await customer.say(number)
    await customer.hears(re.compile(rf"{number[:4]}-?{number[4:]}.*{how}"))


async def _stands(page: Page, status: str) -> None:
    await expect(page.locator(".ticket .mantine-Badge-root").first).to_have_text(status)


async def _do(page: Page, name: str, reason: str) -> None:
    """One of the deeds behind "More"."""
    await page.locator(".ticket").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=name).click()
    await _confirm(page, "Reason", reason, name)


async def _confirm(page: Page, label: str, text: str, name: str) -> None:
    dialog = page.get_by_role("dialog").last
    await dialog.get_by_label(label).fill(text)
    await dialog.get_by_role("button", name=name, exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(1)
    await expect(page.locator(".ticket .timeline")).to_contain_text(text)


async def _reassign(page: Page, name: str) -> None:
    await page.locator(".ticket").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Assign").click()
    dialog = page.get_by_role("dialog").last
    await dialog.get_by_role("combobox", name="Agent").click()
    await page.get_by_role("option", name=name).click()
    await dialog.get_by_role("button", name="Assign", exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(1)
    await expect(page.locator(".ticket .facts")).to_contain_text(name)
