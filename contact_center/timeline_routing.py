"""What routing does, in the timeline's words: the line, offers, the talk with an agent, the wrap-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from contact_center.timeline_words import Data, Teller

PHRASES: Final[dict[str, dict[str, str]]] = {
    "queued": {"en": "In line for {queue}", "zh": "进入队列 {queue}"},
    "position": {"en": "place {place}", "zh": "第 {place} 位"},
    "priority": {"en": "priority {rank}", "zh": "优先级 {rank}"},
    "queue_left": {"en": "Left the line for {queue}", "zh": "离开队列 {queue}"},
    "waited": {"en": "waited {time}", "zh": "等待 {time}"},
    "moved": {"en": "Moved from queue {old} to {new}", "zh": "由队列 {old} 溢出至队列 {new}"},
    "requeued": {
        "en": "Back in line for {queue}, in the old place",
        "zh": "重新进入队列 {queue}，保留原排队位置",
    },
    "in_queue": {"en": "queue {queue}", "zh": "队列 {queue}"},
    "offered": {"en": "Offered to {agent}", "zh": "分配给{agent}"},
    "accepted": {"en": "{agent} accepted", "zh": "{agent} 已应答"},
    "taken": {"en": "{agent} took it out of the line", "zh": "{agent} 主动领取"},
    "after": {"en": "after {time}", "zh": "用时 {time}"},
    "declined": {"en": "{agent} declined", "zh": "{agent} 拒接"},
    "expired": {"en": "{agent} did not answer", "zh": "{agent} 超时未应答"},
    "revoked": {"en": "The offer to {agent} was taken back", "zh": "撤回对{agent} 的分配"},
    "connecting": {"en": "Calling {who} for the customer", "zh": "正在为客户呼叫 {who}"},
    "connected": {"en": "Customer and {agent} are connected", "zh": "客户与{agent} 接通"},
    "held": {"en": "Customer on hold", "zh": "客户进入保持"},
    "taken_back": {"en": "Customer back from hold", "zh": "客户保持解除"},
    "transferred": {"en": "{agent} transferred to {target}", "zh": "{agent} 转接至{target}"},
    "to_queue": {"en": "queue {to}", "zh": "队列 {to}"},
    "to_number": {"en": "number {to}", "zh": "外线 {to}"},
    "to_bot": {"en": "the bot", "zh": "机器人"},
    "asked": {"en": "{target} is consulted", "zh": "发起咨询：{target}"},
    "joined": {"en": "The consulted agent answered", "zh": "被咨询坐席已应答"},
    "canceled": {"en": "The consultation was called off", "zh": "咨询已取消"},
    "supervised": {"en": "Supervisor {agent}: {mode}", "zh": "班长（{agent}）{mode}"},
    "leg": {"en": "Call leg, {role} {name}: {state}", "zh": "话路（{role} {name}）：{state}"},
    "nameless_leg": {"en": "Call leg, {role}: {state}", "zh": "话路（{role}）：{state}"},
    "wrap_up": {
        "en": "Conversation over, {agent} writes it up",
        "zh": "会话结束，{agent} 进入话后处理",
    },
    "talked": {"en": "talked {time}", "zh": "会话 {time}"},
    "wrapped_up": {"en": "{agent} is done with it", "zh": "{agent} 完成话后处理"},
    "callback_placed": {
        "en": "{agent} calls back as promised",
        "zh": "{agent} 按约回电",
    },
    "contact": {"en": "contact {contact}", "zh": "通话 {contact}"},
}


def _say(teller: Teller, phrase: str, **values: object) -> str:
    return teller.fill(PHRASES[phrase], **values)


def _word(teller: Teller, data: Data, name: str = "reason") -> str:
    return teller.word(data[name]) if data.get(name) else ""


def _lasted(teller: Teller, phrase: str, seconds: object) -> str:
    """``waited 12.5 s``, to a tenth; nothing for no time at all."""
    lasted = round(seconds, 1) if isinstance(seconds, (int, float)) else 0
    return _say(teller, phrase, time=teller.duration(lasted)) if lasted else ""


# --- the line ------------------------------------------------------------------------------------------


def _queued(teller: Teller, data: Data) -> list[str]:
    position = _say(teller, "position", place=data["position"]) if data.get("position") else ""
    rank = _say(teller, "priority", rank=data["priority"]) if data.get("priority") else ""
    return [_say(teller, "queued", queue=teller.queue(data.get("queue"))) + teller.tail(position, rank)]


def _queue_left(teller: Teller, data: Data) -> list[str]:
    after = _lasted(teller, "waited", data.get("waited"))
    left = _say(teller, "queue_left", queue=teller.queue(data.get("queue")))
    return [left + teller.tail(_word(teller, data), after)]


def _moved(teller: Teller, data: Data) -> list[str]:
    reason = teller.word({"waited": "waited_here"}.get(data.get("reason", ""), data.get("reason", "")))
    moved = _say(teller, "moved", old=teller.queue(data.get("from")), new=teller.queue(data.get("to")))
    return [moved + teller.tail(reason)]


def _requeued(teller: Teller, data: Data) -> list[str]:
    back = _say(teller, "requeued", queue=teller.queue(data.get("queue")))
    if data.get("reason") == "agent":  # the agent's own wish
        return [back + teller.tail(teller.say("by", who=teller.actor(data.get("by", ""))))]
    return [back + teller.tail(_word(teller, data))]


# --- offers --------------------------------------------------------------------------------------------


def _offered(teller: Teller, data: Data) -> list[str]:
    why = data.get("why")
    strategy = why.get("strategy") if isinstance(why, Mapping) else ""
    facts = (
        _say(teller, "in_queue", queue=teller.queue(data["queue"])) if data.get("queue") else "",
        _lasted(teller, "waited", data.get("waited")),
        teller.word(strategy) if strategy else "",
    )
    return [_say(teller, "offered", agent=teller.agent(data.get("agent_id"))) + teller.tail(*facts)]


def _taken(teller: Teller, data: Data) -> list[str]:
    return [_say(teller, "taken", agent=teller.agent(data.get("agent_id")))]


def _offer_accepted(teller: Teller, data: Data) -> list[str]:
    accepted = _say(teller, "accepted", agent=teller.agent(data.get("agent_id")))
    return [accepted + teller.tail(_lasted(teller, "after", data.get("after")))]


def _offer_declined(teller: Teller, data: Data) -> list[str]:
    declined = _say(teller, "declined", agent=teller.agent(data.get("agent_id")))
    return [declined + teller.tail(_word(teller, data))]


def _offer_expired(teller: Teller, data: Data) -> list[str]:
    return [_say(teller, "expired", agent=teller.agent(data.get("agent_id")))]


def _offer_revoked(teller: Teller, data: Data) -> list[str]:
    revoked = _say(teller, "revoked", agent=teller.agent(data.get("agent_id")))
    return [revoked + teller.tail(_word(teller, data))]


# --- with an agent -------------------------------------------------------------------------------------


def _connecting(teller: Teller, data: Data) -> list[str]:
    return [_say(teller, "connecting", who=data.get("to", ""))]


def _connected(teller: Teller, data: Data) -> list[str]:
    connected = _say(teller, "connected", agent=teller.agent(data.get("agent_id")))
    return [connected + teller.tail(_lasted(teller, "waited", data.get("waited")))]


def _held(teller: Teller, data: Data) -> list[str]:
    return [_say(teller, "held" if data.get("on") else "taken_back")]


def _transferred(teller: Teller, data: Data) -> list[str]:
    to = data.get("to", "")
    kind = data.get("to_kind")
    shown = teller.queue(to) if kind == "queue" else to
    target = teller.agent(to) if kind == "agent" else _say(teller, f"to_{kind or 'number'}", to=shown)
    transferred = _say(teller, "transferred", agent=teller.agent(data.get("from")), target=target)
    note = teller.quoted(data["text"]) if data.get("text") else ""
    return [transferred + teller.tail(_word(teller, data, "how"), note)]


def _consulted(teller: Teller, data: Data) -> list[str]:
    what = data.get("what")
    if what in ("joined", "canceled"):
        return [_say(teller, what)]
    queue = data.get("queue")
    target = _say(teller, "to_queue", to=teller.queue(queue)) if queue else teller.agent(data.get("agent_id"))
    return [_say(teller, "asked", target=target)]


def _supervised(teller: Teller, data: Data) -> list[str]:
    agent = teller.agent(data.get("agent_id"))
    return [_say(teller, "supervised", agent=agent, mode=_word(teller, data, "mode"))]


def _leg(teller: Teller, data: Data) -> list[str]:
    role = teller.word(f"leg_{data.get('role', '')}")
    state = teller.word(f"leg_{data.get('state', '')}")
    agent_id = data.get("agent_id")
    if agent_id:
        name = teller.names.get(str(agent_id), str(agent_id))
        told = _say(teller, "leg", role=role, name=name, state=state)
    else:
        told = _say(teller, "nameless_leg", role=role, state=state)
    return [told + teller.tail(_word(teller, data))]


# --- afterwards ----------------------------------------------------------------------------------------


def _wrap_up(teller: Teller, data: Data) -> list[str]:
    over = _say(teller, "wrap_up", agent=teller.agent(data.get("agent_id")))
    return [over + teller.tail(_lasted(teller, "talked", data.get("talked")))]


def _wrapped_up(teller: Teller, data: Data) -> list[str]:
    done = _say(teller, "wrapped_up", agent=teller.agent(data.get("agent_id")))
    note = teller.quoted(data["text"]) if data.get("text") else ""
    after = _lasted(teller, "after", data.get("seconds"))
    return [done + teller.tail(_word(teller, data, "disposition"), after, note)]


def _callback_placed(teller: Teller, data: Data) -> list[str]:
    placed = _say(teller, "callback_placed", agent=teller.agent(data.get("agent_id")))
    contact = _say(teller, "contact", contact=data["contact_id"]) if data.get("contact_id") else ""
    return [placed + teller.tail(contact)]


TELLERS: Final[dict[str, Callable[[Teller, Data], list[str]]]] = {
    "queued": _queued,
    "queue_left": _queue_left,
    "moved": _moved,
    "requeued": _requeued,
    "offered": _offered,
    "taken": _taken,
    "offer_accepted": _offer_accepted,
    "offer_declined": _offer_declined,
    "offer_expired": _offer_expired,
    "offer_revoked": _offer_revoked,
    "connecting": _connecting,
    "connected": _connected,
    "held": _held,
    "transferred": _transferred,
    "consulted": _consulted,
    "supervised": _supervised,
    "leg": _leg,
    "wrap_up": _wrap_up,
    "wrapped_up": _wrapped_up,
    "callback_placed": _callback_placed,
}
"""One teller for each kind of `crm_store.journal.KINDS` that routing writes."""
