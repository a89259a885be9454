"""Finds a Python that Rasa 3.6 runs on: 3.11, which is not always the one that runs the engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from contact_center.rasa_env.errors import RasaEnvError

WANTED: Final = (3, 11)
VARIABLE: Final = "CC_RASA_PYTHON"
_SECONDS = 20.0
_LOOK = (
    "import sys, platform, importlib.util as u;"
    "print(*sys.version_info[:2], platform.system(), platform.machine(),"
    " all(u.find_spec(n) for n in ('venv', 'ensurepip')))"
)

Look = Callable[[tuple[str, ...]], str]
"""Runs a command and returns what it printed, '' where it does not start or fails."""


def find_python(
    environment: Mapping[str, str],
    *,
    which: Callable[[str], str | None] = shutil.which,
    look: Look | None = None,
    given: str = "",
) -> tuple[str, ...]:
    """The command that starts a Python 3.11 with which an environment can be made.

    ``given`` (else the variable `VARIABLE`) is the user's choice. Raises `RasaEnvError` that says what
    was found instead and what to do.
    """
    look = look or _run
    chosen = given or environment.get(VARIABLE, "")
    if chosen:
        problem = _problem(look((chosen, "-c", _LOOK)), chosen)
        if problem:
            raise RasaEnvError(f"{problem}: give another with --python or {VARIABLE}.")
        return (chosen,)
    problems: list[str] = []
    for command in dict.fromkeys(_candidates(environment, which)):
        problem = _problem(look((*command, "-c", _LOOK)), " ".join(command))
        if not problem:
            return command
        if "3.11" in problem and problem not in problems:
            problems.append(problem)
    raise RasaEnvError("\n".join([*problems, _REMEDY]))


_REMEDY = f"""\
Rasa 3.6 needs a Python 3.11 beside the engine's own, and there is none that fits. Any of these gives one:
  Debian 12:            apt install python3.11 python3.11-venv
  Ubuntu 24.04, 22.04:  add-apt-repository ppa:deadsnakes/ppa && apt install python3.11 python3.11-venv
  macOS:                brew install python@3.11
  pyenv:                pyenv install 3.11
  uv:                   uv python install 3.11
  Windows:              winget install Python.Python.3.11
Then run this again. One in an unusual place is named with --python PATH or {VARIABLE}."""


def _candidates(
    environment: Mapping[str, str], which: Callable[[str], str | None]
) -> Iterator[tuple[str, ...]]:
    if sys.version_info[:2] == WANTED:
        yield (getattr(sys, "_base_executable", "") or sys.executable,)
    for name in ("python3.11", "python3", "python"):
        if place := which(name):
            yield (place,)
    home = environment.get("HOME") or environment.get("USERPROFILE") or ""
    pyenv = environment.get("PYENV_ROOT") or (str(Path(home) / ".pyenv") if home else "")
    if pyenv:
        for path in sorted(Path(pyenv).glob("versions/3.11*/bin/python3.11"), reverse=True):
            yield (str(path),)
    if home:
        managed = Path(home) / ".local/share/uv/python"
        for path in sorted(managed.glob("cpython-3.11*/bin/python3.11"), reverse=True):
            yield (str(path),)
    if py := which("py"):
        yield py, "-3.11"


def _problem(printed: str, name: str) -> str:
    """What is wrong with a Python that printed this, '' where nothing is."""
    words = printed.split()
    if len(words) != 5:
        return f"{name} does not start"
    version = f"{words[0]}.{words[1]}"
    if version != "3.11":
        return f"{name} is Python {version}, and Rasa 3.6 is locked for 3.11"
    if words[4] != "True":
        return f"{name} is Python 3.11 but lacks venv (Debian, Ubuntu: apt install python3.11-venv)"
    if (words[2], words[3]) not in PLATFORMS:
        return f"{name} is Python 3.11 on {words[2]} {words[3]}, for which TensorFlow 2.12 has no wheel here"
    return ""


PLATFORMS: Final = frozenset({("Linux", "x86_64"), ("Darwin", "x86_64")})
"""Where every locked package is to be had."""


def _run(command: tuple[str, ...]) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(  # noqa: S603 a Python of this machine, and our own words
            command, capture_output=True, text=True, timeout=_SECONDS, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
