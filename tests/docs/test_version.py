"""The version is told in one way."""

from __future__ import annotations

import tomllib
from pathlib import Path

from click.testing import CliRunner

from contact_center import VERSION
from contact_center.cli import main

ROOT = Path(__file__).parents[2]


def test_the_program_tells_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
    assert VERSION in CliRunner().invoke(main, ["--version"]).output
