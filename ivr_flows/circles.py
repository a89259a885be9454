"""Where a flow can go, and where it can go round: the graph under the linter."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.flow import END, PERSON, Exit, Flow
from ivr_flows.loader import FlowSet
from ivr_flows.nodes.subflow import Return, Subflow

Place = tuple[str, str]
"""A flow and one of its nodes."""

Graph = dict[Place, set[Place]]
_OUT: Place = ("", "")
"""Where a circle is left: somebody gets the word, or the contact ends."""


def reach(flow: Flow, start: str) -> set[str]:
    """Nodes of ``flow`` that can be come to from ``start``, itself included."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in flow.nodes:
            continue
        reached.add(name)
        targets = [way.target for way in flow.exits(name)]
        waiting += [flow.person if target == PERSON else target for target in targets]
    return reached


def without_waits(flows: FlowSet, *, quiet: bool = False) -> Graph:
    """Every step that can be taken before anybody says a word; ``quiet``: or by saying none.

    A subflow leads to its first node, and to where it returns only if it can return so.
    """
    through: set[str] = set()
    while True:
        graph = {
            (flow.name, name): set(_steps(flows, flow, name, quiet, through))
            for flow in flows.flows.values()
            for name in flow.nodes
        }
        returning = {flow.name for flow in flows.flows.values() if _returns(flow, graph)}
        if returning == through:
            return graph
        through = returning


def _steps(flows: FlowSet, flow: Flow, name: str, quiet: bool, through: set[str]) -> Iterator[Place]:
    node = flow.nodes[name]
    if isinstance(node, Return):
        return  # where it leads is a step of the subflow node that it returns to
    if isinstance(node, Subflow):
        yield (node.flow, flows.flows[node.flow].start)
        if node.flow not in through:
            return
    for way in flow.exits(name):
        if not way.waits or (quiet and way.quiet):
            yield _place(flow, way)
        elif not quiet:
            yield _OUT


def _place(flow: Flow, way: Exit) -> Place:
    target = flow.person if way.target == PERSON else way.target
    return (flow.name, target) if target and target != END else _OUT


def _returns(flow: Flow, graph: Graph) -> bool:
    seen: set[Place] = set()
    waiting: list[Place] = [(flow.name, flow.start)]
    while waiting:
        place = waiting.pop()
        if place in seen or place[0] != flow.name or place not in graph:
            continue
        if isinstance(flow.nodes[place[1]], Return):
            return True
        seen.add(place)
        waiting += graph[place]
    return False


def circles(graph: Graph) -> list[tuple[list[Place], bool]]:
    """Sets of places that lead back to themselves, and whether there is a way out of them."""
    leaving = _leaving(graph)
    found = []
    for component in _components(graph):
        if len(component) == 1 and component[0] not in graph[component[0]]:
            continue
        found.append((_in_order(component, graph), component[0] in leaving))
    return found


def _leaving(graph: Graph) -> set[Place]:
    """Places from which the graph can be left."""
    back = _reversed(graph)
    leaving: set[Place] = set()
    waiting = [place for place, onward in graph.items() if _OUT in onward]
    while waiting:
        place = waiting.pop()
        if place not in leaving:
            leaving.add(place)
            waiting += back[place]
    return leaving


def _in_order(component: list[Place], graph: Graph) -> list[Place]:
    """One way round, from the first place by name."""
    members, place = set(component), min(component)
    path = [place]
    while True:
        onward = sorted((graph[place] & members) - set(path))
        if not onward:
            return path
        place = onward[0]
        path.append(place)


def _components(graph: Graph) -> list[list[Place]]:
    """Strongly connected components (Kosaraju: the order of leaving, then the graph reversed)."""
    order: list[Place] = []
    seen: set[Place] = set()
    for root in graph:
        stack: list[tuple[Place, Iterator[Place]]] = []
        if root not in seen:
            seen.add(root)
            stack.append((root, iter(graph[root])))
        while stack:
            onward = stack[-1][1]
            fresh = next((p for p in onward if p in graph and p not in seen), None)
            if fresh is None:
                order.append(stack.pop()[0])
            else:
                seen.add(fresh)
                stack.append((fresh, iter(graph[fresh])))
    return _gather(order, _reversed(graph))


def _reversed(graph: Graph) -> Graph:
    back: Graph = {place: set() for place in graph}
    for place, onward in graph.items():
        for target in onward:
            if target in back:
                back[target].add(place)
    return back


def _gather(order: list[Place], back: Graph) -> list[list[Place]]:
    components: list[list[Place]] = []
    taken: set[Place] = set()
    for root in reversed(order):
        component: list[Place] = []
        waiting = [root]
        while waiting:
            place = waiting.pop()
            if place not in taken:
                taken.add(place)
                component.append(place)
                waiting += back[place]
        if component:
            components.append(component)
    return components
