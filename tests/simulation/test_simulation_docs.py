"""docs/simulation.md names every key and option, and its examples can be used."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from contact_center.cli.simulate import simulate
from contact_center.cli.staffing import staffing
from contact_center.routing.model import QueuePolicy
from contact_center.simulation.distributions import DISTRIBUTIONS
from contact_center.simulation.document import parse_document
from contact_center.simulation.reading import KEYS, read_changes, read_scenario, scenario_of
from contact_center.simulation.runs import run
from contact_center.simulation.scenario import plan_of
from contact_center.simulation.scenarios import shipped

PAGE = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"^```yaml {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"there is no example '{name}'"
    return found[1]


@pytest.mark.parametrize("part", KEYS)
def test_every_key_is_documented(part: str) -> None:
    assert [key for key in KEYS[part] if f"`{key}`" not in PAGE] == []


def test_every_field_of_a_policy_and_every_distribution_is_named() -> None:
    assert [field for field in QueuePolicy.__struct_fields__ if f"`{field}`" not in PAGE] == []
    assert [kind for kind in DISTRIBUTIONS if f"{{{kind}:" not in PAGE] == []
    assert [name for name in shipped() if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("command", [simulate, staffing])
def test_every_option_is_documented(command: click.Command) -> None:
    options = [option for one in command.params for option in one.opts if option.startswith("--")]
    assert [option for option in options if option not in PAGE and option != "--config"] == []


def test_the_first_scenario_runs() -> None:
    scenario = scenario_of(parse_document(block("scenario"), "docs/simulation.md"))
    assert run(lambda number: plan_of(scenario, number)).present.mean.overall.came


def test_the_changes_fit_the_shipped_day(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(block("changes"))
    before = read_scenario(shipped()["one_day"]).policies
    assert read_changes(file, before) != before
