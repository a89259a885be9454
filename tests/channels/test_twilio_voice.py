"""What the telephone answers, route by route."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from contact_center.channels import TwilioVoice
from contact_center.channels.base import Outbound, Reply
from ivr_flows.instructions import Connect, HangUp, Instruction, Listen, Say, WaitInQueue
from tests.channels.payloads import OURS, settings, voice

Q = "?c=con_1&t=7"
CHANNEL = TwilioVoice(settings())


def answer(route: str, *instructions: Instruction, query: str = Q, **more: str) -> ET.Element:
    reply = Reply("con_1", 7, "en", instructions)
    outbound = CHANNEL.render(reply, voice(route, query, **more))
    assert (outbound.status, outbound.content_type) == (200, "text/xml")
    return ET.fromstring(outbound.body)


def verbs(document: ET.Element) -> list[str]:
    return [child.tag for child in document]


def xml(outbound: Outbound) -> ET.Element:
    return ET.fromstring(outbound.body)


@pytest.mark.parametrize("route", ["status", "leg", "recording", "transcription"])
def test_a_status_is_answered_with_nothing(route: str) -> None:
    assert verbs(answer(route, Say("x", "en"), HangUp())) == []


@pytest.mark.parametrize("route", ["incoming", "turn", "resume", "enqueue", "dial", "record", "fallback"])
def test_whoever_asks_for_a_turn_gets_one(route: str) -> None:
    assert verbs(answer(route, Say("x", "en"), Listen("en"))) == ["Say", "Gather", "Redirect"]


@pytest.mark.parametrize("route", ["wait", "leave"])
def test_in_a_queue_only_what_a_queue_may_hear(route: str) -> None:
    waiting = WaitInQueue("q", "en", 60, (Say("a", "en"), Say("b", "en")))
    page = answer(route, waiting, query=Q + "&page=5")
    assert verbs(page) == ["Say", "Pause", "Redirect"]
    assert page[0].text == "b"
    assert (page[2].text or "").endswith("/wait?c=con_1&t=7&page=6")
    for moved_on in (Listen("en"), Connect("client", "a", "en"), HangUp()):
        assert verbs(answer(route, Say("x", "en"), moved_on)) == ["Leave"]


def test_an_aborted_queue_or_dial_is_kept_alive_until_the_redirect_arrives() -> None:
    for route in ("enqueue", "dial"):
        document = answer(route)
        assert verbs(document) == ["Pause", "Redirect"]
        assert (document[1].text or "").endswith("/resume?c=con_1&t=7&n=1")


def test_asking_again_has_an_end() -> None:
    assert (answer("resume", query=Q + "&n=9")[-1].text or "").endswith("&n=10")
    assert verbs(answer("resume", query=Q + "&n=10")) == ["Hangup"]


@pytest.mark.parametrize(
    ("own", "sender", "shown"),
    [
        (OURS, "+14155550123", OURS),
        ("", "+14155550123", None),
        ("", "anonymous", OURS),
        ("", "+266696687", OURS),
        ("", "client:sam", OURS),
        ("not a number", "+14155550123", None),
    ],
)
def test_the_number_that_whoever_is_dialled_sees(own: str, sender: str, shown: str | None) -> None:
    channel = TwilioVoice(settings(caller_id=own))
    reply = Reply("con_1", 7, "en", (Connect("number", "+14155550177", "en"),))
    dial = xml(channel.render(reply, voice("turn", Q, From=sender))).find("Dial")
    assert dial is not None
    assert dial.get("callerId") == shown


def test_a_call_may_be_refused_only_before_it_is_answered() -> None:
    assert verbs(answer("incoming", HangUp(reject=True))) == ["Reject"]
    assert verbs(answer("turn", HangUp(reject=True))) == ["Hangup"]


# --- when we cannot go on -----------------------------------------------------------------------------


def test_the_apology_names_a_person_where_there_is_one() -> None:
    channel = TwilioVoice(settings(emergency_number="+14155550199", caller_id=OURS))
    document = xml(channel.apology(voice("turn", Q), "en"))
    assert verbs(document) == ["Say", "Say", "Dial", "Hangup"]
    assert document[2].get("callerId") == OURS
    assert document[2][0].text == "+14155550199"


@pytest.mark.parametrize(
    ("language", "voice_name"), [("en", "Polly.Joanna"), ("zh", "Polly.Zhiyu"), ("fr", None)]
)
def test_the_apology_is_said_and_then_the_call_ends(language: str, voice_name: str | None) -> None:
    document = xml(CHANNEL.apology(voice("incoming"), language))
    assert verbs(document) == ["Say", "Say", "Hangup"]
    assert all(say.text and say.get("voice") == voice_name for say in document.iter("Say"))


def test_who_waits_in_a_queue_goes_on_waiting() -> None:
    document = xml(CHANNEL.apology(voice("wait", Q + "&page=4"), "en"))
    assert verbs(document) == ["Pause", "Redirect"]
    assert (document[1].text or "").endswith("/wait?c=con_1&t=7&page=4")


@pytest.mark.parametrize("route", ["status", "leg", "recording", "transcription"])
def test_a_status_that_was_not_kept_is_refused_so_that_it_comes_again(route: str) -> None:
    outbound = CHANNEL.apology(voice(route), "en")
    assert outbound.status == 503
    assert verbs(xml(outbound)) == []


def test_it_is_a_telephone() -> None:
    traits = CHANNEL.traits("phone")
    assert (traits.name, traits.speaks, traits.buttons) == ("phone", True, False)


@pytest.mark.parametrize("public", ["https://x.example/cc", "https://x.example/cc/"])
@pytest.mark.parametrize("base", ["/twilio", "/in"])
def test_actions_lie_under_the_public_url(public: str, base: str) -> None:
    channel = TwilioVoice(settings(public_url=public, base_path=base))
    route = next(route for route in channel.routes() if route.name == "turn")
    gather = xml(channel.render(Reply("con_1", 7, "en", (Listen("en"),)), voice("incoming")))[0]
    assert gather.get("action") == f"https://x.example/cc{route.path}?c=con_1&t=7"
    assert route.path == f"{base}/voice/turn"
