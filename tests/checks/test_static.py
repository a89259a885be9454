"""The static checks of the whole tree, as tests: one run and one count for everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable
CHECKS = {
    "style": [PYTHON, "-m", "ruff", "check", "--no-fix", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "types": [
        *(PYTHON, "-m", "mypy", "--strict"),
        *("contact_center", "ivr_flows", "bot", "crm_store", "cc.py"),
    ],
    "import direction": [str(Path(PYTHON).with_name("lint-imports"))],
}


@pytest.mark.check
@pytest.mark.parametrize("check", CHECKS)
def test_static_check(check: str) -> None:
    ran = subprocess.run(CHECKS[check], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        pytest.fail(f"{check}:\n{ran.stdout}", pytrace=False)
