"""A company with the built-in phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.local_carrier.company import Company, open_company, seeded_file


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo data, to be copied."""
    path = tmp_path_factory.mktemp("seeded") / "cc.db"
    seeded_file(path)
    return path


@pytest.fixture
async def company(seeded: Path, tmp_path: Path) -> AsyncIterator[Company]:
    async with open_company(seeded, tmp_path) as opened:
        yield opened
