"""Requests as Twilio sends them: real payloads with fictional numbers and identifiers, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contact_center.channels.base import Inbound
from contact_center.channels.twilio_settings import TwilioSettings

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://calls.example.com"
CALL = "CA" + "a" * 31 + "1"
LEG = "CA" + "b" * 31 + "2"
CONFERENCE = "CF" + "e" * 31 + "5"
RECORDING = "RE" + "c" * 31 + "3"
MESSAGE = "SM" + "d" * 31 + "4"
CUSTOMER = "+14155550123"
OURS = "+14155550100"

Form = dict[str, str]


def settings(**changes: Any) -> TwilioSettings:
    """The account of these tests."""
    return TwilioSettings(
        **({"account_sid": ACCOUNT, "auth_tokens": (TOKEN,), "public_url": PUBLIC} | changes)
    )


def inbound(
    route: str,
    target: str,
    form: Form | None = None,
    *,
    public: str = PUBLIC,
    token: str = TOKEN,
    **headers: str,
) -> Inbound:
    """A signed POST (or GET, without a form) to ``target`` of route ``route``."""
    pairs = tuple((form or {}).items())
    url = public + target
    signed = url + "".join(name + value for name, value in sorted(pairs))
    signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Inbound(
        route=route,
        method="GET" if form is None else "POST",
        target=target,
        query=tuple(parse_qsl(urlsplit(target).query, keep_blank_values=True)),
        form=pairs,
        headers={"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"} | sent,
    )


def voice(route: str, query: str = "", /, **more: str) -> Inbound:
    """A voice webhook: a call's usual parameters and ``more``."""
    form = call_form() | more
    return inbound(route, f"/twilio/voice/{route}{query}", form)


def call_form(**more: str) -> Form:
    """What every voice webhook of an incoming call carries."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": CALL,
        "CallStatus": "in-progress",
        "CallToken": '{"parentCallInfoToken":"x.y.z","identityHeaderTokens":[]}',
        "Called": OURS,
        "CalledCountry": "US",
        "Caller": CUSTOMER,
        "CallerCity": "OAKLAND",
        "Direction": "inbound",
        "From": CUSTOMER,
        "FromCity": "OAKLAND",
        "FromCountry": "US",
        "StirVerstat": "TN-Validation-Passed-A",
        "To": OURS,
        "ToZip": "",
    } | more


def agent_leg(status: str, number: str = "0", /, **more: str) -> Inbound:
    """What is told of a call that was placed by REST, to the leg ``leg_1`` of the contact ``con_1``."""
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": LEG,
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "Called": "client:agt_1",
        "Caller": OURS,
        "Direction": "outbound-api",
        "From": OURS,
        "SequenceNumber": number,
        "Timestamp": "Mon, 02 Mar 2026 10:15:00 +0000",
        "To": "client:agt_1",
    } | more
    return inbound("agent_leg", "/twilio/voice/agent_leg?c=con_1&l=leg_1", form)


def conference(event: str, number: str = "1", /, **more: str) -> Inbound:
    """What is told of the conference of the contact ``con_1``; the participant is the agent's leg."""
    form = {
        "AccountSid": ACCOUNT,
        "ConferenceSid": CONFERENCE,
        "FriendlyName": "con_1",
        "SequenceNumber": number,
        "StatusCallbackEvent": event,
        "Timestamp": "Mon, 02 Mar 2026 10:15:00 +0000",
    }
    if event.startswith("participant-"):
        form |= {
            "CallSid": LEG,
            "Coaching": "false",
            "EndConferenceOnExit": "false",
            "Hold": "false",
            "Muted": "false",
            "ParticipantLabel": "leg_1",
            "StartConferenceOnEnter": "true",
        }
    return inbound("conference", "/twilio/voice/conference?c=con_1", form | more)


def amd(answered_by: str, /, **more: str) -> Inbound:
    """Who or what answered the leg ``leg_1``."""
    form = {
        "AccountSid": ACCOUNT,
        "CallSid": LEG,
        "AnsweredBy": answered_by,
        "MachineDetectionDuration": "2100",
    }
    return inbound("amd", "/twilio/voice/amd?c=con_1&l=leg_1", form | more)


def message(query: str = "", /, route: str = "incoming", **more: str) -> Inbound:
    """An incoming SMS with ``more``."""
    return inbound(route, f"/twilio/messaging/{route}{query}", message_form(**more))


def message_form(**more: str) -> Form:
    """What an incoming SMS carries."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": "Where is my order?",
        "From": CUSTOMER,
        "FromCity": "OAKLAND",
        "FromCountry": "US",
        "MessageSid": MESSAGE,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": MESSAGE,
        "SmsSid": MESSAGE,
        "SmsStatus": "received",
        "To": OURS,
    } | more


def whatsapp_form(**more: str) -> Form:
    """What an incoming WhatsApp message carries."""
    return (
        message_form()
        | {
            "From": f"whatsapp:{CUSTOMER}",
            "To": f"whatsapp:{OURS}",
            "ProfileName": "Sam",
            "WaId": CUSTOMER.removeprefix("+"),
            "MessageType": "text",
            "ReferralNumMedia": "0",
            "Forwarded": "false",
            "ChannelMetadata": '{"type":"whatsapp","data":{}}',
        }
        | more
    )


def status_form(**more: str) -> Form:
    """What a message's status callback carries."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": OURS,
        "MessageSid": MESSAGE,
        "MessageStatus": "delivered",
        "RawDlrDoneDate": "2603021015",
        "SmsSid": MESSAGE,
        "SmsStatus": "delivered",
        "To": CUSTOMER,
    } | more
