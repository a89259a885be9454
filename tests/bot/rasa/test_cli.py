"""``contact-center rasa``: what it says before there is anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from contact_center.cli.rasa import rasa
from contact_center.rasa_env.pythons import VARIABLE


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CC_CONFIG", raising=False)
    return CliRunner()


def test_status_tells_what_is_missing_and_makes_nothing(runner: CliRunner, tmp_path: Path) -> None:
    done = runner.invoke(rasa, ["status"])
    assert done.exit_code == 0, done.output
    fields = dict(line.split(maxsplit=1) for line in done.output.splitlines())
    assert fields["environment"] == "there is none yet"
    assert fields["model"].startswith("not trained")
    assert fields["server"] == "does not run"
    assert fields["project"].endswith("rasa_project")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["setup"], ["train"], ["serve"], ["test"], []])
def test_without_a_fitting_python_each_command_says_what_to_do(
    runner: CliRunner, command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "no-python"))
    done = runner.invoke(rasa, command)
    assert done.exit_code == 1
    assert f"no-python does not start: give another with --python or {VARIABLE}" in done.output


def test_a_configuration_that_the_project_lacks_is_named(runner: CliRunner) -> None:
    done = runner.invoke(rasa, ["status", "--model-config", "config_died.yml"])
    assert done.exit_code == 1
    assert "config_diet.yml" in done.output
