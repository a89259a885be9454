"""The cases of SMS and WhatsApp."""

from __future__ import annotations

from typing import Any

from contact_center.channels import TwilioMessaging
from contact_center.channels.base import Inbound, Media, MessageIn, MessageStatus
from tests.channels.kit import Bad, Good, Kit, Pair, changed
from tests.channels.payloads import (
    CUSTOMER,
    MESSAGE,
    OURS,
    inbound,
    message,
    message_form,
    settings,
    status_form,
    whatsapp_form,
)

SMS_KEY = f"sms:{CUSTOMER}>{OURS}"
WA_KEY = f"whatsapp:{CUSTOMER}>{OURS}"
INCOMING = "/twilio/messaging/incoming"
FILE = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"


def sms(name: str, text: str, /, *, fields: dict[str, Any] | None = None, form: dict[str, str] | None = None,
        **event: Any) -> Good:  # fmt: skip
    sent = message(**({"Body": text} | (form or {})))
    wanted = MessageIn(**({"text": text, "provider_ref": MESSAGE} | event))
    return Good(name, sent, wanted, {"channel": "sms", "open_key": SMS_KEY, "turn": None} | (fields or {}))


def whatsapp(name: str, event: MessageIn | MessageStatus, **form: str) -> Good:
    sent = inbound("incoming", INCOMING, whatsapp_form(**form))
    return Good(name, sent, event, {"channel": "whatsapp", "open_key": WA_KEY})


def status(query: str = "", **more: str) -> Inbound:
    return inbound("status", "/twilio/messaging/status" + query, status_form(**more))


def became(word: str, wanted: str, **more: Any) -> Good:
    event = MessageStatus(MESSAGE, wanted, **more)
    return Good(f"became {word}", status(MessageStatus=word), event, {"open_key": SMS_KEY, "opens": None})


def heard(text: str) -> MessageIn:
    return MessageIn(text, MESSAGE)


GOOD = [
    Good(
        "a text",
        message(),
        heard("Where is my order?"),
        {"channel": "sms", "open_key": SMS_KEY, "provider_ref": "", "key": f"twilio:message:{MESSAGE}"},
        {
            "channel": "sms", "from_address": CUSTOMER, "to_address": OURS, "identity_kind": "phone",
            "replyable": True, "facts": {"country": "US", "city": "OAKLAND"},
        },
    ),
    Good("a text from a short code", message(From="72345"), heard("Where is my order?"),
         {"open_key": f"sms:72345>{OURS}"}, {"identity_kind": "", "replyable": False}),
    Good("a text from a name", message(From="ACME"), heard("Where is my order?"), {},
         {"from_address": "ACME", "identity_kind": "", "replyable": False}),
    Good("a text from nobody", message(From="+266696687"), heard("Where is my order?"), {},
         {"from_address": "", "identity_kind": "", "replyable": False}),
    sms("untrimmed words", "  1 \n"),
    sms("words in Chinese", "我要投诉"),
    sms("nothing at all", ""),
    sms("a NUL is not kept", "ab", form={"Body": "a\x00b"}),
    sms("a picture without words", "", form={
            "NumMedia": "2", "MediaUrl0": FILE, "MediaContentType0": "image/jpeg",
            "MediaUrl1": FILE + "x", "MediaContentType1": "audio/ogg",
        },
        media=(Media(FILE, "image/jpeg"), Media(FILE + "x", "audio/ogg"))),
    sms("a picture from elsewhere", "", form={"NumMedia": "1", "MediaUrl0": "file:///etc/passwd"}),
    sms("more pictures than there are", "", form={"NumMedia": "999999"}),
    sms("stop", "STOP", consent="stop", provider_answers=True),
    sms("stop, with a flourish", " Stop. ", consent="stop", provider_answers=True),
    sms("stop, in full width", "ＳＴＯＰ", consent="stop"),
    sms("stop, in Chinese", "退订", consent="stop"),
    sms("start", "start", consent="start", provider_answers=True),
    sms("start, in Chinese", "恢复订阅", consent="start"),
    sms("help", "HELP", consent="help", provider_answers=True),
    sms("help, in Chinese", "帮助", consent="help"),
    sms("yes is an answer", "YES"),
    sms("a sentence with stop in it", "please stop calling me"),
    sms("a sentence in Chinese", "怎么退订"),
    sms("yes, and Twilio took it for start", "YES", form={"OptOutType": "START"}, consent="start",
        provider_answers=True),
    sms("a word of the account's own", "ARRET", form={"OptOutType": "STOP"}, consent="stop",
        provider_answers=True),
    Good("a message again, at the fallback URL", message(route="fallback", ErrorCode="11200"),
         heard("Where is my order?"), {"key": f"twilio:message:{MESSAGE}"}, {"from_address": CUSTOMER}),
    Good(
        "a WhatsApp message",
        inbound("incoming", INCOMING, whatsapp_form(Body="hello")),
        heard("hello"),
        {"channel": "whatsapp", "open_key": WA_KEY},
        {"channel": "whatsapp", "from_address": CUSTOMER, "to_address": OURS, "identity_kind": "whatsapp",
         "replyable": True, "facts": {"profile_name": "Sam", "country": "US", "city": "OAKLAND"}},
    ),
    whatsapp("nobody answers STOP on WhatsApp but we", MessageIn("STOP", MESSAGE, consent="stop"),
             Body="STOP"),
    whatsapp("a button", MessageIn("Yes, please", MESSAGE, picked="confirm"), MessageType="button",
             Body="Yes, please", ButtonText="Yes, please", ButtonPayload="confirm"),
    whatsapp("a button without a body", MessageIn("Stop", MESSAGE, picked="s"), Body="", ButtonText="Stop",
             ButtonPayload="s"),
    whatsapp("a button that is called Stop", MessageIn("Stop", MESSAGE, picked="s"), Body="Stop",
             ButtonPayload="s"),
    whatsapp("a row of a list", MessageIn("Billing", MESSAGE, picked="billing"), MessageType="interactive",
             Body="", ListId="billing", ListTitle="Billing"),
    whatsapp("a place", heard("Office, 1 Main St, geo:37.786971,-122.399677"), Body="",
             MessageType="location", Latitude="37.786971", Longitude="-122.399677", Label="Office",
             Address="1 Main St"),
    whatsapp("a place that is nowhere", heard(""), Body="", Latitude="nan", Longitude="500"),
    whatsapp("a reaction means read", MessageStatus("SM5", "read"), MessageType="reaction", Body="👍",
             OriginalRepliedMessageSid="SM5"),
    whatsapp("a reaction to nothing", heard("👍"), MessageType="reaction", Body="👍"),
    became("accepted", "queued"),
    became("queued", "queued"),
    became("sending", "queued"),
    became("sent", "sent"),
    became("delivered", "delivered"),
    became("read", "read"),
    became("failed", "failed"),
    became("canceled", "failed"),
    became("undelivered", "undelivered"),
    became("teleported", "unknown"),
    Good("a status with our own id", status("?m=msg_9"), MessageStatus(MESSAGE, "delivered", "msg_9")),
    Good("they have opted out", status(MessageStatus="failed", ErrorCode="21610"),
         MessageStatus(MESSAGE, "failed", error="21610", opted_out=True)),
    Good("outside WhatsApp's 24 hours",
         status(MessageStatus="undelivered", ErrorCode="63016", To=f"whatsapp:{CUSTOMER}",
                From=f"whatsapp:{OURS}"),
         MessageStatus(MESSAGE, "undelivered", error="63016"), {"channel": "whatsapp", "open_key": WA_KEY}),
    Good("read, on WhatsApp", status(EventType="READ", MessageStatus="", SmsStatus="delivered"),
         MessageStatus(MESSAGE, "read")),
    Good("a status by its old name", status(MessageStatus="", SmsStatus="sent"),
         MessageStatus(MESSAGE, "sent")),
]  # fmt: skip


def without(name: str) -> Inbound:
    return inbound("incoming", INCOMING, {key: value for key, value in message_form().items() if key != name})


BAD = [
    Bad("no MessageSid", without("MessageSid")),
    Bad("no AccountSid", without("AccountSid")),
    Bad("an odd MessageSid", message(MessageSid="SM 1")),
    Bad("a status of nothing", status(MessageSid="")),
    Bad("no such route", message(route="nowhere"), 404),
]

RIGHT = message()
FORGED = [
    ("no signature", changed(RIGHT, headers={})),
    ("other words", changed(RIGHT, form=(*RIGHT.form[:2], ("Body", "x"), *RIGHT.form[3:]))),
    ("another account", message(AccountSid="AC" + "9" * 32)),
    ("another token", inbound("incoming", INCOMING, message_form(), token="f" * 32)),
    ("another host", inbound("incoming", INCOMING, message_form(), public="https://evil.example")),
]

PAIRS = [
    Pair("a message again", message(), message(), True),
    Pair("a message again with another token", message(),
         inbound("incoming", INCOMING, message_form(), i_twilio_idempotency_token="t-2"), True),
    Pair("a message and its fallback", message(), message(route="fallback", ErrorCode="11200"), True),
    Pair("two messages with the same words", message(), message(MessageSid="SM" + "e" * 32), False),
    Pair("the later status of a message", status(MessageStatus="sent"),
         status(MessageStatus="delivered"), False),
    Pair("statuses in any order", status(MessageStatus="delivered"), status(MessageStatus="queued"), False),
    Pair("a status twice", status(), status(), True),
    Pair("a status and the message itself", status(), message(), False),
    Pair("delivered, then read", status(), status(EventType="READ"), False),
]  # fmt: skip


def random(route: str, query: list[tuple[str, str]], form: list[tuple[str, str]], body: bytes) -> Inbound:
    return Inbound(route, "POST", f"/twilio/messaging/{route}", tuple(query), tuple(form), {}, body)


KIT = Kit(
    TwilioMessaging(settings()), GOOD, BAD, FORGED, PAIRS,
    ["4155550123", "Where is my order", "0123456789abcdef"], random,
)  # fmt: skip
