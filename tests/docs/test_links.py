"""Links inside the project lead somewhere: to a file, and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.pages import ROOT, name, pages, prose, read

LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    found: set[str] = set()
    for heading in HEADING.findall(prose(page.read_text(encoding="utf-8"))):
        base = anchor = slug(heading)
        count = 0
        while anchor in found:
            count += 1
            anchor = f"{base}-{count}"
        found.add(anchor)
    return found


def links(page: Path) -> list[str]:
    text = re.sub(r"`[^`\n]*`", "", prose(page.read_text(encoding="utf-8")))
    return LINK.findall(text)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if (
            not target.exists()
            or not target.is_relative_to(ROOT)
            or (anchor and anchor not in anchors(target))
        ):
            broken.append(link)
    assert broken == []


def test_slugs_are_those_of_github() -> None:
    assert slug("Retries: connection overrides") == "retries-connection-overrides"
    assert slug("`flows` & the *rest*") == "flows--the-rest"


def test_the_index_has_every_page_of_docs() -> None:
    listed = {link.partition("#")[0] for link in links(ROOT / "docs" / "README.md")}
    there = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert there <= listed


def test_the_front_page_leads_to_every_document() -> None:
    listed = {link.partition("#")[0] for link in links(ROOT / "README.md")}
    assert {"docs/README.md", "docs/architecture.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"} <= listed


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_well_formed_used_and_told_to_those_who_do_not_see_it(picture: Path) -> None:
    svg = "{http://www.w3.org/2000/svg}"
    tree = ElementTree.parse(picture).getroot()
    assert tree.tag == f"{svg}svg"
    assert tree.findtext(f"{svg}title")
    assert tree.findtext(f"{svg}desc")
    assert "prefers-color-scheme: dark" in picture.read_text(encoding="utf-8")
    assert any(f"pictures/{picture.name}" in read(name(page)) for page in pages())
