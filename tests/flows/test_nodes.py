"""Every node kind by its table of scripted cases in ``nodes/KIND.yaml``, and the registry itself."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr_flows import FlowSet
from ivr_flows.flow import Node
from ivr_flows.nodes import NODES
from ivr_flows.script import Result, read_script, run_conversation
from tests.support.flowkit import around

CASES = Path(__file__).parent / "nodes"


def _cases() -> list[Any]:
    return [
        pytest.param(kind, case, id=f"{kind}: {case['name']}")
        for kind in NODES
        for case in yaml.safe_load((CASES / f"{kind}.yaml").read_text(encoding="utf-8"))
    ]


def _run(kind: str, case: dict[str, Any]) -> tuple[FlowSet, Result]:
    node = yaml.safe_dump(case["node"], allow_unicode=True) if "node" in case else NODES[kind].example
    flows = FlowSet.from_texts(around(node))
    script = {name: value for name, value in case.items() if name not in ("node", "exits")}
    source = yaml.safe_dump([script], allow_unicode=True)
    return flows, run_conversation(flows, read_script("around", source)[0])


@pytest.mark.parametrize(("kind", "case"), _cases())
def test_case(kind: str, case: dict[str, Any]) -> None:
    _, result = _run(kind, case)
    taken = [step.exit for step in result.steps if step.node == "node" and step.exit not in ("",)]
    assert result.problems == ()
    if "exits" in case:
        assert taken == case["exits"]


@pytest.mark.parametrize("kind", NODES)
def test_every_exit_is_taken_by_a_case(kind: str) -> None:
    flows = FlowSet.from_texts(around(NODES[kind].example))
    known = {way.name for way in flows.flows["around"].exits("node")}
    cases = yaml.safe_load((CASES / f"{kind}.yaml").read_text(encoding="utf-8"))
    assert known <= {name for case in cases for name in case.get("exits", [])}


@pytest.mark.parametrize("kind", NODES)
def test_the_table_the_class_and_the_example_agree(kind: str) -> None:
    assert NODES[kind].kind == kind
    assert yaml.safe_load(NODES[kind].example)["kind"] == kind
    assert NODES[kind].__doc__


def test_every_node_class_is_registered() -> None:
    def below(parent: type[Node]) -> set[type[Node]]:
        return {parent} | {kind for child in parent.__subclasses__() for kind in below(child)}

    concrete = {kind for kind in below(Node) if "kind" in vars(kind)}
    assert concrete == set(NODES.values())


def test_every_node_module_has_a_kind_in_the_table() -> None:
    modules = {path.stem for path in Path("ivr_flows/nodes").glob("*.py")} - {"__init__"}
    assert {kind.__module__.rpartition(".")[2] for kind in NODES.values()} == modules


def test_every_case_file_is_of_a_kind() -> None:
    assert {path.stem for path in CASES.glob("*.yaml")} == set(NODES)


@pytest.mark.parametrize("kind", NODES)
def test_the_example_shows_every_field_that_is_not_common(kind: str) -> None:
    if kind in ("hang_up", "say", "goto", "return"):
        return
    shown = set(yaml.safe_load(NODES[kind].example))
    required = {
        field.name.rstrip("_")
        for field in dataclasses.fields(NODES[kind])
        if "spec" in field.metadata and field.metadata["spec"].required
    }
    assert required <= shown
