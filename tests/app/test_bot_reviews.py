"""What the bot did not understand comes onto the review list with that turn, and is forgotten in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest

from bot.runtime import BotTurn, Message, Reply
from crm_store import bot_reviews
from crm_store.bot_reviews import BotReview, ReviewFilter
from tests.app.bots import BOTTED, ScriptedBot
from tests.app.centre import KNOWN, Centre, TwilioChat, open_centre


class Puzzled(ScriptedBot):
    """Understands nothing."""

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        return BotTurn(
            replies=(Reply("What?"),), intent="nlu_fallback", confidence=0.3, slots={}, handoff=False,
            handoff_reason=None, closed=False, state=state, alternatives=(("joke", 0.3), ("refund", 0.2)),
            understood=False,
        )  # fmt: skip


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, BOTTED) as opened:
        opened.room.bot = Puzzled()
        yield opened


async def listed(centre: Centre) -> list[BotReview]:
    page = await centre.room.store.read(
        lambda connection: bot_reviews.list_reviews(connection, ReviewFilter())
    )
    return list(page.items)


async def test_it_is_noted_once_a_turn_and_masked(centre: Centre) -> None:
    chat = TwilioChat(centre, customer=KNOWN)
    await chat.text("hi")
    for _ in range(2):
        await chat.text("sing of +1 202 555 0123 to me")
    [row] = await listed(centre)
    [contact] = await centre.contacts()
    assert (row.text, row.times, row.intent, row.contact_id) == (
        "sing of <phone> to me", 2, "joke", contact.id,
    )  # fmt: skip


async def test_it_is_forgotten_when_it_was_not_said_for_long(centre: Centre) -> None:
    chat = TwilioChat(centre, customer=KNOWN)
    await chat.text("hi")
    await chat.text("sing to me")
    days = centre.room.config.retention.bot_reviews_days
    centre.clock.advance(timedelta(days=days).total_seconds() - 60)
    await centre.sweep.prune()
    assert len(await listed(centre)) == 1
    centre.clock.advance(120)
    await centre.sweep.prune()
    assert await listed(centre) == []
