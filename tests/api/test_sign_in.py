"""Signing in: passwords, the cookie, what another site's page may not do, limits, the first start."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientResponse

from contact_center.api.doorkeeper import Doorkeeper
from contact_center.clock import ManualClock
from contact_center.room import Room
from contact_center.sign_in import cookie, passwords
from contact_center.sign_in.first import ADMINISTRATOR, first_passwords
from contact_center.sign_in.routes import TRIES_PER_MINUTE, SignIn
from crm_store import agents, audit, sessions
from crm_store.agents import NewAgent
from crm_store.audit import AuditFilter
from crm_store.errors import Conflict, Refused
from crm_store.store import Store
from tests.api.conftest import Api, Serve

PASSWORD = "correct horse battery"


@pytest.fixture
async def api(room: Room, serve: Serve) -> Api:
    """The API with the routes of signing in, and somebody who has a password."""
    made = await serve(routes=SignIn(room).routes())
    hashed = passwords.hash_now(PASSWORD)
    by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}

    def write(connection: Any) -> None:
        agent = agents.create(
            connection, NewAgent(name="Su", email="su@example.com", role="supervisor"), **by
        )
        sessions.set_password(connection, agent.id, hashed, **by)

    await room.store.write(write)
    return made


async def sign_in(api: Api, password: str = PASSWORD, email: str = "su@example.com") -> ClientResponse:
    return await api.client.post("/api/v1/session", json={"email": email, "password": password})


async def test_who_signs_in_may_use_the_api_in_their_role(api: Api) -> None:
    response = await sign_in(api, email=" SU@example.com")
    told = await response.json()
    assert (response.status, told["role"], told["name"]) == (200, "supervisor", "Su")
    kept = response.cookies[cookie.NAME]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", "/")
    assert kept.value not in str(told)
    assert (await api.ask("GET", "/log", role=None)).status == 200
    assert (await api.ask("GET", "/tokens", role=None)).status == 403
    again = await (await api.client.get("/api/v1/session")).json()
    assert again == told


async def test_changes_need_the_pages_own_token(api: Api) -> None:
    csrf = (await (await sign_in(api)).json())["csrf"]
    for headers in ({}, {cookie.HEADER: "x" * 64}, {cookie.HEADER: "é"}):
        refused = await api.ask("POST", "/tickets", {"subject": "x"}, role=None, headers=headers)
        assert refused.status == 403
        assert "csrf" in (await refused.json())["detail"]
    done = await api.ask("POST", "/tickets", {"subject": "x"}, role=None, headers={cookie.HEADER: csrf})
    assert done.status == 201


async def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(api: Api) -> None:
    response = await sign_in(api)
    csrf, secret = (await response.json())["csrf"], response.cookies[cookie.NAME].value
    assert (await api.client.delete("/api/v1/session")).status == 403
    out = await api.client.delete("/api/v1/session", headers={cookie.HEADER: csrf})
    assert out.status == 204
    api.client.session.cookie_jar.update_cookies({cookie.NAME: secret})
    assert (await api.client.get("/api/v1/session")).status == 401
    assert (await api.ask("GET", "/contacts", role=None)).status == 401


@pytest.mark.parametrize(
    ("email", "password"),
    [("su@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", ""), ("su@example.com", "x" * 5000)],
)
async def test_a_wrong_password_and_an_unknown_address_look_alike(
    api: Api, store: Store, email: str, password: str
) -> None:
    response = await sign_in(api, password, email)
    assert response.status in (401, 413)
    if response.status == 401:
        assert "E-mail address or password is wrong" in (await response.json())["detail"]
        found = await store.read(lambda c: audit.list_entries(c, AuditFilter(action="sign_in.refused")))
        assert len(found.items) == 1
        assert "su@" not in str(found.items)
    assert cookie.NAME not in response.cookies


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"email": 1}', b'{"email": "a", "password": "b", "c": 1}', b"\xff"]
)
async def test_a_body_that_is_none_is_refused(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await api.client.post("/api/v1/session", data=body, headers=headers)
    assert response.status == 400
    assert (await api.client.post("/api/v1/session", data={"email": "x"})).status == 415


async def test_guessing_is_slowed_down_for_an_address_and_for_an_account(
    api: Api, clock: ManualClock
) -> None:
    for _ in range(TRIES_PER_MINUTE):
        assert (await sign_in(api, "wrong")).status == 401
    assert (await sign_in(api)).status == 429
    clock.advance(61)
    assert (await sign_in(api)).status == 200


async def test_a_session_ends_by_idling(api: Api, room: Room, clock: ManualClock) -> None:
    await sign_in(api)
    clock.advance(room.config.sign_in.idle_minutes * 60 - 1)
    assert (await api.ask("GET", "/contacts", role=None)).status == 200  # this counts as use
    clock.advance(120)
    assert (await api.ask("GET", "/contacts", role=None)).status == 200
    clock.advance(room.config.sign_in.idle_minutes * 60 + 60)
    assert (await api.ask("GET", "/contacts", role=None)).status == 401


async def test_a_bearer_token_goes_before_the_cookie(api: Api) -> None:
    await sign_in(api)
    assert (await api.ask("GET", "/log", role="agent")).status == 403


class Asked:
    """As much of a request as the guard looks at."""

    def __init__(self, method: str, **headers: str) -> None:
        self.method = method
        self.host = "cc.example.com"
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("https://cc.example.com", True), ("https://CC.example.com", True), ("https://evil.example", False),
        ("", False), ("null", False), ("https://cc.example.com.evil.example", False),
    ],
)  # fmt: skip
def test_a_socket_with_a_cookie_must_come_from_our_own_page(origin: str, passes: bool) -> None:
    asked: Any = Asked("GET", Upgrade="websocket", Origin=origin)
    if passes:
        cookie.guard(asked, "secret")
    else:
        with pytest.raises(Exception, match="must come from this site"):
            cookie.guard(asked, "secret")


async def test_the_first_start_makes_passwords_once(room: Room, store: Store) -> None:
    made = await first_passwords(room, demo=False)
    assert [(one.email, one.role) for one in made] == [(ADMINISTRATOR, "administrator")]
    assert await first_passwords(room, demo=False) == []
    found = await store.read(lambda connection: sessions.password_of(connection, ADMINISTRATOR))
    assert found is not None
    assert made[0].password not in found[1]
    assert await passwords.is_right(made[0].password, found[1])
    assert Doorkeeper(room)


@pytest.mark.parametrize("error", [Conflict("written by somebody else"), Refused("it is that of agent x")])
async def test_of_processes_that_start_at_once_one_makes_the_passwords(
    room: Room, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def taken(*_: Any, **__: Any) -> None:
        raise error

    quicker = iter([False, False, True])
    monkeypatch.setattr(sessions, "anybody_can_sign_in", lambda _: next(quicker))
    monkeypatch.setattr(agents, "create", taken)
    assert await first_passwords(room, demo=False) == []
    monkeypatch.setattr(sessions, "anybody_can_sign_in", lambda _: False)
    with pytest.raises(type(error)):
        await first_passwords(room, demo=False)


async def test_passwords_have_a_length_and_are_never_right_without_a_hash() -> None:
    for refused in ("short", "x" * 201):
        with pytest.raises(Refused):
            passwords.hash_now(refused)
    assert not await passwords.is_right("anything at all", None)
    assert not await passwords.is_right("anything at all", "no hash")
    assert len({passwords.generate() for _ in range(50)}) == 50
