"""A supervisor watches a call come, wait, ring, be answered and end: wallboard, agents, live contacts."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.calling import (
    ADA,
    Caller,
    accepts,
    another_tab,
    at_desk,
    control,
    customer,
    offer,
    sees_state,
    wraps_up,
)
from tests.browser.people import NARROW, WIDE, Person, Street, overflow, violations
from tests.browser.site import AGENT, SUPERVISOR


async def test_the_supervisor_sees_it_happen(people: Street) -> None:
    board = await at_desk(people, "supervisor", SUPERVISOR, "wallboard")
    staff, live = await another_tab(people, board, "agents"), await another_tab(people, board, "live")
    ada, tom = await customer(people), await at_desk(people, "agent", AGENT)
    await expect(_figure(board, "Waiting")).to_have_text("0")
    await _in_the_menu(ada, live)
    await _in_the_line(ada, board, live)
    await tom.go_available()
    await expect(offer(tom)).to_be_visible()
    await expect(board.page.get_by_text("1 ringing")).to_be_visible()
    await accepts(tom)
    await _in_conversation(board, staff, live)
    await control(tom, "End")
    await expect(_row(staff.page, "Tom Becker")).to_contain_text("Wrap-up")
    await wraps_up(tom)
    await expect(_row(staff.page, "Tom Becker")).to_contain_text("Available")
    await ada.hangs_up()
    await expect(live.page.get_by_text("Nobody waits and nobody talks")).to_be_visible()
    await _changes_state(staff, tom)
    people.assert_quiet()


async def _in_the_menu(ada: Caller, live: Person) -> None:
    await ada.calls(own=ADA)
    await ada.reads("How can we help you?")
    await live.page.get_by_text("In the flow", exact=True).click()
    await expect(_row(live.page, "Ada Wilson")).to_contain_text("Front door/main menu")


async def _in_the_line(ada: Caller, board: Person, live: Person) -> None:
    await ada.presses("1")
    await live.page.get_by_text("All", exact=True).click()
    await expect(_row(live.page, "Ada Wilson")).to_contain_text("Waiting")
    await expect(_row(live.page, "Ada Wilson")).to_contain_text("Sales")
    await expect(_figure(board, "Waiting")).to_have_text("1")
    await expect(_figure(board, "Longest wait")).to_have_text(re.compile(r"^\d+:\d\d$"))
    await expect(_row(board.page, "Sales").get_by_role("cell").nth(1)).to_have_text("1")
    await expect(_row(board.page, "Sales")).to_contain_text("Nobody is online")
    await _asks_why(live)


async def _asks_why(live: Person) -> None:
    """With the keyboard, on a wide and on a narrow screen."""
    page, why = live.page, live.page.locator(".why-panel")
    await page.get_by_role("button", name="Why is it waiting? Ada Wilson").press("Enter")
    await expect(why).to_contain_text("Place 1 of 1; nobody who serves this queue is online.")
    await expect(why.get_by_label("Who serves this queue")).to_contain_text("Tom Becker offline")
    await expect(why.get_by_label("What comes next")).to_contain_text(
        re.compile(r"In [12]:\d\d: it would move to Customer service, but nobody there is at work")
    )
    await why.get_by_text("All decisions about this contact").click()
    await expect(why).to_contain_text(re.compile("Waits in Sales, place 1 .gold customer", re.IGNORECASE))
    for width, height in (NARROW, WIDE):
        await page.set_viewport_size({"width": width, "height": height})
        assert await violations(page) == []
        assert await overflow(page) == 0


async def _in_conversation(board: Person, staff: Person, live: Person) -> None:
    await expect(_row(staff.page, "Tom Becker")).to_contain_text("On contact")
    await expect(_row(staff.page, "Tom Becker")).to_contain_text("Ada Wilson")
    await expect(_row(live.page, "Ada Wilson")).to_contain_text("Tom Becker")
    why = live.page.locator(".why-panel")  # still open, and told anew
    await expect(why).to_contain_text(
        re.compile("Tom Becker was asked after .*: whose turn it was; nobody else")
    )
    await expect(_figure(board, "Waiting")).to_have_text("0")
    await expect(_figure(board, "Came today")).to_have_text("1")
    await expect(board.page.get_by_role("img", name="On contact 1")).to_be_visible()


async def _changes_state(staff: Person, tom: Person) -> None:
    """What the supervisor sets is told at the agent's own desk at once."""
    await staff.click("Change the state of Tom Becker")
    await staff.page.get_by_role("menuitem", name="Break: Lunch").click()
    await sees_state(tom, "Break · Lunch")
    row = _row(staff.page, "Tom Becker")
    await expect(row).to_contain_text("Break · Lunch")
    await expect(row.locator(".clock").first).to_have_text(re.compile(r"^0:0[1-9]$"))
    await staff.click("Change the state of Tom Becker")
    await staff.page.get_by_role("menuitem", name="Go available").click()
    await sees_state(tom, "Available")


def _figure(board: Person, name: str) -> Locator:
    """The number under this name on the wallboard."""
    return board.page.locator(".figure").filter(has_text=re.compile(f"^{name}")).locator("p").nth(1)


def _row(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=re.compile(name)).first
