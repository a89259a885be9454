"""Idempotency-Key: sent again, answered again, done once."""

from __future__ import annotations

import asyncio
from typing import Any

from crm_store import journal, tickets
from crm_store.store import Store
from tests.api.conftest import ON_BOTH, Api

pytestmark = ON_BOTH

TICKET = {"subject": "No answer from the hotline"}
KEY = {"Idempotency-Key": "order-77/complaint"}


async def count(api: Api) -> int:
    return len((await api.get("/tickets"))["items"])


async def test_the_same_request_gets_the_same_answer_and_is_done_once(api: Api) -> None:
    first = await api.ask("POST", "/tickets", TICKET, headers=KEY)
    second = await api.ask("POST", "/tickets", TICKET, headers=KEY)
    assert (first.status, second.status) == (201, 201)
    assert await first.json() == await second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert await count(api) == 2  # the sample and this one


async def test_sent_many_times_at_once_it_is_done_once(api: Api) -> None:
    answers = await asyncio.gather(*(api.ask("POST", "/tickets", TICKET, headers=KEY) for _ in range(6)))
    assert {answer.status for answer in answers} <= {201, 409}  # 409: the answer is not there yet
    assert await count(api) == 2


async def test_a_key_belongs_to_its_request_token_and_path(api: Api) -> None:
    await api.ask("POST", "/tickets", TICKET, headers=KEY)
    other: dict[str, Any] = {"subject": "Something else"}
    problem = await api.problem(422, "POST", "/tickets", other, headers=KEY)
    assert "take a new one" in problem["detail"]
    assert (await api.ask("POST", "/tickets", TICKET, headers=KEY, role="agent")).status == 201
    assert await count(api) == 3


async def test_a_refusal_does_not_use_the_key_up(api: Api) -> None:
    unknown = TICKET | {"queue": "nowhere"}
    await api.problem(404, "POST", "/tickets", unknown, headers=KEY)
    await api.problem(404, "POST", "/tickets", unknown, headers=KEY)
    assert (await api.ask("POST", "/tickets", TICKET, headers=KEY)).status == 201


async def test_a_note_is_written_once(api: Api, store: Store) -> None:
    path = f"/contacts/{api.samples.call}/notes"
    for _ in range(3):
        assert (await api.ask("POST", path, {"text": "called back"}, headers=KEY)).status == 201
    with store.reading() as connection:
        notes = [entry for entry in journal.read(connection, api.samples.call) if entry.kind == "note"]
        assert len(notes) == 1
        assert len(tickets.history(connection, api.samples.ticket)) == 1
    assert api.changed == [api.samples.call]


async def test_a_key_that_cannot_be_is_refused(api: Api) -> None:
    await api.problem(400, "POST", "/tickets", TICKET, headers={"Idempotency-Key": "x" * 101})


async def test_the_answer_of_a_new_token_is_kept_nowhere(api: Api) -> None:
    body = {"name": "shop", "role": "agent"}
    first = await (await api.ask("POST", "/tokens", body, headers=KEY)).json()
    second = await (await api.ask("POST", "/tokens", body, headers=KEY)).json()
    assert first["secret"] != second["secret"]
