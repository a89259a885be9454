"""Every route that is registered, asked by everybody: who may not gets 401 or 403 and changes nothing."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, Final

import pytest
from yarl import URL

from contact_center import app
from contact_center.api import doorkeeper
from contact_center.api.models.common import PREFIX
from contact_center.api.table import ENDPOINTS
from contact_center.bots import OpenedBot
from contact_center.clock import ManualClock
from contact_center.sign_in import routes as sign_in
from crm_store.agents import ROLES
from tests.api.conftest import AT, NoBot
from tests.api.test_nasty import GOOD
from tests.app.centre import sqlite_url
from tests.security.conftest import CONFIGS, settings
from tests.security.office import Knock, Office, routes_of
from tests.security.rules import RULES, WEBHOOKS, rule_of

REFUSED: Final = frozenset({401, 403})
HIDDEN: Final = REFUSED | {404}
NOWHERE: Final = frozenset({404, 405})

_BY_ROUTE: Final = {(each.method, f"{PREFIX}{each.path}"): each for each in ENDPOINTS}

NAMES: Final = {"queues": "sales", "calendars": "office", "flows": "chat", "orders": "SO-2002"}

BODIES: Final[dict[str, Any]] = {
    "/contacts/{contact_id}/messages": {"text": "Hello"},
    "/tickets/{ticket}/prioritise": {"priority": 1},
    "/works/{work_id}/transfer": {"queue": "complaints"},
    "/works/{work_id}/reassign": {"queue": "complaints"},
    "/works/{work_id}/consult": {"queue": "complaints"},
    "/works/{work_id}/wrap-up": {"disposition": "resolved"},
    "/tickets/{ticket}/reassign": {"queue": "sales"},
    "/tickets/{ticket}/resolve": {"resolution": "done"},
    "/customers/{customer_id}/identities": {"kind": "email", "value": "x@example.com", "evidence": "agent"},
    "/customers/{customer_id}/consents": {"kind": "sms", "address": "+8613900139000", "opted_out": True},
    "/customers/{customer_id}": {"tier": "gold"},
    "/agents/{agent_id}": {"name": "Wang Fang", "email": "other@example.com", "role": "agent"},
    "/tickets": {"subject": "x", "category": "complaint"},
    "/replies": {"name": "hello", "text": "Hello"},
    "/replies/{reply_id}": {"name": "bye", "text": "Good-bye"},
    "/calendars/{name}": {"timezone": "UTC", "weekly": {}},
}

FEW: Final = frozenset({"nobody", "agent's token", "another site's page"})
"""Who asks with HEAD, which runs what GET runs, and with methods that there are not."""

WITHOUT_EFFECT: Final = frozenset({
    # They tell, ask a carrier that is not there, or need what one walk cannot have: a colleague who was
    # asked, a bot to hand back to, something that the bot did not understand.
    "tell_typing", "supervise_work", "mute_work", "record_work", "create_phone_token", "cancel_consult",
    "join_consult", "complete_consult", "hand_back_work", "hand_back_contact", "label_bot_review",
    "dismiss_bot_review",
})  # fmt: skip


def test_every_route_has_a_rule_and_every_rule_a_route(office_routes: set[tuple[str, str]]) -> None:
    without = sorted(route for route in office_routes if rule_of(*route) is None)
    assert without == [], "write down in tests/security/rules.py who may use these"
    asked = {("GET" if method == "HEAD" else method, address) for method, address in office_routes}
    assert sorted(set(RULES) - asked) == [], "these rules are of routes that are gone"


def test_the_documented_roles_are_the_rules() -> None:
    told = {route: endpoint.role for route, endpoint in _BY_ROUTE.items()}
    assert told == {route: rule for route, rule in RULES.items() if route in told}


@pytest.fixture
async def office_routes(clock: ManualClock, tmp_path: Path, store: Any) -> set[tuple[str, str]]:
    """Of every configuration."""
    from tests.security.conftest import opened_office

    found: set[tuple[str, str]] = set()
    for name in CONFIGS:
        async with opened_office(settings(name), clock, store, tmp_path / name, fill=False) as office:
            found |= set(routes_of(office.application.web))
    return found


async def test_the_office_of_these_tests_has_the_routes_of_the_program(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Less those by which a Rasa server calls back, which the office always has."""
    monkeypatch.setattr(app, "open_bot", lambda *_: OpenedBot(NoBot()))
    (tmp_path / "real").mkdir()
    config = settings("built-in phone").model_dump()
    config["store"]["url"] = sqlite_url(tmp_path / "real")
    config["webchat"]["token_secret"] = ""
    real = app.Config.model_validate(config | {"demo": {"seed": False}})
    async with app.running(real, tmp_path / "real", clock=ManualClock(AT)) as application:
        routes = set(routes_of(application.web))
    assert {route for route in routes_of(office.application.web) if "/bot/actions/" not in route[1]} == routes


@pytest.fixture
def unlimited(clock: ManualClock, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody meets a limit, and the session that lasts a second is over."""
    monkeypatch.setattr(doorkeeper, "REFUSALS_PER_MINUTE", 1_000_000)
    monkeypatch.setattr(sign_in, "TRIES_PER_MINUTE", 1_000_000)
    clock.advance(61)


def url(office: Office, address: str) -> URL:
    """The address with names of what is there."""

    def named(place: re.Match[str]) -> str:
        kind = address.removeprefix(PREFIX).split("/")[1]
        if address.endswith("/take"):
            return office.ids["waiting"]
        return office.ids.get(place[1]) or NAMES.get(kind, "none")

    return URL(re.sub(r"\{(\w+)\}", named, address), encoded=True)


def request_of(office: Office, method: str, address: str) -> dict[str, Any]:
    """What a request must have so that it does something."""
    endpoint = _BY_ROUTE.get((method, address))
    if endpoint is None:
        return {"json": {}} if address == f"{PREFIX}/session" and method == "POST" else {}
    found: dict[str, Any] = {"headers": {}}
    if "version_needed" in endpoint.refusals:
        found["headers"]["If-Match"] = '"0"'
    if method in ("POST", "PUT", "PATCH"):
        needed = {name for name, field in endpoint.body.model_fields.items() if field.is_required()}
        found["json"] = {name: GOOD[name] for name in needed if name in GOOD} | BODIES.get(endpoint.path, {})
        known = {
            "from_id": office.samples.li,
            "contact_id": office.samples.stopped,
            "ticket": office.ids.get("other"),
        }
        found["json"] |= {name: known[name] for name in needed & known.keys()}
    return found


def allows(rule: str, knock: Knock, method: str) -> bool:
    """Whether the rule lets this one do that."""
    if rule == "open":
        return True
    if rule == "pages":
        return not knock.away
    if rule == "session":
        return "Cookie" in knock.headers and knock.may(ROLES[0], method)
    return rule in ROLES and knock.may(rule, method)


async def test_everybody_at_every_route(office: Office, unlimited: None) -> None:
    seen: set[str] = set()
    ends = ("DELETE", f"{PREFIX}/session")  # last: it ends the sessions
    routes = sorted(dict.fromkeys(routes_of(office.application.web)), key=lambda route: route == ends)
    for method, address in routes:
        rule = rule_of(method, address)
        if rule in (None, "socket") or address.startswith(WEBHOOKS):
            continue
        await prepare(office, method, address)
        changed = await walk(office, method, address, str(rule))
        endpoint = _BY_ROUTE.get((method, address))
        if endpoint is not None and endpoint.changes and not changed:
            seen.add(endpoint.operation)
    assert seen <= WITHOUT_EFFECT, "an allowed request must do something, or its refusal proves nothing"


@pytest.mark.parametrize("office", ["twilio"], indirect=True)
async def test_nobody_comes_in_by_a_webhook(office: Office, unlimited: None) -> None:
    for method, address in dict.fromkeys(routes_of(office.application.web)):
        if address.startswith(WEBHOOKS) and method != "HEAD":
            await walk(office, method, address, "secret")


async def prepare(office: Office, method: str, address: str) -> None:
    """What a change needs to find: a chat under way, somebody who is asked, a ticket that is settled."""
    floor, ids = office.floor, office.ids
    if method == "DELETE" and "{identity_id}" in address:
        body = {"kind": "email", "value": "away@example.com", "evidence": "agent"}
        ids["identity_id"] = (await made(office, f"/customers/{ids['customer_id']}/identities", body))["id"]
    if method == "PUT" and "{reply_id}" in address:
        ids["reply_id"] = (await made(office, "/replies", BODIES["/replies/{reply_id}"]))["id"]
    if method != "POST":
        return
    if "{merge_id}" in address:
        ids["merge_id"] = (await office.api.get(f"/customers/{ids['customer_id']}/merges"))["items"][0]["id"]
    if "{work_id}" in address or "{offer_id}" in address or address.endswith("/hand-back"):
        for work in (await office.api.get(f"/works?agent_id={floor.wang}"))["items"]:
            if work["offer_id"]:
                path = f"/offers/{work['offer_id']}/decline"
                await (await office.api.ask("POST", path, {}, role="agent")).release()
            for act in ("end", "wrap-up"):
                body = {"disposition": "resolved"} if act == "wrap-up" else None
                path = f"/works/{work['id']}/{act}"
                await (await office.api.ask("POST", path, body, role="agent")).release()
        job = await floor.chat()
        ids |= {"work_id": job.id, "contact_id": job.contact_id, "waiting": (await floor.waits()).id}
        ids["offer_id"] = (await floor.offered(await floor.waits(), floor.wang)).offer_id
    if address.endswith("/consult/cancel"):
        await floor.post(f"/works/{ids['work_id']}/consult", {"queue": "complaints"})
    if address.endswith("/close"):
        await floor.post(f"/tickets/{ids['ticket']}/resolve", {"resolution": "done"})
    if address.endswith("/link"):
        ids["other"] = (await made(office, "/tickets", BODIES["/tickets"]))["number"]
    if address.endswith(("/escalate", "/prioritise")):
        ids["ticket"] = (await made(office, "/tickets", BODIES["/tickets"]))["number"]


async def made(office: Office, path: str, body: Any) -> Any:
    """The JSON of what was made there, by Wang Fang."""
    async with await office.api.ask("POST", path, body, role="agent") as response:
        assert response.status == 201, await response.text()
        return await response.json()


async def walk(office: Office, method: str, address: str, rule: str) -> bool:
    """Ask as everybody, those first who may not; whether one who may has changed anything."""
    few = method in ("HEAD", "*")
    asked = "PROPFIND" if method == "*" else method
    knocks = [each for each in office.knocks if not few or each.name in FEW]
    before = {} if few else await office.state()
    out = [knock for knock in knocks if not allows(rule, knock, asked)]
    expected = {"nowhere": NOWHERE, "secret": HIDDEN}.get(rule, REFUSED)
    found = await asyncio.gather(*(ask(office, asked, address, knock) for knock in out))
    for knock, status in zip(out, found, strict=True):
        assert status in expected, f"{asked} {address} as {knock.name}: {status}"
    if not few:
        assert await office.state() == before, f"{asked} {address}: who may not has changed something"
    for knock in knocks:
        if knock not in out:
            status = await ask(office, asked, address, knock)
            where = f"{asked} {address} as {knock.name}: {status}"
            assert status not in REFUSED or address == f"{PREFIX}/session", where
            assert status != 500, where
    return method in ("GET", "HEAD", "*") or await office.state() != before


async def ask(office: Office, method: str, address: str, knock: Knock) -> int:
    more = request_of(office, method, address)
    headers = {**more.pop("headers", {}), **knock.headers}
    async with office.client.request(
        method, url(office, address), headers=headers, allow_redirects=False, **more
    ) as response:
        return response.status
