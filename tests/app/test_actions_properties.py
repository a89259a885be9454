"""Whatever happens in whatever order, the laws of `tests.app.laws` hold after every step."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from crm_store.store import Store
from tests.app.centre import open_centre, sqlite_url
from tests.app.commotion import TURMOIL, Commotion
from tests.app.deeds import DEEDS, busy, do

Place = tuple[asyncio.Runner, Commotion]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One centre for all runs, with the loop that it lives on."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        url = sqlite_url(tmp_path_factory.mktemp("commotion"))
        centre = runner.run(stack.enter_async_context(open_centre(url, TURMOIL)))
        be_careless(centre.room.store)
        yield runner, Commotion(centre)
        runner.run(stack.aclose())


def be_careless(store: Store) -> None:
    """Do not wait for the disk: nobody needs what is in it afterwards."""
    store.engine.dispose()

    @sa.event.listens_for(store.engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")


STEPS = st.lists(
    st.tuples(st.integers(0, len(DEEDS) - 1), st.integers(0, 9), st.integers(0, 19)), min_size=10, max_size=30
)


async def happen(commotion: Commotion, steps: list[tuple[int, int, int]]) -> None:
    await commotion.begin()
    await busy(commotion)
    await commotion.check()
    for what, who, how in steps:
        note(f"{await do(commotion, what, who, how)} {who} {how}")
        await commotion.check()


@settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_the_laws_hold_whatever_happens(place: Place, steps: list[tuple[int, int, int]]) -> None:
    runner, commotion = place
    runner.run(happen(commotion, steps))
