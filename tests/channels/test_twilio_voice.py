"""What the telephone answers, route by route."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from structlog.testing import capture_logs

from contact_center.channels import TwilioVoice
from contact_center.channels.base import Inbound, Outbound, Reply
from ivr_flows.instructions import Connect, HangUp, Instruction, Listen, Say, Talk, WaitInQueue
from tests.channels.payloads import OURS, agent_leg, amd, conference, settings, voice

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


SILENT = ["status", "leg", "recording", "transcription", "agent_leg", "conference", "amd"]
TALK = Talk("con_1", "en", "Sam")


@pytest.mark.parametrize("route", SILENT)
def test_a_status_is_answered_with_nothing(route: str) -> None:
    assert verbs(answer(route, Say("x", "en"), HangUp())) == []


@pytest.mark.parametrize(
    "route", ["incoming", "turn", "resume", "enqueue", "dial", "talked", "record", "fallback"]
)
def test_whoever_asks_for_a_turn_gets_one(route: str) -> None:
    assert verbs(answer(route, Say("x", "en"), Listen("en"))) == ["Say", "Gather", "Redirect"]


@pytest.mark.parametrize("route", ["wait", "leave"])
def test_in_a_queue_only_what_a_queue_may_hear(route: str) -> None:
    waiting = WaitInQueue("q", "en", 60, (Say("a", "en"), Say("b", "en")))
    page = answer(route, waiting, query=Q + "&page=5")
    assert verbs(page) == ["Say", "Play", "Redirect"]
    assert page[0].text == "b"
    assert (page[2].text or "").endswith("/wait?c=con_1&t=7&page=6")
    for moved_on in (Listen("en"), Connect("client", "a", "en"), HangUp()):
        assert verbs(answer(route, Say("x", "en"), moved_on)) == ["Leave"]


# --- into a conversation and out of it ----------------------------------------------------------------


@pytest.mark.parametrize("route", ["incoming", "turn", "resume", "enqueue", "dial", "fallback"])
def test_who_is_to_talk_comes_into_the_room(route: str) -> None:
    document = answer(route, TALK, QueueResult="leave")
    assert verbs(document) == ["Dial"]
    assert (document[0].get("action") or "").endswith("/talked?c=con_1&t=7")
    assert document[0][0].tag == "Conference"
    assert document[0][0].text == "con_1"


@pytest.mark.parametrize("result", ["redirected", "redirected-from-bridged"])
@pytest.mark.parametrize("instruction", [TALK, WaitInQueue("q", "en", 60), Say("x", "en")])
def test_a_queue_that_a_redirect_ended_leads_nowhere_by_itself(result: str, instruction: Instruction) -> None:
    document = answer("enqueue", instruction, QueueResult=result)
    assert verbs(document) == ["Pause", "Redirect"]
    assert (document[1].text or "").endswith("/resume?c=con_1&t=7&n=1")


def test_a_conversation_that_a_redirect_ended_is_not_begun_again_by_its_action() -> None:
    assert verbs(answer("talked", TALK, query="?c=con_1&t=6")) == ["Pause", "Redirect"]
    assert verbs(answer("talked", WaitInQueue("q", "en", 60), query="?c=con_1&t=6")) == ["Enqueue"]


def test_a_conversation_that_a_redirect_ended_is_not_taken_for_the_same_turns_end() -> None:
    broken_off, over = (
        CHANNEL.parse(voice("talked", "?c=con_1&t=7", DialCallStatus=status))
        for status in ("completed", "answered")
    )
    assert broken_off.key == ""
    assert over.key


@pytest.mark.parametrize("route", ["wait", "leave"])
@pytest.mark.parametrize("turn", ["6", "7"])
def test_who_is_being_fetched_from_the_queue_stays_for_the_redirect_and_not_for_ever(
    route: str, turn: str
) -> None:
    query = f"?c=con_1&t={turn}&page=3"
    for asked in range(5):
        page = answer(route, TALK, query=query)
        assert verbs(page) == ["Pause", "Redirect"]
        assert page[0].get("length") == "2"
        following = f"?c=con_1&t={turn}&page=3&n={asked + 1}"
        assert (page[1].text or "").endswith(f"/wait{following}")
        query = following
    assert verbs(answer(route, TALK, query=query)) == ["Leave"]


def test_who_waits_again_is_told_what_a_queue_tells() -> None:
    waiting = WaitInQueue("q", "en", 60, (Say("a", "en"),))
    assert verbs(answer("wait", waiting, query=Q + "&page=0&n=5")) == ["Say", "Play", "Redirect"]


@pytest.mark.parametrize(
    ("inbound", "parameter", "value"),
    [
        (agent_leg("levitating"), "CallStatus", "levitating"),
        (conference("participant-flew"), "StatusCallbackEvent", "participant-flew"),
        (amd("a parrot"), "AnsweredBy", "?"),
    ],
)
def test_words_that_nobody_knows_are_logged(inbound: Inbound, parameter: str, value: str) -> None:
    with capture_logs() as logged:
        CHANNEL.parse(inbound)
    assert [(entry["parameter"], entry["value"]) for entry in logged] == [(parameter, value)]
    with capture_logs() as logged:
        CHANNEL.parse(agent_leg("ringing"))
    assert logged == []


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


@pytest.mark.parametrize("route", SILENT)
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
