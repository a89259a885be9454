"""A bot that does what it is told, and a flow around it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bot.embedded.tracker import Tracker, encode
from bot.runtime import BotTurn, Button, Message, Reply

BOTTED = {
    "desk": """
flow: desk
languages: [en, zh]
start: bot
person: wait
nodes:
  bot:
    kind: ask_bot
    text: {en: "What can I do?", zh: "请问需要什么？"}
    per_minute: 5
    next: bye
    handoff: told
  told: {kind: set, values: {matter: "{{ bot.slots.handoff_summary | default('?') }}"}, next: wait}
  wait:
    kind: queue
    queue: general
    reason: "{{ matter | default('nothing') }}"
    max_wait: 600
    announcements: [{en: "Please hold.", zh: "请稍候。"}]
    next: after
    error: bye
  after: {kind: say, text: {en: "That was your colleague.", zh: "感谢。"}, next: bye}
  bye: {kind: hang_up, text: {en: "Goodbye.", zh: "再见。"}}
variables: {matter: ""}
"""
}
"""A bot, and behind it a line for a person."""

LEARNT: dict[str, Any] = {"order_number": "100101", "handoff_summary": "a late order"}


@dataclass
class ScriptedBot:
    """Repeats what it hears; ``human`` is handed over, ``slow`` waits until it is let `go`, and what
    begins with ``mumble`` is not understood.

    ``heard`` has each message with the slots that the bot knew then. What it learns is `LEARNT`.
    """

    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    thinking: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "scripted"

    async def ready(self) -> None:
        return None

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        tracker = msgspec.json.decode(state, type=Tracker) if state else Tracker()
        self.heard.append((message.text, dict(tracker.slots)))
        if message.text == "slow":
            self.thinking.set()
            await self.go.wait()
        wants_person = message.text == "human"
        tracker.turn += 1
        tracker.slots |= LEARNT
        return BotTurn(
            replies=(Reply(f"I heard {message.text}.", (Button("More", "/more"),)),),
            intent="human" if wants_person else "order_status",
            confidence=0.9,
            slots=tracker.filled(),
            handoff=wants_person,
            handoff_reason="requested" if wants_person else None,
            closed=False,
            state=encode(tracker),
            alternatives=(("faq", 0.3), ("refund", 0.2)) if message.text.startswith("mumble") else (),
            understood=not message.text.startswith("mumble"),
        )

    async def close(self) -> None:
        return None
