"""The telephone's cases about the legs of a conversation."""

from __future__ import annotations

from contact_center.channels.base import LegEvent
from tests.channels.kit import Bad, Good, Pair, changed
from tests.channels.payloads import CALL, CONFERENCE, LEG, agent_leg, amd, conference, inbound

FIELDS = {
    "channel": "phone",
    "contact_id": "con_1",
    "open_key": "",
    "provider_ref": "",
    "opens": None,
    "turn": None,
}


def stands(status: str, change: str, reason: str = "", seconds: int | None = None, **more: str) -> Good:
    event = LegEvent("leg_1", change, reason, provider_ref=LEG, seconds=seconds)
    return Good(f"leg {status}", agent_leg(status, "3", **more), event, FIELDS)


def happens(
    word: str, change: str, reason: str = "", held: bool = False, muted: bool = False, **more: str
) -> Good:
    event = LegEvent("leg_1", change, reason, 7, LEG, held=held, muted=muted, room_ref=CONFERENCE)
    return Good(f"{word} {reason}", conference(word, "7", **more), event, FIELDS)


def leaves(why: str, status: str, change: str, reason: str) -> Good:
    return happens(
        "participant-leave", change, reason, ReasonParticipantLeft=why, ParticipantCallStatus=status
    )


def answers(word: str, change: str) -> Good:
    return Good(f"amd {word}", amd(word), LegEvent("leg_1", change, provider_ref=LEG), FIELDS)


GOOD = [
    stands("queued", "initiated"),
    stands("initiated", "initiated"),
    stands("ringing", "ringing"),
    stands("in-progress", "answered"),
    stands("completed", "completed", seconds=42, CallDuration="42", Duration="1"),
    stands("busy", "failed", "busy", CallDuration="0"),
    stands("no-answer", "failed", "no_answer"),
    stands("failed", "failed", "failed"),
    stands("canceled", "failed", "canceled"),
    stands("levitating", "other"),
    stands("", "other"),
    happens("participant-join", "joined"),
    happens("participant-join", "joined", muted=True, Muted="true"),
    happens("participant-hold", "held", held=True, Hold="true"),
    happens("participant-unhold", "unheld"),
    happens("participant-mute", "muted", muted=True, Muted="true"),
    happens("participant-unmute", "unmuted"),
    happens("participant-modify", "other"),
    happens("participant-speech-start", "other"),
    happens("participant-levitated", "other"),
    leaves("participant_hung_up", "completed", "left", "hung_up"),
    leaves("participant_updated_via_api", "in-progress", "left", "by_us"),
    leaves("conference_ended_via_api", "completed", "left", "by_us"),
    leaves("moderator_ended_conference", "completed", "left", "room_ended"),
    leaves("participant_levitated", "completed", "left", ""),
    leaves("participant_add_failed", "no-answer", "failed", "no_answer"),
    leaves("participant_hung_up", "busy", "failed", "busy"),
    leaves("participant_add_failed", "completed", "failed", "failed"),
    happens("participant-leave", "left"),
    Good(
        "the customer joins",
        conference("participant-join", "2", ParticipantLabel="customer", CallSid=CALL, Hold="", Muted="?"),
        LegEvent("customer", "joined", sequence=2, provider_ref=CALL, room_ref=CONFERENCE),
        FIELDS,
    ),
    Good(
        "somebody without a label",
        conference("participant-join", "2", ParticipantLabel="", CallSid=""),
        LegEvent("", "joined", sequence=2, held=False, muted=False, room_ref=CONFERENCE),
        FIELDS,
    ),
    Good(
        "the conference ends",
        conference("conference-end", "9", ReasonConferenceEnded="last-participant-left",
                   CallSidEndingConference=LEG),
        LegEvent("", "room_ended", sequence=9, room_ref=CONFERENCE),
        FIELDS,
    ),
    Good("it begins", conference("conference-start", "x"),
         LegEvent("", "other", room_ref=CONFERENCE), FIELDS),
    Good("it does something new", conference("conference-flies"),
         LegEvent("", "other", sequence=1, room_ref=CONFERENCE), FIELDS),
    answers("human", "human"),
    answers("unknown", "human"),
    answers("", "human"),
    answers("something-new", "human"),
    *[answers(word, "machine") for word in ("machine_start", "machine_end_beep", "machine_end_silence",
                                            "machine_end_other", "fax")],
]  # fmt: skip


def of(route: str, query: str) -> Bad:
    form = {"AccountSid": "AC" + "0" * 31 + "1", "CallSid": LEG, "ConferenceSid": CONFERENCE}
    return Bad(f"{route} {query}", inbound(route, f"/twilio/voice/{route}{query}", form))


BAD = [
    of("agent_leg", ""),
    of("agent_leg", "?c=con_1"),
    of("agent_leg", "?l=leg_1"),
    of("agent_leg", "?c=con_1&l=leg%201"),
    of("amd", "?c=con_1"),
    of("amd", "?l=leg_1"),
    of("conference", ""),
    of("conference", "?c=%00"),
    Bad("a leg without a call", agent_leg("ringing", CallSid="")),
    Bad("a conference without a name", conference("participant-join", ConferenceSid="CF'")),
    Bad("somebody answered, nobody knows where", amd("human", CallSid="")),
]

HELD = conference("participant-hold", "7", Hold="true")
FORGED = [
    ("another leg", changed(agent_leg("ringing"), target="/twilio/voice/agent_leg?c=con_1&l=leg_2")),
    ("another contact's conference", changed(HELD, target="/twilio/voice/conference?c=con_2")),
    ("a person where a machine was", changed(amd("fax"), form=amd("human").form)),
]

RINGS, ANSWERED = agent_leg("ringing", "1"), agent_leg("in-progress", "2")
PAIRS = [
    Pair("a leg's status twice", RINGS, agent_leg("ringing", "1"), True),
    Pair("two statuses of a leg", RINGS, ANSWERED, False),
    Pair("two legs", RINGS, agent_leg("ringing", "1", CallSid=CALL), False),
    Pair("held twice", HELD, conference("participant-hold", "7", Hold="true"), True),
    Pair("held again", HELD, conference("participant-hold", "9", Hold="true"), False),
    Pair("held, and taken back", HELD, conference("participant-unhold", "8"), False),
    Pair("two parties held", HELD, conference("participant-hold", "7", ParticipantLabel="customer"), False),
    Pair("two conferences", HELD, conference("participant-hold", "7", ConferenceSid="CF2"), False),
    Pair("a verdict twice", amd("human"), amd("human"), True),
    Pair("two verdicts", amd("human"), amd("machine_start"), False),
]
