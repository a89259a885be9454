"""``desk``: an agent's desk in the terminal, to try routing with two or three terminals.

What it shows is in `contact_center.cli.desk_screen`, what it understands in `desk_notices` and
`desk_commands` beside it. Here are the connection, the keyboard, and the token that ends with the desk.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import click
from sqlalchemy.engine import Connection

from contact_center.api.models.common import PREFIX
from contact_center.cli.common import CliError, config_option, open_desk
from contact_center.cli.desk_commands import command, presence
from contact_center.cli.desk_notices import answered, take
from contact_center.cli.desk_screen import Ask, Reaction, Screen
from contact_center.cli.keyboard import Keyboard
from contact_center.cli.printing import shown
from contact_center.clock import SystemClock
from crm_store import agents, tokens
from crm_store.agents import Agent

TOKEN_NAME: Final = "terminal desk"  # noqa: S105  # a name, no secret

PATIENCE: Final = 15.0
"""Seconds for one answer of the contact centre."""

TYPING: Final = 0.2
"""Seconds for which the keyboard's thread waits before it looks whether the desk is closed."""


@click.command()
@config_option
@click.option("--agent", "named", required=True, help="Whose desk: e-mail address or id of the agent.")
@click.option(
    "--presence",
    "wanted",
    type=click.Choice(["available", "break", "offline"]),
    default="available",
    show_default=True,
    help="What the agent is from the first moment on.",
)
@click.option("--port", type=int, help="Where the contact centre listens, if not at server.port.")
def desk(config_path: Path | None, named: str, wanted: str, port: int | None) -> None:
    """Be an agent in this terminal: take offers, talk, transfer, wrap up."""
    with open_desk(config_path) as opened:
        with opened.writing() as connection:
            agent = _find(connection, named)
            made = tokens.create(connection, TOKEN_NAME, agent.role, agent_id=agent.id, **opened.by)
            everybody = agents.list_agents(connection)
        address = f"http://127.0.0.1:{port or opened.config.server.port}"
    screen = Screen(
        agent.id,
        {one.id: one.name for one in everybody},
        {one.id: one.email for one in everybody if one.active},
    )
    terminal = Terminal(screen, Keyboard(sys.stdin), _print, lambda: SystemClock().now())
    click.echo(f"The desk of {agent.name}. `help` lists the commands.")
    try:
        asyncio.run(_run(terminal, Line(address, made.secret), wanted))
    finally:
        with open_desk(config_path) as opened, opened.writing() as connection:
            tokens.revoke(connection, made.token.id, **opened.by)


def _find(connection: Connection, named: str) -> Agent:
    """The agent, who must work here. Raises `CliError`, and `NotFound`."""
    found = agents.get_by_email(connection, named) if "@" in named else agents.get(connection, named)
    if found is None:
        raise CliError(f"there is no agent {named}; `contact-center agents list` shows them")
    if not found.active:
        raise CliError(f"{found.name} does not work here any more; take another agent")
    return found


def _print(line: str) -> None:
    click.echo(shown(line))


async def _run(terminal: Terminal, line: Line, wanted: str) -> None:
    """The desk until its agent leaves: by a command, the end of the input, Ctrl-C or a closed window."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, terminal.leave.set)
    await terminal.run(line, wanted)


@dataclass(frozen=True)
class Line:
    """Where the contact centre is, and the token for it. ``retry``: seconds until it is tried again;
    ``tick``: between looks at the countdown."""

    address: str
    secret: str
    retry: float = 1.0
    tick: float = 1.0


class Terminal:
    """Brings notices, answers and typed lines to the screen, and prints and asks what it wants."""

    def __init__(
        self, screen: Screen, keyboard: Keyboard, say: Callable[[str], None], now: Callable[[], datetime]
    ) -> None:
        self.leave = asyncio.Event()
        self._screen = screen
        self._keyboard = keyboard
        self._say = say
        self._now = now
        self._pops: set[asyncio.Task[None]] = set()
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def run(self, line: Line, wanted: str) -> None:
        """Until the agent leaves. Raises `CliError` where there is nothing to connect to."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        headers = {"Authorization": f"Bearer {line.secret}"}
        async with aiohttp.ClientSession(line.address, headers=headers, timeout=timeout) as session:
            work = [
                asyncio.create_task(self.leave.wait()),
                asyncio.create_task(self._listen(session, line, wanted)),
                asyncio.create_task(self._type(session)),
                asyncio.create_task(self._tick(line)),
            ]
            try:
                done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                await self._go_home(session)
            finally:
                for task in (*work, *self._pops):
                    task.cancel()
                await asyncio.gather(*work, *self._pops, return_exceptions=True)

    async def _go_home(self, session: aiohttp.ClientSession) -> None:
        """Offline, so that nobody waits for somebody who has left, and good-bye."""
        await self._carry_out(session, Reaction(asks=[presence(self._screen, "offline")]))
        if self._socket is not None and not self._socket.closed:
            with suppress(aiohttp.ClientError, ConnectionError):
                await self._socket.send_str('{"say": "bye"}')
                await self._socket.close()

    # --- what comes ------------------------------------------------------------------------------------

    async def _listen(self, session: aiohttp.ClientSession, line: Line, wanted: str) -> None:
        """Connect, again and again; nothing is lost, because each connection begins with all there is."""
        first, lost = True, False
        while True:
            try:
                async with session.ws_connect(f"{PREFIX}/desk", heartbeat=PATIENCE) as socket:
                    self._socket = socket
                    if lost:
                        self._say("Connected again.")
                    if first:
                        await self._carry_out(session, Reaction(asks=[presence(self._screen, wanted)]))
                    first, lost = False, False
                    await self._hear(session, socket)
            except aiohttp.WSServerHandshakeError as error:
                if error.status in (401, 403):
                    raise CliError(
                        "The contact centre does not know this desk's token; does it use the same database?"
                    ) from None
            except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
                if first:
                    raise CliError(
                        f"The contact centre does not answer at {line.address}; start it in another terminal "
                        "(python3 cc.py serve), or name the port that it printed (--port)"
                    ) from error
            if not lost:
                self._say("The connection is lost; trying to connect again.")
            lost = True
            await asyncio.sleep(line.retry)

    async def _hear(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                notice = json.loads(message.data)
                self._show(session, take(self._screen, notice["event"], notice["data"], self._now()))

    def _show(self, session: aiohttp.ClientSession, reaction: Reaction) -> None:
        """Print at once; what is asked for the screen pop keeps no notice waiting."""
        for text in reaction.lines:
            self._say(text)
        if reaction.asks:
            task = asyncio.create_task(self._carry_out(session, Reaction(asks=reaction.asks)))
            self._pops.add(task)
            task.add_done_callback(self._pops.discard)

    # --- what is done ----------------------------------------------------------------------------------

    async def _type(self, session: aiohttp.ClientSession) -> None:
        """Commands one after another, until there are no more or the agent leaves."""
        while True:
            try:
                line = await asyncio.to_thread(self._keyboard.line, TYPING)
            except EOFError:
                return
            if line is None:
                continue
            reaction = command(self._screen, line)
            await self._carry_out(session, reaction)
            if reaction.leave:
                return

    async def _carry_out(self, session: aiohttp.ClientSession, reaction: Reaction) -> None:
        for text in reaction.lines:
            self._say(text)
        for ask in reaction.asks:
            await self._carry_out(session, await self._ask(session, ask))

    async def _ask(self, session: aiohttp.ClientSession, ask: Ask) -> Reaction:
        try:
            async with session.request(ask.method, PREFIX + ask.path, json=ask.body) as response:
                status, text = response.status, await response.text()
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            return Reaction(["! The contact centre does not answer just now; nothing was done."])
        return answered(self._screen, ask, status, _read(text), self._now())

    async def _tick(self, line: Line) -> None:
        while True:
            await asyncio.sleep(line.tick)
            for text in self._screen.tick(self._now()).lines:
                self._say(text)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
