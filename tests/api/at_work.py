"""Agents at work over the API: who waits, who is offered what, and a carrier that is only pretended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from contact_center.actions.act import Act, act
from contact_center.actions.calls import heed, leg_placed
from contact_center.actions.offers import LEADER, make_offer
from contact_center.actions.presence import set_presence
from contact_center.carriers.base import Dial, Recording
from contact_center.channels.base import LegEvent
from contact_center.routing.model import Candidate, PassedOver, Why
from crm_store import agents, contacts, journal, leases, legs, offers, tokens, works
from crm_store.agents import NewAgent
from crm_store.contacts import Contact
from crm_store.legs import Leg
from crm_store.offers import Offer
from crm_store.works import Work
from tests.api.conftest import Api
from tests.api.samples import new_contact

FLOWN = {"flow": "hello", "flow_digest": "d"}


@dataclass
class Carrier:
    """Does what it is asked, and keeps it; or raises ``error`` each time."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    error: Exception | None = None

    def _do(self, *what: Any) -> None:
        if self.error is not None:
            raise self.error
        self.asked.append(what)

    async def fetch_again(self, call_ref: str, contact_id: str, turn: int) -> None:
        self._do("fetch_again", call_ref)

    async def dial(self, dial: Dial) -> str:
        self._do("dial", dial.leg_id)
        return f"CA{dial.leg_id}"

    async def drop(self, room: str, leg_ref: str, *, answered: bool) -> None:
        self._do("drop", leg_ref)

    async def hold(self, room: str, leg_ref: str, on: bool, music: str = "") -> None:
        self._do("hold", leg_ref, on)

    async def mute(self, room: str, leg_ref: str, on: bool) -> None:
        self._do("mute", leg_ref, on)

    async def coach(self, room: str, leg_ref: str, coached_ref: str) -> None:
        self._do("coach", leg_ref, coached_ref)

    async def record(self, room: str, leg_ref: str, what: Recording) -> None:
        self._do("record", leg_ref, what)

    async def end_room(self, room: str) -> None:
        self._do("end_room", room)

    async def close(self) -> None:
        return None


@dataclass
class Job:
    """Ids of one piece of work on its way."""

    id: str
    contact_id: str
    offer_id: str = ""


@dataclass
class AtWork:
    """The API with two agents: ``wang``, whose token is that of the role ``agent``, and ``ada``."""

    api: Api
    wang: str
    ada: str
    number: int = 0

    @classmethod
    async def begin(cls, api: Api) -> AtWork:
        room = api.room

        def prepare(connection: Connection) -> str:
            by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}
            new = NewAgent(name="Ada", email="ada@example.com")
            ada = agents.create(connection, new, **by).id
            api.secrets["ada"] = tokens.create(connection, "ada", "agent", agent_id=ada, **by).secret
            api.secrets["program"] = tokens.create(connection, "program", "supervisor", **by).secret
            api.secrets["nobody"] = tokens.create(connection, "nobody", "agent", **by).secret
            return ada

        return cls(api, api.samples.agent, await room.store.write(prepare))

    async def act(self, function: Any) -> Any:
        return await act(self.api.room, "router", function)

    async def go(self, *agent_ids: str) -> None:
        """These agents are available."""
        for agent_id in agent_ids:
            await self.act(lambda deed, agent_id=agent_id: set_presence(deed, agent_id, "available"))

    async def waits(self, channel: str = "web", queue: str = "sales", **more: Any) -> Job:
        """A customer who stands in line."""
        self.number += 1
        caller = f"+1202555{100 + self.number:04d}"

        def work(deed: Act) -> Job:
            line = {"state": "waiting", "queue": queue, "queued_at": deed.at}
            fields = FLOWN | line | {"provider_ref": f"CA{self.number}"}
            contact_id = new_contact(deed.connection, deed.ids, deed.at, channel, caller, None, **fields)
            kind = {"phone": "call", "web": "chat"}[channel]
            made = Work(
                id=deed.ids.new("wrk"), kind=kind, contact_id=contact_id, queue=queue, queued_at=deed.at,
                entered_at=deed.at, **more,
            )  # fmt: skip
            deed.add_work(made)
            queued = {"work_id": made.id, "queue": queue, "kind": kind, "position": 1}
            deed.note(made, "queued", queued)
            return Job(made.id, contact_id)

        found: Job = await self.act(work)
        return found

    async def offered(self, work: Job, agent_id: str) -> Job:
        """An agent is asked."""
        passed = (PassedOver(self.ada, "busy"),) if agent_id == self.wang else ()
        why = Why(
            trigger="work_came", strategy="longest_idle", score=5.0, urgency=1.0, waited=0.0,
            candidates=(Candidate(agent_id, 5.0),), candidate_count=1, passed_over=passed,
            passed_over_counts={"busy": len(passed)} if passed else {},
        )  # fmt: skip

        def offer(deed: Act) -> str:
            lease = leases.take(deed.connection, LEADER, "test", 3600, deed.at)
            assert lease is not None
            made = make_offer(deed, work.id, agent_id, why, lease.fence)
            assert made is not None
            return made.id

        return Job(work.id, work.contact_id, await self.act(offer))

    async def chat(self, agent_id: str = "") -> Job:
        """A chat that an agent (Wang Fang) has."""
        agent_id = agent_id or self.wang
        await self.go(agent_id)
        work = await self.offered(await self.waits(), agent_id)
        await self.post(f"/offers/{work.offer_id}/accept", {}, role=self._role(agent_id))
        return work

    async def call(self, carrier: Carrier) -> Job:
        """A telephone call that Wang Fang has, over a carrier."""
        self.api.room.calls = carrier
        await self.go(self.wang)
        work = await self.offered(await self.waits("phone"), self.wang)
        await self.post(f"/offers/{work.offer_id}/accept", {}, role="agent")
        await self.comes(work)
        return work

    async def comes(self, work: Job, role: str = "agent") -> Leg:
        """Whoever is being called into the conversation is there."""

        def join(deed: Act) -> Leg:
            found = legs.list_for_contact(deed.connection, work.contact_id, open_only=True)
            [leg] = [leg for leg in found if leg.role == role and leg.state == "placing"]
            leg_placed(deed, leg.id, f"CA{leg.id}")
            heed(deed, work.contact_id, LegEvent(leg.id, "joined", provider_ref=f"CA{leg.id}"))
            return legs.get(deed.connection, leg.id)

        found: Leg = await self.act(join)
        return found

    def _role(self, agent_id: str) -> str:
        return "agent" if agent_id == self.wang else "ada"

    async def post(self, path: str, body: Any = None, role: str = "agent", **more: Any) -> Any:
        """The JSON of a POST that must succeed."""
        response = await self.api.ask("POST", path, body, role=role, **more)
        assert response.status == 200, await response.text()
        return await response.json()

    async def refused(
        self, status: int, code: str, path: str, body: Any = None, role: str = "agent", **more: Any
    ) -> str:
        """The words of a refusal with this status and code."""
        problem = await self.api.problem(status, "POST", path, body, role=role, **more)
        assert problem["code"] == code
        return str(problem["detail"])

    async def work(self, work: Job) -> Work:
        return await self.api.room.store.read(lambda connection: works.get(connection, work.id))

    async def offer(self, work: Job) -> Offer:
        return await self.api.room.store.read(lambda connection: offers.get(connection, work.offer_id))

    async def contact(self, work: Job) -> Contact:
        return await self.api.room.store.read(lambda connection: contacts.get(connection, work.contact_id))

    async def kinds(self, work: Job) -> list[str]:
        """What is in the contact's journal."""
        found = await self.api.room.store.read(lambda connection: journal.read(connection, work.contact_id))
        return [entry.kind for entry in found]
