"""The same things done over the API of the tests' pretended Twilio and of the local carrier: answers and
callbacks must be the same, field by field."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import pytest

from contact_center.carriers.base import CarrierRefused, Dial, Party
from contact_center.carriers.breaker import Breaker
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.carriers.twilio_calls import TwilioCalls
from contact_center.channels.base import Reply
from contact_center.channels.twilio_settings import TwilioSettings
from contact_center.channels.twiml import VoiceTwiml
from contact_center.clock import ManualClock
from contact_center.config.sections import Twilio
from contact_center.local_carrier.account import ACCOUNT_SID
from ivr_flows.instructions import Talk
from tests.local_carrier.engine import AT, PUBLIC, TOKEN, Carrier, Handset, open_carrier
from tests.support.twilio_rest import FakeTwilio

ROOM = "con_1"
SID = re.compile(r"(CA|CF)[0-9a-f]{32}")
MOVING = {"Timestamp", "CallDuration", "Duration"}
"""What a clock has a part in; `test_verbs` looks at it."""

Told = tuple[str, dict[str, str]]


def talk_document() -> str:
    """What the engine answers to a customer who is to talk with an agent."""
    paths = {name: f"/voice/{name}" for name in ("conference", "recording", "talked")}
    settings = TwilioSettings(account_sid=ACCOUNT_SID, auth_tokens=(TOKEN,), public_url=PUBLIC)
    document = VoiceTwiml(settings, paths).document(
        Reply(contact_id=ROOM, turn=1, instructions=(Talk(ROOM, "en"),))
    )
    return document.partition("<Response>")[2].removesuffix("</Response>")


class Network(Protocol):
    """A telephone network and the people at its ends."""

    calls: TwilioCalls

    async def customer_comes(self) -> str: ...
    async def rings(self, leg: str) -> None: ...
    async def answers(self, leg: str) -> None: ...
    async def declines(self, leg: str) -> None: ...
    async def hangs_up(self, leg: str) -> None: ...
    async def told(self) -> list[Told]: ...


class Pretended:
    """The pretended Twilio."""

    def __init__(self, twilio: FakeTwilio) -> None:
        self.twilio = twilio
        self.calls = TwilioCalls(_api(twilio.url), PUBLIC)
        self._told: list[Told] = []

    async def customer_comes(self) -> str:
        call = self.twilio.world.call_in("CA" + "9" * 32, to="1001")
        verb = ElementTree.fromstring(talk_document()).find("Conference")
        assert verb is not None
        self.twilio.world.enters(ROOM, call.sid, dict(verb.attrib))
        return call.sid

    async def rings(self, leg: str) -> None:
        self.twilio.world.rings(leg)

    async def answers(self, leg: str) -> None:
        self.twilio.world.answers(leg)

    async def declines(self, leg: str) -> None:
        self.twilio.world.declines(leg)

    async def hangs_up(self, leg: str) -> None:
        self.twilio.world.hangs_up(leg)

    async def told(self) -> list[Told]:
        return [(one.url.removeprefix(PUBLIC), one.form) for one in self.twilio.world.callbacks]


class Local:
    """The local carrier."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.calls = TwilioCalls(_api(carrier.api), PUBLIC)
        self.customer = carrier.handset()
        self.desks: dict[str, Handset] = {}

    def desk(self, leg: str) -> Handset:
        return self.desks.setdefault(leg, self.carrier.handset(f"client:{leg}"))

    async def customer_comes(self) -> str:
        live = self.customer.dial()
        await self.customer.until("talk")
        return live.sid

    async def rings(self, leg: str) -> None:
        await self.desk(leg).until("ring")

    async def answers(self, leg: str) -> None:
        self.carrier.clock.advance(30)
        self.carrier.exchange.answer(self.desk(leg).phone, self.desk(leg).call)

    async def declines(self, leg: str) -> None:
        self.carrier.exchange.decline(self.desk(leg).phone, self.desk(leg).call)

    async def hangs_up(self, leg: str) -> None:
        self.carrier.clock.advance(30)
        self.desk(leg).hang_up()

    async def told(self) -> list[Told]:
        await self.carrier.exchange.webhooks.told()
        return [
            (one.target, one.form)
            for one in self.carrier.asked
            if one.target.startswith(("/voice/agent_leg", "/voice/conference", "/voice/recording"))
        ]


def _api(url: str) -> TwilioApi:
    settings = Twilio(
        enabled=True,
        account_sid=ACCOUNT_SID,
        auth_token=TOKEN,  # type: ignore[arg-type]  # pydantic makes a secret of it
        api_base_url=url,
        timeout_seconds=5,
        caller_id="+12025550199",
    )

    async def at_once(_seconds: float) -> None:
        return None

    return TwilioApi(settings, clock=ManualClock(AT), breaker=Breaker(), pause=at_once)


@asynccontextmanager
async def networks(folder: Path) -> AsyncIterator[tuple[Network, Network]]:
    """The two, with nobody in any call."""
    async with (
        FakeTwilio(ACCOUNT_SID, TOKEN) as twilio,
        open_carrier(folder, incoming=talk_document(), talked="<Hangup/>") as carrier,
    ):
        pretended, local = Pretended(twilio), Local(carrier)
        for leg in ("leg_1", "leg_2"):
            local.desk(leg)
        yield pretended, local
        await pretended.calls.close()
        await local.calls.close()


def dial(leg: str, **more: Any) -> Dial:
    return Dial(contact_id=ROOM, room=ROOM, leg_id=leg, party=Party("client", leg), **more)


async def agent_answers(on: Network) -> None:
    await on.calls.dial(dial("leg_1"))
    await on.rings("leg_1")
    await on.answers("leg_1")


async def all_of_it(on: Network) -> None:
    """Two agents and a customer: held, muted, coached, dropped, ended."""
    await on.calls.dial(dial("leg_1"))
    await on.rings("leg_1")
    await on.answers("leg_1")
    customer = await on.customer_comes()
    await on.calls.hold(ROOM, customer, True)
    second = await on.calls.dial(dial("leg_2", muted=True))
    await on.rings("leg_2")
    await on.answers("leg_2")
    await on.calls.mute(ROOM, second, False)
    await on.calls.hold(ROOM, customer, False)
    await on.calls.coach(ROOM, second, customer)
    await on.calls.coach(ROOM, second, "")
    await on.hangs_up("leg_2")
    await on.calls.end_room(ROOM)


async def nobody_comes(on: Network) -> None:
    await on.calls.dial(dial("leg_1"))
    await on.rings("leg_1")
    await on.declines("leg_1")


async def we_give_up(on: Network) -> None:
    await on.calls.dial(dial("leg_1"))
    await on.rings("leg_1")
    ref = await on.calls.dial(dial("leg_1"))  # asked twice, called once
    await on.calls.drop(ROOM, ref, answered=True)


async def one_of_two_declines(on: Network) -> None:
    await agent_answers(on)
    await on.calls.dial(dial("leg_2"))
    await on.rings("leg_2")
    await on.declines("leg_2")


async def the_agent_is_dropped(on: Network) -> None:
    ref = await on.calls.dial(dial("leg_1"))
    await on.rings("leg_1")
    await on.answers("leg_1")
    await on.calls.drop(ROOM, ref, answered=True)


async def the_customer_is_led_away(on: Network) -> None:
    await agent_answers(on)
    customer = await on.customer_comes()
    await on.calls.fetch_again(customer, ROOM, 2)


SCENES = [
    all_of_it,
    nobody_comes,
    we_give_up,
    one_of_two_declines,
    the_agent_is_dropped,
    the_customer_is_led_away,
]


def by_stream(told: list[Told]) -> dict[str, list[dict[str, str]]]:
    """Callbacks by URL, in their order, with ids that are the same on both sides."""
    names: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"{match[1]}#{len(names)}")

    found: dict[str, list[dict[str, str]]] = {}
    for url, form in sorted(told, key=lambda one: one[0]):
        known = {name: SID.sub(named, value) for name, value in form.items() if name not in MOVING}
        found.setdefault(url, []).append(known)
    return found


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_the_same_is_told(tmp_path: Path, scene: Callable[[Network], Awaitable[None]]) -> None:
    async with networks(tmp_path) as (pretended, local):
        await scene(pretended)
        await scene(local)
        theirs, ours = by_stream(await pretended.told()), by_stream(await local.told())
    assert set(ours) == set(theirs)
    for url, forms in theirs.items():
        assert len(ours[url]) == len(forms), [form.get("StatusCallbackEvent") for form in ours[url]]
        for mine, wanted in zip(ours[url], forms, strict=True):
            assert {name: mine.get(name) for name in wanted} == wanted


REFUSALS: list[tuple[str, Callable[[TwilioCalls], Awaitable[Any]], str, bool]] = [
    ("a call that is not", lambda calls: calls.fetch_again("CA" + "0" * 32, ROOM, 1), "20404", True),
    ("a room that is not", lambda calls: calls.mute(ROOM, "CA" + "0" * 32, True), "20404", True),
    ("no recording", lambda calls: calls.record(ROOM, "CA" + "0" * 32, "pause"), "20404", True),
    (
        "a call to nowhere",
        lambda calls: calls.dial(
            Dial(contact_id=ROOM, room=ROOM, leg_id="leg_9", party=Party("sip", "a@b"), shown="")
        ),
        "",
        False,
    ),
]


@pytest.mark.parametrize(("name", "ask", "code", "gone"), REFUSALS, ids=[each[0] for each in REFUSALS])
async def test_the_same_is_refused(
    tmp_path: Path, name: str, ask: Callable[[TwilioCalls], Awaitable[Any]], code: str, gone: bool
) -> None:
    async with networks(tmp_path) as both:
        seen = []
        for network in both:
            try:
                await ask(network.calls)
                seen.append(("", False))
            except CarrierRefused as refused:
                seen.append((refused.code, refused.gone))
        assert seen == [(code, gone)] * 2


async def test_a_call_that_is_over_takes_nothing(tmp_path: Path) -> None:
    async with networks(tmp_path) as both:
        for network in both:
            ref = await network.calls.dial(dial("leg_1"))
            await network.rings("leg_1")
            await network.declines("leg_1")
            with pytest.raises(CarrierRefused) as refused:
                await network.calls.fetch_again(ref, ROOM, 1)
            assert (refused.value.code, refused.value.gone) == ("21220", True)
            await network.calls.drop(ROOM, ref, answered=False)


async def test_a_sixth_end_is_refused(tmp_path: Path) -> None:
    async with open_carrier(tmp_path) as carrier:
        calls = TwilioCalls(_api(carrier.api), PUBLIC)
        desks = [carrier.handset(f"client:leg_{number}") for number in range(6)]
        for number in range(5):
            await calls.dial(dial(f"leg_{number}"))
        with pytest.raises(CarrierRefused) as refused:
            await calls.dial(dial("leg_5"))
        assert refused.value.code == "16020"
        assert desks[5].phone.lines.empty()
        await calls.close()


async def test_what_is_not_known_is_refused(tmp_path: Path) -> None:
    import aiohttp

    async with open_carrier(tmp_path) as carrier, aiohttp.ClientSession() as http:
        base = f"{carrier.api}/2010-04-01/Accounts/{ACCOUNT_SID}"
        auth = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, TOKEN)}
        cases: list[tuple[str, str, dict[str, str], dict[str, str], int, int]] = [
            ("GET", "/Conferences.json", {}, {}, 401, 20003),
            ("GET", "/Conferences.json", {}, {"Authorization": "Basic eDp5"}, 401, 20003),
            ("GET", "/Messages.json", {}, auth, 404, 20404),
            ("GET", "/Recordings/RE..%2F..%2Fx", {}, auth, 404, 20404),
            ("GET", f"/Recordings/RE{'0' * 32}", {}, auth, 404, 20404),
            ("POST", "/Conferences/a/Participants.json", {"To": "client:a"}, auth, 400, 21213),
            (
                "POST",
                "/Conferences/a/Participants.json",
                {"To": "client:a", "From": "1", "JitterBufferSize": "x"},
                auth,
                400,
                20001,
            ),
        ]
        for method, path, form, headers, status, code in cases:
            async with http.request(method, base + path, data=form or None, headers=headers) as answer:
                body = await answer.json()
                assert (answer.status, body["code"]) == (status, code), path
