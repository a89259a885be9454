"""A browser whose connection broke: its calls wait for it, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.config.phone import Phone as PhoneSettings
from contact_center.local_carrier.messages import Error, ToPhone
from contact_center.local_carrier.phones import CUSTOMER, MOST_KEPT, Phone, Phones
from tests.app.floor import GRACE
from tests.local_carrier.company import Company, open_company
from tests.local_carrier.phone import PATIENCE, TestPhone, phone
from tests.local_carrier.test_calls_with_agents import talking

GRACE_SECONDS = 15.0


def lines_told(found: Phone) -> list[ToPhone | None]:
    """What its present connection is still to send."""
    return [found.lines.get_nowait() for _ in range(found.lines.qsize())]


async def broken(caller: TestPhone) -> None:
    """The connection breaks: it is gone without a goodbye."""
    connection = caller.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.abort()
    await caller.socket.close()


@asynccontextmanager
async def again(
    company: Company, before: TestPhone, token: str = "", **hello: Any
) -> AsyncIterator[TestPhone]:
    """The same browser over a new connection."""
    ready = before.lines[0]
    heard = sum(line["type"] != "ready" for line in before.lines)
    async with phone(company.url, token, **{"resume": ready["resume"], "heard": heard} | hello) as resumed:
        resumed.call = before.call
        yield resumed


def ready_of(caller: TestPhone) -> dict[str, Any]:
    return next(line for line in caller.lines if line["type"] == "ready")


async def test_a_caller_in_a_menu_goes_on_where_the_connection_broke(company: Company) -> None:
    async with phone(company.url) as caller:
        await caller.dial("1001")
        await caller.hear("For orders press 1")
        await broken(caller)
        async with again(company, caller) as resumed:
            assert ready_of(resumed)["resumed"]
            await resumed.press("1")
            await resumed.hear("Please hold")
            assert len(list(company.carrier.exchange.phones)) == 1


async def test_what_was_said_meanwhile_is_said_again_and_only_that(company: Company) -> None:
    async with talking(company) as talk:
        await broken(talk.caller)
        await company.does(GRACE, talk.work, "hold", {"on": True})
        async with again(company, talk.caller) as resumed:
            assert (await resumed.talk())["hold"]
            await resumed.hear_music()
            assert not any(line["type"] in ("placed", "state", "ended") for line in resumed.lines)


async def test_after_the_grace_it_is_hung_up(company: Company) -> None:
    async with talking(company) as talk:
        await broken(talk.caller)
        await company.timers.pass_by(GRACE_SECONDS)
        await talk.desk.talk(lambda line: not line["peers"])
        async with again(company, talk.caller) as late:
            assert not ready_of(late)["resumed"]
            assert ready_of(late)["resume"] != ready_of(talk.caller)["resume"]


async def test_an_old_grace_does_not_end_a_call_that_goes_on(company: Company) -> None:
    async with phone(company.url) as caller:
        await caller.dial("1001")
        await caller.hear("For orders press 1")
        await broken(caller)
        async with again(company, caller) as resumed:
            await company.timers.pass_by(GRACE_SECONDS)
            await resumed.press("1")
            await resumed.hear("Please hold")


async def test_an_agents_telephone_goes_on_too_and_only_the_agents(company: Company) -> None:
    async with talking(company) as talk:
        await broken(talk.desk)
        async with again(company, talk.desk) as stranger:
            assert not ready_of(stranger)["resumed"]
        async with again(company, talk.desk, await company.token(GRACE)) as resumed:
            assert ready_of(resumed)["resumed"]
            await resumed.hang_up()
            await resumed.ended()


async def test_other_browsers_of_an_agent_are_left_alone(company: Company) -> None:
    token = await company.token(GRACE)
    async with talking(company) as talk, phone(company.url, token) as second:
        await broken(second)
        await company.timers.pass_by(GRACE_SECONDS)
        assert await talk.state() == "active"
        assert "ended" not in [line["type"] for line in talk.desk.lines]


async def test_a_page_that_is_closed_hangs_up_at_once(company: Company) -> None:
    async with talking(company) as talk:
        await talk.caller.gone()
        await talk.desk.talk(lambda line: not line["peers"])


async def test_a_connection_that_is_still_there_gives_way(company: Company) -> None:
    async with phone(company.url) as caller:
        await caller.dial("1001")
        await caller.hear("For orders press 1")
        async with again(company, caller) as resumed:
            assert ready_of(resumed)["resumed"]
            async with asyncio.timeout(PATIENCE):
                async for _ in caller.socket:
                    pass
            assert caller.socket.closed
            await resumed.press("1")
            await resumed.hear("Please hold")


@pytest.mark.parametrize("hello", [{"resume": "x"}, {"heard": 99}, {"heard": -1}])
async def test_what_cannot_go_on_begins_anew(company: Company, hello: dict[str, Any]) -> None:
    async with phone(company.url) as caller:
        await broken(caller)
        async with again(company, caller, **hello) as anew:
            assert not ready_of(anew)["resumed"]
            await anew.dial("1001")


async def test_lines_of_the_browser_are_counted(company: Company) -> None:
    async with phone(company.url) as caller:
        caller.says_said = False
        await caller.dial("1001")
        await caller.hear("For orders press 1")
        await caller.press("1")
        await caller.hear("Please hold")
        await broken(caller)
        async with again(company, caller) as resumed:
            assert ready_of(resumed)["heard"] == 2


async def test_without_a_grace_it_is_over_at_once(seeded: Path, tmp_path: Path) -> None:
    async with (
        open_company(seeded, tmp_path, PhoneSettings(grace_seconds=0)) as company,
        phone(company.url) as caller,
    ):
        await caller.dial("1001")
        await broken(caller)
        await company.gone(caller)
        assert all(live.call.is_over for live in company.carrier.exchange.calls.values())


@given(told=st.integers(0, 2 * MOST_KEPT), heard=st.integers(-1, 2 * MOST_KEPT + 1))
def test_exactly_what_was_missed_is_told_again(told: int, heard: int) -> None:
    found = Phone("secret", CUSTOMER, "127.0.0.1")
    lines = [Error(str(number)) for number in range(told)]
    for line in lines:
        found.tell(line)
    missed = told - heard
    possible = 0 <= missed <= min(told, MOST_KEPT)
    assert found.resume(heard) is possible
    if possible:
        assert lines_told(found) == lines[heard:]


def test_a_telephone_is_found_by_its_secret_and_its_identity() -> None:
    phones, found = Phones(), Phone("secret", "client:agt_1", "127.0.0.1")
    phones.add(found)
    assert phones.of("secret", "client:agt_1") is found
    for name, identity in (("secret", CUSTOMER), ("secret", "client:agt_2"), ("", CUSTOMER)):
        assert phones.of(name, identity) is None
    found.hang_up()
    assert not found.resume(0)
