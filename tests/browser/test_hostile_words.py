"""Names and messages that mean harm, or break the page: words like any other, wherever they are shown."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.chatting import Agent, Visitor, signed
from tests.browser.people import NARROW, WIDE, Street, overflow
from tests.browser.site import SUPERVISOR

NAME = '<img src=x onerror="window.__pwned=1">'
SAID = (
    "<script>window.__pwned = 1</script>",
    '<a href="javascript:window.__pwned=1">press me</a> javascript:window.__pwned=1',
    "{{ customer.__class__ }} ${7*7} {{7*7}}",
    "\u202etxt.exe gnihtemos\u202c and \u2066\u202b left open",
    "W" * 1500,
    "".join(f"e{chr(0x300 + number % 90)}" for number in range(400)),
    "https://example.com/" + "a" * 900,
)


async def test_words_stay_words(people: Street) -> None:
    customer, agent = Visitor(await people.comes("someone")), Agent(await people.comes("agent"))
    await agent.start(SUPERVISOR)
    await customer.come(token=signed("<svg onload=window.__pwned=1>", name=NAME))
    await customer.begin()
    await customer.pick("English")
    await customer.pick("a member of our team")
    await expect(agent.offer).to_contain_text(NAME)
    await agent.accept()
    page = agent.person.page
    for said in SAID:
        await customer.say(said)
        await expect(agent.shown(said)).to_have_count(1)
        await agent.write(f"{said}!")
        await expect(agent.shown(f"{said}!")).to_have_count(1)
    await customer.sent()
    await expect(customer.chat.locator(".m .b").last).to_contain_text(SAID[-1])
    await _is_unharmed(customer.person.page)
    await _is_unharmed(page)

    for place in ("customers", "log", "live", "agents"):
        await page.locator(f'nav a[href$="/{place}"]').click()
        await expect(page.get_by_text(NAME).filter(visible=True).first).to_be_visible()
        await _is_unharmed(page)
    await page.locator('nav a[href$="/log"]').click()
    await page.locator("tbody tr").first.get_by_role("link").first.click()
    await page.get_by_role("tab", name="Conversation").click()
    await expect(agent.shown(SAID[0]).first).to_be_visible()
    await _is_unharmed(page)
    people.assert_quiet()


async def _is_unharmed(page: Page) -> None:
    """Nothing has run, and nothing sticks out."""
    assert await page.evaluate("window.__pwned") is None
    for width, height in (NARROW, WIDE):
        await page.set_viewport_size({"width": width, "height": height})
        assert await overflow(page) == 0
    assert await page.locator("img[src=x], a[href^=javascript], svg[onload]").count() == 0
