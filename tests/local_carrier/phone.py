"""A telephone for tests: the browser's side of /phone/socket, without a browser.

    async with phone(company) as caller:
        await caller.dial("1001")
        await caller.hear("press 1")          # until it is said; everything said is heard to its end
        await caller.press("4")
        ...

It says ``said`` by itself, unless it is told to `listen_only`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

PATIENCE = 20.0
"""Seconds until a test that waits for something that never comes gives up."""

Line = dict[str, Any]


@dataclass
class TestPhone:
    """See the module. ``lines``: everything that came. ``call``: the latest call."""

    __test__ = False

    socket: ClientWebSocketResponse
    lines: list[Line] = field(default_factory=list)
    call: str = ""
    says_said: bool = True
    read: int = 0
    identity: str = ""

    async def send(self, kind: str, **more: Any) -> None:
        await self.socket.send_json({"type": kind} | more)

    async def next(self) -> Line:
        """The next line; what is to be heard is heard at once."""
        while self.read == len(self.lines):
            async with asyncio.timeout(PATIENCE):
                message = await self.socket.receive()
            if message.type is not WSMsgType.TEXT:
                raise ConnectionError(f"hung up after {self.lines[-3:]}")
            line: Line = message.json()
            self.lines.append(line)
            await self._heed(line)
        self.read += 1
        return self.lines[self.read - 1]

    async def _heed(self, line: Line) -> None:
        kind = line["type"]
        if kind in ("placed", "ring"):
            self.call = line["call"]
        endless = any("music" in item for item in line.get("items", ()))
        if kind == "say" and self.says_said and not endless:
            await self.send("said", call=line["call"], seq=line["seq"])

    async def until(self, kind: str, test: Callable[[Line], bool] = lambda line: True) -> Line:
        """The next line of that kind (for which ``test`` holds); those before it are passed over."""
        passed: list[Line] = []
        while True:
            try:
                line = await self.next()
            except (TimeoutError, ConnectionError) as error:
                raise AssertionError(f"no {kind}: {error} {passed}") from None
            passed.append(line)
            if line["type"] == kind and test(line):
                return line

    # --- a person's part ------------------------------------------------------------------------------

    async def dial(self, to: str = "1001", caller: str = "") -> None:
        await self.send("dial", to=to, **({"from": caller} if caller else {}))
        await self.until("placed")

    async def hear(self, words: str) -> Line:
        """Until something with those words is said."""
        return await self.until(
            "say", lambda line: any(words in item.get("text", "") for item in line["items"])
        )

    async def hear_music(self) -> Line:
        return await self.until("say", lambda line: line["items"] == [{"music": True}])

    async def press(self, digits: str) -> None:
        await self.send("keys", call=self.call, digits=digits)

    async def say(self, words: str, **more: Any) -> None:
        await self.send("words", call=self.call, text=words, **more)

    async def answer(self) -> None:
        """Take the call that rings."""
        await self.until("ring")
        await self.send("answer", call=self.call)
        await self.until("state", lambda line: line["state"] == "in_progress")

    async def talk(self, test: Callable[[Line], bool] = lambda line: True) -> Line:
        return await self.until("talk", test)

    async def hang_up(self) -> None:
        await self.send("hang_up", call=self.call)

    async def ended(self) -> str:
        """Until the call is over; why."""
        return str((await self.until("ended"))["reason"])

    async def gone(self) -> None:
        """The browser is closed."""
        await self.socket.close()


def ends(line: Line) -> list[tuple[bool, bool]]:
    """Of each other end: whether it is spoken to, and heard."""
    return sorted((peer["send"], peer["hear"]) for peer in line["peers"])


@asynccontextmanager
async def phone(url: str, token: str = "", **hello: Any) -> AsyncIterator[TestPhone]:
    """A telephone that has said hello: a customer's, or with a ``token`` an agent's."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/phone/socket", headers=headers) as socket,
    ):
        made = TestPhone(socket)
        await made.send("hello", **({"as": "agent" if token else "customer"} | hello))
        made.identity = (await made.until("ready"))["identity"]
        yield made
