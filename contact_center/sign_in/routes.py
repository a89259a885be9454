"""``/api/v1/session``: sign in (POST), who is signed in (GET), sign out (DELETE)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web
from sqlalchemy.engine import Connection

from contact_center.actions.act import Act, act
from contact_center.actions.shut_out import leave_calls
from contact_center.api.doorkeeper import networks, remote_address
from contact_center.api.models.common import PREFIX
from contact_center.api.problems import Problem, of_store
from contact_center.live import LiveDown
from contact_center.room import Room
from contact_center.sign_in import cookie, passwords
from crm_store import audit, desks, sessions
from crm_store.errors import StoreError
from crm_store.sessions import OpenedSession, SignedIn

log = structlog.get_logger(__name__)

ROUTE: Final = f"{PREFIX}/session"
TRIES_PER_MINUTE: Final = 10
"""Sign-ins from one address, and for one e-mail address."""

_LARGEST: Final = 4096
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: str
    password: str


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SignIn:
    """See the module."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._trusted = networks(room.config.server.trusted_proxies)
        settings = room.config.sign_in
        self._lifetime = timedelta(hours=settings.session_hours)
        self._idle = timedelta(minutes=settings.idle_minutes)
        self._secure = room.config.server.public_url.startswith("https://")

    def routes(self) -> list[web.RouteDef]:
        """The three."""
        return [
            web.post(ROUTE, _answering(self.sign_in)),
            web.get(ROUTE, _answering(self.who)),
            web.delete(ROUTE, _answering(self.sign_out)),
        ]

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Check the password and give out a cookie."""
        address = remote_address(request, self._trusted)
        await self._limit(f"sign-in:address:{address}")
        given = await _read(request)
        await self._limit(f"sign-in:email:{given.email.strip().lower()[:255]}")
        store = self.room.store
        found = await store.read(lambda connection: sessions.password_of(connection, given.email))
        if not await passwords.is_right(given.password, found[1] if found else None) or found is None:
            await self._turn_away(address, known=found is not None)
            raise Problem("unauthenticated", "E-mail address or password is wrong.")
        browser = request.headers.get("User-Agent", "")
        opened = await self._open(found[0], address, browser, cookie.secret_in(request))
        signed_in = await self._find(opened.secret)
        response = self._answer(signed_in, opened.secret)
        seconds = int(self._lifetime.total_seconds())
        cookie.put(response, opened.secret, seconds=seconds, secure=self._secure)
        return response

    async def _open(self, agent_id: str, address: str, browser: str, before: str) -> OpenedSession:
        """A new session, in place of the one whose secret the browser had ``before``."""
        at, ids, lifetime = self.room.clock.now(), self.room.ids, self._lifetime

        def write(connection: Connection) -> OpenedSession:
            replaced = sessions.find_by_secret(connection, before, at, self._idle) if before else None
            if replaced is not None:
                actor = f"agent:{replaced.session.agent_id}"
                sessions.end(connection, replaced.session.id, at=at, ids=ids, actor=actor)
            return sessions.open_session(
                connection, agent_id, at=at, ids=ids, lifetime=lifetime, address=address, browser=browser
            )

        return await self.room.store.write(write)

    async def who(self, request: web.Request) -> web.StreamResponse:
        """Who is signed in, and the token that changes need."""
        secret = cookie.secret_in(request)
        signed_in = await self._find(secret)
        cookie.guard(request, secret)
        return self._answer(signed_in, secret)

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session, here and for whoever has copied its cookie, and what is spoken in its browser."""
        secret = cookie.secret_in(request)
        signed_in = await self._find(secret)
        cookie.guard(request, secret)
        agent_id = signed_in.session.agent_id
        await act(
            self.room, f"agent:{agent_id}", lambda deed: _sign_out(deed, signed_in.session.id, agent_id)
        )
        response = web.Response(status=204, headers=_HEADERS)
        cookie.take_away(response, secure=self._secure)
        return response

    async def _find(self, secret: str) -> SignedIn:
        at, idle = self.room.clock.now(), self._idle
        found = (
            await self.room.store.read(
                lambda connection: sessions.find_by_secret(connection, secret, at, idle)
            )
            if secret
            else None
        )
        if found is None:
            raise Problem("unauthenticated", "Nobody is signed in here; sign in with POST /api/v1/session.")
        return found

    def _answer(self, signed_in: SignedIn, secret: str) -> web.Response:
        body: dict[str, Any] = {
            "agent_id": signed_in.session.agent_id,
            "name": signed_in.name,
            "email": signed_in.email,
            "role": signed_in.role,
            "csrf": cookie.csrf_token(secret),
            "expires_at": signed_in.session.expires_at,
        }
        return web.Response(body=msgspec.json.encode(body), content_type="application/json", headers=_HEADERS)

    async def _limit(self, key: str) -> None:
        try:
            allowed = await self.room.live.rate_limit(key, TRIES_PER_MINUTE, 60.0)
        except LiveDown as error:
            self.room.announcer.live_is_down(error)
            return
        if not allowed:
            raise Problem(
                "too_many", "Too many sign-ins in a minute; wait a little.", headers={"Retry-After": "30"}
            )

    async def _turn_away(self, address: str, *, known: bool) -> None:
        """Note a refused sign-in; whose it was to be is not noted, since people type passwords there too."""
        at, ids = self.room.clock.now(), self.room.ids
        data = {"with": "password", "known": known}

        def note(connection: Connection) -> None:
            audit.write(connection, "sign_in.refused", address[:80], data, at=at, ids=ids, actor="unknown")

        await self.room.store.write(note)


def _sign_out(deed: Act, session_id: str, agent_id: str) -> None:
    """With one desk at most, the call in a browser can only be here; with more, each is looked at by itself
    (`contact_center.sign_in.watch`)."""
    sessions.end(deed.connection, session_id, at=deed.at, ids=deed.ids, actor=deed.actor)
    if len(desks.of_agent(deed.connection, agent_id)) <= 1:
        leave_calls(deed, agent_id)


async def _read(request: web.Request) -> _Given:
    if request.content_type != "application/json":
        raise Problem("wrong_type", "Send Content-Type: application/json.")
    body = await request.content.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise Problem("too_large", f"The body has more than {_LARGEST} bytes.")
    try:
        return msgspec.json.decode(body, type=_Given)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Problem("bad_request", 'Send {"email": ..., "password": ...}.') from error


def _answering(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            response = problem.response()
        except StoreError as error:
            response = of_store(error, reading=request.method == "GET").response()
        response.headers.update(_HEADERS)
        return response

    return handle
