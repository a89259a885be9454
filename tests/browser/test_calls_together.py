"""Three and four in one call: asking a colleague, the warm transfer, and a supervisor who joins."""

from __future__ import annotations

from asyncio import gather

from playwright.async_api import expect

from crm_store import agents
from tests.browser.calling import (
    Caller,
    accepts,
    at_desk,
    calls_agent,
    chooses,
    control,
    controls,
    customer,
    newest_contact,
    offer,
    recorded_tones,
    wraps_up,
)
from tests.browser.people import Person, Street
from tests.browser.site import AGENT, COLLEAGUE, SUPERVISOR, Site


async def test_a_warm_transfer_and_a_supervisor_who_joins(people: Street, site: Site) -> None:
    ada, tom = await customer(people), await at_desk(people, "agent", AGENT)
    await calls_agent(ada, tom)
    aisha = await at_desk(people, "colleague", COLLEAGUE)
    await _consults(tom, aisha, ada)
    await _confers(tom, aisha, ada)
    await _gives_over(tom, aisha, ada)

    grace = await at_desk(people, "supervisor", SUPERVISOR, "live")
    await _joins(grace, "Listen")
    await gather(grace.hears("customer", "colleague"), aisha.hears("customer"), ada.hears("colleague"))
    await _joins(grace, "Whisper to the agent")
    await gather(aisha.hears("customer", "supervisor"), ada.hears("colleague"))
    await aisha.records("customer", "colleague")
    await _joins(grace, "Join in")
    await gather(ada.hears("colleague", "supervisor"), aisha.hears("customer", "supervisor"))
    await aisha.records("customer", "colleague", "supervisor")
    await grace.click("Hang up")
    await ada.hears("colleague")

    await ada.hangs_up()
    await wraps_up(aisha)
    contact = newest_contact(site)
    assert (contact.state, contact.end_reason) == ("ended", "customer")
    await _log_tells_it(grace, site)
    taker = site.read(lambda connection: agents.get(connection, contact.agent_id or ""))
    assert taker.name == "Aisha Khan"
    people.assert_quiet()


async def _consults(tom: Person, aisha: Person, ada: Caller) -> None:
    """The agents talk, and the customer hears neither of them."""
    await aisha.go_available()
    await control(tom, "Consult")
    await chooses(tom, "Aisha Khan")
    await ada.is_("hold")
    await expect(tom.page.get_by_text("Asking Aisha Khan…")).to_be_visible()
    await expect(offer(aisha)).to_contain_text("Question of a colleague")
    await expect(offer(aisha).get_by_role("heading")).to_have_text("Ada Wilson")
    await accepts(aisha)
    await expect(tom.page.locator(".consult")).to_contain_text("Aisha Khan is on the line")
    await gather(tom.hears("colleague"), aisha.hears("agent"), ada.hears())


async def _confers(tom: Person, aisha: Person, ada: Caller) -> None:
    await tom.page.locator(".consult").get_by_role("button", name="Conference").click()
    await gather(
        ada.hears("agent", "colleague"), tom.hears("colleague", "customer"), aisha.hears("agent", "customer")
    )


async def _gives_over(tom: Person, aisha: Person, ada: Caller) -> None:
    """The first agent is out, and free; the second has the customer."""
    await tom.page.locator(".consult").get_by_role("button", name="Transfer").click()
    await expect(controls(tom)).to_have_count(0)
    await expect(tom.page.get_by_text("The next customer comes to you.")).to_be_visible()
    await gather(tom.hears(), ada.hears("colleague"), aisha.hears("customer"))


async def _joins(grace: Person, how: str) -> None:
    await grace.page.get_by_role("row", name="Ada Wilson").get_by_label("Listen, join or take over").click()
    await grace.page.get_by_role("menuitem", name=how).click()
    await expect(grace.page.get_by_role("menu")).to_have_count(0)


async def _log_tells_it(grace: Person, site: Site) -> None:
    """Who gave the customer to whom, and a recording of each agent's part."""
    contact = newest_contact(site)
    await grace.page.goto(f"{site.url}/desk/contacts/{contact.id}?tab=timeline")
    timeline = grace.page.get_by_role("list", name="Timeline")
    for text in ("Tom Becker transferred to Aisha Khan (after consultation)", "Grace Miller"):
        await expect(timeline).to_contain_text(text)
    parts = await recorded_tones(grace, contact)
    assert [part["heard"] for part in parts] == [
        ["agent", "colleague", "customer"],
        ["colleague", "customer", "supervisor"],
    ]
