"""The review list of the chatbot over the API: what it did not understand, and what people say to it."""

from __future__ import annotations

import asyncio

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import bot_reviews as shapes
from contact_center.api.models.common import Page
from contact_center.bot_lab.intents import check_intent
from crm_store import bot_reviews


async def list_bot_reviews(call: Call[shapes.BotReviewQuery, Nothing]) -> Page[shapes.BotReview]:
    asked = call.params
    found = await call.read(
        lambda connection: bot_reviews.list_reviews(
            connection, asked.which(), asked.cursor, asked.limit, asked.order
        )
    )
    return Page[shapes.BotReview].model_validate(found)


async def get_bot_review(call: Call[Nothing, Nothing]) -> shapes.BotReview:
    found = await call.read(lambda connection: bot_reviews.get(connection, call.path["review"]))
    return shapes.BotReview.model_validate(found)


async def label_bot_review(call: Call[Nothing, shapes.BotReviewLabel]) -> shapes.BotReview:
    intent = call.body.intent
    await asyncio.to_thread(check_intent, intent, call.room.config.bot.project)
    done = await call.write(
        lambda connection: bot_reviews.label(connection, call.path["review"], intent, **call.by)
    )
    return shapes.BotReview.model_validate(done)


async def dismiss_bot_review(call: Call[Nothing, Nothing]) -> shapes.BotReview:
    done = await call.write(
        lambda connection: bot_reviews.dismiss(connection, call.path["review"], **call.by)
    )
    return shapes.BotReview.model_validate(done)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/bot-reviews",
        "supervisor",
        "List what the bot did not understand or was not sure of, most often said first",
        list_bot_reviews,
        Page[shapes.BotReview],
        params=shapes.BotReviewQuery,
    ),
    Endpoint(
        "GET",
        "/bot-reviews/{review}",
        "supervisor",
        "Get one line of the review list",
        get_bot_review,
        shapes.BotReview,
        refusals=("not_found",),
    ),
    Endpoint(
        "POST",
        "/bot-reviews/{review}/label",
        "supervisor",
        "Say which intent the words have, so that they become an example of it",
        label_bot_review,
        shapes.BotReview,
        body=shapes.BotReviewLabel,
        refusals=("not_found", "refused"),
    ),
    Endpoint(
        "POST",
        "/bot-reviews/{review}/dismiss",
        "supervisor",
        "There is nothing to learn from the words",
        dismiss_bot_review,
        shapes.BotReview,
        refusals=("not_found",),
    ),
)
