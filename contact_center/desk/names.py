"""What the names of the shipped flows, bot and demo are called on the screen, in English and Chinese.

A company adds its own, or other words for these, under ``desk.names``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contact_center.config.desk import Desk
from contact_center.desk.node_names import NODES
from contact_center.handoff import WANTS
from contact_center.titles import Title, Titles
from crm_store.queues import Queue
from ivr_flows import FlowSet

_REASONS: Final = (
    ("sales", "sales", "销售"),
    ("orders", "orders", "订单"),
    ("order", "an order", "订单"),
    ("order {}", "order {}", "订单 {}"),
    ("billing", "billing", "账单与付款"),
    ("complaint", "complaint", "投诉"),
    ("complaints", "complaints", "投诉"),
    ("complaint, order {}", "complaint, order {}", "投诉，订单 {}"),
    ("key customer", "key customer", "重点客户"),
    ("general question", "general question", "一般咨询"),
    ("agent", "asks for a person", "要求人工服务"),
    ("asked for a person", "asks for a person", "要求人工服务"),
    ("asks for a person", "asks for a person", "要求人工服务"),
    ("passed on by the assistant", "passed on by the assistant", "由智能客服转来"),
    ("the assistant did not answer", "the assistant did not answer", "智能客服无响应"),
    ("request", "request", "需求登记"),
    ("Not arrived", "Not arrived", "商品未送达"),
    ("Damaged or wrong goods", "Damaged or wrong goods", "商品损坏或发错"),
    ("Bill or payment", "Bill or payment", "账单或付款"),
    ("Complaint", "Complaint", "投诉"),
    ("departures", "departures", "班次查询"),
    ("booking", "booking tickets", "订票"),
    ("changes", "changing tickets", "改签"),
    ("refunds", "refunding tickets", "退票"),
    ("人工咨询", "asks for a person", "人工咨询"),
    ("班次查询：{}到{}", "departures: {} to {}", "班次查询：{}到{}"),
    ("班次查询：{}到{}，{}", "departures: {} to {}, {}", "班次查询：{}到{}，{}"),
    ("订票：{}到{}，{}人", "tickets: {} to {}, {} people", "订票：{}到{}，{}人"),
    ("订票：{}到{}，{}，{}人", "tickets: {} to {}, {}, {} people", "订票：{}到{}，{}，{}人"),
    ("订票：{}到{}，人数未知", "tickets: {} to {}, for how many is not known", "订票：{}到{}，人数未知"),
    (
        "订票：{}到{}，{}，人数未知",
        "tickets: {} to {}, {}, for how many is not known",
        "订票：{}到{}，{}，人数未知",
    ),
    ("改签：订单{}，改到{}", "change: order {}, to {}", "改签：订单{}，改到{}"),
    ("改签：订单号待核实", "change: order number to be checked", "改签：订单号待核实"),
    ("退票：订单{}", "refund: order {}", "退票：订单{}"),
    ("退票：订单号待核实", "refund: order number to be checked", "退票：订单号待核实"),
)
"""Reasons, categories and subjects that the flows give."""

_CHOICES: Final = (
    ("message", "voicemail", "留言"),
    ("callback", "a call back", "预约回电"),
    ("ticket", "the status of a ticket", "工单进度查询"),
    ("bot", "the virtual assistant", "智能客服"),
    ("late", "not arrived", "商品未送达"),
    ("damaged", "damaged or wrong", "损坏或发错"),
    ("bill", "a bill or a payment", "账单或付款"),
    ("again", "another try", "重新输入"),
    ("another", "another order", "查询其他订单"),
    ("person", "a person", "人工服务"),
    ("menu", "the main menu", "返回主菜单"),
    ("register", "register a request", "登记需求"),
    ("book", "book this trip", "预订此行程"),
    ("same", "this number", "使用本号码"),
    ("low", "low", "低"),
    ("normal", "normal", "一般"),
    ("high", "high", "严重"),
    ("urgent", "urgent", "非常紧急"),
    ("other", "anything else", "其他"),
    ("yes", "yes", "是"),
    ("no", "no", "否"),
    ("affirm", "yes", "是"),
    ("deny", "no", "否"),
    ("en", "English", "英语"),
    ("zh", "Chinese", "中文"),
)
"""What can be chosen in their menus, and the answers to the bot's buttons."""

_OTHERS: Final = (
    ("tickets", "train tickets", "票务"),
    ("newsletter", "newsletter", "订阅资讯"),
    ("buyer", "buyer", "采购"),
    ("vip", "VIP", "贵宾"),
    ("常客", "regular", "常客"),
    ("csat", "satisfaction", "满意度"),
    ("greet", "greets", "问候"),
    ("goodbye", "says goodbye", "道别"),
    ("stop", "wants to stop", "要求停止"),
    ("go_back", "wants to go back", "返回上一步"),
    ("repeat", "wants it repeated", "要求重复"),
    ("change_language", "wants another language", "更换语言"),
    ("inform", "answers the question", "提供信息"),
    ("thanks", "says thanks", "感谢"),
    ("bot_challenge", "asks whether it is a bot", "询问是否机器人"),
    ("how_are_you", "asks how it is", "寒暄"),
    ("joke", "wants a joke", "要求讲笑话"),
)
"""Skills and tags of the demo, and the bot's intents that are no matter by themselves."""

NAMES: Final[Mapping[str, Title]] = {
    **{intent: {"en": en, "zh": zh} for intent, (en, zh) in WANTS.items()},
    **{name: {"en": en, "zh": zh} for name, en, zh in (*_OTHERS, *_CHOICES, *_REASONS)},
    **{f"{flow}/{node}": {"en": en, "zh": zh} for flow, nodes in NODES.items() for node, en, zh in nodes},
}


def names(desk: Desk, flows: FlowSet | None = None) -> dict[str, Title]:
    """Titles by name: as configured, else those of the ``flows``, else the shipped ones."""
    titled = {name: flow.title for name, flow in flows.flows.items() if flow.title} if flows else {}
    return {**NAMES, **titled, **desk.names}


def titles(desk: Desk, queues: list[Queue], flows: FlowSet | None = None) -> Titles:
    """`names` with the titles of the queues, ready to be asked."""
    return Titles(names(desk, flows), {queue.name: queue.title for queue in queues})
