"""Signing in, limits, and what is noted of both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from contact_center.api.doorkeeper import REFUSALS_PER_MINUTE, networks, remote_address
from contact_center.clock import ManualClock
from contact_center.config.sections import Limits
from contact_center.live import LiveDown
from contact_center.live.memory import MemoryLive
from contact_center.room import Room
from crm_store import agents, audit, tokens
from crm_store.agents import AgentChanges
from crm_store.audit import AuditFilter
from crm_store.store import Store
from tests.api.conftest import Api, Serve


def refused_sign_ins(store: Store) -> int:
    with store.reading() as connection:
        return len(audit.list_entries(connection, AuditFilter(action="sign_in.refused"), limit=500).items)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer cc_wrong", "Basic cc_wrong", "cc_wrong", "Bearer é\udcff"]
)
async def test_a_wrong_header_is_refused_and_noted(api: Api, store: Store, header: str) -> None:
    headers = {"Authorization": header.encode("utf-8", "surrogateescape").decode("latin-1")} if header else {}
    problem = await api.problem(401, "GET", "/contacts", role=None, headers=headers)
    assert "tokens create" in problem["detail"]
    assert refused_sign_ins(store) == 1


async def test_a_refused_sign_in_says_how_to_sign_in(api: Api) -> None:
    response = await api.ask("GET", "/contacts", role=None)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_many_refused_sign_ins_do_not_flood_the_trail(api: Api, store: Store) -> None:
    answers = [(await api.ask("GET", "/contacts", role=None)).status for _ in range(REFUSALS_PER_MINUTE + 3)]
    assert answers == [401] * REFUSALS_PER_MINUTE + [429] * 3
    assert refused_sign_ins(store) == REFUSALS_PER_MINUTE
    assert (await api.ask("GET", "/contacts")).status == 200


async def test_a_revoked_token_opens_nothing(api: Api, room: Room, store: Store) -> None:
    with store.writing() as connection:
        agent = next(token for token in tokens.list_tokens(connection) if token.role == "agent")
        tokens.revoke(connection, agent.id, at=room.clock.now(), ids=room.ids, actor="test")
    await api.problem(401, "GET", "/contacts", role="agent")


async def test_the_token_of_an_agent_who_has_left_opens_nothing(api: Api, room: Room, store: Store) -> None:
    with store.writing() as connection:
        version = agents.get(connection, api.samples.agent).version
        changes = AgentChanges(active=False)
        agents.update(
            connection, api.samples.agent, version, changes, at=room.clock.now(), ids=room.ids, actor="test"
        )
    await api.problem(401, "GET", "/contacts", role="agent")


async def test_the_limit_holds_for_each_token_and_comes_back(
    room: Room, serve: Serve, clock: ManualClock
) -> None:
    room.config = room.config.model_copy(update={"limits": Limits(requests_per_minute=5)})
    api = await serve()
    answers = [(await api.ask("GET", "/queues")).status for _ in range(6)]
    assert answers == [200] * 5 + [429]
    refused = await api.ask("GET", "/queues")
    assert int(refused.headers["Retry-After"]) > 0
    clock.advance(60)
    assert (await api.ask("GET", "/queues")).status == 200


async def test_the_api_works_on_while_limits_cannot_be_looked_at(room: Room, serve: Serve) -> None:
    class Down(MemoryLive):
        async def rate_limit(self, key: str, limit: int, per_seconds: float) -> bool:
            raise LiveDown("it is not there; start it")

    room.live = Down(room.clock)
    api = await serve()
    assert (await api.ask("GET", "/queues")).status == 200


async def test_the_last_use_is_noted_once_a_minute(api: Api, store: Store, clock: ManualClock) -> None:
    def last_used() -> object:
        with store.reading() as connection:
            return next(t for t in tokens.list_tokens(connection) if t.role == "administrator").last_used_at

    first = clock.now()
    await api.get("/queues")
    assert last_used() == first
    clock.advance(59)
    await api.get("/queues")
    assert last_used() == first
    clock.advance(1)
    await api.get("/queues")
    assert last_used() == first + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        ("", (), "10.0.0.9"),
        ("203.0.113.7", (), "10.0.0.9"),  # nobody believes a stranger's header
        ("203.0.113.7", ("10.0.0.0/8",), "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", ("10.0.0.0/8",), "203.0.113.7"),  # the caller wrote the first part
        ("203.0.113.7, 10.1.1.1", ("10.0.0.0/8",), "203.0.113.7"),
        ("203.0.113.7", ("2001:db8::/32",), "10.0.0.9"),
    ],
)
def test_the_address_is_that_behind_our_own_proxies(
    forwarded: str, trusted: tuple[str, ...], address: str
) -> None:
    headers = CIMultiDict({"X-Forwarded-For": forwarded} if forwarded else {})
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="10.0.0.9")
    assert remote_address(request, networks(trusted)) == address
