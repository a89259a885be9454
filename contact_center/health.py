"""Is it alive, is it ready, and what is wrong: the answers of /healthz and /readyz."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

Check = Callable[[], Awaitable[None]]

NONCE = re.compile(r"[A-Za-z0-9]{1,64}")
"""What `contact-center doctor` sends through the public URL to see whether it leads here."""

PATIENCE = 2.0
"""Seconds for one check; slower is not ready."""

SPARED = frozenset({"live"})
"""Parts without which everything goes on, only slower: they are shown, and the load balancer need not act.
All processes lose them together, and then none would be left to serve."""


def health_routes(checks: Mapping[str, Check]) -> list[web.RouteDef]:
    """``/healthz`` says that the process lives; ``/readyz`` asks each part, by name."""

    async def live(request: web.Request) -> web.Response:
        nonce = request.query.get("nonce", "")
        echoed = {"nonce": nonce} if NONCE.fullmatch(nonce) else {}
        return web.json_response({"status": "live"} | echoed)

    async def ready(_request: web.Request) -> web.Response:
        names = list(checks)
        states = await asyncio.gather(*(_state(checks[name]) for name in names))
        parts = dict(zip(names, states, strict=True))
        fine = all(state == "ready" or name in SPARED for name, state in parts.items())
        body = {"status": _word(fine, states), "parts": parts}
        return web.json_response(body, status=200 if fine else 503)

    return [web.get("/healthz", live), web.get("/readyz", ready)]


def _word(fine: bool, states: Sequence[str]) -> str:
    if not fine:
        return "not ready"
    return "ready" if all(state == "ready" for state in states) else "slower"


async def _state(check: Check) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await check()
    except TimeoutError:
        return f"no answer within {PATIENCE:g} seconds"
    except Exception as error:
        return str(error) or type(error).__name__
    return "ready"
