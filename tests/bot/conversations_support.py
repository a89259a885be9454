"""Whole conversations as text, played against any runtime of the bot and compared turn by turn.

The format is in tests/bot/conversations/README.md. What a response's name stands for is read from the
project's own files here, without the runtimes' code, so that a runtime that words it otherwise is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bot.runtime import ActionResult, Bot, BotTurn, Button, Message, Reply, SlotValue

FOLDER = Path(__file__).parent / "conversations"
FAILS = "fails"
"""In a conversation's ``actions``: the look-up cannot be done."""

FOUND: dict[str, dict[str, SlotValue]] = {
    "action_order_status": {"order_lookup": "found", "order_state": "shipped"},
    "action_ticket_status": {"ticket_lookup": "found", "ticket_state": "open"},
    "action_open_complaint": {"complaint_result": "opened", "complaint_number": "10023456"},
}
"""What the look-ups answer where a conversation says nothing else."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn: what the customer says and what must come of it. What is left out is not compared,
    except ``handoff`` and ``closed``: a turn that says nothing of them has neither."""

    user: str
    intent: str | None = None
    slots: dict[str, SlotValue] = {}
    actions: tuple[str, ...] | None = None
    says: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    handoff: str | None = None
    closed: bool = False


class Conversation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation. ``actions`` tells what look-ups answer in it: slots to set, or `FAILS`."""

    name: str
    turns: tuple[Line, ...]
    file: str
    language: str | None = None
    channel: str = "web"
    actions: dict[str, dict[str, SlotValue] | str] = {}

    @property
    def id(self) -> str:
        """What to call it, here and as the bot's conversation id."""
        return f"{self.file}: {self.name}"

    def answer(self, action: str) -> dict[str, SlotValue] | None:
        """What a look-up answers; None where it fails."""
        told = self.actions.get(action, FOUND.get(action, {}))
        return None if isinstance(told, str) else told


def load_conversations(folder: Path = FOLDER) -> list[Conversation]:
    """The conversations of a folder's files, in order; `msgspec.ValidationError` for an unknown key."""
    return [
        msgspec.convert({**raw, "file": path.stem}, Conversation)
        for path in sorted(folder.glob("*.yml"))
        for raw in _expanded(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]


def _expanded(raw: Any) -> Any:
    """``{repeat: x, times: 3}`` as "xxx", wherever it stands."""
    if isinstance(raw, dict):
        if raw.keys() == {"repeat", "times"}:
            return raw["repeat"] * raw["times"]
        return {key: _expanded(value) for key, value in raw.items()}
    return [_expanded(one) for one in raw] if isinstance(raw, list) else raw


class ScriptedActions:
    """An action runner for all of them: each conversation's look-ups answer as it says. ``calls`` are
    those made: conversation, action, and the slots it was given."""

    names = frozenset(FOUND)

    def __init__(self, conversations: Iterable[Conversation]) -> None:
        self._conversations = {one.id: one for one in conversations}
        self.calls: list[tuple[str, str, dict[str, SlotValue]]] = []

    async def run(
        self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
    ) -> ActionResult:
        name = str(context["conversation_id"])
        self.calls.append((name, action, dict(slots)))
        answer = self._conversations[name].answer(action)
        if answer is None:
            raise ConnectionError("The conversation says that this look-up fails.")
        return ActionResult(answer)


class Wording:
    """What a project says under a name: its responses and its articles."""

    def __init__(self, project: Path) -> None:
        domain = yaml.safe_load((project / "domain.yml").read_text(encoding="utf-8"))
        self.intents = {
            name for one in domain["intents"] for name in ([one] if isinstance(one, str) else one)
        }
        self.actions = {*domain["actions"], *domain["forms"], "action_deactivate_loop"}
        self.slots = set(domain["slots"])
        self.responses: dict[str, list[dict[str, Any]]] = domain["responses"]
        self.articles = {
            (path.stem, path.parent.name): _article(path) for path in project.glob("articles/*/*.md")
        }

    def knows(self, name: str) -> bool:
        """Whether an entry of ``says`` that looks like a name is one; words are always known."""
        if name.startswith("article "):
            return name.removeprefix("article ") in {article for article, _ in self.articles}
        return not name.startswith("utter_") or name in self.responses

    def fits(self, reply: Reply, name: str, known: Mapping[str, SlotValue], channel: str) -> bool:
        """Whether a reply is what ``name`` (a response, "article x", or the very words) stands for."""
        if name.startswith("article "):
            key = (name.removeprefix("article "), str(known.get("language")))
            written, spoken = self.articles.get(key, ("", ""))
            return reply.text == ((spoken or written) if channel == "voice" else written)
        if name not in self.responses:
            return reply.text == name
        fitting = [one for one in self.responses[name] if _may_be_said(one, known, channel)]
        most = max((_rank(one) for one in fitting), default=None)
        return any(_is(reply, one, known) for one in fitting if _rank(one) == most)


def _article(path: Path) -> tuple[str, str]:
    """An article as it is written and spoken ("" = as written)."""
    match = _FRONT.match(path.read_text(encoding="utf-8"))
    assert match, path.name
    return match[2].strip(), str(yaml.safe_load(match[1]).get("spoken", ""))


def _may_be_said(one: Mapping[str, Any], known: Mapping[str, SlotValue], channel: str) -> bool:
    conditions = one.get("condition", [])
    return one.get("channel", channel) == channel and all(
        known.get(each["name"]) == each["value"] for each in conditions
    )


def _rank(one: Mapping[str, Any]) -> tuple[int, bool]:
    """Rasa says conditional variations before others, and the channel's own before those for any."""
    return len(one.get("condition", [])), "channel" in one


def _is(reply: Reply, one: Mapping[str, Any], known: Mapping[str, SlotValue]) -> bool:
    text = _PLACEHOLDER.sub(lambda match: str(known.get(match[1], "")), one["text"])
    buttons = tuple(Button(each["title"], each["payload"]) for each in one.get("buttons", []))
    return (reply.text, reply.buttons) == (text, buttons)


async def play(conversation: Conversation, bot: Bot, wording: Wording) -> list[str]:
    """Hold a conversation; the differences between what came and what must come, as sentences."""
    state = ""
    differences: list[str] = []
    for number, line in enumerate(conversation.turns, 1):
        message = Message(conversation.id, line.user, conversation.language, conversation.channel)
        turn = await bot.respond(message, state)
        state = turn.state
        differences += [
            f"{conversation.id}: turn {number}, {line.user[:60]!r}: {difference}"
            for difference in compare(line, turn, conversation, wording)
        ]
    return differences


def compare(line: Line, turn: BotTurn, conversation: Conversation, wording: Wording) -> list[str]:
    """What is otherwise in a turn than its line says."""
    differences = []

    def expect(what: str, wanted: object, came: object) -> None:
        if wanted != came:
            differences.append(f"{what} is {came!r}, not {wanted!r}")

    if line.intent is not None and line.intent != turn.intent:
        ranked = ", ".join(f"{intent} {share:.2f}" for intent, share in turn.alternatives[:3])
        differences.append(f"intent is {turn.intent}, not {line.intent} ({ranked})")
    for name, value in line.slots.items():
        expect(f"slot {name}", value, turn.slots.get(name))
    if line.actions is not None:
        expect("actions", list(line.actions), list(turn.actions))
    expect("handoff", line.handoff, turn.handoff_reason)
    expect("handoff without a reason", turn.handoff_reason is not None, turn.handoff)
    expect("closed", line.closed, turn.closed)
    differences += _compare_words(line, turn, conversation, wording)
    return differences


def _compare_words(line: Line, turn: BotTurn, conversation: Conversation, wording: Wording) -> list[str]:
    said = [reply.text for reply in turn.replies]
    differences = [
        f"says {text!r}, where {word!r} must not be" for text in said for word in line.without if word in text
    ]
    if not said:
        differences.append("says nothing")
    if line.says is None:
        return differences
    known: dict[str, SlotValue] = {}
    for action in turn.actions:
        # What an action found may be forgotten at the turn's end, after it was told.
        known.update((conversation.answer(action) or {}) if action in FOUND else {})
    known.update(turn.slots)
    fits = len(said) == len(line.says) and all(
        wording.fits(reply, name, known, conversation.channel)
        for reply, name in zip(turn.replies, line.says, strict=True)
    )
    return differences if fits else [*differences, f"says {said}, not {list(line.says)}"]
