"""<Dial> as the carrier follows it, and documents that it cannot follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_center.local_carrier import conference
from contact_center.local_carrier.conference import Member
from contact_center.local_carrier.live_call import LiveCall
from contact_center.local_carrier.rooms import Entrance
from tests.local_carrier.engine import PUBLIC, Handset, open_carrier

GATHER = (
    '<Gather action="turn?c=1" numDigits="1" timeout="4" {more}><Say language="en-US">Press.</Say></Gather>'
)
AFTER = "<Say>After.</Say>"


async def to_the_end(caller: Handset) -> list[str]:
    """Listen to the end; every word that was said."""
    await caller.until("ended")
    return caller.said()


# --- <Dial> ---------------------------------------------------------------------------------------------

DIAL = (
    '<Dial action="dial" timeout="20" {more}><{noun} statusCallback="leg" '
    'statusCallbackEvent="initiated ringing answered completed">{to}</{noun}></Dial>' + AFTER
)


async def test_a_client_is_dialled(tmp_path: Path) -> None:
    document = DIAL.format(noun="Client", to="ada", more='callerId="+12025550199"')
    async with open_carrier(tmp_path, incoming=document, dial="<Say>Back.</Say>") as carrier:
        caller, ada = carrier.handset(), carrier.handset("client:ada")
        live = caller.dial()
        ring = await ada.until("ring")
        assert (ring["from"], ring["to"]) == ("+12025550199", "client:ada")
        carrier.exchange.answer(ada.phone, ada.call)
        for one in (caller, ada):
            while not (line := await one.until("talk"))["peers"]:
                continue
            assert [(peer["send"], peer["hear"]) for peer in line["peers"]] == [(True, True)]
        carrier.clock.advance(30)
        ada.hang_up()
        done = await carrier.request("/voice/dial")
        assert done.form["CallStatus"] == "in-progress"
        assert {name: done.form[name] for name in done.form if name.startswith("Dial")} == {
            "DialCallStatus": "completed",
            "DialCallSid": ada.call,
            "DialCallDuration": "30",
            "DialBridged": "true",
        }
        await to_the_end(caller)
        assert caller.said() == ["Back."]
        await carrier.exchange.webhooks.told()
        told = [one.form for one in carrier.asked if one.target == "/voice/leg"]
        assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
        assert [form["SequenceNumber"] for form in told] == ["0", "1", "2", "3"]
        assert {form["ParentCallSid"] for form in told} == {live.sid}
        assert {form["Direction"] for form in told} == {"outbound-dial"}


@pytest.mark.parametrize(
    ("noun", "to", "status"),
    [
        ("Client", "nobody", "no-answer"),
        ("Number", "+12025550123", "no-answer"),
        ("Sip", "sip:ada@example.com", "no-answer"),
        ("Number", "+12025550166", "busy"),
    ],
)
async def test_nobody_can_be_dialled(tmp_path: Path, noun: str, to: str, status: str) -> None:
    documents = {
        "incoming": [DIAL.format(noun=noun, to=to, more=""), '<Pause length="99"/>'],
        "dial": "<Hangup/>",
    }
    async with open_carrier(tmp_path, **documents) as carrier:
        caller, other = carrier.handset(), carrier.handset(number="+12025550166")
        other.phone.calls.add("CAother")
        caller.dial()
        done = await carrier.request("/voice/dial")
        assert (done.form["DialCallStatus"], done.form["DialBridged"]) == (status, "false")
        assert "DialCallDuration" not in done.form


async def test_the_caller_hangs_up_while_it_rings(tmp_path: Path) -> None:
    document = DIAL.format(noun="Client", to="ada", more="")
    async with open_carrier(tmp_path, incoming=document) as carrier:
        caller, ada = carrier.handset(), carrier.handset("client:ada")
        caller.dial()
        await ada.until("ring")
        caller.hang_up()
        assert (await ada.until("ended"))["reason"] == "ended"
        done = await carrier.request("/voice/dial")
        assert (done.form["DialCallStatus"], done.form["CallStatus"]) == ("canceled", "completed")


async def test_a_number_of_ours_loops_back(tmp_path: Path) -> None:
    """The caller hears, and keys into, the call that the dialled number answers."""
    documents = {
        "incoming": [DIAL.format(noun="Number", to="1002", more=""), GATHER.format(more="")],
        "turn": "<Say>Thanks.</Say>",
        "dial": "<Say>Back.</Say>",
    }
    async with open_carrier(tmp_path, **documents) as carrier:
        caller = carrier.handset()
        first = caller.dial()
        await caller.until("listen")
        assert (await carrier.request("/voice/incoming", 1)).form["To"] == "1002"
        caller.press("5")
        turn = await carrier.request("/voice/turn")
        assert turn.form["Digits"] == "5"
        assert turn.form["CallSid"] != first.sid
        assert await to_the_end(caller) == ["Press.", "Thanks.", "Back."]
        assert (await carrier.request("/voice/dial")).form["DialCallStatus"] == "completed"
        assert {line["call"] for line in caller.lines} == {first.sid}
        said = [line["seq"] for line in caller.lines if line["type"] == "say"]
        assert said == sorted(set(said))


async def test_a_conference_by_twiml(tmp_path: Path) -> None:
    document = (
        '<Dial action="talked"><Conference statusCallback="conference" statusCallbackEvent="start end join '
        'leave" participantLabel="{label}" endConferenceOnExit="{ends}">room</Conference></Dial>'
    )
    documents = {
        "incoming": [document.format(label="one", ends="true"), document.format(label="two", ends="false")],
        "talked": "<Say>Over.</Say>",
    }
    async with open_carrier(tmp_path, **documents) as carrier:
        first, second = carrier.handset(name="a"), carrier.handset(name="b")
        first.dial()
        await first.until("talk")
        assert (await first.until("say"))["items"] == [{"music": True}], "alone, without a waitUrl"
        second.dial()
        await first.until("stop")
        first.hang_up()
        done = await carrier.request("/voice/talked", 1)
        assert (done.form["DialCallStatus"], done.form["CallStatus"]) == ("answered", "in-progress")
        assert await to_the_end(second) == ["Over."]
        await carrier.exchange.webhooks.told()
        words = [one.form for one in carrier.asked if one.target == "/voice/conference"]
        assert [form["StatusCallbackEvent"] for form in words] == [
            "participant-join",
            "participant-join",
            "conference-start",
            "participant-leave",
            "participant-leave",
            "conference-end",
        ]
        assert [form["SequenceNumber"] for form in words] == list("123456")
        assert words[3]["ReasonParticipantLeft"] == "participant_hung_up"
        assert words[4]["ReasonParticipantLeft"] == "moderator_ended_conference"
        assert words[5]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"


async def test_who_hangs_up_while_it_rings_declines(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=DIAL.format(noun="Client", to="ada", more="")) as carrier:
        caller, ada = carrier.handset(), carrier.handset("client:ada")
        caller.dial()
        await ada.until("ring")
        ada.hang_up()
        assert (await carrier.request("/voice/dial")).form["DialCallStatus"] == "busy"


async def test_who_comes_too_late_comes_into_a_new_conference(tmp_path: Path) -> None:
    """A conference that ended while somebody was on the way is not entered; the name is used again."""
    async with open_carrier(tmp_path) as carrier:
        exchange, rooms = carrier.exchange, carrier.exchange.rooms
        desks = [carrier.handset(f"client:{name}") for name in ("ada", "ben")]
        first = rooms.open("room")

        def expected(live: LiveCall) -> None:
            rooms.expect(live, Member(call_sid=live.sid), Entrance(), first)

        for name in ("ada", "ben"):
            exchange.place(
                f"client:{name}",
                "1001",
                callback=None,
                timeout=20,
                into=lambda live: rooms.expect(
                    live, Member(call_sid=live.sid), Entrance(), rooms.open("room")
                ),
            )
        for desk in desks:
            await desk.until("ring")
        exchange.answer(desks[0].phone, desks[0].call)
        exchange.apply(conference.close(rooms.get(first.sid)))
        assert (await desks[0].until("ended"))["reason"] == "conversation_over"
        exchange.answer(desks[1].phone, desks[1].call)
        [second] = [one for one in rooms.listed("room") if one.status != "completed"]
        assert (second.sid != first.sid, [member.call_sid for member in second.inside]) == (
            True,
            [desks[1].call],
        )


# --- what goes wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (500, "11200"),
        (404, "11200"),
        ('{"a": 1}', "12300"),
        ("!nothing", "12100"),
        ("<?xml version='1.0'?><Request/>", "12100"),
        ("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><Response>&b;</Response>", "12100"),
        ("<Pay/>", "12200"),
        ("<Say>Hi</Say><Gather><Record/></Gather>", "12200"),
        ("<Say volume='11'>Hi</Say>", "12200"),
        ("<Dial><Queue>a</Queue></Dial>", "12200"),
        ("<Play digits='1'/>", "12200"),
        ("<Pause length='-1'/>", "12200"),
        (f"<Say>{'x' * 70_000}</Say>", "11750"),
    ],
)
async def test_a_document_that_cannot_be_followed(tmp_path: Path, answer: str | int, code: str) -> None:
    async with open_carrier(tmp_path, incoming=answer, fallback="<Say>Sorry.</Say>") as carrier:
        caller = carrier.handset()
        caller.dial()
        said = await caller.until("error")
        assert code in said["text"]
        fallback = await carrier.request("/voice/fallback")
        assert (fallback.form["ErrorCode"], fallback.form["ErrorUrl"]) == (code, f"{PUBLIC}/voice/incoming")
        assert await to_the_end(caller) == ["Sorry."]


async def test_nothing_helps(tmp_path: Path) -> None:
    async with open_carrier(tmp_path, incoming=500, fallback=500) as carrier:
        caller = carrier.handset()
        caller.dial()
        assert await to_the_end(caller) == ["We are sorry, an application error has occurred. Goodbye."]
        assert len(carrier.asked) >= 2


async def test_only_the_engine_is_asked(tmp_path: Path) -> None:
    async with open_carrier(
        tmp_path, incoming="<Redirect>http://127.0.0.1:1/steal</Redirect>", fallback="<Hangup/>"
    ) as carrier:
        caller = carrier.handset()
        caller.dial()
        await caller.until("ended")
        assert (await carrier.request("/voice/fallback")).form["ErrorCode"] == "11200"
