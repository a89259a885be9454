"""The connector by which an engine talks to a Rasa server without leaving a conversation in it.

It runs in Rasa's process; credentials.yml names it. A request brings the message and the neutral state
(`bot.embedded.tracker.Tracker`), Rasa's own understanding, forms, policies and actions answer, and the
answer carries the new state. So a turn that is redelivered, sent to another server or continued by the
embedded runtime goes on exactly where the conversation stands.

    POST /webhooks/engine/turn   {"message": bot.runtime.Message, "state": text, "callback": URL}
                                 -> bot.runtime.BotTurn
    GET  /webhooks/engine/       -> {"status": "ok", "model": file name}

``callback`` is the engine's own address, which actions ask during the turn.

Both want ``Authorization: Bearer TOKEN``.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response
from sanic.response import raw as raw_response

from bot.embedded.load_project import load_project
from bot.embedded.project import Project
from bot.rasa_state import ENGINE, Told, action_key
from bot.rasa_turn import RasaTurn
from bot.runtime import Message

_log = logging.getLogger(__name__)
_LARGEST = 1_048_576


class TurnRequest(msgspec.Struct, frozen=True):
    """What the engine sends."""

    message: Message
    state: str = ""
    callback: str = ""


class EngineChannel(InputChannel):
    """Rasa's side of `bot.rasa_server.RasaServerBot`."""

    def __init__(self, token: str, project: Project) -> None:
        self._token = token
        self._project = project

    @classmethod
    def name(cls) -> str:
        """The part of the URL."""
        return ENGINE

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> EngineChannel:
        """``token`` is what the engine must show; the action server has it too. The project is that of
        the folder in which the server is started."""
        given = credentials or {}
        if not given.get("token"):
            raise RasaException(
                "credentials.yml: bot.rasa_channel.EngineChannel needs a token, the one that the engine"
                " has as bot.rasa.token."
            )
        return cls(str(given["token"]), load_project(Path.cwd()))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two routes."""
        routes = Blueprint("engine_webhook", "engine_webhook")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            if not self._admits(request):
                return _refused(401, "the token is missing or wrong")
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return _refused(503, "the server has no model yet")
            return json_response({"status": "ok", "model": agent.processor.model_filename})

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self._admits(request):
                return _refused(401, "the token is missing or wrong")
            if len(request.body) > _LARGEST:
                return _refused(413, f"a request has at most {_LARGEST} bytes")
            try:
                asked = msgspec.json.decode(request.body, type=TurnRequest)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                return _refused(400, 'a request is {"message": {...}, "state": "..."}')
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return _refused(503, "the server has no model yet")
            answer = await self._answer(agent.processor, asked)
            return raw_response(answer, content_type="application/json")

        return routes

    def _admits(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), self._token.encode())

    async def _answer(self, processor: Any, asked: TurnRequest) -> bytes:
        if not isinstance(processor.action_endpoint, WatchedEndpoint):
            processor.action_endpoint = WatchedEndpoint.over(processor.action_endpoint)
        output = TurnOutput(asked.message.channel)
        failures: list[str] = []
        before = _failures.set(failures)
        try:
            told = Told(
                conversation_id=asked.message.conversation_id,
                turn=0,
                channel=asked.message.channel,
                callback=asked.callback,
                key=action_key(self._token),
            )
            turn = RasaTurn(processor, self._project, asked.message, output, failures, told)
            return msgspec.json.encode(await turn.run(asked.state))
        finally:
            _failures.reset(before)


def _refused(status: int, problem: str) -> HTTPResponse:
    return json_response({"error": problem}, status=status)


class TurnOutput(OutputChannel):
    """Gathers what is said in one turn. Its name is the customer's channel, by which Rasa chooses
    between a response's variations."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.messages: list[dict[str, Any]] = []

    def name(self) -> str:
        """The customer's channel. Rasa asks the object for it, never the class."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Called by Rasa for each thing said."""
        self.messages.append(message)


_failures: ContextVar[list[str] | None] = ContextVar("failures", default=None)
"""Why actions of the turn under way failed: Rasa itself logs that and goes on as if nothing were."""

UNKNOWN = "unknown"
FAILED = "failed"


class WatchedEndpoint(EndpointConfig):
    """The way to the action server; tells the turn under way what went wrong on it."""

    @classmethod
    def over(cls, endpoint: EndpointConfig | None) -> WatchedEndpoint:
        """The same endpoint, watched; without one, every action fails."""
        watched = cls(url="")
        if endpoint is not None:
            watched.__dict__.update(endpoint.__dict__)
        return watched

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """As `EndpointConfig.request`."""
        try:
            return await super().request(*args, **kwargs)
        except ClientResponseError as error:
            self._note(UNKNOWN if error.status == 404 else FAILED)
            raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._note(FAILED)
            raise

    @staticmethod
    def _note(failure: str) -> None:
        failures = _failures.get()
        if failures is not None:
            failures.append(failure)
