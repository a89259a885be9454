"""A call that is live: its state, the telephone it is at, and what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from contact_center.local_carrier.calls import Call
from contact_center.local_carrier.inbox import Inbox
from contact_center.local_carrier.messages import Item, SayItems, Stop, ToPhone
from contact_center.local_carrier.phones import Phone
from contact_center.local_carrier.verbs import StatusCallback


@dataclass
class LiveCall:
    """``call`` is replaced at each change. ``shown``: the id that its browser knows it by (that of the call
    which has dialled one of our own numbers, else its own). ``name``: what other ends call it. ``room``: the
    conference that it is in or on its way to. ``ringing``: the browsers that ring. ``music``: the number of
    what is said to it without an end. ``records``: whether a message may be left just now."""

    call: Call
    inbox: Inbox
    name: str
    shown: str
    phone: Phone | None = None
    callback: StatusCallback | None = None
    machine_url: str = ""
    machine_method: str = "POST"
    parent: LiveCall | None = None
    room: str = ""
    ringing: list[Phone] = field(default_factory=list)
    follower: asyncio.Task[None] | None = None
    music: int = 0
    records: bool = False
    said: int = 0
    reason: str = ""

    @property
    def sid(self) -> str:
        return self.call.sid

    def tell(self, line: ToPhone) -> None:
        """Tell its browser, where there is one."""
        if self.phone is not None:
            self.phone.tell(line)

    def say(self, items: tuple[Item, ...]) -> int:
        """Let the browser say something; the number that it will name when it has."""
        carrier = self
        while carrier.parent is not None and carrier.shown != carrier.sid:
            carrier = carrier.parent
        carrier.said += 1
        self.tell(SayItems(self.shown, carrier.said, items))
        return carrier.said

    def stop(self, seq: int) -> None:
        """What is being said ends."""
        self.tell(Stop(self.shown, seq))
