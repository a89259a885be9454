"""Scripted conversations: what a customer does and what must come of it, run against the flows.

They stand beside the flow in ``NAME.test.yaml``. The session is saved as JSON and loaded again between
all turns, so that a script also proves that a call survives a restart anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from ivr_flows.calendar import CalendarError, read_calendar
from ivr_flows.effects import AnyEffect
from ivr_flows.engine import advance, begin, tag
from ivr_flows.expectations import mismatches
from ivr_flows.fields import closest
from ivr_flows.inputs import (
    AnyInput,
    Connected,
    Done,
    Failed,
    HungUp,
    Keys,
    Picked,
    QueueLeft,
    Recorded,
    Silent,
    Started,
    Words,
)
from ivr_flows.instructions import Instruction
from ivr_flows.loader import SCRIPT_SUFFIX, FlowSet
from ivr_flows.session import Context, Session, Step, Traits, Turn
from ivr_flows.yaml_tree import Raw, YamlError, read_yaml

CHANNELS: Final[dict[str, Traits]] = {
    "phone": Traits("phone", speaks=True),
    "sms": Traits("sms", speaks=False),
    "web": Traits("web", speaks=False, buttons=True),
}
AUTOMATIC: Final[dict[str, dict[str, Any]]] = {
    "update_contact": {},
    "leave_queue": {},
    "save_survey": {},
    "save_voicemail": {"ticket_number": "T-1"},
    "enter_queue": {"entered": True, "reason": "", "position": 1, "expected_wait": None},
}
"""Effects that a script need not answer, and what they are answered with."""

_HEAD: Final = (
    "name", "channel", "at", "language", "customer", "company", "contact", "calendars", "variables",
    "steps",
)  # fmt: skip
_INPUTS: Final = (
    "press", "type", "speak", "pick", "silent", "recorded", "queue_left", "connect_ended",
    "hang_up", "done", "failed",
)  # fmt: skip
_MOMENT: Final = "2026-03-02T10:00:00+08:00"


class Action(msgspec.Struct, frozen=True):
    """One step of a script: its word (``press``, ``expect`` ...), what it says, and its line."""

    word: str
    data: Any
    line: int


class Conversation(msgspec.Struct, frozen=True):
    """One scripted conversation with a flow."""

    flow: str
    name: str
    file: str
    line: int
    actions: tuple[Action, ...]
    channel: str = "phone"
    at: str = _MOMENT
    language: str = ""
    customer: dict[str, Any] | None = None
    company: dict[str, Any] = {}
    contact: dict[str, Any] = {}
    calendars: dict[str, Any] = {}
    variables: dict[str, Any] = {}


class ScriptError(Exception):
    """A script that cannot be read: file, line, what is wrong, and what to do."""

    def __init__(self, file: str, line: int, message: str, remedy: str = "") -> None:
        super().__init__(f"{file}:{line}: {message}" + (f"; {remedy}" if remedy else ""))
        self.file, self.line, self.message, self.remedy = file, line, message, remedy


class Result(msgspec.Struct, frozen=True):
    """How a conversation went. ``problems`` is empty where it went as written.

    ``steps`` are the nodes passed and their exits, ``turns`` what was given and what came of it.
    """

    conversation: Conversation
    problems: tuple[str, ...]
    steps: tuple[Step, ...]
    turns: tuple[tuple[AnyInput, Turn], ...]

    @property
    def passed(self) -> bool:
        """Whether everything went as written."""
        return not self.problems


def read_script(flow: str, source: str, file: str = "") -> tuple[Conversation, ...]:
    """The conversations of one script file. Raises `ScriptError`."""
    file = file or f"{flow}{SCRIPT_SUFFIX}"
    try:
        raw = read_yaml(source)
    except YamlError as error:
        raise ScriptError(file, error.line, error.message, error.remedy) from error
    if not isinstance(raw.value, list):
        raise ScriptError(file, raw.line, "expected a list of conversations", "begin with - name: ...")
    return tuple(_conversation(flow, item, file) for item in raw.value)


def read_scripts(folder: Path | str) -> tuple[Conversation, ...]:
    """The conversations of every ``NAME.test.yaml`` in ``folder``. Raises `ScriptError`."""
    found: list[Conversation] = []
    for path in sorted(Path(folder).glob(f"*{SCRIPT_SUFFIX}")):
        flow = path.name.removesuffix(SCRIPT_SUFFIX)
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ScriptError(str(path), 1, "the file cannot be read as UTF-8 text") from error
        found += read_script(flow, source, str(path))
    return tuple(found)


def _conversation(flow: str, raw: Raw, file: str) -> Conversation:
    if not isinstance(raw.value, dict):
        raise ScriptError(file, raw.line, f"expected a conversation and found {raw.kind()}")
    for name, item in raw.value.items():
        if name not in _HEAD:
            raise ScriptError(file, item.line, f"there is no field '{name}'", closest(name, _HEAD))
    steps = raw.value.get("steps")
    if steps is None or not isinstance(steps.value, list):
        raise ScriptError(file, raw.line, "the conversation has no steps", "add steps: [...]")
    actions = tuple(_action(item, file) for item in steps.value)
    head = {name: item.data() for name, item in raw.value.items() if name != "steps"}
    try:
        conversation = msgspec.convert(
            {"name": f"line {raw.line}", **head, "flow": flow, "file": file, "line": raw.line,
             "actions": actions},
            Conversation,
        )  # fmt: skip
        datetime.fromisoformat(conversation.at)
    except (msgspec.ValidationError, ValueError) as error:
        raise ScriptError(file, raw.line, f"the conversation does not read: {error}") from error
    if conversation.channel not in CHANNELS:
        raise ScriptError(
            file, raw.line, f"there is no channel '{conversation.channel}'", "phone, sms or web"
        )
    return conversation


def _action(raw: Raw, file: str) -> Action:
    known = (*_INPUTS, "expect")
    if not isinstance(raw.value, dict) or len(raw.value) != 1:
        raise ScriptError(file, raw.line, "a step is one word and what it says", 'such as - press: "1"')
    word, item = next(iter(raw.value.items()))
    if word not in known:
        raise ScriptError(
            file, raw.line, f"there is no step '{word}'", closest(word, known, ", ".join(known))
        )
    typed = word in ("press", "type", "pick") and isinstance(item.value, str)
    return Action(word, item.value if typed else item.data(), raw.line)


# --- running -----------------------------------------------------------------------------------


class _Always(msgspec.Struct, frozen=True):
    """A calendar that is always in one state."""

    always: str

    def state(self, _: datetime) -> str:
        return self.always


class _Calendars(dict[str, Any]):
    """Every calendar that a script does not give is open."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, _Always("open"))


def _calendars(conversation: Conversation) -> _Calendars:
    made = _Calendars()
    for name, given in conversation.calendars.items():
        if isinstance(given, str):
            made[name] = _Always(given)
        else:
            made[name] = read_calendar(name, given)
    return made


def run_conversation(flows: FlowSet, conversation: Conversation) -> Result:
    """Run it; what does not go as written is in the result, nothing raises."""
    running = _Running(flows, conversation)
    try:
        running.start()
        for index, action in enumerate(conversation.actions):
            running.act(action, conversation.actions[index + 1 :])
    except _Stopped:
        pass
    return Result(conversation, tuple(running.problems), tuple(running.steps), tuple(running.turns))


def run_scripts(flows: FlowSet, folder: Path | str) -> tuple[Result, ...]:
    """Run every conversation beside the flows. Raises `ScriptError` for a script that does not read."""
    return tuple(run_conversation(flows, each) for each in read_scripts(folder))


class _Stopped(Exception):
    """The conversation cannot go on."""


class _Running:
    def __init__(self, flows: FlowSet, conversation: Conversation) -> None:
        self.flows = flows
        self.conversation = conversation
        self.problems: list[str] = []
        self.steps: list[Step] = []
        self.turns: list[tuple[AnyInput, Turn]] = []
        self.heard: list[Instruction] = []
        self.session: Session | None = None

    def start(self) -> None:
        """Begin the flow and let it run to its first wait or effect."""
        conversation = self.conversation
        if conversation.flow not in self.flows.flows:
            self._stop(conversation.line, f"there is no flow '{conversation.flow}'")
        traits = CHANNELS[conversation.channel]
        try:
            at = datetime.fromisoformat(conversation.at)
            self.context = Context(
                now=at if at.tzinfo else at.replace(tzinfo=UTC),
                traits=traits, customer=conversation.customer,
                contact={
                    "channel": conversation.channel, "speaks": traits.speaks, **conversation.contact,
                },
                company=conversation.company, calendars=_calendars(conversation),
            )  # fmt: skip
        except (CalendarError, AttributeError) as error:
            self._stop(conversation.line, f"the calendars do not read: {error}")
        self.session = begin(self.flows, conversation.flow, conversation.language, conversation.variables)
        self._give(Started())

    def act(self, action: Action, after: tuple[Action, ...]) -> None:
        """Carry out one step."""
        if not self._about_effect(action, after):
            self._answer_automatically()
        if action.word == "expect":
            for problem in mismatches(action.data, self._session(), self.heard, self.turns):
                self._problem(action.line, problem)
            return
        session = self._session()
        if session.waiting == "effect" and action.word not in ("done", "failed", "hang_up"):
            wanted = tag(session.effect) if session.effect else ""
            self._stop(action.line, f"the flow waits for effect {wanted}; answer it with done or failed")
        if session.waiting != "effect" and action.word in ("done", "failed"):
            self._stop(action.line, "the flow asked for no effect")
        if session.waiting == "ended":
            self._stop(action.line, f"the contact has ended already ({session.phase})")
        if action.word not in ("done", "failed"):
            self.heard = []
        try:
            self._give(_input(action, session.effect))
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            self._stop(action.line, f"{action.word} does not read: {error}")

    def _about_effect(self, action: Action, after: tuple[Action, ...]) -> bool:
        if action.word in ("done", "failed", "hang_up"):
            return True
        if action.word != "expect" or not isinstance(action.data, Mapping):
            return False
        return "effect" in action.data or bool(after and after[0].word in ("done", "failed"))

    def _answer_automatically(self) -> None:
        while (session := self._session()).waiting == "effect" and session.effect is not None:
            name = tag(session.effect)
            if name not in AUTOMATIC:
                return
            self._give(Done(name, AUTOMATIC[name]))

    def _give(self, given: AnyInput) -> None:
        turn = advance(self.flows, _reloaded(self._session()), given, self.context)
        self.turns.append((given, turn))
        self.steps += turn.steps
        self.heard += turn.instructions
        self.session = turn.session
        if turn.fault and not self._expects_fault():
            self._problem(self.conversation.line, f"the flow has a fault: {turn.fault}")

    def _expects_fault(self) -> bool:
        expected = [a.data for a in self.conversation.actions if a.word == "expect"]
        return any(isinstance(data, Mapping) and "fault" in data for data in expected)

    def _session(self) -> Session:
        assert self.session is not None
        return self.session

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(f"{self.conversation.file}:{line}: {message}")

    def _stop(self, line: int, message: str) -> None:
        self._problem(line, message)
        raise _Stopped


def _reloaded(session: Session) -> Session:
    return msgspec.json.decode(msgspec.json.encode(session), type=Session)


def _input(action: Action, effect: AnyEffect | None) -> AnyInput:
    data = action.data
    name = tag(effect) if effect is not None else ""
    match action.word:
        case "press":
            return Keys(str(data))
        case "type":
            return Words(str(data))
        case "speak":
            given = data if isinstance(data, dict) else {"text": str(data), "confidence": 0.9}
            return msgspec.convert(given, Words)
        case "pick":
            return Picked(str(data))
        case "silent":
            return Silent()
        case "recorded":
            return msgspec.convert(data or {}, Recorded)
        case "queue_left":
            return QueueLeft(str(data))
        case "connect_ended":
            return Connected(str(data))
        case "done":
            return Done(name, dict(data or {}))
        case "failed":
            return Failed(name, str(data))
    return HungUp()
