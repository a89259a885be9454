"""The checks of the pages for the browser: types, their own tests, what they weigh, where packages come from.

They need Node and what `cc.py test` has fetched for them. Without these they are left out on a machine of
somebody who works on something else, with the reason; in CI they fail. Where nothing has changed since they
passed they are not run again, in CI they are.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from contact_center.api.openapi import document
from contact_center.web_build import STATIC, WEB, BuildError, find_node, is_current

LEFT_OUT = frozenset({"node_modules", "dist", ".vite", "coverage"})
WAY_OUT = "; `python3 cc.py test` fetches and builds what is needed"
KILO = 1000
PATIENCE = 600
"""Seconds for one script of npm's; it takes some ten."""


def leave_out(why: str) -> None:
    """Skip, or in CI fail."""
    if os.environ.get("CI"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def sources() -> str:
    """A digest of all that the checks look at: the pages, their tests, and the API that they are typed by."""
    found = sha256(document().encode())
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(files):
            if name != "schema.ts":  # made of the document
                path = Path(folder, name)
                found.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


@pytest.mark.check
@pytest.mark.parametrize(("script", "tool"), [("check", "tsc"), ("test", "vitest")])
def test_npm(script: str, tool: str, pytestconfig: pytest.Config) -> None:
    if not (WEB / "node_modules" / ".bin" / tool).exists():
        leave_out(f"web/node_modules lacks {tool}{WAY_OUT}")
    try:
        node = find_node()
    except BuildError as error:
        leave_out(str(error))
    cache, key, present = getattr(pytestconfig, "cache", None), f"web/{script}", sources()
    if not os.environ.get("CI") and cache is not None and cache.get(key, "") == present:
        pytest.skip(f"npm run {script} has passed with these very sources")
    path = f"{Path(node.command[0]).resolve().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    ran = subprocess.run(
        [*node.npm, "run", script],
        cwd=WEB,
        env=os.environ | {"PATH": path, "CI": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    if ran.returncode:
        pytest.fail(f"npm run {script}:\n{ran.stdout}", pytrace=False)
    if cache is not None:
        cache.set(key, present)


def test_no_package_comes_from_a_place_of_ours() -> None:
    """Whoever sets up takes their own registry: a lock file that names one would break all others."""
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    assert lock["lockfileVersion"] >= 3
    for name, package in lock["packages"].items():
        if name:
            assert "resolved" not in package, f"{name}: run npm with omit-lockfile-registry-resolved"
            assert package.get("integrity", "").startswith("sha512-"), f"{name} has no hash"
        package.pop("funding", None)  # where its makers may be thanked
        assert "://" not in json.dumps(package), name
    for path in (WEB / ".npmrc", WEB.parent / ".npmrc"):
        assert not path.exists() or "registry=" not in path.read_text("utf-8")


def first_load(page: Path, prefix: str) -> Iterator[Path]:
    """A page and the files that it asks for at once."""
    yield page
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.read_text("utf-8")):
        assert address.startswith(prefix), f"{page}: {address}"
        yield page.parent / address.removeprefix(prefix)


def weight(*paths: Path) -> int:
    """Bytes as they are sent, compressed."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize(
    ("name", "prefix", "most"), [("desk", "/desk/", 300), ("phone", "/phone/", 25), ("widget", "", 25)]
)
def test_the_pages_are_light(name: str, prefix: str, most: int) -> None:
    if not is_current():
        leave_out(f"the pages are not built from the sources as they are{WAY_OUT}")
    folder = STATIC / name
    found = [folder / "widget.js"] if name == "widget" else list(first_load(folder / "index.html", prefix))
    assert len(found) == 1 or any(path.suffix == ".js" for path in found)
    kilobytes = weight(*found) / KILO
    assert kilobytes < most, f"the first load of {name} is {kilobytes:.1f} kB compressed; {most} are allowed"


def test_what_is_built_runs_under_the_pages_policy() -> None:
    """No script in the page, nothing that makes code of words, no other host."""
    if not is_current():
        leave_out(f"the pages are not built from the sources as they are{WAY_OUT}")
    for page in STATIC.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|<style|\sstyle=|javascript:", text), page
        assert not re.search(r'<(?:script|img|link)\b[^>]*(?:src|href)="(?:https?:)?//', text), page
    for script in STATIC.rglob("*.js"):
        text = script.read_text("utf-8")
        assert not re.search(r"(?<![\w.$])(?:eval|Function)\(\s*['\"`]", text), script
        assert "sourceMappingURL" not in text, script
