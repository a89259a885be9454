"""What the tests of the documents share: the pages, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = {"node_modules", "var", "build"}

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    found = [
        path
        for path in ROOT.rglob("*.md")
        if not any(part.startswith(".") or part in NOT_OURS for part in path.relative_to(ROOT).parts)
    ]
    return sorted(found)


def name(page: Path) -> str:
    """A page as its path in the project."""
    return str(page.relative_to(ROOT))


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """What stands in backticks."""
    return SPAN.findall(prose(text))


def block_lines(text: str) -> Iterator[str]:
    """The lines of fenced blocks, and of blocks that are indented by four."""
    for _, block in FENCE.findall(text):
        yield from block.splitlines()
    yield from (line[4:] for line in prose(text).splitlines() if line.startswith("    "))


def section(text: str, title: str) -> str:
    """A second-level section of a page."""
    found = re.search(rf"(?ms)^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text)
    assert found, f"there is no section '{title}'"
    return found[1]
