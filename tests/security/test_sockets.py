"""Every socket: who is let in, who hears which kind of line, and that whoever is shut out hears no more."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from sqlalchemy.engine import Connection

import contact_center
from contact_center.announcing import Told
from contact_center.chat.transcript import ShownMessage
from contact_center.local_carrier import messages as phone_lines
from contact_center.local_carrier.phone_socket import PhoneSocket
from contact_center.sign_in import cookie
from crm_store import agents, sessions, tokens
from crm_store import desks as desk_rows
from crm_store.agents import AgentChanges
from crm_store.errors import StoreDown
from tests.desk.client import PATIENCE
from tests.security.office import EVIL, Office

DESK: Final = "/api/v1/desk"
PHONE: Final = "/phone/socket"
SOCKETS: Final = (DESK, "/chat/socket", PHONE)
ONE: Final = "the agent named in it"
ALL: Final = "every desk: it says nothing of anybody"

NOTICES: Final = {
    "work": ONE, "state": ONE, "offer": ONE, "offer_over": ONE, "consult_over": ONE, "consult_joined": ONE,
    "message": ONE, "message_status": ONE, "typing": ONE, "trouble": ONE, "handed_back": ONE,
    "hello": ONE, "reload": ALL, "going_away": ALL, "look": ALL, "pong": ONE,
}  # fmt: skip
"""Who hears what on a desk's socket."""

EMPTY: Final = {"reload": {}, "going_away": {}, "look": {}, "pong": {}}

CHAT_LINES: Final = {
    "ready": {"type", "visitor", "known", "files", "session"},
    "message": set(ShownMessage.__struct_fields__) | {"type"},
    "state": {
        "type", "contact", "phase", "agent", "language", "wants", "options", "sensitive", "place",
    },
    "anew": {"type"},
    "typing": {"type"},
    "refused": {"type", "line", "reason", "final"},
}  # fmt: skip
"""What a visitor is told, field by field: names of agents, never who they are to us."""

CUSTOMERS: Final = "customer and agent"
PHONE_LINES: Final = {
    "ready": CUSTOMERS, "placed": "customer", "ring": "agent", "state": CUSTOMERS, "say": CUSTOMERS,
    "listen": CUSTOMERS, "record": CUSTOMERS, "talk": CUSTOMERS, "signal": CUSTOMERS, "stop": CUSTOMERS,
    "ended": CUSTOMERS, "error": CUSTOMERS,
}  # fmt: skip


def kinds_in_the_code() -> set[str]:
    """The kinds of notices that the product's source makes."""
    found = {"work", "state", "hello"}
    for path in Path(contact_center.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) >= 2:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                kind = node.args[1]
                if name in ("notice", "Notice", "_tell_desk") and isinstance(kind, ast.Constant):
                    found.add(str(kind.value))
    return found


def test_every_kind_of_notice_says_who_hears_it() -> None:
    assert kinds_in_the_code() - {"look"} == set(NOTICES) - {"look"}


def test_every_line_of_a_telephone_says_who_hears_it() -> None:
    kinds = {msgspec.inspect.type_info(kind).tag for kind in get_args(phone_lines.ToPhone)}  # type: ignore[union-attr]
    assert kinds == set(PHONE_LINES)


async def test_who_is_let_in(office: Office, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contact_center.api.doorkeeper.REFUSALS_PER_MINUTE", 1000)
    clock.advance(61)
    before = await office.state()
    for path, knock in product(SOCKETS, office.knocks):
        allowed = not knock.away and (bool(knock.role) or path != DESK)
        headers = dict(knock.headers)
        if allowed:
            async with office.client.ws_connect(path, headers=headers):
                pass
        else:
            with pytest.raises(WSServerHandshakeError) as refused:
                await office.client.ws_connect(path, headers=headers)
            assert refused.value.status in (401, 403), knock.name
        if not allowed:
            assert await office.state() == before, knock.name
        before = await office.state()


STRANGE: Final = (EVIL, "null", "http://[", "", "http://localhost.evil.example", "file://", "http://a@b@c:x")


async def test_pages_of_others_connect_nowhere(office: Office) -> None:
    for path, origin in product(SOCKETS, STRANGE):
        page = office.knock("agent's page").headers | {"Origin": origin}
        with pytest.raises(WSServerHandshakeError) as refused:
            await office.client.ws_connect(path, headers=page)
        assert refused.value.status == 403, (path, origin)


async def test_a_cookie_without_an_origin_opens_no_desk(office: Office) -> None:
    page = {key: value for key, value in office.knock("agent's page").headers.items() if key != "Origin"}
    with pytest.raises(WSServerHandshakeError):
        await office.client.ws_connect(DESK, headers=page)


async def test_a_program_without_an_agent_has_no_desk(office: Office) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await office.client.ws_connect(
            DESK, headers={"Authorization": f"Bearer {office.api.secrets['nobody']}"}
        )
    assert refused.value.status == 403


@asynccontextmanager
async def desks(office: Office) -> AsyncIterator[dict[str, ClientWebSocketResponse]]:
    """Open desks of Wang Fang, Ada and a supervisor, past their hello."""
    opened: dict[str, ClientWebSocketResponse] = {}
    headers = {name: {"Authorization": f"Bearer {office.api.secrets[name]}"} for name in ("agent", "ada")}
    headers["supervisor"] = dict(office.knock("supervisor's page").headers)
    for name, given in headers.items():
        opened[name] = await office.client.ws_connect(DESK, headers=given)
        assert (await opened[name].receive_json(timeout=PATIENCE))["event"] == "hello"
    yield opened
    for socket in opened.values():
        await socket.close()


async def heard(office: Office, opened: dict[str, ClientWebSocketResponse]) -> dict[str, list[Any]]:
    """Everything that each desk has been told by now."""
    boss = next(iter(office.application.desks._by_agent.keys() - {office.floor.wang, office.floor.ada}))
    told = Told()
    for agent_id in (office.floor.wang, office.floor.ada, boss):
        told.notice(agent_id, "mark", {})
    office.room.announcer.tell(told)
    found: dict[str, list[Any]] = {}
    for name, socket in opened.items():
        found[name] = []
        while (line := await socket.receive_json(timeout=PATIENCE))["event"] != "mark":
            found[name].append(line)
    return found


async def test_a_notice_is_for_one_agent(awake: Office) -> None:
    kinds = [kind for kind, who in NOTICES.items() if who == ONE and kind != "hello"]
    async with desks(awake) as opened:
        told = Told()
        work = await awake.api.get(f"/works/{awake.ids['work_id']}", role="agent")
        state = await awake.api.get(f"/agents/{awake.floor.wang}/state", role="agent")
        data = {"work": work, "state": state, "offer": {"work": work, "offer": {"id": "off_1"}}}
        for kind in kinds:
            told.notice(awake.floor.wang, kind, data.get(kind, {"canary": "words"}))
            told.notice("", kind, data.get(kind, {"canary": "of nobody"}))
        awake.room.announcer.tell(told)
        found = await heard(awake, opened)
    assert [line["event"] for line in found.pop("agent")] == kinds
    assert found == {"ada": [], "supervisor": []}


async def test_a_busy_hour_tells_each_agent_of_their_own(awake: Office) -> None:
    floor = awake.floor
    async with desks(awake) as opened:
        before = awake.ids["work_id"]
        job = await awake.take("ada")
        await floor.post(f"/works/{job.id}/hold", {"on": True}, role="ada")
        await floor.post(f"/works/{job.id}/hold", {"on": False}, role="ada")
        async with await awake.api.ask(
            "POST", f"/contacts/{job.contact_id}/notes", {"text": "canary-note"}, role="ada"
        ) as answer:
            assert answer.status == 201
        await floor.post(f"/works/{job.id}/end", role="ada")
        await floor.post(f"/works/{job.id}/wrap-up", {"disposition": "resolved"}, role="ada")
        await floor.post(f"/works/{before}/end")
        found = await heard(awake, opened)
    assert found["supervisor"] == []
    for name, own, other in (("ada", job.id, before), ("agent", before, job.id)):
        assert own in str(found[name])
        assert other not in str(found[name])
    for word in ("canary-note", job.id, job.contact_id, floor.ada):
        assert word not in str(found["agent"]), word


async def shut_out(office: Office, how: str) -> Callable[[Connection], Any]:
    """What ends Wang Fang's right to be here."""
    by: dict[str, Any] = {"at": office.room.clock.now(), "ids": office.room.ids, "actor": "test"}
    wang = office.floor.wang

    def over(connection: Connection) -> Any:
        if how == "deactivated":
            version = agents.get(connection, wang).version
            return agents.update(connection, wang, version, AgentChanges(active=False), **by)
        if how == "another password":
            return sessions.set_password(connection, wang, "hash", **by)
        if how == "revoked":
            token = next(each for each in tokens.list_tokens(connection) if each.name == "agent")
            return tokens.revoke(connection, token.id, **by)
        [session] = sessions.list_open(connection, wang, office.room.clock.now())
        if how == "expired":
            from crm_store import schema

            past = office.room.clock.now() - timedelta(seconds=1)
            return connection.execute(schema.sessions.update().values(expires_at=past))
        return sessions.end(connection, session.id, **by)

    return over


@pytest.mark.parametrize("how", ["signed out", "expired", "deactivated", "another password", "revoked"])
async def test_a_desk_that_is_open_closes_when_its_agent_is_shut_out(awake: Office, how: str) -> None:
    name = "agent's token" if how == "revoked" else "agent's page"
    other = awake.knock("agent's page" if how == "revoked" else "supervisor's page")
    async with (
        awake.client.ws_connect(DESK, headers=dict(awake.knock(name).headers)) as socket,
        awake.client.ws_connect(DESK, headers=dict(other.headers)) as stays,
    ):
        for each in (socket, stays):
            await each.receive_json(timeout=PATIENCE)
        await awake.application.desks.turn_out()
        assert not socket.closed
        await awake.room.store.write(await shut_out(awake, how))
        await awake.application.desks.turn_out()
        async with asyncio.timeout(PATIENCE):
            while (message := await socket.receive()).type is WSMsgType.TEXT:
                continue
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1008)
        if how != "expired":
            await stays.send_json({"say": "snapshot"})
            line = await stays.receive_json(timeout=PATIENCE)
            assert line["event"] == "hello"


@pytest.mark.parametrize("how", ["signed out", "expired", "deactivated", "another password", "revoked"])
async def test_an_agents_telephone_closes_when_its_agent_is_shut_out(awake: Office, how: str) -> None:
    name = "agent's token" if how == "revoked" else "agent's page"
    watch = telephones(awake)._watch
    async with (
        awake.client.ws_connect(PHONE, headers=dict(awake.knock(name).headers)) as socket,
        awake.client.ws_connect(PHONE, headers=dict(awake.knock("administrator's token").headers)) as stays,
        awake.client.ws_connect(PHONE) as customer,
    ):
        for each, who in ((socket, "agent"), (stays, "agent"), (customer, "customer")):
            await each.send_json({"type": "hello", "as": who})
            assert (await each.receive_json(timeout=PATIENCE))["type"] == "ready"
        await watch.look()
        assert not socket.closed
        await awake.room.store.write(await shut_out(awake, how))
        await watch.look()
        heard = await socket.receive_json(timeout=PATIENCE)
        assert heard == {"type": "error", "text": "You are signed out."}
        async with asyncio.timeout(PATIENCE):
            assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        for each in (stays, customer):
            await each.send_json({"type": "hello", "as": "customer"})
            assert (await each.receive_json(timeout=PATIENCE))["text"] == "Hello was said already."


async def test_telephones_are_looked_at_again_though_the_store_was_away(
    awake: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = telephones(awake)._watch
    looked = [StoreDown("away"), None]
    done = asyncio.Event()

    async def look() -> None:
        error = looked.pop(0)
        if error is not None:
            raise error
        done.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(watch, "look", look)
    monkeypatch.setattr("contact_center.sign_in.watch.LOOK_SECONDS", 0)
    async with watch.guest("agt_1", "ses_1", "agent"), asyncio.timeout(PATIENCE):
        await done.wait()
    assert watch._looking is None, "nobody is left to look after"


def telephones(office: Office) -> PhoneSocket:
    assert office.application.local is not None
    [found] = [part for part in office.application.local._parts if isinstance(part, PhoneSocket)]
    return found


async def test_who_has_left_holds_nothing(awake: Office) -> None:
    """What they wrote about goes to others at once: nobody waits for them to come back."""
    path = f"/works/{awake.ids['work_id']}"
    assert (await awake.api.get(path))["state"] == "active"
    async with awake.client.ws_connect(DESK, headers=dict(awake.knock("agent's token").headers)) as socket:
        await socket.receive_json(timeout=PATIENCE)
        await awake.room.store.write(await shut_out(awake, "deactivated"))
        await awake.application.desks.turn_out()
        found = await awake.api.get(path)
        assert (found["state"], found["agent_id"]) == ("waiting", None)
        assert await awake.room.store.read(lambda connection: desk_rows.list_desks(connection)) == []


class Visitor:
    """A browser that chats."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.lines: list[dict[str, Any]] = []

    async def until(self, test: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            line = await self.socket.receive_json(timeout=PATIENCE)
            self.lines.append(line)
            if test(line):
                return dict(line)


@asynccontextmanager
async def visitor(office: Office, **hello: Any) -> AsyncIterator[Visitor]:
    async with office.client.ws_connect("/chat/socket") as socket:
        await socket.send_json({"type": "hello", **hello})
        made = Visitor(socket)
        await made.until(lambda line: line["type"] == "state")
        yield made


async def test_a_visitor_hears_of_nothing_inside(awake: Office) -> None:
    floor = awake.floor
    async with visitor(awake) as one, visitor(awake) as other, desks(awake):
        for each, name in ((one, "canary-one"), (other, "canary-other")):
            form = {"name": name, "email": f"{name}@example.com"}
            await each.socket.send_json({"type": "start", "id": "l1", "form": form})
            await each.until(lambda line: line.get("wants") == "answer")
            await each.socket.send_json({"type": "say", "id": "l2", "text": f"{name} says", "pick": "person"})
            await each.until(lambda line: line["type"] == "message" and line["by"] == "visitor")
        contact_id = next(line["contact"] for line in reversed(one.lines) if line["type"] == "state")
        await floor.go(floor.wang)
        path = f"/contacts/{contact_id}"
        for action, body in (
            ("notes", {"text": "canary-note"}), ("messages", {"text": "hello there"}), ("typing", None),
        ):  # fmt: skip
            async with await awake.api.ask("POST", f"{path}/{action}", body, role="agent") as answer:
                assert answer.status < 300, await answer.text()
        await one.until(lambda line: line.get("text") == "hello there")
        await one.socket.send_json({"type": "seen", "place": "con_x:1"})
        await one.socket.send_json({"type": "nonsense", "id": "l9"})
        await one.until(lambda line: line["type"] == "refused")
        for each, stranger in ((one, "canary-other"), (other, "canary-one")):
            text = str(each.lines)
            for word in ("canary-note", "agt_", "wang@example.com", stranger, *awake.api.secrets.values()):
                assert word not in text, word
            for line in each.lines:
                assert set(line) <= CHAT_LINES[line["type"]], line
        assert "Wang Fang" in str(one.lines)


async def test_a_visitor_sends_no_file_of_another_and_takes_no_session(awake: Office) -> None:
    async with visitor(awake) as one:
        await one.socket.send_json({"type": "start", "id": "l1"})
        await one.until(lambda line: line.get("wants") == "answer")
        await one.socket.send_json({"type": "say", "id": "l2", "text": "", "files": [awake.ids["file"]]})
        refused = await one.until(lambda line: line["type"] == "refused")
        assert refused["reason"] == "bad"
        mine = one.lines[0]["visitor"]
    for session in (mine, awake.ids["visitor"], "x" * 43, "' OR 1=1 --"):
        async with visitor(awake, session=session) as guess:
            assert guess.lines[0]["visitor"] not in (mine, awake.ids["visitor"])
            assert guess.lines[0]["session"]


def test_a_session_is_known_to_its_browser_alone(office: Office) -> None:
    """By its digest only in the database."""
    kept = office.folder.glob("store.db*")
    whole = b"".join(path.read_bytes() for path in kept)
    for secret in (*office.cookies.values(), *office.api.secrets.values(), office.ids["visit"]):
        assert secret.encode() not in whole
        assert cookie.csrf_token(secret).encode() not in whole
