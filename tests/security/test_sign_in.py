"""Signing in under attack: guessing, listing accounts, planting a session, staying for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy.engine import Connection

from contact_center.clock import ManualClock
from contact_center.sign_in import cookie, first, passwords
from contact_center.sign_in.routes import ROUTE, TRIES_PER_MINUTE
from crm_store import agents, audit, sessions
from crm_store.agents import AgentChanges, NewAgent
from crm_store.audit import AuditFilter
from tests.security.office import Office

PASSWORD = "canary correct horse"
SU, LEFT, NONE = "su@example.com", "left@example.com", "none@example.com"
STRANGER = "stranger@example.com"


@dataclass
class Hasher:
    """argon2's work is noted, and not done: what is right is plain."""

    verified: list[str] = field(default_factory=list)

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, hashed: str, password: str) -> bool:
        from argon2.exceptions import VerifyMismatchError

        self.verified.append(hashed)
        if hashed != f"plain:{password}":
            raise VerifyMismatchError
        return True


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Hasher:
    made = Hasher()
    monkeypatch.setattr(passwords, "_hasher", made)
    return made


@pytest.fixture
async def people(office: Office, hasher: Hasher) -> Office:
    """Somebody who can sign in, somebody who has left, somebody without a password."""
    by: dict[str, Any] = {"at": office.room.clock.now(), "ids": office.room.ids, "actor": "test"}

    def write(connection: Connection) -> None:
        for email in (SU, LEFT, NONE):
            made = agents.create(connection, NewAgent(name="Su", email=email, role="supervisor"), **by)
            office.ids[email] = made.id
            if email != NONE:
                sessions.set_password(connection, made.id, hasher.hash(PASSWORD), **by)
            if email == LEFT:
                agents.update(connection, made.id, made.version, AgentChanges(active=False), **by)

    await office.room.store.write(write)
    return office


async def sign_in(
    office: Office, email: str = SU, password: str = PASSWORD, *, address: str = "203.0.113.1", **headers: str
) -> ClientResponse:
    return await office.client.post(
        ROUTE, json={"email": email, "password": password}, headers={"X-Forwarded-For": address} | headers
    )


async def trail(office: Office, action: str) -> list[Any]:
    return list(
        (
            await office.room.store.read(
                lambda connection: audit.list_entries(connection, AuditFilter(action=action), limit=500)
            )
        ).items
    )


async def is_in(office: Office, secret: str) -> bool:
    response = await office.client.get("/api/v1/queues", headers={"Cookie": f"{cookie.NAME}={secret}"})
    assert response.status in (200, 401)
    return response.status == 200


@pytest.mark.parametrize("password", ["canary wrong one", "", "x" * 201, PASSWORD])
async def test_nobody_learns_who_has_an_account(people: Office, hasher: Hasher, password: str) -> None:
    told = []
    for email in (SU, LEFT, NONE, STRANGER, "", "' OR 1=1 --"):
        if email == SU and password == PASSWORD:
            continue
        hasher.verified.clear()
        response = await sign_in(people, email, password)
        headers = {name: value for name, value in response.headers.items() if name != "Date"}
        told.append((response.status, await response.text(), headers, len(hasher.verified)))
    assert {status for status, *_ in told} == {401}
    assert all(each == told[0] for each in told), "words, headers and work are the same for everybody"
    assert told[0][3] == (len(password) <= passwords.LONGEST)


async def test_guessing_is_limited_for_an_address(people: Office, hasher: Hasher, clock: ManualClock) -> None:
    hasher.verified.clear()
    answers = [(await sign_in(people, f"{n}@example.com", "wrong words")).status for n in range(15)]
    assert answers == [401] * TRIES_PER_MINUTE + [429] * 5
    assert len(hasher.verified) == TRIES_PER_MINUTE, "who is slowed down costs no hashing"
    assert (await sign_in(people, address="203.0.113.2")).status == 200
    clock.advance(61)
    assert (await sign_in(people)).status == 200


@pytest.mark.parametrize("email", [SU, STRANGER])
async def test_guessing_is_limited_for_an_account(people: Office, email: str) -> None:
    """From however many addresses, and however its address is written; one that is not there looks alike."""
    written = (email, email.upper(), f" {email} ")
    answers = [
        (await sign_in(people, written[n % 3], "wrong words", address=f"203.0.113.{n}")).status
        for n in range(13)
    ]
    assert answers == [401] * TRIES_PER_MINUTE + [429] * 3


async def test_success_failure_and_the_end_are_in_the_trail(people: Office) -> None:
    await sign_in(people, password="canary wrong one", address="203.0.113.9")
    [refused] = await trail(people, "sign_in.refused")
    assert (refused.actor, refused.subject) == ("unknown", "203.0.113.9")
    before = len(await trail(people, "session.opened"))
    response = await sign_in(people, address="203.0.113.9")
    opened = await trail(people, "session.opened")
    mine = opened[0]
    assert len(opened) == before + 1
    assert (mine.actor, mine.data["address"]) == (f"agent:{people.ids[SU]}", "203.0.113.9")
    ended = {each.subject for each in await trail(people, "session.ended")}
    secret = response.cookies[cookie.NAME].value
    headers = {"Cookie": f"{cookie.NAME}={secret}", cookie.HEADER: (await response.json())["csrf"]}
    assert (await people.client.delete(ROUTE, headers=headers)).status == 204
    assert {each.subject for each in await trail(people, "session.ended")} - ended == {mine.subject}
    everything = str(await trail(people, ""))
    for word in (PASSWORD, "canary wrong one", secret, SU):
        assert word not in everything


async def test_a_planted_cookie_becomes_nobodys_session(people: Office) -> None:
    planted = people.cookies["agent"]
    for secret in (planted, "canary-planted", ""):
        response = await sign_in(people, **{"Cookie": f"{cookie.NAME}={secret}"})
        given = response.cookies[cookie.NAME].value
        assert given != secret
        assert await is_in(people, given)
        assert not await is_in(people, secret), "whoever signs in anew ends what was there"


async def test_another_sites_form_signs_nobody_in(people: Office) -> None:
    text = f'{{"email": "{SU}", "password": "{PASSWORD}"}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Content-Type": kind} if kind else {"Content-Type": "application/octet-stream"}
        response = await people.client.post(ROUTE, data=text.encode(), headers=headers)
        assert response.status == 415
        assert "Set-Cookie" not in response.headers


async def test_a_session_ends_by_age_however_much_it_is_used(people: Office, clock: ManualClock) -> None:
    secret = (await sign_in(people)).cookies[cookie.NAME].value
    hours = int(people.room.config.sign_in.session_hours)
    for _ in range(4):
        clock.advance(hours * 900 - 1)
        assert await is_in(people, secret)
    clock.advance(5)
    assert not await is_in(people, secret)


async def test_a_session_ends_by_idling(people: Office, clock: ManualClock) -> None:
    minutes = int(people.room.config.sign_in.idle_minutes)
    secret = (await sign_in(people)).cookies[cookie.NAME].value
    clock.advance(minutes * 60 - 1)
    assert await is_in(people, secret)
    clock.advance(minutes * 60 + 1)
    assert not await is_in(people, secret)


async def test_another_password_ends_every_session(people: Office, hasher: Hasher) -> None:
    by: dict[str, Any] = {"at": people.room.clock.now(), "ids": people.room.ids, "actor": "test"}
    secrets = [(await sign_in(people, address=f"203.0.113.{n}")).cookies[cookie.NAME].value for n in range(3)]
    assert [await is_in(people, secret) for secret in secrets] == [True] * 3
    await people.room.store.write(
        lambda connection: sessions.set_password(connection, people.ids[SU], hasher.hash("another one"), **by)
    )
    assert [await is_in(people, secret) for secret in secrets] == [False] * 3
    assert (await sign_in(people)).status == 401
    assert (await sign_in(people, password="another one")).status == 200


async def test_who_is_demoted_loses_the_rights_at_once(people: Office) -> None:
    secret = (await sign_in(people)).cookies[cookie.NAME].value
    headers = {"Cookie": f"{cookie.NAME}={secret}"}
    assert (await people.client.get("/api/v1/log", headers=headers)).status == 200
    by: dict[str, Any] = {"at": people.room.clock.now(), "ids": people.room.ids, "actor": "test"}
    await people.room.store.write(
        lambda connection: agents.update(connection, people.ids[SU], 0, AgentChanges(role="agent"), **by)
    )
    assert (await people.client.get("/api/v1/log", headers=headers)).status == 403


async def test_a_token_follows_its_agent_from_the_next_request_on(people: Office) -> None:
    """Down, out, and up again; never beyond what it was made with."""
    by: dict[str, Any] = {"at": people.room.clock.now(), "ids": people.room.ids, "actor": "test"}
    boss = {"agent_id": people.ids[SU], "name": "shop"}
    refused = await people.api.ask("POST", "/tokens", boss | {"role": "administrator"})
    assert (refused.status, "give it the role supervisor" in await refused.text()) == (409, True)
    made = await (await people.api.ask("POST", "/tokens", boss | {"role": "supervisor"})).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    answers = []
    for changes in ({}, {"role": "agent"}, {"active": False}, {"active": True, "role": "administrator"}):

        def change(connection: Connection, changes: dict[str, Any] = changes) -> None:
            version = agents.get(connection, people.ids[SU]).version
            agents.update(connection, people.ids[SU], version, AgentChanges(**changes), **by)

        if changes:
            await people.room.store.write(change)
        asked = [
            await people.client.get(f"/api/v1{path}", headers=headers)
            for path in ("/queues", "/log", "/tokens")
        ]
        answers.append([answer.status for answer in asked])
    assert answers == [[200, 200, 403], [200, 403, 403], [401, 401, 401], [200, 200, 403]]


async def test_the_first_passwords_are_random_told_once_and_kept_nowhere(
    office: Office, hasher: Hasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher.hash = lambda password: f"hash of {len(password)} letters"  # type: ignore[method-assign]
    monkeypatch.setattr(sessions, "anybody_can_sign_in", lambda _: False)
    made = [await first.first_passwords(office.room, demo=True) for _ in range(2)]
    told = [one.password for each in made for one in each]
    assert len(set(told)) == len(told) >= 2
    assert all(len(password) >= 16 for password in told)
    monkeypatch.undo()
    assert await first.first_passwords(office.room, demo=True) == []
    kept = b"".join(path.read_bytes() for path in office.folder.glob("store.db*"))
    assert not [password for password in told if password.encode() in kept]


def test_no_password_is_written_down_anywhere() -> None:
    """In the configuration that is shipped, and in the demo's people."""
    root = Path(first.__file__).parents[2]
    for name in ("config.yaml", "compose.yaml", "crm_store/seed_data.py", "Dockerfile"):
        text = (root / name).read_text("utf-8")
        for line in text.splitlines():
            if "password" in line.lower() and "=" in line and "://" not in line:
                assert "${" in line or "#" in line, (name, line)
    assert not hasattr(first, "PASSWORD")
