#!/usr/bin/env python3
"""The front door: `python3 cc.py serve` runs the contact centre, `python3 cc.py test` tests it.

It prepares the virtual environment .venv beside this file when something is missing or has
changed, then becomes the program asked for. It needs nothing but Python itself.

The whole file must parse on Python 3.6, so that an old Python prints the remedy and not a
SyntaxError: no walrus, no match, no `from __future__ import annotations`.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
USAGE = """usage: python3 cc.py WORD [arguments]

  serve    prepare what is missing, then run the contact centre
  test     the static checks and every test; arguments go to pytest as they are
           (--quick: without the static checks)
  setup    only prepare (--dev: for `test` as well)
  WORD     any other word goes to the contact-center program, e.g. `doctor`, `contacts list`
"""


class SetupError(Exception):
    """Set-up cannot go on; the text is one line: what happened and what to do."""


def python_problem(version: "tuple[int, ...]", newer: str) -> str:
    """Say what is wrong with this Python version, or "" if nothing is.

    `newer` is the name of a good enough Python on this machine, "" where there is none.
    """
    if version >= OLDEST_PYTHON:
        return ""
    needed = ".".join(map(str, OLDEST_PYTHON))
    found = ".".join(map(str, version[:3]))
    if newer:
        remedy = f"run it with the one that is installed: {newer} cc.py"
    else:
        remedy = f"install it (Debian 12, Ubuntu 24.04 or newer: apt install python{needed})"
    return f"Python {needed} or newer is needed, this is Python {found}: {remedy}"


def find_newer_python() -> str:
    """Return the name of a Python on PATH that is new enough and starts, or ""."""
    import shutil
    import subprocess

    for minor in range(19, OLDEST_PYTHON[1] - 1, -1):
        name = f"python3.{minor}"
        if shutil.which(name):
            with open(os.devnull, "w") as null:
                if subprocess.call([name, "-c", ""], stdout=null, stderr=null) == 0:
                    return name
    return ""


if sys.version_info < OLDEST_PYTHON:
    sys.exit("cc.py: " + python_problem(sys.version_info[:3], find_newer_python()))


# From here on Python is new enough to run anything, yet this must still parse on an old one.


def say(text: str) -> None:
    """Show progress on stderr, so that a command's own output stays clean."""
    print(f"cc.py: {text}", file=sys.stderr, flush=True)


class Setup:
    """The virtual environment of one checkout: whether it is ready, and making it so.

    The stamp in .venv lists what it was made for, a line each: the Python version, the folder,
    and the hash of each installed lock file. It is absent while something is being changed, so
    an interrupted set-up has none and is done again from the start.
    """

    def __init__(self, root: str, version: "tuple[int, int]") -> None:
        self.root = root
        self.version = f"{version[0]}.{version[1]}"
        self.venv = os.path.join(root, ".venv")
        self.python = os.path.join(self.venv, "bin", "python")
        self.stamp = os.path.join(self.venv, "cc-stamp")

    # What is there -------------------------------------------------------------------------

    def base_lines(self) -> "list[str]":
        """The stamp of an environment with nothing installed in it."""
        return [f"python {self.version}", f"folder {self.root}"]

    def lines(self, profile: str) -> "list[str]":
        """The stamp lines that `profile` (runtime or dev) needs; dev contains runtime."""
        from hashlib import sha256

        lines = self.base_lines()
        for name in ("runtime", "dev") if profile == "dev" else ("runtime",):
            with open(self.lock_file(name), "rb") as file:
                lines.append(f"{name} {sha256(file.read()).hexdigest()}")
        return lines

    def lock_file(self, profile: str) -> str:
        return os.path.join(self.root, "requirements", profile + ".txt")

    def read_stamp(self) -> "list[str]":
        try:
            with open(self.stamp, encoding="utf-8") as file:
                return file.read().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []

    def write_stamp(self, lines: "list[str]") -> None:
        with open(self.stamp + ".new", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        os.replace(self.stamp + ".new", self.stamp)

    def venv_problem(self) -> str:
        """Why the environment must be made anew, or "" if it can be used."""
        stamp = self.read_stamp()
        if not os.path.lexists(self.venv):
            return "there is none yet"
        if not os.path.exists(self.python):
            return "its Python is gone"
        if not stamp:
            return "its set-up was never completed"
        if f"python {self.version}" not in stamp:
            return f"it is not of this Python ({self.version})"
        if f"folder {self.root}" not in stamp:
            return "the folder was moved"
        return ""

    def is_ready(self, profile: str) -> bool:
        """Whether everything that `profile` needs is installed, as the lock files say now."""
        stamp = self.read_stamp()
        return bool(stamp) and set(self.lines(profile)) <= set(stamp) and not self.venv_problem()

    # Making it so --------------------------------------------------------------------------

    def prepare(self, profile: str) -> None:
        """Bring the environment up to date; does nothing where it already is."""
        if self.is_ready(profile):
            return
        from time import monotonic

        lock = self.take_lock()
        try:
            if self.is_ready(profile):
                return
            started = monotonic()
            say(f"preparing {self.venv} (only when something changed; about half a minute)")
            self.create_venv(lock)
            self.install(profile, lock)
            self.link_project()
            self.write_stamp(self.lines(profile))
            say(f"ready after {monotonic() - started:.0f} s")
        finally:
            os.close(lock)

    def take_lock(self) -> int:
        """Wait until no other set-up works in this folder; closing the descriptor ends it.

        The lock is on the folder itself. Child processes inherit it: a pip that outlives a
        killed cc.py keeps the next one waiting.
        """
        import fcntl

        lock = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is at work in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def create_venv(self, lock: int) -> None:
        problem = self.venv_problem()
        if not problem:
            return
        check_venv_modules()
        check_writable(self.root)
        say(f"creating the virtual environment with Python {self.version}: {problem}")
        # When run by .venv's own Python, the one it was made from: this one is about to go.
        base = getattr(sys, "_base_executable", "") or sys.executable
        code, output = run_child([base, "-Iu", "-m", "venv", "--clear", self.venv], lock, PipProgress())
        if code:
            # Python's own words hide this cause.
            full = os.statvfs(self.root).f_bavail == 0
            raise SetupError(explain_failure("creating .venv", "No space left on device" if full else output))
        self.write_stamp(self.base_lines())

    def install(self, profile: str, lock: int) -> None:
        """Install the locked packages; where nothing was touched yet, a failure harms nothing."""
        before = self.read_stamp()
        os.remove(self.stamp)
        say(f"installing the packages of requirements/{profile}.txt")
        command = [self.python, "-Iu", "-m", "pip", "install", "--no-user", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--no-compile", "--no-input"]
        command += ["--progress-bar=off", "--disable-pip-version-check"]
        progress, code, output = PipProgress(), 1, ""
        try:
            code, output = run_child([*command, "-r", self.lock_file(profile)], lock, progress)
        finally:
            if code and not progress.installing:
                self.write_stamp(before)
        if code:
            raise SetupError(explain_failure("installing the packages", output))

    def link_project(self) -> None:
        """Make the checkout importable in .venv and write its commands: an editable install.

        pip would need a build tool, seconds, and a folder of its own in the checkout for this.
        """
        import tomllib

        packages = os.path.join(self.venv, "lib", f"python{self.version}", "site-packages")
        with open(os.path.join(packages, "contact-center.pth"), "w", encoding="utf-8") as file:
            file.write(self.root + "\n")
        with open(os.path.join(self.root, "pyproject.toml"), "rb") as project:
            scripts = tomllib.load(project)["project"].get("scripts", {})
        for name, entry in scripts.items():
            module, function = entry.split(":")
            path = os.path.join(self.venv, "bin", name)
            with open(path, "w", encoding="utf-8") as file:
                # By way of sh: a #! line takes neither a long path nor one with a space.
                file.write(
                    f"#!/bin/sh\n'''exec' \"{self.python}\" \"$0\" \"$@\"\n'''\n"
                    f"import sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n"
                )
            os.chmod(path, 0o755)


class PipProgress:
    """Turns pip's many lines into a few plain ones."""

    def __init__(self) -> None:
        self.fetched = 0
        self.installing = False
        self.retries = 0

    def take_line(self, line: str) -> None:
        if line.startswith("Collecting "):
            self.fetched += 1
            if self.fetched % 20 == 0:
                say(f"  {self.fetched} packages fetched")
        elif line.startswith("Installing collected packages"):
            self.installing = True
            say("  all fetched, unpacking")
        elif "Retrying (" in line:
            self.retries += 1
            if self.retries in (1, 5, 20):
                say("  the package registry does not answer; pip tries again")


def check_venv_modules() -> None:
    """Debian and Ubuntu ship Python without the module that puts pip into an environment."""
    from importlib.util import find_spec

    missing = [name for name in ("venv", "ensurepip") if find_spec(name) is None]
    if missing:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetupError(
            f"this Python lacks its {missing[0]} module: install it "
            f"(Debian, Ubuntu: apt install python3-venv, or python{version}-venv)"
        )


def check_writable(folder: str) -> None:
    if not os.access(folder, os.W_OK):
        raise SetupError(
            f"{folder} is not writable for this user: clone the project into a folder of your "
            f"own, or give it to you with chown"
        )


def run_child(command: "list[str]", lock: int, progress: PipProgress) -> "tuple[int, str]":
    """Run a set-up command to its end; return its exit status and everything it printed.

    When this is interrupted the command is stopped first, so that `progress` tells how far it got.
    """
    import signal
    import subprocess

    child = subprocess.Popen(
        command,
        env=child_environment(dict(os.environ)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=[lock],
    )
    output = []
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        assert child.stdout is not None
        for line in child.stdout:
            output.append(line)
            progress.take_line(line)
        return child.wait(), "".join(output)
    except BaseException:
        child.terminate()
        for line in child.stdout or ():
            progress.take_line(line)
        child.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def child_environment(environment: "dict[str, str]") -> "dict[str, str]":
    """The caller's environment less what would send the packages elsewhere than into .venv."""
    for name in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT"):
        environment.pop(name, None)
    return environment


# What a failed command printed -> what it means and what to do. The first that matches counts.
FAILURES = {
    r"No space left on device|Disk quota exceeded": (
        "the disk is full: free about 500 MB, then run it again"
    ),
    r"Read-only file system|Permission denied|Operation not permitted": (
        "the folder is not writable for this user: give .venv to this user with chown, or clone "
        "the project into a folder of your own"
    ),
    r"DO NOT MATCH THE HASHES": (
        "a package differs from the one the project was tested with (a damaged download, or a "
        "mirror that changes packages): run `.venv/bin/python -m pip cache purge`, then again"
    ),
    r"Retrying \(|Max retries|Connection (refused|reset|aborted)|timed out|Name or service"
    r"|name resolution|ProxyError|SSLError|Network is unreachable": (
        "the package registry is out of reach: check the network and the proxy (HTTPS_PROXY), or "
        "name a mirror that you can reach (PIP_INDEX_URL), then run it again"
    ),
    r"No matching distribution found for (?P<what>\S+)": (
        "the package registry has no ready-made {what} for this machine: Linux (glibc) and macOS "
        "on x86-64 or ARM64 are supported; a mirror (PIP_INDEX_URL) may lack it"
    ),
}


def explain_failure(doing: str, output: str) -> str:
    """Say in one line why a command failed and what to do, from what it printed."""
    import re

    for pattern, remedy in FAILURES.items():
        found = re.search(pattern, output)
        if found:
            return f"{doing} failed, {remedy.format(**found.groupdict())}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or ["nothing printed"]
    return f"{doing} failed: {errors[-1][:300]}; run it again, and report this line if it stays"


def test_arguments(arguments: "list[str]", cores: int) -> "list[str]":
    """pytest's arguments for `cc.py test`: a whole run is spread over the cores."""
    whole = ["-n", str(max(2, min(cores, 4))), "--dist", "worksteal"]
    given = [argument for argument in arguments if argument != "--quick"]
    quick = ["-m", "not slow and not rasa and not check"] if len(given) < len(arguments) else []
    return (given or whole) + quick


def main(arguments: "list[str]") -> None:
    """Prepare, then become the program asked for: it gets the signals and the exit status."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        sys.exit(0 if arguments else 2)
    word, rest = arguments[0], arguments[1:]
    if word == "setup" and rest not in ([], ["--dev"]):
        sys.exit("cc.py: setup takes no argument but --dev")
    root = os.path.dirname(os.path.realpath(__file__))
    setup = Setup(root, sys.version_info[:2])
    try:
        setup.prepare("dev" if word == "test" or rest == ["--dev"] else "runtime")
    except SetupError as error:
        sys.exit(f"cc.py: {error}")
    except OSError as error:
        sys.exit(f"cc.py: {explain_failure('the set-up', str(error))}")
    except KeyboardInterrupt:
        sys.exit("cc.py: stopped; the same command goes on from here")
    if word in ("setup", "serve", "test"):
        import subprocess

        # The pages for the browser; where they cannot be built it says why, and everything else works.
        tools = ["--tools"] if word == "test" or rest == ["--dev"] else []
        subprocess.call([setup.python, "-m", "contact_center.web_build", *tools], cwd=root)
    if word == "setup":
        return
    if word == "test":
        os.chdir(root)
        command = [setup.python, "-m", "pytest", *test_arguments(rest, os.cpu_count() or 2)]
    else:
        program = os.path.join(setup.venv, "bin", "contact-center")
        command = [setup.python, program, *arguments]
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
