"""The review list of the bot over the API: lists in pages, and what people say to a line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_store import audit, bot_reviews
from crm_store.audit import AuditFilter
from crm_store.bot_reviews import Unsure
from tests.api.conftest import AT, ON_BOTH, Api


@pytest.fixture
async def list_of(api: Api) -> Api:
    """Three wordings: one said thrice, one in Chinese."""

    def work(connection: Any) -> None:
        for number, (text, language) in enumerate(
            [("sing", "en"), ("hum", "en"), ("sing", "en"), ("唱歌", "zh"), ("sing", "en")]
        ):
            message = Unsure(text=text, language=language, intent="joke", confidence=0.4, contact_id="con_1")
            bot_reviews.note(connection, message, AT + timedelta(minutes=number), api.room.ids)

    await api.room.store.write(work)
    return api


async def texts(api: Api, query: str = "") -> list[str]:
    return [row["text"] for row in (await api.get(f"/bot-reviews{query}", role="supervisor"))["items"]]


@ON_BOTH
async def test_the_list_has_filters_orders_and_pages(list_of: Api) -> None:
    api = list_of
    assert (await texts(api))[0] == "sing"
    assert (await texts(api, "?order=newest"))[:2] == ["sing", "唱歌"]
    assert await texts(api, "?language=zh") == ["唱歌"]
    assert await texts(api, "?intent=refund") == []
    page = await api.get("/bot-reviews?limit=2")
    rest = await api.get(f"/bot-reviews?limit=2&cursor={page['next_cursor']}")
    assert sorted(row["text"] for row in page["items"] + rest["items"]) == ["hum", "sing", "唱歌"]
    assert rest["next_cursor"] is None
    first = page["items"][0]
    assert (first["times"], first["intent"], first["confidence"], first["status"]) == (3, "joke", 0.4, "open")
    assert await api.get(f"/bot-reviews/{first['id']}") == first


@ON_BOTH
async def test_a_line_is_labelled_and_leaves_the_list(list_of: Api) -> None:
    api = list_of
    row = (await api.get("/bot-reviews"))["items"][0]
    answer = await api.ask(
        "POST", f"/bot-reviews/{row['id']}/label", {"intent": "how_are_you"}, role="supervisor"
    )
    done = await answer.json()
    assert (answer.status, done["status"], done["label"]) == (200, "labelled", "how_are_you")
    assert done["reviewed_by"]
    assert "sing" not in await texts(api)
    assert await texts(api, "?status=labelled") == ["sing"]
    assert await texts(api, "?label=how_are_you&status=all") == ["sing"]
    told = await api.room.store.read(
        lambda connection: audit.list_entries(connection, AuditFilter(action="bot_review.labelled"))
    )
    assert [(entry.subject, entry.data) for entry in told.items] == [(row["id"], {"label": "how_are_you"})]


async def test_a_line_is_dismissed(list_of: Api) -> None:
    row = (await list_of.get("/bot-reviews"))["items"][0]
    answer = await list_of.ask("POST", f"/bot-reviews/{row['id']}/dismiss", role="supervisor")
    assert (await answer.json())["status"] == "dismissed"
    assert await texts(list_of, "?status=dismissed") == ["sing"]


async def test_an_intent_that_the_project_has_not_is_refused_with_the_nearest(list_of: Api) -> None:
    row = (await list_of.get("/bot-reviews"))["items"][0]
    problem = await list_of.problem(409, "POST", f"/bot-reviews/{row['id']}/label", {"intent": "jokes"})
    assert "did you mean 'joke'?" in problem["detail"]
    for intent in ("nlu_fallback", "nothing like it"):
        await list_of.problem(409, "POST", f"/bot-reviews/{row['id']}/label", {"intent": intent})
    assert (await list_of.get(f"/bot-reviews/{row['id']}"))["status"] == "open"


async def test_what_is_not_there_and_what_cannot_be_asked(list_of: Api) -> None:
    await list_of.problem(404, "GET", "/bot-reviews/rev_none")
    await list_of.problem(404, "POST", "/bot-reviews/rev_none/label", {"intent": "joke"})
    await list_of.problem(404, "POST", "/bot-reviews/rev_none/dismiss")
    await list_of.problem(422, "GET", "/bot-reviews?status=lost")
    await list_of.problem(422, "GET", "/bot-reviews?language=Chinese")
    await list_of.problem(403, "GET", "/bot-reviews", role="agent")
