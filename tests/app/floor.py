"""Agents at work in a centre without a web server: who is there, what they are offered, what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.engine import Connection

from contact_center.actions import offers, talk
from contact_center.actions.act import Act, act
from contact_center.actions.presence import set_presence
from contact_center.outbox_worker import OutboxWorker
from crm_store import agent_states, agents, journal, works
from crm_store import offers as offer_rows
from crm_store.agent_states import AgentState
from crm_store.journal import Entry
from crm_store.offers import Offer
from crm_store.works import Work
from tests.app.centre import Centre

T = TypeVar("T")

GRACE = "grace.miller@example.com"
TOM = "tom.becker@example.com"
AISHA = "aisha.khan@example.com"


@dataclass
class Floor:
    """The agents of a centre, by their e-mail addresses."""

    centre: Centre

    async def read(self, function: Callable[[Connection], T]) -> T:
        return await self.centre.room.store.read(function)

    async def act(self, actor: str, function: Callable[[Act], T]) -> T:
        return await act(self.centre.room, actor, function)

    async def id_of(self, email: str) -> str:
        found = await self.read(lambda connection: agents.get_by_email(connection, email))
        assert found is not None
        return found.id

    async def go(self, email: str, presence: str = "available", reason: str = "") -> str:
        """Set an agent's presence; the agent's id."""
        agent_id = await self.id_of(email)
        await self.act(f"agent:{agent_id}", lambda deed: set_presence(deed, agent_id, presence, reason))
        return agent_id

    async def state(self, email: str) -> AgentState:
        agent_id = await self.id_of(email)
        return await self.read(lambda connection: agent_states.find(connection, agent_id))

    async def step(self, seconds: float = 0.0) -> None:
        """Let time pass and routing go round."""
        self.centre.clock.advance(seconds)
        await self.centre.dispatcher.step()

    async def outbox(self) -> None:
        """Carry out what commits have asked for."""
        await OutboxWorker(self.centre.room, self.centre.talks.handlers()).drain()

    async def offers(self, email: str) -> list[Offer]:
        """What an agent is asked just now."""
        agent_id = await self.id_of(email)
        return await self.read(lambda connection: offer_rows.pending_of_agent(connection, agent_id))

    async def offer(self, email: str) -> Offer:
        [found] = await self.offers(email)
        return found

    async def accept(self, email: str) -> Work:
        """The agent says yes to the one offer there is."""
        offer = await self.offer(email)
        return await self.act(
            f"agent:{offer.agent_id}", lambda deed: offers.accept_offer(deed, offer.id, offer.agent_id)
        )

    async def decline(self, email: str) -> Work:
        offer = await self.offer(email)
        return await self.act(
            f"agent:{offer.agent_id}", lambda deed: offers.decline_offer(deed, offer.id, offer.agent_id)
        )

    async def work(self, work_id: str) -> Work:
        return await self.read(lambda connection: works.get(connection, work_id))

    async def works(self, *states: str) -> list[Work]:
        return await self.read(lambda connection: works.list_open(connection, states or works.OPEN_STATES))

    async def with_work(self, work: Work, function: Callable[[Act, Work], T]) -> T:
        """An action on work as it is now."""
        return await self.act(
            f"agent:{work.agent_id}", lambda deed: function(deed, works.get(deed.connection, work.id))
        )

    async def end(self, work: Work) -> None:
        """The agent ends the conversation, and the customer goes on."""
        await self.with_work(work, talk.end_talk)
        await self.outbox()

    async def finish(self, work: Work, disposition: str = "resolved") -> Work:
        return await self.with_work(work, lambda deed, found: talk.finish(deed, found, disposition))

    async def entries(self, contact_id: str, kind: str) -> list[dict[str, Any]]:
        """The data of a contact's journal lines of one kind."""
        found: list[Entry] = await self.read(lambda connection: journal.read(connection, contact_id))
        return [entry.data for entry in found if entry.kind == kind]
