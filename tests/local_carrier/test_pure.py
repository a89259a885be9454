"""The rules of calls, conferences, queues and who hears whom, in any order of what may happen."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.local_carrier import calls, conference, document, places
from contact_center.local_carrier.calls import Call
from contact_center.local_carrier.conference import Callback, Conference, Member, hears
from contact_center.local_carrier.errors import ApiError, DocumentError
from contact_center.local_carrier.places import Waiting
from contact_center.local_carrier.talking import pictures, recorder_of

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
STATUSES = (*calls.PROGRESS, *sorted(calls.OVER))
NAMES = ("CA1", "CA2", "CA3", "CA4", "CA5", "CA6")
EVERYTHING = Callback("url", "POST", frozenset({"start", "end", "join", "leave", "mute", "hold", "modify"}))


def new_call(status: str = calls.QUEUED) -> Call:
    return Call(sid="CA1", direction=calls.BY_API, caller="a", called="b", created_at=AT, status=status)


@given(st.lists(st.sampled_from(STATUSES), max_size=12))
def test_a_call_only_goes_forward(wanted: list[str]) -> None:
    call, seen = new_call(), [calls.QUEUED]
    for number, status in enumerate(wanted):
        moved = calls.move(call, status, AT + timedelta(seconds=number))
        if moved is None:
            continue
        assert moved.told == call.told + 1
        call = moved
        seen.append(status)
    assert len(set(seen)) == len(seen)
    assert sum(status in calls.OVER for status in seen) <= 1
    assert all(status not in calls.OVER for status in seen[:-1])
    assert (calls.COMPLETED in seen) == (calls.IN_PROGRESS in seen and call.is_over)
    assert (call.answered_at is not None) == (calls.IN_PROGRESS in seen)
    assert call.seconds >= 0


@pytest.mark.parametrize("status", STATUSES)
def test_what_the_api_may_do_to_a_call(status: str) -> None:
    allowed = {
        calls.COMPLETED: status == calls.IN_PROGRESS,
        "": status == calls.IN_PROGRESS,
        calls.CANCELED: status in calls.PROGRESS[:3],
    }
    for wanted, may in allowed.items():
        if may:
            calls.check_update(new_call(status), wanted)
            continue
        with pytest.raises(ApiError) as refused:
            calls.check_update(new_call(status), wanted)
        assert (refused.value.status, refused.value.code) == (400, 21220)


# --- conferences ----------------------------------------------------------------------------------------

Step = tuple[str, str, Any]
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(NAMES), st.tuples(st.booleans(), st.booleans())),
    st.tuples(st.just("join"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("hold"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("mute"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("coach"), st.sampled_from(NAMES), st.sampled_from(("", *NAMES))),
    st.tuples(st.just("leave"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("close"), st.just(""), st.none()),
)


def take(room: Conference, step: Step) -> conference.Change:
    what, sid, value = step
    if what == "add":
        ends, starts = value
        member = Member(call_sid=sid, label=f"label {sid}", ends=ends, starts=starts)
        return conference.Change(conference.add(room, member))
    if what == "join":
        return conference.join(room, sid, EVERYTHING)
    if what == "leave":
        return conference.leave(room, sid, conference.HUNG_UP, "completed")
    if what == "close":
        return conference.close(room)
    changes = {"hold": "hold", "mute": "muted", "coach": "coaching"}
    return conference.modify(room, sid, **{changes[what]: value})


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=40))
def test_a_conference_keeps_its_rules(steps: list[Step]) -> None:
    room = Conference(sid="CF1", name="room")
    words: list[str] = []
    numbers: list[int] = []
    inside: set[str] = set()
    refused: set[int] = set()
    for step in steps:
        if room.status == conference.COMPLETED and step[0] in ("add", "join"):
            continue  # a new conference of that name takes these
        try:
            change = take(room, step)
        except ApiError as error:
            refused.add(error.code)
            continue
        before, room = room, change.conference
        for told in change.told:
            words.append(told.word)
            numbers.append(told.sequence)
            if told.word == "participant-join":
                assert told.member is not None
                inside.add(told.member.call_sid)
            if told.word == "participant-leave":
                assert told.member is not None
                inside.discard(told.member.call_sid)
        assert len(room.members) <= conference.MOST
        assert len({member.call_sid for member in room.members}) == len(room.members)
        assert {member.call_sid for member in room.inside} == inside
        assert room.sequence >= before.sequence
        assert set(change.released) <= {member.call_sid for member in before.inside}
        if room.status == conference.COMPLETED:
            assert not room.inside
        elif inside:
            assert room.status != conference.COMPLETED
    assert refused <= {16026, 16020, 20404, 13240}
    assert numbers == sorted(set(numbers))
    assert words.count("conference-start") <= 1
    assert words.count("conference-end") <= 1
    if "conference-end" in words:
        assert words[-1] == "conference-end"


TALKING = ("CA1", "CA2", "CA3")
CHANGES = st.one_of(
    st.tuples(st.sampled_from(("hold", "mute")), st.sampled_from(TALKING), st.booleans()),
    st.tuples(st.just("coach"), st.sampled_from(TALKING), st.sampled_from(("", *TALKING))),
    st.tuples(st.just("leave"), st.sampled_from(TALKING), st.none()),
)


@settings(max_examples=200)
@given(st.lists(CHANGES, max_size=12))
def test_who_hears_whom(steps: list[Step]) -> None:
    """Nobody on hold hears or is heard, nobody muted is heard, a whisper is heard by one; and what the
    browsers are told fits: who sends is heard, and of two exactly one is polite."""
    members = tuple(Member(call_sid=sid, joined=True) for sid in TALKING)
    room = Conference(sid="CF1", name="room", status=conference.IN_PROGRESS, members=members)
    for step in steps:
        if room.status == conference.COMPLETED:
            break
        try:
            room = take(room, step).conference
        except ApiError:
            continue
    by_sid = {member.call_sid: member for member in room.inside}
    for speaker in by_sid.values():
        listeners = [one for one in by_sid.values() if hears(room, one, speaker)]
        if speaker.hold or speaker.muted or room.status != conference.IN_PROGRESS:
            assert listeners == []
        elif not speaker.coaching:
            assert listeners == [one for one in by_sid.values() if one is not speaker and not one.hold]
        if speaker.coaching:
            assert {one.call_sid for one in listeners} <= {speaker.coaching}
        assert all(not one.hold for one in listeners)
        assert speaker not in listeners
    shown = pictures(room, {sid: f"end {sid}" for sid in by_sid}, "CA1")
    assert set(shown) == set(by_sid)
    ends = {(sid, peer.peer): peer for sid, picture in shown.items() for peer in picture.peers}
    for (sid, name), peer in ends.items():
        other = name.removeprefix("end ")
        back = ends[other, f"end {sid}"]
        assert (peer.send, peer.hear, peer.polite) == (back.hear, back.send, not back.polite)
        if peer.hear:
            alone = [one for one in by_sid if hears(room, by_sid[one], by_sid[other])] == [sid]
            assert peer.whisper == (by_sid[other].coaching == sid)
            assert alone or not peer.whisper
    assert sum(picture.record for picture in shown.values()) <= 1


def test_who_records() -> None:
    inside = [Member(call_sid=sid, joined=True) for sid in ("CA1", "CA2", "CA3")]
    room = Conference(sid="CF1", name="r", status=conference.IN_PROGRESS, members=tuple(inside))
    assert recorder_of(room, frozenset()) == ""
    assert recorder_of(room, frozenset({"CA2", "CA3"})) == "CA2"
    assert recorder_of(room, frozenset({"CA2", "CA3"}), "CA3") == "CA3", "who records goes on"
    assert recorder_of(room, frozenset({"CA2"}), "CA9") == "CA2"
    listening = Member(call_sid="CA2", joined=True, muted=True)
    room = Conference(sid="CF1", name="r", members=(inside[0], listening))
    assert recorder_of(room, frozenset({"CA2"})) == "", "a supervisor who listens does not"
    whispering = Member(call_sid="CA3", joined=True, coaching="CA2")
    room = Conference(sid="CF1", name="r", members=(inside[0], inside[1], whispering))
    assert recorder_of(room, frozenset({"CA2", "CA3"}), "CA3") == "CA2", "who whispers records no more"
    assert recorder_of(room, frozenset({"CA3"}), "CA3") == ""


def test_a_whisper_is_told_to_whom_it_is_for() -> None:
    """The agent's browser leaves it out of the recording, and takes the same voice in once all hear it."""
    ends = {sid: f"end {sid}" for sid in TALKING}
    members = tuple(Member(call_sid=sid, joined=True) for sid in TALKING)
    room = Conference(sid="CF1", name="room", status=conference.IN_PROGRESS, members=members)
    for coaching in ("CA2", "", "CA2"):
        room = conference.modify(room, "CA3", coaching=coaching).conference
        shown = pictures(room, ends, "CA2")
        heard = {
            (sid, peer.peer): peer.whisper
            for sid, picture in shown.items()
            for peer in picture.peers
            if peer.peer == ends["CA3"]
        }
        assert heard == {("CA1", ends["CA3"]): False, ("CA2", ends["CA3"]): coaching == "CA2"}
        assert shown["CA2"].record


# --- queues ---------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES), st.integers(0, 60)), max_size=40))
def test_places_are_kept_in_order(steps: list[tuple[bool, str, int]]) -> None:
    queue, at, gone = Waiting(sid="QU1", name="q", most=4), AT, 0
    model: list[str] = []
    for enters, sid, seconds in steps:
        at += timedelta(seconds=seconds)
        if enters:
            entered = places.enter(queue, sid, at)
            assert (entered is None) == (sid not in model and len(model) == 4)
            queue = entered or queue
            if entered is not None and sid not in model:
                model.append(sid)
        else:
            queue = places.leave(queue, sid, at)
            gone += sid in model
            model = [one for one in model if one != sid]
        assert [place.call_sid for place in queue.places] == model
        assert [places.position(queue, sid) for sid in model] == list(range(1, len(model) + 1))
        assert queue.gone == gone
        waited = [places.seconds(queue, sid, at) for sid in model]
        assert waited == sorted(waited, reverse=True)
    assert queue.average >= 0


# --- documents ------------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_refused(body: bytes) -> None:
    for text in (body, b"<Response>" + body + b"</Response>"):
        with suppress(DocumentError):
            document.read(text)


def test_an_unknown_thing_is_named() -> None:
    cases = {
        "<Stream/>": "<Stream> is a verb that is not known here",
        '<Say speed="2">a</Say>': "has the attribute speed",
        '<Gather input="sound"/>': "input has 'sound'; allowed: dtmf, speech",
        '<Dial record="maybe">1</Dial>': "record='maybe'",
        "<Enqueue/>": "names no queue",
        "<Hangup><Say>a</Say></Hangup>": "holds <Say>, which it cannot",
        "<Dial><Number>1</Number><Number>2</Number></Dial>": "dials several at once",
    }
    for written, told in cases.items():
        with pytest.raises(DocumentError) as error:
            document.read(f"<Response>{written}</Response>".encode())
        assert told in str(error.value)
