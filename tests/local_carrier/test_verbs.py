"""Each verb as the carrier follows it: what the caller hears, and what the engine is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_center.local_carrier.account import ACCOUNT_SID
from contact_center.local_carrier.inbox import Heard
from tests.local_carrier.engine import PUBLIC, Handset, open_carrier

GATHER = (
    '<Gather action="turn?c=1" numDigits="1" timeout="4" {more}><Say language="en-US">Press.</Say></Gather>'
)
AFTER = "<Say>After.</Say>"
IDENTIFIED = {
    "AccountSid": ACCOUNT_SID,
    "From": "+12025550177",
    "To": "1001",
    "Caller": "+12025550177",
    "Called": "1001",
    "ApiVersion": "2010-04-01",
    "Direction": "inbound",
}


async def to_the_end(caller: Handset) -> list[str]:
    """Listen to the end; every word that was said."""
    await caller.until("ended")
    return caller.said()


async def test_a_call_comes_in_is_answered_and_ends(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming="<Say>Hello.</Say><Pause/><Say>Bye.</Say>") as carrier:
        caller = carrier.handset()
        live = caller.dial()
        assert [(await caller.next())["type"] for _ in range(3)] == ["placed", "state", "state"]
        assert [line.get("state") for line in caller.lines] == [None, "ringing", "in_progress"]
        carrier.clock.advance(61)
        assert await to_the_end(caller) == ["Hello.", "Bye."]
        incoming = await carrier.request("/voice/incoming")
        assert incoming.form == IDENTIFIED | {"CallSid": live.sid, "CallStatus": "ringing"}
        over = await carrier.request("/voice/status")
        assert over.form == IDENTIFIED | {
            "CallSid": live.sid,
            "CallStatus": "completed",
            "CallDuration": "61",
            "Duration": "2",
            "SequenceNumber": "2",
            "CallbackSource": "call-progress-events",
            "SipResponseCode": "200",
            "Timestamp": "Mon, 02 Mar 2026 02:01:01 +0000",
        }
        assert incoming.token != over.token


async def test_keys_are_gathered(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=GATHER.format(more=""), turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        live = caller.dial()
        listening = await caller.until("listen")
        assert listening["keys"] == {"min": 1, "max": 1, "finish": "#"}
        assert (listening["speech"], listening["timeout"]) == (False, 4)
        caller.press("7")
        turn = await carrier.request("/voice/turn")
        assert turn.target == "/voice/turn?c=1"
        assert turn.form == IDENTIFIED | {
            "CallSid": live.sid,
            "CallStatus": "in-progress",
            "Digits": "7",
            "msg": "Gather End",
        }


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished"),
    [
        ('numDigits="3"', ["1", "2", "3"], "123", ""),
        ('numDigits="3"', ["12345"], "123", ""),
        ("", ["12#"], "12", "#"),
        ('finishOnKey="*"', ["1#", "*"], "1#", "*"),
        ('finishOnKey="" numDigits="2"', ["#*"], "#*", ""),
        ('input="dtmf speech"', ["4", "2#"], "42", "#"),
    ],
)
async def test_how_keys_come_to_an_end(
    tmp_path: Path, attributes: str, keys: list[str], digits: str, finished: str
) -> None:
    document = f'<Gather action="turn" {attributes}/>'
    async with open_carrier(tmp_path, incoming=document, turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        caller.dial()
        await caller.until("listen")
        for each in keys:
            caller.press(each)
        form = (await carrier.request("/voice/turn")).form
        assert (form["Digits"], form.get("FinishedOnKey", "")) == (digits, finished)


async def test_silence_after_some_keys_ends_them(tmp_path: Path) -> None:
    document = '<Gather action="turn" timeout="3"><Say>Press.</Say></Gather>'
    async with open_carrier(tmp_path, incoming=document, turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        caller.hears = False
        caller.dial()
        await caller.until("listen")
        caller.press("12")
        await caller.until("stop")
        await carrier.timers.pass_by(3)
        assert (await carrier.request("/voice/turn")).form["Digits"] == "12"


@pytest.mark.parametrize(("more", "asked"), [("", False), ('actionOnEmptyResult="true"', True)])
async def test_nothing_was_gathered(tmp_path: Path, more: str, asked: bool) -> None:
    async with open_carrier(tmp_path, incoming=GATHER.format(more=more) + AFTER, turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        caller.dial()
        await caller.until("listen")
        await carrier.timers.pass_by(4)
        words = await to_the_end(caller)
        assert words == (["Press."] if asked else ["Press.", "After."])
        turns = [one for one in carrier.asked if one.target.startswith("/voice/turn")]
        assert [("Digits" in one.form, "SpeechResult" in one.form) for one in turns] == (
            [(False, False)] if asked else []
        )


async def test_the_caller_speaks_into_what_is_said(tmp_path: Path) -> None:
    document = GATHER.format(more='input="speech dtmf" hints="order, bill" language="cmn-Hans-CN"')
    async with open_carrier(tmp_path, incoming=document, turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        caller.hears = False
        caller.dial()
        said = await caller.until("say")
        listening = await caller.until("listen")
        assert (listening["hints"], listening["language"]) == (["order", "bill"], "zh-CN")
        assert listening["speech"] is True
        caller.say("my bi", final=False)
        assert (await caller.until("stop"))["seq"] == said["seq"]
        caller.say("my bill", 0.87)
        form = (await carrier.request("/voice/turn")).form
        assert (form["SpeechResult"], form["Confidence"]) == ("my bill", "0.87")


async def test_words_that_come_bit_by_bit(tmp_path: Path) -> None:
    document = '<Gather input="speech" action="turn" partialResultCallback="partly" timeout="5"/>'
    async with open_carrier(tmp_path, incoming=document, turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        caller.dial()
        await caller.until("listen")
        caller.say("where", final=False)
        caller.say("where is", final=False)
        second = await carrier.request("/voice/partly", 1)
        assert (second.form["UnstableSpeechResult"], second.form["SequenceNumber"]) == ("where is", "1")
        caller.say("where is it")
        form = (await carrier.request("/voice/turn")).form
        assert form["SpeechResult"] == "where is it"
        assert "Confidence" not in form


async def test_without_barge_in_keys_wait_for_the_end(tmp_path: Path) -> None:
    document = GATHER.format(more='bargeIn="false"')
    async with open_carrier(tmp_path, incoming=document, turn="<Hangup/>") as carrier:
        caller = carrier.handset()
        caller.hears = False
        caller.dial()
        said = await caller.until("say")
        caller.press("1")
        carrier.exchange.heard(caller.phone, caller.call, Heard(said["seq"]))
        caller.press("2")
        assert (await carrier.request("/voice/turn")).form["Digits"] == "2"


async def test_a_browser_that_never_says_that_it_has_spoken(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming="<Say>Ten words</Say>" + AFTER) as carrier:
        caller = carrier.handset()
        caller.hears = False
        caller.dial()
        await caller.until("say")
        await carrier.timers.pass_by(10 + 0.5 * len("Ten words") + 0.5 * len("After."))
        assert (await to_the_end(caller)) == ["Ten words", "After."]


async def test_a_redirect_and_a_refusal(tmp_path: Path) -> None:
    documents = {
        "incoming": "<Redirect>next?a=1&amp;b=%20x</Redirect>" + AFTER,
        "next": '<Reject reason="busy"/>',
    }
    async with open_carrier(tmp_path, **documents) as carrier:
        caller = carrier.handset()
        caller.dial()
        assert await to_the_end(caller) == []
        assert (await carrier.request("/voice/next")).target == "/voice/next?a=1&b=%20x"
    async with open_carrier(tmp_path, incoming='<Reject reason="busy"/>') as carrier:
        caller = carrier.handset()
        caller.dial()
        assert (await caller.until("ended"))["reason"] == "busy"
        assert (await carrier.request("/voice/status")).form["CallStatus"] == "busy"
        assert "in_progress" not in [line.get("state") for line in caller.lines]


# --- <Record> -------------------------------------------------------------------------------------------

RECORD = (
    '<Record action="record" maxLength="60" finishOnKey="#" recordingStatusCallback="recording?p=v" '
    'recordingStatusCallbackEvent="completed absent" transcribe="true" transcribeCallback="words"/>'
)


async def test_a_message_is_left(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=RECORD + AFTER, record="<Hangup/>") as carrier:
        caller = carrier.handset()
        live = caller.dial()
        asked = await caller.until("record")
        assert (asked["max_seconds"], asked["finish"]) == (60, "#")
        caller.press("#")
        caller.leave(7.4, b"sound")
        done = await carrier.request("/voice/record")
        sid = done.form["RecordingSid"]
        assert done.form["RecordingUrl"] == f"{PUBLIC}/local/Recordings/{sid}"
        assert (done.form["RecordingDuration"], done.form["Digits"]) == ("7", "#")
        told = await carrier.request("/voice/recording")
        assert told.target == "/voice/recording?p=v"
        assert told.form == {
            "AccountSid": ACCOUNT_SID,
            "CallSid": live.sid,
            "RecordingSid": sid,
            "RecordingUrl": done.form["RecordingUrl"],
            "RecordingStatus": "completed",
            "RecordingDuration": "7",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": "Mon, 02 Mar 2026 02:00:00 +0000",
        }
        assert (tmp_path / "recordings" / f"{sid}.webm").read_bytes() == b"sound"
        words = await carrier.request("/voice/words")
        assert words.form["TranscriptionStatus"] == "failed"
        assert await to_the_end(caller) == []


async def test_nothing_is_recorded(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=RECORD + AFTER) as carrier:
        caller = carrier.handset()
        caller.dial()
        await caller.until("record")
        caller.leave(0)
        assert await to_the_end(caller) == ["After."]
        assert (await carrier.request("/voice/recording")).form["RecordingStatus"] == "absent"
        assert "/voice/record" not in carrier.paths()


async def test_a_caller_who_hangs_up_into_the_recording(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=RECORD + AFTER) as carrier:
        caller = carrier.handset()
        caller.dial()
        await caller.until("record")
        caller.leave(3, b"x")
        caller.hang_up()
        done = await carrier.request("/voice/record")
        assert (done.form["Digits"], done.form["CallStatus"]) == ("hangup", "completed")
        await carrier.request("/voice/status")


# --- <Enqueue> ------------------------------------------------------------------------------------------

ENQUEUE = '<Enqueue action="enqueue" waitUrl="wait?page=0">general</Enqueue>' + AFTER


async def test_pages_of_a_queue(tmp_path: Path) -> None:
    pages = ["<Say>One.</Say>", '<Pause length="20"/><Redirect>wait?page=2</Redirect>', "<Leave/>"]
    async with open_carrier(tmp_path, incoming=ENQUEUE, wait=pages, enqueue="<Say>Left.</Say>") as carrier:
        first, second = carrier.handset(name="a"), carrier.handset(name="b")
        first.dial()
        await first.until("say")
        page = await carrier.request("/voice/wait")
        assert page.target == "/voice/wait?page=0"
        queued = {name: value for name, value in page.form.items() if "Queue" in name}
        sid = queued.pop("QueueSid")
        assert sid.startswith("QU")
        assert queued == {
            "QueuePosition": "1",
            "QueueTime": "0",
            "AvgQueueTime": "0",
            "CurrentQueueSize": "1",
            "MaxQueueSize": "1000",
        }
        assert (await carrier.request("/voice/wait", 1)).target == "/voice/wait?page=0", (
            "asked anew at its end"
        )
        carrier.clock.advance(20)
        await carrier.timers.pass_by(20)
        assert (await carrier.request("/voice/wait", 2)).target == "/voice/wait?page=2"
        left = await carrier.request("/voice/enqueue")
        assert left.form["QueueResult"] == "leave"
        assert left.form["QueueTime"] == "20"
        assert await to_the_end(first) == ["One.", "Left."]
        second.dial()
        assert (await carrier.request("/voice/wait", 3)).form["AvgQueueTime"] == "20"


MUSIC = "<Play>https://cc.example.com/desk/twilio/voice/music/20.wav</Play>"
MUSIC_ITEM = {"play": "/desk/twilio/voice/music/20.wav", "music": True}
KEYS = '<Gather action="leave?page=1" numDigits="1" timeout="1" finishOnKey="" actionOnEmptyResult="false">'


@pytest.mark.parametrize(
    ("played", "lengths"),
    [(MUSIC, [20]), (MUSIC * 2, [20, 20]), (MUSIC.replace("<Play>", '<Play loop="2">'), [40])],
)
async def test_music_in_line_lasts_as_long_as_its_url_says_whatever_the_browser_can(
    tmp_path: Path, played: str, lengths: list[int]
) -> None:
    """The handset says at no time that it has heard it, as browsers do of music."""
    pages = [f"<Say>One.</Say>{played}<Redirect>wait?page=1</Redirect>", "<Leave/>"]
    async with open_carrier(tmp_path, incoming=ENQUEUE, wait=pages, enqueue="<Say>Left.</Say>") as carrier:
        caller = carrier.handset()
        caller.dial()
        assert (await caller.until("say"))["items"] == [{"text": "One."}]
        for length in lengths:
            music = await caller.until("say")
            assert music["items"] == [MUSIC_ITEM]
            assert len([path for path in carrier.paths() if "wait" in path]) == 1
            await carrier.timers.pass_by(length)
            assert (await caller.until("stop"))["seq"] == music["seq"]
        assert (await carrier.request("/voice/wait", 1)).target == "/voice/wait?page=1"
        assert await to_the_end(caller) == ["One.", "Left."]


async def test_music_in_line_where_keys_are_listened_for_ends_after_its_time(tmp_path: Path) -> None:
    pages = [f"{KEYS}<Say>One.</Say>{MUSIC}</Gather><Redirect>wait?page=1</Redirect>", "<Leave/>"]
    async with open_carrier(tmp_path, incoming=ENQUEUE, wait=pages, enqueue="<Say>Left.</Say>") as carrier:
        caller = carrier.handset()
        caller.dial()
        assert (await caller.until("say"))["items"] == [{"text": "One."}]
        music = await caller.until("say")
        assert music["items"] == [MUSIC_ITEM]
        assert len([path for path in carrier.paths() if "wait" in path]) == 1
        await carrier.timers.pass_by(21)  # the music, and a second's time to press
        assert (await caller.until("stop"))["seq"] == music["seq"]
        assert (await carrier.request("/voice/wait", 1)).target == "/voice/wait?page=1"
        assert await to_the_end(caller) == ["One.", "Left."]


@pytest.mark.parametrize("before", ["<Say>One.</Say>", ""])
async def test_a_key_ends_the_music_in_line(tmp_path: Path, before: str) -> None:
    page = f"{KEYS}{before}{MUSIC}</Gather><Redirect>wait?page=1</Redirect>"
    async with open_carrier(tmp_path, incoming=ENQUEUE, wait=page, leave="<Leave/>", enqueue="") as carrier:
        caller = carrier.handset()
        caller.dial()
        music = await caller.until("say")
        while music["items"] != [MUSIC_ITEM]:
            music = await caller.until("say")
        await caller.until("listen") if not before else None
        caller.press("2")
        assert (await caller.until("stop"))["seq"] == music["seq"]
        left = await carrier.request("/voice/leave")
        assert (left.target, left.form["Digits"]) == ("/voice/leave?page=1", "2")
        await carrier.request("/voice/enqueue")


@pytest.mark.parametrize("page", [MUSIC, f"{KEYS}{MUSIC}</Gather>"])
async def test_who_is_fetched_or_leaves_hears_no_more_music(tmp_path: Path, page: str) -> None:
    async with open_carrier(
        tmp_path, incoming=ENQUEUE, wait=page, enqueue='<Pause length="2"/>', resume=AFTER
    ) as carrier:
        caller = carrier.handset()
        live = caller.dial()
        music = await caller.until("say")
        carrier.exchange.redirect(live, f"{PUBLIC}/voice/resume?t=4", "POST")
        assert (await caller.until("stop"))["seq"] == music["seq"]
        assert await to_the_end(caller) == ["After."]


async def test_a_sound_of_somebody_elses_is_over_when_the_browser_says_so(tmp_path: Path) -> None:
    pages = ["<Play>https://example.com/m.mp3</Play><Redirect>wait?page=1</Redirect>", "<Leave/>"]
    async with open_carrier(tmp_path, incoming=ENQUEUE, wait=pages, enqueue="") as carrier:
        caller = carrier.handset()
        caller.dial()
        assert (await caller.until("say"))["items"] == [{"play": "https://example.com/m.mp3"}]
        assert (await carrier.request("/voice/wait", 1)).target == "/voice/wait?page=1"


async def test_a_caller_hangs_up_in_the_queue(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=ENQUEUE, wait='<Pause length="9"/>') as carrier:
        caller = carrier.handset()
        caller.dial()
        await carrier.request("/voice/wait")
        caller.hang_up()
        left = await carrier.request("/voice/enqueue")
        assert (left.form["QueueResult"], left.form["CallStatus"]) == ("hangup", "completed")
        await carrier.request("/voice/status")
        assert [path.partition("?")[0] for path in carrier.paths()][-2:] == [
            "/voice/enqueue",
            "/voice/status",
        ]
        assert carrier.exchange.queue("general").places == ()


async def test_a_page_that_no_waiting_caller_may_have(tmp_path: Path) -> None:
    async with open_carrier(
        tmp_path, incoming=ENQUEUE, wait="<Dial>1002</Dial>", enqueue="<Hangup/>"
    ) as carrier:
        caller = carrier.handset()
        caller.dial()
        assert (await carrier.request("/voice/enqueue")).form["QueueResult"] == "error"


async def test_a_redirect_asks_two_urls(tmp_path: Path) -> None:
    """First the action of what it ends, a moment later its target (TWILIO.md)."""
    async with open_carrier(
        tmp_path, incoming=ENQUEUE, wait='<Pause length="9"/>', enqueue='<Pause length="2"/>', resume=AFTER
    ) as carrier:
        caller = carrier.handset()
        live = caller.dial()
        await carrier.request("/voice/wait")
        carrier.exchange.redirect(live, f"{PUBLIC}/voice/resume?t=4", "POST")
        assert await to_the_end(caller) == ["After."]
        assert [path for path in carrier.paths() if "status" not in path][-2:] == [
            "/voice/enqueue",
            "/voice/resume?t=4",
        ]
        assert (await carrier.request("/voice/enqueue")).form["QueueResult"] == "redirected"
