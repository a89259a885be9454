"""Whole calls between real browsers: what each one hears is measured at their end, and the log agrees."""

from __future__ import annotations

import re
from asyncio import gather

from playwright.async_api import expect

from crm_store import recordings
from tests.browser.calling import (
    ADA,
    Caller,
    accepts,
    at_desk,
    control,
    controls,
    customer,
    newest_contact,
    offer,
    recorded_tones,
    works_of,
    wraps_up,
)
from tests.browser.people import Person, Street
from tests.browser.site import AGENT, SUPERVISOR, Site


async def test_from_the_menu_to_the_log(people: Street, site: Site) -> None:
    ada, tom = await customer(people), await at_desk(people, "agent", AGENT)
    await _waits_for_sales(ada)
    await tom.go_available()
    await _is_told_who_calls(tom)
    await accepts(tom)
    await gather(ada.hears("agent"), tom.hears("customer"))
    await ada.hears_music(False)
    await _mutes(tom, ada)
    await _holds(tom, ada)
    await _records(tom)
    await _presses_keys(tom, ada)
    await tom.hears("customer")

    await control(tom, "End")
    await wraps_up(tom, "resolved", "She wanted two kettles.")
    await ada.reads("How satisfied were you with our help?")
    await ada.presses("5")
    await ada.reads("Thank you for your answer.", "Goodbye.")
    await ada.is_("ended")
    await _log_tells_it(people, site)
    _database_agrees(site)
    people.assert_quiet()


async def _waits_for_sales(ada: Caller) -> None:
    """Through the menu by keys, into the line, where there is music between the announcements."""
    await ada.calls(own=ADA, speaks=True)
    await ada.reads("Hello Ada, welcome back", "How can we help you?")
    await ada.presses("1")
    await ada.reads("You pressed 1", "All our colleagues are helping other customers.")
    await ada.hears_music()
    await ada.page.wait_for_function("() => filesPlaying().some((path) => path.endsWith('.wav'))")
    await ada.hears()


async def _is_told_who_calls(tom: Person) -> None:
    """The screen pop, before the answer."""
    pop = offer(tom)
    await expect(pop.get_by_role("heading")).to_have_text("Ada Wilson")
    for text in ("New: Call · Sales", "Gold", "+12025550101", "Reason sales", "Front door/", "(sales)"):
        await expect(pop).to_contain_text(text)


async def _mutes(tom: Person, ada: Caller) -> None:
    await control(tom, "Mute")
    await gather(ada.hears(), tom.hears("customer"))
    await control(tom, "Unmute")
    await ada.hears("agent")
    await ada.page.get_by_role("button", name="Mute", exact=True).click()
    await tom.hears()
    await ada.page.get_by_role("button", name="Unmute").click()
    await tom.hears("customer")


async def _holds(tom: Person, ada: Caller) -> None:
    await control(tom, "Hold")
    await ada.is_("hold")
    await gather(ada.hears_music(), ada.hears(), tom.hears())
    await control(tom, "Resume")
    await ada.is_("talking")
    await ada.hears_music(False)
    await gather(ada.hears("agent"), tom.hears("customer"))


async def _records(tom: Person) -> None:
    """It runs from the beginning, because the centre's configuration wants that."""
    await control(tom, "Pause recording")
    await expect(tom.page.get_by_text("Recording paused")).to_be_visible()
    await control(tom, "Resume recording")
    await expect(controls(tom).get_by_role("button", name="Pause recording")).to_be_visible()


async def _presses_keys(tom: Person, ada: Caller) -> None:
    """Each hears the two tones of the other's key."""
    await control(tom, "Keypad")

    async def press() -> None:
        for key in "5###":
            pad = tom.page.get_by_role("group", name="Keypad")
            await pad.get_by_role("button", name=key, exact=True).click()

    await ada.person.hears_keys({"low": 941, "high": 1477}, press)
    await control(tom, "Keypad")
    await tom.hears_keys({"low": 852, "high": 1209}, lambda: ada.presses(*"777"))


def _database_agrees(site: Site) -> None:
    contact = newest_contact(site)
    assert (contact.state, contact.outcome, contact.queue) == ("ended", "answered", "sales")
    assert contact.from_address == ADA
    (tape,) = site.read(lambda connection: recordings.list_for_contact(connection, contact.id))
    assert (tape.status, tape.purpose) == ("completed", "conversation")
    assert tape.seconds > 1
    (work,) = works_of(site, contact.id)
    assert (work.state, work.disposition, work.note) == ("done", "resolved", "She wanted two kettles.")


async def _log_tells_it(people: Street, site: Site) -> None:
    """The log leads to the contact, where one hears both of them in the recording."""
    grace = await at_desk(people, "supervisor", SUPERVISOR, "log")
    await grace.page.get_by_role("row", name=re.compile("Ada Wilson")).first.get_by_role("link").first.click()
    page = grace.page.locator(".page")
    await expect(page.get_by_role("heading", name="Ada Wilson")).to_be_visible()
    await page.get_by_role("tab", name="Timeline").click()
    told = ("Customer and Tom Becker are connected", "She wanted two kettles.", "Customer pressed 5")
    for text in (*told, "Recording paused (by Tom Becker)", "Recording resumed (by Tom Becker)"):
        await expect(page.get_by_role("list", name="Timeline")).to_contain_text(text)
    await page.get_by_role("tab", name="Recording and words").click()
    await page.get_by_role("button", name="Listen").click()
    await grace.page.wait_for_function("() => document.querySelector('audio')?.currentTime > 0.5")

    (recorded,) = await recorded_tones(grace, newest_contact(site))
    assert recorded["heard"] == ["agent", "customer"]
    assert recorded["seconds"] > 1
