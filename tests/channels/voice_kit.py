"""The telephone's cases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from contact_center.channels import TwilioVoice
from contact_center.channels.base import (
    AnyEvent,
    CallStatus,
    Inbound,
    QueueWait,
    RecordingStatus,
    Take,
    Transcript,
    Trouble,
)
from ivr_flows.inputs import Connected, Keys, QueueLeft, Recorded, Silent, Started, Words
from tests.channels import legs_kit
from tests.channels.kit import Bad, Good, Kit, Pair, changed
from tests.channels.payloads import (
    ACCOUNT,
    CALL,
    CONFERENCE,
    CUSTOMER,
    LEG,
    OURS,
    RECORDING,
    call_form,
    inbound,
    settings,
    voice,
)

Q = "?c=con_1&t=7"
URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
FIELDS = {"channel": "phone", "open_key": f"phone:{CALL}", "provider_ref": CALL, "turn": 7}
RINGING = {"CallStatus": "ringing"}


def turn(name: str, event: AnyEvent, **more: str) -> Good:
    return Good(name, voice("turn", Q, **more), event, FIELDS)


def came(name: str, raw: str, **opens: Any) -> Good:
    """An incoming call from ``raw``."""
    contact = {"identity_kind": "", "replyable": False, "to_address": OURS} | opens
    return Good(name, voice("incoming", From=raw, **RINGING), Take(Started()), {"turn": None}, contact)


def dialled(status: str, outcome: str, **more: str) -> Good:
    spoken = int(more.get("DialCallDuration", "0"))
    event = Take(Connected(outcome, spoken))
    return Good(f"dial {status}", voice("dial", Q, DialCallStatus=status, **more), event, FIELDS)


def talked(status: str, reason: str, *, unless_talking: bool = False) -> Good:
    event = Take(QueueLeft(reason), unless_talking=unless_talking)
    return Good(f"talked {status}", voice("talked", Q, DialCallStatus=status), event, FIELDS)


def queued(result: str, event: AnyEvent, **more: str) -> Good:
    return Good(f"queue {result} {more}", voice("enqueue", Q, QueueResult=result, **more), event, FIELDS)


def stands(status: str, event: CallStatus, **more: str) -> Good:
    return Good(f"status {status}", voice("status", CallStatus=status, **more), event, {"turn": None})


def leg(**more: str) -> Inbound:
    return voice("leg", Q, **({"CallSid": LEG, "ParentCallSid": CALL} | more))


def live(event: str, data: str, **more: str) -> Inbound:
    form = {
        "TranscriptionEvent": event,
        "TranscriptionData": data,
        "TranscriptionSid": "GT1",
        "SequenceId": "2",
    }
    return voice("transcription", Q, **(form | {"Track": "inbound_track", "Final": "true"} | more))


def without(name: str, route: str = "incoming", query: str = "", /, **more: str) -> Inbound:
    form = {key: value for key, value in call_form(**more).items() if key != name}
    return inbound(route, f"/twilio/voice/{route}{query}", form)


GOOD = [
    came(
        "a call from a number",
        CUSTOMER,
        channel="phone",
        from_address=CUSTOMER,
        identity_kind="phone",
        provider_ref=CALL,
        direction="inbound",
        replyable=True,
        facts={"verstat": "TN-Validation-Passed-A", "country": "US", "city": "OAKLAND"},
    ),
    came("withheld", "anonymous", from_address=""),
    came("withheld, spelled on the keypad", "+266696687", from_address=""),
    came("withheld, restricted", "+7378742833", from_address=""),
    came("withheld, empty", "", from_address=""),
    came("a browser", "client:sam", from_address="sam"),
    came("a SIP phone", "sip:sam@example.com", from_address="sip:sam@example.com"),
    came("a short code", "72345", from_address="72345"),
    Good(
        "an outgoing call is answered",
        voice("incoming", Direction="outbound-api", From=OURS, To=CUSTOMER),
        Take(Started()),
        {},
        {"direction": "outbound", "from_address": OURS, "to_address": CUSTOMER, "identity_kind": "phone"},
    ),
    Good(
        "a call by GET",
        inbound(
            "incoming", f"/twilio/voice/incoming?AccountSid={ACCOUNT}&CallSid={CALL}&From=%2B{CUSTOMER[1:]}"
        ),
        Take(Started()),
        {"open_key": f"phone:{CALL}"},
        {"from_address": CUSTOMER},
    ),
    turn("keys", Take(Keys("1")), Digits="1", msg="Gather End", FinishedOnKey=""),
    turn("all keys", Take(Keys("0*9#")), Digits="0*9#"),
    turn("keys win over speech", Take(Keys("2")), Digits="2", SpeechResult="two", Confidence="0.9"),
    turn("speech", Take(Words("Billing.", 0.87)), SpeechResult=" Billing. ", Confidence="0.87"),
    turn("speech without confidence", Take(Words("钱", None)), SpeechResult="钱"),
    turn("speech with odd confidence", Take(Words("x", None)), SpeechResult="x", Confidence="high"),
    turn("speech with impossible confidence", Take(Words("x", None)), SpeechResult="x", Confidence="nan"),
    turn("nothing", Take(Silent())),
    turn("the turn is what our URL says, not what the form says", Take(Silent()), t="99", c="con_2"),
    turn("empty answers", Take(Silent()), Digits="", SpeechResult="  "),
    turn("keys that do not exist", Take(Silent()), Digits="ABw"),
    turn("gone without an answer", CallStatus("completed", final=True), CallStatus="completed"),
    turn("gone, by key", CallStatus("completed", final=True), Digits="hangup"),
    turn("gone after an answer", Take(Words("my order", 0.5)), SpeechResult="my order", Confidence="0.5",
         CallStatus="completed"),
    Good("asked again", voice("resume", Q), Take(Started()), FIELDS | {"key": ""}),
    Good(
        "a page of the queue",
        voice("wait", Q + "&page=3", QueuePosition="2", QueueTime="75", QueueSid="QU1"),
        QueueWait(3, 2, 75),
        FIELDS | {"key": ""},
    ),
    Good("a page without numbers", voice("wait", Q, QueuePosition="x"), QueueWait(0), {"key": ""}),
    Good("a key while waiting", voice("leave", Q + "&page=3", Digits="1"), Take(Keys("1")), FIELDS),
    Good("no key after all", voice("leave", Q + "&page=3"), QueueWait(3), {"key": ""}),
    queued("bridged", Take(QueueLeft("answered")), QueueTime="30"),
    queued("bridged", Take(QueueLeft("answered")), CallStatus="completed"),
    queued("bridging-in-process", Take(QueueLeft("answered"))),
    queued("leave", Take(QueueLeft("left"))),
    queued("queue-full", Take(QueueLeft("full"))),
    queued("error", Take(QueueLeft("error"))),
    queued("system-error", Take(QueueLeft("error"))),
    queued("system-error", CallStatus("completed", final=True), CallStatus="completed"),
    queued("hangup", CallStatus("completed", final=True), CallStatus="completed"),
    queued("redirected", CallStatus("in_progress")),
    queued("redirected-from-bridged", CallStatus("in_progress")),
    queued("something-new", Take(QueueLeft("error"))),
    dialled("completed", "answered", DialCallDuration="63", DialCallSid=LEG, DialBridged="true"),
    dialled("answered", "answered"),
    dialled("busy", "busy"),
    dialled("no-answer", "no_answer"),
    dialled("failed", "failed"),
    dialled("canceled", "canceled"),
    dialled("something-new", "failed"),
    talked("answered", "answered"),
    talked("completed", "answered", unless_talking=True),
    talked("failed", "error"),
    talked("something-new", "error"),
    Good("gone in the middle of a conversation",
         voice("talked", Q, DialCallStatus="answered", CallStatus="completed"),
         CallStatus("completed", final=True), FIELDS),
    Good("a target that could not be dialled", voice("dial", Q), Take(Connected("failed")), FIELDS),
    Good(
        "gone while it rang",
        voice("dial", Q, DialCallStatus="no-answer", CallStatus="completed"),
        CallStatus("completed", final=True),
    ),
    Good(
        "a message was left",
        voice("record", Q, RecordingUrl=URL, RecordingSid=RECORDING, RecordingDuration="17", Digits="#"),
        Take(Recorded(17.0, RECORDING)),
        FIELDS,
    ),
    Good(
        "a message, and gone",
        voice("record", Q, RecordingUrl=URL, RecordingDuration="9", Digits="hangup", CallStatus="completed"),
        Take(Recorded(9.0, RECORDING, hung_up=True)),
    ),
    Good("nothing was said", voice("record", Q), Take(Recorded()), FIELDS),
    Good(
        "a recording is ready",
        voice("recording", Q + "&p=conversation", RecordingSid=RECORDING, RecordingStatus="completed",
              RecordingUrl=URL, RecordingDuration="17"),
        RecordingStatus(RECORDING, "completed", URL, 17.0, "conversation"),
        FIELDS | {"contact_id": "con_1"},
    ),
    Good(
        "a recording that tells when it began",
        voice("recording", Q, RecordingSid=RECORDING, RecordingStatus="completed",
              RecordingStartTime="Mon, 02 Mar 2026 17:30:00 +0800"),
        RecordingStatus(RECORDING, "completed", started_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
    ),
    Good(
        "a recording that began at no time",
        voice("recording", Q, RecordingSid=RECORDING, RecordingStatus="completed",
              RecordingStartTime="Mon, 99 Mar 2026"),
        RecordingStatus(RECORDING, "completed"),
    ),
    Good(
        "a recording of a conference, which names no call",
        without("CallSid", "recording", Q, RecordingSid=RECORDING, RecordingStatus="completed",
                ConferenceSid=CONFERENCE),
        RecordingStatus(RECORDING, "completed"),
        {"contact_id": "con_1", "open_key": "", "provider_ref": ""},
    ),
    Good(
        "a recording that is none",
        voice("recording", Q, RecordingSid=RECORDING, RecordingStatus="absent", RecordingUrl="javascript:x"),
        RecordingStatus(RECORDING, "absent"),
    ),
    Good(
        "a recording with a new status",
        voice("recording", Q, RecordingSid=RECORDING, RecordingStatus="polished"),
        RecordingStatus(RECORDING, "in_progress"),
    ),
    Good(
        "a message in words",
        voice("transcription", Q, TranscriptionSid="TR1", TranscriptionStatus="completed",
              TranscriptionText="call me", RecordingSid=RECORDING),
        Transcript("call me", RECORDING, "customer"),
    ),
    Good(
        "a message that nobody understood",
        voice("transcription", Q, TranscriptionStatus="failed", TranscriptionText="x",
              RecordingSid=RECORDING),
        Transcript("", RECORDING, "customer"),
    ),
    Good(
        "words of the customer, live",
        live("transcription-content", '{"transcript":"hello","confidence":0.9}'),
        Transcript("hello", track="customer", confidence=0.9),
    ),
    Good(
        "words of the agent, not final",
        live("transcription-content", '{"transcript":"hel"}', Track="outbound_track", Final="false"),
        Transcript("hel", track="agent", final=False),
    ),
    Good("live words begin", live("transcription-started", "", Track=""), Transcript("")),
    stands("ringing", CallStatus("ringing", 0), SequenceNumber="0"),
    stands("in-progress", CallStatus("in_progress", 2), SequenceNumber="2"),
    stands("completed", CallStatus("completed", 3, 42, final=True), SequenceNumber="3", CallDuration="42"),
    stands("busy", CallStatus("busy", final=True)),
    stands("no-answer", CallStatus("no_answer", final=True)),
    stands("failed", CallStatus("failed", final=True)),
    stands("canceled", CallStatus("canceled", final=True)),
    stands("levitating", CallStatus("unknown"), SequenceNumber="-1", CallDuration="x"),
    Good("a dialled leg rings", leg(CallStatus="ringing", SequenceNumber="1"), CallStatus("ringing", 1),
         {"open_key": f"phone:{CALL}", "provider_ref": CALL}),
    Good("a dialled leg ends, the call does not", leg(CallStatus="completed", CallDuration="5"),
         CallStatus("completed", None, 5)),
    Good(
        "our answer was of no use",
        voice("fallback", ErrorCode="11200", ErrorUrl="https://calls.example.com/x", **RINGING),
        Trouble("11200"),
        {"open_key": f"phone:{CALL}"},
        {"from_address": CUSTOMER, "provider_ref": CALL},
    ),
]  # fmt: skip


BAD = [
    Bad("no CallSid", without("CallSid")),
    Bad("no AccountSid", without("AccountSid")),
    Bad("an odd CallSid", voice("incoming", CallSid="CA'; --")),
    Bad("an endless CallSid", voice("incoming", CallSid="C" * 65)),
    Bad("a leg of nothing", voice("leg", Q)),
    Bad("a recording of nobody knows what", without("CallSid", "recording", RecordingSid=RECORDING)),
    Bad("a recording without a name", voice("recording", Q, RecordingStatus="completed")),
    Bad("live words that are no JSON", live("transcription-content", "{")),
    Bad("live words of the wrong shape", live("transcription-content", '{"transcript": 5}')),
    Bad("no such route", voice("nowhere"), 404),
]

RIGHT = voice("turn", Q, Digits="1")
FORGED = [
    ("no signature", changed(RIGHT, headers={})),
    ("another key pressed", changed(RIGHT, form=(*RIGHT.form[:-1], ("Digits", "2")))),
    ("a field added", changed(RIGHT, form=(*RIGHT.form, ("SpeechResult", "x")))),
    ("another turn", changed(RIGHT, target=RIGHT.target.replace("t=7", "t=8"))),
    ("another token", inbound("turn", "/twilio/voice/turn", call_form(), token="f" * 32)),
    ("another account", voice("turn", Q, AccountSid="AC" + "9" * 32)),
    ("another host", inbound("turn", "/twilio/voice/turn", call_form(), public="https://evil.example")),
    ("a body that nobody signed", changed(RIGHT, form=(), body=b'{"Digits": "1"}')),
]


def repeated(route: str, query: str = "", /, token: str = "", **more: str) -> Inbound:
    headers = {"i_twilio_idempotency_token": token} if token else {}
    return inbound(route, f"/twilio/voice/{route}{query}", call_form(**more), **headers)


RETRY = "b4dc0ffe-1"
PAIRS = [
    Pair("a call, again", voice("incoming"), voice("incoming", CallStatus="in-progress"), True),
    Pair("two calls", voice("incoming"), voice("incoming", CallSid=LEG), False),
    Pair("a retry", repeated("turn", Q, RETRY, Digits="1"), repeated("turn", Q, RETRY, Digits="1"), True),
    Pair("two requests", repeated("turn", Q, RETRY), repeated("turn", Q, RETRY + "2"), False),
    Pair("the fallback of a request", repeated("turn", Q, RETRY), repeated("fallback", "", RETRY), False),
    Pair("an odd token is none", repeated("turn", Q, "\x00"), repeated("turn", Q, "x" * 101), True),
    Pair("the same turn by action and by redirect", voice("turn", Q, Digits="1"), voice("turn", Q), True),
    Pair("two turns", voice("turn", "?c=con_1&t=7"), voice("turn", "?c=con_1&t=8"), False),
    Pair("two actions of a turn", voice("turn", Q), voice("dial", Q), False),
    Pair("the end of a conversation, twice", voice("talked", Q, DialCallStatus="answered"),
         voice("talked", Q, DialCallStatus="answered"), True),
    Pair("two conversations", voice("talked", Q), voice("talked", "?c=con_1&t=9"), False),
    Pair("a status twice", voice("status", CallStatus="ringing", SequenceNumber="1"),
         voice("status", CallStatus="ringing", SequenceNumber="1"), True),
    Pair("two statuses, whatever their order", voice("status", CallStatus="completed", SequenceNumber="0"),
         voice("status", CallStatus="ringing", SequenceNumber="1"), False),
    Pair("a leg and the call", leg(CallStatus="ringing"), voice("status", CallStatus="ringing"), False),
    Pair("two statuses of a recording",
         voice("recording", RecordingSid=RECORDING, RecordingStatus="in-progress"),
         voice("recording", RecordingSid=RECORDING, RecordingStatus="completed"), False),
    Pair("two words of a live transcript", live("transcription-content", "{}"),
         live("transcription-content", "{}", SequenceId="3"), False),
]  # fmt: skip


def random(route: str, query: list[tuple[str, str]], form: list[tuple[str, str]], body: bytes) -> Inbound:
    return Inbound(route, "POST", f"/twilio/voice/{route}", tuple(query), tuple(form), {}, body)


KIT = Kit(
    TwilioVoice(settings()), GOOD + legs_kit.GOOD, BAD + legs_kit.BAD, FORGED + legs_kit.FORGED,
    PAIRS + legs_kit.PAIRS,
    ["4155550123", "my order", "0123456789abcdef", "call me"], random,
)  # fmt: skip
