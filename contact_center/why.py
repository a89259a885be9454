"""Why a contact went to whom: the router's decisions out of the journal, as values and in words.

The words are for people who ask "why did she get my call": one line a decision, then the agents who could
have had it and those who were passed over, each with the reason; in English or Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center.timeline_words import Teller
from contact_center.titles import Titles
from crm_store import agents, contacts, journal, tickets
from crm_store.journal import Entry

KINDS: Final = frozenset(
    {
        "queued", "queue_left", "offered", "offer_accepted", "offer_declined", "offer_expired",
        "offer_revoked", "connected", "taken", "requeued", "moved", "transferred", "consulted", "wrap_up",
        "wrapped_up",
    }
)  # fmt: skip

REASONS: Final[dict[str, tuple[str, str]]] = {
    "lacks_skill": ("lacks a skill or its level", "技能或等级不足"),
    "lacks_language": ("does not speak the language", "不讲该语言"),
    "busy": ("had no room for it", "已满负荷"),
    "break": ("was on a break", "小休中"),
    "not_responding": ("was not responding", "无响应"),
    "offline": ("was not at work", "未上线"),
    "declined": ("had declined it or not answered", "已拒接或未应答"),
    "not_wanted": ("was not the one it was for", "非指定坐席"),
    "waiting_for_owner": ("it was waiting for the customer's own agent", "正在等待专属坐席"),
}
"""Why somebody was passed over, in English and Chinese."""

TRIGGERS: Final[dict[str, tuple[str, str]]] = {
    "agent_free": ("an agent became free", "有坐席空闲"),
    "work_came": ("it came and somebody was free", "进线时有坐席空闲"),
    "agent_left": ("the agent whom it was kept for has left", "为其保留的坐席已离开"),
    "time": ("it had waited long enough for a wider circle", "等待已久，扩大了分配范围"),
}
"""What made the router decide."""

PHRASES: Final[dict[str, dict[str, str]]] = {
    "queued": {"en": "Waits in {queue}", "zh": "在队列 {queue} 等待"},
    "place": {"en": ", place {place}", "zh": "，第 {place} 位"},
    "priority": {"en": "priority {rank}", "zh": "优先级 {rank}"},
    "tongue": {"en": "in {language}", "zh": "语言：{language}"},
    "needs": {"en": "needs {skills}", "zh": "所需技能：{skills}"},
    "owner": {"en": "owner {agent}", "zh": "专属坐席：{agent}"},
    "offered": {
        "en": "Offered to {agent} after {waited} s of waiting, {free} ms after both were free",
        "zh": "等待 {waited} 秒后分配给 {agent}，距双方都空闲 {free} 毫秒",
    },
    "decided": {
        "en": "  decided by {strategy}, because {trigger}; score {score}, urgency {urgency}",
        "zh": "  策略：{strategy}；触发：{trigger}；得分 {score}，紧急度 {urgency}",
    },
    "ring": {"en": ", ring {ring}", "zh": "，第 {ring} 圈"},
    "could": {"en": "  could have had it: {agents}", "zh": "  候选坐席：{agents}"},
    "more": {"en": " and {count} more", "zh": " 等另外 {count} 人"},
    "passed_over": {"en": "  passed over: {agent}, who {reason}", "zh": "  未选中：{agent}（{reason}）"},
    "passed_over_in_all": {"en": "  passed over in all: {told}", "zh": "  未选中合计：{told}"},
    "counted": {"en": "{count} who {reason}", "zh": "{reason} {count} 人"},
    "after": {"en": " after {seconds} s", "zh": "，用时 {seconds} 秒"},
    "offer_accepted": {"en": "{agent} accepted", "zh": "{agent} 已应答"},
    "offer_declined": {"en": "{agent} declined", "zh": "{agent} 拒接"},
    "taken": {"en": "{agent} took it out of the line unasked", "zh": "{agent} 主动领取"},
    "offer_expired": {"en": "{agent} did not answer", "zh": "{agent} 超时未应答"},
    "offer_revoked": {"en": "{agent} was asked no more", "zh": "已撤回对 {agent} 的分配"},
    "connected": {"en": "{agent} and the customer are connected", "zh": "{agent} 与客户接通"},
    "wrap_up": {"en": "{agent} writes it up", "zh": "{agent} 进入话后处理"},
    "wrapped_up": {"en": "{agent} is done with it", "zh": "{agent} 完成话后处理"},
    "queue_left": {"en": "Left {queue}", "zh": "离开队列 {queue}"},
    "requeued": {
        "en": "Back in line in {queue} with the old place",
        "zh": "重新进入队列 {queue}，保留原排队位置",
    },
    "moved": {"en": "Moved from {old} to {new}", "zh": "由队列 {old} 溢出至队列 {new}"},
    "to_bot": {"en": "{agent} gave the customer back to the bot", "zh": "{agent} 将客户交还机器人"},
    "to_agent": {"en": "{agent} transferred it to agent {to}", "zh": "{agent} 转接至坐席 {to}"},
    "to_queue": {"en": "{agent} transferred it to queue {to}", "zh": "{agent} 转接至队列 {to}"},
    "to_number": {"en": "{agent} transferred it to number {to}", "zh": "{agent} 转接至外线 {to}"},
    "asked": {"en": "Consultation: asked", "zh": "发起咨询"},
    "joined": {"en": "Consultation: the asked one has come", "zh": "咨询：被咨询坐席已接入"},
    "canceled": {"en": "Consultation: called off", "zh": "咨询：已取消"},
    "consulted": {"en": "Consultation: {what}", "zh": "咨询：{what}"},
}


class Decision(msgspec.Struct, frozen=True):
    """One event of routing; ``data`` as journaled, agents' ids beside their ``names``."""

    at: datetime
    kind: str
    data: dict[str, Any]


class Explanation(msgspec.Struct, frozen=True):
    """All decisions about a contact (or ticket), oldest first, and the names of the agents in them."""

    contact_id: str
    decisions: tuple[Decision, ...]
    names: dict[str, str]


def explain(connection: Connection, contact_id: str) -> Explanation:
    """What routing did with a contact. Raises `NotFound`."""
    contacts.get(connection, contact_id)
    found = [entry for entry in journal.read(connection, contact_id) if entry.kind in KINDS]
    names = {agent.id: agent.name for agent in agents.list_agents(connection)}
    return Explanation(contact_id, tuple(map(_decision, found)), names)


def explain_ticket(connection: Connection, ticket_id: str) -> Explanation:
    """As `explain`, of a ticket. Raises `NotFound`."""
    tickets.get(connection, ticket_id)
    found = [event for event in tickets.history(connection, ticket_id) if event.kind in KINDS]
    names = {agent.id: agent.name for agent in agents.list_agents(connection)}
    return Explanation(ticket_id, tuple(Decision(event.at, event.kind, event.data) for event in found), names)


def _decision(entry: Entry) -> Decision:
    return Decision(entry.at, entry.kind, entry.data)


def tell(
    explanation: Explanation, language: str = "en", titles: Titles | None = None
) -> list[tuple[datetime, list[str]]]:
    """The explanation in words: for each decision its instant and its lines, the first being what
    happened. ``language``: ``en`` or ``zh``. Without ``titles`` queues and skills are shown by their names.
    """
    teller = _Teller(language, {}, explanation.names, titles)
    return [
        (decision.at, _TELLERS[decision.kind](teller, decision.data)) for decision in explanation.decisions
    ]


class _Teller(Teller):
    """The timeline's teller with the words of this page."""

    def phrase(self, name: str, **values: object) -> str:
        return self.fill(PHRASES[name], **values)

    def agent(self, agent_id: object) -> str:
        return self.names.get(str(agent_id), str(agent_id)) if agent_id else self.word("nobody")

    def one_of(self, words: Mapping[str, tuple[str, str]], code: object) -> str:
        known = words.get(str(code))
        return known[self.language == "zh"] if known else str(code)

    def reason(self, data: Mapping[str, Any]) -> str:
        return self.tail(self.word(data["reason"])) if data.get("reason") else ""

    def after(self, seconds: object) -> str:
        return self.phrase("after", seconds=f"{seconds:.1f}") if isinstance(seconds, (int, float)) else ""


def _queued(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    wants = [f"{teller.called(skill)} {level}" for skill, level in (data.get("required") or {}).items()]
    tongue, owners = data.get("language"), data.get("owners")
    facts = (
        teller.phrase("priority", rank=data["priority"]) if data.get("priority") else "",
        teller.word(data["tier"]) if data.get("tier") not in (None, "", "standard") else "",
        teller.phrase("tongue", language=teller.tongue(tongue)) if tongue else "",
        teller.phrase("needs", skills=teller.say("comma").join(wants)) if wants else "",
        teller.phrase("owner", agent=teller.agent(owners[0])) if owners else "",
    )
    place = teller.phrase("place", place=data["position"]) if data.get("position") else ""
    return [teller.phrase("queued", queue=teller.queue(data["queue"])) + place + teller.tail(*facts)]


def _offered(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    why = data.get("why") or {}
    waited, free = f"{data.get('waited', 0):.1f}", f"{data.get('free_for', 0) * 1000:.0f}"
    lines = [teller.phrase("offered", agent=teller.agent(data["agent_id"]), waited=waited, free=free)]
    decided = teller.phrase(
        "decided",
        strategy=teller.word(why.get("strategy", "")),
        trigger=teller.one_of(TRIGGERS, why.get("trigger", "")),
        score=f"{why.get('score', 0):g}",
        urgency=f"{why.get('urgency', 0):g}",
    )
    lines.append(decided + (teller.phrase("ring", ring=why["ring"]) if why.get("ring") else ""))
    could = [f"{teller.agent(one['agent_id'])} ({one['score']:g})" for one in why.get("candidates", ())]
    more = int(why.get("candidate_count", 0)) - len(could)
    if could:
        told = teller.phrase("could", agents=teller.say("comma").join(could))
        lines.append(told + (teller.phrase("more", count=more) if more > 0 else ""))
    return lines + _passed_over(teller, why)


def _passed_over(teller: _Teller, why: Mapping[str, Any]) -> list[str]:
    """Those who are named, and how many there were for each reason where not all are."""
    named = why.get("passed_over", ())
    lines = [
        teller.phrase(
            "passed_over", agent=teller.agent(one["agent_id"]), reason=teller.one_of(REASONS, one["reason"])
        )
        for one in named
    ]
    counts = why.get("passed_over_counts") or {}
    if sum(counts.values()) > len(named):
        counted = [
            teller.phrase("counted", count=count, reason=teller.one_of(REASONS, reason))
            for reason, count in sorted(counts.items())
        ]
        lines.append(teller.phrase("passed_over_in_all", told=teller.say("comma").join(counted)))
    return lines


def _over(phrase: str) -> _Tell:
    def tell_it(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
        told = teller.phrase(phrase, agent=teller.agent(data.get("agent_id")))
        return [told + teller.after(data.get("after")) + teller.reason(data)]

    return tell_it


def _left(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    left = teller.phrase("queue_left", queue=teller.queue(data.get("queue")))
    return [left + teller.after(data.get("waited", 0)) + teller.reason(data)]


def _requeued(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    return [teller.phrase("requeued", queue=teller.queue(data["queue"])) + teller.reason(data)]


def _moved(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    told = teller.phrase("moved", old=teller.queue(data["from"]), new=teller.queue(data["to"]))
    reason = {"waited": "waited_here"}.get(data.get("reason", ""), data.get("reason", ""))
    return [told + teller.reason({"reason": reason})]


def _transferred(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    agent, kind = teller.agent(data.get("from")), data["to_kind"]
    if kind == "bot":
        return [teller.phrase("to_bot", agent=agent)]
    to = {"agent": teller.agent, "queue": teller.queue}.get(kind, str)(data["to"])
    return [teller.phrase(f"to_{kind}", agent=agent, to=to) + teller.tail(teller.word(data["how"]))]


def _consulted(teller: _Teller, data: Mapping[str, Any]) -> list[str]:
    what = data["what"]
    who = teller.agent(data["agent_id"]) if data.get("agent_id") else teller.queue(data.get("queue"))
    return [
        teller.phrase(what if what in PHRASES else "consulted", what=teller.word(what)) + teller.tail(who)
    ]


_Tell = Callable[[_Teller, Mapping[str, Any]], list[str]]

_TELLERS: Final[dict[str, _Tell]] = {
    "queued": _queued,
    "queue_left": _left,
    "offered": _offered,
    "requeued": _requeued,
    "moved": _moved,
    "transferred": _transferred,
    "consulted": _consulted,
    **{
        kind: _over(kind)
        for kind in (
            "offer_accepted", "offer_declined", "offer_expired", "offer_revoked", "taken", "connected",
            "wrap_up", "wrapped_up",
        )
    },
}  # fmt: skip
