"""What `crm_store.seed` puts into an empty store; plain values, to be read and changed by people."""

from __future__ import annotations

import msgspec

from crm_store.agents import NewAgent
from crm_store.calendars import CalendarSettings, Shifts
from crm_store.orders import Item
from crm_store.queues import QueueSettings, ServiceLevel

_WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
_ALL_DAYS = (*_WORKING_DAYS, "sat", "sun")
_OFFICE: Shifts = (("09:00", "12:00"), ("13:30", "18:00"))
_HOTLINE: Shifts = (("08:00", "22:00"),)
_WHOLE_DAY: Shifts = (("00:00", "24:00"),)

# The two that the demo's flows and queues use never close: whoever tries it, at whatever hour, reaches
# somebody. The two after them show how hours, breaks and holidays are written.
CALENDARS = {
    "office": CalendarSettings(timezone="Asia/Shanghai", weekly=dict.fromkeys(_ALL_DAYS, _WHOLE_DAY)),
    "hotline": CalendarSettings(timezone="Asia/Shanghai", weekly=dict.fromkeys(_ALL_DAYS, _WHOLE_DAY)),
    "weekdays": CalendarSettings(
        timezone="Asia/Shanghai",
        weekly=dict.fromkeys(_WORKING_DAYS, _OFFICE),
        country="CN",
        special={"2026-12-31": (("09:00", "12:00"),)},
    ),
    "daytime": CalendarSettings(timezone="Asia/Shanghai", weekly=dict.fromkeys(_ALL_DAYS, _HOTLINE)),
    "always": CalendarSettings(timezone="UTC", weekly=dict.fromkeys(_ALL_DAYS, _WHOLE_DAY)),
}

QUEUES = {
    "sales": QueueSettings(
        title={"en": "Sales", "zh": "销售"},
        calendar="office",
        skills={"sales": 3},
        routing={"strategy": ["round_robin"], "overflow": [{"to": "general", "after": 180}]},
    ),
    "orders": QueueSettings(
        title={"en": "Orders and delivery", "zh": "订单与配送"},
        calendar="office",
        skills={"orders": 3},
        routing={"strategy": ["least_loaded"]},
    ),
    "billing": QueueSettings(
        title={"en": "Billing", "zh": "账单与付款"},
        calendar="office",
        skills={"billing": 3},
        routing={"strategy": ["last_agent", "longest_idle"]},
    ),
    "complaints": QueueSettings(
        title={"en": "Complaints", "zh": "投诉"},
        calendar="hotline",
        skills={"complaints": 3},
        service_level=ServiceLevel(target=0.9, seconds=20),
        routing={
            "strategy": ["most_skilled"],
            "priority": 10,
            "rings": [{"after": 20, "lower": 2}, {"after": 60, "queues": ["general"]}],
            "wrap_up_seconds": 120,
        },
    ),
    "general": QueueSettings(
        title={"en": "Customer service", "zh": "客户服务"},
        calendar="hotline",
        routing={"strategy": ["longest_idle"]},
    ),
    "vip": QueueSettings(
        title={"en": "Key customers", "zh": "重点客户"},
        calendar="always",
        max_wait=600,
        service_level=ServiceLevel(target=0.95, seconds=10),
        routing={
            "strategy": ["owner_first", "longest_idle"],
            "priority": 30,
            "prefer_seconds": 20,
            "rings": [{"after": 45, "language": "preferred"}],
        },
    ),
    "tickets_zh": QueueSettings(
        title={"en": "Ticket hotline", "zh": "票务热线"}, calendar="hotline", skills={"tickets": 3}
    ),
}

AGENTS = (
    NewAgent(
        name="Grace Miller",
        email="grace.miller@example.com",
        role="supervisor",
        languages=("en",),
        skills={"complaints": 10, "billing": 8, "sales": 6},
    ),
    NewAgent(
        name="陈静",
        email="chen.jing@example.com",
        role="supervisor",
        languages=("zh", "en"),
        skills={"complaints": 10, "orders": 8, "tickets": 8},
    ),
    NewAgent(
        name="Tom Becker",
        email="tom.becker@example.com",
        languages=("en",),
        skills={"sales": 8, "orders": 6},
    ),
    NewAgent(
        name="Aisha Khan",
        email="aisha.khan@example.com",
        languages=("en",),
        skills={"billing": 9, "complaints": 7},
    ),
    NewAgent(
        name="李强",
        email="li.qiang@example.com",
        languages=("zh",),
        skills={"tickets": 9, "orders": 5},
    ),
    NewAgent(
        name="周敏",
        email="zhou.min@example.com",
        languages=("zh", "en"),
        skills={"sales": 7, "billing": 6, "complaints": 5, "tickets": 4},
        capacity=({"call": 1}, {"chat": 5, "text": 5, "ticket": 2}),
    ),
)

STAND_INS = {"Grace Miller": "Aisha Khan", "Tom Becker": "Grace Miller", "陈静": "周敏"}
"""Who serves an agent's customers meanwhile, by name."""


class DemoAccount(msgspec.Struct, frozen=True):
    """An organisation; ``owner`` is an agent's name."""

    name: str
    tier: str = "standard"
    owner: str = ""


class DemoCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A person; ``account`` and ``owner`` are names from above, '' none."""

    name: str
    first_name: str
    language: str
    identities: tuple[tuple[str, str], ...]
    tier: str = "standard"
    tags: tuple[str, ...] = ()
    preferred_channel: str = ""
    preferred_hours: str = ""
    account: str = ""
    owner: str = ""


class DemoOrder(msgspec.Struct, frozen=True):
    """An order of a customer (by name), placed so many days ago and promised so many days later."""

    number: str
    customer: str
    status: str
    total_minor: int
    currency: str
    days_ago: int
    items: tuple[Item, ...]
    promised_days: int = 5


MONEY: dict[str, tuple[str, ...]] = {
    "placed": (),
    "paid": ("payment",),
    "packed": ("payment",),
    "shipped": ("payment",),
    "delivered": ("payment",),
    "canceled": ("payment", "refund"),
    "returned": ("payment", "refund"),
}
"""What was paid and paid back for an order of each status."""

ACCOUNTS = (
    DemoAccount("Northwind Tools", "key", "Grace Miller"),
    DemoAccount("东方旅行社", "gold", "陈静"),
    DemoAccount("Harbour Books"),
)

CUSTOMERS = (
    DemoCustomer(
        name="Ada Wilson",
        first_name="Ada",
        language="en",
        identities=(("phone", "+12025550101"), ("email", "ada.wilson@example.com")),
        tier="gold",
        tags=("newsletter",),
    ),
    DemoCustomer(
        name="Ben Carter",
        first_name="Ben",
        language="en",
        identities=(("phone", "+12025550102"), ("whatsapp", "+12025550102")),
        preferred_channel="whatsapp",
    ),
    DemoCustomer(
        name="Nora Patel",
        first_name="Nora",
        language="en",
        identities=(("phone", "+12125550103"), ("email", "nora.patel@example.com")),
        tags=("buyer",),
        account="Northwind Tools",
        preferred_hours="09:00-12:00 America/New_York",
    ),
    DemoCustomer(
        name="Samuel Ortiz",
        first_name="Samuel",
        language="en",
        identities=(("phone", "+13105550104"),),
        tier="silver",
    ),
    DemoCustomer(
        name="Olivia Brown",
        first_name="Olivia",
        language="en",
        identities=(("phone", "+61491570006"), ("email", "olivia.brown@example.com")),
        account="Harbour Books",
    ),
    DemoCustomer(
        name="Lucas Meyer",
        first_name="Lucas",
        language="en",
        identities=(("phone", "+14155550106"), ("external", "ERP-20006")),
        tier="key",
        tags=("vip",),
        owner="Tom Becker",
    ),
    DemoCustomer(
        name="王芳",
        first_name="芳",
        language="zh-CN",
        identities=(("phone", "+14155550107"), ("whatsapp", "+14155550107")),
        tier="gold",
        tags=("常客",),
    ),
    DemoCustomer(
        name="张伟",
        first_name="伟",
        language="zh-CN",
        identities=(("phone", "+14155550108"), ("email", "zhang.wei@example.com")),
    ),
    DemoCustomer(
        name="刘洋",
        first_name="洋",
        language="zh-CN",
        identities=(("phone", "+16285550109"),),
        account="东方旅行社",
        preferred_hours="14:00-17:00 Asia/Shanghai",
    ),
    DemoCustomer(
        name="赵敏",
        first_name="敏",
        language="zh-CN",
        identities=(("phone", "+16285550110"), ("email", "zhao.min@example.com")),
        tier="silver",
        preferred_channel="phone",
    ),
    DemoCustomer(
        name="孙丽",
        first_name="丽",
        language="zh-CN",
        identities=(("phone", "+61491570156"),),
        tier="key",
        owner="陈静",
        tags=("vip",),
    ),
    DemoCustomer(
        name="Mei Lin",
        first_name="Mei",
        language="zh-CN",
        identities=(("web", "demo-visitor-1"), ("email", "mei.lin@example.com")),
    ),
)

ORDERS = (
    DemoOrder("100101", "Ada Wilson", "shipped", 12_900, "USD", 3, (Item("Cordless drill"),)),
    DemoOrder("100102", "Ada Wilson", "delivered", 4_550, "USD", 40, (Item("Drill bits", 2),)),
    DemoOrder("100103", "Ben Carter", "paid", 8_900, "USD", 1, (Item("Desk lamp"),)),
    DemoOrder("100104", "Ben Carter", "canceled", 2_300, "USD", 15, (Item("Light bulb", 4),)),
    DemoOrder("100105", "Nora Patel", "packed", 254_000, "USD", 2, (Item("Bench saw", 2), Item("Blade", 10))),
    DemoOrder("100106", "Nora Patel", "delivered", 98_000, "USD", 25, (Item("Air compressor"),)),
    DemoOrder("100107", "Nora Patel", "placed", 13_500, "USD", 0, (Item("Safety glasses", 30),)),
    DemoOrder("100108", "Samuel Ortiz", "returned", 6_700, "USD", 22, (Item("Garden hose"),)),
    DemoOrder("100109", "Samuel Ortiz", "shipped", 3_990, "USD", 9, (Item("Watering can", 2),)),
    DemoOrder("100110", "Olivia Brown", "delivered", 18_750, "AUD", 12, (Item("Bookshelf"),), 7),
    DemoOrder("100111", "Olivia Brown", "paid", 9_900, "AUD", 1, (Item("Reading chair"),), 7),
    DemoOrder("100112", "Lucas Meyer", "shipped", 431_000, "USD", 4, (Item("Milling machine"),), 10),
    DemoOrder("100113", "王芳", "shipped", 56_800, "CNY", 2, (Item("电饭煲"), Item("保温杯", 2)), 3),
    DemoOrder("100114", "王芳", "delivered", 23_900, "CNY", 30, (Item("台灯"),), 3),
    DemoOrder("100115", "张伟", "placed", 129_900, "CNY", 0, (Item("笔记本电脑支架", 3),), 3),
    DemoOrder("100116", "张伟", "canceled", 45_000, "CNY", 18, (Item("耳机"),), 3),
    DemoOrder("100117", "刘洋", "paid", 320_000, "CNY", 1, (Item("上海至西安机票", 2),), 1),
    DemoOrder("100118", "刘洋", "delivered", 88_000, "CNY", 16, (Item("北京至广州高铁票", 4),), 1),
    DemoOrder("100119", "赵敏", "returned", 15_600, "CNY", 20, (Item("雨伞", 3),), 3),
    DemoOrder("100120", "孙丽", "packed", 268_000, "CNY", 2, (Item("空气净化器"),), 4),
)
