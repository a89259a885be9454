"""What agents choose from where the configuration says nothing else: dispositions, reasons, replies."""

from __future__ import annotations

from typing import Final

from contact_center.config.desk import Choice, Desk, Disposition, Reply

_DISPOSITIONS: Final = (
    ("resolved", "resolved", "已解决"),
    ("informed", "informed", "已告知"),
    ("follow_up", "to be followed up", "待跟进"),
    ("ticket_opened", "ticket opened", "已建工单"),
    ("order_changed", "order changed", "已改订单"),
    ("refund_promised", "refund promised", "已承诺退款"),
    ("wrong_queue", "wrong queue", "转错队列"),
    ("no_answer", "no answer", "无人接听"),
    ("wrong_number", "wrong number", "打错"),
    ("spam", "spam", "骚扰"),
    ("other", "something else", "其他"),
)
_BREAK_REASONS: Final = (
    ("break", "Break", "小休"),
    ("lunch", "Lunch", "午餐"),
    ("meeting", "Meeting", "会议"),
    ("training", "Training", "培训"),
    ("coaching", "Coaching", "辅导"),
    ("administration", "Administration", "事务处理"),
    ("technical", "Technical trouble", "技术故障"),
)
_REPLIES: Final = (
    (
        "hello",
        "Hello {name}, this is {agent}. How can I help you?",
        "{name}您好，我是客服{agent}，请问有什么可以帮您？",
    ),
    ("moment", "One moment please, I am looking into it.", "请稍等，我正在为您查询。"),
    ("order", "I have your order {order} in front of me.", "我已经看到您的订单{order}。"),
    (
        "ticket",
        "I have noted it under ticket {ticket}; please keep the number.",
        "已为您登记，工单号为{ticket}，请您保留。",
    ),
    (
        "sorry",
        "I am sorry about the trouble. Let me put it right.",
        "非常抱歉给您带来不便，我马上为您处理。",
    ),
    ("more", "Is there anything else I can do for you?", "请问还有其他可以帮您的吗？"),
    (
        "bye",
        "Thank you for writing to {company}, {name}. Have a nice day!",
        "感谢您联系{company}，祝您生活愉快！",
    ),
)


def dispositions(desk: Desk) -> tuple[Disposition, ...]:
    """What can have come of work: as configured, else the shipped list."""
    return desk.dispositions or tuple(
        Disposition(code=code, title={"en": en, "zh": zh}) for code, en, zh in _DISPOSITIONS
    )


def break_reasons(desk: Desk) -> tuple[Choice, ...]:
    """Why an agent is on a break: as configured, else the shipped list."""
    return desk.break_reasons or tuple(
        Choice(code=code, title={"en": en, "zh": zh}) for code, en, zh in _BREAK_REASONS
    )


def replies(desk: Desk) -> tuple[Reply, ...]:
    """The company's canned replies: as configured, else the shipped list."""
    return desk.replies or tuple(Reply(name=name, text={"en": en, "zh": zh}) for name, en, zh in _REPLIES)
