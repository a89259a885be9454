"""Benchmarks run, with a case so small that it measures nothing: what they say of themselves is looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.desk import first_load

ROOT = Path(__file__).resolve().parents[2]


def ran(module: str, *options: str) -> str:
    """What the benchmark prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def row(told: str, name: str) -> list[str]:
    """The cells of the row of a table."""
    line = next(line for line in told.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_twenty_desks_hear_of_every_commit() -> None:
    told = ran("desk", "--desks", "20", "--events", "60", "--seconds", "2", "--settle", "0.3")
    for server in ("ours", "bare aiohttp"):
        *_, unmatched, failures = row(told, server)
        assert (unmatched, failures) == ("0", "0")
    events = next(line for line in told.splitlines() if line.startswith("events: "))
    for kind in ("message", "offer", "offer_over", "state", "work"):
        assert f"{kind} " in events


def test_the_first_load_is_what_the_page_asks_for(tmp_path: Path) -> None:
    assert first_load(tmp_path) is None
    (tmp_path / "assets").mkdir()
    page = '<script src="/desk/assets/a.js"></script><link href="/desk/assets/b.css"><a href="/x">x</a>'
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "index.html.gz").write_bytes(b"x" * 100)
    (tmp_path / "assets" / "a.js").write_text(json.dumps("a" * 5000))
    (tmp_path / "assets" / "a.js.gz").write_bytes(b"x" * 700)
    (tmp_path / "assets" / "b.css").write_text("")
    (tmp_path / "assets" / "b.css.gz").write_bytes(b"x" * 200)
    (tmp_path / "assets" / "later.js.gz").write_bytes(b"x" * 9999)
    assert first_load(tmp_path) == (3, 1.0)


@pytest.mark.slow
def test_the_search_of_the_log_is_measured_on_a_database_that_was_kept(tmp_path: Path) -> None:
    kept = ("--keep", str(tmp_path / "kept"))
    assert "500 contacts" in ran("log_search", "--contacts", "500", *kept, "--build")
    told = ran("log_search", "--rounds", "2", *kept)
    assert "contacts: 500" in told
    for name in ("one that is no longer said", "the beginning of a rare word", "the wallboard"):
        assert row(told, name)
