"""A site with a web chat, on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm_store.store import Store
from tests.api.conftest import ON_BOTH, migrated_file, migrated_postgres, store
from tests.chat.site import Site, opened_site

__all__ = ["ON_BOTH", "migrated_file", "migrated_postgres", "store"]


@pytest.fixture
async def site(store: Store, tmp_path: Path) -> AsyncIterator[Site]:
    """A site over the test's store (see `ON_BOTH`)."""
    async with opened_site(store, tmp_path) as opened:
        yield opened
