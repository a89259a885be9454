"""Calls that nobody talks in: hung up on the way, declined, and not answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import msgspec
import pytest
from playwright.async_api import expect

from contact_center.clock import SystemClock
from crm_store import contacts, queues
from crm_store.contacts import ContactFilter
from crm_store.ids import Ids
from crm_store.seed_data import QUEUES
from crm_store.store import Store
from tests.browser.calling import (
    Caller,
    accepts,
    at_desk,
    control,
    customer,
    newest_contact,
    offer,
    sees_state,
    wraps_up,
)
from tests.browser.people import Street
from tests.browser.site import AGENT, COLLEAGUE, Site

LATE = "You did not answer; it went back into line"


@pytest.fixture
async def site(tmp_path: Path, prepared: Path) -> AsyncIterator[Site]:
    """A centre where customer service is answered within ten seconds, or by somebody else."""
    centre = Site(tmp_path, prepared)
    _hurry(centre)
    await centre.start()
    try:
        yield centre
    finally:
        centre.stop()


def _hurry(centre: Site) -> None:
    store, now = Store(f"sqlite:///{centre.folder / 'var' / 'contact_center.db'}"), SystemClock().now
    with store.writing() as connection:
        before = QUEUES["general"]
        hasty = msgspec.structs.replace(before, routing={**before.routing, "offer_seconds": 10})
        queues.put(connection, "general", hasty, at=now(), ids=Ids(now, Random()), actor="tests")
    store.engine.dispose()


async def test_the_caller_hangs_up_in_the_menu_in_the_line_and_while_it_rings(
    people: Street, site: Site
) -> None:
    stranger, tom = await customer(people), await at_desk(people, "agent", AGENT)
    await stranger.calls()
    await stranger.reads("For English, press 1.", "中文服务请按2。")
    await stranger.hangs_up()
    await _asks_for_a_person(stranger)
    await stranger.hangs_up()
    await _asks_for_a_person(stranger)
    await tom.go_available()
    await expect(offer(tom).get_by_role("heading")).to_have_text("Unknown customer")
    await expect(offer(tom)).to_contain_text("Not a known customer")
    await stranger.hangs_up()
    await expect(offer(tom)).to_have_count(0)
    await sees_state(tom, "Available")

    found = site.read(lambda connection: contacts.list_contacts(connection, ContactFilter(), None, 9)).items
    assert [(each.state, each.outcome, each.queue) for each in reversed(found)] == [
        ("ended", "hung_up", None),
        ("ended", "abandoned", "general"),
        ("ended", "abandoned", "general"),
    ]
    people.assert_quiet()


async def test_who_does_not_answer_is_passed_and_who_declines_too(people: Street, site: Site) -> None:
    stranger, tom = await customer(people), await at_desk(people, "agent", AGENT)
    aisha = await at_desk(people, "colleague", COLLEAGUE)
    await tom.go_available()
    await _asks_for_a_person(stranger)
    await expect(offer(tom)).to_be_visible()
    await aisha.go_available()
    await sees_state(aisha, "Available")
    await expect(tom.page.get_by_text(LATE)).to_be_visible()
    await sees_state(tom, "Not responding")
    await accepts(aisha)
    await aisha.hears("customer")
    await stranger.hangs_up()
    await expect(aisha.page.locator("form.wrap-up")).to_be_visible()

    await tom.go_available()
    await sees_state(tom, "Available")
    await _asks_for_a_person(stranger)
    await expect(offer(tom)).to_be_visible()
    await tom.page.keyboard.press("Alt+KeyX")
    await expect(offer(tom)).to_have_count(0)
    await wraps_up(aisha)
    await accepts(aisha)
    await aisha.hears("customer")
    await control(aisha, "End")
    await wraps_up(aisha, "informed")
    await sees_state(tom, "Available")
    assert newest_contact(site).outcome == "answered"
    people.assert_quiet()


async def _asks_for_a_person(stranger: Caller) -> None:
    """From the dialling to the line of customer service."""
    await stranger.calls()
    await stranger.reads("For English, press 1.")
    await stranger.presses("1")
    await stranger.reads("Thank you for contacting Example Company.", "How can we help you?")
    await stranger.presses("0")
    await stranger.reads("All our colleagues are helping other customers.")
