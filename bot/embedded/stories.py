"""Follows stories by memory, as Rasa's MemoizationPolicy does.

A state is what is seen before an action is chosen: (intent, action before, active form, slots). The
last ``max_history`` states of a story name its next action; only an exact match decides. Of slots only
those that influence the conversation are seen, and of them what `featured` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.embedded.project import Domain, Slot, Story
from bot.embedded.yaml_lines import ProjectError
from bot.runtime import SlotValue

Features = tuple[tuple[str, str], ...]
State = tuple[str, str, str, Features]
LISTEN = "action_listen"


def feature(slot: Slot, value: SlotValue) -> str:
    """What policies see of a slot's value, as in Rasa: of a text or list only whether there is one;
    "" = nothing is seen."""
    if value is None or value in ([], ""):
        return ""
    if slot.kind in ("categorical", "bool"):
        return str(value).lower()
    return "set"


def featured(domain: Domain, slots: Mapping[str, SlotValue]) -> Features:
    """The slots that influence the conversation, as states hold them."""
    seen = ((name, feature(slot, slots.get(name))) for name, slot in domain.slots.items() if slot.influences)
    return tuple(sorted(pair for pair in seen if pair[1]))


class StoryMemory:
    """The stories of a project as a table from states to the next action."""

    def __init__(self, domain: Domain, stories: Sequence[Story], max_history: int) -> None:
        self._table: dict[tuple[State, ...], str] = {}
        self._max_history = max_history
        self.intents = frozenset(
            step.name for story in stories for step in story.steps if step.kind == "intent"
        )
        for story in stories:
            for key, action in _states(domain, story, max_history):
                self._table[key] = action

    def next_action(self, states: Sequence[State]) -> str | None:
        """The action that a story takes after these states, None where no story has them."""
        return self._table.get(tuple(states[-self._max_history :]))


def check_stories(domain: Domain, stories: Sequence[Story], max_history: int) -> None:
    """Refuse two stories that do different things after the same states."""
    seen: dict[tuple[State, ...], tuple[str, Story]] = {}
    for story in stories:
        for key, action in _states(domain, story, max_history):
            other, by = seen.setdefault(key, (action, story))
            if other != action:
                raise ProjectError(
                    story.file,
                    story.line,
                    f"story '{story.name}' goes on with {action} where story '{by.name}'"
                    f" (line {by.line}) goes on with {other}; max_history is {max_history}",
                )


def _states(domain: Domain, story: Story, max_history: int) -> list[tuple[tuple[State, ...], str]]:
    states: list[State] = []
    found: list[tuple[tuple[State, ...], str]] = []
    intent, before = "", LISTEN
    slots: dict[str, SlotValue] = {name: slot.initial for name, slot in domain.slots.items()}

    def decide(action: str) -> None:
        states.append((intent, before, "", featured(domain, slots)))
        found.append((tuple(states[-max_history:]), action))

    for step in story.steps:
        if step.kind == "slot":
            slots[step.name] = step.value
        elif step.kind == "intent":
            if states:
                decide(LISTEN)
            intent, before = step.name, LISTEN
        else:
            decide(step.name)
            before = step.name
    return found
