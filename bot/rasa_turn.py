"""One turn on a Rasa server: what `bot.embedded.turn.Turn` does, with Rasa deciding.

It runs in Rasa's process and drives the steps of Rasa's message processor (3.6.21) itself, because
`handle_message` would store the conversation, and would not tell which actions were taken.
"""

from __future__ import annotations

from typing import Any

import msgspec
from rasa.core.actions import action as rasa_actions
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import ActionLimitReached
from rasa.shared.core.constants import SlotMappingType
from rasa.shared.core.events import ActionExecuted, SlotSet, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from bot.actions import ActionCall
from bot.actions.conversation import handed_off
from bot.embedded.language import SLOT as LANGUAGE
from bot.embedded.language import choose_language
from bot.embedded.project import Project
from bot.embedded.stories import LISTEN, State, featured
from bot.embedded.text import clean
from bot.embedded.tracker import Tracker, decode, encode
from bot.embedded.understanding import FALLBACK_INTENT, parse_payload
from bot.rasa_state import ENGINE, GUARD, TODAY, Told, Verdict, events_of, take_back
from bot.runtime import BotTurn, Button, Message, Reply

_MOST_ALTERNATIVES = 3


def _leave_buttons_alone() -> None:
    """A button is nobody's words. Rasa, at each message and again when a form begins, would empty the
    slots that are filled by words, and offers no hook against it."""
    extract = rasa_actions.extract_slot_value_from_predefined_mapping

    def extract_words(kind: Any, mapping: dict[str, Any], tracker: DialogueStateTracker) -> list[Any]:
        if kind == SlotMappingType.FROM_TEXT and not (tracker.latest_message and tracker.latest_message.text):
            return []
        return list(extract(kind, mapping, tracker))

    rasa_actions.extract_slot_value_from_predefined_mapping = extract_words


_leave_buttons_alone()


class Understood(msgspec.Struct, frozen=True):
    """What the pipeline, or a button, said."""

    text: str | None
    parse_data: dict[str, Any]
    intent: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...] = ()


class RasaTurn:
    """The work of one turn; use once."""

    def __init__(
        self,
        processor: Any,
        project: Project,
        message: Message,
        output: Any,
        failures: list[str],
        told: Told,
    ) -> None:
        self._processor = processor
        self._project = project
        self._domain = project.domain
        self._message = message
        self._output = output
        self._failures = failures
        self._told = told
        self._trace: list[str] = []
        self._states: list[State] = []
        self._verdict = Verdict()
        self._replies: list[Reply] = []

    async def run(self, state: str) -> BotTurn:
        """Answer the message."""
        tracker = decode(state, self._domain)
        tracker.turn += 1
        text = clean(self._message.text)
        slot = self._domain.slots.get(LANGUAGE)
        choose_language(tracker, slot.values if slot else (), self._message, text)
        rasa = self._rasa_tracker(tracker)
        understood = await self._understand(text, rasa)
        tracker.note_intent(understood.intent)
        await self._hear(understood, tracker, rasa)
        loop = tracker.loop
        await self._act(understood, tracker, rasa)
        await self._hear_failures(understood, tracker, rasa)
        take_back(tracker, rasa.current_slot_values(), rasa.active_loop_name)
        self._remember(understood.intent, loop, tracker)
        if not self._replies:
            await self._say("utter_default", rasa)
        tracker.said = list(self._replies)
        return BotTurn(
            replies=tuple(self._replies),
            intent=understood.intent,
            confidence=understood.confidence,
            slots=tracker.filled(),
            handoff=self._verdict.handoff is not None,
            handoff_reason=self._verdict.handoff,
            closed=self._verdict.closed,
            state=encode(tracker),
            alternatives=understood.alternatives,
            understood=not self._verdict.misunderstood,
            actions=tuple(self._trace),
        )

    def _rasa_tracker(self, tracker: Tracker) -> DialogueStateTracker:
        events = deserialise_events(list(events_of(tracker, self._domain)))
        rasa = DialogueStateTracker.from_events(
            self._message.conversation_id, events, slots=self._processor.domain.slots
        )
        rasa.model_id = self._processor.model_metadata.model_id
        rasa.assistant_id = self._processor.model_metadata.assistant_id
        return rasa

    async def _understand(self, text: str, rasa: DialogueStateTracker) -> Understood:
        payload = parse_payload(text, self._domain)
        if payload is not None or not text:
            intent = payload.intent if payload else FALLBACK_INTENT
            confidence = payload.confidence if payload else 0.0
            entities = [
                {"entity": one.entity, "start": 0, "end": 0, "value": one.value}
                for one in (payload.entities if payload else ())
            ]
            data = {"text": "", "intent": {"name": intent, "confidence": confidence}, "entities": entities}
            return Understood(None, data, intent, confidence)
        asked = UserMessage(f"{GUARD}{text}" if text.startswith("/") else text)
        before = TODAY.set(self._message.today)
        try:
            data = await self._processor.parse_message(asked, rasa)
        finally:
            TODAY.reset(before)
        intent = data["intent"]["name"] or FALLBACK_INTENT
        ranking = [(one["name"], round(float(one["confidence"]), 4)) for one in data["intent_ranking"]]
        alternatives = tuple(pair for pair in ranking if pair[0] != FALLBACK_INTENT)[:_MOST_ALTERNATIVES]
        confidence = alternatives[0][1] if alternatives else 0.0
        return Understood(text, data | {"text": text}, intent, confidence, alternatives)

    async def _hear(self, understood: Understood, tracker: Tracker, rasa: DialogueStateTracker) -> None:
        """Put the message into Rasa's tracker and fill the slots that it tells."""
        told = msgspec.structs.replace(
            self._told, turn=tracker.turn, recent=tuple(tracker.recent), said=tuple(tracker.said)
        )
        said = UserMessage(
            understood.text,
            self._output,
            self._message.conversation_id,
            parse_data=understood.parse_data,
            input_channel=self._message.channel,
            metadata={ENGINE: msgspec.to_builtins(told)},
        )
        processor = self._processor
        await processor._handle_message_with_tracker(said, rasa)
        extract = rasa_actions.action_for_name_or_text(
            "action_extract_slots", processor.domain, processor.action_endpoint
        )
        events = await extract.run(self._output, processor.nlg, rasa, processor.domain)
        rasa.update_with_events(events, processor.domain)
        told_language = any(isinstance(one, SlotSet) and one.key == LANGUAGE for one in events)
        tracker.chosen = tracker.chosen or told_language

    async def _act(self, understood: Understood, tracker: Tracker, rasa: DialogueStateTracker) -> None:
        """Rasa's prediction loop, which here ends with the turn and leaves a trace."""
        before, more = LISTEN, True
        while more and not self._verdict.over and not self._failures:
            self._states.append(self._state(understood.intent, before, rasa))
            try:
                action, prediction = self._processor.predict_next_with_tracker_if_should(rasa)
            except ActionLimitReached:
                return
            seen = len(rasa.events)
            more = await self._processor._run_action(
                action, rasa, self._output, self._processor.nlg, prediction
            )
            done = [one for one in list(rasa.events)[seen:] if isinstance(one, ActionExecuted)]
            if not done and not self._failures:
                self._states.pop()  # a form that had no use for the message
            for one in done:
                if one.action_name != LISTEN:
                    before = one.action_name
                    self._trace.append(before)
            self._take_words()

    def _state(self, intent: str, before: str, rasa: DialogueStateTracker) -> State:
        # Rasa hides from stories the forms that only rules run, and here only rules do.
        return intent, before, "", featured(self._domain, rasa.current_slot_values())

    def _take_words(self) -> None:
        """What was said and decided since the last look."""
        for message in self._output.messages:
            custom = message.get("custom")
            if isinstance(custom, dict) and ENGINE in custom:
                verdict = msgspec.convert(custom[ENGINE], Verdict)
                self._verdict = Verdict(
                    handoff=verdict.handoff or self._verdict.handoff,
                    closed=verdict.closed or self._verdict.closed,
                    misunderstood=verdict.misunderstood or self._verdict.misunderstood,
                )
            if message.get("text"):
                self._replies.append(_reply(message))
        self._output.messages.clear()

    async def _hear_failures(
        self, understood: Understood, tracker: Tracker, rasa: DialogueStateTracker
    ) -> None:
        """Whatever fails behind an action, the customer gets a person and never silence."""
        if not self._failures:
            return
        if self._failures[0] == "unknown":
            await self._say("utter_action_unavailable", rasa)
            return
        held = rasa.current_slot_values()
        call = ActionCall(
            action=self._trace[-1] if self._trace else "",
            slots={name: held.get(name) for name in self._domain.slots},
            text=understood.text or "",
            intent=understood.intent,
            recent=tuple(tracker.recent),
        )
        result = handed_off(call, "action_failed")
        for name, value in result.slots.items():
            if name in self._domain.slots:
                rasa.update(SlotSet(name, value), self._processor.domain)
        for response in result.responses:
            await self._say(response, rasa)
        rasa.update_with_events(
            deserialise_events([{"event": "active_loop", "name": None}]), self._processor.domain
        )
        self._verdict = Verdict(handoff=result.handoff, misunderstood=self._verdict.misunderstood)

    async def _say(self, response: str, rasa: DialogueStateTracker) -> None:
        message = await self._processor.nlg.generate(response, rasa, self._output.name())
        if message is not None:
            self._replies.append(_reply(message))

    def _remember(self, intent: str, loop: str, tracker: Tracker) -> None:
        """Keep the states that stories look at, as the embedded runtime does."""
        project = self._project
        named = {step.name for story in project.stories for step in story.steps if step.kind == "intent"}
        first = self._trace[0] if self._trace else ""
        if intent not in named or first in ("", project.settings.fallback_action, loop):
            return
        rules = [rule for rule in project.triggers if rule.intent == intent and rule.loop in (None, loop)]
        by_itself = loop and self._trace[-1] == loop and not any(loop in rule.plan for rule in rules)
        states = self._states[:-1] if by_itself else self._states
        tracker.states = [*tracker.states, *states][-project.settings.max_history :]


def _reply(message: dict[str, Any]) -> Reply:
    buttons = tuple(Button(one["title"], one["payload"]) for one in message.get("buttons") or ())
    return Reply(message["text"], buttons)
