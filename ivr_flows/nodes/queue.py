"""``queue``: wait in line for an agent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import EnterQueue, LeaveQueue
from ivr_flows.expressions import Template, Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import END, Exit, Node
from ivr_flows.hearing import fold
from ivr_flows.inputs import AnyInput, Done, Failed, Keys, Picked, QueueLeft, Silent, Words
from ivr_flows.instructions import Instruction, WaitInQueue
from ivr_flows.visit import IGNORED, Move, Visit

_LEFT = {"answered": "next", "timed_out": "timed_out", "full": "full", "closed": "closed"}


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """A key that takes a waiting caller somewhere else."""

    key: str = spec(read.keys, "what is pressed")
    value: str = spec(read.name, "its name in the log; the key when left out", "")
    label: Text | None = spec(read.text, "what it is, for written channels", None)
    next: str = spec(read.name, "where to")

    @property
    def name(self) -> str:
        """The name of its exit."""
        return self.value or self.key


@dataclass(frozen=True, kw_only=True)
class Queue(Node):
    """Puts the contact in line and keeps it there until an agent takes it or it leaves."""

    kind: ClassVar[str] = "queue"
    waits: ClassVar[bool] = True
    example: ClassVar[str] = """
kind: queue
queue: billing
priority: 5
reason: "{{ customer.tier }} customer"
skills: {mandarin: 2}
owner_first: true
max_wait: 600
announcements: [{en: "Please hold the line.", zh: "请稍候。"}]
every: 30
exits:
  - {key: "1", value: call_back, next: goodbye}
next: goodbye
full: goodbye
closed: goodbye
timed_out: goodbye
error: goodbye
"""

    queue: Template = spec(read.template, "the queue's name")
    priority: int = spec(read.integer(0, 100), "higher goes first", 0)
    reason: Template | None = spec(read.template, "why, for the agent", None)
    skills: dict[str, int] = spec(
        read.mapping_of(read.integer(1, 10), read.name), "skills the agent needs, with the least level", None
    )
    owner_first: bool = spec(read.boolean, "offer it to the customer's owner first", False)
    max_wait: int = spec(read.integer(10, 14_400), "seconds in line at most", 900)
    announcements: tuple[Text, ...] = spec(read.list_of(read.text), "said in turn while waiting", ())
    music: str = spec(read.string, "URL of the music", "")
    every: int = spec(read.integer(5, 600), "seconds between announcements", 30)
    exits_: tuple[WayOut, ...] = spec(read.list_of(read.group(WayOut)), "keys that leave the line", ())
    next: str = way("where to after a person has talked to the customer", END)
    full: str = way("where to when the line is full", "error", at_once=True, quiet=True)
    closed: str = way("where to when nobody works there now", "error", at_once=True, quiet=True)
    timed_out: str = way("where to after max_wait", "error", quiet=True)
    error: str = way("where to when the line cannot be entered", END, at_once=True, quiet=True)

    def exits(self) -> Iterator[Exit]:
        """The named ends of waiting, and one for each key."""
        yield from self.field_exits()
        for index, out in enumerate(self.exits_):
            yield Exit(out.name, out.next, f"exits[{index + 1}].next", out.key, True)

    def enter(self, visit: Visit) -> Move:
        """Ask to be put in line."""
        visit.phase = "entering"
        return EnterQueue(
            visit.render(self.queue), self.priority, visit.render(self.reason), self.skills or {},
            self.owner_first,
        )  # fmt: skip

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Wait once in line; leave when an agent, the clock or the caller says so."""
        if isinstance(given, Failed):
            return str(visit.local["leave"]) if visit.phase == "leaving" else "error"
        if isinstance(given, Done):
            return self._done(visit, given)
        if isinstance(given, QueueLeft):
            return self._left(given.reason)
        if isinstance(given, Silent):
            return self._leave(visit, "timed_out")
        return self._chosen(visit, given)

    def _done(self, visit: Visit, given: Done) -> Move:
        if visit.phase == "leaving":
            return str(visit.local["leave"])
        if given.result.get("entered"):
            return visit.stay("waiting", queue=visit.render(self.queue))
        reason = given.result.get("reason")
        return reason if reason in ("full", "closed") else "error"

    def _left(self, reason: str) -> Move:
        if reason in _LEFT:
            return _LEFT[reason]
        names = [out.name for out in self.exits_]
        if reason in names:
            return reason
        return names[0] if reason == "left" and names else "error"

    def _leave(self, visit: Visit, way_out: str) -> Move:
        visit.stay("leaving", leave=way_out)
        return LeaveQueue("timed_out" if way_out == "timed_out" else "left")

    def _chosen(self, visit: Visit, given: AnyInput) -> Move:
        for out in self.exits_:
            said = {out.key, out.name}
            if isinstance(given, Keys) and given.digits == out.key:
                return self._leave(visit, out.name)
            if isinstance(given, Picked) and given.value in said:
                return self._leave(visit, out.name)
            if isinstance(given, Words) and fold(given.text) in (out.key, self._label(visit, out)):
                return self._leave(visit, out.name)
        return IGNORED

    def _label(self, visit: Visit, out: WayOut) -> str:
        return fold(visit.prompt(out.label).text) if out.label else out.key

    def present(self, visit: Visit) -> Instruction:
        """The wait in line."""
        return WaitInQueue(
            queue=str(visit.local.get("queue", "")), language=visit.language,
            max_wait=self.max_wait, music=self.music, every=self.every,
            announcements=tuple(visit.prompt(each) for each in self.announcements),
            leave_keys={out.key: out.name for out in self.exits_},
        )  # fmt: skip
