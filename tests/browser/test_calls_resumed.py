"""A network that breaks in the middle of a call: the line is mended, and the call goes on."""

from __future__ import annotations

from asyncio import gather

from playwright.async_api import expect

from tests.browser.calling import at_desk, calls_agent, control, controls, customer, newest_contact, wraps_up
from tests.browser.people import Street
from tests.browser.site import AGENT, Site


async def test_a_call_outlasts_broken_connections(people: Street, site: Site) -> None:
    ada, tom = await customer(people), await at_desk(people, "agent", AGENT)
    await calls_agent(ada, tom)
    await ada.page.context.set_offline(True)
    await ada.reads("Connection lost")
    await ada.page.context.set_offline(False)
    await ada.reads("Connected again")
    await gather(ada.is_("talking"), ada.hears("agent"), tom.hears("customer"))

    lost = tom.page.get_by_text("The connection is lost; it is being mended.")
    await tom.context.set_offline(True)
    await expect(lost).to_be_visible()
    await tom.context.set_offline(False)
    await expect(lost).to_have_count(0)
    await expect(controls(tom)).to_be_visible()
    await gather(ada.is_("talking"), ada.hears("agent"), tom.hears("customer"))

    # What is done to the call after that reaches both ends.
    await control(tom, "Hold")
    await gather(ada.is_("hold"), ada.hears(), tom.hears())
    await control(tom, "Resume")
    await gather(ada.is_("talking"), ada.hears("agent"), tom.hears("customer"))
    await ada.hangs_up()
    await wraps_up(tom)
    assert newest_contact(site).outcome == "answered"
    people.assert_quiet()
