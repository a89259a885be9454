"""Nothing happens twice, nothing is lost: redelivered, parallel, reordered and forged deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from contact_center.channels.base import Forged, Inbound
from contact_center.replay import replay
from tests.app.centre import Centre, TwilioCall, open_centre, signed, together
from tests.app.flows import DESK

CALL = "CA" + "1" * 32


@pytest.fixture
async def centre(fresh_sqlite: str) -> AsyncIterator[Centre]:
    """A centre on the database of the default installation."""
    async with open_centre(fresh_sqlite, DESK) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgres"])
async def any_centre(request: pytest.FixtureRequest) -> AsyncIterator[Centre]:
    """A centre on each of the two databases, where two processes meet in different ways."""
    async with open_centre(request.getfixturevalue(f"fresh_{request.param}"), DESK) as opened:
        yield opened


async def again(centre: Centre, call: TwilioCall, number: int = -1) -> str:
    """Deliver one of a call's requests once more; the body of the answer."""
    return (await centre.deliver(centre.voice, call.sent[number])).body


async def everything(centre: Centre, sid: str = CALL) -> tuple[Any, ...]:
    """All there is of a call, to see that nothing has changed."""
    contact = await centre.contact(sid)
    return contact, await centre.journal(contact.id), await centre.tickets()


async def complained(centre: Centre, sid: str = CALL) -> TwilioCall:
    """A caller who has been told a ticket number."""
    call = await TwilioCall(centre, sid).dial()
    for keys in ("2", "10001"):
        await call.press(keys)
    await call.say("the parcel was wet")
    return call


# --- redelivered -------------------------------------------------------------------------------------


async def test_a_redelivery_gets_the_same_reply_and_changes_nothing(centre: Centre) -> None:
    call, bodies = await TwilioCall(centre, CALL).dial(), []
    for keys in ("2", "10001"):
        bodies.append(await again(centre, call))
        await call.press(keys)
    await call.say("the parcel was wet")
    before = await everything(centre)
    for process in (centre, centre.restarted()):
        assert [await again(process, call, number) for number in range(2)] == bodies
        assert "Your number is" in await again(process, call)
    assert await everything(centre) == before


async def test_a_redelivery_in_another_process_says_everything_again(centre: Centre) -> None:
    """Not only the question that the call stands at now: the words before it as well."""
    call = await complained(centre)
    told = await again(centre, call)
    await call.press("1")
    assert await again(centre.restarted(), call, 3) == told


async def test_parallel_redeliveries_in_two_processes_get_one_reply(any_centre: Centre) -> None:
    centre = any_centre
    call = await TwilioCall(centre, CALL).dial()
    await call.press("2")
    await call.press("10001")
    other = centre.restarted()
    action = call.verb("Gather").attrib["action"]
    inbound = signed(centre.voice, action, call.form(SpeechResult="wet"), token="t-x")
    answers = await together(
        *(process.deliver(process.voice, inbound) for process in (centre, other) for _ in range(4))
    )
    assert len({answer.body for answer in answers}) == 1
    assert "Your number is" in answers[0].body
    contact, entries, tickets = await everything(centre)
    assert len(tickets) == 1
    assert [entry.seq for entry in entries] == list(range(contact.journal_length))
    assert len([entry for entry in entries if entry.kind == "ticket_opened"]) == 1


async def test_parallel_first_requests_make_one_contact(any_centre: Centre) -> None:
    centre = any_centre
    other = centre.restarted()
    calls = [TwilioCall(process, CALL) for process in (centre, other, centre, other)]
    await together(*(call.dial() for call in calls))
    assert len(await centre.contacts()) == 1
    assert len({tuple(call.heard) for call in calls}) == 1


async def test_a_delivery_without_a_token_is_known_by_what_it_is(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    inbound = signed(centre.voice, call.verb("Gather").attrib["action"], call.form(Digits="2"))
    first = await centre.deliver(centre.voice, inbound)
    second = await centre.restarted().deliver(centre.voice, inbound)
    assert first.body == second.body
    assert "Which order" in first.body


async def test_a_stale_turn_repeats_the_present_question_and_is_remembered(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    old = call.verb("Gather").attrib["action"]
    await call.press("2")
    before = await everything(centre)
    await call.fetch(old, Digits="3")  # a new request to an old address: the customer pressed twice
    assert "Which order" in call.last()
    assert await everything(centre) == before
    stale = await again(centre, call)
    await call.press("10001")
    assert await again(centre.restarted(), call, 2) == stale


# --- two processes with a cache each -----------------------------------------------------------------


async def test_a_page_asked_of_the_process_that_has_missed_a_turn(any_centre: Centre) -> None:
    centre = any_centre
    call = await TwilioCall(centre, CALL).dial()
    call.centre = centre.restarted()
    await call.press("1")
    call.centre = centre  # which still believes that the caller is in the menu
    await call.wait_page()
    assert "Please hold for the first line" in call.last()
    assert call.document.find("Leave") is None


async def test_what_the_call_should_hear_now_is_never_yesterdays_news(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    call.centre = centre.restarted()
    await call.press("2")
    call.centre = centre
    await call.fetch("/twilio/voice/resume?c=x&t=1")
    assert "Which order" in call.last()


async def test_the_end_of_a_wait_that_two_processes_see_at_once_is_taken_once(any_centre: Centre) -> None:
    centre = any_centre
    call = await TwilioCall(centre, CALL).dial()
    await call.press("1")
    page = call.verb("Enqueue").attrib["waitUrl"]
    centre.clock.advance(31)
    inbound = signed(centre.voice, page, call.form(QueuePosition="1", QueueTime="31"))
    other = centre.restarted()
    answers = await together(
        *(process.deliver(process.voice, inbound) for process in (centre, other, centre, other))
    )
    assert all("<Leave" in answer.body for answer in answers)
    contact, entries, _ = await everything(centre)
    inputs = [entry.data["kind"] for entry in entries if entry.kind == "input"]
    assert inputs == ["started", "keys", "silent"]
    assert contact.state == "waiting"


# --- instructions between a queue's page and its action -------------------------------------------------


async def test_from_one_queue_to_the_next_nothing_said_is_lost(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("1")
    enqueue, page = call.verb("Enqueue").attrib["action"], call.verb("Enqueue").attrib["waitUrl"]
    centre.clock.advance(31)
    await call.fetch(page, QueuePosition="1", QueueTime="31")
    assert call.verb("Leave") is not None
    await call.fetch(enqueue, QueueResult="leave", QueueTime="31")
    assert "The first line is busy" in call.last()
    second = call.verb("Enqueue").attrib["action"]
    await call.fetch(second, QueueResult="bridged", QueueTime="3")
    assert "That was your colleague" in call.last()
    assert (await centre.contact(CALL)).outcome == "answered"


async def test_a_key_that_means_nothing_in_a_queue_does_not_put_the_caller_in_line_again(
    centre: Centre,
) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("1")
    enqueue = call.verb("Enqueue").attrib["action"]
    await call.wait_page()
    await call.press("7")
    assert call.document.find("Leave") is None
    await call.fetch(enqueue, QueueResult="bridged", QueueTime="9")
    assert "That was your colleague" in call.last()
    _, entries, _ = await everything(centre)
    assert "7" in [entry.data.get("digits") for entry in entries if entry.kind == "input"]


# --- our answer never arrived ----------------------------------------------------------------------------


async def test_the_fallback_says_again_what_never_arrived(centre: Centre) -> None:
    call = await complained(centre)
    number = call.last()
    await call.fetch("/twilio/voice/fallback", ErrorCode="11205", ErrorUrl="https://cc.example.com/x")
    assert call.last() == number


async def test_the_fallback_does_not_repeat_a_document_that_was_of_no_use(centre: Centre) -> None:
    call = await complained(centre)
    await call.fetch("/twilio/voice/fallback", ErrorCode="12100", ErrorUrl="https://cc.example.com/x")
    assert "Your number is" not in call.last()
    assert "Press 1 for the menu" in call.last()


async def test_a_status_of_the_same_instant_does_not_hide_what_is_owed(centre: Centre) -> None:
    call = await complained(centre)
    number = call.last()
    for process in (centre, centre.restarted()):
        call.centre = process
        await status(call, "in-progress", 1)
    await call.fetch("/twilio/voice/fallback", ErrorCode="11205", ErrorUrl="https://cc.example.com/x")
    assert call.last() == number


# --- the end overtakes what was under way ------------------------------------------------------------------


@pytest.mark.parametrize("end_first", [False, True])
async def test_a_voicemail_that_ends_by_hanging_up_is_never_lost(centre: Centre, end_first: bool) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("3")
    record = call.verb("Record").attrib["action"]
    recorded = {"RecordingSid": "RE" + "2" * 32, "RecordingDuration": "12", "Digits": "hangup"}

    async def leave() -> None:
        await call.fetch(record, CallStatus="completed", **recorded)

    for step in (call.hang_up, leave) if end_first else (leave, call.hang_up):
        await step()
    contact, entries, tickets = await everything(centre)
    assert (contact.state, contact.outcome) == ("ended", "voicemail")
    assert [ticket.category for ticket in tickets] == ["voicemail"]
    assert [entry.kind for entry in entries].count("voicemail") == 1
    assert [entry.seq for entry in entries] == list(range(contact.journal_length))


@pytest.mark.parametrize("end_first", [False, True])
async def test_last_words_are_kept_whatever_comes_first(centre: Centre, end_first: bool) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("2")
    await call.press("10001")
    action = call.verb("Gather").attrib["action"]

    async def words() -> None:
        await call.fetch(action, SpeechResult="the parcel was wet", CallStatus="completed")

    for step in (call.hang_up, words) if end_first else (words, call.hang_up):
        await step()
    contact, _, tickets = await everything(centre)
    assert (contact.outcome, [ticket.subject for ticket in tickets]) == ("ticket", ["the parcel was wet"])


async def test_a_late_input_is_taken_once_and_the_replay_follows_it(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("2")
    action = call.verb("Gather").attrib["action"]
    await call.hang_up()
    ended = (await centre.contact(CALL)).ended_at
    centre.clock.advance(2)
    await call.fetch(action, Digits="10001")
    before = await everything(centre)
    await call.fetch(action, Digits="10002")
    assert await everything(centre) == before
    assert before[0].ended_at == ended
    assert ("order", "next") in await centre.path(before[0].id)
    assert (await replay(centre.room, before[0].id)).same


@pytest.mark.parametrize("end_first", [False, True])
async def test_who_was_answered_is_known_whatever_comes_first(centre: Centre, end_first: bool) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("4")
    dial = call.verb("Dial").attrib["action"]

    async def over() -> None:
        await call.fetch(dial, DialCallStatus="completed", DialCallDuration="40", CallStatus="completed")

    for step in (call.hang_up, over) if end_first else (over, call.hang_up):
        await step()
    assert (await centre.contact(CALL)).outcome == "answered"


async def test_who_hangs_up_while_it_rings_was_not_answered(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("4")
    dial = call.verb("Dial").attrib["action"]
    assert call.verb("Dial").attrib["timeout"] == "30"  # and not as long as a question waits for its answer
    await call.fetch(dial, DialCallStatus="no-answer", CallStatus="completed")
    assert (await centre.contact(CALL)).outcome == "abandoned"


# --- statuses ------------------------------------------------------------------------------------------


async def status(call: TwilioCall, word: str, sequence: int, **more: str) -> None:
    """One of Twilio's words on the call, under the token that it always has."""
    form = call.form(CallStatus=word, SequenceNumber=str(sequence), **more)
    inbound = signed(call.centre.voice, "/twilio/voice/status", form, token=f"s-{call.sid}-{sequence}")
    await call.centre.deliver(call.centre.voice, inbound)


async def test_a_status_before_its_call_belongs_to_it(centre: Centre) -> None:
    call = TwilioCall(centre, CALL)
    await status(call, "ringing", 0)
    await call.dial()
    assert "press 1" in call.last()
    [contact] = await centre.contacts()
    assert (contact.state, contact.turn) == ("in_flow", 1)


async def test_an_end_before_the_beginning_is_one_ended_contact(centre: Centre) -> None:
    call = TwilioCall(centre, CALL)
    await status(call, "completed", 2)
    await call.dial()
    assert call.over
    [contact] = await centre.contacts()
    assert (contact.state, contact.outcome) == ("ended", "hung_up")
    assert ("ask", "") in await centre.path(contact.id)


async def test_a_status_after_the_end_is_noted_once_and_changes_nothing(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await status(call, "completed", 3)
    before = await centre.contact(CALL)
    for process in (centre, centre.restarted(), centre):
        call.centre = process
        await status(call, "in-progress", 1)
        await status(call, "completed", 3)
    after, entries, _ = await everything(centre)
    assert (after.state, after.outcome, after.ended_at) == (before.state, before.outcome, before.ended_at)
    noted = [(entry.data["status"], entry.data.get("late", False)) for entry in entries[-1:]]
    assert noted == [("in_progress", True)]
    assert [entry.kind for entry in entries].count("call_status") == 2


async def test_a_status_of_a_leg_never_ends_the_call(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    await call.press("4")
    form = call.form(CallSid="CA" + "9" * 32, ParentCallSid=CALL, CallStatus="completed")
    await centre.deliver(centre.voice, signed(centre.voice, "/twilio/voice/leg", form))
    contact = await centre.contact(CALL)
    assert (contact.state, contact.outcome) == ("connected", "answered")


async def test_the_sweep_and_a_turn_at_once_lose_nothing(any_centre: Centre) -> None:
    centre = any_centre
    for number in range(6):
        call = await TwilioCall(centre, f"CA{number:032d}").dial()
        centre.clock.advance(centre.room.silent_limit.total_seconds() + 1)
        call.centre = centre.restarted()
        swept, _ = await together(centre.sweep.once(), call.press("2"))
        contact = await centre.contact(call.sid)
        entries = await centre.journal(contact.id)
        assert [entry.seq for entry in entries] == list(range(contact.journal_length))
        assert ("order", "") in await centre.path(contact.id)
        assert (contact.state == "ended") == (swept == 1) == call.over
        await call.hang_up()


# --- forged ----------------------------------------------------------------------------------------------


async def test_a_forged_delivery_leaves_no_trace(centre: Centre) -> None:
    call = await TwilioCall(centre, CALL).dial()
    before = await everything(centre)
    action = call.verb("Gather").attrib["action"]
    real = signed(centre.voice, action, call.form(Digits="2"))
    forgeries = (
        signed(centre.voice, action, call.form(Digits="2"), auth="f" * 32),
        signed(centre.voice, action, call.form(Digits="2", AccountSid="AC" + "9" * 32)),
        signed(centre.voice, "/twilio/voice/status", call.form(CallStatus="completed"), auth="f" * 32),
        replace_form(real, Digits="3"),
    )
    for forged in forgeries:
        with pytest.raises(Forged):
            await centre.deliver(centre.voice, forged)
    assert await everything(centre) == before


def replace_form(inbound: Inbound, **fields: str) -> Inbound:
    """A request whose form was changed after it was signed."""
    form = tuple((name, fields.get(name, value)) for name, value in inbound.form)
    return msgspec.structs.replace(inbound, form=form)
