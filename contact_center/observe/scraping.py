"""Who may read ``/metrics``: whoever has the token, or, without one, this machine.

The numbers hold nobody's data, but tell how a company is doing. Without a token a request is taken for this
machine's own where its connection is from here, no proxy has passed it on, and it asks for a name of this
machine: a page in a browser that has its own name point here (DNS rebinding) asks for that name.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from contact_center.config.sections import MetricsSection
from contact_center.loopback import is_loopback, is_own_host

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PASSED_ON = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""What a proxy adds. Which address it names does not matter: this machine's own scraper asks directly."""

_NOT_KEPT = {"Cache-Control": "no-store"}


def guarded(settings: MetricsSection, handler: Handler) -> Handler:
    """The handler, for who may."""
    token = settings.token.get_secret_value()
    expected = f"Bearer {token}".encode()

    async def handle(request: web.Request) -> web.StreamResponse:
        if token:
            given = request.headers.get("Authorization", "").encode(errors="replace")
            if not hmac.compare_digest(given, expected):
                headers = _NOT_KEPT | {"WWW-Authenticate": 'Bearer realm="metrics"'}
                return web.Response(
                    status=401, text="Send metrics.token: Authorization: Bearer ...\n", headers=headers
                )
        elif not (settings.open or is_from_here(request)):
            return web.Response(
                status=403,
                text="The metrics are for this machine, asked for at 127.0.0.1 and through no proxy. Set "
                "metrics.token, or metrics.open where the network lets in only who may read them.\n",
                headers=_NOT_KEPT,
            )
        return await handler(request)

    return handle


def is_from_here(request: web.Request) -> bool:
    """Whether a program of this machine asks, as far as that can be seen; see the module."""
    if any(name.lower() in _PASSED_ON for name in request.headers):
        return False
    return is_loopback(request.remote or "") and _is_own_name(request.headers.get("Host", ""))


def _is_own_name(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:  # such as [
        return False
    return is_own_host(name)
