"""The rules of cc.py: what it finds missing, when it prepares again, what it says."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
VERSION = (sys.version_info[0], sys.version_info[1])
NO_PACKAGES = "ERROR: Could not find a version that satisfies the requirement x (from versions: )\n"


@pytest.fixture
def cc() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cc", ROOT / "cc.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def said(cc: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(cc, "say", lines.append)
    return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what cc.py reads of a checkout."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/runtime.txt").write_text("one==1\n")
    (tmp_path / "requirements/dev.txt").write_text("one==1\ntwo==2\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nscripts = {tool = "some.module:main"}\n')
    return tmp_path


class FakeTools:
    """Stands for `python -m venv` and pip: does what they would to .venv, and counts."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.ran: list[str] = []
        self.pip_prints = ["Collecting one", "Installing collected packages: one"]
        self.pip_code = 0
        self.during_pip: Callable[[], None] = lambda: None

    def __call__(self, command: list[str], lock: int, progress: Any) -> tuple[int, str]:
        if "venv" in command:
            self.ran.append("venv")
            self.make_venv()
            return 0, ""
        self.ran.append("pip " + Path(command[-1]).stem)
        self.during_pip()
        for line in self.pip_prints:
            progress.take_line(line)
        return self.pip_code, "\n".join(self.pip_prints)

    def make_venv(self) -> None:
        version = f"python{VERSION[0]}.{VERSION[1]}"
        (self.checkout / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (self.checkout / ".venv/lib" / version / "site-packages").mkdir(parents=True, exist_ok=True)
        (self.checkout / ".venv/bin/python").unlink(missing_ok=True)
        (self.checkout / ".venv/bin/python").touch()


@pytest.fixture
def tools(cc: ModuleType, checkout: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    tools = FakeTools(checkout)
    monkeypatch.setattr(cc, "run_child", tools)
    return tools


# Missing things -------------------------------------------------------------------------------


def test_the_file_parses_on_python_3_6_so_that_an_old_one_prints_the_remedy() -> None:
    ast.parse((ROOT / "cc.py").read_text(), feature_version=(3, 6))


def test_an_old_python_is_named_with_the_remedy(cc: ModuleType) -> None:
    text = cc.python_problem((3, 8, 18), "")
    assert "Python 3.11 or newer is needed, this is Python 3.8.18" in text
    assert "apt install python3.11" in text
    assert "\n" not in text


def test_a_newer_python_on_the_machine_is_the_better_remedy(cc: ModuleType) -> None:
    text = cc.python_problem((3, 9, 2), "python3.12")
    assert "python3.12 cc.py" in text
    assert "apt" not in text


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (4, 0, 0)])
def test_a_new_python_is_no_problem(cc: ModuleType, version: tuple[int, ...]) -> None:
    assert cc.python_problem(version, "") == ""


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_one_line_with_the_package_to_install(
    cc: ModuleType, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(cc.SetupError, match=rf"{missing} module.*apt install python3-venv") as error:
        cc.check_venv_modules()
    assert "\n" not in str(error.value)


def test_a_folder_of_another_user_is_one_line_with_the_remedy(
    cc: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(cc.SetupError, match=r"not writable.*chown"):
        cc.check_writable(str(tmp_path))


RETRY = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (RETRY + NO_PACKAGES + "ERROR: No matching distribution found for one==1", "PIP_INDEX_URL"),
        ("ERROR: No matching distribution found for one==1", "no ready-made one==1"),
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: [Errno 13] Permission denied: '.venv/x'", "not writable"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE", "cache purge"),
        ("Collecting one\nERROR: something else {braces}\n", "something else {braces}"),
        ("", "nothing printed"),
    ],
)
def test_a_failure_is_explained_in_one_line(cc: ModuleType, printed: str, expected: str) -> None:
    text = cc.explain_failure("installing", printed)
    assert expected in text
    assert text.startswith("installing failed")
    assert "\n" not in text


# When it prepares -----------------------------------------------------------------------------


def test_a_second_start_installs_nothing(cc: ModuleType, checkout: Path, tools: FakeTools) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    setup.prepare("runtime")
    assert tools.ran == ["venv", "pip runtime"]
    setup.prepare("runtime")
    assert tools.ran == ["venv", "pip runtime"]


def test_dev_adds_to_runtime_and_contains_it(cc: ModuleType, checkout: Path, tools: FakeTools) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    for profile in ("runtime", "dev", "runtime"):
        setup.prepare(profile)
    assert tools.ran == ["venv", "pip runtime", "pip dev"]


def test_a_changed_lock_file_is_installed_into_the_same_environment(
    cc: ModuleType, checkout: Path, tools: FakeTools
) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    setup.prepare("runtime")
    (checkout / "requirements/runtime.txt").write_text("one==2\n")
    assert not setup.is_ready("runtime")
    setup.prepare("runtime")
    assert tools.ran == ["venv", "pip runtime", "pip runtime"]


def remove_python(checkout: Path) -> None:
    python = checkout / ".venv/bin/python"
    python.unlink()
    python.symlink_to(checkout / "python-that-was-removed")


def other_python(checkout: Path) -> None:
    stamp = checkout / ".venv/cc-stamp"
    stamp.write_text(stamp.read_text().replace(f"python {VERSION[0]}.{VERSION[1]}", "python 3.10"))


def moved(checkout: Path) -> None:
    stamp = checkout / ".venv/cc-stamp"
    stamp.write_text(stamp.read_text().replace(str(checkout), "/where/it/was"))


def interrupted(checkout: Path) -> None:
    (checkout / ".venv/cc-stamp").unlink()


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (remove_python, "its Python is gone"),
        (other_python, "not of this Python"),
        (moved, "moved"),
        (interrupted, "never completed"),
    ],
)
def test_a_spoilt_environment_is_made_anew(
    cc: ModuleType,
    checkout: Path,
    tools: FakeTools,
    said: list[str],
    harm: Callable[[Path], None],
    reason: str,
) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    setup.prepare("runtime")
    tools.ran.clear()
    said.clear()
    harm(checkout)
    assert not setup.is_ready("runtime")
    setup.prepare("runtime")
    assert tools.ran == ["venv", "pip runtime"]
    assert any(reason in line for line in said)
    assert setup.is_ready("runtime")


def test_no_stamp_is_there_while_packages_change(cc: ModuleType, checkout: Path, tools: FakeTools) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    stamps: list[list[str]] = []
    tools.during_pip = lambda: stamps.append(setup.read_stamp())
    setup.prepare("runtime")
    assert stamps == [[]]


def test_a_failure_before_unpacking_leaves_what_was_installed_in_use(
    cc: ModuleType, checkout: Path, tools: FakeTools
) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    setup.prepare("runtime")
    tools.pip_code, tools.pip_prints = 1, [RETRY]
    with pytest.raises(cc.SetupError, match="out of reach"):
        setup.prepare("dev")
    assert setup.is_ready("runtime")
    assert not setup.is_ready("dev")


def test_a_failure_while_unpacking_makes_the_next_start_begin_anew(
    cc: ModuleType, checkout: Path, tools: FakeTools
) -> None:
    setup = cc.Setup(str(checkout), VERSION)
    tools.pip_code = 1
    with pytest.raises(cc.SetupError):
        setup.prepare("runtime")
    tools.pip_code = 0
    tools.ran.clear()
    setup.prepare("runtime")
    assert tools.ran == ["venv", "pip runtime"]


def test_two_at_once_prepare_once(
    cc: ModuleType, checkout: Path, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_waits = threading.Event()

    def say(line: str) -> None:
        if "waiting" in line:
            second_waits.set()

    monkeypatch.setattr(cc, "say", say)
    second = threading.Thread(target=cc.Setup(str(checkout), VERSION).prepare, args=["runtime"])

    def start_second() -> None:
        second.start()
        assert second_waits.wait(30)

    tools.during_pip = start_second
    cc.Setup(str(checkout), VERSION).prepare("runtime")
    second.join()
    assert tools.ran == ["venv", "pip runtime"]


def test_the_lock_outlives_a_killed_cc_as_long_as_its_pip_runs(cc: ModuleType, checkout: Path) -> None:
    lock = cc.Setup(str(checkout), VERSION).take_lock()
    check = "import os, sys; os.fstat(int(sys.argv[1]))"
    code, output = cc.run_child([sys.executable, "-c", check, str(lock)], lock, cc.PipProgress())
    os.close(lock)
    assert (code, output) == (0, "")


def test_the_projects_command_is_written_for_paths_of_any_length_and_with_spaces(
    cc: ModuleType, tmp_path: Path
) -> None:
    root = tmp_path / "a folder" / ("long" * 30)
    FakeTools(root).make_venv()
    (root / "pyproject.toml").write_text('[project]\nscripts = {tool = "shown:main"}\n')
    (root / "shown.py").write_text("import sys\ndef main(): print(sys.argv[1:]); return 7\n")
    python = root / ".venv/bin/python"
    python.unlink()
    python.symlink_to(sys.executable)
    setup = cc.Setup(str(root), VERSION)
    setup.link_project()
    lock = os.open(root, os.O_RDONLY)
    environment = {"PYTHONPATH": str(root)}
    code, output = cc.run_child(
        ["env", *(f"{k}={v}" for k, v in environment.items()), str(root / ".venv/bin/tool"), "a b"],
        lock,
        cc.PipProgress(),
    )
    os.close(lock)
    assert (code, output) == (7, "['a b']\n")


def test_the_users_pip_configuration_is_kept_but_for_where_to_install(cc: ModuleType) -> None:
    given = {"PIP_INDEX_URL": "a mirror", "HTTPS_PROXY": "a proxy", "PIP_USER": "1"}
    assert cc.child_environment({**given, "PIP_TARGET": "elsewhere"}) == {
        "PIP_INDEX_URL": "a mirror",
        "HTTPS_PROXY": "a proxy",
    }


# The words ------------------------------------------------------------------------------------


@pytest.fixture
def executed(cc: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `main` became, after a set-up that had nothing to do."""
    command: list[str] = []

    def become(path: str, arguments: list[str]) -> NoReturn:
        command.extend(arguments)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.setattr(os, "chdir", lambda path: None)
    monkeypatch.setattr(cc.Setup, "prepare", lambda self, profile: command.append(profile))
    return command


def run_main(cc: ModuleType, *arguments: str) -> object:
    with pytest.raises(SystemExit) as end:
        cc.main(list(arguments))
    return end.value.code


def test_any_word_goes_to_the_installed_program(cc: ModuleType, executed: list[str]) -> None:
    run_main(cc, "contacts", "list", "--json")
    program = str(ROOT / ".venv/bin/contact-center")
    assert executed[0] == "runtime"
    assert executed[2:] == [program, "contacts", "list", "--json"]


def test_test_is_pytest_over_the_cores(cc: ModuleType, executed: list[str]) -> None:
    run_main(cc, "test")
    assert executed[0] == "dev"
    assert executed[2:5] == ["-m", "pytest", "-n"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ["-n", "2", "--dist", "worksteal"]),
        (["--quick"], ["-n", "2", "--dist", "worksteal", "-m", "not slow and not rasa and not check"]),
        (["tests/flows", "-x"], ["tests/flows", "-x"]),
        (["--quick", "-x"], ["-x", "-m", "not slow and not rasa and not check"]),
    ],
)
def test_arguments_go_to_pytest_as_they_are(cc: ModuleType, given: list[str], expected: list[str]) -> None:
    assert cc.test_arguments(given, 1) == expected


def test_without_a_word_the_words_are_listed(cc: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(cc) == 2
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("serve", "test", "setup"))


def test_a_misspelt_option_of_setup_is_named(cc: ModuleType, executed: list[str]) -> None:
    assert run_main(cc, "setup", "--devv") == "cc.py: setup takes no argument but --dev"
    assert executed == []


def test_a_failed_setup_ends_with_its_line(cc: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, profile: str) -> None:
        raise cc.SetupError("the disk is full: free some")

    monkeypatch.setattr(cc.Setup, "prepare", fail)
    assert run_main(cc, "serve") == "cc.py: the disk is full: free some"
