"""A telephone in the terminal for trying flows: it prints what is said and takes keys and words.

Nothing is stored and nobody is called: what the application would do (an effect) is asked of the
person at the keyboard, with an answer ready to be taken by pressing Enter.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ivr_flows import Context, FlowSet, Session, Turn, advance, begin
from ivr_flows.calendar import ALWAYS_OPEN, BusinessCalendar
from ivr_flows.effects import AnyEffect
from ivr_flows.inputs import (
    AnyInput,
    Connected,
    Done,
    Failed,
    HungUp,
    Keys,
    QueueLeft,
    Recorded,
    Silent,
    Started,
    Words,
)
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Pause,
    Play,
    RecordMessage,
    Say,
    Talk,
    WaitInQueue,
)

HELP: Final = (
    "Type keys (0-9 * #) or words; Enter alone is silence; 'hangup' ends; 'where' shows the node; "
    "'again' prints the question again."
)
_DUE: Final = "2026-03-03T10:00:00+00:00"
CANNED: Final[dict[str, dict[str, Any]]] = {
    "look_up": {
        "found": True,
        "allowed": True,
        "record": {
            "number": "10001",
            "status": "shipped",
            "placed_at": "2026-02-27T09:00:00+00:00",
            "promised_at": _DUE,
            "total": "128.00",
            "currency": "CNY",
            "items": [],
        },
    },
    "ask_bot": {
        "replies": [{"text": "(the bot's reply)", "buttons": []}],
        "intent": "",
        "confidence": 1.0,
        "slots": {},
        "handoff": False,
        "handoff_reason": "",
        "closed": False,
        "state": "1",
    },
    "open_ticket": {
        "number": "104273",
        "spoken_number": "1 0 4, 2 7 3",
        "joined": False,
        "priority": 2,
        "due_at": _DUE,
    },
    "ticket_status": {
        "found": True,
        "number": "104273",
        "spoken_number": "1 0 4, 2 7 3",
        "status": "in_progress",
        "due_at": _DUE,
        "subject": "",
    },
    "enter_queue": {"entered": True, "reason": "", "position": 1, "expected_wait": 60},
    "request_callback": {
        "accepted": True,
        "reason": "",
        "number_spoken": "1 2 3 4",
        "due_at": _DUE,
    },
    "http_request": {"ok": True, "status": 200, "body": {}},
    "save_voicemail": {"ticket_number": "104273"},
}
"""What each effect is answered with when the person at the keyboard only presses Enter."""
SILENTLY: Final = frozenset({"update_contact", "leave_queue", "save_survey", "enter_queue"})
"""Effects that nobody needs to be asked about."""
_QUEUE_ENDS: Final = ("answered", "timed_out", "full", "closed", "error")
_CALL_ENDS: Final = ("answered", "busy", "no_answer", "failed", "canceled")


Ask = Callable[[str], str]
Tell = Callable[[str], None]


class Caller(msgspec.Struct, frozen=True):
    """Who is calling, how and when."""

    context: Context
    language: str = ""


class Telephone:
    """One contact with a flow, driven by a person (or a test) at a keyboard.

    ``ask`` shows a prompt and gives back a line (EOFError hangs up); ``tell`` prints one.
    """

    def __init__(self, flows: FlowSet, caller: Caller, ask: Ask, tell: Tell) -> None:
        self._flows = flows
        self._context = caller.context
        self._language = caller.language
        self._ask = ask
        self._tell = tell
        self._shown: tuple[Instruction, ...] = ()

    def call(self, flow: str) -> Session:
        """Play ``flow`` to its end; answers with the last session."""
        session = begin(self._flows, flow, self._language)
        turn = self._take(session, Started())
        while turn.session.waiting != "ended":
            effect = turn.session.effect
            given = self._carry_out(effect) if effect else self._listen(turn.session)
            turn = self._take(turn.session, given)
        return turn.session

    def _take(self, session: Session, given: AnyInput) -> Turn:
        turn = advance(self._flows, session, given, self._context)
        if turn.fault:
            self._tell(f"! fault: {turn.fault}")
        for instruction in turn.instructions:
            self._print(instruction)
        if turn.instructions:
            self._shown = turn.instructions
        return turn

    def _listen(self, session: Session) -> AnyInput:
        """Ask for lines until one of them is something that can happen here."""
        waiting = self._shown[-1]
        while True:
            try:
                line = self._ask(_prompt(waiting)).strip()
            except EOFError:
                return HungUp()
            if line == "hangup":
                return HungUp()
            if line == "where":
                self._tell(f"  {session.flow}.{session.node}  {json_text(session.variables)}")
            elif line == "again":
                self._print(waiting)
            elif line == "help":
                self._tell(HELP)
            else:
                return self._given(waiting, line)

    def _given(self, waiting: Instruction, line: str) -> AnyInput:
        if isinstance(waiting, WaitInQueue) and line in ("", *_QUEUE_ENDS):
            return QueueLeft(line or "answered")
        if isinstance(waiting, Connect) and line in ("", *_CALL_ENDS):
            return Connected(line or "answered")
        speaks = self._context.traits.speaks
        if isinstance(waiting, RecordMessage) and (speaks or not line):
            return Recorded(seconds=float(len(line)) / 10)
        if not line:
            return Silent()
        keyed = line.removesuffix("#") or line
        if speaks and set(line) <= set("0123456789*#"):
            return Keys(keyed)
        return Words(line, 0.9 if speaks else None)

    def _carry_out(self, effect: AnyEffect) -> Done | Failed:
        tag = str(effect.__struct_config__.tag)
        canned = CANNED.get(tag, {})
        if tag in SILENTLY:
            return Done(tag, canned)
        self._tell(f"* {tag} {json_text(msgspec.to_builtins(effect), leave_out='effect')}")
        while True:
            try:
                line = self._ask("  result (Enter, JSON, 'failed REASON'): ").strip()
            except EOFError:
                line = ""
            if line.startswith("failed"):
                return Failed(tag, line.removeprefix("failed").strip() or "error")
            try:
                given = json.loads(line or "{}")
            except json.JSONDecodeError:
                given = None
            if isinstance(given, dict):
                return Done(tag, {**canned, **given})
            self._tell('  not a JSON object; write something like {"found": false}')

    def _print(self, instruction: Instruction) -> None:
        for line in _lines(instruction, speaks=self._context.traits.speaks):
            self._tell(line)


def _prompt(waiting: Instruction) -> str:
    if isinstance(waiting, WaitInQueue):
        return f"[in queue {waiting.queue}; {' '.join(_QUEUE_ENDS)} or a key] > "
    if isinstance(waiting, Connect):
        return f"[calling {waiting.target}; {' '.join(_CALL_ENDS)}] > "
    return "[speak after the tone] > " if isinstance(waiting, RecordMessage) else "> "


def _lines(instruction: Instruction, *, speaks: bool) -> list[str]:
    """What a person hears or reads, a line each."""
    match instruction:
        case Talk():
            return ["  (talking with an agent)"]
        case Say(text=text):
            return [f"  {text}"]
        case Play(url=url, text=text):
            return [f"  (plays {url}) {text}".rstrip()]
        case Pause(seconds=seconds):
            return [f"  ({seconds} s of silence)"]
        case HangUp(reason=reason):
            return [f"  -- the end ({reason}) --"]
        case WaitInQueue(announcements=prompts) | RecordMessage(prompts=prompts):
            return _spoken(prompts, speaks)
        case Connect(prompts=prompts):
            return _spoken(prompts, speaks)
        case Listen(prompts=prompts, options=options, offer_options=offer):
            shown = [] if speaks or not offer else [f"    {o.key} {o.label}" for o in options]
            return _spoken(prompts, speaks) + shown


def _spoken(prompts: tuple[Say | Play | Pause, ...], speaks: bool) -> list[str]:
    return [line for prompt in prompts for line in _lines(prompt, speaks=speaks)]


def json_text(data: Any, leave_out: str = "") -> str:
    """Data on one line, Chinese readable, without empty values."""
    if isinstance(data, dict):
        data = {k: v for k, v in data.items() if k != leave_out and v not in ("", None, {}, [])}
    return json.dumps(data, ensure_ascii=False, default=str)


def calendars(flows: FlowSet, state: str, now: datetime) -> dict[str, BusinessCalendar]:
    """Every calendar that the flows name, in one state: ``open``, ``closed`` or ``holiday``."""
    nodes = [node for flow in flows.flows.values() for node in flow.nodes.values()]
    names = {str(calendar) for node in nodes if (calendar := getattr(node, "calendar", ""))}
    today = now.astimezone(UTC).date().isoformat()
    made = {
        "open": ALWAYS_OPEN,
        "closed": BusinessCalendar(name="closed"),
        "holiday": BusinessCalendar(name="holiday", holidays={today: "holiday"}),
    }[state]
    return dict.fromkeys(names, made)
