"""Every page in its main states: nobody is kept out (axe), nothing is wider than the window, light and dark.

All that is found is told at once. A state is looked at wide in one colour and narrow in the other; the
Chinese walk has them the other way round.
"""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.calling import ADA, Caller
from tests.browser.chatting import Visitor
from tests.browser.people import NARROW, WIDE, Person, Street, overflow, violations
from tests.browser.site import PASSWORD, SUPERVISOR

A_PERSON = {"en": "a member of our team", "zh": "人工服务"}
WHO = {"en": SUPERVISOR, "zh": "chen.jing@example.com"}
END = {"en": "End", "zh": "结束"}


class Walk:
    """One person's way through the pages, and what was wrong on it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.looks = (
            (("light", WIDE), ("dark", NARROW)) if language == "en" else (("dark", WIDE), ("light", NARROW))
        )
        self.found: list[str] = []

    async def look(self, page: Page, where: str) -> None:
        """Check the page as it is now."""
        await expect(page.locator(".mantine-Loader-root")).to_have_count(0)
        for scheme, (width, height) in self.looks:
            await page.emulate_media(
                color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
            )
            await page.set_viewport_size({"width": width, "height": height})
            name = f"{where}, {scheme}, {width}"
            self.found += [f"{name}: {each}" for each in await violations(page)]
            wider = await overflow(page)
            if wider:
                self.found.append(f"{name}: {wider} px wider than the window")
        await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page(people: Street, language: str) -> None:
    walk = Walk(language)
    tag = {"en": "en-US", "zh": "zh-CN"}[language]
    desk = await people.comes("agent", language=tag)
    await _signs_in(walk, desk)
    await _pages_around(walk, desk)
    await _chats(walk, desk, Visitor(await people.comes("someone", language=tag)))
    await _talks(walk, desk, Caller(await people.comes("customer", language=tag)))
    await _tickets_and_customers(walk, desk)
    await _supervises(walk, desk)
    assert not walk.found, "\n".join(walk.found)
    people.assert_quiet()


async def _signs_in(walk: Walk, desk: Person) -> None:
    page = desk.page
    await page.goto(f"{desk.site.url}/desk/work")
    await page.locator("input[type=email]").fill(WHO[walk.language])
    await page.locator("input[type=password]").fill("not it")
    await page.locator("button[type=submit]").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-CN"}[walk.language]
    await walk.look(page, "sign-in")
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.locator("button[type=submit]").click()
    await expect(page.locator(".work-page")).to_be_visible()
    await walk.look(page, "work, empty")


async def _pages_around(walk: Walk, desk: Person) -> None:
    page = await desk.context.new_page()
    await page.goto(f"{desk.site.url}/")
    await expect(page.locator("a[href='/phone']")).to_be_visible()
    await walk.look(page, "home")
    await page.goto(f"{desk.site.url}/api/docs")
    await expect(page.get_by_text("OpenAPI 3.1")).to_be_visible()
    await walk.look(page, "API")
    await page.close()


async def _chats(walk: Walk, desk: Person, visitor: Visitor) -> None:
    """From the page of a web site to the wrap-up."""
    page, theirs = desk.page, visitor.person.page
    await page.locator(".work-view.empty button").click()
    await theirs.goto(f"{desk.site.url}/chat/demo?language={walk.language}")
    await walk.look(theirs, "chat, closed")
    await visitor.open()
    await walk.look(theirs, "chat, form")
    await visitor.begin("Ada")
    await visitor.pick({"en": "English", "zh": "中文"}[walk.language])
    await expect(visitor.chat.locator(".picks button")).to_have_count(8)
    await walk.look(theirs, "chat, buttons")
    await visitor.pick(A_PERSON[walk.language])
    await expect(page.locator(".offer")).to_be_visible()
    await walk.look(page, "work, offer")
    await page.keyboard.press("Alt+KeyA")
    await page.locator(".composer textarea").fill("Hello 您好")
    await page.keyboard.press("Enter")
    await visitor.hears("Hello 您好")
    await visitor.say("https://example.com/ is where I was")
    await visitor.sent()
    await walk.look(theirs, "chat, with an agent")
    await walk.look(page, "work, chat")
    await _menus_of_work(walk, page)
    await page.locator(".work-head").get_by_role("button", name=END[walk.language], exact=True).click()
    await expect(page.locator(".wrap-up")).to_be_visible()
    await walk.look(page, "work, wrap-up")
    await page.locator(".wrap-up button[type=submit]").click()


async def _menus_of_work(walk: Walk, page: Page) -> None:
    await page.keyboard.press("Control+K")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await walk.look(page, "palette")
    await page.keyboard.press("Escape")
    for number, tab in enumerate(await page.locator(".side").get_by_role("tab").all()):
        await tab.click()
        await walk.look(page, f"work, beside it {number}")


async def _talks(walk: Walk, desk: Person, caller: Caller) -> None:
    """A call, at both ends."""
    page, theirs = desk.page, caller.page
    await theirs.goto(f"{desk.site.url}/phone")
    await walk.look(theirs, "phone")
    await caller.calls(own=ADA)
    await caller.is_("automatic")
    await walk.look(theirs, "phone, in the menu")
    await caller.presses("0")
    await expect(page.locator(".offer")).to_be_visible()
    await page.keyboard.press("Alt+KeyA")
    await caller.is_("talking")
    await walk.look(theirs, "phone, talking")
    await walk.look(page, "work, call")
    await caller.hangs_up()
    await walk.look(theirs, "phone, ended")
    await page.locator(".wrap-up button[type=submit]").click()
    await expect(page.locator(".wrap-up")).to_have_count(0)


async def _tickets_and_customers(walk: Walk, desk: Person) -> None:
    page = desk.page
    await _go(desk, "tickets")
    await page.locator(".page button", has=page.locator("svg")).last.click()
    await walk.look(page, "tickets, new")
    await _dialog(page).locator("input").first.fill("Kettle 水壶")
    await _dialog(page).locator("button[type=submit]").click()
    await expect(page.locator(".ticket .timeline")).to_be_visible()
    await walk.look(page, "ticket")
    await page.keyboard.press("Escape")
    await expect(page.locator(".board .card")).to_have_count(1)
    await walk.look(page, "tickets, board")
    await page.locator(".mantine-SegmentedControl-root").first.locator("label").last.click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await walk.look(page, "tickets, list")

    await _go(desk, "customers")
    await walk.look(page, "customers")
    await page.get_by_role("link", name="Ada Wilson").click()
    await expect(page.locator(".page.narrow h2")).to_be_visible()
    await walk.look(page, "customer")
    for number in range(3):
        await page.locator(".page.narrow .mantine-ActionIcon-root").nth(number).click()
        await expect(_dialog(page)).to_be_visible()
        await walk.look(page, f"customer, dialog {number}")
        await page.keyboard.press("Escape")
        await expect(_dialog(page)).to_have_count(0)


async def _supervises(walk: Walk, desk: Person) -> None:
    page = desk.page
    for place in ("wallboard", "agents", "live", "log", "flows", "nowhere"):
        await _go(desk, place)
        await walk.look(page, place)
    await _go(desk, "log")
    links = page.locator("tbody tr td:first-child a")
    await expect(links).to_have_count(2)
    for number, channel in enumerate(("call", "chat")):
        await _go(desk, "log")
        await links.nth(number).click()
        await expect(page.locator(".facts")).to_be_visible()
        for tab in await page.locator(".page").get_by_role("tab").all():
            await tab.click()
            await walk.look(page, f"contact, {channel}, {await tab.get_attribute('id')}")


async def _go(desk: Person, place: str) -> None:
    await desk.page.goto(f"{desk.site.url}/desk/{place}")
    await expect(desk.page.locator("#page h1")).to_have_count(1)


def _dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")
