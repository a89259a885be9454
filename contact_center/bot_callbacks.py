"""What a Rasa action server asks of the engine in the middle of a turn.

A bot on a Rasa server looks up and opens things through here, with the slots that it has. The turn
that asked the bot waits meanwhile; what is opened goes into that turn's own transaction, exactly as it
does with the embedded runtime, and a turn that is thrown away leaves nothing. Hence an action is only
possible while its turn is under way, in the process that takes it (its address goes with the message).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web

from bot.runtime import Bot, BotTurn, Message, SlotValue
from contact_center.api.models.common import PREFIX
from contact_center.api.problems import Problem
from contact_center.bot_actions import BotActions
from contact_center.scene import Scene

log = structlog.get_logger(__name__)

ROUTE: Final = f"{PREFIX}/bot/actions/{{action}}"


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    conversation_id: str
    slots: dict[str, SlotValue]
    turn: int = 0


def bot_callback_routes(actions: BotActions, token: Callable[[], str]) -> list[web.RouteDef]:
    """``POST /api/v1/bot/actions/{action}`` for whoever knows ``token()``; '' lets nobody in."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await _carry_out(request, actions, token()))
        except Problem as problem:
            return problem.response()

    return [web.post(ROUTE, handle)]


async def _carry_out(request: web.Request, actions: BotActions, token: str) -> dict[str, Any]:
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(errors="replace"), f"Bearer {token}".encode()):
        raise Problem("unauthenticated", "Send the token of bot.rasa.token as a bearer token.")
    action = request.match_info["action"]
    try:
        asked = msgspec.json.decode(await request.read(), type=_Asked)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Problem("bad_request", "The body is {conversation_id, slots, turn}, as JSON.") from error
    if action not in actions.names:
        known = ", ".join(sorted(actions.names))
        raise Problem("not_found", f"There is no action of this name; there are {known}.")
    try:
        result = await actions.run_under_way(action, asked.slots, asked.conversation_id)
    except LookupError as error:
        raise Problem("not_found", "No turn of this conversation is under way in this process.") from error
    except Exception as error:
        log.warning("a bot's action failed", action=action, error=type(error).__name__)
        raise Problem("unexpected", "The action failed; the server's log says how.") from error
    return {"slots": result.slots}


class CalledBack:
    """A bot in another process, whose actions come back to the engine while its turn is under way."""

    def __init__(self, bot: Bot, actions: BotActions) -> None:
        self._bot = bot
        self._actions = actions

    @property
    def name(self) -> str:
        return self._bot.name

    async def ready(self) -> None:
        await self._bot.ready()

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        """As `Bot.respond`; ``context["scene"]`` is open for the bot's actions as long as it takes."""
        scene = (context or {}).get("scene")
        if not isinstance(scene, Scene):
            return await self._bot.respond(message, state, context=context)
        with self._actions.turn(scene):
            return await self._bot.respond(message, state, context=context)

    async def close(self) -> None:
        await self._bot.close()
