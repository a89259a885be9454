"""Customers, tickets, orders, staff and tokens over the API."""

from __future__ import annotations

from typing import Any

import pytest

from crm_store import audit, consents, contacts, journal
from crm_store.audit import AuditFilter
from crm_store.store import Store
from tests.api.conftest import AT, ON_BOTH, Api
from tests.api.samples import LI

pytestmark = ON_BOTH


async def test_a_customer_is_found_by_name_and_number(api: Api) -> None:
    for text in ("li w", "138 0013 8000"):
        page = await api.get("/customers", params={"text": text})
        assert [item["id"] for item in page["items"]] == [api.samples.li]
    tagged = await api.get("/customers", params={"tag": "vip"})
    assert [item["id"] for item in tagged["items"]] == [api.samples.chen]


async def test_a_customer_comes_with_all_an_agent_wants_to_see(api: Api) -> None:
    li = await api.get(f"/customers/{api.samples.li}")
    assert [identity["value"] for identity in li["identities"]] == [LI]
    assert li["consents"] == [{"kind": "sms", "address": LI, "opted_out": False}]
    assert [order["number"] for order in li["orders"]] == ["SO-1001"]
    assert [ticket["id"] for ticket in li["open_tickets"]] == [api.samples.ticket]
    assert [contact["id"] for contact in li["contacts"]] == [api.samples.text, api.samples.call]


async def test_a_customer_is_created_with_identities_or_not_at_all(api: Api) -> None:
    new = {"name": "Zhao", "identities": [{"kind": "email", "value": "Zhao@Example.com"}]}
    response = await api.ask("POST", "/customers", new, role="agent")
    assert response.status == 201
    assert (await response.json())["identities"][0]["value"] == "zhao@example.com"
    taken = {"name": "Li again", "identities": [{"kind": "phone", "value": LI}]}
    problem = await api.problem(409, "POST", "/customers", taken)
    assert api.samples.li in problem["detail"]
    assert (await api.get("/customers", params={"text": "Li again"}))["items"] == []


async def test_a_change_needs_the_version_that_was_read(api: Api) -> None:
    path = f"/customers/{api.samples.li}"
    response = await api.ask("GET", path)
    version = response.headers["ETag"]
    await api.problem(428, "PATCH", path, {"tier": "key"})
    await api.problem(400, "PATCH", path, {"tier": "key"}, headers={"If-Match": "latest"})
    changed = await api.ask("PATCH", path, {"tier": "key"}, headers={"If-Match": version})
    assert changed.status == 200
    assert (await changed.json())["tier"] == "key"
    assert (await changed.json())["name"] == "Li Wei"
    stale = await api.problem(412, "PATCH", path, {"tier": "gold"}, headers={"If-Match": version})
    assert stale["code"] == "stale"
    assert api.changed == [api.samples.text]  # the open contact whose customer is held in memory


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nmae": "x"}, "nmae"),
        ({"tier": "platinum"}, "tier"),
        ({"tags": ["ok", ""]}, "tags.1"),
        ({"name": None}, "name"),
    ],
)
async def test_a_wrong_field_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    headers = {"If-Match": '"0"'}
    problem = await api.problem(422, "PATCH", f"/customers/{api.samples.li}", body, headers=headers)
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_an_identity_is_added_and_removed(api: Api) -> None:
    path = f"/customers/{api.samples.chen}/identities"
    added = await (await api.ask("POST", path, {"kind": "email", "value": "chen@example.com"})).json()
    await api.problem(409, "POST", path, {"kind": "phone", "value": "anonymous"})
    other = f"/customers/{api.samples.li}/identities/{added['id']}"
    await api.problem(404, "DELETE", other)
    removed = await api.ask("DELETE", f"{path}/{added['id']}")
    assert removed.status == 204
    assert len((await api.get(f"/customers/{api.samples.chen}"))["identities"]) == 1


async def test_an_opt_out_holds_for_the_customers_own_number(api: Api, store: Store) -> None:
    path = f"/customers/{api.samples.li}/consents"
    body = {"kind": "sms", "address": "+86 138 0013 8000", "opted_out": True}
    assert (await api.ask("PUT", path, body)).status == 200
    with store.reading() as connection:
        assert consents.is_opted_out(connection, "sms", LI)
    await api.problem(409, "PUT", path, body | {"address": "+8613700137000", "opted_out": False})
    problem = await api.problem(409, "POST", f"/contacts/{api.samples.text}/messages", {"text": "hello"})
    assert problem["code"] == "cannot_text"
    assert (await api.ask("PUT", path, body | {"opted_out": False})).status == 200
    assert (await api.ask("POST", f"/contacts/{api.samples.text}/messages", {"text": "hi"})).status == 202


async def test_a_merge_moves_everything_and_is_taken_back(api: Api) -> None:
    path = f"/customers/{api.samples.chen}/merges"
    body = {"from_id": api.samples.li, "reason": "same person, checked on the phone"}
    merged = await (await api.ask("POST", path, body)).json()
    assert api.changed == [api.samples.text]
    both = await api.get(f"/customers/{api.samples.chen}")
    assert LI in [identity["value"] for identity in both["identities"]]
    assert (await api.get(path))["items"][0]["id"] == merged["id"]
    undone = await (await api.ask("POST", f"/merges/{merged['id']}/undo")).json()
    assert undone["undone_at"] is not None
    assert len((await api.get(f"/customers/{api.samples.li}"))["identities"]) == 1
    problem = await api.problem(409, "POST", f"/merges/{merged['id']}/undo")
    assert "undone already" in problem["detail"]


# --- tickets -----------------------------------------------------------------------------------------


async def test_a_ticket_lives_its_life_over_the_api(api: Api) -> None:
    path = f"/tickets/{api.samples.ticket_number[:4]}-{api.samples.ticket_number[4:]}"
    assert (await api.get(path))["allowed"][0] == "claim"
    for action, body, status in (
        ("claim", {}, "in_progress"),
        ("notes", {"text": "asked the depot"}, "in_progress"),
        ("wait", {"reason": "for the depot"}, "waiting"),
        ("reassign", {"queue": "sales"}, "open"),
        ("escalate", {"reason": "called twice"}, "open"),
        ("resolve", {"resolution": "sent a new one"}, "resolved"),
        ("reopen", {"reason": "it did not come"}, "open"),
        ("resolve", {}, "resolved"),
        ("close", None, "closed"),
    ):
        response = await api.ask("POST", f"{path}/{action}", body, role="agent")
        assert response.status == 200, await response.text()
        assert (await response.json())["status"] == status
    ticket = await api.get(path)
    kinds = [event["kind"] for event in ticket["history"]]
    assert kinds == [
        "opened", "claimed", "noted", "waiting", "reassigned", "escalated", "resolved", "reopened",
        "resolved", "closed",
    ]  # fmt: skip
    assert ticket["severity"] == "high"
    assert ticket["history"][1]["actor"] == f"agent:{api.samples.agent}"
    problem = await api.problem(409, "POST", f"{path}/claim", {})
    assert "reopen" in problem["detail"]


async def test_a_ticket_changed_meanwhile_is_stale(api: Api) -> None:
    path = f"/tickets/{api.samples.ticket}"
    version = (await api.get(path))["version"]
    headers = {"If-Match": f'"{version}"'}
    assert (await api.ask("POST", f"{path}/claim", {}, headers=headers)).status == 200
    await api.problem(412, "POST", f"{path}/resolve", {}, headers=headers)


async def test_a_complaint_from_a_contact_joins_the_open_ticket(api: Api, store: Store) -> None:
    body = {"subject": "Still broken", "order_number": "so-1001", "contact_id": api.samples.text}
    response = await api.ask("POST", "/tickets", body, role="agent")
    assert response.status == 201
    ticket = await response.json()
    assert (ticket["id"], ticket["joined"]) == (api.samples.ticket, True)
    assert api.changed == [api.samples.text]
    with store.reading() as connection:
        assert journal.read(connection, api.samples.text)[-1].kind == "ticket_joined"


async def test_a_new_ticket_is_due_from_the_first_second_of_its_contact(api: Api, store: Store) -> None:
    body = {"subject": "Rude driver", "contact_id": api.samples.text, "severity": "normal"}
    ticket = await (await api.ask("POST", "/tickets", body)).json()
    with store.reading() as connection:
        began = contacts.get(connection, api.samples.text).started_at
    assert ticket["opened_at"] == began.isoformat().replace("+00:00", "Z")
    assert ticket["due_at"] == "2026-03-03T09:20:00Z"
    assert (ticket["customer_id"], ticket["contact_back"]) == (api.samples.li, LI)
    assert ticket["priority"] == 2  # a gold customer's
    problem = await api.problem(404, "POST", "/tickets", {"subject": "x", "queue": "nowhere"})
    assert "queue" in problem["detail"]


async def test_the_list_of_tickets_is_filtered(api: Api) -> None:
    assert len((await api.get("/tickets", params={"open": "true"}))["items"]) == 1
    assert (await api.get("/tickets", params={"overdue": "true"}))["items"] == []
    assert (await api.get("/tickets", params={"unassigned": "false"}))["items"] == []
    assert len((await api.get("/tickets", params={"order": "work", "order_number": "so-1001"}))["items"]) == 1


async def test_a_token_without_an_agent_must_say_who_claims(api: Api, store: Store) -> None:
    made = await (await api.ask("POST", "/tokens", {"name": "erp", "role": "supervisor"})).json()
    api.secrets["erp"] = made["secret"]
    problem = await api.problem(422, "POST", f"/tickets/{api.samples.ticket}/claim", {}, role="erp")
    assert problem["errors"][0]["field"] == "agent_id"


# --- orders, staff, tokens -------------------------------------------------------------------------

ORDER = {
    "status": "paid",
    "total_minor": 9900,
    "currency": "CNY",
    "placed_at": AT.isoformat(),
    "items": [{"name": "Tea"}],
}


async def test_an_order_is_put_again_and_again(api: Api) -> None:
    first = await (await api.ask("PUT", "/orders/so-2002", ORDER)).json()
    assert (first["number"], first["items"]) == ("SO-2002", [{"name": "Tea", "quantity": 1}])
    changed = ORDER | {"status": "shipped", "customer_id": api.samples.chen}
    assert (await api.ask("PUT", "/orders/SO-2002", changed)).status == 200
    got = await api.get("/orders/so-2002")
    assert (got["id"], got["status"]) == (first["id"], "shipped")
    await api.problem(409, "PUT", "/orders/SO-2002", ORDER | {"currency": "EUR"})
    await api.problem(409, "PUT", "/orders/SO-3", ORDER | {"customer_id": "cus_none"})
    await api.problem(404, "GET", "/orders/SO-3")
    found = await api.get("/orders", params={"customer": api.samples.chen})
    assert [order["number"] for order in found["items"]] == ["SO-2002"]


async def test_queues_calendars_and_agents_are_set_up(api: Api) -> None:
    hours = {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}}
    calendar = await (await api.ask("PUT", "/calendars/berlin", hours)).json()
    assert calendar["weekly"]["mon"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    overlapping = hours | {"weekly": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}
    await api.problem(422, "PUT", "/calendars/berlin", overlapping)
    queue = {"title": {"en": "Refunds"}, "calendar": "berlin", "skills": {"refunds": 3}}
    assert (await api.ask("PUT", "/queues/refunds", queue)).status == 200
    assert (await api.get("/queues/refunds"))["service_level"] == {"target": 0.8, "seconds": 20}
    await api.problem(409, "PUT", "/queues/refunds", queue | {"calendar": "nowhere"})
    await api.problem(422, "PUT", "/queues/Has%20Space", queue)
    agent = {"name": "Ada", "email": "ada@example.com", "skills": {"refunds": 9}}
    ada = await (await api.ask("POST", "/agents", agent)).json()
    path, headers = f"/agents/{ada['id']}", {"If-Match": f'"{ada["version"]}"'}
    left = await (await api.ask("PUT", path, agent | {"active": False}, headers=headers)).json()
    assert left["active"] is False
    at_work = await api.get("/agents", params={"active": "true"})
    assert [person["name"] for person in at_work["items"]] == ["Wang Fang"]


async def test_a_new_token_works_at_once_and_no_longer_once_revoked(api: Api, store: Store) -> None:
    made = await (await api.ask("POST", "/tokens", {"name": "shop", "role": "agent"})).json()
    api.secrets["shop"] = made["secret"]
    assert (await api.ask("GET", "/queues", role="shop")).status == 200
    listed = await (await api.ask("GET", "/tokens")).text()
    assert made["id"] in listed
    assert made["secret"] not in listed
    assert (await api.ask("DELETE", f"/tokens/{made['id']}")).status == 200
    await api.problem(401, "GET", "/queues", role="shop")
    trail = await api.get("/audit", params={"subject": made["id"]})
    assert [entry["action"] for entry in trail["items"]] == ["token.revoked", "token.created"]
    with store.reading() as connection:
        assert made["secret"] not in str(audit.list_entries(connection, AuditFilter(), limit=500))
