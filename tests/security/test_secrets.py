"""Canaries in every place that is nobody's to see, and then everything read that anybody can read."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.api.models.common import PREFIX
from contact_center.channels_in_use import CONSOLE_SECRET
from crm_store import outbox, schema
from crm_store.agents import ROLES
from tests.api.samples import CHEN, LI
from tests.app.centre import TOKEN
from tests.desk.client import PATIENCE
from tests.security.conftest import BOT_TOKEN, CHAT_SECRET, CONFIGS, TURN_SECRET
from tests.security.office import HASH, Office, routes_of
from tests.security.rules import rule_of

SESSION: Final = '{"flow": "hello", "node": "greet", "canary": "canary-in-the-session"}'

PRIVATE: Final = {
    "passwords": {"hash"},
    "sessions": {"digest", "address", "browser"},
    "api_tokens": {"digest"},
    "visitors": {"digest", "subject"},
    "attachments": {"stored_as"},
    "contacts": {"session", "open_key"},
    "outbox": {"payload"},
    "deliveries": {"reply"},
}
"""Columns that no answer shows."""


@pytest.fixture
async def marked(office: Office) -> set[str]:
    """Every secret that there is, with what stands for it in the database."""

    def mark(connection: Connection) -> set[str]:
        connection.execute(schema.contacts.update().values(session=SESSION))
        row = outbox.row("out_1", "message.send", {"canary": "canary-in-the-outbox"}, office.room.clock.now())
        connection.execute(schema.outbox.insert(), row)
        found: set[str] = {"canary-in-the-session", "canary-in-the-outbox", HASH}
        for table in (schema.sessions, schema.api_tokens, schema.visitors):
            found |= {
                str(value) for value in connection.execute(sa.select(table.c.digest)).scalars() if value
            }
        found |= set(connection.execute(sa.select(schema.attachments.c.stored_as)).scalars())
        return found

    secrets = await office.room.store.write(mark)
    secrets |= {*office.cookies.values(), *office.api.secrets.values(), office.ids["visit"]}
    secrets |= {BOT_TOKEN, CHAT_SECRET, TURN_SECRET, TOKEN, "canary-browser"}
    secrets.add((office.folder / CONSOLE_SECRET).read_text().strip())
    if office.application.local is not None:
        secrets.add(office.application.local.account.token)
    return secrets


def test_columns_that_hold_secrets_are_known() -> None:
    """A new column with such a name must be looked at, and put into `PRIVATE` or into `marked`."""
    named = re.compile(r"hash|secret|digest|token|password|credential|key$|stored_as")
    found = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.sorted_tables
        for column in table.c
        if named.search(column.name)
    }
    public = {
        "contacts.flow_digest",  # of flows, which are no secret
        "flow_sources.digest",
        "contacts.open_key",
        "deliveries.key",
        "tickets.open_order_key",
    }
    assert found - public <= {f"{table}.{column}" for table, columns in PRIVATE.items() for column in columns}


def paths(office: Office) -> list[tuple[str, str]]:
    """What can be read, with names of what is there, and who may."""
    found = []
    for method, address in dict.fromkeys(routes_of(office.application.web)):
        rule = rule_of(method, address)
        if method != "GET" or rule not in (*ROLES, "open", "session"):
            continue
        for contact in (office.samples.call, office.samples.text, office.ids["contact_id"]):
            ids = office.ids | {"contact_id": contact, "number": "SO-1001"}
            path = re.sub(r"\{(\w+)\}", lambda place, ids=ids: ids.get(place[1], "sales"), address)  # type: ignore[misc]
            if (path, rule) not in found:
                found.append((path, str(rule)))
    return found


@pytest.mark.parametrize("office", CONFIGS, indirect=True)
async def test_no_answer_holds_a_secret(office: Office, marked: set[str]) -> None:
    good = 0
    for path, _rule in paths(office):
        for name in ("agent's page", "administrator's page", "nobody"):
            headers = dict(office.knock(name).headers)
            async with office.client.get(path, headers=headers) as response:
                text = await response.text(errors="replace")
                good += response.status == 200
                own = headers.get("Cookie", "").partition("=")[2]
                shown = text + str(response.headers)
            assert [secret for secret in marked if secret in shown] == [], f"{path} as {name} ({own[:6]})"
        office.room.live._buckets.clear()  # type: ignore[attr-defined]  # nobody meets a limit
    assert good > 80


async def test_no_refusal_holds_a_secret(office: Office, marked: set[str]) -> None:
    """Whatever was sent with it."""
    for secret in sorted(marked):
        for path, body in (("/customers", {"name": [secret]}), ("/tickets", {"subject": {"a": secret}})):
            response = await office.api.ask("POST", path, body)
            assert response.status == 422
            assert secret not in await response.text()


async def test_no_socket_tells_a_secret(awake: Office, marked: set[str]) -> None:
    found = []
    headers = {"Authorization": f"Bearer {awake.api.secrets['agent']}"}
    async with awake.client.ws_connect(f"{PREFIX}/desk", headers=headers) as socket:
        found.append(await socket.receive_str(timeout=PATIENCE))
    for who in ("customer", "agent"):
        async with awake.client.ws_connect("/phone/socket", headers=headers) as socket:
            await socket.send_json({"type": "hello", "as": who})
            line = await socket.receive_str(timeout=PATIENCE)
            assert json.loads(line)["ice"][0]["credential"]
            found.append(line)
    async with awake.client.ws_connect("/chat/socket") as socket:
        await socket.send_json({"type": "hello", "session": awake.ids["visit"]})
        found += [await socket.receive_str(timeout=PATIENCE) for _ in range(2)]
    for line in found:
        assert [secret for secret in marked if secret in line] == [], line[:80]


async def test_a_new_token_is_shown_this_once(office: Office) -> None:
    made = await office.api.ask("POST", "/tokens", {"name": "canary", "role": "agent"})
    secret = (await made.json())["secret"]
    for path in ("/tokens", "/audit"):
        assert secret not in str(await office.api.get(path))


OWNED: Final = (
    "/customers/{li}", "/contacts/{call}", "/contacts/{text}", "/contacts/{call}/timeline",
    "/contacts/{call}/messages", "/contacts/{text}/messages", "/contacts/{call}/why", "/contacts/{call}/path",
    "/tickets/{ticket}", "/orders/SO-1001", "/customers/{li}/merges", "/tickets?customer={li}",
    "/contacts?customer={li}", "/orders?customer={li}",
)  # fmt: skip


async def test_one_customers_pages_hold_nothing_of_another(office: Office) -> None:
    samples = office.samples
    known: dict[str, Any] = {
        "li": samples.li, "call": samples.call, "text": samples.text, "ticket": samples.ticket,
    }  # fmt: skip
    for path in OWNED:
        text = json.dumps(await office.api.get(path.format(**known), role="agent"), ensure_ascii=False)
        for word in (CHEN, "Chen Jie", samples.chen, "canary"):
            assert word not in text, (path, word)
        assert any(word in text for word in (LI, samples.li, "[]")) or "why" in path or "messages" in path


async def test_only_who_may_search_finds(office: Office) -> None:
    """Wildcards and operators of SQL and of the index are letters like others."""
    for words in ("%", "_", "' OR ''='", '"', "*", "kettle*", "a OR b", "NEAR(a b)", "\\", "-- ", "%%%%"):
        for path in (f"/customers?text={words}", f"/contacts?address={words}"):
            response = await office.api.ask("GET", path.replace("%", "%25").replace("#", "%23"))
            assert response.status in (200, 422)
            if response.status == 200:
                assert (await response.json())["items"] == [], (path, words)
