"""Pictures of every page for docs/desk.md, of a little scene that is acted in real browsers.

python -m tests.browser.screenshots [FOLDER]
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from playwright.async_api import Page, async_playwright, expect

from contact_center.clock import SystemClock
from crm_store.store import Store
from tests.browser.calling import Caller
from tests.browser.chatting import Agent, Visitor, signed
from tests.browser.past import invent
from tests.browser.people import NARROW, WIDE, Person, Street
from tests.browser.site import AGENT, SUPERVISOR, Site, prepare
from tests.browser.small_png import smaller
from tests.support.chromium import chromium

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures" / "desk"


class Album:
    """The pictures that were taken, by name."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}

    async def take(self, page: Page, name: str) -> None:
        """The window as it is, with the pointer out of the way."""
        await expect(page.locator(".mantine-Loader-root")).to_have_count(0)
        await expect(page.locator(".toast")).to_have_count(0)
        await page.mouse.move(640, 799)
        self.pictures[name] = await page.screenshot(caret="hide", animations="disabled")

    async def take_narrow(self, page: Page, name: str) -> None:
        """On a telephone."""
        await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        await self.take(page, name)
        await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})

    async def take_dark(self, page: Page, name: str) -> None:
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        await self.take(page, name)
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")


async def main() -> dict[str, bytes]:
    """Act the scene, and take the pictures."""
    album = Album()
    with TemporaryDirectory() as name:
        prepared = Path(name) / "prepared" / "var"
        prepare(prepared)
        now = SystemClock().now()
        zone = afternoon(now)
        store = Store(f"sqlite:///{prepared / 'contact_center.db'}")
        with store.writing() as connection:
            invent(connection, now, ZoneInfo(zone), Random(7))
        store.engine.dispose()
        run = Path(name) / "run"
        run.mkdir()
        site = Site(run, prepared, f"company: {{timezone: {zone}}}\n")
        await site.start()
        try:
            async with async_playwright() as playwright:
                people = Street(playwright, site, chromium(), run)
                try:
                    await act(people, album)
                finally:
                    await people.close()
        finally:
            site.stop()
    return album.pictures


def afternoon(now: datetime) -> str:
    """A time zone where it is about four in the afternoon, so that the day's chart has something to show."""
    east = min(16 - now.astimezone(UTC).hour, 14)
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


async def act(people: Street, album: Album) -> None:
    """The scene: a call, a chat by way of the bot, others who wait, and the supervisor's pages."""
    grace = await people.comes("agent")
    await grace.page.goto(f"{people.site.url}/desk/work")
    await expect(grace.page.locator("input[type=email]")).to_be_visible()
    await album.take(grace.page, "sign-in")
    agent = Agent(grace)
    await agent.start(SUPERVISOR)
    await _call(people, album, agent)
    ada = await _chat(people, album, agent)
    await _others_come(people, grace)
    await _pages(album, grace)
    await _in_chinese(album, grace)
    await album.take(ada.person.page, "chat-of-the-customer")


async def _call(people: Street, album: Album, agent: Agent) -> None:
    page, caller = agent.person.page, Caller(await people.comes("customer"))
    await caller.calls(own="+13105550104")
    await caller.reads("How can we help you?")
    await caller.presses("0")
    await expect(agent.offer).to_contain_text("Samuel Ortiz")
    await page.keyboard.press("Alt+KeyA")
    await caller.is_("talking")
    await album.take(page, "call")
    await album.take(caller.page, "phone")
    await caller.hangs_up()
    await page.locator(".wrap-up textarea").fill("His watering cans come on Friday.")
    await album.take(page, "wrap-up")
    await page.locator(".wrap-up textarea").press("Control+Enter")
    await expect(page.locator(".wrap-up")).to_have_count(0)
    await caller.page.close()


async def _chat(people: Street, album: Album, agent: Agent) -> Visitor:
    page, ada = agent.person.page, Visitor(await people.comes("someone"))
    await ada.come(token=signed("user-7", name="Ada Wilson", email="ada.wilson@example.com"))
    await ada.begin()
    await ada.pick("our virtual assistant")
    await ada.say("where is my order 100101?")
    await ada.hears("100101")
    await ada.say("what does the warranty cover?")
    await ada.hears("warranty")
    await ada.say("can I cancel my order?")
    await ada.pick("Yes")
    await expect(agent.offer).to_contain_text("100101")
    await expect(agent.offer.locator(".quote").first).to_be_visible()
    await album.take(page, "offer")
    await page.keyboard.press("Alt+KeyA")
    await agent.say("Hello Ada, this is Grace. Your cordless drill left the warehouse on Monday.")
    await ada.say("Then I would rather send it back. How long do I have?")
    await agent.hears("Then I would rather send it back. How long do I have?")
    await agent.say("30 days from delivery, free of charge. The label for the drill is in your account now.")
    await ada.say("Perfect!")
    await agent.hears("Perfect!")
    await album.take(page, "chat")
    await album.take_dark(page, "chat-dark")
    await album.take_narrow(page, "chat-narrow")
    return ada


async def _others_come(people: Street, grace: Person) -> None:
    """Grace has a break; one is served by a colleague, two wait."""
    await grace.page.get_by_role("button", name="Presence").click()
    await grace.page.get_by_role("menuitem", name="Coaching").click()
    tom = Agent(await people.comes("colleague"))
    await tom.start(AGENT)
    for name, choice in (("Jonas", "sales"), ("Maria", "billing"), ("Wei", "billing")):
        visitor = Visitor(await people.comes("someone"))
        await visitor.come()
        await visitor.begin(name)
        await visitor.pick("English")
        await visitor.pick(choice)
        await visitor.hears("All our colleagues")
        if choice == "sales":
            await tom.accept()
            await tom.say("Good day, which drill do you have in mind?")


async def _pages(album: Album, grace: Person) -> None:
    page = grace.page
    await _at(grace, "tickets", ".board .card")
    await album.take(page, "tickets")
    await page.locator(".board .card", has_text="Charged twice").click()
    await expect(page.locator(".ticket .timeline")).to_be_visible()
    await album.take(page, "ticket")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await _at(grace, "customers", "tbody tr")
    await album.take(page, "customers")
    await page.get_by_role("link", name="Ada Wilson").click()
    await expect(page.locator(".page.narrow h2")).to_be_visible()
    await album.take(page, "customer")
    for place, sign in (
        ("wallboard", ".chart"),
        ("agents", "tbody tr"),
        ("live", "tbody tr"),
        ("flows", ".flow-card"),
    ):
        await _at(grace, place, sign)
        if place == "flows":
            menu = page.locator(".flow-card").filter(has=page.get_by_text("main", exact=True)).first
            await menu.evaluate("card => card.scrollIntoView({block: 'center', inline: 'center'})")
        if place == "live":
            await page.get_by_role("button", name="Why is it waiting? Maria").click()
            await expect(page.locator(".why-panel")).to_contain_text("Place 1 of 2")
        await album.take(page, place)
    await _at(grace, "wallboard", ".chart")
    await album.take_dark(page, "wallboard-dark")
    await album.take_narrow(page, "wallboard-narrow")
    await _at(grace, "log", "tbody tr")
    await page.get_by_label("Words said or written").fill("drill")
    await page.get_by_role("button", name="Search").click()
    await expect(page.locator("tbody tr")).to_have_count(2)
    await album.take(page, "log")
    await page.locator("tbody tr").last.get_by_role("link").first.click()
    await expect(page.locator(".facts")).to_be_visible()
    await album.take(page, "contact")
    await page.keyboard.press("Control+K")
    await page.get_by_role("combobox").fill("go")
    await album.take(page, "commands")
    await page.keyboard.press("Escape")


async def _in_chinese(album: Album, grace: Person) -> None:
    page = grace.page
    await page.get_by_role("button", name="中文").click()
    await _at(grace, "work", ".thread .bubble")
    await album.take(page, "chat-chinese")
    await _at(grace, "wallboard", ".chart")
    await album.take(page, "wallboard-chinese")


async def _at(person: Person, place: str, sign: str) -> None:
    await person.page.locator(f'nav a[href$="/{place}"]').click()
    await expect(person.page.locator(sign).first).to_be_visible()


if __name__ == "__main__":
    wanted = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    wanted.mkdir(parents=True, exist_ok=True)
    for name, picture in asyncio.run(main()).items():
        (wanted / f"{name}.png").write_bytes(smaller(picture))
