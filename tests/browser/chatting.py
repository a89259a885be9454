"""The two ends of a chat: a visitor of the demo's page, and an agent's desk."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from playwright.async_api import Locator, expect

from tests.browser.people import Person
from tests.browser.site import WEBCHAT_SECRET

DEMO = "/chat/demo"


def signed(subject: str, **claims: str) -> str:
    """What a web site says of its user."""
    known = {"sub": subject, "exp": int(time.time()) + 600, "email_verified": True}
    return jwt.encode(known | claims, WEBCHAT_SECRET, algorithm="HS256")


@dataclass
class Visitor:
    """Somebody with the chat on a page. The widget's words are English or Chinese, as the page is."""

    person: Person

    @property
    def chat(self) -> Locator:
        return self.person.page.locator("cc-chat")

    async def come(self, language: str = "en", token: str = "") -> None:
        """To the demo's page, and open the chat; the form is there, or the conversation of before.

        With a ``token`` the page says who its user is.
        """
        await self.person.page.goto(f"{self.person.site.url}{DEMO}?language={language}")
        if token:
            await self.person.page.evaluate("token => ContactCenterChat.setToken(token)", token)
        await self.open()

    async def open(self) -> None:
        await self.chat.locator("button.launch").click()

    async def begin(self, name: str = "") -> None:
        """Fill the form in, and begin."""
        if name:
            await self.chat.locator("input[name=name]").fill(name)
        await self.chat.locator("form.before button").click()

    async def begin_with_bot(self, name: str = "", language: str = "en") -> None:
        """Begin, and choose the assistant in the menu."""
        english = language == "en"
        await self.begin(name)
        await self.pick("English" if english else "中文")
        await self.pick("our virtual assistant" if english else "智能客服")
        await self.hears("in your own words" if english else "请直接告诉我")

    async def say(self, text: str) -> None:
        """Write it; it is shown at once, taken or not."""
        box = self.chat.locator("textarea")
        await box.fill(text)
        await box.press("Enter")
        await expect(self.chat.locator(".m.mine .b").get_by_text(text, exact=True).last).to_be_visible()

    async def pick(self, label: str) -> None:
        """Press a button of the question."""
        await self.chat.locator(".picks button").get_by_text(label, exact=True).click()

    async def hears(self, text: str | re.Pattern[str]) -> None:
        """Wait until somebody else has said this, or more."""
        await expect(self.chat.locator(".m:not(.mine) .b").get_by_text(text).last).to_be_visible()

    async def attach(self, path: Path) -> None:
        await self.chat.locator("input[type=file]").set_input_files(str(path))

    async def sent(self) -> None:
        """Wait until the server has taken everything."""
        await expect(self.chat.locator(".m.mine .t", has_text="✓")).to_have_count(
            await self.chat.locator(".m.mine").count()
        )

    async def all_said(self) -> list[str]:
        """Every text that is shown, in order."""
        return await self.chat.locator(".m .b").all_inner_texts()


@dataclass
class Agent:
    """Somebody at the desk, in English."""

    person: Person

    @property
    def offer(self) -> Locator:
        return self.person.page.locator(".offer")

    @property
    def box(self) -> Locator:
        return self.person.page.locator(".composer textarea")

    async def start(self, email: str) -> None:
        """Sign in and take work."""
        await self.person.sign_in(email)
        await self.person.go_available()

    async def accept(self) -> None:
        """Wait for an offer and take it."""
        await expect(self.offer).to_be_visible()
        await self.person.page.keyboard.press("Alt+KeyA")
        await expect(self.box).to_be_visible()

    async def write(self, text: str) -> None:
        """Send it, connected or not."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def say(self, text: str) -> None:
        """Write it, and wait until it is kept."""
        await self.write(text)
        await expect(self.shown(text)).to_have_count(1)

    def shown(self, text: str) -> Locator:
        """What the conversation shows with this text."""
        return self.person.page.locator(".thread .words").filter(has_text=text)

    async def hears(self, text: str) -> None:
        await expect(self.shown(text)).to_have_count(1)

    async def goes_on(self) -> None:
        """Wait for the connection, and send what has been kept in the box meanwhile."""
        await expect(self.person.page.locator("header").get_by_role("status")).to_contain_text("Connected")
        if await self.box.input_value():
            await self.box.press("Enter")

    async def all_said(self) -> list[str]:
        return await self.person.page.locator(".thread .words").all_inner_texts()

    async def end(self, note: str = "") -> None:
        """End the conversation and wrap it up."""
        page = self.person.page
        await page.locator(".work-head").get_by_role("button", name="End", exact=True).click()
        await page.locator(".wrap-up textarea").fill(note)
        await page.locator(".wrap-up textarea").press("Control+Enter")
        await expect(page.locator(".wrap-up")).to_have_count(0)
