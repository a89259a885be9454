"""One turn: message and tracker in, replies and the changed tracker out.

Who decides is as in Rasa's RulePolicy and MemoizationPolicy: an active form first; where it cannot
use the message, the most specific rule; then stories; then the fallback action. A form that was
interrupted by a rule asks again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from bot.embedded.project import Form, Project, Trigger
from bot.embedded.responses import say
from bot.embedded.slots import expected_entities, fill_slots
from bot.embedded.stories import LISTEN, StoryMemory
from bot.embedded.text import clean, language_of_tag, writing_language
from bot.embedded.tracker import Tracker, encode
from bot.embedded.understanding import FALLBACK_INTENT, Parsed, Understanding, parse_payload
from bot.runtime import ActionRunner, BotTurn, Message, Reply
from bot.shipped import CHECKS, SMALL_TALK, forgotten_after

_log = logging.getLogger(__name__)
_MOST_ACTIONS = 12
_MISUNDERSTOOD_BEFORE_HANDOFF = 2
_SUMMARY_SLOT = "handoff_summary"


class Runtime(msgspec.Struct, frozen=True):
    """What every turn of a project needs."""

    project: Project
    understanding: Understanding
    stories: StoryMemory
    actions: ActionRunner


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
        self._forget: tuple[str, ...] = ()

    async def run(self) -> BotTurn:
        """Answer the message."""
        tracker = self._tracker
        tracker.turn += 1
        text = clean(self._message.text)
        self._choose_language(text)
        self._parsed = parse_payload(text, self._domain) or self._understand(text)
        self._told = fill_slots(self._domain, tracker, self._parsed)
        tracker.chosen = tracker.chosen or "language" in self._told
        if self._parsed.rule_intent not in {FALLBACK_INTENT, *SMALL_TALK}:
            tracker.note_intent(self._parsed.rule_intent)
        await self._decide()
        return self._finish()

    def _understand(self, text: str) -> Parsed:
        if not text:
            return Parsed(text="", intent=FALLBACK_INTENT, confidence=0.0)
        expected = expected_entities(self._domain, self._tracker)
        return self._runtime.understanding.parse(text, expected)

    def _choose_language(self, text: str) -> None:
        """The customer's wish first, then the writing of the message, then the caller's word."""
        tracker = self._tracker
        slot = self._domain.slots.get("language")
        if slot is None:
            return
        hint = language_of_tag(self._message.language) or ""
        if hint != tracker.hinted and hint in slot.values:
            tracker.hinted = hint
            tracker.chosen = False
            tracker.slots["language"] = hint
        written = None if text.startswith("/") else writing_language(text)
        if written in slot.values and not tracker.chosen:
            tracker.slots["language"] = written

    async def _decide(self) -> None:
        tracker = self._tracker
        if tracker.loop and await self._answer_form():
            await self._carry_out()
            return
        intent = self._parsed.rule_intent
        trigger = self._find_rule(intent)
        if trigger is not None:
            self._plan = list(trigger.plan)
            if intent in self._runtime.stories.intents:
                self._remember(trigger.plan)
            await self._carry_out()
        elif not tracker.loop and (plan := self._follow_story(intent)):
            self._plan = plan
            self._remember(tuple(plan))
            await self._carry_out()
        else:
            self._plan = [self._runtime.project.settings.fallback_action]
            await self._carry_out()

    def _find_rule(self, intent: str) -> Trigger | None:
        tracker = self._tracker
        fitting = [
            rule
            for rule in self._runtime.project.triggers
            if rule.intent == intent
            and rule.loop in (None, tracker.loop)
            and all(tracker.slots.get(name) == value for name, value in rule.slots)
        ]
        return max(fitting, key=lambda rule: (rule.loop is not None, len(rule.slots)), default=None)

    def _follow_story(self, intent: str) -> list[str]:
        plan: list[str] = []
        states = list(self._tracker.states)
        before = LISTEN
        while len(plan) < _MOST_ACTIONS:
            states.append((intent, before, ""))
            action = self._runtime.stories.next_action(states)
            if action is None or action == LISTEN:
                break
            plan.append(action)
            before = action
        return plan

    def _remember(self, plan: tuple[str, ...]) -> None:
        """Add this turn's states; what was before each action, and before listening again."""
        tracker = self._tracker
        intent = self._parsed.rule_intent
        for before in (LISTEN, *plan):
            tracker.states.append((intent, before, tracker.loop))
        tracker.states = tracker.states[-self._runtime.project.settings.max_history :]

    async def _carry_out(self) -> None:
        """Run the plan; a form left active without having asked asks again."""
        done = 0
        while self._plan and not self._over:
            done += 1
            if done > _MOST_ACTIONS:
                _log.warning("A bot turn was cut off after %d actions.", _MOST_ACTIONS)
                return
            await self._act(self._plan.pop(0))
        if self._tracker.loop and not self._asked and not self._over:
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
            self.hand_off("action_failed")
            return
        for name, value in result.slots.items():
            if name in tracker.slots:
                tracker.slots[name] = value
        self._replies += result.replies
        self._forget += forgotten_after(action, tracker.slots)

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
        refused = await self._check(form, told)
        self._told = self._told - told
        if self._over:
            return
        for slot in form.required:
            if tracker.slots.get(slot) in (None, []):
                tracker.requested = slot
                self._asked = True
                if not refused:
                    specific = f"utter_ask_{form.name}_{slot}"
                    asks = specific if specific in self._domain.responses else f"utter_ask_{slot}"
                    self._say(asks)
                return
        tracker.leave_form()
        submits = [
            rule
            for rule in self._runtime.project.submits
            if rule.form == form.name and all(tracker.slots.get(name) == value for name, value in rule.slots)
        ]
        if submits:
            self._plan = [*max(submits, key=lambda rule: len(rule.slots)).plan, *self._plan]

    async def _check(self, form: Form, told: frozenset[str]) -> bool:
        """Empty the slots whose new values are not accepted, say why; True where there were any."""
        action = f"validate_{form.name}"
        if action not in self._domain.actions or not told:
            return False
        tracker = self._tracker
        candidates = {name: tracker.slots[name] for name in told}
        if action in self._runtime.actions.names:
            await self._run_custom(action)
            refused = {name: "" for name in told if tracker.slots[name] is None}
        else:
            refused = CHECKS[action](candidates) if action in CHECKS else {}
        for name, response in refused.items():
            tracker.slots[name] = None
            if response:
                self._say(response)
        if refused:
            self._count_misunderstanding()
        return bool(refused)

    def misunderstand(self) -> None:
        """Ask to say it differently; the second time in a row hand over."""
        self._count_misunderstanding()
        if not self._over:
            out = self._parsed.intent == "out_of_scope" and "utter_out_of_scope" in self._domain.responses
            self._say("utter_out_of_scope" if out else "utter_rephrase")

    def _count_misunderstanding(self) -> None:
        self._misunderstood = True
        self._tracker.misunderstood += 1
        if self._tracker.misunderstood >= _MISUNDERSTOOD_BEFORE_HANDOFF:
            self.hand_off("misunderstood")

    def hand_off(self, reason: str = "requested") -> None:
        """Give the conversation to a person, with what has been learnt."""
        tracker = self._tracker
        tracker.leave_form()
        tracker.misunderstood = 0
        if _SUMMARY_SLOT in tracker.slots:
            tracker.slots[_SUMMARY_SLOT] = None
            told = "; ".join(f"{name}: {value}" for name, value in tracker.filled().items())
            wanted = ", ".join(tracker.recent)
            tracker.slots[_SUMMARY_SLOT] = f"wanted: {wanted or '-'}; {told or '-'}"
        self._replies.clear()
        self._say("utter_handoff")
        self._handoff_reason = reason
        self._over = True

    def repeat(self) -> None:
        """Say the last answer again; inside a form its question is asked again anyway."""
        if self._tracker.loop:
            return
        if self._tracker.said:
            self._replies += self._tracker.said
        else:
            self._say("utter_nothing_to_repeat")

    def go_back(self) -> None:
        """Empty the answer before the present question; the form then asks for it again."""
        tracker = self._tracker
        form = self._domain.forms.get(tracker.loop)
        if form is None:
            self._say("utter_default")
            return
        position = form.required.index(tracker.requested) if tracker.requested else 0
        if position:
            tracker.slots[form.required[position - 1]] = None

    def end_conversation(self) -> None:
        self._closed = True
        self._tracker.leave_form()

    def fall_back(self) -> None:
        """No rule and no story: say what can be done; inside a form that is a misunderstanding."""
        if self._tracker.loop:
            self.misunderstand()
        else:
            self._say("utter_default")

    def leave_form(self) -> None:
        """The customer stopped: what was told for this form alone is forgotten."""
        self._forget += forgotten_after(self._tracker.loop, self._tracker.slots)
        self._tracker.leave_form()

    def start_anew(self) -> None:
        tracker = self._tracker
        tracker.leave_form()
        language = tracker.slots.get("language")
        tracker.slots = {name: slot.initial for name, slot in self._domain.slots.items()}
        if "language" in tracker.slots:
            tracker.slots["language"] = language

    def _finish(self) -> BotTurn:
        tracker = self._tracker
        slots = tracker.filled()
        for name in self._forget:
            tracker.slots[name] = None
        if not self._misunderstood:
            tracker.misunderstood = 0
        if not self._replies:
            self._say("utter_default")
        tracker.said = list(self._replies)
        return BotTurn(
            replies=tuple(self._replies),
            intent=self._parsed.intent,
            confidence=self._parsed.confidence,
            slots=slots,
            handoff=self._handoff_reason is not None,
            handoff_reason=self._handoff_reason,
            closed=self._closed,
            state=encode(tracker),
        )


_BUILT_IN = {
    "action_handoff": Turn.hand_off,
    "action_misunderstood": Turn.misunderstand,
    "action_repeat": Turn.repeat,
    "action_go_back": Turn.go_back,
    "action_end_conversation": Turn.end_conversation,
    "action_default_fallback": Turn.fall_back,
    "action_deactivate_loop": Turn.leave_form,
    "action_restart": Turn.start_anew,
}
"""Actions of the project and of Rasa itself that need nothing from outside."""
