"""The lock files: complete, hashed, in step with pyproject.toml, and naming no machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<marker> ; .*?)? \\$")


def read_pins(profile: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{profile}.txt").read_text()
    found = [PIN.match(line) for line in text.splitlines()]
    return {pin["name"]: pin["version"] for pin in found if pin}


def declared(extra: str = "") -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return [Requirement(line) for line in lines if not line.startswith("contact-center")]


@pytest.mark.parametrize(
    ("profile", "extra"), [("runtime", ""), ("runtime", "tracing"), ("dev", ""), ("dev", "dev")]
)
def test_every_declared_dependency_is_locked_in_an_allowed_version(profile: str, extra: str) -> None:
    pins = read_pins(profile)
    for requirement in declared(extra):
        name = requirement.name.lower().replace("_", "-")
        assert name in pins, f"run `make lock`: {name} is not in requirements/{profile}.txt"
        assert requirement.specifier.contains(pins[name]), f"run `make lock`: {name} is too old"


def test_dev_contains_runtime() -> None:
    assert read_pins("runtime").items() <= read_pins("dev").items()


@pytest.mark.parametrize("profile", ["runtime", "dev"])
def test_every_pin_has_hashes_and_no_place_it_came_from(profile: str) -> None:
    lines = (ROOT / "requirements" / f"{profile}.txt").read_text().splitlines()
    code = [line for line in lines if not line.lstrip().startswith("#")]
    for line, following in zip(code, [*code[1:], ""], strict=True):
        if PIN.match(line):
            assert following.startswith("    --hash=sha256:")
        else:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
