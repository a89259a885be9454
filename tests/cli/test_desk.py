"""The desk in the terminal over a real connection: keyboard, WebSocket, API and token together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from click.testing import CliRunner

from contact_center.announcing import shown_state, shown_work
from contact_center.cli.common import CliError
from contact_center.cli.desk import TOKEN_NAME, Line, Terminal, desk
from contact_center.cli.desk_screen import Screen
from contact_center.cli.keyboard import Keyboard
from crm_store import tokens
from tests.cli.conftest import Program
from tests.cli.desk_kit import AT, CONTACT, CUSTOMER, EMAILS, ME, NAMES, a_state, a_work, an_offer

SECRET = "cc_secret"
SILENT = 3600.0


def encoded(event: str, data: Any) -> str:
    return msgspec.json.encode({"event": event, "data": data, "n": 0}).decode()


def hello(*works: Any, version: int = 1) -> str:
    snapshot = {
        "agent_id": ME,
        "state": shown_state(a_state(version)),
        "works": [shown_work(work) for work in works],
        "offers": [],
    }
    return encoded("hello", snapshot)


@dataclass
class Centre:
    """A contact centre that knows one agent, notes what it is asked and says what a test wants said."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    sockets: asyncio.Queue[web.WebSocketResponse] = field(default_factory=asyncio.Queue)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return web.json_response({"detail": "Sign in."}, status=401)
        path = request.path.removeprefix("/api/v1")
        if path == "/desk":
            return await self.desk(request)
        body = await request.json() if request.method != "GET" else None
        self.asked.append((request.method, path, body))
        answer = self.answers.get(path)
        if answer is None:
            return web.json_response({"detail": "There is no such thing."}, status=404)
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    async def desk(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self.sockets.put(socket)
        async for message in socket:
            self.heard.append(message.data)
        self.closed.set()
        return socket


@dataclass
class Desk:
    """A desk that runs, what it prints, and the end of the pipe into which its agent types."""

    terminal: Terminal
    printed: asyncio.Queue[str]
    pipe: int

    def type(self, line: str) -> None:
        os.write(self.pipe, f"{line}\n".encode())

    async def prints(self, wanted: str) -> list[str]:
        """All lines up to the one that is wanted."""
        lines: list[str] = []
        async with asyncio.timeout(20):
            while wanted not in lines:
                lines.append(await self.printed.get())
        return lines


@pytest.fixture
async def centre() -> Centre:
    made = Centre()
    made.answers[f"/agents/{ME}/presence"] = shown_state(a_state(0))
    return made


@pytest.fixture
async def server(centre: Centre) -> AsyncIterator[TestServer]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", centre.handle)
    running = TestServer(application)
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
async def at_desk() -> AsyncIterator[Desk]:
    reading, writing = os.pipe()
    printed: asyncio.Queue[str] = asyncio.Queue()
    with os.fdopen(reading, encoding="utf-8") as stream:
        screen = Screen(ME, NAMES, EMAILS)
        terminal = Terminal(screen, Keyboard(stream), printed.put_nowait, lambda: AT)
        yield Desk(terminal, printed, writing)
        os.close(writing)


def line_to(server: TestServer, secret: str = SECRET) -> Line:
    return Line(str(server.make_url("/")), secret, retry=0.0, tick=SILENT)


async def test_an_offer_is_accepted_and_the_agent_goes_home(
    centre: Centre, server: TestServer, at_desk: Desk
) -> None:
    centre.answers |= {
        "/contacts/con_1": CONTACT,
        "/customers/cus_1": CUSTOMER,
        "/contacts/con_1/timeline": {"entries": []},
        "/offers/off_1/accept": shown_work(a_work(state="active", version=2)),
    }
    running = asyncio.create_task(at_desk.terminal.run(line_to(server), "available"))
    socket = await centre.sockets.get()
    await socket.send_str(hello())
    await at_desk.prints("You are available.")
    await socket.send_str(encoded("offer", {"offer": an_offer(), "work": a_work()}))
    await at_desk.prints("1: Ada Wilson, +12025550101, gold customer, speaks en")
    at_desk.type("a")
    await at_desk.prints("1: you are connected with Ada Wilson")
    at_desk.type("quit")
    await at_desk.prints("You still have 1; `quit` again leaves all the same.")
    at_desk.type("quit")
    await running
    changes = [(method, path) for method, path, _ in centre.asked if method != "GET"]
    presence = ("PUT", f"/agents/{ME}/presence")
    assert changes == [presence, ("POST", "/offers/off_1/accept"), presence]
    wishes = [body["presence"] for _, path, body in centre.asked if path.endswith("/presence")]
    assert wishes == ["available", "offline"]
    await centre.closed.wait()
    assert centre.heard == ['{"say": "bye"}']


async def test_a_lost_connection_is_taken_up_again_and_what_was_missed_is_told(
    centre: Centre, server: TestServer, at_desk: Desk
) -> None:
    running = asyncio.create_task(at_desk.terminal.run(line_to(server), "available"))
    first = await centre.sockets.get()
    await first.send_str(hello(a_work(state="active")))
    await at_desk.prints("1: you are connected with the customer")
    await first.close()
    await at_desk.prints("Connected again.")
    second = await centre.sockets.get()
    await second.send_str(hello(version=5))
    await at_desk.prints("1: it is no longer yours")
    at_desk.terminal.leave.set()
    await running
    wishes = [body["presence"] for _, path, body in centre.asked if path.endswith("/presence")]
    assert wishes == ["available", "offline"]  # coming back asks for nothing


async def test_a_refusal_is_told_in_the_contact_centres_words(
    centre: Centre, server: TestServer, at_desk: Desk
) -> None:
    running = asyncio.create_task(at_desk.terminal.run(line_to(server), "break"))
    socket = await centre.sockets.get()
    await socket.send_str(hello(a_work(state="active")))
    await at_desk.prints("1: you are connected with the customer")
    at_desk.type("hold")
    await at_desk.prints("! There is no such thing.")
    at_desk.terminal.leave.set()
    await running


async def test_nobody_there_at_all_is_an_error_that_says_what_to_do(at_desk: Desk) -> None:
    line = Line(f"http://127.0.0.1:{unused_port()}", SECRET, retry=0.0, tick=SILENT)
    with pytest.raises(CliError, match="start it in another terminal"):
        await at_desk.terminal.run(line, "available")


async def test_a_token_that_is_not_known_ends_the_desk(
    centre: Centre, server: TestServer, at_desk: Desk
) -> None:
    with pytest.raises(CliError, match="does not know this desk's token"):
        await at_desk.terminal.run(line_to(server, "cc_other"), "available")


# --- the command ---------------------------------------------------------------------------------------


def test_the_token_ends_with_the_desk_even_where_it_could_not_begin(program: Program) -> None:
    words = ["--agent", "wang@example.com", "--port", str(unused_port()), "--config", str(program.config)]
    result = CliRunner().invoke(desk, words)
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    with program.store.reading() as connection:
        (made,) = [token for token in tokens.list_tokens(connection) if token.name == TOKEN_NAME]
    assert (made.role, made.agent_id) == ("agent", program.samples.agent)
    assert made.revoked_at is not None


@pytest.mark.parametrize("named", ["nobody@example.com", "agt_nobody"])
def test_an_agent_who_is_not_there_is_named(program: Program, named: str) -> None:
    result = CliRunner().invoke(desk, ["--agent", named, "--config", str(program.config)])
    assert result.exit_code == 1
    assert f"there is no agent {named}" in result.stderr
    with program.store.reading() as connection:
        assert not [token for token in tokens.list_tokens(connection) if token.name == TOKEN_NAME]
