"""Work that goes to others at once: a call to a queue, a colleague, the supervisor; a ticket to anybody."""

from __future__ import annotations

from asyncio import gather

from playwright.async_api import expect

from crm_store import journal
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
    presence,
    sees_state,
)
from tests.browser.people import Person, Street
from tests.browser.site import AGENT, COLLEAGUE, SUPERVISOR, Site


async def test_a_call_goes_to_a_queue_a_colleague_and_the_supervisor(people: Street, site: Site) -> None:
    ada, tom = await customer(people), await at_desk(people, "agent", AGENT)
    await calls_agent(ada, tom)
    aisha = await at_desk(people, "colleague", COLLEAGUE)
    await aisha.go_available()
    await control(tom, "Transfer")
    await chooses(tom, "Customer service", queue=True)
    await _has_it(ada, aisha, instead_of=tom)
    await expect(tom.page.get_by_text("The next customer comes to you.")).to_be_visible()

    await control(aisha, "Transfer")
    await chooses(aisha, "Tom Becker")
    await _has_it(ada, tom, instead_of=aisha)

    grace = await at_desk(people, "supervisor", SUPERVISOR, "live")
    await presence(grace, "Go available")
    await grace.page.get_by_role("row", name="Ada Wilson").get_by_label("Listen, join or take over").click()
    await grace.page.get_by_role("menuitem", name="Take over").click()
    await _has_it(ada, grace, instead_of=tom)

    contact = newest_contact(site)
    entries = site.read(lambda connection: journal.read(connection, contact.id))
    given = [(each.data["to_kind"], each.data["how"]) for each in entries if each.kind == "transferred"]
    assert given == [("queue", "cold"), ("agent", "cold")]
    people.assert_quiet()


async def _has_it(ada: Caller, taker: Person, *, instead_of: Person) -> None:
    """Who had the customer hears nobody any more, and the one who takes the call talks with them."""
    await expect(controls(instead_of)).to_have_count(0)
    await expect(offer(taker)).to_contain_text("Ada Wilson")
    await accepts(taker)
    results = await gather(
        ada.hears(taker.name), taker.hears("customer"), instead_of.hears(), return_exceptions=True
    )
    wrong = [str(each) for each in results if each]
    assert not wrong, "\n".join(wrong)


async def test_a_supervisor_gives_a_ticket_to_somebody_else(people: Street) -> None:
    aisha, tom = await at_desk(people, "colleague", COLLEAGUE), await at_desk(people, "agent", AGENT)
    grace = await at_desk(people, "supervisor", SUPERVISOR, "tickets")
    await gather(aisha.go_available(), tom.go_available())
    await sees_state(aisha, "Available")
    await grace.click("New ticket")
    await grace.page.get_by_label("Subject").fill("Broken kettle")
    await grace.click("Open the ticket")
    await expect(offer(aisha)).to_contain_text("New: Ticket")

    await grace.page.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    await grace.page.get_by_role("link", name="Live contacts").click()
    await grace.page.get_by_role("row", name="Ticket").get_by_label("Listen, join or take over").click()
    await grace.page.get_by_role("menuitem", name="Give to somebody else").click()
    await chooses(grace, "Tom Becker")
    await expect(offer(aisha)).to_have_count(0)
    await expect(offer(tom)).to_contain_text("New: Ticket")
    await tom.page.keyboard.press("Alt+KeyA")
    await expect(tom.page.get_by_role("heading", name="Broken kettle")).to_be_visible()
    await expect(grace.page.get_by_role("row", name="Ticket")).to_contain_text("Tom Becker")
    people.assert_quiet()
