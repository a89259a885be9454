"""Rasa's own virtual environment in the data folder, made from the locked packages."""

from __future__ import annotations

import fcntl
import hashlib
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from contact_center.rasa_env.errors import RasaEnvError

Say = Callable[[str], None]
"""Tells people how far it is."""

SDISTS: Final = ("docopt", "jieba", "mattermostwrapper", "randomname")
"""Locked packages that exist as sources only; they are built with the locked tools, offline."""

TOOLS: Final = frozenset({"setuptools", "wheel"})
"""Locked packages that build the others."""

_NAME = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_DROPPED = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PYTHONPATH", "PYTHONHOME")


class Environment:
    """The environment below ``folder``, for the packages of ``lock``.

    A stamp in it says what it was made for; it is absent while something is being changed, so that an
    interrupted set-up is done again.
    """

    def __init__(self, folder: Path, lock: Path) -> None:
        self._folder = folder
        self._lock = lock
        self.venv = folder / "env"
        self.python = self.venv / "bin" / "python"
        self._stamp = self.venv / "cc-stamp"

    def wanted(self) -> str:
        """The stamp of an environment that is as it should be."""
        try:
            content = self._lock.read_bytes()
        except OSError:
            raise RasaEnvError(
                f"{self._lock} is missing: Rasa's environment is made from a checkout of the project."
            ) from None
        return f"folder {self.venv}\nlock {hashlib.sha256(content).hexdigest()}\n"

    def problem(self) -> str:
        """Why it must be made, '' where it can be used."""
        wanted = self.wanted()
        if not self.python.exists():
            return "there is none yet"
        try:
            stamp = self._stamp.read_text(encoding="utf-8")
        except OSError:
            return "its set-up was never completed"
        return "" if stamp == wanted else "the locked packages or its place changed"

    def prepare(
        self, python: Callable[[], tuple[str, ...]], say: Say, environment: Mapping[str, str]
    ) -> bool:
        """Make it where it is not as it should be; True where it was made. ``python`` is asked only then."""
        if not self.problem():
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        with _alone(self._folder, say):
            problem = self.problem()
            if not problem:
                return False
            command = python()
            clean = {name: value for name, value in environment.items() if name not in _DROPPED}
            say(f"making Rasa's environment in {self.venv}: {problem} (about 3 minutes and 3 GB)")
            _run(
                [*command, "-m", "venv", "--clear", str(self.venv)], clean, _ignore, "making the environment"
            )
            blocks = list(lock_blocks(self._lock.read_text(encoding="utf-8")))
            self._install("tools", [text for name, text in blocks if name in TOOLS], say, clean)
            self._install("packages", [text for name, text in blocks if name not in TOOLS], say, clean)
            self._stamp.write_text(self.wanted(), encoding="utf-8")
            say("Rasa's environment is ready")
        return True

    def _install(self, what: str, blocks: list[str], say: Say, environment: Mapping[str, str]) -> None:
        requirements = self._folder / f"{what}.txt"
        requirements.write_text("\n".join(blocks) + "\n", encoding="utf-8")
        command = [
            str(self.python), "-Iu", "-m", "pip", "install", "--no-user", "--no-deps", "--require-hashes",
            "--ignore-requires-python", "--no-build-isolation", "--only-binary=:all:",
            f"--no-binary={','.join(SDISTS)}", "--no-compile", "--no-input", "--progress-bar=off",
            "--disable-pip-version-check", "-r", str(requirements),
        ]  # fmt: skip
        fetched = 0

        def note(line: str) -> None:
            nonlocal fetched
            if line.startswith("Collecting "):
                fetched += 1
                if fetched % 20 == 0:
                    say(f"  {fetched} of {len(blocks)} packages fetched")
            elif line.startswith("Installing collected packages") and len(blocks) > len(TOOLS):
                say("  all fetched, unpacking")

        _run(command, environment, note, f"installing Rasa's {what}")
        requirements.unlink()


def lock_blocks(lock: str) -> Iterator[tuple[str, str]]:
    """Each package of a lock file: its name in lower case and its lines, hashes with it."""
    starts = [(match["name"].lower(), match.start()) for match in _NAME.finditer(lock)]
    ends = [start for _, start in starts[1:]] + [len(lock)]
    for (name, start), end in zip(starts, ends, strict=True):
        lines = [line for line in lock[start:end].splitlines() if not line.lstrip().startswith("#")]
        yield name, "\n".join(lines).strip()


@contextmanager
def _alone(folder: Path, say: Say) -> Iterator[None]:
    """Wait until no other set-up works in this folder."""
    with (folder / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of Rasa is at work in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ignore(line: str) -> None:
    """Progress that nobody wants to see."""


def _run(command: list[str], environment: Mapping[str, str], note: Callable[[str], None], doing: str) -> None:
    """Run a command to its end; raises `RasaEnvError` with what it means where it fails."""
    printed: list[str] = []
    with subprocess.Popen(  # noqa: S603 our own words
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as child:
        try:
            for line in child.stdout or ():
                printed.append(line)
                note(line)
        except BaseException:
            child.terminate()
            raise
    if child.returncode:
        raise RasaEnvError(explain(doing, "".join(printed)))


_FAILURES = {
    r"No space left on device|Disk quota exceeded": "the disk is full: free 6 GB, then run it again",
    r"Permission denied|Read-only file system": "the folder is not writable for this user",
    r"DO NOT MATCH THE HASHES": (
        "a package differs from the one that was locked (a damaged download, or a mirror that changes"
        " packages): run `pip cache purge`, then again"
    ),
    r"Retrying \(|Max retries|Connection (refused|reset)|timed out|Name or service|ProxyError|SSLError": (
        "the package registry is out of reach: check the network and the proxy (HTTPS_PROXY), or name a"
        " mirror that you can reach (PIP_INDEX_URL), then run it again"
    ),
    r"No matching distribution found for (\S+)": (
        "the package registry has no ready-made package for this machine: Linux on x86-64 is supported"
    ),
    r"ensurepip": "this Python lacks ensurepip (Debian, Ubuntu: apt install python3.11-venv)",
}


def explain(doing: str, printed: str) -> str:
    """Why a command failed and what to do, from what it printed."""
    for pattern, remedy in _FAILURES.items():
        if found := re.search(pattern, printed):
            return f"{doing} failed ({found[0][:120]}): {remedy}"
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or ["nothing printed"]
    return f"{doing} failed: {errors[-1][:300]}"
