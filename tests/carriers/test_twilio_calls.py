"""Live calls through Twilio's API, against a Twilio of our own on loopback."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.carriers.base import CallCarrier, CarrierFailed, CarrierRefused, Party
from contact_center.carriers.twilio_calls import TwilioCalls
from tests.carriers.conftest import ROOT, Bench, a_dial
from tests.channels.payloads import OURS
from tests.support.twilio_world import Callback, FakeParticipant

CUSTOMER = "CA" + "9" * 32
CONTRACT: type[CallCarrier] = TwilioCalls  # for the type checker


async def talking(bench: Bench, **changes: Any) -> str:
    """A customer and an agent in one room; the CallSid of the agent's leg."""
    ref = await bench.calls.dial(a_dial(**changes))
    bench.twilio.world.answers("leg_1")
    bench.twilio.world.enters("con_1", CUSTOMER, {"participantLabel": "customer"})
    return ref


# --- calling somebody -----------------------------------------------------------------------------


async def test_what_a_new_participant_is_made_with(bench: Bench) -> None:
    ref = await bench.calls.dial(a_dial(timeout=25, ends_room=True))
    assert bench.asked() == [("POST", "Conferences/con_1/Participants")]
    assert bench.form() == {
        "From": [OURS],
        "To": ["client:agt_1?contact=con_1"],
        "Label": ["leg_1"],
        "Timeout": ["25"],
        "EarlyMedia": ["false"],
        "Beep": ["false"],
        "WaitUrl": [""],
        "StartConferenceOnEnter": ["true"],
        "EndConferenceOnExit": ["true"],
        "Muted": ["false"],
        "StatusCallback": [f"{ROOT}/voice/agent_leg?c=con_1&l=leg_1"],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "ConferenceStatusCallback": [f"{ROOT}/voice/conference?c=con_1"],
        "ConferenceStatusCallbackMethod": ["POST"],
        "ConferenceStatusCallbackEvent": ["start", "end", "join", "leave", "mute", "hold"],
    }
    assert ref == bench.twilio.world.leg("leg_1").sid


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"party": Party("phone", "+12025550144")}, {"To": ["+12025550144"]}),
        ({"party": Party("sip", "desk@example.com")}, {"To": ["sip:desk@example.com"]}),
        ({"party": Party("sip", "sips:desk@example.com")}, {"To": ["sips:desk@example.com"]}),
        ({"shown": "+12025550155"}, {"From": ["+12025550155"]}),
        ({"timeout": 1}, {"Timeout": ["5"]}),
        ({"timeout": 9999}, {"Timeout": ["600"]}),
        ({"muted": True}, {"Muted": ["true"]}),
        ({"coaches": CUSTOMER}, {"Coaching": ["true"], "CallSidToCoach": [CUSTOMER]}),
        (
            {"detect_machine": True},
            {"MachineDetection": ["Enable"], "MachineDetectionTimeout": ["8"],
             "AmdStatusCallback": [f"{ROOT}/voice/amd?c=con_1&l=leg_1"]},
        ),
    ],
)  # fmt: skip
async def test_whom_and_how_to_call(
    bench: Bench, changes: dict[str, Any], wanted: dict[str, list[str]]
) -> None:
    await bench.calls.dial(a_dial(**changes))
    assert bench.form().items() >= wanted.items()


async def test_events_are_a_repeated_parameter_so_that_callbacks_come(bench: Bench) -> None:
    await bench.calls.dial(a_dial())
    bench.twilio.world.rings("leg_1")
    bench.twilio.world.answers("leg_1")
    told = [one.form.get("CallStatus") or one.form["StatusCallbackEvent"] for one in _waiting(bench)]
    assert told == ["initiated", "ringing", "in-progress", "participant-join"]


async def test_a_browser_can_be_called_without_a_number_and_a_telephone_not(bench: Bench) -> None:
    bench.settings.__dict__["caller_id"] = ""
    await bench.calls.dial(a_dial())
    assert bench.form()["From"] == ["client:contact_center"]
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.dial(a_dial("leg_2", party=Party("phone", "+12025550144")))
    assert refused.value.code == "21213"


async def test_dialling_twice_calls_once(bench: Bench) -> None:
    first = await bench.calls.dial(a_dial())
    assert await bench.calls.dial(a_dial()) == first
    assert len(bench.twilio.participants("con_1")) == 1


async def test_a_dial_whose_answer_was_lost_is_found_again(bench: Bench) -> None:
    bench.twilio.fail_next(drop=True, after=True)
    ref = await bench.calls.dial(a_dial())
    assert [member.call.sid for member in bench.twilio.participants("con_1")] == [ref]


async def test_two_legs_of_one_room_are_two_calls(bench: Bench) -> None:
    one, other = await bench.calls.dial(a_dial("leg_1")), await bench.calls.dial(a_dial("leg_2"))
    assert one != other
    assert [member.label for member in bench.twilio.participants("con_1")] == ["leg_1", "leg_2"]


# --- ending legs (trap 13) --------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize("lenient", [True, False])
async def test_a_leg_is_dropped_whatever_we_believe_of_it(
    bench: Bench, answered: bool, said: bool, lenient: bool
) -> None:
    bench.twilio.world.lenient = lenient
    ref = await bench.calls.dial(a_dial())
    bench.twilio.world.rings("leg_1")
    if answered:
        bench.twilio.world.answers("leg_1")
    await bench.calls.drop("con_1", ref, answered=said)
    assert bench.twilio.world.leg("leg_1").status == ("completed" if answered else "canceled")
    assert len(bench.asked("Calls/")) == (1 if answered == said else 2)


async def test_dropping_what_is_over_or_never_was_is_no_error(bench: Bench) -> None:
    ref = await bench.calls.dial(a_dial())
    bench.twilio.world.declines("leg_1")
    await bench.calls.drop("con_1", ref, answered=False)
    await bench.calls.drop("con_1", "CA" + "0" * 32, answered=True)
    assert bench.twilio.world.leg("leg_1").status == "busy"


async def test_a_leg_that_cannot_be_dropped_now_is_an_error(bench: Bench) -> None:
    ref = await bench.calls.dial(a_dial())
    bench.twilio.fail_next(500, times=9, where="Calls/")
    with pytest.raises(CarrierFailed):
        await bench.calls.drop("con_1", ref, answered=False)
    assert bench.twilio.world.leg("leg_1").status == "initiated"


# --- the customer's call ----------------------------------------------------------------------------


async def test_a_live_call_is_sent_to_where_it_resumes(bench: Bench) -> None:
    call = bench.twilio.world.call_in(CUSTOMER)
    await bench.calls.fetch_again(CUSTOMER, "con_1", 8)
    assert call.redirects == [f"{ROOT}/voice/resume?c=con_1&t=8"]
    assert bench.form()["Method"] == ["POST"]


@pytest.mark.parametrize("status", ["completed", "ringing"])
async def test_a_call_that_is_over_says_so(bench: Bench, status: str) -> None:
    bench.twilio.world.call_in(CUSTOMER).status = status
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.fetch_again(CUSTOMER, "con_1", 8)
    assert refused.value.gone
    assert refused.value.code == "21220"


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": True}, {"hang": True}])
async def test_a_redirect_that_may_have_worked_is_not_made_twice(bench: Bench, fault: dict[str, Any]) -> None:
    call = bench.twilio.world.call_in(CUSTOMER)
    bench.twilio.fail_next(after=True, **fault)
    with pytest.raises(CarrierFailed):
        await bench.calls.fetch_again(CUSTOMER, "con_1", 8)
    assert len(call.redirects) == 1


# --- in the room --------------------------------------------------------------------------------------


async def test_hold_with_music_and_back(bench: Bench) -> None:
    await talking(bench)
    await bench.calls.hold("con_1", CUSTOMER, True, "https://example.com/m.mp3")
    held = member(bench, "customer")
    assert (held.hold, held.hold_url) == (True, "https://example.com/m.mp3")
    assert bench.form()["HoldMethod"] == ["GET"]
    await bench.calls.hold("con_1", CUSTOMER, False)
    assert not held.hold
    assert "HoldUrl" not in bench.form()


@pytest.mark.parametrize(
    ("music", "wanted"), [("", None), ("https://example.com/h.mp3", ["https://example.com/h.mp3"])]
)
async def test_hold_with_the_usual_music(bench: Bench, music: str, wanted: list[str] | None) -> None:
    await talking(bench)
    await TwilioCalls(bench.api, ROOT, hold_music=music).hold("con_1", CUSTOMER, True)
    assert bench.form().get("HoldUrl") == wanted


async def test_mute_and_unmute(bench: Bench) -> None:
    ref = await talking(bench)
    await bench.calls.mute("con_1", ref, True)
    assert member(bench, "leg_1").muted
    await bench.calls.mute("con_1", ref, True)
    await bench.calls.mute("con_1", ref, False)
    assert not member(bench, "leg_1").muted


async def test_listen_whisper_and_barge(bench: Bench) -> None:
    ref = await talking(bench)
    supervisor = await bench.calls.dial(a_dial("leg_2", coaches=ref, muted=True))
    bench.twilio.world.answers("leg_2")
    assert (member(bench, "leg_2").coaching, member(bench, "leg_2").muted) == (ref, True)
    await bench.calls.mute("con_1", supervisor, False)
    await bench.calls.coach("con_1", supervisor, "")
    assert bench.form() == {"Coaching": ["false"]}
    await bench.calls.coach("con_1", supervisor, ref)
    assert member(bench, "leg_2").coaching == ref


async def test_coaching_somebody_who_has_gone_is_refused(bench: Bench) -> None:
    ref = await talking(bench)
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.coach("con_1", ref, "CA" + "0" * 32)
    assert (refused.value.code, refused.value.gone) == ("13240", False)


@pytest.mark.parametrize("gone", ["leg", "room"])
async def test_who_is_gone_cannot_be_held(bench: Bench, gone: str) -> None:
    ref = await talking(bench)
    bench.twilio.world.hangs_up("leg_1" if gone == "leg" else CUSTOMER)
    if gone == "room":
        bench.twilio.world.hangs_up("leg_1")
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.hold("con_1", ref, True)
    assert refused.value.gone


async def test_the_room_is_remembered_and_looked_up_by_who_does_not_know_it(bench: Bench) -> None:
    await talking(bench)
    await bench.calls.hold("con_1", CUSTOMER, True)
    assert bench.asked("Conferences")[1:] == [("POST", f"Conferences/{room(bench)}/Participants/{CUSTOMER}")]
    other = TwilioCalls(bench.api, ROOT)
    await other.hold("con_1", CUSTOMER, False)
    await other.hold("con_1", CUSTOMER, True)
    assert [method for method, _ in bench.asked("Conferences")[2:]] == ["GET", "POST", "POST"]


async def test_a_room_that_ended_and_began_anew_is_found(bench: Bench) -> None:
    await talking(bench)
    await bench.calls.hold("con_1", CUSTOMER, True)
    before = room(bench)
    bench.twilio.world.close(bench.twilio.world.conferences[before])
    bench.twilio.world.enters("con_1", CUSTOMER, {"participantLabel": "customer"})
    assert room(bench) != before
    await bench.calls.hold("con_1", CUSTOMER, True)
    assert member(bench, "customer").hold


async def test_a_room_that_ended_is_not_asked_for_anything(bench: Bench) -> None:
    ref = await talking(bench)
    bench.twilio.world.close(bench.twilio.world.conferences[room(bench)])
    for _ in range(2):
        with pytest.raises(CarrierRefused) as refused:
            await bench.calls.mute("con_1", ref, True)
        assert refused.value.gone
    # What was remembered is tried once, then only looked for, and what is over is not found.
    assert [method for method, _ in bench.asked("Conferences")[1:]] == ["POST", "GET", "GET"]


async def test_ending_a_room_ends_the_calls_that_were_placed_for_it(bench: Bench) -> None:
    await talking(bench)
    await bench.calls.end_room("con_1")
    assert bench.twilio.world.leg("leg_1").status == "completed"
    assert bench.twilio.world.released == [CUSTOMER]
    await bench.calls.end_room("con_1")
    await bench.calls.end_room("con_unknown")


# --- recordings -----------------------------------------------------------------------------------------


async def test_a_recording_of_a_leg_from_beginning_to_end(bench: Bench) -> None:
    ref = await talking(bench)
    agent = bench.twilio.world.leg("leg_1")
    await bench.calls.record("con_1", ref, "start")
    assert bench.form() == {
        "RecordingChannels": ["dual"],
        "RecordingStatusCallback": [f"{ROOT}/voice/recording?c=con_1&p=conversation"],
        "RecordingStatusCallbackMethod": ["POST"],
        "RecordingStatusCallbackEvent": ["completed", "absent"],
    }
    for what, status in (("pause", "paused"), ("resume", "in-progress"), ("stop", "stopped")):
        await bench.calls.record("con_1", ref, what)  # type: ignore[arg-type]  # a literal, in a loop
        assert agent.recording == status
    assert bench.asked("Recordings")[-1] == ("POST", f"Calls/{ref}/Recordings/Twilio.CURRENT")


async def test_a_card_number_is_in_no_recording(bench: Bench) -> None:
    ref = await talking(bench)
    await bench.calls.record("con_1", ref, "start")
    bench.twilio.world.conferences[room(bench)].recording = "in-progress"
    await bench.calls.record("con_1", ref, "pause")
    assert bench.twilio.world.leg("leg_1").recording == "paused"
    assert bench.twilio.world.conferences[room(bench)].recording == "paused"


async def test_where_one_recording_cannot_be_paused_the_other_is_and_it_is_said(bench: Bench) -> None:
    ref = await talking(bench)
    await bench.calls.record("con_1", ref, "start")
    bench.twilio.fail_next(503, times=9, where=f"{room(bench)}/Recordings")
    with pytest.raises(CarrierFailed):
        await bench.calls.record("con_1", ref, "pause")
    assert bench.twilio.world.leg("leg_1").recording == "paused"


async def test_starting_what_runs_goes_on_with_it(bench: Bench) -> None:
    ref = await talking(bench)
    await bench.calls.record("con_1", ref, "start")
    await bench.calls.record("con_1", ref, "pause")
    await bench.calls.record("con_1", ref, "start")
    assert bench.twilio.world.leg("leg_1").recording == "in-progress"
    assert len([one for one in bench.asked(f"Calls/{ref}/Recordings") if "CURRENT" not in one[1]]) == 1


async def test_pausing_what_does_not_record_is_refused(bench: Bench) -> None:
    ref = await talking(bench)
    with pytest.raises(CarrierRefused) as refused:
        await bench.calls.record("con_1", ref, "pause")
    assert refused.value.gone


def room(bench: Bench) -> str:
    """The ConferenceSid of the open room."""
    conference = bench.twilio.world.open_conference("con_1")
    assert conference is not None
    return conference.sid


def member(bench: Bench, label: str) -> FakeParticipant:
    """The participant with that label."""
    return next(one for one in bench.twilio.participants("con_1") if one.label == label)


def _waiting(bench: Bench) -> list[Callback]:
    return list(bench.twilio.world.callbacks)
