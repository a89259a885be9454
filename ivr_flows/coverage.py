"""Which parts of the flows no scripted conversation reaches: nodes, and the exits of nodes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ivr_flows.flow import Flow
from ivr_flows.loader import FlowSet
from ivr_flows.session import Step


class Unreached(msgspec.Struct, frozen=True):
    """An exit that no script leaves by; ``exit`` '' means that no script comes to the node at all."""

    flow: str
    node: str
    exit: str
    target: str
    file: str
    line: int


class FlowCoverage(msgspec.Struct, frozen=True):
    """How much of one flow the scripts reach. ``unreached`` is in the order of the file."""

    flow: str
    nodes: int
    nodes_reached: int
    exits: int
    exits_reached: int
    unreached: tuple[Unreached, ...]

    @property
    def percent(self) -> float:
        """Exits reached, of a hundred; 100 for a flow without exits."""
        return 100.0 * self.exits_reached / self.exits if self.exits else 100.0


def coverage(flows: FlowSet, steps: Iterable[Step]) -> tuple[FlowCoverage, ...]:
    """The coverage of every flow by the steps of all conversations (`Result.steps`)."""
    taken = {(step.flow, step.node, step.exit) for step in steps}
    return tuple(_of_flow(flow, taken) for flow in flows.flows.values())


def _of_flow(flow: Flow, taken: set[tuple[str, str, str]]) -> FlowCoverage:
    visited = {node for name, node, _ in taken if name == flow.name}
    missing: list[Unreached] = []
    exits = 0
    for node in flow.nodes:
        ways = flow.exits(node)
        exits += len(ways)
        if node not in visited:
            missing.append(Unreached(flow.name, node, "", "", flow.file, flow.line(node)))
        missing += [
            Unreached(flow.name, node, way.name, way.target, flow.file, flow.line(node, way.field))
            for way in ways
            if (flow.name, node, way.name) not in taken
        ]
    return FlowCoverage(
        flow=flow.name,
        nodes=len(flow.nodes),
        nodes_reached=len(visited & flow.nodes.keys()),
        exits=exits,
        exits_reached=exits - sum(bool(each.exit) for each in missing),
        unreached=tuple(missing),
    )
