"""Who may come in: tokens, the limits on requests, and what is noted of those who are turned away."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy.engine import Connection

from contact_center.api.caller import Caller
from contact_center.api.problems import Problem
from contact_center.live import LiveDown
from contact_center.room import Room
from contact_center.sign_in import cookie
from crm_store import audit, sessions, tokens

REFUSALS_PER_MINUTE: Final = 10
"""Failed sign-ins from one address that are noted; more are only told to come back later."""

TOUCH_EVERY: Final = timedelta(minutes=1)
"""How exactly a token's last use is known: a write for every request would be too dear."""


class Doorkeeper:
    """See the module. One for each process; what it remembers is only to spare the store."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._trusted = networks(room.config.server.trusted_proxies)
        self._touched: dict[str, datetime] = {}
        self._idle = timedelta(minutes=room.config.sign_in.idle_minutes)

    async def admit(self, request: web.Request, at: datetime) -> Caller:
        """Who is asking. Raises `Problem`: unauthenticated, or too many requests."""
        address = remote_address(request, self._trusted)
        most = self.room.config.limits.requests_per_minute
        await self._limit(f"api:address:{address}", most)
        caller = await self._recognise(request, at)
        if caller is None:
            await self._turn_away(request, address, at)
            raise Problem(
                "unauthenticated",
                "This needs a valid token: send Authorization: Bearer cc_...; `contact-center tokens create` "
                "makes one. Or sign in with POST /api/v1/session.",
                headers={"WWW-Authenticate": 'Bearer realm="contact-center"'},
            )
        await self._limit(f"api:token:{caller.token_id}", most)
        await self._touch(caller.token_id, at)
        return caller

    async def _recognise(self, request: web.Request, at: datetime) -> Caller | None:
        if "Authorization" not in request.headers and (secret := cookie.secret_in(request)):
            return await self._signed_in(request, secret, at)
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            return None
        token = await self.room.store.read_quick(lambda connection: tokens.find_by_secret(connection, secret))
        if token is None:
            return None
        actor = f"agent:{token.agent_id}" if token.agent_id else f"token:{token.id}"
        return Caller(actor, token.role, token.id, token.agent_id)

    async def _signed_in(self, request: web.Request, secret: str, at: datetime) -> Caller | None:
        """Who the session's cookie belongs to; refused where another site's page may have sent it."""
        found = await self.room.store.read_quick(
            lambda connection: sessions.find_by_secret(connection, secret, at, self._idle)
        )
        if found is None:
            return None
        cookie.guard(request, secret)
        agent_id = found.session.agent_id
        return Caller(f"agent:{agent_id}", found.role, found.session.id, agent_id)

    async def _limit(self, key: str, most: int) -> None:
        try:
            allowed = await self.room.live.rate_limit(key, most, 60.0)
        except LiveDown as error:
            self.room.announcer.live_is_down(error)
            return
        if not allowed:
            raise Problem(
                "too_many",
                f"More than {most} requests in a minute; wait a little and go on.",
                headers={"Retry-After": str(max(1, 60 // most))},
            )

    async def _turn_away(self, request: web.Request, address: str, at: datetime) -> None:
        """Note a refused sign-in, as long as there are few: a flood of them would fill the trail."""
        await self._limit(f"api:refused:{address}", REFUSALS_PER_MINUTE)
        data = {"method": request.method, "token": "Authorization" in request.headers}

        def note(connection: Connection) -> None:
            audit.write(
                connection,
                "sign_in.refused",
                address[:80],
                data,
                at=at,
                ids=self.room.ids,
                actor="unknown",
            )

        await self.room.store.write(note)

    async def _touch(self, token_id: str, at: datetime) -> None:
        last = self._touched.get(token_id)
        if last is not None and at - last < TOUCH_EVERY:
            return
        self._touched[token_id] = at
        touch = sessions.touch if token_id.startswith("ses_") else tokens.touch
        await self.room.store.write(lambda connection: touch(connection, token_id, at))


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks as the configuration has them."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def remote_address(request: web.Request, trusted: Sequence[Network]) -> str:
    """Where a request comes from: the nearest address that is no trusted proxy of ours, as far as the proxies
    tell of addresses.
    """
    address = request.remote or ""
    header = request.headers.get("X-Forwarded-For", "")
    for hop in reversed(header.split(",") if header else []):
        if not _within(address, trusted) or not (told := _address_in(hop)):
            break
        address = told
    return address


def _address_in(hop: str) -> str:
    """The address that a proxy names, perhaps with a port; '' for what is none."""
    text = hop.strip()
    for candidate in (text, text.rpartition(":")[0].strip("[]")):
        with suppress(ValueError):
            return str(ipaddress.ip_address(candidate))
    return ""


def _within(address: str, trusted: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted if network.version == parsed.version)
