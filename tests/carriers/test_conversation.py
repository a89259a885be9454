"""An agent's leg from the API through Twilio's callbacks to its state: the design notes' traps in action.

The carrier places it, the fake Twilio tells of it in signed callbacks, the channel reads these and the leg
heeds them: everything but the engine in the middle.
"""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import msgspec
import pytest

from contact_center import leg as rules
from contact_center.carriers.base import CarrierRefused, Party
from contact_center.channels import TwilioVoice
from contact_center.channels.base import Delivery, Inbound, LegEvent, Reply, Take
from crm_store.legs import Leg
from ivr_flows.inputs import QueueLeft
from ivr_flows.instructions import Talk
from tests.carriers.conftest import Bench, a_dial
from tests.channels.payloads import CUSTOMER, OURS, PUBLIC, settings, voice
from tests.rules.test_leg import LEG

CALL = "CA" + "9" * 32
CHANNEL = TwilioVoice(settings())


class Story:
    """The legs of one contact and every delivery about them."""

    def __init__(self, bench: Bench, *, detects: bool = False) -> None:
        self.bench = bench
        self.detects = detects
        self.legs: dict[str, Leg] = {}
        self.deliveries: list[Delivery] = []
        bench.twilio.post = self.post

    async def place(self, leg_id: str = "leg_1", **changes: Any) -> str:
        """Write a leg and dial it; the carrier's id."""
        self.legs[leg_id] = msgspec.structs.replace(LEG, id=leg_id)
        return await self.bench.calls.dial(a_dial(leg_id, detect_machine=self.detects, **changes))

    async def post(self, url: str, form: dict[str, str], headers: dict[str, str]) -> None:
        """A callback of Twilio's, as the web would hand it to the channel."""
        parts = urlsplit(url)
        inbound = Inbound(
            route=parts.path.rpartition("/")[2],
            method="POST",
            target=url.removeprefix(PUBLIC),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            form=tuple(form.items()),
            headers={name.lower(): value for name, value in headers.items()}
            | {"content-type": "application/x-www-form-urlencoded"},
        )
        CHANNEL.verify(inbound)
        delivery = CHANNEL.parse(inbound)
        assert delivery.contact_id == "con_1"
        if delivery.key not in [one.key for one in self.deliveries]:
            self.heed(delivery)
        self.deliveries.append(delivery)

    def heed(self, delivery: Delivery) -> None:
        event = delivery.event
        assert isinstance(event, LegEvent)
        concerned = self.legs.values() if event.change == "room_ended" else [self.legs.get(event.leg_id)]
        for leg in [leg for leg in concerned if leg is not None]:
            changes = rules.heed(leg, event, self.bench.clock.now(), detects=self.detects)
            self.legs[leg.id] = msgspec.structs.replace(leg, **changes)

    def enter(self) -> None:
        """The customer's call plays what `resume` answers: it comes into the room."""
        document = CHANNEL.render(Reply("con_1", 8, "en", (Talk("con_1", "en"),)), voice("resume"))
        verb = ET.fromstring(document.body).find("Dial/Conference")
        assert verb is not None
        self.bench.twilio.world.enters(verb.text or "", CALL, dict(verb.attrib))

    def stands(self, leg_id: str = "leg_1") -> tuple[str, str]:
        return self.legs[leg_id].state, self.legs[leg_id].reason


async def test_an_agent_is_called_talks_and_hangs_up(bench: Bench) -> None:
    story, world = Story(bench), bench.twilio.world
    ref = await story.place()
    world.rings("leg_1")
    await bench.twilio.deliver()
    assert story.stands() == ("ringing", "")
    assert story.legs["leg_1"].provider_ref == ref
    world.answers("leg_1")
    await bench.twilio.deliver()
    assert story.stands() == ("joined", "")
    story.enter()
    await bench.calls.hold("con_1", ref, True)
    await bench.twilio.deliver()
    assert story.legs["leg_1"].held
    world.hangs_up("leg_1")
    await bench.twilio.deliver()
    assert story.stands() == ("left", "hung_up")


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
async def test_who_does_not_come_has_failed(bench: Bench, status: str) -> None:
    story = Story(bench)
    await story.place()
    bench.twilio.world.rings("leg_1")
    bench.twilio.world.declines("leg_1", status)
    await bench.twilio.deliver()
    assert story.stands() == ("failed", status.replace("-", "_"))


async def test_the_customer_goes_and_the_agent_stays_until_the_engine_ends_that(bench: Bench) -> None:
    """By hanging up, or by a redirect that may lead right back into the conversation."""
    story, world = Story(bench), bench.twilio.world
    ref = await story.place()
    world.answers("leg_1")
    story.enter()
    world.hangs_up(CALL)
    await bench.twilio.deliver()
    assert story.stands() == ("joined", "")
    await bench.calls.drop("con_1", ref, answered=True)
    await bench.twilio.deliver()
    assert story.stands()[0] == "left"
    assert world.leg("leg_1").status == "completed"


async def test_the_agent_leaves_and_the_customer_is_released(bench: Bench) -> None:
    story, world = Story(bench), bench.twilio.world
    await story.place(ends_room=True)
    world.answers("leg_1")
    story.enter()
    world.hangs_up("leg_1")
    assert world.released == [CALL]


# --- the traps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
async def test_callbacks_in_any_order_and_twice_end_the_same(bench: Bench, seed: int) -> None:
    story, world = Story(bench, detects=True), bench.twilio.world
    ref = await story.place()
    world.rings("leg_1")
    world.answers("leg_1")
    world.detects("leg_1", "human")
    story.enter()
    await bench.calls.hold("con_1", ref, True)
    await bench.calls.hold("con_1", ref, False)
    world.hangs_up("leg_1")
    world.hangs_up(CALL)
    random = Random(seed)
    callbacks = [*world.callbacks, *random.sample(world.callbacks, 4)]
    random.shuffle(callbacks)
    await bench.twilio.deliver(callbacks)
    assert story.stands() == ("left", "hung_up")


async def test_voicemail_that_answers_is_no_agent(bench: Bench) -> None:
    story, world = Story(bench, detects=True), bench.twilio.world
    ref = await story.place(party=Party("phone", "+12025550144"))
    world.answers("leg_1")
    await bench.twilio.deliver()
    assert story.stands() == ("answered", "")  # in the room, and the customer still in the queue
    world.detects("leg_1", "machine_start")
    await bench.twilio.deliver()
    assert story.stands() == ("failed", "machine")
    await bench.calls.drop("con_1", ref, answered=True)
    await bench.twilio.deliver()
    assert story.stands() == ("failed", "machine")


async def test_an_agent_who_hangs_up_while_we_give_up(bench: Bench) -> None:
    """We believe that it rings; it has been answered, and then hung up."""
    story, world = Story(bench), bench.twilio.world
    ref = await story.place()
    world.rings("leg_1")
    await bench.twilio.deliver()
    world.answers("leg_1")
    assert not rules.is_answered(story.legs["leg_1"])
    await bench.calls.drop("con_1", ref, answered=rules.is_answered(story.legs["leg_1"]))
    assert world.leg("leg_1").status == "completed"
    await bench.twilio.deliver()
    assert story.stands() == ("left", "by_us")


async def test_whoever_comes_second_does_not_move_the_callbacks(bench: Bench) -> None:
    """The conference tells the URL of whoever came first; all give the same, so it does not matter."""
    story, world = Story(bench), bench.twilio.world
    await story.place("leg_1")
    await story.place("leg_2")
    world.answers("leg_2")
    world.answers("leg_1")
    story.enter()
    await bench.twilio.deliver()
    events = [one.event for one in story.deliveries]
    told = {one.leg_id for one in events if isinstance(one, LegEvent) and one.change == "joined"}
    assert told == {"leg_1", "leg_2", "customer"}
    first = world.leg("leg_2").one("ConferenceStatusCallback")
    assert {one.url for one in bench.twilio.delivered if "ConferenceSid" in one.form} == {first}


async def test_events_as_one_text_bring_no_callbacks(bench: Bench) -> None:
    """What happens to those who write ``initiated ringing answered`` into one parameter (21626)."""
    world = bench.twilio.world
    url = "https://calls.example.com/twilio/voice/agent_leg?c=con_1&l=leg_1"
    wrong = {"StatusCallback": [url], "StatusCallbackEvent": ["initiated ringing answered completed"]}
    world.add("con_1", {"To": ["client:a"], "From": [OURS], "Label": ["leg_1"], **wrong})
    world.rings("leg_1")
    world.hangs_up("leg_1")
    assert world.callbacks == []


async def test_the_action_of_an_aborted_conversation_is_known_by_its_turn_and_status(bench: Bench) -> None:
    """A redirect makes Twilio ask the aborted <Dial>'s action first; it says ``completed``."""
    story, world = Story(bench), bench.twilio.world
    await story.place()
    world.answers("leg_1")
    story.enter()
    await bench.calls.fetch_again(CALL, "con_1", 9)
    aborted = CHANNEL.parse(voice("talked", "?c=con_1&t=8", DialCallStatus="completed", From=CUSTOMER))
    assert (aborted.event, aborted.turn) == (Take(QueueLeft("answered"), unless_talking=True), 8)
    assert parse_qsl(urlsplit(world.calls[CALL].redirects[0]).query) == [("c", "con_1"), ("t", "9")]


async def test_a_caller_who_has_gone_cannot_be_fetched(bench: Bench) -> None:
    story, world = Story(bench), bench.twilio.world
    await story.place()
    world.call_in(CALL)
    world.hangs_up(CALL)
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.fetch_again(CALL, "con_1", 8)
    assert refused.value.gone
