"""A running centre and people with browsers, for each test its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.people import Street, street
from tests.browser.site import Site, prepare
from tests.support.chromium import chromium


@pytest.fixture(scope="session")
def browser_path() -> str:
    return chromium()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a centre has in its folder after its first start, made once."""
    var = tmp_path_factory.mktemp("prepared") / "var"
    prepare(var)
    return var


@pytest.fixture
async def site(tmp_path: Path, prepared: Path) -> AsyncIterator[Site]:
    """A centre of the demo, on SQLite, with the bot and the telephone that come with it."""
    centre = Site(tmp_path, prepared)
    await centre.start()
    try:
        yield centre
    finally:
        centre.stop()


@pytest.fixture
async def people(site: Site, browser_path: str, tmp_path: Path) -> AsyncIterator[Street]:
    async with street(site, browser_path, tmp_path) as here:
        yield here
