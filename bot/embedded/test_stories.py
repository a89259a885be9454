"""Runs a project's Rasa test stories (``tests/*.yml``) against a runtime, and tells what differs.

As in ``rasa test``, an action of the application is not run: it finds what the story says after it
(``slot_was_set``), so that a story needs no order or ticket to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from bot.actions import ACTIONS, CHECKS
from bot.embedded.project import Domain
from bot.embedded.yaml_lines import Item, read_yaml
from bot.runtime import ActionResult, Bot, Message, SlotValue

FOLDER = "tests"
_MARK = re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\{[^{}]*\})")
_STEP_KEYS = {"user", "intent", "entities", "action", "slot_was_set", "active_loop", "metadata"}

Slots = tuple[tuple[str, SlotValue], ...]


class ScriptedTurn(msgspec.Struct, frozen=True):
    """What the customer says, and what must follow: intent, actions in order, slots at the end (but those
    told before an action of the bot's own, which may change them).

    ``found`` are the slots that stand after each action, which that action is given as its result.
    """

    line: int
    text: str
    intent: str
    actions: tuple[str, ...] = ()
    slots: Slots = ()
    found: tuple[tuple[str, Slots], ...] = ()


class ScriptedStory(msgspec.Struct, frozen=True):
    """One test story of a project, with where it stands."""

    name: str
    file: str
    line: int
    turns: tuple[ScriptedTurn, ...]


class Difference(msgspec.Struct, frozen=True):
    """Something of a turn (``what``: intent, actions, a slot's name) that came out otherwise."""

    file: str
    line: int
    text: str
    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}: expected {self.expected}, got {self.got}"


class ScriptedActions:
    """An `ActionRunner` whose actions find what the turn under way says; ``turn`` is set before each."""

    def __init__(self, domain: Domain) -> None:
        self.names = frozenset(domain.actions - ACTIONS.keys() - CHECKS.keys())
        self.turn: ScriptedTurn | None = None

    async def run(
        self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
    ) -> ActionResult:
        """The slots that the story has after ``action``."""
        found = self.turn.found if self.turn is not None else ()
        return ActionResult(slots=dict(dict(found).get(action, ())))


def unmarked(text: str) -> str:
    """A sentence without its marks of entities: "the number is [A1001](order_number)" as it is said."""
    return _MARK.sub(r"\1", text).strip()


def read_test_stories(project: Path) -> tuple[ScriptedStory, ...]:
    """Every test story of a project, by file. Raises `ProjectError` with file and line."""
    found: list[ScriptedStory] = []
    for path in sorted((project / FOLDER).rglob("*.yml")):
        sections = read_yaml(path, project).mapping({"version", "stories"})
        for item in sections["stories"].sequence() if "stories" in sections else []:
            fields = item.mapping({"story", "steps", "metadata"})
            if not {"story", "steps"} <= fields.keys():
                item.fail("a test story has a name (story:) and steps")
            turns = _turns(fields["steps"])
            found.append(ScriptedStory(fields["story"].text(), item.file, item.line, turns))
    return tuple(found)


def _turns(steps: Item) -> tuple[ScriptedTurn, ...]:
    turns: list[ScriptedTurn] = []
    for item in steps.sequence():
        fields = item.mapping(_STEP_KEYS)
        if "user" in fields:
            if "intent" not in fields:
                item.fail("a message of the user needs the intent that it has (intent:)")
            said = unmarked(fields["user"].text())
            turns.append(ScriptedTurn(item.line, said, fields["intent"].text()))
            continue
        if not turns:
            item.fail("a test story begins with what the user says (user:)")
        turns[-1] = _followed(turns[-1], fields)
    return tuple(turns)


def _followed(turn: ScriptedTurn, fields: Mapping[str, Item]) -> ScriptedTurn:
    """The turn with one more step of the bot's."""
    if "action" in fields:
        action = fields["action"].text()
        if action == "action_listen":
            return turn
        # What an action of the bot's own empties or sets, stories do not tell: Rasa does not run it.
        kept = () if action in ACTIONS else turn.slots
        return msgspec.structs.replace(turn, actions=(*turn.actions, action), slots=kept)
    if "slot_was_set" not in fields:
        return turn
    told = tuple(pair for pair in _slots(fields["slot_was_set"]) if pair[0] != "requested_slot")
    last = turn.actions[-1] if turn.actions else ""
    found = dict(turn.found)
    found[last] = (*found.get(last, ()), *told)
    slots = dict(turn.slots) | dict(told)
    return msgspec.structs.replace(turn, slots=tuple(slots.items()), found=tuple(found.items()))


def _slots(section: Item) -> Iterable[tuple[str, SlotValue]]:
    items = section.sequence() if section.is_sequence else [section]
    for item in items:
        for name, value in item.mapping().items():
            if value.is_sequence:
                yield name, [one.text() for one in value.sequence()]
            else:
                yield name, None if value.is_null else value.text()


async def run_story(
    bot: Bot, story: ScriptedStory, actions: ScriptedActions | None = None
) -> tuple[Difference, ...]:
    """Every difference between the story and what ``bot`` does, in order; none where it passes.

    ``actions`` is the runner that the bot was given, None where it has another one.
    """
    found: list[Difference] = []
    state = ""
    for turn in story.turns:
        if actions is not None:
            actions.turn = turn
        answer = await bot.respond(Message(f"{story.file} {story.line}", turn.text), state)
        state = answer.state
        intent = answer.intent.split("/")[0]
        pairs = [("intent", turn.intent, intent, f"{intent} ({answer.confidence:.2f})")]
        pairs.append(("actions", _list(turn.actions), _list(answer.actions), _list(answer.actions)))
        for name, value in turn.slots:
            got = _written(answer.slots.get(name))
            pairs.append((f"slot {name}", _written(value), got, got))
        found += [
            Difference(story.file, turn.line, turn.text, what, expected, told)
            for what, expected, got, told in pairs
            if expected != got
        ]
    return tuple(found)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _written(value: SlotValue) -> str:
    """A slot's value as a story writes it."""
    if value is None or value == []:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)
