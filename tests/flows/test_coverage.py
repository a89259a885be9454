"""Coverage: what scripts do not reach is named with its line."""

from __future__ import annotations

from ivr_flows import FlowSet, Step
from ivr_flows.coverage import coverage

FLOW = """flow: small
languages: [en]
start: ask
person: desk
nodes:
  ask:
    kind: menu
    text: Sales?
    choices:
      - {key: "1", value: sales, label: Sales, next: desk}
      - {key: "2", value: none, label: Nothing, next: bye}
  desk: {kind: queue, queue: general, next: bye, error: bye}
  bye: {kind: hang_up}
"""
FLOWS = FlowSet.from_texts({"small": FLOW}, folder="x")


def test_nothing_run_means_everything_unreached() -> None:
    (found,) = coverage(FLOWS, [])
    assert (found.nodes, found.nodes_reached, found.exits, found.exits_reached) == (3, 0, 9, 0)
    assert found.percent == 0
    assert [(u.node, u.exit) for u in found.unreached][:2] == [("ask", ""), ("ask", "sales")]


def test_exits_taken_count_and_the_rest_has_file_and_line() -> None:
    steps = [Step("small", "ask", ""), Step("small", "ask", "none"), Step("small", "bye", "end")]
    (found,) = coverage(FLOWS, [*steps, *steps, Step("other", "desk", "next")])
    assert (found.nodes_reached, found.exits_reached) == (2, 2)
    sales = next(each for each in found.unreached if each.exit == "sales")
    assert (sales.target, sales.file, sales.line) == ("desk", "x/small.yaml", 10)
    assert ("desk", "") in [(u.node, u.exit) for u in found.unreached]
    assert ("bye", "") not in [(u.node, u.exit) for u in found.unreached]
