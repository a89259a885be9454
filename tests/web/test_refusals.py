"""The desk has words in both languages for what the engine refuses: for every code, and for every sentence
that an agent can meet; and it keeps none that is said no more.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import contact_center
import crm_store
from contact_center.api.problems import PROBLEMS

ENGINE = Path(contact_center.__file__).parent
STORE = Path(crm_store.__file__).parent
DESK = ENGINE.parent / "web" / "desk" / "src"

KNOWN: dict[str, dict[str, str]] = {
    one["says"]: one for one in json.loads((DESK / "refusals.json").read_text(encoding="utf-8"))
}

MET_BY_AGENTS = (
    *sorted(ENGINE.glob("actions/*.py")),
    *(ENGINE / f"{name}.py" for name in ("ticket", "tickets", "call_control", "chat/files")),
    *(ENGINE / "api" / f"{name}.py" for name in ("customers", "desk", "flows", "hand_back", "messages")),
    *(ENGINE / "api" / f"{name}.py" for name in ("presence", "recordings", "tickets", "works")),
    *(STORE / f"{name}.py" for name in ("addresses", "contacts", "customers", "identities", "merges")),
    *(STORE / f"{name}.py" for name in ("offers", "replies", "search", "tickets", "works")),
)

BY_CODE = frozenset(
    re.findall(r"'(\w+)'", re.findall(r"BY_CODE = \[(.*?)\]", (DESK / "refusals.ts").read_text("utf-8"))[0])
)
"""Codes that the desk has words of its own for, whatever the engine says."""


def said(path: Path) -> Iterator[tuple[str, str]]:
    """Every sentence of a file that refuses: its code, and the words with ``{}`` for what is filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        name, given = getattr(node.exc.func, "id", ""), node.exc.args
        if name in ("Refused", "NotFound"):
            yield {"Refused": "refused", "NotFound": "not_found"}[name], words(given[0], constants)
        elif name == "Problem":
            yield ast.literal_eval(given[0]), words(given[1], constants)


def words(node: ast.expr, constants: dict[str, ast.expr]) -> str:
    """A text as it is written: ``{}`` for each value, and as the API would end and begin it."""
    if isinstance(node, ast.Name):
        node = constants[node.id]
    if isinstance(node, ast.Constant):
        text = str(node.value)
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.BinOp):
        text = words(node.left, constants) + words(node.right, constants)
    else:
        text = "{}"
    return (text[:1].lower() + text[1:]).removesuffix(".")


@pytest.mark.parametrize("path", MET_BY_AGENTS, ids=lambda path: path.name)
def test_what_agents_meet_has_words(path: Path) -> None:
    unknown = [text for code, text in said(path) if text not in KNOWN and code not in BY_CODE - {"not_found"}]
    assert unknown == [], "add them to web/desk/src/refusals.json, with Chinese"


def test_no_words_are_kept_for_what_is_said_no_more() -> None:
    everywhere = {text for path in (*ENGINE.rglob("*.py"), *STORE.glob("*.py")) for _, text in said(path)}
    assert KNOWN.keys() - everywhere == set()


def test_every_code_of_the_api_has_words() -> None:
    keys = set(
        re.findall(r"^  refused_(\w+):", (DESK / "words.ts").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert keys == PROBLEMS.keys() | {"unreachable"}
    assert PROBLEMS.keys() >= BY_CODE
