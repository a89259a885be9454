"""The parameters of webhooks and callbacks, PURE: Twilio's names (TWILIO.md, "Voice webhooks")."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

from contact_center.local_carrier.account import VERSION
from contact_center.local_carrier.calls import COMPLETED, OVER, Call
from contact_center.local_carrier.conference import Conference, Told

Form = dict[str, str]

_SIP = {"busy": "486", "no-answer": "480", "failed": "404", "canceled": "487", "completed": "200"}


def of_call(account: str, call: Call) -> Form:
    """What every webhook of a call has."""
    form = {
        "CallSid": call.sid,
        "AccountSid": account,
        "From": call.caller,
        "To": call.called,
        "Caller": call.caller,
        "Called": call.called,
        "CallStatus": call.status,
        "ApiVersion": VERSION,
        "Direction": call.direction,
    }
    return form | ({"ParentCallSid": call.parent} if call.parent else {})


def of_status(account: str, call: Call, at: datetime) -> Form:
    """A statusCallback: how the call stands, with the number of the change."""
    form = of_call(account, call) | {
        "Timestamp": format_datetime(at),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(max(0, call.told - 1)),
    }
    if call.status in OVER:
        form["SipResponseCode"] = _SIP[call.status]
    if call.status == COMPLETED:
        minutes = -(-call.seconds // 60)
        form |= {"CallDuration": str(call.seconds), "Duration": str(minutes)}
    return form


def of_conference(account: str, conference: Conference, told: Told, at: datetime) -> Form:
    """A conference's statusCallback."""
    form = {
        "ConferenceSid": conference.sid,
        "FriendlyName": conference.name,
        "AccountSid": account,
        "SequenceNumber": str(told.sequence),
        "Timestamp": format_datetime(at),
        "StatusCallbackEvent": told.word,
    }
    member = told.member
    if member is not None:
        form |= {
            "CallSid": member.call_sid,
            "Muted": _word(member.muted),
            "Hold": _word(member.hold),
            "Coaching": _word(bool(member.coaching)),
            "EndConferenceOnExit": _word(member.ends),
            "StartConferenceOnEnter": _word(member.starts),
        }
        form |= {"CallSidToCoach": member.coaching} if member.coaching else {}
        form |= {"ParticipantLabel": member.label} if member.label else {}
    return form | told.fields


def of_machine(account: str, call: Call) -> Form:
    """AMD's callback: who answers in a browser is a person."""
    return {
        "CallSid": call.sid,
        "AccountSid": account,
        "AnsweredBy": "human",
        "MachineDetectionDuration": "0",
    }


def _word(value: bool) -> str:
    return "true" if value else "false"
