"""From which sites' pages the chat may be used: the configured origins, and the server's own.

A browser says the page's origin with every socket and every request across sites, and no page can change it.
Whatever comes without one is no browser's page; it has no cookie or secret of anybody to misuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from contact_center.config.sections import Server

_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


class Origins:
    """See the module."""

    def __init__(self, server: Server, allowed: Iterable[str]) -> None:
        listed = (*allowed, server.own_url, server.local_url)
        self._allowed = frozenset(origin_of(url) for url in listed)

    def allows(self, request: web.Request) -> bool:
        """Whether the page that made the request may use the chat."""
        origin = request.headers.get("Origin")
        if origin is None or origin.lower() in self._allowed:
            return True
        # localhost and 127.0.0.1 are two origins, and both this machine.
        try:
            host = urlsplit(origin).hostname or ""
        except ValueError:  # such as http://[
            return False
        return origin.partition("://")[2].lower() == request.host.lower() and host in _LOCAL

    def headers(self, request: web.Request) -> dict[str, str]:
        """What lets an allowed page of another site read the answer (Fetch standard, CORS)."""
        origin = request.headers.get("Origin")
        if origin is None or not self.allows(request):
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Content-Disposition",
            "Vary": "Origin",
        }

    def preflight(self, request: web.Request, methods: str) -> web.Response:
        """The answer to a browser that asks first."""
        if not self.allows(request):
            return web.Response(status=403, text="Pages of this site may not use the chat.\n")
        more = {
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, X-File-Name",
            "Access-Control-Max-Age": "600",
        }
        return web.Response(status=204, headers=self.headers(request) | more)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, in small letters."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
