"""The conversations of tests/bot/conversations, held with the embedded runtime."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from bot.runtime import ActionResult, BotTurn, Reply
from tests.bot.conversations_support import (
    FOLDER,
    FOUND,
    Conversation,
    Line,
    ScriptedActions,
    Wording,
    compare,
    load_conversations,
    play,
)

CONVERSATIONS = load_conversations()
WORDING = Wording(SHIPPED_PROJECT)


@pytest.fixture(scope="module")
def scripted(model_cache: Path) -> EmbeddedBot:
    """The shipped bot whose look-ups answer as each conversation says; it holds nothing between turns."""
    ready = EmbeddedBot.load(SHIPPED_PROJECT, model_cache, ScriptedActions(CONVERSATIONS))
    asyncio.run(ready.start())
    return ready


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.id)
async def test_conversation(conversation: Conversation, scripted: EmbeddedBot) -> None:
    differences = await play(conversation, scripted, WORDING)
    assert not differences, "\n".join(differences)


def test_names_are_names_of_the_project_and_of_one_conversation_each() -> None:
    names = [one.id for one in CONVERSATIONS]
    assert len(names) == len(set(names))
    for conversation in CONVERSATIONS:
        assert conversation.actions.keys() <= FOUND.keys(), conversation.id
        for line in conversation.turns:
            assert {*line.slots} <= WORDING.slots, conversation.id
            assert line.intent is None or line.intent in WORDING.intents, conversation.id
            assert [name for name in line.says or () if not WORDING.knows(name)] == [], conversation.id
            for action in line.actions or ():
                assert action in {*WORDING.actions, *WORDING.responses}, conversation.id


def test_every_intent_and_every_response_occurs() -> None:
    lines = [line for conversation in CONVERSATIONS for line in conversation.turns]
    assert {line.intent for line in lines} >= WORDING.intents
    said = {name for line in lines for name in line.says or ()}
    assert {name for name in WORDING.responses if name not in said} == SAID_NOWHERE


SAID_NOWHERE = {"utter_action_unavailable"}
"""Said where a look-up is not installed at all."""


def test_there_are_enough_in_each_language_and_channel() -> None:
    assert len(CONVERSATIONS) >= 80
    for language in ("en", "zh-CN"):
        assert sum(one.language == language for one in CONVERSATIONS) >= 25
    assert sum(one.channel == "voice" for one in CONVERSATIONS) >= 5


def _turn(**changes: object) -> BotTurn:
    plain = BotTurn((Reply("Hm"),), "greet", 0.9, {"language": "en"}, False, None, False, "")
    return msgspec.structs.replace(plain, **changes)


DIFFERENT = [
    (Line("x", intent="stop"), _turn(), "intent is greet"),
    (Line("x", slots={"reach": "same"}), _turn(), "slot reach is None"),
    (Line("x", slots={"language": None}), _turn(), "slot language is 'en'"),
    (Line("x", actions=("utter_greet",)), _turn(), "actions is []"),
    (Line("x"), _turn(handoff=True, handoff_reason="requested"), "handoff is 'requested'"),
    (Line("x"), _turn(closed=True), "closed is True"),
    (Line("x", handoff="requested"), _turn(), "handoff is None"),
    (Line("x", says=("utter_greet",)), _turn(), "says ['Hm']"),
    (Line("x", says=("Hm", "Hm")), _turn(), "says ['Hm']"),
    (Line("x", without=("H",)), _turn(), "must not be"),
    (Line("x"), _turn(replies=()), "says nothing"),
]


@pytest.mark.parametrize(
    ("line", "turn", "says"), DIFFERENT, ids=lambda one: one if isinstance(one, str) else ""
)
def test_each_difference_is_seen(line: Line, turn: BotTurn, says: str) -> None:
    (difference,) = compare(line, turn, Conversation("x", (line,), "x"), WORDING)
    assert says in difference


def test_the_same_is_no_difference() -> None:
    line = Line("x", intent="greet", slots={"language": "en"}, actions=(), says=("Hm",))
    assert compare(line, _turn(), Conversation("x", (line,), "x"), WORDING) == []


def test_a_word_too_much_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("- {name: x, turns: [{user: hi, intnt: greet}]}")
    with pytest.raises(msgspec.ValidationError, match="intnt"):
        load_conversations(tmp_path)


async def test_look_ups_answer_as_the_conversation_says() -> None:
    fails = Conversation("x", (), "x", actions={"action_order_status": "fails"})
    actions = ScriptedActions([fails])
    context = {"conversation_id": fails.id}
    with pytest.raises(ConnectionError):
        await actions.run("action_order_status", {}, context)
    answer = await actions.run("action_ticket_status", {}, context)
    assert answer == ActionResult(FOUND["action_ticket_status"])


def test_the_format_is_told_beside_the_conversations() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for field in (*Line.__struct_fields__, *Conversation.__struct_fields__):
        assert f"`{field}`" in told or field == "file", field
