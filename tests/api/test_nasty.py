"""Nasty values in every parameter, field and path: always a problem or an answer, never a failure of ours."""

from __future__ import annotations

import re
from typing import Any, Final

from contact_center.api.endpoint import Endpoint, Nothing
from contact_center.api.table import ENDPOINTS
from contact_center.clock import ManualClock
from crm_store.paging import encode_cursor
from tests.api.conftest import ON_BOTH, Api

pytestmark = ON_BOTH

TEXTS: Final = (
    "",
    " ",
    "-1",
    "9" * 40,
    "NaN",
    "' OR 1=1 --",
    "%",
    "💥" * 30,
    "\u202e\u0301",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-03-02T00:00:00Z",
    encode_cursor(["0001-01-01T00:00:00+14:00", "x"]),
    encode_cursor(["a", "b"]),
    encode_cursor([1, "2026-03-02T00:00:00Z", "x"]),
)
VALUES: Final[tuple[Any, ...]] = (
    *TEXTS[:-3],
    "x" * 20_000,
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    1e308,
    [],
    [None],
    {},
    {"a": {"b": []}},
    [["25:00", "09:00"]],
    {"mon": [["25:00", "09:00"]]},
    {"2026-02-30": "never"},
)
GOOD: Final[dict[str, Any]] = {
    "name": "Mallory", "email": "m@example.com", "subject": "x", "text": "x", "kind": "sms", "role": "agent",
    "value": "m@example.com", "address": "+8613800138000", "opted_out": True, "from_id": "cus_x",
    "reason": "x", "status": "paid", "total_minor": 1, "currency": "CNY", "title": {"en": "x"},
    "on": True, "what": "pause", "presence": "available", "mode": "listen", "intent": "refund",
    "placed_at": "2026-03-02T00:00:00Z", "timezone": "UTC", "weekly": {},
    "contact_id": "con_x", "priority": 1, "ticket": "12345678",
}  # fmt: skip


def address(endpoint: Endpoint, api: Api) -> str:
    """The endpoint's path with the samples' names where there are any."""
    known = {
        "contact_id": api.samples.text,
        "customer_id": api.samples.li,
        "ticket": api.samples.ticket,
        "agent_id": api.samples.agent,
        "number": "SO-1001",
        "name": "sales",
    }
    return re.sub(r"\{(\w+)\}", lambda place: known.get(place[1], "none"), endpoint.path)


async def check(api: Api, clock: ManualClock, endpoint: Endpoint, where: str, **request: Any) -> None:
    clock.advance(1)  # nobody meets a limit
    headers = {"If-Match": '"0"'} if endpoint.versioned else {}
    response = await api.ask(endpoint.method, request.pop("path"), headers=headers, **request)
    assert response.status not in (401, 429, 500), f"{endpoint.operation} {where}: {await response.text()}"
    if response.status >= 400:
        assert response.content_type == "application/problem+json"
    await response.release()


async def test_no_parameter_breaks_anything(api: Api, clock: ManualClock) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.operation == "replay_contact":
            continue  # it takes none
        for name in endpoint.params.model_fields:
            for text in TEXTS:
                path = address(endpoint, api)
                await check(api, clock, endpoint, f"{name}={text[:40]!r}", path=path, params={name: text})


async def test_no_field_breaks_anything(api: Api, clock: ManualClock) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.body is Nothing:
            continue
        path = address(endpoint, api)
        good = {name: GOOD[name] for name, field in endpoint.body.model_fields.items() if field.is_required()}
        for name in endpoint.body.model_fields:
            for value in VALUES:
                where = f"{name}={str(value)[:40]}"
                await check(api, clock, endpoint, where, path=path, body={**good, name: value})


async def test_no_name_in_a_path_breaks_anything(api: Api, clock: ManualClock) -> None:
    for endpoint in ENDPOINTS:
        if "{" not in endpoint.path:
            continue
        for name in ("%00", "%ff", "%ed%a0%80", "%F0%9F%92%A5", "x" * 199, "..", "%2e%2e", "'", "%20"):
            path = re.sub(r"\{\w+\}", name, endpoint.path)
            await check(api, clock, endpoint, name, path=path)
