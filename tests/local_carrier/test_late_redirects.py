"""Redirects that the carrier carries out late: the next agent is in the conversation already."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.app.floor import AISHA, GRACE
from tests.local_carrier.company import Company
from tests.local_carrier.phone import ends, phone
from tests.local_carrier.test_calls_with_agents import BOTH, Talk, talking

Redirect = Callable[[], Coroutine[Any, Any, None]]


def held_back(company: Company) -> list[Redirect]:
    """From now on redirects are only carried out when the test does it."""
    calls, late = company.carrier.calls, []
    carry_out = calls.fetch_again

    async def later(*asked: Any) -> None:
        late.append(lambda: carry_out(*asked))

    calls.fetch_again = later  # type: ignore[method-assign]
    return late


async def with_colleague(company: Company, talk: Talk) -> list[Redirect]:
    """The customer is given to Aisha, who is there before anything was said to the customer's own call."""
    late = held_back(company)
    aisha = await company.available(AISHA)
    await company.does(GRACE, talk.work, "transfer", {"agent_id": aisha})
    await company.step()
    await company.accepts(AISHA)
    return late


@pytest.mark.parametrize("order", [(0, 1), (1,), (0, 1, 1), (1, 1)])
async def test_a_redirect_that_comes_late_costs_nobody_the_call(
    company: Company, order: tuple[int, ...]
) -> None:
    """The first is that of the transfer, into the queue; the second that of the agent who is there."""
    async with talking(company) as talk, phone(company.url, await company.token(AISHA)) as other:
        late = await with_colleague(company, talk)
        await other.answer()
        await company.settle()
        assert len(late) == 2
        for number in order:
            await late[number]()
            await company.settle()
            for one in (talk.caller, other):
                await one.talk(lambda line: not line["peers"])
                await one.talk(lambda line: ends(line) == [BOTH])
        await company.settle()
        assert (await talk.state(), (await talk.contact()).state) == ("active", "connected")

        await company.does(AISHA, talk.work, "end")
        await company.settle()
        await talk.caller.hear("That was your colleague.")
        assert await talk.state() == "wrap_up"


async def test_two_redirects_at_once(company: Company) -> None:
    async with talking(company) as talk, phone(company.url, await company.token(AISHA)) as other:
        late = await with_colleague(company, talk)
        await other.answer()
        await company.settle()
        for redirect in late:
            await redirect()
        await talk.caller.talk(lambda line: not line["peers"])
        for one in (talk.caller, other):
            await one.talk(lambda line: ends(line) == [BOTH])
        await company.settle()
        assert await talk.state() == "active"
