"""Rasa's own commands accept the project, and the two servers answer nobody but us."""

from __future__ import annotations

import os

import aiohttp
import pytest

from bot.rasa_server import RasaServerBot, RasaSettings
from bot.runtime import BotError, Message
from contact_center.rasa_env.workshop import Workshop
from tests.rasa_live.conftest import Served

pytestmark = pytest.mark.rasa


def test_rasa_validates_trains_and_plays_the_test_stories(workshop: Workshop) -> None:
    said: list[str] = []
    workshop.test(said.append, os.environ)
    assert said[-1].startswith("all test stories pass")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b'{"message": {"conversation_id": "c", "text": "hello"}}', 401),
        ({"Authorization": "Bearer wrong"}, b"{}", 401),
        ({"Authorization": "right"}, b"\xff", 400),
        ({"Authorization": "right"}, b"[" * 10_000, 400),
        ({"Authorization": "right"}, b'{"message": {"text": 1}}', 400),
        ({"Authorization": "right"}, b'{"state": "' + b"x" * 1_100_000 + b'"}', 413),
        ({"Authorization": "right"}, b'{"message": {"conversation_id": "c", "text": "hello"}}', 200),
        (
            {"Authorization": "right"},
            b'{"message": {"conversation_id": "c", "text": "hi"}, "state": "{"}',
            200,
        ),
    ],
)
async def test_the_connector_answers_what_it_should(
    served: Served, headers: dict[str, str], body: bytes, status: int
) -> None:
    if headers.get("Authorization") == "right":
        headers = {"Authorization": f"Bearer {served.server.token}"}
    url = f"{served.server.url}/webhooks/engine/turn"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status == status


async def test_an_action_is_refused_to_who_is_not_the_connector(served: Served) -> None:
    call = {
        "next_action": "action_handoff",
        "sender_id": "c",
        "tracker": {"sender_id": "c", "slots": {}, "latest_message": {"text": "hello"}, "events": []},
        "domain": {},
    }
    url = f"{served.actions_url}/webhook"
    async with aiohttp.ClientSession() as session, session.post(url, json=call) as answer:
        assert answer.status == 400
        assert "connector" in (await answer.json())["error"]


async def test_where_the_engine_cannot_be_asked_the_customer_gets_a_person(served: Served) -> None:
    settings = RasaSettings(served.server.url, served.server.token, "http://127.0.0.1:9", timeout=30.0)
    bot = RasaServerBot(settings)
    turn = await bot.respond(Message("c", '/order_status{"order_number": "B20931"}', "en"))
    await bot.close()
    assert (turn.handoff_reason, turn.actions) == ("action_failed", ("order_form", "action_order_status"))


async def test_a_wrong_token_is_named(served: Served) -> None:
    bot = RasaServerBot(RasaSettings(served.server.url, "wrong"))
    with pytest.raises(BotError, match="refuses the token"):
        await bot.check()
    await bot.close()
