"""TwiML: the same documents as twilio's own builder writes, and never one that Twilio refuses."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from contact_center.channels.base import Reply
from contact_center.channels.markup import attribute, element
from contact_center.channels.twilio_settings import TwilioSettings, voices_of
from contact_center.channels.twilio_voice import TwilioVoice
from contact_center.channels.twiml import MOST_BYTES, VoiceTwiml
from contact_center.channels.twiml_values import queue_name
from contact_center.channels.wait_music import LONGEST, pieces, seconds_of
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Option,
    Pause,
    Play,
    RecordMessage,
    Say,
    Talk,
    WaitInQueue,
)
from tests.channels import payloads

BASE = "https://calls.example.com/twilio/voice"
EN = {"voice": "Polly.Joanna", "language": "en-US"}
ZH = {"voice": "Polly.Zhiyu", "language": "cmn-CN"}
TURN = f"{BASE}/turn?c=con_1&t=7"
RECORDED = {
    "recording_status_callback_method": "POST",
    "recording_status_callback_event": "completed absent",
}
LEG = {
    "status_callback": f"{BASE}/leg?c=con_1&t=7",
    "status_callback_method": "POST",
    "status_callback_event": "initiated ringing answered completed",
}


def writer(settings: TwilioSettings | None = None) -> VoiceTwiml:
    settings = settings or payloads.settings()
    return VoiceTwiml(settings, {route.name: route.path for route in TwilioVoice(settings).routes()})


def written(*instructions: Instruction, settings: TwilioSettings | None = None, **how: Any) -> str:
    return writer(settings).document(Reply("con_1", 7, "en", instructions), **how)


def same(ours: str, theirs: VoiceResponse) -> None:
    assert ET.canonicalize(ours) == ET.canonicalize(str(theirs))


def gather(response: VoiceResponse, **attributes: Any) -> Gather:
    """Gather with what each of ours has, then the net under it."""
    made = Gather(
        action=TURN,
        method="POST",
        barge_in=True,
        action_on_empty_result=True,
        **({"timeout": 5} | attributes),
    )
    response.append(made)
    response.redirect(TURN, method="POST")
    return made


# --- every verb, beside twilio's builder --------------------------------------------------------------


def test_say_play_pause_and_hang_up() -> None:
    theirs = VoiceResponse()
    theirs.say("Fish & chips < \"5 €\" > 'x'", **EN)
    theirs.say("您好", **ZH)
    theirs.play("https://example.com/a.mp3?x=1&y=2")
    theirs.pause(length=3)
    theirs.hangup()
    ours = written(
        Say("Fish & chips < \"5 €\" > 'x'", "en"),
        Say("您好", "zh"),
        Play("https://example.com/a.mp3?x=1&y=2", "music"),
        Pause(3),
        HangUp(),
    )
    same(ours, theirs)


@pytest.mark.parametrize(
    ("listen", "attributes"),
    [
        ({"min_digits": 1, "max_digits": 1}, {"input": "dtmf", "num_digits": 1, "finish_on_key": "#"}),
        ({"min_digits": 1, "max_digits": 9}, {"input": "dtmf", "finish_on_key": "#"}),
        ({"min_digits": 1, "max_digits": 9, "finish_on_key": "*"}, {"input": "dtmf", "finish_on_key": "*"}),
        (
            {"min_digits": 1, "max_digits": 9, "finish_on_key": ""},
            {"input": "dtmf", "num_digits": 9, "finish_on_key": ""},
        ),
        (
            {"min_digits": 1, "max_digits": 1, "options": (Option("x", "X", "#"),)},
            {"input": "dtmf", "num_digits": 1, "finish_on_key": ""},
        ),
        (
            {"min_digits": 4, "max_digits": 4, "timeout": 2.2},
            {"input": "dtmf", "num_digits": 4, "finish_on_key": "#", "timeout": 3},
        ),
        ({}, {"input": "dtmf", "finish_on_key": "#"}),
        (
            {"speech": True},
            {"input": "speech", "speech_timeout": "auto", "language": "en-US", "profanity_filter": False},
        ),
        (
            {"min_digits": 1, "max_digits": 1, "speech": True, "hints": ("sales", 'a "b", c', "sales", " ")},
            {
                "input": "dtmf speech",
                "num_digits": 1,
                "finish_on_key": "#",
                "speech_timeout": "auto",
                "language": "en-US",
                "profanity_filter": False,
                "hints": 'sales,a "b" c',
            },
        ),
    ],
)
def test_listen(listen: dict[str, Any], attributes: dict[str, Any]) -> None:
    theirs = VoiceResponse()
    made = gather(theirs, **attributes)
    made.say("Which?", **EN)
    made.play("https://example.com/beep.wav")
    made.pause(length=1)
    prompts = (Say("Which?", "en"), Play("https://example.com/beep.wav"), Pause(1))
    same(written(Listen("en", prompts, **listen)), theirs)


def test_listen_in_chinese_is_recognised_by_gathers_own_tag() -> None:
    theirs = VoiceResponse()
    heard = {"speech_timeout": "auto", "language": "x", "profanity_filter": False}
    gather(theirs, input="speech", **heard).say("请讲", **ZH)
    wanted = ET.canonicalize(str(theirs).replace('language="x"', 'language="cmn-Hans-CN"'))
    assert ET.canonicalize(written(Listen("zh", (Say("请讲", "zh"),), speech=True))) == wanted


def test_say_before_listen_is_said_before_it() -> None:
    theirs = VoiceResponse()
    theirs.say("Hello.", **EN)
    gather(theirs, input="dtmf", num_digits=1, finish_on_key="#")
    same(written(Say("Hello.", "en"), Listen("en", min_digits=1, max_digits=1)), theirs)


@pytest.mark.parametrize("transcribe", [True, False])
def test_record(transcribe: bool) -> None:
    theirs = VoiceResponse()
    theirs.say("Leave a message.", **EN)
    extra = (
        {"transcribe": True, "transcribe_callback": f"{BASE}/transcription?c=con_1&t=7"} if transcribe else {}
    )
    theirs.record(
        action=f"{BASE}/record?c=con_1&t=7",
        method="POST",
        timeout=5,
        max_length=90,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=f"{BASE}/recording?c=con_1&t=7&p=voicemail",
        **RECORDED,
        **extra,
    )
    theirs.redirect(f"{BASE}/record?c=con_1&t=7", method="POST")
    prompts = (Say("Leave a message.", "en"),)
    same(written(RecordMessage("en", "voicemail", prompts, 90, transcribe=transcribe)), theirs)


def test_chinese_messages_are_not_sent_to_a_recogniser_that_knows_english() -> None:
    assert "transcribe" not in written(RecordMessage("zh", "voicemail", transcribe=True))


def test_wait_in_queue() -> None:
    theirs = VoiceResponse()
    theirs.enqueue(
        "billing & co",
        action=f"{BASE}/enqueue?c=con_1&t=7",
        method="POST",
        wait_url=f"{BASE}/wait?c=con_1&t=7&page=0",
        wait_url_method="POST",
    )
    same(written(WaitInQueue("billing & co", "en", 600)), theirs)


@pytest.mark.parametrize("kind", ["number", "sip", "client"])
@pytest.mark.parametrize("record", [True, False])
def test_connect(kind: str, record: bool) -> None:
    target = {"number": "+14155550177", "sip": "sip:desk@example.com;transport=tls", "client": "agent_1"}[
        kind
    ]
    theirs = VoiceResponse()
    theirs.say("One moment.", **EN)
    recording = {"recording_status_callback": f"{BASE}/recording?c=con_1&t=7&p=conversation", **RECORDED}
    dial = Dial(
        action=f"{BASE}/dial?c=con_1&t=7",
        method="POST",
        timeout=25,
        caller_id="+14155550100",
        **({"record": "record-from-answer-dual", **recording} if record else {}),
    )
    {"number": dial.number, "sip": dial.sip, "client": dial.client}[kind](target, **LEG)
    theirs.append(dial)
    connect = Connect(kind, target, "en", 25, record, (Say("One moment.", "en"),))
    same(written(connect, shown="+14155550100"), theirs)


@pytest.mark.parametrize("record", [True, False])
def test_talk(record: bool) -> None:
    theirs = VoiceResponse()
    recording = {"recording_status_callback": f"{BASE}/recording?c=con_1&t=7&p=conversation", **RECORDED}
    dial = Dial(action=f"{BASE}/talked?c=con_1&t=7", method="POST")
    dial.conference(
        "con_1 & co",
        beep=False,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        wait_url="",
        participant_label="customer",
        status_callback=f"{BASE}/conference?c=con_1&t=7",
        status_callback_method="POST",
        status_callback_event="start end join leave mute hold",
        **({"record": "record-from-start", **recording} if record else {}),
    )
    theirs.append(dial)
    same(written(Talk("con_1 & co", "en", "Sam", record=record)), theirs)


def test_what_is_said_before_a_talk_is_said_and_what_follows_is_not() -> None:
    document = ET.fromstring(written(Say("Here is Sam.", "en"), Talk("r", "en"), Say("x", "en")))
    assert [verb.tag for verb in document] == ["Say", "Dial"]


@pytest.mark.parametrize("shown", ["", "anonymous", "+266696687", "client:sam", "12345", "+1415"])
def test_only_a_real_number_is_shown_as_caller(shown: str) -> None:
    assert "callerId" not in written(Connect("number", "+14155550177", "en"), shown=shown)


def test_every_conversation_is_recorded_where_the_account_says_so() -> None:
    settings = payloads.settings(record_calls=True)
    assert 'record="record-from-answer-dual"' in written(Connect("client", "a", "en"), settings=settings)
    assert 'record="record-from-start"' in written(Talk("r", "en"), settings=settings)


def test_a_national_number_gets_its_country_code() -> None:
    settings = payloads.settings(default_region="DE")
    assert ">+4930123456</Number>" in written(Connect("number", "030 123456", "de"), settings=settings)


def test_connecting_to_nobody_goes_on_as_a_failed_dial() -> None:
    theirs = VoiceResponse()
    theirs.redirect(f"{BASE}/dial?c=con_1&t=7", method="POST")
    same(written(Connect("number", " ", "en")), theirs)


@pytest.mark.parametrize(
    ("before", "reject", "fresh", "reason", "wanted"),
    [
        ((), True, True, "busy", {"reason": "busy"}),
        ((), True, True, "closed", {"reason": "rejected"}),
        ((), True, False, "busy", None),
        ((), False, True, "busy", None),
        ((Say("Bye.", "en"),), True, True, "busy", None),
    ],
)
def test_only_a_call_that_is_not_answered_can_be_rejected(
    before: tuple[Say, ...], reject: bool, fresh: bool, reason: str, wanted: dict[str, str] | None
) -> None:
    theirs = VoiceResponse()
    for say in before:
        theirs.say(say.text, **EN)
    if wanted:
        theirs.reject(**wanted)
    else:
        theirs.hangup()
    same(written(*before, HangUp(reason, reject), fresh=fresh), theirs)


@pytest.mark.parametrize("value", ["plain", "a\nb\tc\rd", "\"&<>'", "  ", "你好", "a\x00\ufffe\x7fb", ""])
def test_attributes_survive_the_parser(value: str) -> None:
    parsed = ET.fromstring(element("X", [("a", attribute(value))])).get("a")
    assert parsed == value.translate(dict.fromkeys((0, 0x7F, 0xFFFE)))


# --- pages of a queue -------------------------------------------------------------------------------

ANNOUNCEMENTS = (Say("Please hold.", "en"), Say("Still busy.", "en"))


def page(number: int, item: WaitInQueue | HangUp) -> str:
    return writer().wait_page(Reply("con_1", 7, "en", (item,)), number)


def test_a_page_of_announcement_and_music_with_a_way_out() -> None:
    item = WaitInQueue(
        "q", "en", 600, ANNOUNCEMENTS, "https://example.com/m.mp3", leave_keys={"1": "a", "*": "b"}
    )
    theirs = VoiceResponse()
    made = Gather(
        input="dtmf",
        action=f"{BASE}/leave?c=con_1&t=7&page=3",
        method="POST",
        timeout=1,
        num_digits=1,
        finish_on_key="",
    )
    made.say("Still busy.", **EN)
    made.play("https://example.com/m.mp3")
    theirs.append(made)
    theirs.redirect(f"{BASE}/wait?c=con_1&t=7&page=4", method="POST")
    same(page(3, item), theirs)


def between(item: WaitInQueue, wait_music: str = "") -> list[tuple[str, str]]:
    """What is heard after the announcement: the verbs, each with its URL or length."""
    account = msgspec.structs.replace(payloads.settings(), wait_music=wait_music)
    root = ET.fromstring(writer(account).wait_page(Reply("con_1", 7, "en", (item,)), 0))
    assert [root[0].tag, root[-1].tag] == ["Say", "Redirect"]
    return [(verb.tag, verb.text or verb.get("length") or "") for verb in root[1:-1]]


@pytest.mark.parametrize(
    ("every", "lengths"),
    [(5, [5]), (20, [20]), (120, [120]), (121, [120, 1]), (600, [120] * 5), (9999, [120] * 5), (0, [1])],
)
def test_a_page_without_music_of_its_own_has_ours_for_exactly_the_interval(
    every: int, lengths: list[int]
) -> None:
    item = WaitInQueue("q", "en", 600, ANNOUNCEMENTS, every=every)
    assert between(item) == [("Play", f"{BASE}/music/{seconds}.wav") for seconds in lengths]
    assert between(item, "none") == [("Pause", str(sum(lengths)))]
    assert [seconds_of(url) for _, url in between(item)] == lengths


def test_the_companys_music_is_everybodys_but_of_queues_that_have_their_own() -> None:
    usual, own = "https://example.com/usual.mp3", "https://example.com/own.mp3"
    assert between(WaitInQueue("q", "en", 600, ANNOUNCEMENTS), usual) == [("Play", usual)]
    for wait_music in ("", "none", usual):
        assert between(WaitInQueue("q", "en", 600, ANNOUNCEMENTS, own), wait_music) == [("Play", own)]


@pytest.mark.parametrize(
    ("url", "seconds"),
    [
        ("https://example.com/desk/twilio/voice/music/30.wav", 30),
        ("http://127.0.0.1:8000/twilio/voice/music/120.wav", 120),
        ("https://example.com/twilio/voice/music/121.wav", 0),
        ("https://example.com/twilio/voice/music/0.wav", 0),
        ("https://example.com/twilio/voice/music/030.wav", 0),
        ("https://example.com/twilio/voice/music/30.wav?x=1", 0),
        ("https://example.com/?/voice/music/30.wav", 0),
        ("https://example.com/30.wav", 0),
        ("/twilio/voice/music/30.wav", 0),
    ],
)
def test_only_our_music_says_how_long_it_is(url: str, seconds: int) -> None:
    assert seconds_of(url) == seconds


def test_every_number_of_seconds_is_made_of_pieces() -> None:
    for seconds in range(1, 601):
        made = pieces(seconds)
        assert sum(made) == seconds
        assert all(1 <= piece <= LONGEST for piece in made)


def test_who_waits_no_more_leaves_the_queue() -> None:
    theirs = VoiceResponse()
    theirs.leave()
    same(page(0, HangUp()), theirs)


def test_queue_names_fit_and_stay_apart() -> None:
    names = {queue_name(name) for name in ("billing", "x" * 64, "x" * 65, "x" * 66, "", "\x00")}
    assert len(names) == 5
    assert max(map(len, names)) == 64
    assert min(map(len, names)) > 0


# --- what must not go wrong ---------------------------------------------------------------------------


def test_a_turn_that_waits_for_nothing_does_not_end_the_call() -> None:
    theirs = VoiceResponse()
    theirs.say("Hm.", **EN)
    theirs.pause(length=2)
    theirs.redirect(f"{BASE}/resume?c=con_1&t=7&n=4", method="POST")
    same(written(Say("Hm.", "en"), nudges=3), theirs)
    assert "<Hangup />" in written(Say("Hm.", "en"), nudges=10)


def test_a_call_nobody_knows_is_hung_up() -> None:
    assert "<Response><Hangup /></Response>" in writer().document(Reply())


@pytest.mark.parametrize("empty", ["", "  ", "\n", "\x00\x07"])
def test_an_empty_say_is_never_written(empty: str) -> None:
    assert "<Say" not in written(Say(empty, "en"), Play("", empty), HangUp())


def test_a_sound_without_a_url_is_said() -> None:
    assert ">Ding</Say>" in written(Play("", "Ding", "en"), HangUp())


def test_a_long_text_is_said_in_several_pieces_cut_after_sentences() -> None:
    text = " ".join(f"This is sentence number {number} of many." for number in range(300))
    says = ET.fromstring(written(Say(text, "en"), HangUp())).findall("Say")
    spoken = [say.text or "" for say in says]
    assert len(spoken) > 2
    assert all(len(piece) < 3000 and piece.endswith(".") for piece in spoken)
    assert " ".join(spoken) == text


def test_a_document_that_is_too_large_loses_prompts_and_nothing_else() -> None:
    prompts = tuple(Say(f"{number} " + "话。" * 5_000, "zh") for number in range(10))
    document = written(*prompts, Listen("en", prompts, min_digits=1, max_digits=1))
    assert 30_000 < len(document.encode()) <= MOST_BYTES
    assert ET.fromstring(document)[-1].text == TURN


@pytest.mark.parametrize(
    ("language", "tag"),
    [("zh-CN", "cmn-CN"), ("en-GB", "en-US"), ("fr-FR", "fr-FR"), ('x" y="', None), ("", None)],
)
def test_languages_that_have_no_voice_of_their_own(language: str, tag: str | None) -> None:
    say = ET.fromstring(written(Say("x", language), HangUp())).find("Say")
    assert say is not None
    assert say.get("language") == tag


def test_voices_are_configured() -> None:
    settings = payloads.settings(voices=voices_of({"en": "Polly.Amy-Neural", "fr-CA": "Polly.Chantal"}))
    document = written(Say("a", "en"), Say("b", "fr-CA"), settings=settings)
    assert '<Say voice="Polly.Amy-Neural" language="en-US">a' in document
    assert '<Say voice="Polly.Chantal" language="fr-CA">b' in document


def test_userinfo_and_path_of_the_public_url_are_kept_in_actions() -> None:
    settings = payloads.settings(public_url="https://u:p%40@example.com:8443/cc/")
    redirect = ET.fromstring(written(Listen("en"), settings=settings)).find("Redirect")
    assert redirect is not None
    assert redirect.text == "https://u:p%40@example.com:8443/cc/twilio/voice/turn?c=con_1&t=7"
