"""``GET /api/v1/desk``: a desk's connection, a WebSocket with a bearer token of an agent.

First comes ``hello`` with a snapshot; then every notice of `contact_center.announcing`, as ``{"event",
"data", "n"}`` with ``n`` counting up. What the desk wants done goes through the API's endpoints. From the
desk three messages are understood: ``{"say": "bye"}`` before it closes, ``{"say": "snapshot"}``, and
``{"say": "ping"}``, answered by the event ``pong``: a browser's page sees no pings, and
must know whether it is heard.

A browser's WebSocket cannot send headers; the token may come as a subprotocol ``bearer.TOKEN`` beside
``contact-center``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from sqlalchemy.engine import Connection as Database

from contact_center.announcing import Notice, shown_state, shown_with
from contact_center.api.doorkeeper import Doorkeeper
from contact_center.api.models.common import PREFIX
from contact_center.api.problems import Problem
from contact_center.desk.hub import Connection, DeskHub
from contact_center.room import Room
from crm_store import agent_states, offers, work_people
from crm_store.errors import StoreError
from crm_store.work_people import People

PING_SECONDS: Final = 4.0
LARGEST: Final = 4096
"""Bytes of a message from a desk."""

AGAIN_SECONDS: Final = 1.0
"""How often a snapshot is tried while the store does not answer."""

PROTOCOL: Final = "contact-center"
BEARER: Final = "bearer."


PONG: Final = Notice("", "pong", {})


class _Said(msgspec.Struct):
    say: str = ""


def snapshot(connection: Database, agent_id: str) -> dict[str, Any]:
    """Everything a desk must know to begin: the agent's state, what is held, what is offered, who is being
    asked about what is held.
    """
    held = work_people.of_agent(connection, agent_id)
    asked = work_people.consults_of_agent(connection, agent_id) if held else []
    return {
        "agent_id": agent_id,
        "state": shown_state(agent_states.find(connection, agent_id)),
        "works": [shown_with(work, people) for work, people in held],
        "consults": [shown_with(work, people) for work, people in asked],
        "offers": [msgspec.to_builtins(offer) for offer in offers.pending_of_agent(connection, agent_id)],
    }


def with_people(connection: Database, notices: Sequence[Notice]) -> list[Mapping[str, Any]]:
    """What the notices tell, with the names of the people in it: an announcer only knows the works."""
    told = [_work_in(notice) for notice in notices]
    found = work_people.people_of(connection, {str(work["id"]) for work in told if work is not None})
    shown: list[Mapping[str, Any]] = []
    for notice, work in zip(notices, told, strict=True):
        if work is None:
            shown.append(notice.data)
            continue
        people: dict[str, Any] = msgspec.to_builtins(found.get(str(work["id"]), People()))
        whole = {**work, **people}
        shown.append(whole if notice.event == "work" else {**notice.data, "work": whole})
    return shown


def _work_in(notice: Notice) -> Mapping[str, Any] | None:
    if notice.event == "work":
        return notice.data
    return notice.data["work"] if notice.event == "offer" else None


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
        async with self.hub.connected(caller.agent_id, caller.token_id, caller.role) as desk:
            await self._serve(socket, desk)
        return socket

    async def _serve(self, socket: web.WebSocketResponse, desk: Connection) -> None:
        desk.begin()
        sending = asyncio.create_task(self._send(socket, desk), name="desk")
        watching = asyncio.create_task(_let_go(socket, desk), name="desk's session")
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                said = _read(message.data)
                if said == "snapshot":
                    desk.begin()
                elif said == "ping":
                    desk.put(PONG)
                elif said == "bye":
                    await self.hub.leave(desk)
                    await socket.close()
        finally:
            sending.cancel()
            watching.cancel()
            await asyncio.gather(sending, watching, return_exceptions=True)

    async def _send(self, socket: web.WebSocketResponse, desk: Connection) -> None:
        number = 0
        while True:
            for event, data in await self._shown(desk, [await desk.notices.get(), *desk.more()]):
                await socket.send_str(_line(event, data, number))
                number += 1
                if event == "going_away":
                    await socket.close(code=WSCloseCode.GOING_AWAY)
                    return

    async def _shown(
        self, desk: Connection, notices: Sequence[Notice]
    ) -> list[tuple[str, Mapping[str, Any]]]:
        """What is to be sent for these notices. Only the first can be a ``reload``: it takes the place of
        what waited before it.
        """
        if notices and notices[0].event == "reload":
            return [("hello", await self._snapshot(desk)), *await self._shown(desk, notices[1:])]
        if all(_work_in(notice) is None for notice in notices):
            return [(notice.event, notice.data) for notice in notices]
        try:
            told = await self.room.store.read(lambda connection: with_people(connection, notices))
        except StoreError:
            return [("hello", await self._snapshot(desk))]
        return [(notice.event, data) for notice, data in zip(notices, told, strict=True)]

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


async def _let_go(socket: web.WebSocketResponse, desk: Connection) -> None:
    """Close it when its session or token is over."""
    await desk.over.wait()
    await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"signed out")


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
