"""docs/flows.md has every kind, field, step, expectation and filter, and its examples run."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from ivr_flows import FlowSet, expectations, filters, script
from ivr_flows.asking import Asking
from ivr_flows.flow import public
from ivr_flows.loader import Head
from ivr_flows.nodes import NODES
from ivr_flows.nodes.branch import Case
from ivr_flows.nodes.language import Tongue
from ivr_flows.nodes.menu import Choice
from ivr_flows.nodes.queue import WayOut
from ivr_flows.nodes.transfer import Party
from tests.support.flowkit import around

DOCS = Path("docs/flows.md").read_text(encoding="utf-8")
INSIDE = {"menu": Choice, "queue": WayOut, "branch": Case, "language": Tongue, "transfer": Party}


def section(title: str) -> str:
    found = re.search(rf"(?ms)^#+ {re.escape(title)}\n(.*?)(?=^##|\Z)", DOCS)
    assert found, f"docs/flows.md has no section '{title}'"
    return found[1]


def rows(text: str) -> list[str]:
    return re.findall(r"(?m)^\| `(\w+)[`:]", text)


def fields(kind: type) -> list[str]:
    return [public(f.name) for f in dataclasses.fields(kind) if "spec" in f.metadata]


@pytest.mark.parametrize("kind", NODES)
def test_every_field_of_a_kind_is_documented_and_no_other(kind: str) -> None:
    known = set(fields(NODES[kind]))
    inner = set(fields(INSIDE[kind])) if kind in INSIDE else set()
    common = set(fields(Asking)) if issubclass(NODES[kind], Asking) else set()
    written = set(rows(section(kind)))
    assert known - common <= written
    assert written <= known | inner
    assert inner <= written


def test_the_documented_kinds_are_those_there_are() -> None:
    titles = re.findall(r"(?m)^### (\w+)$", DOCS)
    assert titles == list(NODES)


def test_the_common_fields_are_documented() -> None:
    assert rows(section("Fields of every question")) == fields(Asking)


@pytest.mark.parametrize("kind", NODES)
def test_the_example_in_the_docs_is_the_one_that_is_tested(kind: str) -> None:
    block = re.search(r"(?ms)```yaml\nmy_node:\n(.*?)```", section(kind))
    assert block
    shown = "\n".join(line[2:] for line in block[1].splitlines())
    assert shown.strip() == NODES[kind].example.strip()
    FlowSet.from_texts(around(shown))


def test_the_fields_of_a_flow_are_documented() -> None:
    assert rows(section("The flow itself")) == fields(Head)


def test_scripts_are_documented() -> None:
    text = section("Scripted conversations")
    known = {*script._HEAD, *script._INPUTS, "expect", *expectations._CHECKS}
    assert set(rows(text)) == known
    assert all(f"`{name}`" in text for name in script.AUTOMATIC)


def test_filters_are_documented() -> None:
    text = section("Texts and templates")
    missing = [name for name in (*filters.BUILT_IN, *filters.OWN) if f"`{name}`" not in text]
    assert missing == []


def test_the_first_flow_runs() -> None:
    flow = re.search(r"(?ms)```yaml flow=hello\n(.*?)```", DOCS)
    conversations = re.search(r"(?ms)```yaml script=hello\n(.*?)```", DOCS)
    assert flow
    assert conversations
    flows = FlowSet.from_texts({"hello": flow[1]})
    for conversation in script.read_script("hello", conversations[1]):
        assert script.run_conversation(flows, conversation).problems == ()
