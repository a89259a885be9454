"""What is tried again, what is given up, and what Twilio's errors mean to us."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from contact_center.carriers.base import CarrierFailed, CarrierRefused, Outgoing
from contact_center.carriers.twilio import TwilioCarrier
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.config.sections import Twilio
from tests.carriers.conftest import Bench, a_dial
from tests.channels.payloads import ACCOUNT, CUSTOMER, OURS

TEXT = Outgoing("msg_1", "sms", OURS, CUSTOMER, "Hello.")


def messages(bench: Bench) -> TwilioCarrier:
    return TwilioCarrier(bench.settings, "https://calls.example.com/twilio/messaging/status", bench.api)


# --- messages ---------------------------------------------------------------------------------------


async def test_a_message_is_sent_as_it_is(bench: Bench) -> None:
    ref = await messages(bench).send_message(TEXT)
    assert bench.form() == {
        "To": [CUSTOMER],
        "Body": ["Hello."],
        "From": [OURS],
        "StatusCallback": ["https://calls.example.com/twilio/messaging/status?m=msg_1"],
    }
    assert ref == bench.twilio.world.messages[0]["MessageSid"]


async def test_whatsapp_and_media(bench: Bench) -> None:
    media = ("https://example.com/a.jpg", "https://example.com/b.jpg")
    await messages(bench).send_message(Outgoing("msg_1", "whatsapp", OURS, CUSTOMER, "Hello.", media))
    form = bench.form()
    assert (form["To"], form["From"]) == ([f"whatsapp:{CUSTOMER}"], [f"whatsapp:{OURS}"])
    assert form["MediaUrl"] == list(media)


async def test_messages_and_calls_share_one_client(bench: Bench) -> None:
    await messages(bench).send_message(TEXT)
    client = vars(bench.api)["_client"]
    await bench.calls.dial(a_dial())
    assert vars(bench.api)["_client"] is client


# --- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "gone", "opted_out"),
    [
        (400, 21211, False, False),
        (400, 21610, False, True),
        (400, 21220, True, False),
        (400, 16099, True, False),
        (404, 20404, True, False),
        (401, 20003, False, False),
        (403, 20003, False, False),
    ],
)
async def test_what_is_refused_for_good(
    bench: Bench, status: int, code: int, gone: bool, opted_out: bool
) -> None:
    bench.twilio.fail_next(status, code)
    with pytest.raises(CarrierRefused) as refused:
        await messages(bench).send_message(TEXT)
    assert (refused.value.code, refused.value.gone, refused.value.opted_out) == (str(code), gone, opted_out)
    assert len(bench.asked()) == 1


@pytest.mark.parametrize(
    ("fault", "repeated", "single"),
    [
        ({"status": 429}, 3, 3),
        ({"status": 500}, 3, 1),
        ({"status": 503}, 3, 1),
        ({"status": 302}, 3, 1),
        ({"drop": True}, 3, 1),
        ({"hang": True}, 1, 1),
    ],
)
async def test_how_often_is_tried_what_may_be_repeated_and_what_may_not(
    bench: Bench, fault: dict[str, Any], repeated: int, single: int
) -> None:
    bench.twilio.fail_next(times=9, **fault)
    with pytest.raises(CarrierFailed):
        await bench.calls.dial(a_dial())
    assert len(bench.asked()) == repeated
    with pytest.raises(CarrierFailed):
        await messages(bench).send_message(TEXT)
    assert len(bench.asked()) == repeated + single
    assert bench.paused == [0.2, 0.4] * ((repeated == 3) + (single == 3))


@pytest.mark.parametrize(
    ("status", "error"), [(500, CarrierFailed), (429, CarrierFailed), (403, CarrierRefused)]
)
async def test_a_list_fails_like_everything_else(bench: Bench, status: int, error: type[Exception]) -> None:
    bench.twilio.fail_next(status, times=9)
    with pytest.raises(error, match=str(status)):
        await bench.calls.mute("con_1", "CA1", True)
    assert len(bench.asked("Conferences")) == (1 if status == 403 else 3)


async def test_a_failure_that_passes_is_not_noticed(bench: Bench) -> None:
    bench.twilio.fail_next(503, times=2)
    assert await bench.calls.dial(a_dial())


async def test_a_refused_connection_is_tried_again_even_for_messages(bench: Bench) -> None:
    await bench.twilio.refuse()

    async def pause(seconds: float) -> None:
        if seconds > 0.3:
            await bench.twilio.open()

    bench.api = TwilioApi(bench.settings, pause=pause)
    assert await messages(bench).send_message(TEXT)
    await bench.api.close()


async def test_wrong_credentials_are_refused_and_shown_nowhere(bench: Bench) -> None:
    settings = Twilio(account_sid=ACCOUNT, auth_token=SecretStr("f" * 32), api_base_url=bench.twilio.url)
    api = TwilioApi(settings)
    with pytest.raises(CarrierRefused, match="20003") as refused:
        await TwilioCarrier(settings, "https://x.example", api).send_message(TEXT)
    assert "ffff" not in str(refused.value)
    assert CUSTOMER not in str(refused.value)
    await api.close()


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "[1]", '"x"'])
async def test_an_answer_that_is_not_twilios_is_a_failure(bench: Bench, body: str) -> None:
    bench.twilio.fail_next(200, times=9, body=body)
    with pytest.raises(CarrierFailed, match="could not be read"):
        await messages(bench).send_message(TEXT)
    with pytest.raises(CarrierFailed, match="could not be read"):
        await bench.calls.end_room("con_1")


async def test_a_wrong_base_url_does_not_make_calls_look_ended(bench: Bench) -> None:
    bench.twilio.fail_next(404, body="no such page")
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.fetch_again("CA1", "con_1", 8)
    assert (refused.value.code, refused.value.gone) == ("404", False)


# --- the circuit breaker ----------------------------------------------------------------------------


async def test_who_fails_again_and_again_is_left_alone_and_then_tried_once(bench: Bench) -> None:
    bench.twilio.fail_next(500, times=5)
    carrier = messages(bench)
    for _ in range(5):
        with pytest.raises(CarrierFailed, match="500"):
            await carrier.send_message(TEXT)
    with pytest.raises(CarrierFailed, match=r"left alone for 15 s more"):
        await carrier.send_message(TEXT)
    with pytest.raises(CarrierFailed, match=r"left alone"):
        await bench.calls.end_room("con_1")
    assert len(bench.asked()) == 5
    bench.clock.advance(15)
    assert await carrier.send_message(TEXT)
    assert await carrier.send_message(TEXT)


async def test_a_refusal_shows_that_twilio_is_there(bench: Bench) -> None:
    for _ in range(4):
        bench.twilio.fail_next(500, times=1)
        with pytest.raises(CarrierFailed):
            await messages(bench).send_message(TEXT)
    bench.twilio.fail_next(400, 21211)
    with pytest.raises(CarrierRefused):
        await messages(bench).send_message(TEXT)
    bench.twilio.fail_next(500, times=1)
    with pytest.raises(CarrierFailed, match="500"):
        await messages(bench).send_message(TEXT)
    assert await messages(bench).send_message(TEXT)
