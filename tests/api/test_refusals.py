"""What no client should send, and what happens when something breaks: problems, and never a trace."""

from __future__ import annotations

from typing import Any

import pytest

from contact_center.api import customers as resource
from crm_store import journal
from crm_store.errors import Conflict, StoreDown
from crm_store.store import Store
from tests.api.conftest import Api

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b'"text"', JSON, 400),
        (b'{"name": "\\u0000"}', JSON, 400),
        (b'{"name": "\xff"}', JSON, 400),
        (b'{"name": NaN}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"name=Li", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415),
        (b'{"name": "' + b"x" * 2_000_000 + b'"}', JSON, 413),
        (b'{"name": "' + b"x" * 300 + b'"}', JSON, 422),
    ],
)
async def test_a_body_that_cannot_be_is_refused(
    api: Api, data: bytes, headers: dict[str, str], status: int
) -> None:
    await api.problem(status, "POST", "/customers", data=data, headers=headers)


async def test_a_body_is_limited_also_where_its_length_is_not_told(api: Api) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * 65_536

    await api.problem(413, "POST", "/customers", data=endless(), headers=JSON)


async def test_an_empty_body_is_an_empty_object(api: Api) -> None:
    problem = await api.problem(422, "POST", f"/contacts/{api.samples.call}/notes")
    assert problem["errors"] == [{"field": "text", "detail": "is needed"}]


async def test_odd_names_in_a_path_lead_nowhere(api: Api) -> None:
    for name in ("%00", "x" * 300, "%0A", "..%2f..%2fetc"):
        assert (await api.ask("GET", f"/contacts/{name}")).status == 404


async def test_a_failure_of_ours_shows_a_reference_and_no_trace(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(resource, "customer_detail", broken)
    problem = await api.problem(500, "GET", f"/customers/{api.samples.li}")
    assert "err_" in problem["detail"]
    assert "secret" not in str(problem)


async def test_a_store_that_is_down_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> Any:
        raise StoreDown("the database does not answer; see `contact-center doctor`")

    monkeypatch.setattr(resource, "customer_detail", down)
    response = await api.ask("GET", f"/customers/{api.samples.li}")
    assert response.status == 503
    assert "Retry-After" in response.headers


async def test_a_lost_race_is_run_again(api: Api, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = iter([Conflict("first"), Conflict("second")])
    append = journal.append

    def racing(*given: Any) -> int:
        error = next(tries, None)
        if error is not None:
            raise error
        return append(*given)

    monkeypatch.setattr(journal, "append", racing)
    path = f"/contacts/{api.samples.call}/notes"
    assert (await api.ask("POST", path, {"text": "once"})).status == 201
    with store.reading() as connection:
        notes = [entry for entry in journal.read(connection, api.samples.call) if entry.kind == "note"]
    assert len(notes) == 1


async def test_a_race_that_is_always_lost_is_a_conflict(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: Any) -> int:
        raise Conflict("the contact was changed by somebody else meanwhile")

    monkeypatch.setattr(journal, "append", lost)
    problem = await api.problem(409, "POST", f"/contacts/{api.samples.call}/notes", {"text": "never"})
    assert problem["code"] == "conflict"
    assert api.changed == []
