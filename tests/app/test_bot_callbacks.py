"""A bot in another process acts in the turn that asked it, as the embedded one does, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.runtime import ActionResult, BotTurn, Message, Reply, SlotValue
from contact_center.bot_actions import BotActions
from contact_center.bot_callbacks import CalledBack, bot_callback_routes
from contact_center.scene import Scene

TOKEN = "t0ken"
PATH = "/api/v1/bot/actions/action_order_status"
BODY: dict[str, Any] = {"conversation_id": "ct-1", "turn": 1, "slots": {"order_number": "A1"}}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Actions(BotActions):
    """Counts what is run; ``gate`` keeps it running."""

    def __init__(self) -> None:
        super().__init__()
        self.room = cast(Any, object())
        self.ran: list[tuple[str, Scene]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._actions = {"action_order_status": self._look_up, "action_open_complaint": self._fail}

    async def _look_up(self, slots: Mapping[str, SlotValue], scene: Scene, room: Any) -> ActionResult:
        await self.gate.wait()
        self.ran.append((str(slots["order_number"]), scene))
        return ActionResult({"order_lookup": "found"})

    async def _fail(self, slots: Mapping[str, SlotValue], scene: Scene, room: Any) -> ActionResult:
        raise ConnectionError("the database at 10.0.0.1")


def a_scene() -> Scene:
    scene = Scene.__new__(Scene)
    scene.contact = cast(Any, SimpleNamespace(id="ct-1"))
    return scene


@pytest.fixture
def actions() -> Actions:
    return Actions()


@pytest.fixture
async def client(actions: Actions) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application()
    app.add_routes(bot_callback_routes(actions, lambda: TOKEN))
    async with TestClient(TestServer(app)) as ready:
        yield ready


async def test_an_action_runs_in_the_open_turn(client: TestClient[Any, Any], actions: Actions) -> None:
    scene = a_scene()
    with actions.turn(scene):
        answer = await client.post(PATH, json=BODY, headers=BEARER)
        assert (answer.status, await answer.json()) == (200, {"slots": {"order_lookup": "found"}})
    assert actions.ran == [("A1", scene)]
    assert (await client.post(PATH, json=BODY, headers=BEARER)).status == 404


REFUSED = [
    ({}, PATH, BODY, 401),
    ({"Authorization": "Bearer t0ken2"}, PATH, BODY, 401),
    ({"Authorization": "Bearer é"}, PATH, BODY, 401),
    (BEARER, PATH.replace("order_status", "else"), BODY, 404),
    (BEARER, PATH, {**BODY, "conversation_id": "ct-2"}, 404),
    (BEARER, PATH, {**BODY, "more": 1}, 400),
    (BEARER, PATH, [1], 400),
    (BEARER, PATH.replace("order_status", "open_complaint"), BODY, 500),
]


@pytest.mark.parametrize(("headers", "path", "body", "status"), REFUSED)
async def test_whoever_may_not_or_asks_for_nothing_is_refused(
    client: TestClient[Any, Any], actions: Actions, headers: dict[str, str], path: str, body: Any, status: int
) -> None:
    with actions.turn(a_scene()):
        answer = await client.post(path, json=body, headers=headers)
        problem = await answer.json(content_type=None)
    assert (answer.status, problem["status"]) == (status, status)
    assert "10.0.0.1" not in str(problem)
    assert actions.ran == []


async def test_without_a_token_nobody_gets_in(actions: Actions) -> None:
    app = web.Application()
    app.add_routes(bot_callback_routes(actions, lambda: ""))
    async with TestClient(TestServer(app)) as client:
        with actions.turn(a_scene()):
            assert (await client.post(PATH, json=BODY, headers={"Authorization": "Bearer "})).status == 401


class Slow:
    """A bot that has its action run by somebody else, and gives up before it has ended."""

    name = "slow"

    def __init__(self, actions: Actions) -> None:
        self.actions = actions

    async def ready(self) -> None: ...

    async def close(self) -> None: ...

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        late = asyncio.create_task(self.actions.run_under_way("action_order_status", BODY["slots"], "ct-1"))
        await asyncio.sleep(0)
        if context and context.get("again"):
            self.actions.gate.set()
            await self.actions.run("action_order_status", BODY["slots"], context)
            await late
        else:
            late.cancel()
        return BotTurn((Reply("x"),), "i", 1.0, {}, False, None, False, "")


async def test_an_action_of_one_turn_is_done_once_whoever_takes_the_turn_again(actions: Actions) -> None:
    actions.gate.clear()
    bot = CalledBack(Slow(actions), actions)
    await bot.respond(Message("ct-1", "x"), context={"scene": a_scene(), "again": True})
    assert len(actions.ran) == 1


async def test_what_still_runs_at_the_end_of_the_turn_touches_nothing(actions: Actions) -> None:
    actions.gate.clear()
    await CalledBack(Slow(actions), actions).respond(Message("ct-1", "x"), context={"scene": a_scene()})
    actions.gate.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert actions.ran == []
    with pytest.raises(LookupError):
        await actions.run_under_way("action_order_status", {}, "ct-1")
