"""Processes, Redis and PostgreSQL are killed, frozen and restarted amid calls (point "faults" of routing).

After each: nobody who got an answer is lost, nobody is offered to two, no agent is stuck, the place in
line is kept, and within five seconds of the lease's end offers are made again. `tests.e2e.invariants` reads
all that from the store.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from crm_store import schema
from tests.e2e import invariants
from tests.e2e.cluster import FREED, LEASE, PAUSE, Cluster, cluster_of, eventually
from tests.e2e.invariants import Store
from tests.e2e.people import Agent, Caller, Doors, at_work
from tests.support.breakable import Breakable, breakable_postgres, breakable_redis

AGENTS = 4
CALLS = 50
DONE = 12
"""So many calls are over when something is broken; the others wait, ring or talk."""

PATIENCE = 40.0


@pytest.fixture
def redis_server() -> Iterator[Breakable]:
    with breakable_redis() as server:
        yield server


@pytest.fixture
async def cluster(tmp_path: Path, fresh_postgres: str, redis_server: Breakable) -> AsyncIterator[Cluster]:
    async with cluster_of(tmp_path, fresh_postgres, redis_server.url, agents=AGENTS) as cluster:
        cluster.start()
        await cluster.ready()
        yield cluster


@dataclass
class Busy:
    """A cluster with agents at work and callers who come in."""

    cluster: Cluster
    session: aiohttp.ClientSession
    agents: list[Agent]
    callers: list[Caller] = field(default_factory=list)
    dialling: list[asyncio.Task[None]] = field(default_factory=list)

    def call(self, number: int) -> None:
        """So many more callers, half of them at each process."""
        for _ in range(number):
            doors = Doors(self.cluster, self.session, first=len(self.callers))
            caller = Caller(doors, f"call-{len(self.callers)}")
            self.callers.append(caller)
            self.dialling.append(asyncio.create_task(caller.dial()))

    def store(self) -> Store:
        return self.cluster.read(Store.read)

    def offers(self) -> list[tuple[str, str, int]]:
        """Every offer as ``(id, state, fence)``."""
        of = schema.offers.c
        rows = self.cluster.read(
            lambda connection: connection.execute(sa.select(of.id, of.state, of.fence).order_by(of.id)).all()
        )
        return [(row.id, row.state, row.fence) for row in rows]

    def ended(self) -> int:
        """How many contacts are over."""
        statement = sa.select(sa.func.count()).where(schema.contacts.c.state == "ended")
        return int(self.cluster.read(lambda connection: connection.execute(statement).scalar_one()))

    async def until_ended(self, number: int) -> None:
        await eventually(lambda: self.ended() >= number, PATIENCE, f"not {number} contacts are over")

    async def all_is_well(self) -> None:
        """Everybody who called is served, and nothing was ever wrong."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self.dialling)
        answered = [caller.contact_id for caller in self.callers]
        assert len(set(answered)) == len(answered)
        try:
            await eventually(lambda: invariants.over(self.store()) == [], PATIENCE, "not all is over")
        except AssertionError as error:
            raise AssertionError(f"{error}: {invariants.over(self.store())[:9]}") from None
        store = self.store()
        assert invariants.now(store, answered) == []
        assert invariants.history(store) == []
        assert {contact.outcome for contact in store.contacts.values()} == {"answered"}


@asynccontextmanager
async def busy(cluster: Cluster) -> AsyncIterator[Busy]:
    """All agents at work, each at a process of their own choice, for the length of the block."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        found = [
            Agent(Doors(cluster, session, first=number), seat) for number, seat in enumerate(cluster.seats)
        ]
        scene = Busy(cluster, session, found)
        try:
            async with at_work(*found):
                yield scene
        finally:
            for task in scene.dialling:
                task.cancel()
    for node in cluster.nodes:
        assert "Traceback" not in node.log(), node.log()


async def offers_again(scene: Busy, since: float, old_fence: int) -> None:
    """A new leader makes offers within the time that is promised, counted from the old one's end."""
    allowed = LEASE + FREED - (time.monotonic() - since)
    await eventually(
        lambda: any(fence > old_fence for _, _, fence in scene.offers()), allowed, "no offers by a new leader"
    )


async def test_the_leader_is_killed(cluster: Cluster) -> None:
    leader = await cluster.led()
    async with busy(cluster) as scene:
        scene.call(CALLS)
        await scene.until_ended(DONE)
        fence = max(fence for _, _, fence in scene.offers())
        leader.end(signal.SIGKILL)
        await offers_again(scene, time.monotonic(), fence)
        assert await cluster.led() is not leader
        await scene.all_is_well()


async def test_redis_is_killed_and_comes_back_empty(cluster: Cluster, redis_server: Breakable) -> None:
    await cluster.led()
    async with busy(cluster) as scene:
        scene.call(CALLS // 2)
        await scene.until_ended(DONE // 2)
        before = [len(node.log()) for node in cluster.nodes]
        redis_server.kill()
        scene.call(CALLS // 4)
        await scene.all_is_well()
        await shows_live(scene, "slower")
        for node, length in zip(cluster.nodes, before, strict=True):
            assert node.log()[length:].count("live state is down") == 1, node.log()
        redis_server.start()
        await shows_live(scene, "ready")
        heard_again = "live state answers again"
        await eventually(
            lambda: all(heard_again in node.log() for node in cluster.nodes), 10, "Redis is not noticed"
        )
        scene.call(AGENTS)
        await scene.all_is_well()


async def shows_live(scene: Busy, word: str) -> None:
    """`/readyz` says of every process how it goes, with 200: a load balancer must leave them be."""
    deadline = time.monotonic() + 5
    for node in scene.cluster.nodes:
        while True:
            async with scene.session.get(f"{node.url}/readyz") as response:
                body = await response.json()
            assert response.status == 200
            assert (body["parts"]["live"] == "ready") == (body["status"] == "ready"), body
            if body["status"] == word:
                break
            assert time.monotonic() < deadline, f"{node.name} is {body}"
            await asyncio.sleep(PAUSE)


@pytest.mark.slow
async def test_redis_hangs(cluster: Cluster, redis_server: Breakable) -> None:
    """Its connections stay open, and nothing comes."""
    await cluster.led()
    async with busy(cluster) as scene:
        scene.call(CALLS // 2)
        await scene.until_ended(DONE // 2)
        redis_server.freeze()
        scene.call(CALLS // 2)
        try:
            await scene.all_is_well()
        finally:
            redis_server.thaw()
        scene.call(AGENTS)
        await scene.all_is_well()


@pytest.mark.slow
async def test_the_process_with_the_desk_is_killed_and_the_agent_goes_to_another(cluster: Cluster) -> None:
    """The offer is still there, and is accepted where the desk has come back."""
    leader = await cluster.led()
    node = cluster.other(leader)
    async with aiohttp.ClientSession() as session:
        doors = Doors(cluster, session, first=cluster.nodes.index(node))
        agent = Agent(doors, cluster.seats[0], answers=False)
        async with at_work(agent):
            caller = await offered(cluster, doors, agent)
            [offer_id] = agent.offered
            node.end(signal.SIGKILL)
            await eventually(lambda: agent.node is leader, 2, "the desk has not come back")
            await eventually(lambda: agent.hellos == 2, 2, "the desk was told nothing")
            assert await agent.accept(offer_id)
            store = cluster.read(Store.read)
            assert store.contacts[caller.contact_id].state == "connected"
            assert invariants.now(store, [caller.contact_id]) == []


@pytest.mark.slow
async def test_the_process_with_the_desk_is_killed_and_the_agent_with_it(cluster: Cluster) -> None:
    """Freed by expiry: another agent gets the caller, whose place is kept; the first is not responding."""
    leader = await cluster.led()
    node = cluster.other(leader)
    async with aiohttp.ClientSession() as session:
        doors = Doors(cluster, session, first=cluster.nodes.index(node))
        there = Doors(cluster, session, first=cluster.nodes.index(leader))
        agent = Agent(doors, cluster.seats[0], answers=False, stays=True)
        async with at_work(agent):
            caller = await offered(cluster, doors, agent)
            second = Caller(there, "second")
            await second.dial()
            node.end(signal.SIGKILL)
            other = Agent(there, cluster.seats[1], talk_seconds=0.0)
            async with at_work(other):
                both = {caller.contact_id, second.contact_id}
                await eventually(
                    lambda: ended(cluster) == both, LEASE + FREED + 3, "the other agent does not get both"
                )
            store = cluster.read(Store.read)
            assert invariants.now(store, both) == []
            assert invariants.history(store) == []
            lost = store.states[agent.seat.agent_id]
            assert (lost.presence, lost.holding) == ("not_responding", {})
            assert lost.reason in ("desk_lost", "no_answer")


async def offered(cluster: Cluster, doors: Doors, agent: Agent) -> Caller:
    """A caller who is being offered to the agent."""
    caller = Caller(doors, "first")
    await caller.dial()
    await eventually(lambda: bool(agent.offered), 10, "there is no offer")
    return caller


def ended(cluster: Cluster) -> set[str]:
    found = cluster.read(Store.read).contacts.values()
    return {contact.id for contact in found if contact.state == "ended"}


@pytest.mark.slow
async def test_the_leader_is_frozen_and_wakes_with_an_old_lease(cluster: Cluster) -> None:
    leader = await cluster.led()
    async with busy(cluster) as scene:
        scene.call(CALLS)
        await scene.until_ended(DONE)
        fence = max(fence for _, _, fence in scene.offers())
        leader.send(signal.SIGSTOP)
        await offers_again(scene, time.monotonic(), fence)
        scene.call(CALLS // 2)
        await scene.until_ended(CALLS)
        leader.send(signal.SIGCONT)
        await scene.all_is_well()
        assert cluster.leader() is cluster.other(leader)
        leader.end(signal.SIGTERM)
        assert "has given up leading" not in leader.log(), "it believes that it leads"


@pytest.mark.slow
async def test_everything_is_killed_and_started_again(cluster: Cluster) -> None:
    await cluster.led()
    async with busy(cluster) as scene:
        scene.call(CALLS)
        await scene.until_ended(DONE)
        for node in cluster.nodes:
            node.end(signal.SIGKILL)
        cluster.start()
        await cluster.ready()
        await scene.all_is_well()


@pytest.mark.slow
async def test_one_after_the_other_is_restarted_in_good_order(cluster: Cluster) -> None:
    await cluster.led()
    async with busy(cluster) as scene:
        for round_, node in enumerate(cluster.nodes):
            scene.call(CALLS // 2)
            await scene.until_ended(DONE + round_ * CALLS // 2)
            node.send(signal.SIGTERM)
            assert node.process is not None
            assert await asyncio.to_thread(node.process.wait, 30) == 0, node.log()
            cluster.start(node)
            await cluster.ready(node)
        await scene.all_is_well()
        told = {reason for state in scene.store().states.values() if (reason := state.reason)}
        assert told <= {"desk_lost"}, "an agent was said not to have answered"


@pytest.mark.slow
async def test_postgresql_is_restarted(tmp_path: Path, redis_server: Breakable) -> None:
    with breakable_postgres() as postgres:
        async with cluster_of(tmp_path, postgres.url, redis_server.url, agents=AGENTS) as cluster:
            cluster.start()
            await cluster.ready()
            await cluster.led()
            async with busy(cluster) as scene:
                scene.call(CALLS)
                await scene.until_ended(DONE)
                await asyncio.to_thread(postgres.kill)
                scene.call(CALLS // 4)
                await asyncio.to_thread(postgres.start)
                before: list[int] = []

                def made_more() -> bool:
                    before.append(len(scene.offers()))
                    return before[-1] > before[0]

                await eventually(made_more, FREED, "no offers are made any more")
                await scene.all_is_well()


@pytest.mark.slow
async def test_postgresql_hangs(tmp_path: Path, redis_server: Breakable) -> None:
    """Longer than a lease: nobody believes to lead meanwhile, and all goes on when it does."""
    with breakable_postgres() as postgres:
        async with cluster_of(tmp_path, postgres.url, redis_server.url, agents=AGENTS) as cluster:
            cluster.start()
            await cluster.ready()
            leader = await cluster.led()
            async with busy(cluster) as scene:
                scene.call(CALLS)
                await scene.until_ended(DONE)
                postgres.freeze()
                try:
                    scene.call(CALLS // 4)
                    no_more = "this process leads routing no more"
                    await eventually(lambda: no_more in leader.log(), LEASE + 1, "it believes that it leads")
                finally:
                    postgres.thaw()
                await scene.all_is_well()


@pytest.mark.slow
@pytest.mark.parametrize(("skew", "jump"), [(30, 0), (-30, 0), (0, 30), (0, -30)])
async def test_a_machines_clock_is_half_a_minute_off(
    tmp_path: Path,
    fresh_postgres: str,
    redis_server: Breakable,
    monkeypatch: pytest.MonkeyPatch,
    skew: int,
    jump: int,
) -> None:
    """From the start, or set while it leads: what it decides goes by the database's clock."""
    monkeypatch.setenv("CC_TEST_SKEW", str(skew))
    monkeypatch.setenv("CC_TEST_JUMP", str(jump))
    async with cluster_of(tmp_path, fresh_postgres, redis_server.url, agents=AGENTS) as cluster:
        wrong, right = cluster.nodes
        wrong.wrapper = ("-m", "tests.e2e.skewed")
        cluster.start(wrong)
        await cluster.ready(wrong)
        assert await cluster.led() is wrong
        cluster.start(right)
        await cluster.ready(right)
        async with busy(cluster) as scene:
            scene.call(CALLS)
            await scene.until_ended(DONE)
            if jump:
                wrong.send(signal.SIGUSR1)
            await scene.until_ended(2 * DONE)
            assert cluster.leader() is wrong
            fence = max(fence for _, _, fence in scene.offers())
            wrong.end(signal.SIGKILL)
            await offers_again(scene, time.monotonic(), fence)
            await scene.all_is_well()
            assert {state for _, state, _ in scene.offers()} <= {"accepted", "expired"}
            assert number_of(scene, "expired") <= AGENTS, "offers ran out before their time"


def number_of(scene: Busy, state: str) -> int:
    return sum(found == state for _, found, _ in scene.offers())
