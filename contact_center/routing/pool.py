"""The agents, as sets: who is available, who has room, who has a skill at a level, who speaks a language.

The pool holds what the router knows of each agent and the offers that it assumes on top, and keeps its sets
in step with every change, so that the agents for a piece of work are found without looking at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from contact_center.agent import AVAILABLE
from contact_center.routing.bits import Buckets, Sums, slots
from contact_center.routing.idle import IdleOrder
from contact_center.routing.model import AgentView, Capacity
from contact_center.routing.needs import SkillSet, speaks
from contact_center.routing.room import Room
from contact_center.routing.turns import Turns

MOST_REMEMBERED: Final = 2_000
"""Sets that are kept for the next question; more, and all are made anew."""

NOBODY: Final[frozenset[str]] = frozenset()


class Assumed(NamedTuple):
    """An offer on its way to being committed. ``forgiven``: turns that were forgiven for it."""

    medium: str
    queue: str
    forgiven: int


class Member:
    """One agent: the view as committed, the offers assumed on top, and what follows from both.

    ``free``: media of which one more piece can be offered now; ``able``: media that the agent serves while on
    duty, busy or not; ``held``: pieces of work; ``used``: share of the capacity in use.
    """

    __slots__ = ("able", "assumed", "bit", "free", "held", "room", "slot", "used", "view")

    def __init__(self, view: AgentView, slot: int, room: Room) -> None:
        self.view = view
        self.slot = slot
        self.bit = 1 << slot
        self.room = room
        self.assumed: dict[str, Assumed] = {}
        self.free = self.able = NOBODY
        self.held = 0
        self.used = 0.0

    def load(self) -> Mapping[str, int]:
        """What is held by medium, with what is assumed."""
        held = {medium: number for medium, number in self.view.load.items() if number}
        if not self.assumed:
            return held
        for each in self.assumed.values():
            held[each.medium] = held.get(each.medium, 0) + 1
        return held


class Shift(NamedTuple):
    """What a change of an agent means. ``gained``: may take work that they could not take before;
    ``changed``: presence, skills, languages, capacity or stand-in are others, which work may have waited for
    that names this agent."""

    gained: bool
    changed: bool


class Pool:
    """All agents that the router knows."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.everyone = 0
        self.presence: dict[str, int] = {AVAILABLE: 0}
        self.free: dict[str, int] = {}
        self.able: dict[str, int] = {}
        self.held = Buckets()
        self.used = Buckets()
        self.turns: dict[str, Turns] = {}
        self.generation = 0
        self._idle = IdleOrder()
        self._slots: list[Member | None] = []
        self._vacant: list[int] = []
        self._rooms: dict[tuple[tuple[tuple[str, int], ...], ...], Room] = {}
        self._levels: dict[str, dict[int, int]] = {}
        self._languages: dict[tuple[str, ...], int] = {}
        self._remembered: dict[object, object] = {}

    # Coming, changing and going

    def put(self, view: AgentView, *, in_flight: frozenset[str]) -> Shift:
        """The agent as committed. Of the offers assumed so far those ``in_flight`` stay."""
        member = self.members.get(view.id)
        if member is None:
            return self._enter(view)
        before = member.view
        member.view = view
        for item_id in [each for each in member.assumed if each not in in_flight]:
            self._unassume(member, item_id)
        profiled = before.skills != view.skills or before.languages != view.languages
        if profiled:
            self._profile(before, member.bit, present=False)
            self._profile(view, member.bit, present=True)
        if before.capacity != view.capacity:
            member.room = self._room_of(view.capacity)
        if before.idle_since != view.idle_since:
            self._idle.remove((before.idle_since, view.id, member.bit))
            self._idle.add((view.idle_since, view.id, member.bit))
        if before.presence != view.presence:
            self.presence[before.presence] ^= member.bit
            self.presence[view.presence] = self.presence.get(view.presence, 0) | member.bit
        if before.turns != view.turns:
            self._count_turns(member, before.turns)
        able = member.able
        gained = self._refresh(member) or (profiled and bool(member.free))
        return Shift(
            gained,
            profiled
            or able != member.able
            or before.presence != view.presence
            or before.stand_in != view.stand_in,
        )

    def _enter(self, view: AgentView) -> Shift:
        slot = self._vacant.pop() if self._vacant else len(self._slots)
        member = Member(view, slot, self._room_of(view.capacity))
        if slot == len(self._slots):
            self._slots.append(member)
        else:
            self._slots[slot] = member
        self.members[view.id] = member
        self.everyone |= member.bit
        self.presence[view.presence] = self.presence.get(view.presence, 0) | member.bit
        self._profile(view, member.bit, present=True)
        self._idle.add((view.idle_since, view.id, member.bit))
        self._count_turns(member, {})
        return Shift(self._refresh(member), True)

    def drop(self, agent_id: str) -> None:
        """The agent is no more."""
        member = self.members.pop(agent_id)
        self._move(self.free, member.bit, member.free, NOBODY)
        self._move(self.able, member.bit, member.able, NOBODY)
        self.presence[member.view.presence] ^= member.bit
        self._profile(member.view, member.bit, present=False)
        self._idle.remove((member.view.idle_since, agent_id, member.bit))
        self.held.put(member.bit, member.slot, 0)
        self.used.put(member.bit, member.slot, 0)
        for turns in self.turns.values():
            turns.drop(member.bit, member.slot)
        self.everyone ^= member.bit
        self._slots[member.slot] = None
        self._vacant.append(member.slot)

    def assume(self, member: Member, item_id: str, medium: str, queue: str) -> None:
        """The agent is being offered ``item_id``: it counts as held, and as a turn in ``queue``."""
        turns = self.turns.get(queue)
        forgiven = turns.forgive(member.view.id, member.slot) if turns else 0
        member.assumed[item_id] = Assumed(medium, queue, forgiven)
        if turns:
            self._count_turn(member, queue, turns)
        self._refresh(member)

    def take_back(self, member: Member, item_id: str) -> bool:
        """The offer came to nothing. Whether the agent may take work again that they could not take
        before."""
        self._unassume(member, item_id, failed=True)
        return self._refresh(member)

    def _unassume(self, member: Member, item_id: str, *, failed: bool = False) -> None:
        offer = member.assumed.pop(item_id)
        turns = self.turns.get(offer.queue)
        if turns:
            if failed:
                turns.take_back(member.view.id, offer.forgiven)
            self._count_turn(member, offer.queue, turns)

    def _refresh(self, member: Member) -> bool:
        """Bring the sets in step with load and presence. Whether there is room that was not there before."""
        load = member.load()
        on_duty = member.view.presence == AVAILABLE
        left = member.room.left(load)
        free = left.free if on_duty else NOBODY
        able = member.room.able if on_duty else NOBODY
        gained = not free <= member.free
        if free != member.free:
            self._move(self.free, member.bit, member.free, free)
            member.free = free
        if able != member.able:
            self._move(self.able, member.bit, member.able, able)
            member.able = able
        member.held, member.used = sum(load.values()), left.used
        self.held.put(member.bit, member.slot, member.held)
        self.used.put(member.bit, member.slot, member.used)
        return gained

    @staticmethod
    def _move(sets: dict[str, int], bit: int, before: frozenset[str], after: frozenset[str]) -> None:
        for medium in before ^ after:
            sets[medium] = sets.get(medium, 0) ^ bit

    # Turns

    def go_round(self, queues: set[str]) -> None:
        """Count turns in these queues from now on, and in no others."""
        self.turns = {queue: self.turns.get(queue) or Turns() for queue in sorted(queues)}
        for member in self.members.values():
            for queue, turns in self.turns.items():
                self._count_turn(member, queue, turns)

    def _count_turns(self, member: Member, before: Mapping[str, int]) -> None:
        after = member.view.turns
        for queue in {**before, **after}:
            turns = self.turns.get(queue)
            if turns is None or before.get(queue, 0) == after.get(queue, 0):
                continue
            self._count_turn(member, queue, turns)
            if after.get(queue, 0) < before.get(queue, 0):
                for other in [self.members[each] for each in turns.forgiven() if each in self.members]:
                    turns.forget(other.view.id, other.slot)
                    self._count_turn(other, queue, turns)

    def _count_turn(self, member: Member, queue: str, turns: Turns) -> None:
        under_way = sum(1 for offer in member.assumed.values() if offer.queue == queue)
        taken = member.view.turns.get(queue, 0) + under_way
        turns.count(member.view.id, member.bit, member.slot, taken)

    # Skills and languages

    def _profile(self, view: AgentView, bit: int, *, present: bool) -> None:
        """Enter the agent into the sets of their skills and languages, or take them out."""
        self.generation += 1
        self._remembered.clear()
        for skill, level in view.skills.items():
            levels = self._levels.setdefault(skill, {})
            levels[level] = levels.get(level, 0) | bit if present else levels[level] ^ bit
        spoken = self._languages.get(view.languages, 0)
        self._languages[view.languages] = spoken | bit if present else spoken ^ bit

    def _room_of(self, capacity: Capacity) -> Room:
        key = tuple(tuple(sorted(most.items())) for most in capacity)
        return self._rooms.setdefault(key, Room(capacity))

    def skilled(self, alternatives: tuple[SkillSet, ...]) -> int:
        """Who has all skills of one of the alternatives."""
        found = 0
        for wanted in alternatives:
            here = self.everyone
            for skill, level in wanted:
                here &= self._at_least(skill, level)
            found |= here
        return found

    def _at_least(self, skill: str, level: int) -> int:
        key = (skill, level)
        known = self._remembered.get(key)
        if not isinstance(known, int):
            known = 0
            for each, bits in self._levels.get(skill, {}).items():
                if each >= level:
                    known |= bits
            self._remember(key, known)
        return known

    def having(self, skill: str, level: int) -> int:
        """How many have a skill at this level or above."""
        return self._at_least(skill, level).bit_count()

    def speaking(self, language: str) -> int:
        """Who speaks the language; '' is everyone."""
        if not language:
            return self.everyone
        found = 0
        for languages, bits in self._languages.items():
            if speaks(languages, language):
                found |= bits
        return found

    def sums(self, weights: SkillSet, language: str = "", points: int = 0) -> Sums:
        """For each agent weight times level over these skills, and ``points`` for speaking ``language``."""
        key = (weights, language, points)
        known = self._remembered.get(key)
        if isinstance(known, Sums):
            return known
        sums = Sums()
        for skill, weight in weights:
            for level, bits in self._levels.get(skill, {}).items():
                sums.add(bits, max(0, weight * level))
        if language and points:
            sums.add(self.speaking(language), points)
        self._remember(key, sums)
        return sums

    def _remember(self, key: object, value: object) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = value

    # Questions

    def bit(self, agent_id: str) -> int:
        """The set of this agent alone; empty for one who is not known."""
        member = self.members.get(agent_id)
        return member.bit if member else 0

    def set_of(self, agent_ids: Iterable[str]) -> int:
        """The set of these agents."""
        found = 0
        for agent_id in agent_ids:
            found |= self.bit(agent_id)
        return found

    def at(self, bit: int) -> Member:
        """The only agent of a set."""
        member = self._slots[bit.bit_length() - 1]
        assert member is not None
        return member

    def each(self, bits: int) -> Iterator[Member]:
        """The agents of a set."""
        for slot in slots(bits):
            member = self._slots[slot]
            assert member is not None
            yield member

    def idlest(self, among: int, count: int) -> list[Member]:
        """At most ``count`` of ``among``: who holds least, among them who is idle the longest, then by id."""
        found: list[Member] = []
        while among and len(found) < count:
            tied = self.held.lowest(among)
            among ^= tied
            if tied & (tied - 1):
                found += map(self.at, self._idle.longest(tied, count - len(found)))
            else:
                found.append(self.at(tied))
        return found
