"""A chat in Chinese at both ends: the flow, the bot, the handoff, the agent's desk, the survey."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.chatting import Agent, Visitor
from tests.browser.people import Street
from tests.browser.site import CHINESE


async def test_from_the_bot_to_the_survey(people: Street) -> None:
    customer = Visitor(await people.comes("someone", language="zh-CN"))
    agent = Agent(await people.comes("agent", language="zh-CN"))
    page = agent.person.page
    await agent.start(CHINESE)
    await customer.come("zh")
    await customer.begin_with_bot("王小明", "zh")
    await customer.say("多久能送到？")
    await customer.hears("2 到 4 个工作日送达")
    await customer.say("可以取消订单吗？")
    await customer.say("转人工")
    await customer.hears("我为您转接人工客服")

    await expect(agent.offer).to_contain_text("新任务")
    await expect(agent.offer).to_contain_text("王小明")
    await expect(agent.offer).to_contain_text("客户要求人工")
    await expect(agent.offer).to_contain_text("多久能送到？")
    await agent.accept()
    await agent.say("您好，我是周敏，请问订单号是多少？")
    await customer.hears("您好，我是周敏，请问订单号是多少？")
    await expect(customer.chat.get_by_text("正在与周敏对话")).to_be_visible()
    await customer.say("100113")
    await agent.hears("100113")
    assert await customer.all_said() == await agent.all_said()

    await page.locator(".work-head").get_by_role("button", name="结束", exact=True).click()
    await page.get_by_label("备注").first.fill("已取消")
    await page.get_by_role("button", name="完成").click()
    await customer.hears("请您对本次服务评分")
    await customer.say("5")
    await customer.hears("感谢您的评价")
    await expect(customer.chat.get_by_text("本次会话已结束。")).to_be_visible()
    people.assert_quiet()
