"""Who may not be here any more is out of every call in seconds, and the customer is back in line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from sqlalchemy.engine import Connection

from contact_center.actions.presence import open_desk
from contact_center.actions.shut_out import close_shut_desk, leave_calls
from contact_center.local_carrier.phone_socket import PhoneSocket
from contact_center.sign_in import cookie
from contact_center.sign_in.routes import ROUTE, SignIn
from crm_store import agents, desks, journal, legs, sessions, tokens
from crm_store.agents import AgentChanges
from tests.app.floor import AISHA, GRACE, TOM
from tests.local_carrier.company import Company
from tests.local_carrier.phone import PATIENCE, TestPhone, ends, phone
from tests.local_carrier.test_calls_with_agents import BOTH, Talk, connected, in_line, talking

Change = Callable[[Connection], Any]


def by(company: Company) -> dict[str, Any]:
    room = company.centre.room
    return {"at": room.clock.now(), "ids": room.ids, "actor": "test"}


async def write(company: Company, change: Change) -> Any:
    return await company.centre.room.store.write(change)


async def looks(company: Company) -> None:
    """The telephones' sessions are looked at, as they are every few seconds."""
    [socket] = [part for part in company.carrier._parts if isinstance(part, PhoneSocket)]
    await socket._watch.look()


async def becomes(company: Company, email: str, **changes: Any) -> None:
    agent_id = await company.id_of(email)

    def update(connection: Connection) -> None:
        version = agents.get(connection, agent_id).version
        agents.update(connection, agent_id, version, AgentChanges(**changes), **by(company))

    await write(company, update)


async def revoke(company: Company) -> None:
    def change(connection: Connection) -> None:
        for token in tokens.list_tokens(connection):
            tokens.revoke(connection, token.id, **by(company))

    await write(company, change)


async def shut(desk: TestPhone) -> list[Any]:
    """What a telephone hears until it is closed."""
    heard = []
    async with asyncio.timeout(PATIENCE):
        while (message := await desk.socket.receive()).type is WSMsgType.TEXT:
            heard.append(message.json())
    return heard


async def in_line_again(talk: Talk) -> None:
    """The customer stands in line with the old place; the agent has nothing of it any more."""
    company = talk.company
    await company.settle()
    await talk.caller.hear("Please hold for the first line.")
    contact, work = await talk.contact(), await company.work(talk.work["id"])
    assert (contact.state, work.state, work.agent_id) == ("waiting", "waiting", None)
    assert work.queued_at == contact.queued_at
    told = await company.read(lambda connection: journal.read(connection, contact.id))
    assert [entry.data["reason"] for entry in told if entry.kind == "requeued"] == ["agent_lost"]
    assert (await talk.leg()).state == "left"
    assert (await company.state(GRACE)).holding == {}


@pytest.mark.parametrize("how", ["revoked", "deactivated"])
async def test_the_customer_of_who_is_shut_out_is_in_line_again(company: Company, how: str) -> None:
    """Also where a desk of the agent is open still, as far as the engine knows."""
    async with talking(company) as talk:
        await looks(company)
        assert await talk.state() == "active"
        await (revoke(company) if how == "revoked" else becomes(company, GRACE, active=False))
        await looks(company)
        heard = await shut(talk.desk)
        assert [line["reason"] for line in heard if line["type"] == "ended"] == ["hung_up"]
        assert heard[-1] == {"type": "error", "text": "You are signed out."}
        await company.gone(talk.desk)
        await in_line_again(talk)


async def test_a_telephone_that_was_turned_out_is_not_resumed(company: Company) -> None:
    async with talking(company) as talk:
        secret = next(line["resume"] for line in talk.desk.lines if line["type"] == "ready")
        await revoke(company)
        await looks(company)
        await shut(talk.desk)
        company.secrets.clear()
        async with phone(company.url, await company.token(GRACE), resume=secret, heard=0) as again:
            assert not next(line["resumed"] for line in again.lines if line["type"] == "ready")


async def test_a_call_that_only_rings_rings_on_at_the_agents_other_telephone(company: Company) -> None:
    mine = await company.token(GRACE)
    company.secrets.clear()
    other = await company.token(GRACE)
    async with (
        phone(company.url, mine) as desk,
        phone(company.url, other) as stays,
        phone(company.url) as caller,
    ):
        await in_line(company, caller)
        await company.available(GRACE)
        await company.accepts(GRACE)
        await desk.until("ring")

        def change(connection: Connection) -> None:
            tokens.revoke(connection, tokens.list_tokens(connection)[0].id, **by(company))

        await write(company, change)
        await looks(company)
        await shut(desk)
        await stays.answer()
        await company.settle()
        await connected(caller, stays)


async def test_who_supervises_no_more_is_out_of_calls_of_others_and_keeps_their_own(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, await company.token(TOM, "supervisor")) as boss:
        await company.does(TOM, talk.work, "supervise", {"mode": "barge"})
        await boss.answer()
        await company.settle()
        await connected(talk.caller, talk.desk, boss, among=3)
        await becomes(company, GRACE, role="administrator")
        await becomes(company, TOM, role="agent")
        await looks(company)
        await company.settle()
        assert await boss.ended()
        assert [ends(line) for line in await connected(talk.caller, talk.desk)] == [[BOTH], [BOTH]]
        assert (await talk.leg("supervisor")).state == "left"
        assert not boss.socket.closed
        await becomes(company, GRACE, role="agent")
        await looks(company)
        await company.settle()
        assert await talk.state() == "active"


async def test_signing_out_ends_the_call_in_the_only_browser(company: Company) -> None:
    async with talking(company) as talk:
        agent_id = await company.id_of(GRACE)
        room = company.centre.room

        def sign_in(connection: Connection) -> str:
            opened = sessions.open_session(
                connection, agent_id, at=room.clock.now(), ids=room.ids, lifetime=timedelta(hours=1)
            )
            return opened.secret

        secret = await write(company, sign_in)
        headers = {"Cookie": f"{cookie.NAME}={secret}", cookie.HEADER: cookie.csrf_token(secret)}
        async with signing_in(company) as url, company.http.delete(url, headers=headers) as answer:
            assert answer.status == 204
        await in_line_again(talk)


@asynccontextmanager
async def signing_in(company: Company) -> AsyncIterator[str]:
    """The routes for signing in, at an address of their own."""
    app = web.Application()
    app.add_routes(SignIn(company.centre.room).routes())
    async with TestServer(app) as server:
        yield str(server.make_url(ROUTE))


@pytest.mark.parametrize("others", [0, 1])
async def test_the_last_desk_that_is_shut_takes_the_call_with_it(company: Company, others: int) -> None:
    """Whoever carries the calls; a desk elsewhere may be where the call is."""
    async with talking(company) as talk:
        agent_id = await company.id_of(GRACE)
        for number in range(others):
            more = partial(open_desk, agent_id=agent_id, desk_id=f"dsk_{number}", node="node")
            await company.act("desk", more)
        await company.act("desk", lambda deed: close_shut_desk(deed, f"dsk_{agent_id}", agent_id))
        assert len(await company.read(lambda connection: desks.of_agent(connection, agent_id))) == others
        if others:
            assert await talk.state() == "active"
        else:
            await in_line_again(talk)
            assert (await company.state(GRACE)).presence == "not_responding"


@pytest.mark.parametrize("here", [True, False])
async def test_a_telephone_of_their_own_is_left_to_who_works_here(company: Company, here: bool) -> None:
    async with talking(company) as talk:
        agent_id = await company.id_of(GRACE)
        at_home = {"party": "phone"}
        leg = await talk.leg()
        await write(company, lambda connection: legs.change(connection, leg, at_home))
        if not here:
            await becomes(company, GRACE, active=False)
        await company.act("desk", lambda deed: close_shut_desk(deed, f"dsk_{agent_id}", agent_id))
        if here:
            assert await talk.state() == "active"
        else:
            await in_line_again(talk)


async def test_who_was_only_asked_leaves_the_customer_to_the_asker(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, await company.token(AISHA)) as asked:
        agent_id = await company.available(AISHA)
        await company.does(GRACE, talk.work, "consult", {"agent_id": agent_id})
        await company.step()
        await company.accepts(AISHA)
        await asked.answer()
        await company.settle()
        assert await company.act("desk", lambda deed: leave_calls(deed, agent_id)) == 1
        await company.settle()
        assert await asked.ended()
        assert (await talk.state(), (await talk.leg()).state) == ("active", "joined")
        assert (await company.state(AISHA)).holding == {}
