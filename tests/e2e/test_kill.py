"""What was answered is kept: a server killed amid a thousand calls, and one that is asked to stop."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import aiohttp
from sqlalchemy.engine import Connection

from crm_store import contacts, journal, ticket_list
from crm_store.store import Store
from crm_store.ticket_list import TicketFilter
from crm_store.ticket_numbers import format_number
from tests.e2e.serving import PUBLIC, Asked, Caller, Serving, fetch, serving

CALLS = 1000
AT_ONCE = 40
KILL_AFTER = 2500
"""Answers until the kill: every call has begun, the first fifth has tickets, none is over."""

_NUMBER = re.compile(r"Your number is ([0-9 -]*[0-9])")

STEPS: tuple[dict[str, str], ...] = (
    {},
    {"Digits": "2"},
    {"Digits": "10001"},
    {"SpeechResult": "the parcel was wet"},
    {"Digits": "2"},
)


class Load:
    """Callers in five waves, each a step behind the one before, so that all calls are in progress at once."""

    def __init__(self, server: Serving, calls: int) -> None:
        self.server = server
        self.callers = [Caller(number) for number in range(calls)]
        self.enough = asyncio.Event()
        self.answers = 0
        self.limit = 0

    async def run(self, limit: int) -> None:
        """Call until the server is gone; `enough` is set after ``limit`` answers."""
        self.limit = limit
        work = self._work()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
            await asyncio.gather(*(self._worker(session, work) for _ in range(AT_ONCE)))

    def _work(self) -> Iterator[tuple[Caller, dict[str, str]]]:
        waves = len(STEPS)
        for tick in range(2 * waves):
            for wave in reversed(range(max(0, tick - waves + 1), min(waves, tick + 1))):
                for caller in self.callers[wave::waves]:
                    yield caller, STEPS[tick - wave]

    async def _worker(
        self, session: aiohttp.ClientSession, work: Iterator[tuple[Caller, dict[str, str]]]
    ) -> None:
        for caller, fields in work:
            try:
                async with caller.one_at_a_time:
                    url = caller.action() if caller.answered else f"{PUBLIC}/twilio/voice/incoming"
                    await caller.ask(session, self.server.port, url, **fields)
            except (aiohttp.ClientError, ConnectionError):
                self.enough.set()
                return
            self.answers += 1
            if self.answers >= self.limit:
                self.enough.set()


async def test_killed_in_the_middle_of_a_thousand_calls_nothing_answered_is_lost(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        load = Load(server, CALLS)
        running = asyncio.create_task(load.run(KILL_AFTER))
        await load.enough.wait()
        server.end(signal.SIGKILL)
        await running
        assert all(caller.answered for caller in load.callers)
        assert all(len(caller.answered) < len(STEPS) for caller in load.callers)
        assert any("Your number is" in caller.answered[-1].body for caller in load.callers)
        everything_answered_is_in_the_log(server, load.callers)
        await server.start()
        await every_answer_is_given_again(server, load.callers)
        everything_answered_is_in_the_log(server, load.callers)
        assert "Traceback" not in server.log()


async def test_asked_to_stop_it_answers_what_has_begun_and_no_call_loses_its_place(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        load = Load(server, 200)
        running = asyncio.create_task(load.run(320))
        await load.enough.wait()
        assert server.end(signal.SIGTERM) == 0, server.log()
        await running
        everything_answered_is_in_the_log(server, load.callers)
        await server.start()
        caller = next(caller for caller in load.callers if len(caller.answered) == 2)
        async with aiohttp.ClientSession() as session:
            await caller.ask(session, server.port, caller.action(), Digits="10001")
        assert "What went wrong" in caller.answered[-1].body
        assert server.end(signal.SIGTERM) == 0, server.log()


def everything_answered_is_in_the_log(server: Serving, callers: list[Caller]) -> None:
    """Every answered request's turn is in the journal, once, and every number that was told is a ticket's."""
    store = Store(server.store_url)
    try:
        with store.reading() as connection:
            numbers = {format_number(number) for number in ticket_numbers_in(connection)}
            for caller in callers:
                contact = contacts.get_by_provider_ref(connection, "phone", caller.sid)
                if contact is None:
                    assert not caller.answered
                    continue
                entries = journal.read(connection, contact.id)
                assert [entry.seq for entry in entries] == list(range(contact.journal_length))
                turns = [entry.data["turn"] for entry in entries if entry.kind == "input"]
                assert turns == list(range(contact.turn))
                assert len(caller.answered) <= contact.turn <= len(caller.answered) + 1
                for asked in caller.answered:
                    told = _NUMBER.search(asked.body)
                    assert told is None or told.group(1) in numbers
    finally:
        store.close()


def ticket_numbers_in(connection: Connection) -> Iterator[str]:
    """The number of every ticket."""
    cursor = None
    while True:
        page = ticket_list.list_tickets(connection, TicketFilter(), cursor=cursor, limit=200)
        yield from (ticket.number for ticket in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


async def every_answer_is_given_again(server: Serving, callers: list[Caller]) -> None:
    """The same request under the same token gets the same answer from the new process."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def again(session: aiohttp.ClientSession, asked: Asked) -> None:
        async with gate:
            assert await fetch(session, server.port, asked.url, asked.fields, asked.token) == asked.body

    async with aiohttp.ClientSession() as session:
        everything = [asked for caller in callers for asked in caller.answered]
        await asyncio.gather(*(again(session, asked) for asked in everything))
