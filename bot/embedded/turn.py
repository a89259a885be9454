"""One turn: message and tracker in, replies and the changed tracker out.

Who decides is as in Rasa's RulePolicy and MemoizationPolicy: an active form first; where it cannot
use the message, the most specific rule; then stories; then the fallback action. A form that was
interrupted by a rule asks again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Executor

import msgspec

from bot.actions import ACTIONS, CHECKS, ActionCall, Resources
from bot.actions.conversation import handed_off
from bot.embedded.language import SLOT as LANGUAGE
from bot.embedded.language import choose_language
from bot.embedded.project import Form, Project, Trigger
from bot.embedded.responses import say
from bot.embedded.slots import expected_entities, fill_slots
from bot.embedded.stories import LISTEN, State, StoryMemory, feature, featured
from bot.embedded.text import clean
from bot.embedded.tracker import Tracker, encode
from bot.embedded.understanding import FALLBACK_INTENT, Parsed, Understanding, parse_payload
from bot.runtime import ActionResult, ActionRunner, BotTurn, Message, Reply, SlotValue

_log = logging.getLogger(__name__)
_MOST_ACTIONS = 12


class Runtime(msgspec.Struct, frozen=True):
    """What every turn of a project needs."""

    project: Project
    understanding: Understanding
    stories: StoryMemory
    actions: ActionRunner
    resources: Resources
    threads: Executor


class Turn:
    """The work of one turn; use once. ``trace`` names the actions taken, as Rasa's test stories do."""

    def __init__(
        self,
        runtime: Runtime,
        message: Message,
        tracker: Tracker,
        context: Mapping[str, object],
    ) -> None:
        self._runtime = runtime
        self._domain = runtime.project.domain
        self._message = message
        self._tracker = tracker
        self._context = context
        self.trace: list[str] = []
        self._replies: list[Reply] = []
        self._plan: list[str] = []
        self._parsed = Parsed(text="", intent=FALLBACK_INTENT, confidence=0.0)
        self._told: frozenset[str] = frozenset()
        self._asked = False
        self._misunderstood = False
        self._handoff_reason: str | None = None
        self._closed = False
        self._over = False
        self._states: list[State] = []
        self._from_story = False
        self._remembered = False

    async def run(self) -> BotTurn:
        """Answer the message."""
        tracker = self._tracker
        tracker.turn += 1
        text = clean(self._message.text)
        slot = self._domain.slots.get(LANGUAGE)
        choose_language(tracker, slot.values if slot else (), self._message, text)
        self._parsed = parse_payload(text, self._domain) or await self._understand(text)
        self._told = fill_slots(self._domain, tracker, self._parsed)
        tracker.chosen = tracker.chosen or LANGUAGE in self._told
        tracker.note_intent(self._parsed.rule_intent)
        await self._decide()
        return self._finish()

    async def _understand(self, text: str) -> Parsed:
        """In a thread, so that the matrix work of one message holds up nobody else's."""
        if not text:
            return Parsed(text="", intent=FALLBACK_INTENT, confidence=0.0)
        expected = expected_entities(self._domain, self._tracker)
        runtime, today = self._runtime, self._message.today
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(runtime.threads, runtime.understanding.parse, text, expected, today)

    async def _decide(self) -> None:
        tracker = self._tracker
        if tracker.loop and await self._answer_form():
            await self._carry_out()
            return
        intent = self._parsed.rule_intent
        trigger = self._find_rule(intent)
        if trigger is not None and tracker.loop and trigger.plan[0] == tracker.loop:
            # Rasa never runs a form again that has just refused the message: it falls back.
            self._plan = [self._runtime.project.settings.fallback_action]
        elif trigger is not None:
            self._plan = list(trigger.plan)
            self._remembered = intent in self._runtime.stories.intents
        elif not tracker.loop and self._next_of_story(self._state(LISTEN)) not in (None, LISTEN):
            self._from_story = self._remembered = True
        else:
            self._plan = [self._runtime.project.settings.fallback_action]
        await self._carry_out()

    def _find_rule(self, intent: str) -> Trigger | None:
        tracker = self._tracker
        fitting = [
            rule
            for rule in self._runtime.project.triggers
            if rule.intent == intent and rule.loop in (None, tracker.loop) and self._holds(rule.slots)
        ]
        return max(fitting, key=lambda rule: (rule.loop is not None, len(rule.slots)), default=None)

    def _holds(self, conditions: tuple[tuple[str, SlotValue], ...]) -> bool:
        """Whether policies see the slots as the conditions want them."""
        slots = self._domain.slots
        return all(
            feature(slots[name], self._tracker.slots.get(name)) == feature(slots[name], wanted)
            for name, wanted in conditions
        )

    def _state(self, before: str) -> State:
        tracker = self._tracker
        # Without the form: Rasa hides from stories what only rules run, and forms are run by rules here.
        return (self._parsed.rule_intent, before, "", featured(self._domain, tracker.slots))

    def _next_of_story(self, state: State) -> str | None:
        return self._runtime.stories.next_action([*self._tracker.states, *self._states, state])

    async def _carry_out(self) -> None:
        """Run the plan or follow the story; a form left active without having asked asks again."""
        before = LISTEN
        for _ in range(_MOST_ACTIONS):
            state = self._state(before)
            action = self._plan.pop(0) if self._plan else None
            if action is None and self._from_story:
                action = self._next_of_story(state)
            self._states.append(state)
            if action is None or action == LISTEN:
                break
            await self._act(action)
            before = action
            if self._over:
                return
        else:
            _log.warning("A bot turn was cut off after %d actions.", _MOST_ACTIONS)
            return
        if self._tracker.loop and not self._asked:
            self.trace.append(self._tracker.loop)
            await self._run_form(self._domain.forms[self._tracker.loop])
            if self._plan:
                await self._carry_out()

    async def _act(self, action: str) -> None:
        self.trace.append(action)
        if action in self._domain.forms:
            self._tracker.loop = action
            await self._run_form(self._domain.forms[action])
        elif action in _BUILT_IN:
            _BUILT_IN[action](self)
        elif action.startswith("utter_"):
            self._say(action)
        elif action in ACTIONS and action not in self._runtime.actions.names:
            self._apply(ACTIONS[action](self._call(action), self._runtime.resources))
        else:
            await self._run_custom(action)

    def _say(self, name: str) -> bool:
        """Say a response; a retrieval intent's base ("utter_faq") means the answer to its question."""
        responses = self._domain.responses
        if name not in responses and name == f"utter_{self._parsed.rule_intent}":
            name = f"utter_{self._parsed.intent}"
        tracker = self._tracker
        key = f"{self._message.conversation_id} {tracker.turn} {name}"
        reply = say(responses.get(name, ()), tracker.slots, self._message.channel, key)
        if reply is None:
            _log.warning("The bot has no fitting variation of a response.", extra={"response": name})
            return False
        self._replies.append(reply)
        return True

    async def _run_custom(self, action: str) -> None:
        tracker = self._tracker
        if action not in self._runtime.actions.names:
            _log.warning("The bot's action is unknown to its runner.", extra={"action": action})
            self._say("utter_action_unavailable")
            self._over = True
            return
        context = {
            **self._context,
            "conversation_id": self._message.conversation_id,
            "channel": self._message.channel,
            "language": tracker.slots.get("language"),
            "turn": tracker.turn,
        }
        try:
            result = await self._runtime.actions.run(action, dict(tracker.slots), context)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # Whatever fails behind an action, the customer gets a person and never silence.
            _log.error("A bot action failed.", extra={"action": action, "error": type(error).__name__})
            self._apply(handed_off(self._call(action), "action_failed"))
            return
        self._apply(result)

    def _call(self, action: str) -> ActionCall:
        tracker = self._tracker
        form = self._domain.forms.get(tracker.loop)
        return ActionCall(
            action=action,
            slots=dict(tracker.slots),
            text=self._parsed.text,
            intent=self._parsed.rule_intent,
            conversation_id=self._message.conversation_id,
            channel=self._message.channel,
            language=str(tracker.slots.get(LANGUAGE) or ""),
            turn=tracker.turn,
            form=tracker.loop,
            required=form.required if form else (),
            requested=tracker.requested,
            recent=tuple(tracker.recent),
            said=tuple(tracker.said),
        )

    def _apply(self, result: ActionResult) -> None:
        """Take what an action answered into the turn."""
        tracker = self._tracker
        for name, value in result.slots.items():
            if name in tracker.slots:
                tracker.slots[name] = value
        for response in result.responses:
            self._say(response)
        self._replies += result.replies
        if result.leave_form:
            tracker.leave_form()
        self._misunderstood = self._misunderstood or result.misunderstood
        self._closed = self._closed or result.closed
        self._handoff_reason = result.handoff or self._handoff_reason
        self._over = self._over or result.closed or result.handoff is not None

    async def _answer_form(self) -> bool:
        """Give the message to the active form; False where the form has no use for it."""
        tracker = self._tracker
        form = self._domain.forms[tracker.loop]
        told = self._told & set(form.required)
        if self._parsed.rule_intent in form.ignored_intents or (tracker.requested and not told):
            return False
        self.trace.append(form.name)
        await self._run_form(form)
        return True

    async def _run_form(self, form: Form) -> None:
        """Check what was told, then ask for the next slot or, when all are there, submit."""
        tracker = self._tracker
        told = self._told & set(form.required)
        await self._check(form, told)
        self._told = self._told - told
        if self._over:
            return
        for slot in form.required:
            if tracker.slots.get(slot) in (None, []):
                tracker.requested = slot
                self._asked = True
                specific = f"utter_ask_{form.name}_{slot}"
                self._say(specific if specific in self._domain.responses else f"utter_ask_{slot}")
                return
        tracker.leave_form()
        submits = [
            rule
            for rule in self._runtime.project.submits
            if rule.form == form.name and self._holds(rule.slots)
        ]
        if submits:
            self._plan = [*max(submits, key=lambda rule: len(rule.slots)).plan, *self._plan]

    async def _check(self, form: Form, told: frozenset[str]) -> None:
        """Empty the slots whose new values are not accepted, and say why."""
        action = f"validate_{form.name}"
        if action not in self._domain.actions or not told:
            return
        if action in self._runtime.actions.names:
            await self._run_custom(action)
        elif action in CHECKS:
            candidates = {name: self._tracker.slots[name] for name in told}
            self._apply(CHECKS[action](self._call(action), candidates))

    def leave_form(self) -> None:
        self._tracker.leave_form()

    def say_default(self) -> None:
        self._say("utter_default")

    def start_anew(self) -> None:
        tracker = self._tracker
        tracker.leave_form()
        language = tracker.slots.get("language")
        tracker.slots = {name: slot.initial for name, slot in self._domain.slots.items()}
        if "language" in tracker.slots:
            tracker.slots["language"] = language

    def _finish(self) -> BotTurn:
        tracker = self._tracker
        if not self._replies:
            self._say("utter_default")
        tracker.said = list(self._replies)
        if self._remembered:
            tracker.states = [*tracker.states, *self._states][-self._runtime.project.settings.max_history :]
        return BotTurn(
            replies=tuple(self._replies),
            intent=self._parsed.intent,
            confidence=self._parsed.confidence,
            slots=tracker.filled(),
            handoff=self._handoff_reason is not None,
            handoff_reason=self._handoff_reason,
            closed=self._closed,
            state=encode(tracker),
            alternatives=self._parsed.alternatives,
            understood=not self._misunderstood,
            actions=tuple(self.trace),
        )


_BUILT_IN = {
    "action_default_fallback": Turn.say_default,
    "action_deactivate_loop": Turn.leave_form,
    "action_restart": Turn.start_anew,
}
"""Actions that every Rasa project has."""
