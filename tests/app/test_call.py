"""A call from the first ring to the log, through the shipped flows, as Twilio would conduct it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_center.replay import replay
from tests.app.centre import KNOWN, STRANGER, TwilioCall, open_centre, sqlite_url

BRIEF = {
    "brief": """
flow: brief
languages: [en]
start: ask
person: wait
nodes:
  ask:
    kind: menu
    text: "For orders press 1, for complaints press 2."
    choices:
      - {key: "1", label: Orders, words: [orders], next: wait}
      - {key: "2", label: Complaints, words: [complaint], next: what}
  what:
    kind: collect
    text: "What went wrong?"
    accept: words
    max: 200
    speech: true
    save_as: what
    next: pin
  pin:
    kind: collect
    text: "Your secret code?"
    min: 4
    max: 4
    sensitive: true
    save_as: pin
    next: open
  open:
    kind: open_ticket
    category: complaint
    subject: "{{ what }} {{ pin }}"
    severity: high
    save_as: ticket
    next: told
    on_error: wait
  told:
    kind: say
    text: "Your number is {{ ticket.number }}."
    next: bye
  wait:
    kind: queue
    queue: general
    max_wait: 60
    announcements: ["Please hold."]
    exits: [{key: "1", value: stop, next: bye}]
    next: bye
    timed_out: late
    error: bye
  late:
    kind: say
    text: "Nobody was free."
    next: bye
  bye:
    kind: hang_up
    text: "Goodbye."
"""
}


async def test_a_stranger_complains_and_the_log_tells_it(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        call = await TwilioCall(centre, "CA" + "1" * 32).dial()
        await call.press("2")
        await call.say("the parcel was wet")
        await call.press("4711")
        assert "Your number is" in " ".join(call.heard)
        assert call.over
        [contact] = await centre.contacts()
        assert (contact.state, contact.outcome, contact.from_address) == ("ended", "ticket", STRANGER)
        kinds = [entry.kind for entry in await centre.journal(contact.id)]
        assert kinds[0] == "contact_started"
        assert "ticket_opened" in kinds
        assert kinds[-1] == "contact_ended"


async def test_a_sensitive_answer_is_kept_nowhere(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        call = await TwilioCall(centre, "CA" + "1" * 32).dial()
        await call.press("2")
        await call.say("the parcel was wet")
        await call.press("4711")
        [contact] = await centre.contacts()
        entries = await centre.journal(contact.id)
        assert not [entry for entry in entries if "4711" in str(entry.data)]
        assert "4711" not in contact.session
        assert (await replay(centre.room, contact.id)).same


async def test_a_known_customer_is_recognised(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path)) as centre:
        call = await TwilioCall(centre, "CA" + "2" * 32, caller=KNOWN).dial()
        [contact] = await centre.contacts()
        assert contact.customer_id is not None
        recognised = [e for e in await centre.journal(contact.id) if e.kind == "customer_recognised"]
        assert recognised[0].data["first_name"] in " ".join(call.heard)


@pytest.mark.parametrize("caller", ["anonymous", "+266696687", "client:browser", "12345", ""])
async def test_an_odd_caller_is_served_and_nobody_is_guessed(tmp_path: Path, caller: str) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        call = await TwilioCall(centre, "CA" + "3" * 32, caller=caller).dial()
        await call.press("1")
        assert call.verb("Enqueue") is not None
        [contact] = await centre.contacts()
        assert contact.customer_id is None


async def test_a_caller_waits_leaves_by_a_key_and_goes_on(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        call = await TwilioCall(centre, "CA" + "4" * 32).dial()
        await call.press("1")
        enqueue = call.verb("Enqueue").attrib["action"]
        [contact] = await centre.contacts()
        assert (contact.state, contact.queue) == ("waiting", "general")
        await call.wait_page()
        assert "Please hold" in call.last()
        await call.press("1")
        assert call.verb("Leave") is not None
        await call.fetch(enqueue, QueueResult="leave", QueueTime="7")
        assert "Goodbye" in call.last()
        [contact] = await centre.contacts()
        assert contact.state == "ended"
        assert contact.queued_at is not None


async def test_waiting_longer_than_the_queue_allows_leads_on(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        call = await TwilioCall(centre, "CA" + "5" * 32).dial()
        await call.press("1")
        enqueue, page = call.verb("Enqueue").attrib["action"], call.verb("Enqueue").attrib["waitUrl"]
        centre.clock.advance(61)
        await call.fetch(page, QueuePosition="1", QueueTime="61")
        assert call.verb("Leave") is not None
        await call.fetch(enqueue, QueueResult="leave", QueueTime="61")
        assert "Nobody was free" in call.last()


async def test_hanging_up_in_the_menu_and_in_line_are_told_apart(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        first = await TwilioCall(centre, "CA" + "6" * 32).dial()
        await first.hang_up()
        centre.clock.advance(1)
        second = await TwilioCall(centre, "CA" + "7" * 32).dial()
        await second.press("1")
        await second.hang_up()
        outcomes = [(contact.outcome, contact.end_reason) for contact in await centre.contacts()]
        assert outcomes == [("hung_up", "customer"), ("abandoned", "customer")]


async def test_a_call_whose_end_is_never_reported_is_closed_and_says_so(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        await TwilioCall(centre, "CA" + "8" * 32).dial()
        assert await centre.sweep.once() == 0
        centre.clock.advance(centre.room.silent_limit.total_seconds() + 1)
        assert await centre.sweep.once() == 1
        [contact] = await centre.contacts()
        assert (contact.state, contact.outcome, contact.end_reason) == ("ended", "unknown", "no_end_reported")
        assert "closed_by_sweep" in [entry.kind for entry in await centre.journal(contact.id)]


async def test_after_a_restart_the_call_goes_on_where_it_was(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path), BRIEF) as centre:
        call = await TwilioCall(centre, "CA" + "9" * 32).dial()
        await call.press("2")
        call.centre = centre.restarted()
        await call.say("the parcel was wet")
        assert "secret code" in call.last()


async def test_replay_takes_the_recorded_path(tmp_path: Path) -> None:
    async with open_centre(sqlite_url(tmp_path)) as centre:
        call = await TwilioCall(centre, "CA" + "a" * 32, caller=KNOWN).dial()
        for _ in range(3):
            await call.press("9")
        await call.hang_up()
        [contact] = await centre.contacts()
        told = await replay(centre.room, contact.id)
        assert told.same, told.first_difference
        assert len(told.turns) >= 4


async def test_the_place_in_line_is_that_of_the_priority(tmp_path: Path) -> None:
    hurried = BRIEF["brief"].replace(
        '{key: "2", label: Complaints, words: [complaint], next: what}',
        '{key: "2", label: Complaints, words: [complaint], next: soon}',
    )
    hurried += """
  soon: {kind: queue, queue: general, priority: 9, max_wait: 60, next: bye, error: bye}
  unused: {kind: goto, next: what}
"""
    async with open_centre(sqlite_url(tmp_path), {"brief": hurried}) as centre:
        places = []
        for number, key in enumerate("112"):
            call = await TwilioCall(centre, f"CA{number:032x}").dial()
            await call.press(key)
            centre.clock.advance(1)
        for contact in await centre.contacts():
            places += [e.data["position"] for e in await centre.journal(contact.id) if e.kind == "queued"]
        assert places == [1, 2, 1]
