"""A call in Chinese: the caller's page, the prompts, and the desk of an agent who speaks it."""

from __future__ import annotations

from asyncio import gather

from playwright.async_api import expect

from crm_store import agents
from crm_store import offers as offer_rows
from tests.browser.calling import (
    accepts,
    at_desk,
    control,
    customer,
    newest_contact,
    offer,
    sees_state,
    works_of,
)
from tests.browser.people import Street
from tests.browser.site import AGENT, CHINESE, Site


async def test_a_call_in_chinese(people: Street, site: Site) -> None:
    tom = await at_desk(people, "agent", AGENT)
    await tom.go_available()
    caller = await customer(people, language="zh-CN")
    zhou = await at_desk(people, "colleague", CHINESE, language="zh-CN")
    await caller.calls()
    await expect(caller.page.get_by_role("heading", name="电话", exact=True)).to_be_visible()
    await caller.reads("欢迎联系示例公司。中文服务请按2。")
    await caller.presses("2")
    await caller.reads("您好，感谢您联系示例公司。", "请问有什么可以帮您？")
    await caller.presses("1")
    await caller.reads("目前所有座席都在为其他客户服务")

    await zhou.go_available()
    for text in ("新任务：来电 · 销售", "未知客户", "中文", "事由 销售", "来源路径 总机/", "主菜单 (销售)"):
        await expect(offer(zhou)).to_contain_text(text)
    await accepts(zhou)
    await gather(caller.hears("colleague"), zhou.hears("customer"))
    await control(zhou, "保持")
    await gather(caller.is_("hold"), caller.hears(), zhou.hears())
    await control(zhou, "取回")
    await gather(caller.is_("talking"), caller.hears("colleague"), zhou.hears("customer"))
    await control(zhou, "结束")
    await caller.reads("请您对本次服务评分")
    await caller.hangs_up()
    form = zhou.page.locator("form.wrap-up")
    await form.get_by_label("处理结果").fill("已解决")
    await zhou.page.get_by_role("option", name="已解决").click()
    await form.get_by_role("button", name="完成").click()
    await expect(form).to_have_count(0)
    await sees_state(zhou, "空闲")
    await sees_state(tom, "Available")
    _only_zhou_was_asked(site)
    people.assert_quiet()


def _only_zhou_was_asked(site: Site) -> None:
    contact = newest_contact(site)
    assert contact.language.startswith("zh")
    assert contact.agent_id
    agent = site.read(lambda connection: agents.get(connection, contact.agent_id or ""))
    (work,) = works_of(site, contact.id)
    asked = site.read(lambda connection: offer_rows.list_for_work(connection, work.id))
    assert [each.agent_id for each in asked] == [agent.id]
    assert agent.email == CHINESE
    assert work.disposition == "resolved"
