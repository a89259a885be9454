"""What goes wrong around us: a store that is down, a bot that is not ready, requests nobody should send.

A caller hears a safe sentence and is led to a person, a sender of nonsense gets a 4xx, and nobody a
stack trace.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contact_center import effects, turns
from contact_center import web as front
from contact_center.channels.base import Inbound
from contact_center.health import health_routes
from crm_store.errors import StoreDown
from crm_store.store import Unit
from ivr_flows.effects import LookUp
from tests.app.centre import (
    ACCOUNT,
    KNOWN,
    LINE,
    STRANGER,
    Centre,
    TwilioCall,
    TwilioChat,
    open_centre,
    signed,
    sqlite_url,
)
from tests.app.flows import DESK
from tests.support.servers import Postgres

EMERGENCY = "+12025550190"
SID = "CA" + "7" * 32
INCOMING = "/twilio/voice/incoming"
Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def served(centre: Centre) -> AsyncIterator[Client]:
    """The centre behind a web server."""
    app = web.Application(client_max_size=1024 * 1024)
    app.add_routes(front.channel_routes(centre.voice, centre.conductor))
    app.add_routes(front.channel_routes(centre.messaging, centre.conductor))
    app.add_routes(health_routes({"store": centre.room.store.check, "bot": centre.room.bot.ready}))
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    async with open_centre(fresh_sqlite, DESK, emergency_number=EMERGENCY) as opened:
        yield opened


@pytest.fixture
async def client(centre: Centre) -> AsyncIterator[Client]:
    async with served(centre) as opened:
        yield opened


async def post(client: Client, inbound: Inbound) -> tuple[int, str]:
    """Send a request as it is; the answer, which is never a stack trace."""
    async with client.post(inbound.target, data=inbound.body, headers=dict(inbound.headers)) as response:
        return response.status, await harmless(response)


async def harmless(response: ClientResponse) -> str:
    body = await response.text()
    assert "Traceback" not in body
    assert "sqlalchemy" not in body.lower()
    return body


def form(**more: str) -> dict[str, str]:
    return {"CallSid": SID, "AccountSid": ACCOUNT, "From": STRANGER, "To": LINE} | more


# --- the store is down ----------------------------------------------------------------------------------


def down(*_: object) -> None:
    raise StoreDown("the database does not answer")


async def test_a_caller_hears_a_sentence_and_gets_a_person_while_the_store_is_down(
    centre: Centre, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await TwilioCall(centre, SID).dial()
    inbound = signed(centre.voice, call.verb("Gather").attrib["action"], call.form(Digits="2"), token="t")
    with monkeypatch.context() as patched:
        patched.setattr(centre.room.store, "commit", down)
        status, body = await post(client, inbound)
        assert status == 200
        assert "something has gone wrong" in body
        assert f"<Number>{EMERGENCY}</Number>" in body
        status, _ = await post(client, signed(centre.voice, "/twilio/voice/status", form(CallStatus="busy")))
        assert status == 503  # asked again later, where the provider does that
        status, body = await post(client, TwilioChat(centre).message("hello"))
        assert (status, "Message" in body) == (503, False)
    status, body = await post(client, inbound)
    assert (status, "Which order" in body) == (200, True)


async def test_a_full_disk_loses_the_answer_and_nothing_that_was_answered(
    centre: Centre, client: Client
) -> None:
    calls = [TwilioCall(centre, f"CA{number:032d}") for number in range(60)]
    limit = [1]

    @sa.event.listens_for(centre.room.store.engine, "begin")
    def _limited(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit[0]}")

    answered, refused = [], 0
    for call in calls:
        status, body = await post(client, signed(centre.voice, INCOMING, call.form(), token=call.sid))
        assert status == 200
        if "press 1" in body:
            answered.append(call.sid)
        else:
            assert EMERGENCY in body
            refused += 1
    assert refused
    kept = {contact.provider_ref for contact in await centre.contacts()}
    assert kept == set(answered)
    limit[0] = 1_000_000
    _, body = await post(client, signed(centre.voice, INCOMING, calls[-1].form(), token=calls[-1].sid))
    assert "press 1" in body


async def test_a_postgresql_that_goes_away(postgres: Postgres) -> None:
    url = postgres.create_database()
    async with open_centre(url, DESK, emergency_number=EMERGENCY) as centre, served(centre) as client:
        call = await TwilioCall(centre, SID).dial()
        async with client.get("/readyz") as response:
            assert (await response.json())["parts"]["store"] == "ready"
        postgres.drop_database(url)
        for action in (call.verb("Gather").attrib["action"], INCOMING, "/twilio/voice/resume?c=x&t=1"):
            status, body = await post(client, signed(centre.voice, action, form(Digits="2")))
            assert (status, EMERGENCY in body) == (200, True)
        async with client.get("/readyz") as response:
            assert response.status == 503
            assert "doctor" in (await response.json())["parts"]["store"]


async def test_who_waits_in_a_queue_goes_on_waiting(
    centre: Centre, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await TwilioCall(centre, SID).dial()
    await call.press("1")
    page = call.verb("Enqueue").attrib["waitUrl"]
    monkeypatch.setattr(centre.room.store, "read_quick", down)
    status, body = await post(client, signed(centre.voice, page, call.form(QueueTime="5")))
    assert status == 200
    assert "<Redirect" in body
    assert EMERGENCY not in body


# --- slow or broken parts ---------------------------------------------------------------------------------


async def never(*_: object) -> dict[str, object]:
    await asyncio.Event().wait()
    return {}


async def broken(*_: object) -> dict[str, object]:
    raise ZeroDivisionError


@pytest.mark.parametrize(("handler", "reason"), [(never, "timeout"), (broken, "error")])
async def test_an_effect_that_fails_takes_the_flows_other_way(
    fresh_sqlite: str, monkeypatch: pytest.MonkeyPatch, handler: Callable[..., object], reason: str
) -> None:
    monkeypatch.setitem(effects.HANDLERS, LookUp, handler)
    async with open_centre(fresh_sqlite) as centre:
        centre.room.effect_timeout = 0.01
        call = await TwilioCall(centre, SID, caller=KNOWN).dial()
        await call.press("2")
        await call.press("10001")
        [contact] = await centre.contacts()
        assert (contact.state, contact.queue) == ("waiting", "orders")
        results = [
            entry.data["result"] for entry in await centre.journal(contact.id) if entry.kind == "effect"
        ]
        assert {"kind": "failed", "effect": "look_up", "reason": reason} in results


async def test_a_bot_that_is_not_ready_hands_over_to_a_person(fresh_sqlite: str) -> None:
    async with open_centre(fresh_sqlite) as centre:
        chat = TwilioChat(centre, customer=KNOWN)
        await chat.text("hello")
        await chat.text("7")
        await chat.text("where is my parcel?")
        [contact] = await centre.contacts()
        assert (contact.state, contact.queue) == ("waiting", "general")


async def test_a_turn_that_takes_too_long_is_apologised_for(
    centre: Centre, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "LONGEST_ANSWER", 0.01)
    monkeypatch.setattr(centre.room.store, "commit", never)
    status, body = await post(client, signed(centre.voice, INCOMING, form()))
    assert (status, EMERGENCY in body) == (200, True)


async def test_an_answer_that_was_given_up_but_was_written_is_given_again(
    centre: Centre, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We gave up waiting, the database did not: the redelivery gets the answer, and nothing happens twice."""
    commit = centre.room.store.commit

    async def forgetful(unit: Unit) -> list[object]:
        await commit(unit)
        raise TimeoutError

    inbound = signed(centre.voice, INCOMING, form(), token="t-1")
    with monkeypatch.context() as patched:
        patched.setattr(centre.room.store, "commit", forgetful)
        assert EMERGENCY in (await post(client, inbound))[1]
    status, body = await post(client, inbound)
    assert (status, "press 1" in body) == (200, True)
    [contact] = await centre.contacts()
    assert contact.turn == 1


async def test_an_unexpected_mistake_of_ours_is_an_apology(
    centre: Centre, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(turns, "advance", mistaken)
    status, body = await post(client, signed(centre.voice, INCOMING, form()))
    assert (status, EMERGENCY in body) == (200, True)
    assert await centre.contacts() == []


async def test_one_contact_that_cannot_be_read_does_not_stop_the_sweep(centre: Centre) -> None:
    for number in range(3):
        await TwilioCall(centre, f"CA{number:032d}").dial()
    first = (await centre.contacts())[0]
    unit = Unit()
    unit.update("contacts", first.id, first.version, {"session": "{"})
    await centre.room.store.commit(unit)
    centre.clock.advance(centre.room.silent_limit.total_seconds() + 1)
    assert await centre.sweep.once() == 2
    assert [contact.state for contact in await centre.contacts()] == ["in_flow", "ended", "ended"]


# --- requests that nobody should send --------------------------------------------------------------------


FORM = {"content-type": "application/x-www-form-urlencoded"}
ODD: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "five megabytes": (413, b"x=" + b"a" * 5_000_000, FORM),
    "five megabytes, compressed": (
        413, gzip.compress(b"x=" + b"a" * 5_000_000), FORM | {"content-encoding": "gzip"},
    ),
    "no compression where there should be": (400, b"not gzip", FORM | {"content-encoding": "gzip"}),
    "too many fields": (400, b"&".join(b"a%d=1" % number for number in range(2000)), FORM),
    "nothing": (403, b"", {}),
    "not signed": (403, b"CallSid=CA1&AccountSid=AC1", FORM),
    "latin 1": (403, "From=Müller".encode("latin-1"), FORM),
    "utf-16": (403, "From=x".encode("utf-16"), FORM),
    "half a character": (403, b"From=%E4%BD&x=%ZZ&%00=%00", FORM),
    "json": (403, b'{"CallSid": ["CA1"]', {"content-type": "application/json"}),
    "multipart": (403, b"--x\r\n\r\n", {"content-type": "multipart/form-data; boundary=x"}),
    "an odd content type": (403, b"a=b", {"content-type": ";;;=\xff"}),
    "an unknown charset": (403, b"a=b", {"content-type": FORM["content-type"] + "; charset=klingon"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
async def test_odd_requests_are_refused(centre: Centre, client: Client, name: str) -> None:
    wanted, body, headers = ODD[name]
    for path in (INCOMING, "/twilio/voice/turn?c=x&t=1", "/twilio/messaging/incoming"):
        async with client.post(
            path, data=body, headers=headers, skip_auto_headers=["Content-Type"]
        ) as response:
            assert response.status == wanted, path
            await harmless(response)
    assert await centre.contacts() == []


@pytest.mark.parametrize("missing", ["CallSid", "AccountSid"])
async def test_what_must_be_there_is_asked_for(centre: Centre, client: Client, missing: str) -> None:
    fields = {name: value for name, value in form().items() if name != missing}
    status, body = await post(client, signed(centre.voice, INCOMING, fields))
    assert (status, missing in body) == (400, True)


async def test_another_method_is_refused(client: Client) -> None:
    async with client.put(INCOMING, data=b"x") as response:
        assert response.status == 405
        await harmless(response)


async def test_a_signed_form_said_to_be_something_else_is_refused(centre: Centre, client: Client) -> None:
    inbound = signed(centre.voice, INCOMING, form())
    headers = dict(inbound.headers) | {"content-type": "application/json"}
    async with client.post(INCOMING, data=inbound.body, headers=headers) as response:
        assert response.status == 403
        await harmless(response)


async def test_text_that_one_database_cannot_keep_is_kept_on_both(fresh_postgres: str) -> None:
    async with open_centre(fresh_postgres, DESK) as centre, served(centre) as client:
        await post(client, signed(centre.voice, INCOMING, form(CallerName="\x00zero")))
        data = json.dumps({"transcript": "\x00zero\x00 \\u0000 \\\\\x00", "confidence": 0.5})
        fields = form(
            TranscriptionEvent="transcription-content", TranscriptionSid="GT1", SequenceId="1",
            Final="true", Track="inbound_track", TranscriptionData=data,
        )  # fmt: skip
        status, _ = await post(client, signed(centre.voice, "/twilio/voice/transcription", fields))
        assert status == 200
        [contact] = await centre.contacts()
        [heard] = [entry for entry in await centre.journal(contact.id) if entry.kind == "transcript"]
        assert heard.data["text"] == r"zero \u0000 \\"


ANYTHING = st.text(max_size=60) | st.sampled_from(
    [
        "",
        "0",
        "*#",
        "9" * 300,
        "-1",
        "NaN",
        "hangup",
        "completed",
        "失败",
        "\x00",
        "whatsapp:",
        "anonymous",
        "' OR 1=1",
    ]
)
FIELDS = (
    "From", "To", "Digits", "SpeechResult", "Confidence", "CallStatus", "QueueResult", "QueueTime", "Body",
    "DialCallStatus", "RecordingSid", "RecordingDuration", "RecordingStatus", "RecordingUrl",
    "SequenceNumber", "MessageStatus", "ErrorCode", "NumMedia", "OptOutType", "TranscriptionText",
    "TranscriptionStatus", "ParentCallSid", "ButtonPayload", "Latitude", "Longitude", "Direction",
)  # fmt: skip


def test_whatever_a_signed_request_holds_the_answer_is_sane(tmp_path_factory: pytest.TempPathFactory) -> None:
    with asyncio.Runner() as runner:
        opening = open_centre(sqlite_url(tmp_path_factory.mktemp("odd")), DESK)
        centre = runner.run(opening.__aenter__())
        serving = served(centre)
        client = runner.run(serving.__aenter__())
        routes = [
            (channel, route.path)
            for channel in (centre.voice, centre.messaging)
            for route in channel.routes()
        ]

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.sampled_from(routes),
            st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=8),
            st.integers(0, 3),
            st.integers(0, 4),
        )
        def check(place: tuple[object, str], fields: dict[str, str], call: int, turn: int) -> None:
            channel, path = place
            ids = {"CallSid": f"CA{call}", "MessageSid": f"SM{call}", "AccountSid": ACCOUNT}
            inbound = signed(channel, f"{path}?c=x&t={turn}&m=x", ids | fields)  # type: ignore[arg-type]  # a channel
            status, _ = runner.run(post(client, inbound))
            assert status in (200, 400)

        try:
            check()
            for contact in runner.run(centre.contacts()):
                entries = runner.run(centre.journal(contact.id))
                assert [entry.seq for entry in entries] == list(range(contact.journal_length))
        finally:
            runner.run(serving.__aexit__(None, None, None))
            runner.run(opening.__aexit__(None, None, None))
