"""Who may come in, as whom, how often, and what they can reach: nobody else's words, ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from pydantic import SecretStr

from contact_center.announcing import Told
from contact_center.chat import limits, socket
from contact_center.clock import ManualClock
from crm_store import customers, identities, schema
from crm_store.customers import NewCustomer
from crm_store.store import Store
from tests.api.conftest import ON_BOTH
from tests.chat.site import Site, Visitor, opened_site
from tests.chat.test_conversation import with_agent

SECRET = "s" * 40
HOST = "https://shop.example.com"


def token(site: Site, secret: str = SECRET, **claims: Any) -> str:
    now = site.centre.clock.now().timestamp()
    return jwt.encode({"sub": "user-1", "exp": now + 600, "name": "Eve"} | claims, secret, "HS256")


async def refusal(site: Site, **hello: Any) -> dict[str, Any]:
    """The one line that a hello is answered with."""
    visitor = await Visitor(site, **hello).come()
    line = await visitor.next()
    assert line is not None
    await visitor.go()
    return line


# --- origins -----------------------------------------------------------------------------------------


ORIGINS = {
    None: True,  # no browser
    HOST: True,
    "HTTPS://SHOP.EXAMPLE.COM": True,
    "http://127.0.0.1:8080": True,  # our own
    "http://shop.example.com": False,
    "https://shop.example.com.evil.example": False,
    "https://shop.example.com:444": False,
    "https://evil.example": False,
    "null": False,
}


async def test_only_pages_of_listed_sites_chat(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, origins=(HOST,)) as site:
        found = {}
        for origin in ORIGINS:
            try:
                await (await Visitor(site).come(origin)).phase("none")
            except WSServerHandshakeError as refused:
                found[origin] = refused.status != 403
            else:
                found[origin] = True
        assert found == ORIGINS


async def test_a_page_of_another_site_may_ask_first(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, origins=(HOST,)) as site:
        for origin, status, allowed in ((HOST, 204, HOST), ("https://evil.example", 403, None)):
            async with site.http.options(site.url("/chat/files"), headers={"Origin": origin}) as answer:
                assert answer.status == status
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed
                assert "Access-Control-Allow-Credentials" not in answer.headers


# --- sessions ----------------------------------------------------------------------------------------


@ON_BOTH
async def test_a_session_comes_back_to_its_own_conversation_only(site: Site) -> None:
    eve = await Visitor(site).come()
    await eve.act("start")
    await eve.phase("flow")
    await eve.say("my secret order")
    await eve.message("my secret order")
    mallory = await Visitor(site, place=eve.place).come()
    await mallory.phase("none")
    assert mallory.texts() == []
    assert mallory.session not in ("", eve.session)
    again = await Visitor(site, session=eve.session).come()
    await again.message("my secret order")
    assert "session" not in again.ready, "a secret is told once"
    rows = await site.centre.room.store.read(
        lambda connection: [tuple(row) for row in connection.execute(schema.visitors.select())]
    )
    assert eve.session not in str(rows)


async def test_an_unknown_session_is_a_new_visitor(site: Site) -> None:
    for session in ("wrong", "x" * 5000, "\x00", "' OR 1=1"):
        visitor = await Visitor(site, session=session).come()
        await visitor.phase("none")
        assert visitor.session != session


async def test_a_session_is_forgotten_after_its_days(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, session_days=2) as site:
        eve = await Visitor(site).come()
        await eve.phase("none")
        first = eve.session
        clock = site.centre.clock
        assert isinstance(clock, ManualClock)
        for days, same in ((1.5, True), (1.5, True), (2.1, False)):
            clock.advance(days * 86_400)
            again = await Visitor(site, session=first).come()
            await again.phase("none")
            assert (again.session == first) is same
            await again.go()


# --- the host site's tokens --------------------------------------------------------------------------


@ON_BOTH
async def test_a_token_is_the_customer_whom_the_host_names(site: Site) -> None:
    site.settings = site.settings.model_copy(update={"token_secret": SecretStr(SECRET)})
    await site.restart()
    eve = await Visitor(site, token=token(site)).come()
    await eve.act("start")
    await eve.phase("flow")
    assert eve.ready["known"] is True
    assert eve.session == ""
    [contact] = await site.centre.contacts()
    assert contact.from_address == "user-1"
    known = await site.centre.room.store.read(
        lambda connection: customers.find_by_identity(connection, "web", "user-1")
    )
    assert known is not None
    assert (known.name, known.id) == ("Eve", contact.customer_id)
    elsewhere = await Visitor(site, token=token(site)).come()
    await elsewhere.message("What is it about?")
    other = await Visitor(site, token=token(site, sub="user-2")).come()
    await other.phase("none")
    assert other.texts() == []


async def test_only_a_verified_address_is_evidence(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, token_secret=SECRET) as site:
        room = site.centre.room
        by: dict[str, Any] = {"at": room.clock.now(), "ids": room.ids, "actor": "test"}

        def prepare(connection: Any) -> str:
            ben = customers.create(connection, NewCustomer(name="Ben"), **by)
            identities.add(connection, ben.id, "email", "ben@example.com", "crm_import", **by)
            return ben.id

        ben_id = await room.store.write(prepare)
        found = {}
        for verified in (False, "true", True):
            said = token(site, sub=f"user-{verified}", email="Ben@example.com", email_verified=verified)
            visitor = await Visitor(site, token=said).come()
            await visitor.act("start")
            await visitor.phase("flow")
            found[verified] = (await site.centre.contacts())[-1].customer_id == ben_id
        assert found == {False: False, "true": False, True: True}


NOW = 1_772_418_000.0


def forged(site: Site) -> dict[str, tuple[str, str]]:
    """Tokens that prove nothing, and what is said of them."""
    none = jwt.encode({"sub": "user-1", "exp": NOW * 2}, None, "none")
    at = site.centre.clock.now().timestamp()
    head, body, sign = token(site).split(".")
    return {
        "expired": (token(site, exp=at - 31), "token_expired"),
        "not yet": (token(site, nbf=at + 31), "token_bad"),
        "another secret": (token(site, "t" * 40), "token_bad"),
        "no signature": (f"{head}.{body}.", "token_bad"),
        "cut": (f"{head}.{body}.{sign[:-2]}", "token_bad"),
        "alg none": (none, "token_bad"),
        "another algorithm": (jwt.encode({"sub": "a", "exp": at + 9}, SECRET * 2, "HS384"), "token_bad"),
        "without exp": (jwt.encode({"sub": "user-1"}, SECRET, "HS256"), "token_bad"),
        "without sub": (jwt.encode({"exp": at + 9}, SECRET, "HS256"), "token_bad"),
        "empty sub": (token(site, sub=" "), "token_bad"),
        "endless": (token(site, exp="never"), "token_bad"),
        "infinite": (token(site, exp=1e300), "token_bad"),
        "nonsense": ("a.b.c", "token_bad"),
        "long": ("x" * 5000, "token_bad"),
    }


async def test_tokens_that_prove_nothing(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, token_secret=SECRET) as site:
        wrong = {}
        for name, (said, reason) in forged(site).items():
            line = await refusal(site, token=said)
            if line.get("reason") != reason:
                wrong[name] = line
        assert wrong == {}
        assert await site.centre.rows("visitors") == 0


async def test_without_a_secret_no_token_is_good(site: Site) -> None:
    assert (await refusal(site, token=token(site)))["reason"] == "token_bad"


# --- floods ------------------------------------------------------------------------------------------


async def test_messages_are_limited_by_visitor_and_by_address(store: Store, tmp_path: Path) -> None:
    few = {"messages_per_minute": 3, "messages_per_minute_and_address": 5}
    async with opened_site(store, tmp_path, **few) as site:
        eve, bob = await Visitor(site).come(), await Visitor(site, tab="b").come()
        for number in range(5):
            await eve.say(f"eve {number}")
        last = await eve.until(lambda line: line["type"] == "refused")
        assert (last["line"], last["reason"]) == ("l4", "too_many")
        for number in range(3):
            await bob.say(f"bob {number}")
        last = await bob.until(lambda line: line["type"] == "refused")
        assert last["line"] == "b3", "five messages from this address"
        clock = site.centre.clock
        assert isinstance(clock, ManualClock)
        clock.advance(60)
        await bob.say("bob again")
        await bob.message("bob again")


async def test_new_visitors_and_connections_are_limited(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VISITORS_A_MINUTE", 2)
    monkeypatch.setattr(limits, "SOCKETS_A_MINUTE", 4)
    known = await Visitor(site).come()
    await known.phase("none")
    await (await Visitor(site).come()).phase("none")
    assert (await refusal(site))["reason"] == "too_many"
    await (await Visitor(site, session=known.session).come()).phase("none")
    with pytest.raises(WSServerHandshakeError) as refused:
        await Visitor(site, session=known.session).come()
    assert refused.value.status == 429


async def test_one_visitor_has_so_many_browsers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "MOST_SOCKETS", 2)
    first = await Visitor(site).come()
    await first.phase("none")
    second = await Visitor(site, session=first.session).come()
    await second.phase("none")
    assert (await refusal(site, session=first.session))["reason"] == "too_many"


async def test_a_flood_of_lines_is_cut_off(site: Site) -> None:
    visitor = await Visitor(site).come()
    for _ in range(limits.LINES_A_MINUTE):
        await visitor.send({"type": "typing"})
    last = None
    while (line := await visitor.next()) is not None:
        last = line
    assert last is not None
    assert last["reason"] == "too_many"


# --- nonsense ----------------------------------------------------------------------------------------


NONSENSE = [
        "", "x", "null", "[]", "{}", '{"type": 1}', '{"type": "unknown", "id": "a"}', '{"type":"hello"}',
        '{"type": "say"}', '{"type": "say", "id": "a b", "text": "x"}', '{"type": "say", "id": "a"}',
        '{"type": "say", "id": "a", "text": {}}', '{"type": "say", "id": "a", "files": ["att_1"]}',
        '{"type": "start", "id": "a", "line": "../x"}', '{"type": "start", "id": "a", "form": {"name": 1}}',
        "[" * 20_000,
]  # fmt: skip


async def test_nonsense_is_refused_and_changes_nothing(site: Site) -> None:
    visitor = await Visitor(site).come()
    await visitor.phase("none")
    assert visitor.socket is not None
    for line in NONSENSE:
        await visitor.socket.send_str(line)
        said = await visitor.next()
        assert said is not None
        assert (said["type"], said["reason"]) == ("refused", "bad"), line
    assert await site.centre.contacts() == []


async def test_a_line_that_is_too_long_ends_the_connection(site: Site) -> None:
    visitor = await Visitor(site).come()
    await visitor.phase("none")
    await visitor.say("x" * 40_000)
    while await visitor.next() is not None:
        continue
    assert await site.centre.contacts() == []


async def test_who_says_nothing_sensible_first_is_sent_away(site: Site) -> None:
    for first in ("x", '{"type": "say", "id": "a", "text": "x"}'):
        async with site.http.ws_connect(site.url("/chat/socket")) as other:
            await other.send_str(first)
            assert json.loads((await other.receive()).data)["reason"] == "no_hello"
            assert (await other.receive()).type is WSMsgType.CLOSE


HOSTILE = "<script>alert(1)</script>\x00 &amp; {{ 7*7 }} \u202e\U0001f600 \"'><img src=x>"


async def test_hostile_words_are_kept_and_shown_as_they_are(site: Site) -> None:
    visitor = await Visitor(site).come()
    contact_id = await with_agent(site, visitor)
    await visitor.say(HOSTILE)
    shown = await visitor.message("alert(1)")
    assert shown["text"] == HOSTILE.replace("\x00", "")
    [*_, last] = await site.centre.messages(contact_id)
    assert last.text == shown["text"]


# --- what the desk is told, and tells ----------------------------------------------------------------


async def test_typing_signs_both_ways_and_marks_for_the_desk(site: Site) -> None:
    visitor = await Visitor(site).come()
    contact_id = await with_agent(site, visitor)
    told: list[tuple[str, dict[str, Any]]] = []
    announcer = site.centre.room.announcer
    tell = announcer.tell

    def listening(what: Told) -> None:
        told.extend((notice.event, notice.data) for notice in what.said if notice.agent_id == site.agent_id)
        tell(what)

    announcer.tell = listening  # type: ignore[method-assign, assignment]
    await site.ask("POST", f"/contacts/{contact_id}/messages", {"text": "hello"})
    came = await visitor.message("hello")
    await visitor.send({"type": "typing"})
    await visitor.send({"type": "typing"})
    await visitor.send({"type": "seen", "place": came["place"]})
    await visitor.say("yes")
    await visitor.message("yes")
    events = [event for event, _ in told]
    assert events == ["typing", "message_status", "message"]
    assert told[0][1] == {"contact_id": contact_id}
    assert came["id"] in told[1][1]["message_ids"]
    assert told[1][1]["status"] == "read"
