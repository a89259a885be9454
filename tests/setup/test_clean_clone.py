"""The newcomer's first minute: a clean clone, an empty home, `python3 cc.py serve`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 400
PRINTED_ADDRESS = re.compile(r"http://[\w.\[\]:-]+:\d+")
# What a machine needs to reach its package registry; nothing else of the environment is kept.
NETWORK = re.compile(r"PIP_|SSL_|(https?|no|all)_proxy$", re.IGNORECASE)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The tree as a commit of it would be cloned: tracked and new files, nothing ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / "clone"
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if NETWORK.match(name)}
    return {**kept, "PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}


@pytest.fixture
def served(clone: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`python3 cc.py serve` in the clone, ended after SECONDS at the latest."""
    process = subprocess.Popen(
        [getattr(sys, "_base_executable", sys.executable), "cc.py", "serve"],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    limit = threading.Timer(SECONDS, process.kill)
    limit.start()
    yield process
    limit.cancel()
    process.kill()
    process.wait()


def read_address(process: subprocess.Popen[str]) -> str:
    """Read what is printed until an address to open appears."""
    assert process.stdout
    printed = []
    for line in process.stdout:
        printed.append(line)
        if found := PRINTED_ADDRESS.search(line):
            return found[0]
    pytest.fail("it ended without naming an address:\n" + "".join(printed))


def wait_until_ready(address: str, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    pytest.fail("it ended before it was ready")


@pytest.mark.slow
def test_serve_starts_in_a_clean_clone_and_stops_on_sigterm(
    served: subprocess.Popen[str],
) -> None:
    wait_until_ready(read_address(served), served)
    served.send_signal(signal.SIGTERM)
    assert served.stdout
    served.stdout.read()
    assert served.wait() == 0


@pytest.mark.slow
def test_an_unreachable_registry_is_one_clear_line(clone: Path, environment: dict[str, str]) -> None:
    # The loopback's discard port: nothing listens there.
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    nowhere |= {"PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    ran = subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), "cc.py", "serve"],
        cwd=clone,
        env={**environment, **nowhere},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert "registry is out of reach" in ran.stderr.splitlines()[-1]
    assert "Traceback" not in ran.stderr
