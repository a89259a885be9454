"""``http_request``: a flow's call to another system, within bounds that a flow cannot widen."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from contact_center.room import Room
from contact_center.scene import Scene
from ivr_flows.effects import HttpRequest

LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; more is cut off and therefore no JSON."""


class RefusedAddress(Exception):
    """The address is not one that flows may call; see `http_requests` in the configuration."""

    reason = "refused"


async def http_request(effect: HttpRequest, scene: Scene, room: Room) -> dict[str, Any]:
    """Only hosts of `http_requests.allow_hosts`, over http(s), no redirects, private addresses only
    where they are allowed, and never longer than the effect's own time-out."""
    await _check(effect.url, room)
    if room.http is None:
        raise RefusedAddress("no HTTP client is running")
    timeout = aiohttp.ClientTimeout(total=min(effect.timeout, room.effect_timeout))
    body = effect.body
    sent: dict[str, Any] = {}
    if isinstance(body, (dict, list)):
        sent["json"] = body
    elif body is not None:
        sent["data"] = str(body)
    async with room.http.request(
        effect.method,
        effect.url,
        headers=effect.headers,
        timeout=timeout,
        allow_redirects=False,
        **sent,
    ) as answer:
        raw = await answer.content.read(LARGEST_ANSWER)
        return {"ok": 200 <= answer.status < 300, "status": answer.status, "body": _decoded(raw)}


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")[:2_000]


async def _check(url: str, room: Room) -> None:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise RefusedAddress("a flow's request needs an http or https address")
    bounds = room.config.http_requests
    if not {host, f"{host}:{parts.port}"} & set(bounds.allow_hosts):
        raise RefusedAddress("the host is not in http_requests.allow_hosts")
    if bounds.allow_private_addresses:
        return
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).split("%")[0]).is_global:
            raise RefusedAddress(
                "the host is on a private network; see http_requests.allow_private_addresses"
            )
