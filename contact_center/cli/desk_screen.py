"""What an agent's desk shows, as a pure thing: what is known of state and work, and lines about what is new.

Nothing here talks to the contact centre or to a terminal; `contact_center.cli.desk` does. What comes is read
in `contact_center.cli.desk_notices`, what an agent may type in `contact_center.cli.desk_commands`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from contact_center.timeline_words import word_for
from crm_store.offers import Offer
from crm_store.works import Work

COUNTDOWN: Final = (10, 5)
"""Seconds before the end of an offer at which the agent is reminded."""

BESIDE: Final = "    "
"""Before lines that tell more about the line above."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the API; ``then`` says what its answer is for (see `desk_notices`)."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    then: str = ""
    work_id: str = ""


@dataclass
class Reaction:
    """What is to be printed and asked next; ``leave``: the agent goes."""

    lines: list[str] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    leave: bool = False

    def add(self, other: Reaction) -> None:
        """What ``other`` wants as well."""
        self.lines += other.lines
        self.asks += other.asks


@dataclass
class Item:
    """A piece of work on the desk: its short ``number``, the ``offer`` of it, and ``who`` the customer is."""

    number: int
    work: Work
    offer: Offer | None = None
    who: str = ""
    reminded: int = COUNTDOWN[0] + 1

    @property
    def name(self) -> str:
        """Who it is about, as far as that is known."""
        return self.who or ("the customer" if self.work.kind != "ticket" else "the ticket")


class State(msgspec.Struct, frozen=True):
    """How the agent is doing, as the contact centre shows it."""

    status: str = "offline"
    reason: str = ""
    version: int = -1


class Screen:
    """One agent's desk. ``names`` and ``emails`` are those of all agents, by id."""

    def __init__(self, agent_id: str, names: Mapping[str, str], emails: Mapping[str, str]) -> None:
        self.agent_id = agent_id
        self.names = names
        self.emails = emails
        self.items: dict[str, Item] = {}
        self.last_contact = ""
        self.warned = False
        self._state = State()
        self._told = ""
        self._gone: dict[str, int] = {}  # versions of works that have left: what is no newer is over
        self._counted = 0
        self._numbers: dict[str, int] = {}  # the last number of each work, also of those that have left
        self._who: dict[str, str] = {}  # what is known of customers, by contact

    def tick(self, now: datetime) -> Reaction:
        """Time passes: whoever has not answered an offer is reminded."""
        reaction = Reaction()
        for item in self.items.values():
            if item.offer is None or item.work.state != "offered":
                continue
            left = _seconds(now, item.offer.expires_at)
            due = [seconds for seconds in COUNTDOWN if left <= seconds < item.reminded]
            if due and left > 0:
                item.reminded = min(due)
                reaction.lines.append(f"{item.number}: {left} s left to answer")
        return reaction

    # --- what is there ---------------------------------------------------------------------------------

    def newest(self, states: Iterable[str], kinds: Iterable[str] = ()) -> Item | None:
        """The newest work in one of the states, and of one of the kinds if any are named."""
        wanted, of = frozenset(states), frozenset(kinds)
        found = [
            item
            for item in self.items.values()
            if item.work.state in wanted and (not of or item.work.kind in of)
        ]
        return max(found, key=lambda item: item.number, default=None)

    def numbered(self, number: int) -> Item | None:
        """The work with a short number."""
        return next((item for item in self.items.values() if item.number == number), None)

    def prefix(self, work_id: object) -> str:
        """``2: `` for work that is or was on the desk, '' for any other."""
        number = self._numbers.get(str(work_id))
        return "" if number is None else f"{number}: "

    def listed(self) -> list[str]:
        """The agent's state and all work, a line each."""
        lines = [f"You are {_status(self._state)}."]
        for item in self.items.values():
            work = item.work
            held = ", on hold" if work.held_at else ""
            about = f": {work.reason}" if work.reason else ""
            state = word_for(work.state, "en")
            lines.append(f"{item.number}: {work.kind}, {_queue(work)}, {state}{held}, {item.name}{about}")
        return lines if self.items else [*lines, "You have no work."]

    def see_state(self, data: Mapping[str, Any]) -> Reaction:
        """The agent's state as it now is."""
        state = msgspec.convert(data, State)
        if state.version < self._state.version:
            return Reaction()
        self._state = state
        if state.status == "offered" or _status(state) == self._told:
            return Reaction()  # of an offer its own lines tell
        self._told = _status(state)
        hint = "; `available` brings you back" if self._state.status == "not_responding" else ""
        return Reaction([f"You are {_status(self._state)}{hint}."])

    def see_work(self, work: Work, now: datetime) -> Reaction:
        """Work as it now is: new, changed, or no longer the agent's. Older than what is known: nothing."""
        item = self.items.get(work.id)
        if work.version < (self._gone.get(work.id, -1) + 1 if item is None else item.work.version):
            return Reaction()
        if work.agent_id != self.agent_id or work.state == "done":
            return self._let_go(item, work)
        if item is not None:
            before, item.work = item.work, work
            return Reaction(_changes(item, before, now))
        item = self._add(work)
        reaction = Reaction(_changes(item, None, now))
        if work.contact_id is not None and (not item.who or work.state == "offered"):
            ask = Ask(method="GET", path=f"/contacts/{work.contact_id}", then="contact", work_id=work.id)
            reaction.asks.append(ask)
        return reaction

    def _add(self, work: Work) -> Item:
        self._counted += 1
        self.warned = False
        self.last_contact = work.contact_id or self.last_contact
        self._numbers[work.id] = self._counted
        item = self.items[work.id] = Item(self._counted, work, who=self._who.get(work.contact_id or "", ""))
        return item

    def learn(self, item: Item, who: str) -> None:
        """Who the customer is."""
        item.who = who
        if item.work.contact_id is not None:
            self._who[item.work.contact_id] = who

    def _let_go(self, item: Item | None, work: Work) -> Reaction:
        if item is None:
            return Reaction()
        self.drop(item, work.version)
        if item.work.state == "offered":
            return Reaction()  # the offer's own notice tells
        if work.state == "done":
            outcome = f" ({word_for(work.outcome, 'en')})" if work.outcome not in ("", "handled") else ""
            return Reaction([f"{item.number}: finished{outcome}"])
        if work.agent_id:
            return Reaction([f"{item.number}: {self.names.get(work.agent_id, work.agent_id)} has it now"])
        return Reaction([f"{item.number}: back in line for {_queue(work)}"])

    def drop(self, item: Item, version: int) -> None:
        """The work, which has come to ``version``, is the agent's no more."""
        del self.items[item.work.id]
        self._gone[item.work.id] = max(version, item.work.version)

    def see_offer(self, offer: Offer, now: datetime) -> Reaction:
        """The agent is asked about work that is on the desk already."""
        item = self.items.get(offer.work_id)
        if item is None or (item.offer is not None and item.offer.id == offer.id):
            return Reaction()
        item.offer = offer
        work = item.work
        facts = [
            f"{work.tier} customer" if work.tier not in ("", "standard") else "",
            f"speaks {work.language}" if work.language else "",
            f"priority {work.priority}" if work.priority else "",
        ]
        known = ", ".join(fact for fact in facts if fact)
        waited = _seconds(work.queued_at, now)
        about = f": {work.reason}" if work.reason else ""
        lines = [
            f"{item.number}: OFFER of a {work.kind}, {_queue(work)}, waited {waited} s{about}",
            *([BESIDE + known] if known else []),
        ]
        if not offer.auto_accept:
            left = _seconds(now, offer.expires_at)
            lines.append(f"{BESIDE}{left} s to answer: a accepts, d declines")
        return Reaction(lines)


# --- words -------------------------------------------------------------------------------------------


def _changes(item: Item, before: Work | None, now: datetime) -> list[str]:
    """What is new about work that the agent has."""
    work, lines = item.work, []
    if before is None or before.state != work.state:
        told = _STATES.get(work.state)
        lines += [f"{item.number}: {told(item, now)}"] if told is not None else []
    if work.state == "active" and (before is not None and before.held_at is not None) != bool(work.held_at):
        lines.append(f"{item.number}: {item.name} is {'on hold' if work.held_at else 'back from hold'}")
    return lines


def _active(item: Item, now: datetime) -> str:
    if item.work.kind == "consult":
        return "you are connected with the agent who asks you"
    return "the ticket is yours" if item.work.kind == "ticket" else f"you are connected with {item.name}"


def _wrap_up(item: Item, now: datetime) -> str:
    due = item.work.due_at
    limit = f" within {_seconds(now, due)} s" if due is not None else ""
    return f"the conversation is over; write it up{limit}: done [disposition] [note]"


_STATES: Final[dict[str, Callable[[Item, datetime], str]]] = {
    "connecting": lambda item, now: "you are being called",
    "active": _active,
    "wrap_up": _wrap_up,
}


_STATUSES: Final = {"wrap_up": "in wrap-up", "break": "on a break"}


def _status(state: State) -> str:
    reason = f" ({word_for(state.reason, 'en')})" if state.reason else ""
    return _STATUSES.get(state.status, word_for(state.status, "en")) + reason


def _queue(work: Work) -> str:
    return f"queue {work.queue}" if work.queue else "for you alone"


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
