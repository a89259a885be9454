"""Flows as pictures: complete, well-formed, and with nothing on top of anything else."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.cli.flows import SHIPPED
from ivr_flows import FlowSet
from ivr_flows.graph import mermaid, svg
from ivr_flows.layout import GAP, Line, place

SHIPPED_FLOWS = FlowSet.load(SHIPPED).flows
NAME = "{http://www.w3.org/2000/svg}"

ODD = """
flow: odd
title: {en: "Odd & <b>bold</b>"}
languages: [en]
start: hello
person: desk
nodes:
  hello:
    kind: menu
    text: 'Say "<yes>" & press 1; or {{ contact.channel }} [2] | (3) #4'
    choices:
      - {key: "1", value: sales, label: A, next: desk}
      - {key: "2", value: again, label: B, next: hello}
    on_failure: lost
  lost: {kind: hang_up, text: Goodbye.}
  desk: {kind: queue, queue: general, next: lost, error: lost}
"""


def _texts(drawing: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(drawing).iter(f"{NAME}text")]


@pytest.mark.parametrize("name", SHIPPED_FLOWS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_svg_names_every_node_and_every_target(name: str, language: str) -> None:
    flow = SHIPPED_FLOWS[name]
    drawing = svg(flow, language)
    root = ElementTree.fromstring(drawing)
    ids = {group.get("id") for group in root.iter(f"{NAME}g")}
    assert ids == {f"node-{node}" for node in flow.nodes}
    links = {link.get("href", "").removeprefix("#") for link in root.iter(f"{NAME}a")}
    assert links <= ids


def test_every_exit_is_a_line_or_a_link() -> None:
    flow = SHIPPED_FLOWS["front_door"]
    root = ElementTree.fromstring(svg(flow))
    lines = [path for path in root.iter(f"{NAME}path") if path.get("marker-end")]
    links = list(root.iter(f"{NAME}a"))
    ways = {
        (node, target)
        for node in flow.nodes
        for way in flow.exits(node)
        if (target := flow.person if way.target == "@person" else way.target) in flow.nodes
        and not (way.name == "on_failure" and target == flow.person)
    }
    assert len(lines) + len(links) == len(ways)


def test_texts_are_escaped_and_in_the_language_asked_for() -> None:
    flow = FlowSet.from_texts({"odd": ODD}).flows["odd"]
    texts = _texts(svg(flow))
    assert "Odd & <b>bold</b>" in texts
    assert any(text.startswith('Say "<yes>" & press 1;') for text in texts)
    assert "1 sales" in texts
    assert any("现在是非工作时间" in text for text in _texts(svg(SHIPPED_FLOWS["front_door"], "zh")))


def test_counts_stand_on_the_rows_summed_over_exits_of_one_target() -> None:
    flow = SHIPPED_FLOWS["front_door"]
    counts = {("main", "sales"): 1234, ("person", "full"): 20, ("person", "closed"): 3}
    texts = _texts(svg(flow, counts=counts))
    assert "1,234" in texts
    assert "23" in texts
    assert "0" in texts
    assert "0" not in _texts(svg(flow))


def test_mermaid_names_every_node_and_quotes_its_own_signs() -> None:
    flow = FlowSet.from_texts({"odd": ODD}).flows["odd"]
    text = mermaid(flow)
    assert text.startswith("flowchart LR\n")
    labels = re.findall(r'"([^"]*)"', text)
    assert all(set(label.replace("<br/>", "")).isdisjoint('"<>[]{}|`') for label in labels)
    assert 'n0 -->|"1 sales"| n2' in text
    assert 'n0 -->|"2 again"| n0' in text
    for name, shipped in SHIPPED_FLOWS.items():
        drawn = mermaid(shipped)
        assert len(re.findall(r"^  n\d+[\[{(]", drawn, re.MULTILINE)) == len(shipped.nodes), name


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, float], list[Line]]:
    names = [f"n{index}" for index in range(draw(st.integers(1, 25)))]
    heights = {name: float(draw(st.integers(30, 200))) for name in names}
    ends = st.tuples(st.sampled_from(names), st.sampled_from(names), st.integers(0, 30))
    return heights, [Line(a, b, float(port)) for a, b, port in draw(st.lists(ends, max_size=60))]


@settings(max_examples=60)
@given(graphs())
def test_any_graph_is_laid_out_without_overlaps(given: tuple[dict[str, float], list[Line]]) -> None:
    heights, lines = given
    placed = place(heights, lines, "n0")
    assert placed.column.keys() == placed.top.keys() == heights.keys()
    for index in placed.drawn:
        line = lines[index]
        assert placed.column[line.target] == placed.column[line.source] + 1
    for column in set(placed.column.values()):
        spans = sorted((placed.top[n], heights[n]) for n in heights if placed.column[n] == column)
        for (top, height), (below, _) in pairwise(spans):
            assert below >= top + height + GAP - 1e-6


@settings(max_examples=60)
@given(graphs())
def test_every_card_beyond_the_first_column_has_a_line_to_it(
    given: tuple[dict[str, float], list[Line]],
) -> None:
    heights, lines = given
    placed = place(heights, lines, "n0")
    reached = {lines[index].target for index in placed.drawn}
    assert reached == {name for name, column in placed.column.items() if column > 0}
