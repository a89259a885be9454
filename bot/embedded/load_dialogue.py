"""Reads rules and stories into what the embedded runtime follows.

A rule is one of two things: what an intent sets off (`Trigger`), or what follows when a form is
complete (`Submit`). Rules over several turns, checkpoints, end-to-end user texts and entities as
steps are refused: a conversation of several turns is written as a story.
"""

from __future__ import annotations

from bot.embedded.project import Domain, Story, StoryStep, Submit, Trigger
from bot.embedded.yaml_lines import Item, suggestion
from bot.runtime import SlotValue

BUILT_IN = frozenset({"action_listen", "action_deactivate_loop", "action_default_fallback", "action_restart"})
"""Actions that every Rasa project has."""

_STEP_KEYS = {"intent", "action", "active_loop", "slot_was_set", "or", "metadata"}


class DialogueReader:
    """Gathers the rules and stories of all files, checked against the domain."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._known: dict[tuple[object, ...], str] = {}
        self.triggers: list[Trigger] = []
        self.submits: list[Submit] = []
        self.stories: list[Story] = []

    def read_rules(self, section: Item) -> None:
        """Take in one ``rules:`` list."""
        for item in section.sequence():
            fields = item.mapping({"rule", "condition", "steps", "metadata"})
            if not {"rule", "steps"} <= fields.keys():
                item.fail("a rule has a name (rule:) and steps")
            self._read_rule(fields, item)

    def _read_rule(self, fields: dict[str, Item], item: Item) -> None:
        name = fields["rule"].text()
        loop, slots = self._conditions(fields.get("condition"))
        steps = fields["steps"].sequence()
        if not steps:
            item.fail(f"rule '{name}' has no steps")
        first = steps[0].mapping(_STEP_KEYS)
        if "action" in first:
            self._read_submit(name, (loop, slots), steps)
            return
        intents = self._intents(steps[0], first)
        plan = self._plan(steps[1:])
        if not plan:
            item.fail(f"rule '{name}' does nothing")
        for intent in intents:
            self._claim(("trigger", intent, loop, slots), name, item)
            self.triggers.append(Trigger(name, intent, loop, slots, plan))

    def _read_submit(
        self,
        name: str,
        conditions: tuple[str | None, tuple[tuple[str, SlotValue], ...]],
        steps: list[Item],
    ) -> None:
        loop, slots = conditions
        form = steps[0].mapping()["action"].text()
        ends = len(steps) > 1 and steps[1].mapping().get("active_loop")
        if form not in self._domain.forms or loop != form or not ends or not ends.is_null:
            steps[0].fail(
                f"rule '{name}': a rule begins with an intent, or (condition active_loop: form)"
                " with action: form and active_loop: null"
            )
        rest = steps[2:]
        if rest and "slot_was_set" in rest[0].mapping():
            for slot, value in _slot_values(rest[0].mapping()["slot_was_set"]):
                if slot != "requested_slot" or value is not None:
                    rest[0].fail("only requested_slot: null may stand here; use condition for slots")
            rest = rest[1:]
        self._claim(("submit", form, slots), name, steps[0])
        self.submits.append(Submit(name, form, slots, self._plan(rest)))

    def _claim(self, key: tuple[object, ...], name: str, item: Item) -> None:
        if key in self._known:
            item.fail(f"rule '{name}' says the same condition as rule '{self._known[key]}'")
        self._known[key] = name

    def _conditions(self, section: Item | None) -> tuple[str | None, tuple[tuple[str, SlotValue], ...]]:
        loop: str | None = None
        slots: list[tuple[str, SlotValue]] = []
        for item in section.sequence() if section else []:
            kind, value = item.single()
            if kind == "active_loop":
                loop = "" if value.is_null else self._form(value)
            elif kind == "slot_was_set":
                slots += self._slots(value)
            else:
                item.fail(f"the condition '{kind}' is not supported")
        return loop, tuple(sorted(slots, key=lambda pair: pair[0]))

    def _slots(self, section: Item) -> list[tuple[str, SlotValue]]:
        """Slots that rules and stories speak of; only those that influence are seen by either."""
        pairs = _slot_values(section)
        for name, value in pairs:
            slot = self._domain.slots.get(name)
            if slot is None:
                section.fail(f"slot '{name}' is not declared{suggestion(name, self._domain.slots)}")
            if not slot.influences:
                section.fail(f"slot '{name}' has influence_conversation: false, so Rasa does not see it here")
            if slot.values and value is not None and value not in slot.values:
                section.fail(f"slot '{name}' never is '{value}'{suggestion(str(value), slot.values)}")
        return pairs

    def _intents(self, item: Item, step: dict[str, Item]) -> list[str]:
        if "or" in step:
            return [self._intent(one.mapping({"intent"})["intent"]) for one in step["or"].sequence()]
        if "intent" not in step:
            item.fail("a rule begins with an intent")
        return [self._intent(step["intent"])]

    def _intent(self, item: Item) -> str:
        name = item.text()
        known = {intent.split("/")[0] for intent in self._domain.intents}
        if name not in known:
            item.fail(f"there is no intent '{name}'{suggestion(name, known)}")
        return name

    def _form(self, item: Item) -> str:
        name = item.text()
        if name not in self._domain.forms:
            item.fail(f"there is no form '{name}'{suggestion(name, self._domain.forms)}")
        return name

    def _action(self, item: Item) -> str:
        name = item.text()
        domain = self._domain
        retrieval = {f"utter_{intent.split('/')[0]}" for intent in domain.intents if "/" in intent}
        known = BUILT_IN | domain.actions | domain.forms.keys() | domain.responses.keys() | retrieval
        if name not in known:
            item.fail(f"there is no action '{name}'{suggestion(name, known)}")
        return name

    def _plan(self, steps: list[Item]) -> tuple[str, ...]:
        plan: list[str] = []
        for item in steps:
            kind, value = _single_step(item)
            if kind == "action":
                plan.append(self._action(value))
            elif kind == "active_loop":
                before = plan[-1] if plan else ""
                if value.is_null and before != "action_deactivate_loop":
                    value.fail("active_loop: null follows action_deactivate_loop")
                if not value.is_null and before != self._form(value):
                    value.fail(f"active_loop: {value.text()} follows action: {value.text()}")
            else:
                item.fail(f"'{kind}' is not supported here: a rule is one turn; write a story for more")
        return tuple(action for action in plan if action != "action_listen")

    def read_stories(self, section: Item) -> None:
        """Take in one ``stories:`` list; an ``or`` of intents makes a story for each."""
        for item in section.sequence():
            fields = item.mapping({"story", "steps", "metadata"})
            if not {"story", "steps"} <= fields.keys():
                item.fail("a story has a name (story:) and steps")
            variants: list[list[StoryStep]] = [[]]
            for step in fields["steps"].sequence():
                if "slot_was_set" in step.mapping(_STEP_KEYS):
                    told = self._slots(_single_step(step)[1])
                    steps_of_slots = [StoryStep("slot", name, value) for name, value in told]
                    variants = [[*before, *steps_of_slots] for before in variants]
                    continue
                choices = self._story_steps(step)
                variants = [[*before, one] for before in variants for one in choices]
                if len(variants) > 200:
                    step.fail("the story has more than 200 variants: write fewer 'or'")
            for steps in variants:
                if not steps or steps[0].kind != "intent":
                    item.fail("a story begins with an intent")
                name = fields["story"].text()
                self.stories.append(Story(name, tuple(steps), item.file, item.line))

    def _story_steps(self, item: Item) -> list[StoryStep]:
        fields = item.mapping(_STEP_KEYS)
        if "or" in fields:
            return [StoryStep("intent", name) for name in self._intents(item, fields)]
        kind, value = _single_step(item)
        if kind == "intent":
            return [StoryStep("intent", self._intent(value))]
        if kind == "action":
            if value.text() in self._domain.forms:
                value.fail("forms are run by rules here, not in stories")
            return [StoryStep("action", self._action(value))]
        item.fail(f"'{kind}' is not supported in a story")


def _single_step(item: Item) -> tuple[str, Item]:
    fields = item.mapping(_STEP_KEYS)
    fields.pop("metadata", None)
    if len(fields) != 1:
        item.fail("a step holds exactly one thing")
    return next(iter(fields.items()))


def _slot_values(section: Item) -> list[tuple[str, SlotValue]]:
    pairs: list[tuple[str, SlotValue]] = []
    for item in section.sequence():
        if not item.is_mapping:
            item.fail("a condition on a slot is written name: value")
        name, value = item.single()
        pairs.append((name, None if value.is_null else value.text()))
    return pairs
