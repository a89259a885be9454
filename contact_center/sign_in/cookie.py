"""The session's cookie: its attributes, and what a request that comes with it must prove.

A cookie is sent by the browser whoever wrote the page. So a request that changes something must carry the
session's token in a header, which only our own page knows; a WebSocket must come from our own page, and so
must whatever names the page that it comes from.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from contact_center.api.problems import Problem

NAME: Final = "cc_session"
HEADER: Final = "X-CSRF-Token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def secret_in(request: web.Request) -> str:
    """The secret that the request's cookie carries, '' without one."""
    return request.cookies.get(NAME, "")


def csrf_token(secret: str) -> str:
    """What a page of this session must send with every change."""
    return hmac.digest(secret.encode(errors="replace"), b"csrf", hashlib.sha256).hex()


def guard(request: web.Request, secret: str) -> None:
    """Raise `Problem` for a request that another page may have made in the signed-in person's name."""
    connects = request.headers.get("Upgrade", "").lower() == "websocket"
    if (connects or "Origin" in request.headers) and not same_origin(request):
        raise Problem("forbidden", "A request with the session's cookie must come from this site.")
    if connects:
        return
    if request.method in _SAFE:
        return
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(errors="replace"), csrf_token(secret).encode()):
        raise Problem(
            "forbidden", f"Send the session's csrf token in {HEADER}; GET /api/v1/session answers it."
        )


def same_origin(request: web.Request) -> bool:
    """Whether the page that made the request is of the host that it was sent to."""
    origin = request.headers.get("Origin", "")
    try:
        host = urlsplit(origin).netloc
    except ValueError:  # such as http://[
        return False
    return bool(host) and host.lower() == request.host.lower()


def put(response: web.StreamResponse, secret: str, *, seconds: int, secure: bool) -> None:
    """Have the browser keep the cookie; no script can read it."""
    response.set_cookie(NAME, secret, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=secure)


def take_away(response: web.StreamResponse, *, secure: bool) -> None:
    """Have the browser forget it."""
    response.del_cookie(NAME, path="/", httponly=True, samesite="Lax", secure=secure)
