"""People at browsers: each has a Chromium of their own, whose microphone hears one tone.

Tones are told apart by their pitch, and come in pulses, because a steady one is noise to WebRTC. What
somebody hears is measured in their own page, in what its audio elements play.
"""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from contact_center.web_build import WEB
from tests.browser.site import PASSWORD, Site
from tests.support.chromium import ARGUMENTS

EARS = Path(__file__).with_name("ears.js")

TONES = {"customer": 437, "agent": 683, "colleague": 1019, "supervisor": 1433}
"""Pitches in Hz, none a multiple of another."""

PATIENCE_MS = 60_000
"""How long anything may take on a busy machine. Whatever is waited for is waited for by its sign."""

MOST_PRESSES = 15

WIDE, NARROW = (1280, 800), (390, 844)

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Person:
    """Somebody with a browser open. ``problems``: the page's errors, and what its policy refused."""

    name: str
    site: Site
    context: BrowserContext
    page: Page
    problems: list[str]

    async def sign_in(self, email: str, place: str = "work") -> None:
        """To the desk, with the password that everybody has in the tests."""
        await self.page.goto(f"{self.site.url}/desk/{place}")
        await self.page.locator("input[type=email]").fill(email)
        await self.page.locator("input[type=password]").fill(PASSWORD)
        await self.page.locator("button[type=submit]").click()
        await expect(self.page.locator("main.mantine-AppShell-main, .mantine-AppShell-main")).to_be_visible()

    async def go_available(self) -> None:
        await (
            self.page.get_by_role("button", name="Go available")
            .or_(self.page.get_by_role("button", name="示闲"))
            .first.click()
        )

    async def click(self, name: str, *, exact: bool = True) -> None:
        """The first button of this name."""
        await self.page.get_by_role("button", name=name, exact=exact).first.click()

    async def hears(self, *names: str) -> None:
        """Wait until exactly these people's tones are heard. The names are keys of `TONES`."""
        heard = await self._listens("tonesHeard", sorted(names), TONES)
        if heard != sorted(names):
            raise AssertionError(
                f"{self.name} hears {heard}, not {sorted(names)}: {await self._how_connected()}"
            )

    async def hears_keys(self, tones: dict[str, int], press: Callable[[], Awaitable[None]]) -> None:
        """Have keys pressed until all their tones (by name, in Hz) were heard. Once is not enough where the
        machine is busy: a key sounds for a fifth of a second."""
        await self.page.evaluate(
            """(tones) => {
              window.keysHeard = new Set()
              const listen = async () => {
                while (keysHeard.size < Object.keys(tones).length) {
                  for (const name of await tonesHeard(tones)) keysHeard.add(name)
                }
              }
              void listen()
            }""",
            tones,
        )
        heard: list[str] = []
        for _ in range(MOST_PRESSES):
            await press()
            heard = await self.page.evaluate(
                """async (tones) => {
                  const until = performance.now() + 3000
                  while (keysHeard.size < Object.keys(tones).length && performance.now() < until) {
                    await new Promise((resolve) => setTimeout(resolve, 100))
                  }
                  return [...keysHeard].sort()
                }""",
                tones,
            )
            if heard == sorted(tones):
                return
        raise AssertionError(f"{self.name} hears {heard} of the keys, not {sorted(tones)}")

    async def records(self, *names: str) -> None:
        """Wait until exactly these people's tones go into the recording that this page makes."""
        taped = await self._listens("tonesTaped", sorted(names), TONES)
        assert taped == sorted(names), f"{self.name} records {taped}, not {sorted(names)}"

    async def hears_music(self, on: bool = True) -> None:
        """Wait until the page makes or plays music (which does not pause), or no sound at all."""
        heard = await self._listens("soundsMade", float(on))
        assert heard == float(on), f"{self.name}'s page makes sounds for {heard} of the time, not {float(on)}"

    async def _listens(self, how: str, wanted: object, *given: object) -> object:
        """What is heard, as soon as that is what is wanted, else at last. In one go, as Playwright's own
        waiting takes a promise for a yes."""
        heard: object = await self.page.evaluate(
            """async ([how, wanted, given, patience]) => {
              const until = performance.now() + patience
              for (;;) {
                const heard = await window[how](...given)
                const right = JSON.stringify(heard) === JSON.stringify(wanted)
                if (right || performance.now() > until) return heard
              }
            }""",
            [how, wanted, given, PATIENCE_MS],
        )
        return heard

    async def _how_connected(self) -> object:
        """The state of each connection that the page has made, and of what it plays."""
        return await self.page.evaluate("async () => [await howConnected(), howPlayed()]")

    async def screenshot(self, path: Path) -> None:
        await self.page.screenshot(path=str(path))


class Street:
    """Where people come from. ``axe`` checks pages for what keeps people out."""

    def __init__(self, playwright: Playwright, site: Site, executable: str, folder: Path) -> None:
        self.playwright, self.site, self.executable, self.folder = playwright, site, executable, folder
        self._browsers: dict[str, Browser] = {}
        self.people: list[Person] = []

    async def comes(
        self, name: str, *, size: tuple[int, int] = WIDE, language: str = "en-US", dark: bool = False
    ) -> Person:
        """Somebody new, with an empty page. ``name``: a key of `TONES`, or anybody without a microphone."""
        if name not in self._browsers:
            self._browsers[name] = await self._launch(name)
        context = await self._browsers[name].new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            permissions=["microphone", "notifications"] if name in TONES else ["notifications"],
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(path=EARS)
        page = await context.new_page()
        return self.watched(Person(name, self.site, context, page, []))

    def watched(self, person: Person) -> Person:
        """Note the errors of their page from now on."""
        person.page.on("pageerror", lambda error: person.problems.append(f"{person.name}: {error}"))
        person.page.on("console", lambda message: _note(person, message.type, message.text))
        self.people.append(person)
        return person

    async def _launch(self, name: str) -> Browser:
        arguments = [*ARGUMENTS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        if name in TONES:
            tone = self.folder / f"{name}.wav"
            _write_tone(tone, TONES[name])
            arguments.append(f"--use-file-for-fake-audio-capture={tone}")
        return await self.playwright.chromium.launch(executable_path=self.executable, args=arguments)

    def assert_quiet(self) -> None:
        """No page had an error, and no policy refused anything."""
        found = [problem for person in self.people for problem in person.problems]
        assert found == []

    async def close(self) -> None:
        for browser in self._browsers.values():
            await browser.close()


@asynccontextmanager
async def street(site: Site, executable: str, folder: Path) -> AsyncIterator[Street]:
    async with async_playwright() as playwright:
        here = Street(playwright, site, executable, folder)
        try:
            yield here
        finally:
            await here.close()


async def violations(page: Page, *, without: Sequence[str] = ()) -> list[str]:
    """What axe finds on a page as it is now, a line each."""
    source = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    # Not by a script element, which the page's policy would refuse.
    await page.evaluate(source)
    found: list[str] = await page.evaluate(
        """async (without) => {
          const rules = Object.fromEntries(without.map((name) => [name, {enabled: false}]))
          const {violations} = await axe.run(document, {rules})
          return violations.flatMap(({id, nodes}) => nodes.map((node) =>
            `${id}: ${node.html.slice(0, 160)} | ${node.any[0]?.message ?? node.failureSummary}`))
        }""",
        list(without),
    )
    return found


async def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, wider)


def _note(person: Person, kind: str, text: str) -> None:
    # A lost connection is told by Chromium itself, in tests that cut it.
    if kind == "error" and "Failed to load resource" not in text and "WebSocket connection" not in text:
        person.problems.append(f"{person.name}: {text}")


def _write_tone(path: Path, pitch: int, seconds: int = 2, rate: int = 48_000) -> None:
    """Pulses of a third of a second, with pauses as long, as 16-bit mono."""
    samples = bytearray()
    for number in range(seconds * rate):
        sounding = (number // (rate // 3)) % 2 == 0
        value = int(20_000 * math.sin(2 * math.pi * pitch * number / rate)) if sounding else 0
        samples += struct.pack("<h", value)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(samples))
