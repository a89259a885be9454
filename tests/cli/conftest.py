"""The program over a real store: a folder with a configuration and a database with the sample rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from contact_center.cli import main
from crm_store import migrate
from crm_store.ids import Ids
from crm_store.store import Store
from tests.api.samples import Samples

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass
class Program:
    """`contact-center` in a folder."""

    config: Path
    store: Store
    samples: Samples

    def run(self, *words: str) -> Result:
        """The command with these words; its outputs and exit status."""
        return CliRunner().invoke(main, [*words, "--config", str(self.config)])

    def lines(self, *words: str) -> list[str]:
        """What it prints, where it must work."""
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    def json(self, *words: str) -> Any:
        """What it prints with ``--json``."""
        return json.loads("\n".join(self.lines(*words, "--json")))

    def error(self, *words: str) -> str:
        """The line on which it ends, where it must fail."""
        result = self.run(*words)
        assert result.exit_code != 0
        assert result.stdout == ""
        return result.stderr.strip().splitlines()[-1]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    config = tmp_path / "config.yaml"
    config.write_text("store: {url: 'sqlite:///data.db'}\ncompany: {timezone: Asia/Shanghai}\n")
    store = Store(f"sqlite:///{tmp_path / 'data.db'}")
    migrate.upgrade(store.engine)
    with store.writing() as connection:
        samples = Samples.make(connection, Ids(lambda: AT, Random(1)), AT)
    yield Program(config, store, samples)
    store.close()
