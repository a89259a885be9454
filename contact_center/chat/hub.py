"""All browsers of this process that chat: whoever's conversation has changed is woken, and looks for itself.

A wake-up holds no words: the messages are in the store, and a browser gets what came after the place that it
has seen (`transcript`). So a wake-up that is lost or comes twice costs or doubles nothing; the hub compares
with the store now and then, and while live state is down once a second. Typing signs are told once and kept
nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog

from contact_center.live import MISSED, LiveDown
from contact_center.room import Room
from crm_store import chats
from crm_store.chats import Stand
from crm_store.errors import StoreError

log = structlog.get_logger(__name__)

CHAT: Final = "chat"
"""The topic of live state."""

DOWN_SECONDS: Final = 1.0
"""How often the hub compares with the store while live state is down."""

MOST_SIGNS: Final = 20
"""Typing signs and refusals kept for a browser that does not take them."""


class Wakes(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose conversations have changed, by visitor or contact; in which contacts an agent is typing."""

    visitors: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    typing: tuple[str, ...] = ()


@dataclass
class Browser:
    """One socket. ``stand`` is how far the store had come when it last looked; ``woken`` says look again."""

    visitor_id: str
    stand: Stand | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    signs: list[dict[str, Any]] = field(default_factory=list)
    leaving: bool = False

    def look(self) -> None:
        """Have it compare with the store."""
        self.woken.set()

    def tell(self, line: dict[str, Any]) -> None:
        """Have a line said that is kept nowhere."""
        if len(self.signs) < MOST_SIGNS:
            self.signs.append(line)
        self.woken.set()


class ChatHub:
    """See the module. ``run``, ``publish`` and ``look_after`` go on until cancelled."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._browsers: dict[str, list[Browser]] = {}
        self._visitors: set[str] = set()
        self._contacts: set[str] = set()
        self._told = asyncio.Event()
        self._down = False
        self._look = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._browsers.values()))

    @contextmanager
    def connected(self, visitor_id: str) -> Iterator[Browser]:
        """A browser of the visitor's for the length of the block."""
        browser = Browser(visitor_id)
        self._browsers.setdefault(visitor_id, []).append(browser)
        try:
            yield browser
        finally:
            mine = self._browsers[visitor_id]
            mine.remove(browser)
            if not mine:
                del self._browsers[visitor_id]

    def of(self, visitor_id: str) -> int:
        """How many browsers the visitor has here."""
        return len(self._browsers.get(visitor_id, ()))

    # --- what others are told -----------------------------------------------------------------------

    def wake(self, visitor_id: str) -> None:
        """The visitor's conversation has changed: their browsers look, here and in other processes."""
        self._wake(visitor_id)
        self._visitors.add(visitor_id)
        self._told.set()

    def touch(self, contact_id: str) -> None:
        """A contact has changed, of whatever channel: if it is a chat, its browsers look."""
        self._contacts.add(contact_id)
        self._told.set()

    async def publish(self) -> None:
        """Tell other processes, until cancelled."""
        while True:
            await self._told.wait()
            self._told.clear()
            told = Wakes(tuple(self._visitors), tuple(self._contacts))
            self._visitors, self._contacts = set(), set()
            try:
                await self.room.live.publish(CHAT, encode(told))
            except LiveDown as error:
                self.room.announcer.live_is_down(error)
                self._give_out(told)

    # --- what we are told ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Hear wake-ups until cancelled."""
        while True:
            try:
                async with self.room.live.subscribe(CHAT) as texts:
                    self._down = False
                    self.room.announcer.live_is_up()
                    self._look.set()
                    async for text in texts:
                        self._hear(text)
            except LiveDown as error:
                self._down = True
                self.room.announcer.live_is_down(error)
                self._look.set()
                await asyncio.sleep(DOWN_SECONDS)

    def _hear(self, text: str) -> None:
        try:
            wakes = msgspec.json.decode(text, type=Wakes) if text != MISSED else None
        except msgspec.MsgspecError:  # of another version of this program, while all are restarted
            wakes = None
        if wakes is None:
            self._look.set()
        else:
            self._give_out(wakes)

    def _give_out(self, wakes: Wakes) -> None:
        for visitor_id in wakes.visitors:
            self._wake(visitor_id)
        contacts, typing = set(wakes.contacts), set(wakes.typing)
        if not (contacts or typing):
            return
        for browser in self._all():
            if browser.stand is None:
                continue
            if browser.stand.contact_id in typing:
                browser.tell({"type": "typing"})
            if browser.stand.contact_id in contacts:
                browser.look()

    def _wake(self, visitor_id: str) -> None:
        for browser in self._browsers.get(visitor_id, ()):
            browser.look()

    def _all(self) -> Iterator[Browser]:
        for browsers in self._browsers.values():
            yield from browsers

    async def look_after(self) -> None:
        """Compare what browsers were shown with the store, until cancelled."""
        while True:
            seconds = DOWN_SECONDS if self._down else self.room.config.routing.poll_seconds
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._look.wait()
            self._look.clear()
            try:
                await self.look()
            except StoreError as error:
                log.warning("what chats may have missed could not be looked for", why=str(error))
                await asyncio.sleep(DOWN_SECONDS)
                self._look.set()

    async def look(self) -> None:
        """One round of `look_after`."""
        visitor_ids = list(self._browsers)
        if not visitor_ids:
            return
        found = await self.room.store.read(lambda connection: chats.stands(connection, visitor_ids))
        for browser in self._all():
            if browser.visitor_id in found and found[browser.visitor_id] != browser.stand:
                browser.look()

    async def close(self) -> None:
        """The process ends in good order: browsers go elsewhere, and come back to where they were."""
        for browser in self._all():
            browser.leaving = True
            browser.look()


def encode(wakes: Wakes) -> str:
    """Wake-ups as live state carries them."""
    return msgspec.json.encode(wakes).decode()
