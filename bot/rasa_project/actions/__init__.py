"""The project's custom actions for Rasa's action server: the same code that the embedded runtime runs.

`bot.actions` decides from the conversation alone; what needs the application is asked of the engine
over its HTTP API. Start it with ``rasa run actions --actions bot.rasa_project.actions`` in the project's
folder, or leave that to ``contact-center rasa serve``. It reads from the environment:

    RASA_TOKEN     the token of engine and connector (bot.rasa.token); calls that come from nobody who has
                   it are refused. Without one, anybody's calls are answered, and the engine refuses ours
    CC_ENGINE_URL  where the engine is, for calls that do not say it
    CC_ENCODER     the engine's bot.encoder
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.actions import ACTIONS, CHECKS, ActionCall, Resources
from bot.actions.conversation import handed_off
from bot.articles import Articles
from bot.embedded.load_project import load_project
from bot.embedded.project import Project
from bot.embedded.tracker import Tracker as Memory
from bot.embedded.understanding import DEFAULT_ENCODER
from bot.nlu import load_encoder
from bot.rasa_state import ENGINE, Told, Verdict, action_key
from bot.runtime import ActionResult, Button, Reply

_log = logging.getLogger(__name__)

Event = dict[str, Any]
_SECONDS = 3.0
_ATTEMPTS = 2


@cache
def _project() -> Project:
    return load_project(Path.cwd())


@cache
def _resources() -> Resources:
    encoder = load_encoder(os.environ.get("CC_ENCODER", DEFAULT_ENCODER))
    return Resources(Articles(_project().articles, encoder.encode if encoder else None))


class SharedAction:
    """An action of `bot.actions`."""

    action = ""

    def name(self) -> str:
        """As the domain calls it."""
        return self.action

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[Event]:
        """Called by Rasa."""
        call = call_of(self.action, tracker)
        result = ACTIONS[self.action](call, _resources())
        events = events_of(result, dispatcher)
        if self.action == _project().settings.fallback_action and not any(map(_follows, events)):
            # No rule says what comes after it, so Rasa would choose it again and again.
            events.append(
                FollowupAction("action_listen" if result.leave_form else call.form or "action_listen")
            )
        return events


def _follows(event: Event) -> bool:
    return event.get("event") == "followup"


class EngineAction:
    """An action that the engine carries out."""

    action = ""

    def name(self) -> str:
        """As the domain calls it."""
        return self.action

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[Event]:
        """Called by Rasa; whatever fails behind the action, the customer gets a person."""
        call = call_of(self.action, tracker)
        try:
            result = await ask_engine(call, told_of(tracker).callback)
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError, KeyError) as error:
            _log.error("The engine did not carry out %s (%s).", self.action, type(error).__name__)
            result = handed_off(call, "action_failed")
        return events_of(result, dispatcher)


class CheckedForm:
    """The check of a form's answers by `bot.actions`."""

    action = ""

    def name(self) -> str:
        """As the domain calls it."""
        return self.action

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[Event]:
        """Called by Rasa with the slots to check; of them only those told in this message are looked
        at, because the others were accepted before."""
        candidates = tracker.slots_to_validate()
        spoken_of = told_now(tracker, self.action.removeprefix("validate_"))
        told = {name: value for name, value in candidates.items() if name in spoken_of}
        events = [SlotSet(name, value) for name, value in candidates.items()]
        if not told:
            return events
        result = CHECKS[self.action](call_of(self.action, tracker), told)
        changed = events_of(result, dispatcher)
        names = {one.get("name") for one in changed}
        return [one for one in events if one["name"] not in names] + changed


def told_now(tracker: Tracker, form: str) -> frozenset[str]:
    """The slots that the last message filled: set since then, before the form's own run."""
    names: set[str] = set()
    for event in reversed(tracker.events):
        kind = event.get("event")
        if kind == "user":
            break
        if kind == "action" and event.get("name") == form:
            names.clear()
        elif kind == "slot":
            names.add(str(event["name"]))
    return frozenset(names)


def call_of(action: str, tracker: Tracker) -> ActionCall:
    """What the action is told, from Rasa's tracker and from what the connector says beside it."""
    message = tracker.latest_message or {}
    told = told_of(tracker)
    token = os.environ.get("RASA_TOKEN", "")
    if token and not hmac.compare_digest(action_key(token), told.key):
        _log.error("A call of %s was refused: it does not come from the engine's connector.", action)
        raise ActionExecutionRejection(action, "the call does not come from the engine's connector")
    form = str((tracker.active_loop or {}).get("name") or "")
    held = _project().domain.forms.get(form)
    return ActionCall(
        action=action,
        slots={name: tracker.slots.get(name) for name in _project().domain.slots},
        text=str(message.get("text") or ""),
        intent=str((message.get("intent") or {}).get("name") or ""),
        conversation_id=told.conversation_id,
        channel=told.channel,
        language=str(tracker.slots.get("language") or ""),
        turn=told.turn,
        form=form,
        required=held.required if held else (),
        requested=str(tracker.slots.get("requested_slot") or "") if held else "",
        recent=told.recent,
        said=told.said,
    )


def told_of(tracker: Tracker) -> Told:
    """What the connector says; in a conversation of another channel of Rasa's, what its events show."""
    message = tracker.latest_message or {}
    given = (message.get("metadata") or {}).get(ENGINE)
    if given is not None:
        return msgspec.convert(given, Told)
    memory, said, before = Memory(), list[Reply](), list[Reply]()
    for event in tracker.events:
        if event.get("event") == "user":
            memory.turn += 1
            memory.note_intent(str((event.get("parse_data") or {}).get("intent", {}).get("name") or ""))
            before, said = said, []
        elif event.get("event") == "bot" and event.get("text"):
            said.append(_reply(event))
    return Told(
        conversation_id=str(tracker.sender_id),
        turn=memory.turn,
        channel=str(message.get("input_channel") or ""),
        recent=tuple(memory.recent),
        said=tuple(before),
    )


def _reply(event: Mapping[str, Any]) -> Reply:
    buttons = (event.get("data") or {}).get("buttons") or ()
    return Reply(event["text"], tuple(Button(one["title"], one["payload"]) for one in buttons))


def events_of(result: ActionResult, dispatcher: CollectingDispatcher) -> list[Event]:
    """Say what an action says, and turn what it decides into Rasa's events."""
    slots = {name: value for name, value in result.slots.items() if name in _project().domain.slots}
    for response in result.responses:
        # Rasa sets the slots after it has said this; our own responses see them before.
        dispatcher.utter_message(response=response, engine_slots=slots)
    for reply in result.replies:
        buttons = [{"title": one.title, "payload": one.payload} for one in reply.buttons]
        dispatcher.utter_message(text=reply.text, buttons=buttons)
    verdict = Verdict(result.handoff, result.closed, result.misunderstood)
    if verdict != Verdict():
        dispatcher.utter_message(json_message={ENGINE: msgspec.to_builtins(verdict)})
    events = [SlotSet(name, value) for name, value in slots.items()]
    if result.leave_form:
        events += [ActiveLoop(None), SlotSet("requested_slot", None)]
    if verdict.over:
        events.append(FollowupAction("action_listen"))
    return events


async def ask_engine(call: ActionCall, callback: str) -> ActionResult:
    """Have the engine that takes this turn carry out an action; raises what aiohttp and msgspec raise.

    Only a request that never reached it is made again: the action may be one that opens something.
    """
    engine = (callback or os.environ["CC_ENGINE_URL"]).rstrip("/")
    url = f"{engine}/api/v1/bot/actions/{call.action}"
    body = {"conversation_id": call.conversation_id, "turn": call.turn, "slots": call.slots}
    headers = {"Authorization": f"Bearer {os.environ.get('RASA_TOKEN', '')}"}
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
        for _ in range(_ATTEMPTS - 1):
            try:
                return await _post(session, url, body)
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.2)
        return await _post(session, url, body)


async def _post(session: aiohttp.ClientSession, url: str, body: Mapping[str, object]) -> ActionResult:
    async with session.post(url, json=body) as response:
        response.raise_for_status()
        return msgspec.json.decode(await response.read(), type=ActionResult)


def _declare() -> None:
    """A class for each action of the domain: Rasa's action server finds classes, not tables."""
    for action in sorted(_project().domain.actions):
        bases: tuple[type, ...] = (EngineAction, Action)
        if action in CHECKS:
            bases = (CheckedForm, FormValidationAction)
        elif action in ACTIONS:
            bases = (SharedAction, Action)
        globals()[action] = type(action, bases, {"action": action, "__module__": __name__})


_declare()
_resources()  # now: the first call would wait for it
