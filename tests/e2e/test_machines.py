"""Two processes on one PostgreSQL and one Redis: one leads, and it makes no difference which one is asked."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.e2e import invariants
from tests.e2e.cluster import Cluster, Node, cluster_of, eventually
from tests.e2e.invariants import Store
from tests.e2e.people import Agent, Caller, Doors, at_work


@pytest.fixture
async def cluster(tmp_path: Path, fresh_postgres: str, fresh_redis: str) -> AsyncIterator[Cluster]:
    async with cluster_of(tmp_path, fresh_postgres, fresh_redis, agents=2, poll_seconds=60) as cluster:
        cluster.start()
        await cluster.ready()
        yield cluster


async def get(session: aiohttp.ClientSession, node: Node, path: str, token: str) -> object:
    """What a process's API answers."""
    async with session.get(f"{node.url}{path}", headers={"Authorization": f"Bearer {token}"}) as response:
        assert response.status == 200
        return await response.json()


async def test_one_leads_and_a_desk_at_one_gets_the_caller_of_the_other(cluster: Cluster) -> None:
    a, b = cluster.nodes
    leader = await cluster.led()
    assert sum("this process leads routing" in node.log() for node in cluster.nodes) == 1
    async with aiohttp.ClientSession() as session:
        at_a, at_b = Doors(cluster, session, first=0), Doors(cluster, session, first=1)
        first, second = (
            Agent(at_a, cluster.seats[0], answers=False), Agent(at_b, cluster.seats[1], answers=False),
        )  # fmt: skip
        async with at_work(first, second):
            await eventually(lambda: bool(first.hellos and second.hellos), 10, "a desk hears nothing")
            await eventually(lambda: len(available(cluster)) == 2, 10, "the agents are not available")
            callers = [Caller(at_a, "from-a"), Caller(at_b, "from-b")]
            for caller in callers:
                await caller.dial()
            # Long before anybody looks into the database for it.
            await eventually(lambda: bool(first.offered and second.offered), 20, "an offer is missing")
            [to_first], [to_second] = first.offered, second.offered
            for path in ("/api/v1/works", "/api/v1/states", "/api/v1/lines"):
                found = [await get(session, node, path, cluster.seats[0].token) for node in (a, b)]
                assert without_waits(found[0]) == without_waits(found[1]), path
            assert await first.accept(to_first, at_b), "accepted at the process where the desk is not"
            assert await second.accept(to_second, at_b)
            store = cluster.read(Store.read)
            assert {contact.state for contact in store.contacts.values()} == {"connected"}
            assert invariants.now(store, [caller.contact_id for caller in callers]) == []
            for agent in (first, second):
                status, answer = await at_a.post(
                    f"/api/v1/works/{agent.taken[0]}/wrap-up", {"disposition": "resolved"}, agent.seat.token
                )
                assert status == 200, answer
            await eventually(lambda: invariants.over(cluster.read(Store.read)) == [], 10, "not over")
    assert invariants.history(cluster.read(Store.read)) == []
    assert cluster.leader() is leader
    other = cluster.other(leader)
    leader.send(signal.SIGTERM)
    await eventually(lambda: cluster.leader() is other, 10, "the lease was not given up")
    assert leader.process is not None
    assert await asyncio.to_thread(leader.process.wait, 10) == 0
    for node in cluster.nodes:
        assert "Traceback" not in node.log(), node.log()


def available(cluster: Cluster) -> list[str]:
    """Who may be offered something."""
    states = cluster.read(Store.read).states.values()
    return [state.id for state in states if state.presence == "available"]


def without_waits(answer: object) -> object:
    """An answer without what depends on the moment of asking."""
    if isinstance(answer, list):
        return [without_waits(each) for each in answer]
    if isinstance(answer, dict):
        return {name: without_waits(value) for name, value in answer.items() if "wait" not in name}
    return answer
