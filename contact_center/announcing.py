"""After the commit: whoever must know of changed work and agents is told, here and in other processes (D1).

Two topics of live state. ``routing`` feeds the leading router whole rows, each with its version, so that
order and duplicates do not matter; ``desk`` carries to each agent's desks what concerns them. Where live
state is down nothing is lost: the leader and the desks' hubs look into the database once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog

from contact_center.agent import status_of
from contact_center.live import LiveDown, LiveState
from contact_center.observe.metrics import Metrics
from crm_store.agent_states import AgentState
from crm_store.work_people import People
from crm_store.works import Work

log = structlog.get_logger(__name__)

ROUTING: Final = "routing"
DESK: Final = "desk"

LOOK: Final = "look"
"""A notice for everybody that desks never see: their hubs look for what they may have missed."""

TRY_SECONDS: Final = 1.0
"""How often live state that is down is tried; what is to be told meanwhile is dropped."""

LAST_SECONDS: Final = 2.0
"""For how long an announcer that is stopped still tells what was committed."""


class Changed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the router must know: rows as they are after a commit. ``setup``: agents or queues were set up
    anew.
    """

    works: tuple[Work, ...] = ()
    agents: tuple[AgentState, ...] = ()
    setup: bool = False


class Notice(msgspec.Struct, frozen=True):
    """Something for the desks of an agent ('' = everybody's): ``event`` names it, ``data`` is what it
    tells.
    """

    agent_id: str
    event: str
    data: dict[str, Any]


@dataclass
class Told:
    """Everything that one commit has to tell. Gathered while the transaction runs, thrown away if it
    fails.
    """

    works: dict[str, Work] = field(default_factory=dict)
    agents: dict[str, AgentState] = field(default_factory=dict)
    said: list[Notice] = field(default_factory=list)
    concerned: dict[str, set[str]] = field(default_factory=dict)
    contacts: set[str] = field(default_factory=set)
    outbox: bool = False
    setup: bool = False
    counted: list[Callable[[Metrics], None]] = field(default_factory=list)

    def work(self, before: Work | None, after: Work, *, asker: str | None = None) -> None:
        """A piece of work changed: the router, and the desks of who has it and who had it; of a consultation
        also of the ``asker``.
        """
        self.works[after.id] = after
        concerned = self.concerned.setdefault(after.id, set())
        them = (after.agent_id, before and before.agent_id, asker)
        concerned |= {agent_id for agent_id in them if agent_id}

    def agent(self, state: AgentState) -> None:
        """An agent's state changed."""
        self.agents[state.id] = state

    def notice(self, agent_id: str, event: str, data: dict[str, Any]) -> None:
        """Something else for an agent's desks; what is for no agent ('') is for no desk."""
        if agent_id:
            self.said.append(Notice(agent_id, event, data))

    @property
    def notices(self) -> list[Notice]:
        """What the desks are told: works and agents once each, as they are in the end, then what was said."""
        works = [
            Notice(agent_id, "work", shown)
            for work_id, agent_ids in self.concerned.items()
            if agent_ids and (shown := shown_work(self.works[work_id]))
            for agent_id in sorted(agent_ids)
        ]
        states = [Notice(agent_id, "state", shown_state(state)) for agent_id, state in self.agents.items()]
        return [*works, *states, *self.said]


def shown_work(work: Work) -> dict[str, Any]:
    """Work as desks and the API show it."""
    shown: dict[str, Any] = msgspec.to_builtins(work)
    return shown


def shown_with(work: Work, people: People) -> dict[str, Any]:
    """As `shown_work`, with the names of the people in it."""
    shown: dict[str, Any] = msgspec.to_builtins(people)
    return shown_work(work) | shown


def shown_state(state: AgentState) -> dict[str, Any]:
    """An agent's state as desks and the API show it, with the status that people know."""
    holding = {work_id: msgspec.to_builtins(held) for work_id, held in state.holding.items()}
    shown: dict[str, Any] = msgspec.to_builtins(state)
    return shown | {"holding": holding, "status": status_of(state)}


_EVERYBODY_LOOK: Final = msgspec.json.encode([Notice("", LOOK, {})]).decode()
_LOOK_AT_ALL: Final = msgspec.json.encode(Changed(setup=True)).decode()


class Announcer:
    """See the module. ``run`` publishes, in the order in which commits were told.

    It also says in the log, once for each outage, that live state is down, whoever finds out first.
    """

    def __init__(self, live: LiveState, metrics: Metrics) -> None:
        self.on_contact: Callable[[str], None] = lambda contact_id: None
        self.on_outbox: Callable[[], None] = lambda: None
        self._live = live
        self._metrics = metrics
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._down = False
        self._missed = False
        self._try_at = 0.0

    def tell(self, told: Told) -> None:
        """Have it published; call it after the commit only."""
        for count in told.counted:
            count(self._metrics)
        for contact_id in told.contacts:
            self.on_contact(contact_id)
        if told.outbox:
            self.on_outbox()
        if told.works or told.agents or told.setup:
            changed = Changed(tuple(told.works.values()), tuple(told.agents.values()), told.setup)
            self._waiting.put_nowait((ROUTING, msgspec.json.encode(changed).decode()))
        if notices := told.notices:
            self._waiting.put_nowait((DESK, msgspec.json.encode(notices).decode()))

    def look(self) -> None:
        """Have every hub of desks look for what its desks may not have been told (a process died, perhaps
        between a commit and its notices).
        """
        self._waiting.put_nowait((DESK, _EVERYBODY_LOOK))

    def live_is_down(self, error: LiveDown) -> None:
        """Note that live state cannot be reached."""
        self._missed = True
        if not self._down:
            self._down = True
            log.warning("live state is down: limits are off, routing goes by the database", why=str(error))

    def live_is_up(self) -> None:
        """Note that live state answers (again)."""
        self._try_at = 0.0
        if self._down:
            self._down = False
            log.info("live state answers again")

    async def run(self) -> None:
        """Publish until cancelled, and then what is still to be told."""
        try:
            while True:
                await self._publish_next()
        finally:
            self._missed = True  # what was on its way just now
            self.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    while not self._waiting.empty():
                        await self._publish_next()

    async def _publish_next(self) -> None:
        topic, text = await self._waiting.get()
        try:
            await self._publish(topic, text)
        finally:
            self._waiting.task_done()

    async def _publish(self, topic: str, text: str) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._try_at:
            return
        try:
            if self._missed:
                await self._live.publish(ROUTING, _LOOK_AT_ALL)
                await self._live.publish(DESK, _EVERYBODY_LOOK)
                self._missed = False
            await self._live.publish(topic, text)
        except LiveDown as error:
            self._try_at = now + TRY_SECONDS
            self.live_is_down(error)
        else:
            self.live_is_up()

    async def settled(self) -> None:
        """Return when everything told so far has been published (a signal for tests)."""
        await self._waiting.join()
