"""Callers and agents who keep to what a real one sees: answers over HTTP and what a desk is told.

Each goes to another process when the one it spoke to is gone, as a load balancer would send it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.e2e.cluster import SECRET, Cluster, Node, Seat

TRY_SECONDS = 1.5
"""How long one request may take: a process that is frozen never answers."""

AGAIN_SECONDS = 0.1
_GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)


@dataclass
class Doors:
    """The cluster's processes as somebody outside sees them, ``first`` tried first."""

    cluster: Cluster
    session: aiohttp.ClientSession
    first: int = 0
    give_up: float = 60.0

    async def post(self, path: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        """The first answer that is no 5xx, from whichever process."""
        return await self._ask("POST", path, body, token)

    async def put(self, path: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        """As `post`."""
        return await self._ask("PUT", path, body, token)

    async def _ask(
        self, method: str, path: str, body: dict[str, Any], token: str
    ) -> tuple[int, dict[str, Any]]:
        deadline = time.monotonic() + self.give_up
        nodes, turn = self.cluster.nodes, self.first
        while True:
            node = nodes[turn % len(nodes)]
            try:
                async with self.session.request(
                    method,
                    f"{node.url}{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=aiohttp.ClientTimeout(total=TRY_SECONDS),
                ) as response:
                    if response.status < 500:
                        return response.status, json.loads(await response.read() or b"{}")
            except _GONE:
                pass
            assert time.monotonic() < deadline, f"{method} {path} got no answer for {self.give_up:g} s"
            turn += 1
            await asyncio.sleep(AGAIN_SECONDS)


@dataclass
class Caller:
    """Somebody who calls in and waits. ``contact_id`` is set once a process has answered."""

    doors: Doors
    session: str
    contact_id: str = ""
    answered_at: float = 0.0

    async def dial(self) -> None:
        """Call in, again with the same request until somebody answers."""
        status, answer = await self.doors.post("/console/start", {"session": self.session, "n": 0}, SECRET)
        assert status == 200, answer
        assert answer["contact"], answer
        self.contact_id, self.answered_at = answer["contact"], time.monotonic()

    async def hang_up(self) -> None:
        """Leave."""
        await self.doors.post("/console/hang_up", {"session": self.session, "n": 1}, SECRET)


@dataclass
class Agent:
    """An agent at a desk: says yes to offers (``answers``), talks for a while, and finishes.

    ``offered`` and ``heard``: what the desk was told, with when; ``node``: where it is connected just now.
    """

    doors: Doors
    seat: Seat
    answers: bool = True
    talk_seconds: float = 0.1
    stays: bool = False
    node: Node | None = None
    offered: dict[str, float] = field(default_factory=dict)
    heard: list[tuple[float, str]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    hellos: int = 0
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Be there until cancelled; reconnect elsewhere when the connection is lost (unless ``stays``)."""
        turn = self.doors.first
        try:
            while True:
                nodes = self.doors.cluster.nodes
                with suppress(*_GONE):
                    await self._sit(nodes[turn % len(nodes)])
                self.node = None
                turn += 0 if self.stays else 1
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            for task in self._under_way.values():
                task.cancel()

    async def _sit(self, node: Node) -> None:
        headers = {"Authorization": f"Bearer {self.seat.token}"}
        async with asyncio.timeout(TRY_SECONDS):
            desk = await self.doors.session.ws_connect(
                f"{node.url}/api/v1/desk", headers=headers, heartbeat=2.0
            )
        async with desk:
            self.node = node
            async for message in desk:
                told = json.loads(message.data)
                self.heard.append((time.monotonic(), told["event"]))
                self._take_in(told["event"], told["data"])

    def _take_in(self, event: str, data: dict[str, Any]) -> None:
        if event == "hello":
            self.hellos += 1
            self._mind_presence(data["state"])
            for offer in data["offers"]:
                self._see(offer)
            for work in data["works"]:
                self._mind(work)
        elif event == "state":
            self._mind_presence(data)
        elif event == "offer":
            self._see(data["offer"])
        elif event == "work":
            self._mind(data)

    def _mind_presence(self, state: dict[str, Any]) -> None:
        if state["presence"] == "offline" or (self.answers and state["presence"] != "available"):
            self._begin("presence", self._go_available())

    async def _go_available(self) -> None:
        path = f"/api/v1/agents/{self.seat.agent_id}/presence"
        status, answer = await self.doors.put(path, {"presence": "available"}, self.seat.token)
        assert status == 200, answer

    def _see(self, offer: dict[str, Any]) -> None:
        self.offered.setdefault(offer["id"], time.monotonic())
        if self.answers:
            self._begin(offer["id"], self.accept(offer["id"]))

    async def accept(self, offer_id: str, doors: Doors | None = None) -> bool:
        """Say yes; whether it was still to be had."""
        status, answer = await (doors or self.doors).post(
            f"/api/v1/offers/{offer_id}/accept", {}, self.seat.token
        )
        if status == 200:
            self.taken.append(answer["id"])
            self._mind(answer)
        return status == 200

    def _mind(self, work: dict[str, Any]) -> None:
        if self.answers and work["agent_id"] == self.seat.agent_id and work["state"] in ("active", "wrap_up"):
            self._begin(work["id"], self._finish(work["id"]))

    async def _finish(self, work_id: str) -> None:
        await asyncio.sleep(self.talk_seconds)
        status, answer = await self.doors.post(
            f"/api/v1/works/{work_id}/wrap-up", {"disposition": "resolved"}, self.seat.token
        )
        assert status in (200, 409), answer

    def _begin(self, name: str, work: Any) -> None:
        running = self._under_way.get(name)
        if running is None or running.done():
            self._under_way[name] = asyncio.create_task(work)
        else:
            work.close()

    def failures(self) -> list[BaseException]:
        """What went wrong in the agent's own doing."""
        done = [task for task in self._under_way.values() if task.done() and not task.cancelled()]
        return [error for task in done if (error := task.exception()) is not None]


@asynccontextmanager
async def at_work(*agents: Agent) -> AsyncIterator[None]:
    """The agents are there for the length of the block; what went wrong with them is raised at its end."""
    tasks = [asyncio.create_task(agent.run()) for agent in agents]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for agent in agents:
        for error in agent.failures():
            raise error
