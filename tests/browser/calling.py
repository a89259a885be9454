"""Telephone calls as people make them: a customer at the page /phone, and agents who answer at desks."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, expect

from crm_store import contacts, recordings, schema, works
from crm_store.contacts import Contact, ContactFilter
from crm_store.works import Work
from tests.browser.people import TONES, Person, Street
from tests.browser.site import Site

ADA = "+12025550101"
"""Ada Wilson of the demo: gold, speaks English."""


class Caller:
    """A customer with the telephone page open."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page
        self.hears, self.hears_music = person.hears, person.hears_music

    async def calls(self, number: str = "1001", *, own: str = "", speaks: bool = False) -> None:
        """Dial. ``speaks``: with the time that the prompts take, and music; else they cost none."""
        await self.page.goto(f"{self.person.site.url}/phone{'' if speaks else '?speak=off'}")
        await self.page.locator("#to").fill(number)
        await self.page.locator("#own").fill(own)
        await self.page.locator("form button[type=submit]:enabled").first.click()

    async def calls_again(self) -> None:
        await self.page.locator(".controls button.green:visible").click()

    async def reads(self, *texts: str) -> None:
        """Wait until all this was said, and stands there."""
        for text in texts:
            await expect(self.page.get_by_role("log")).to_contain_text(text)

    async def presses(self, *keys: str) -> None:
        for key in keys:
            await self.page.locator(f".keypad [data-key='{key}']").click()

    async def hangs_up(self) -> None:
        await self.page.locator(".controls button.red:visible").click()
        await self.is_("ended")

    async def is_(self, phase: str) -> None:
        """Wait for a phase of the call: calling, automatic, talking, hold, ended."""
        await expect(self.page.locator("body")).to_have_attribute("data-phase", phase)


async def customer(people: Street, *, language: str = "en-US") -> Caller:
    return Caller(await people.comes("customer", language=language))


async def at_desk(
    people: Street, name: str, email: str, place: str = "work", language: str = "en-US"
) -> Person:
    """Somebody of ours, signed in. ``name``: whose tone their microphone hears."""
    person = await people.comes(name, language=language)
    await person.sign_in(email, place)
    return person


async def another_tab(people: Street, person: Person, place: str) -> Person:
    """The same person's desk once more, with another page of it."""
    page = await person.context.new_page()
    tab = people.watched(Person(person.name, person.site, person.context, page, []))
    await page.goto(f"{person.site.url}/desk/{place}")
    return tab


def offer(person: Person) -> Locator:
    """What the desk asks its agent just now."""
    return person.page.locator(".offer")


async def accepts(person: Person) -> None:
    """Say yes to what is offered, and see the call begin."""
    await expect(offer(person)).to_be_visible()
    await person.page.keyboard.press("Alt+KeyA")
    await expect(offer(person)).to_have_count(0)
    await expect(controls(person)).to_be_visible()


async def calls_agent(caller: Caller, agent: Person, key: str = "1", *, own: str = ADA) -> None:
    """From the dialling to the agent's hello; the key chooses in the menu (1: sales)."""
    await agent.go_available()
    await caller.calls(own=own)
    await caller.reads("How can we help you?")
    await caller.presses(key)
    await accepts(agent)
    await caller.hears(agent.name)
    await agent.hears(caller.person.name)


def controls(person: Person) -> Locator:
    """The buttons of the call that is open."""
    return person.page.locator(".work-head [role=toolbar]")


async def control(person: Person, name: str) -> None:
    await controls(person).get_by_role("button", name=name, exact=True).click()


async def chooses(person: Person, name: str, *, queue: bool = False) -> None:
    """Whom or which queue, in the dialog that is open."""
    dialog = person.page.get_by_role("dialog")
    if queue:
        await dialog.get_by_text("Queue", exact=True).click()
    await dialog.locator(".choices").get_by_text(name, exact=True).click()
    await expect(dialog).to_have_count(0)


async def wraps_up(person: Person, disposition: str = "", note: str = "") -> None:
    """Write up what came of the conversation that is over."""
    form = person.page.locator("form.wrap-up")
    await expect(form).to_be_visible()
    if disposition:
        await form.get_by_label("What came of it").fill(disposition)
        await person.page.get_by_role("option", name=disposition).click()
    if note:
        await form.get_by_label("Note").fill(note)
    await form.get_by_role("button", name="Finish").click()
    await expect(form).to_have_count(0)


async def presence(person: Person, choice: str) -> None:
    """Choose in the menu of one's presence."""
    await person.page.get_by_role("button", name="Presence").click()
    await person.page.get_by_role("menuitem", name=choice).click()


async def sees_state(person: Person, state: str) -> None:
    """Wait until the desk says in which state its agent is."""
    await expect(person.page.locator("header.mantine-AppShell-header")).to_contain_text(state)


def newest_contact(site: Site) -> Contact:
    """The contact that began last, as the database has it."""
    found = site.read(lambda connection: contacts.list_contacts(connection, ContactFilter(), None, 1))
    return found.items[0]


def works_of(site: Site, contact_id: str) -> list[Work]:
    """All work that there was about a contact."""
    asked = schema.works.select().where(schema.works.c.contact_id == contact_id)
    return site.read(lambda connection: [works.decode(row) for row in connection.execute(asked)])


async def recorded_tones(supervisor: Person, contact: Contact) -> list[dict[str, Any]]:
    """What is to be heard in each recording of a contact (``heard``), and for how many ``seconds``."""
    found = supervisor.site.read(lambda connection: recordings.list_for_contact(connection, contact.id))
    return [
        await supervisor.page.evaluate(
            "([url, tones]) => window.tonesRecorded(url, tones)",
            [f"/api/v1/recordings/{recording.id}/audio", TONES],
        )
        for recording in found
    ]
