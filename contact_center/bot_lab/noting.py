"""Puts messages that the bot did not understand, or was not sure of, on the review list.

It writes in the same unit of work as the turn: a turn that runs again notes its message once.
"""

from __future__ import annotations

from typing import Final

from bot.embedded.text import clean
from bot.runtime import BotTurn
from contact_center.bot_lab.masking import masked, says_something
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import bot_reviews
from crm_store.bot_reviews import Unsure

REVIEW_BELOW: Final = 0.6
"""A bot that is less sure of an intent than this is wrong often enough for a person to look."""

LONGEST: Final = 500


def note_for_review(scene: Scene, room: Room, turn: BotTurn, text: str) -> None:
    """Note ``text``, which the customer said and ``turn`` answers, where a person should look at it.

    Left out are buttons, answers to the question of a form, and what the flow calls sensitive.
    """
    unsure = unsure_of(turn, text)
    if unsure is None or scene.masked:
        return
    customer = scene.customer
    names = (customer.name, customer.first_name, customer.account_name) if customer is not None else ()
    words = masked(scene.mask(text), names)[:LONGEST].strip()
    if not says_something(words):
        return
    language = str(turn.slots.get("language") or scene.session.language)
    row = Unsure(
        text=words,
        language=language.partition("-")[0],
        channel=scene.contact.channel,
        intent=unsure[0][0],
        confidence=round(unsure[0][1], 4),
        runner_up=unsure[1][0],
        runner_up_confidence=round(unsure[1][1], 4),
        understood=turn.understood,
        contact_id=scene.contact.id,
    )
    at, ids = scene.at, room.ids
    scene.call(lambda connection: bot_reviews.note(connection, row, at, ids))


def unsure_of(turn: BotTurn, text: str) -> tuple[tuple[str, float], tuple[str, float]] | None:
    """The two likeliest intents of a message that is to be reviewed, None where it is not."""
    ranked = (*turn.alternatives, ("", 0.0), ("", 0.0))[:2]
    if not turn.alternatives:
        return None
    if not turn.understood:
        return ranked[0], ranked[1]
    if ranked[0][1] >= REVIEW_BELOW or clean(text) in turn.slots.values():
        return None
    return ranked[0], ranked[1]
