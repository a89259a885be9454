"""Headers that every answer has, whoever makes it: also errors of the web server's own, and redirects.

A part that needs other ones says so itself, and is left alone: the pages with their policies, files that
browsers keep.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from aiohttp import web

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
NO_SCRIPT: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of a page that has none of its own."""

YEAR: Final = "max-age=31536000"


def with_style(style: str) -> str:
    """The policy of a page that has no script and, within itself, this one style sheet."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return f"{NO_SCRIPT}; style-src 'sha256-{digest}'"


def hardening(*, https: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """A signal for ``on_response_prepare``. ``https``: browsers are told to come by no other way."""
    always = HEADERS | ({"Strict-Transport-Security": YEAR} if https else {})

    async def harden(_request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        for name, value in always.items():
            headers.setdefault(name, value)
        if response.content_type == "text/html":
            headers.setdefault("Content-Security-Policy", NO_SCRIPT)

    return harden
