"""Any interleaving of one call's deliveries, with duplicates, over two processes, ends in the same state."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.centre import Centre, TwilioCall, open_centre, signed, sqlite_url, together
from tests.app.flows import DESK


@dataclass(frozen=True)
class Request:
    """One of a call's deliveries, for any call: ``token`` is what its redeliveries repeat."""

    url: str
    fields: tuple[tuple[str, str], ...]
    token: str


STATUSES = tuple(
    Request("/twilio/voice/status", (("CallStatus", word), ("SequenceNumber", str(number))), f"s{number}")
    for number, word in enumerate(("ringing", "in-progress"))
)
END = Request("/twilio/voice/status", (("CallStatus", "completed"), ("SequenceNumber", "2")), "s2")

JOURNEYS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "complaint": (
        ("Gather", {"Digits": "2"}),
        ("Gather", {"Digits": "10001"}),
        ("Gather", {"SpeechResult": "the parcel was wet"}),
    ),
    "voicemail": (
        ("Gather", {"Digits": "3"}),
        ("Record", {"RecordingSid": "RE", "RecordingDuration": "7", "Digits": "hangup"}),
    ),
    "queue": (
        ("Gather", {"Digits": "1"}),
        ("wait", {"QueueTime": "5"}),
        ("Gather", {"Digits": "7"}),
        ("wait", {"QueueTime": "31"}),
        ("Enqueue", {"QueueResult": "leave"}),
        ("Enqueue", {"QueueResult": "bridged"}),
        ("Gather", {"Digits": "2"}),
    ),
    "colleague": (
        ("Gather", {"Digits": "4"}),
        ("Dial", {"DialCallStatus": "completed", "DialCallDuration": "9"}),
        ("Gather", {"Digits": "1"}),
    ),
}


async def recorded(centre: Centre, name: str) -> list[Request]:
    """The requests of a journey, in their order, as Twilio makes them when nothing goes wrong."""
    call = await TwilioCall(centre, f"CA{name}").dial()
    requests = [Request("/twilio/voice/incoming", (("CallStatus", "ringing"),), "d0")]
    pages = action = ""
    for number, (verb, fields) in enumerate(JOURNEYS[name], 1):
        enqueue = call.document.find("Enqueue")
        if enqueue is not None:
            pages, action = enqueue.attrib["waitUrl"], enqueue.attrib["action"]
        url = {"wait": pages, "Enqueue": action}.get(verb) or call.verb(verb).attrib["action"]
        if "RecordingSid" in fields:
            fields = fields | {"RecordingSid": "RE" + "0" * 32}
        await call.fetch(url, **fields)
        requests.append(Request(url, tuple(fields.items()), f"d{number}"))
    await call.fetch(END.url, **dict(END.fields))
    return requests


async def sent(centre: Centre, sid: str, request: Request) -> tuple[str, str]:
    """Send ``request`` for the call ``sid``; its token and the body of the answer."""
    fields = TwilioCall(centre, sid).form(**dict(request.fields))
    if "RecordingSid" in fields:
        fields["RecordingSid"] = sid.replace("CA", "RE")
    inbound = signed(centre.voice, request.url, fields, token=f"{sid}-{request.token}")
    outbound = await centre.deliver(centre.voice, inbound)
    return request.token, outbound.body


async def ending(centre: Centre, sid: str) -> dict[str, Any]:
    """What must be the same however a call's deliveries came."""
    contact = await centre.contact(sid)
    entries = await centre.journal(contact.id)
    assert [entry.seq for entry in entries] == list(range(contact.journal_length))
    turns = [
        entry.data["turn"] for entry in entries if entry.kind == "input" and not entry.data.get("ignored")
    ]
    assert turns == list(range(contact.turn)), "a turn is missing, or was taken twice"
    inputs = [entry.data["kind"] for entry in entries if entry.kind == "input"]
    steps = [tuple(step) for entry in entries if entry.kind == "path" for step in entry.data["steps"]]
    tickets = [ticket for ticket in await centre.tickets() if ticket.contact_id == contact.id]
    return {
        "state": contact.state,
        "outcome": contact.outcome,
        "reason": contact.end_reason,
        "language": contact.language,
        "open": contact.due_at,
        "path": steps,
        "inputs": sorted(kind for kind in inputs if kind != "hung_up"),
        "statuses": sorted(entry.data["status"] for entry in entries if entry.kind == "call_status"),
        "tickets": [(ticket.category, ticket.subject, ticket.severity, ticket.version) for ticket in tickets],
        "voicemails": [entry.kind for entry in entries].count("voicemail"),
    }


@st.composite
def interleavings(draw: st.DrawFn, requests: list[Request]) -> list[list[tuple[int, Request]]]:
    """Batches of (process, request): a batch goes out at once. Turns keep their order, because Twilio cannot
    know a turn's address before the turn before it; everything else is anywhere, any number of times."""
    batches: list[list[Request]] = [[request] for request in requests]
    for request in STATUSES:
        batches[draw(st.integers(0, len(requests) - 1))].append(request)
    final = draw(st.integers(len(requests) - 1, len(requests)))
    batches.append([])
    batches[final].insert(draw(st.integers(0, len(batches[final]))), END)
    for _ in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, len(batches) - 1))
        if batches[first]:
            twice = draw(st.sampled_from(batches[first]))
            batches[draw(st.integers(first, len(batches) - 1))].append(twice)
    one_by_one = draw(st.booleans())
    placed = [[(draw(st.integers(0, 1)), request) for request in batch] for batch in batches]
    if one_by_one:
        return [[each] for batch in placed for each in batch]
    return placed


async def play(centres: list[Centre], sid: str, batches: list[list[tuple[int, Request]]]) -> None:
    """Send the batches; every redelivery must be answered as the delivery was. A page of a queue is no such
    thing: it asks what should be heard now, and is told that each time."""
    answers: dict[str, str] = {}
    for batch in batches:
        found = await together(*(sent(centres[process], sid, request) for process, request in batch))
        pages = {request.token for _, request in batch if "/voice/wait?" in request.url}
        for token, body in found:
            assert token in pages or answers.setdefault(token, body) == body, (
                "a redelivery was answered differently"
            )


def normal(requests: list[Request]) -> list[list[tuple[int, Request]]]:
    """Everything once, in its order."""
    return [[(0, request)] for request in (*requests[:1], *STATUSES, *requests[1:], END)]


@pytest.mark.parametrize("journey", JOURNEYS)
def test_any_interleaving_of_a_calls_deliveries_ends_in_the_same_state(journey: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        centre = runner.run(stack.enter_async_context(open_centre(sqlite_url(tmp_path), DESK)))
        requests = runner.run(recorded(centre, journey))
        runner.run(play([centre, centre], "CA" + "0" * 32, normal(requests)))
        wanted = runner.run(ending(centre, "CA" + "0" * 32))
        assert wanted["state"] == "ended"
        numbers = iter(range(1, 1_000_000))

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(interleavings(requests))
        def check(batches: list[list[tuple[int, Request]]]) -> None:
            sid = f"CA{next(numbers):032d}"
            runner.run(play([centre, centre.restarted()], sid, batches))
            assert runner.run(ending(centre, sid)) == wanted

        try:
            check()
        finally:
            runner.run(stack.aclose())


@pytest.mark.parametrize("journey", JOURNEYS)
async def test_everything_twice_at_once_and_over_two_processes(journey: str, fresh_postgres: str) -> None:
    """One case of the property on PostgreSQL, where two processes do meet in the database."""
    async with open_centre(fresh_postgres, DESK) as centre:
        requests = await recorded(centre, journey)
        await play([centre], "CA" + "0" * 32, normal(requests))
        centres, sid = [centre, centre.restarted()], "CA" + "2" * 32
        batches = [[(0, request), (1, request), (1, STATUSES[1]), (0, request)] for request in requests]
        batches[-1] += [(1, END), (0, END)]
        batches += [[(1, STATUSES[0]), (0, requests[0]), (1, requests[-1])]]
        await play(centres, sid, batches)
        assert await ending(centre, sid) == await ending(centre, "CA" + "0" * 32)


async def test_nothing_is_kept_in_memory_of_calls_that_are_over(fresh_sqlite: str) -> None:
    async with open_centre(fresh_sqlite, DESK) as centre:
        for number in range(20):
            call = await TwilioCall(centre, f"CA{number:032d}").dial()
            await call.press("2")
            await call.hang_up()
        assert len(centre.conductor.holding) == 0
        assert not centre.conductor.holding._keys
        assert not centre.conductor._locks
