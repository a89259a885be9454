"""Whatever is said, a Rasa server and the embedded runtime do the same, and may take turns at it."""

from __future__ import annotations

import random
from itertools import groupby

import msgspec
import pytest

from bot.embedded import EmbeddedBot
from bot.rasa_server import RasaServerBot
from bot.runtime import BotTurn, Message
from tests.bot.conversations_support import Conversation, load_conversations

pytestmark = pytest.mark.rasa

CONVERSATIONS = load_conversations()
SMALL = [next(group) for _, group in groupby(CONVERSATIONS, key=lambda one: one.file)]
"""One conversation of each file."""

PAYLOADS = (
    "/affirm", "/deny", "/stop", "/go_back", "/repeat", "/human", "/order_status", "/complaint",
    "/complaint_status", "/refund", "/cancel_order", "/delivery_problem", "/inform", "/greet",
    "/nlu_fallback", "/out_of_scope", "/faq", "/change_order", "/opening_hours", "/goodbye", "/thanks",
    "/frustrated", '/inform{"order_number": "B20931"}', '/inform{"severity": "urgent"}',
    '/inform{"phone": "+447700900123"}', '/change_language{"language": "zh"}',
)  # fmt: skip
_CLOSE = 0.0002
"""How far two confidences may be apart: the two Pythons have different versions of NumPy."""


def alike(turn: BotTurn, other: BotTurn) -> BotTurn:
    """``other`` with the numbers of ``turn``, and its order of what is equally unlikely, where they differ by
    rounding only."""
    confidence = other.confidence
    if abs(confidence - turn.confidence) <= _CLOSE:
        confidence = turn.confidence
    pairs = list(zip(turn.alternatives, other.alternatives, strict=False))
    near = all(abs(one[1] - two[1]) <= _CLOSE for one, two in pairs)
    same = len(turn.alternatives) == len(other.alternatives) and all(
        one[0] == two[0] for one, two in pairs[:1]
    )
    alternatives = turn.alternatives if near and same else other.alternatives
    return msgspec.structs.replace(other, confidence=confidence, alternatives=alternatives)


async def play(conversation: Conversation, embedded: EmbeddedBot, rasa: RasaServerBot) -> None:
    """Each turn on both from the state that the other left."""
    state = other = ""
    for line in conversation.turns:
        message = Message(conversation.id, line.user, conversation.language, conversation.channel)
        turn = await embedded.respond(message, other)
        served = await rasa.respond(message, state)
        assert alike(turn, served) == turn, line.user[:80]
        state, other = turn.state, served.state


@pytest.mark.parametrize("conversation", SMALL, ids=lambda one: one.file)
async def test_small_case(conversation: Conversation, embedded: EmbeddedBot, rasa: RasaServerBot) -> None:
    await play(conversation, embedded, rasa)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.id)
async def test_every_conversation(
    conversation: Conversation, embedded: EmbeddedBot, rasa: RasaServerBot
) -> None:
    await play(conversation, embedded, rasa)


@pytest.mark.parametrize("seed", range(10))
async def test_random_walks(seed: int, embedded: EmbeddedBot, rasa: RasaServerBot) -> None:
    """Sentences and buttons in any order: forms left and entered, offers passed over, wishes repeated."""
    chance = random.Random(seed)
    said = [(line.user, one.language) for one in CONVERSATIONS for line in one.turns if len(line.user) < 300]
    for _ in range(5):
        name, channel, state = chance.choice(CONVERSATIONS).id, chance.choice(("web", "voice", "sms")), ""
        for _ in range(chance.randint(4, 14)):
            text, language = chance.choice(said) if chance.random() < 0.5 else (chance.choice(PAYLOADS), None)
            message = Message(name, text, language, channel)
            turn, served = await embedded.respond(message, state), await rasa.respond(message, state)
            assert alike(turn, served) == turn, (text[:80], state)
            state = turn.state
            if turn.handoff or turn.closed:
                break
