"""``GET /api/v1/desk``: a desk's connection, a WebSocket with a bearer token of an agent.

First comes ``hello`` with a snapshot; then every notice of `contact_center.announcing`, as ``{"event",
"data", "n"}`` with ``n`` counting up. What the desk wants done goes through the API's endpoints. From the
desk only two messages are understood: ``{"say": "bye"}`` before it closes, and ``{"say": "snapshot"}``.

A browser's WebSocket cannot send headers; the token may come as a subprotocol ``bearer.TOKEN`` beside
``contact-center``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from sqlalchemy.engine import Connection as Database

from contact_center.announcing import shown_state, shown_work
from contact_center.api.doorkeeper import Doorkeeper
from contact_center.api.models.common import PREFIX
from contact_center.api.problems import Problem
from contact_center.desk.hub import Connection, DeskHub
from contact_center.room import Room
from crm_store import agent_states, offers, works
from crm_store.errors import StoreError

PING_SECONDS: Final = 4.0
LARGEST: Final = 4096
"""Bytes of a message from a desk."""

AGAIN_SECONDS: Final = 1.0
"""How often a snapshot is tried while the store does not answer."""

PROTOCOL: Final = "contact-center"
BEARER: Final = "bearer."


class _Said(msgspec.Struct):
    say: str = ""


def snapshot(connection: Database, agent_id: str) -> dict[str, Any]:
    """Everything a desk must know to begin: the agent's state, what is held, what is offered."""
    return {
        "agent_id": agent_id,
        "state": shown_state(agent_states.find(connection, agent_id)),
        "works": [shown_work(work) for work in works.of_agent(connection, agent_id)],
        "offers": [msgspec.to_builtins(offer) for offer in offers.pending_of_agent(connection, agent_id)],
    }


class DeskSocket:
    """See the module."""

    def __init__(self, room: Room, hub: DeskHub) -> None:
        self.room = room
        self.hub = hub
        self._door = Doorkeeper(room)

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.get(f"{PREFIX}/desk", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One desk from its first to its last word."""
        try:
            caller = await self._door.admit(with_token(request), self.room.clock.now())
            if caller.agent_id is None:
                raise Problem(
                    "forbidden", "A desk needs the token of an agent; `contact-center tokens create`."
                )
        except Problem as problem:
            return problem.response()
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS, max_msg_size=LARGEST, protocols=(PROTOCOL,))
        await socket.prepare(request)
        async with self.hub.connected(caller.agent_id) as desk:
            await self._serve(socket, desk)
        return socket

    async def _serve(self, socket: web.WebSocketResponse, desk: Connection) -> None:
        desk.begin()
        sending = asyncio.create_task(self._send(socket, desk), name="desk")
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                said = _read(message.data)
                if said == "snapshot":
                    desk.begin()
                elif said == "bye":
                    await self.hub.leave(desk)
                    await socket.close()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, socket: web.WebSocketResponse, desk: Connection) -> None:
        number = 0
        while True:
            notice = await desk.notices.get()
            event: str = notice.event
            data: Mapping[str, Any] = notice.data
            if event == "reload":
                event, data = "hello", await self._snapshot(desk)
            await socket.send_str(_line(event, data, number))
            number += 1
            if event == "going_away":
                await socket.close(code=WSCloseCode.GOING_AWAY)
                return

    async def _snapshot(self, desk: Connection) -> Mapping[str, Any]:
        """Everything, as soon as the store answers: a desk waits for it rather than hear nothing for good."""
        while True:
            try:
                shown = await self.room.store.read(lambda connection: snapshot(connection, desk.agent_id))
            except StoreError:
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                self.hub.showed(desk, shown)
                return shown


def with_token(request: web.Request) -> web.Request:
    """The request with the token in the header where the doorkeeper looks for it; see the module."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    found = [name.strip()[len(BEARER) :] for name in offered if name.strip().startswith(BEARER)]
    if not found or "Authorization" in request.headers:
        return request
    copy = request.clone(headers=[*request.headers.items(), ("Authorization", f"Bearer {found[0]}")])
    assert isinstance(copy, web.Request)
    return copy


def _read(text: str) -> str:
    try:
        return msgspec.json.decode(text, type=_Said).say
    except msgspec.DecodeError:
        return ""


def _line(event: str, data: Mapping[str, Any], number: int) -> str:
    return msgspec.json.encode({"event": event, "data": data, "n": number}).decode()
