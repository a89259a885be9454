"""A few sentences in both languages to learn from, and others to ask."""

from __future__ import annotations

SAMPLES: list[tuple[str, str]] = [
    (text, label)
    for label, texts in {
        "order_status": [
            "where is my order", "when will my parcel arrive", "track my package",
            "has my order been shipped yet", "what is the status of my order", "where is <order_number>",
            "has <order_number> left the warehouse", "when do I get my delivery", "is my parcel on its way",
            "I want to know where my things are", "我的订单到哪了", "快递什么时候到", "查一下物流",
            "包裹发货了吗", "订单 <order_number> 到哪里了", "我想查订单状态", "什么时候能收到货",
            "帮我看看快递",
        ],
        "refund": [
            "I want my money back", "please refund me", "how do I get a refund", "when is my refund coming",
            "give me back what I paid", "I would like a refund for <order_number>", "refund please",
            "has the money been returned", "I returned it and want the money", "pay me back",
            "我要退款", "把钱退给我", "退款什么时候到账", "怎么申请退款", "钱还没退回来",
            "请给我退钱", "我想退款", "退款进度",
        ],
        "opening_hours": [
            "when are you open", "what are your opening hours", "are you open on Sunday",
            "what time do you close", "until when can I call", "are you there at the weekend",
            "opening times please", "do you work on holidays", "when does the shop open",
            "how late are you open",
            "你们几点开门", "营业时间是几点", "周末上班吗", "几点关门", "节假日营业吗",
            "什么时候下班", "几点能打电话", "星期天开吗",
        ],
        "human": [
            "I want to talk to a person", "give me an agent", "connect me with a human", "real person please",
            "let me speak to someone", "I need a member of staff", "can I talk to somebody", "agent",
            "put me through to an employee", "no robots, a human",
            "转人工", "我要人工客服", "找个真人", "让我跟人说话", "人工服务",
            "接客服", "我不要机器人", "有人吗我要人工",
        ],
    }.items()
    for text in texts
]  # fmt: skip

ASKED: list[tuple[str, str]] = [
    ("where is my parcel", "order_status"),
    ("could you tell me where my order is", "order_status"),
    ("查一下我的快递到哪了", "order_status"),
    ("I want a refund", "refund"),
    ("请把钱退给我", "refund"),
    ("what time do you open", "opening_hours"),
    ("你们周末几点开门", "opening_hours"),
    ("let me talk to a human", "human"),
    ("我要转人工客服", "human"),
]
