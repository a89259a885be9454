"""What is wrong with flows that load: found before a customer finds it.

The loader already refuses what cannot run (missing targets and languages, templates that do not
compile). Here is what runs and still goes wrong: dead ends, circles, names nobody sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ivr_flows.circles import Place, circles, reach, without_waits
from ivr_flows.fields import KNOWN_NAMES, closest
from ivr_flows.flow import Finding, Flow
from ivr_flows.hearing import fold
from ivr_flows.loader import FlowSet, digest_of, read_flows, read_sources
from ivr_flows.nodes.collect import Collect
from ivr_flows.nodes.language import Language
from ivr_flows.nodes.menu import Menu
from ivr_flows.nodes.subflow import Subflow

_PEOPLE: Final = frozenset({"queue", "transfer", "voicemail", "callback", "open_ticket"})
_SILENT_KINDS: Final = frozenset({"request", "look_up", "branch", "set", "ticket_status"})


def check(folder: Path | str) -> tuple[FlowSet | None, tuple[Finding, ...]]:
    """The flows of ``folder``, None where they do not load, and everything found in them."""
    sources, findings = read_sources(Path(folder))
    if findings:
        return None, findings
    return check_texts(sources, str(folder))


def check_texts(sources: Mapping[str, str], folder: str = "") -> tuple[FlowSet | None, tuple[Finding, ...]]:
    """The same from YAML texts by name."""
    loaded, findings = read_flows(sources, folder)
    if any(finding.level == "error" for finding in findings):
        return None, findings
    flows = FlowSet(loaded, dict(sources), digest_of(sources))
    return flows, findings + lint(flows)


def lint(flows: FlowSet) -> tuple[Finding, ...]:
    """Everything found in flows that load, by file and line."""
    findings: list[Finding] = []
    for flow in flows.flows.values():
        findings += _person(flow, flows)
        findings += _unreachable(flow)
        findings += _choices(flow)
        findings += _languages(flow, flows)
        findings += _sensitive(flow)
    findings += _names(flows)
    findings += _circles(flows)
    return tuple(sorted(findings, key=lambda f: (f.file, f.line, f.message)))


def _at(flow: Flow, level: str, message: str, remedy: str, node: str = "", field: str = "") -> Finding:
    line = flow.line(node, field)
    return Finding(level, flow.name, message, node, field, flow.file, line, remedy)


def _called(flows: FlowSet) -> set[str]:
    return {
        node.flow
        for flow in flows.flows.values()
        for node in flow.nodes.values()
        if isinstance(node, Subflow)
    }


def _person(flow: Flow, flows: FlowSet) -> Iterator[Finding]:
    if not flow.person:
        if flow.name not in _called(flows):
            remedy = "add person: and name a node that leads to a queue"
            yield _at(flow, "error", "there is no person for when something fails", remedy)
        return
    kinds = {flow.nodes[name].kind for name in reach(flow, flow.person)}
    if not kinds & (_PEOPLE | {"subflow"}):
        remedy = "let it lead to a queue, transfer, callback, voicemail or open_ticket"
        message = f"person '{flow.person}' leads to nobody"
        yield _at(flow, "error", message, remedy, field="person")


def _unreachable(flow: Flow) -> Iterator[Finding]:
    reached = reach(flow, flow.start) | (reach(flow, flow.person) if flow.person else set())
    for name in flow.nodes:
        if name not in reached:
            remedy = "lead to it from another node, or delete it"
            yield _at(flow, "warning", "no way leads to this node", remedy, name)


def _choices(flow: Flow) -> Iterator[Finding]:
    for name, node in flow.nodes.items():
        if isinstance(node, Menu):
            yield from _prefixes(flow, name, node)
            yield from _shared_words(flow, name, node)


def _prefixes(flow: Flow, name: str, menu: Menu) -> Iterator[Finding]:
    keys = [*menu.by_key, *([menu.repeat_key] if menu.repeat_key else [])]
    for index, choice in enumerate(menu.choices):
        longer = [key for key in keys if key.startswith(choice.key) and key != choice.key]
        if longer:
            message = f"key '{choice.key}' is the beginning of key '{longer[0]}'"
            remedy = "give both the same length, or callers wait for the limit to run out"
            yield _at(flow, "warning", message, remedy, name, f"choices[{index + 1}].key")


def _shared_words(flow: Flow, name: str, menu: Menu) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for index, choice in enumerate(menu.choices):
        said = [word for listed in (choice.words or {}).values() for word in listed]
        for word in said:
            owner = owners.setdefault(fold(word), choice.name)
            if owner != choice.name:
                message = f"the word '{word}' stands for '{owner}' and for '{choice.name}'"
                field = f"choices[{index + 1}].words"
                yield _at(flow, "error", message, "keep it at one of them", name, field)


def _languages(flow: Flow, flows: FlowSet) -> Iterator[Finding]:
    remedy = closest("", (), f"its languages are {', '.join(flow.languages)}")
    for name, node in flow.nodes.items():
        if isinstance(node, Subflow):
            missing = [t for t in flow.languages if t not in flows.flows[node.flow].languages]
            if missing:
                message = f"subflow '{node.flow}' does not speak {', '.join(missing)}"
                yield _at(flow, "warning", message, "translate it", name, "flow")
        if not isinstance(node, Language):
            continue
        if node.set and node.set not in flow.languages:
            yield _at(flow, "error", f"the flow does not speak '{node.set}'", remedy, name, "set")
        for index, choice in enumerate(node.choices):
            if choice.language not in flow.languages:
                field = f"choices[{index + 1}].language"
                message = f"the flow does not speak '{choice.language}'"
                yield _at(flow, "error", message, remedy, name, field)


def _sensitive(flow: Flow) -> Iterator[Finding]:
    secrets = {n.save_as for n in flow.nodes.values() if isinstance(n, Collect) and n.sensitive}
    for name, node in flow.nodes.items():
        if isinstance(node, Collect) and node.sensitive and node.confirm is not None:
            remedy = "leave confirm out, or sensitive"
            yield _at(flow, "warning", "a sensitive answer is read out", remedy, name, "confirm")
    for use in flow.uses:
        kind = flow.nodes[use.node].kind if use.node in flow.nodes else ""
        for secret in sorted(use.names & secrets):
            if kind not in _SILENT_KINDS:
                message = f"the sensitive '{secret}' is shown in clear"
                remedy = "use it in request, look_up, branch or set only"
                yield _at(flow, "warning", message, remedy, use.node, use.field)


# --- names -------------------------------------------------------------------------------------


def _names(flows: FlowSet) -> Iterator[Finding]:
    for together in _families(flows):
        saved = {name for flow in together for name in _saved(flow)}
        used = {name for flow in together for use in flow.uses for name in use.names}
        for flow in together:
            yield from _unknown(flow, saved)
            for name in flow.variables:
                if name not in used:
                    remedy = "use it or delete it"
                    message = f"variable '{name}' is used nowhere"
                    yield _at(flow, "warning", message, remedy, field=f"variables.{name}")


def _saved(flow: Flow) -> set[str]:
    kept = {getattr(node, "save_as", "") for node in flow.nodes.values()}
    return (kept - {""}) | flow.saved | set(flow.variables)


def _unknown(flow: Flow, saved: set[str]) -> Iterator[Finding]:
    for use in flow.uses:
        known = saved | KNOWN_NAMES
        if use.field in ("confirm", "validate") and flow.nodes[use.node].kind == "collect":
            known = known | {"value"}
        for name in sorted(use.names - known):
            remedy = closest(name, known, "declare it in variables:, or save it first")
            message = f"nothing sets '{name}'"
            yield _at(flow, "error", message, remedy, use.node, use.field)


def _families(flows: FlowSet) -> list[list[Flow]]:
    """Flows that call one another, and so share their variables."""
    family = {name: {name} for name in flows.flows}
    for flow in flows.flows.values():
        for node in flow.nodes.values():
            if isinstance(node, Subflow):
                joined = family[flow.name] | family[node.flow]
                for name in joined:
                    family[name] = joined
    distinct = {frozenset(names) for names in family.values()}
    return [[flows.flows[name] for name in sorted(names)] for names in distinct]


# --- circles -----------------------------------------------------------------------------------


def _circles(flows: FlowSet) -> Iterator[Finding]:
    found: set[Place] = set()
    for circle, escapes in circles(without_waits(flows)):
        found.update(circle)
        flow = flows.flows[circle[0][0]]
        path = " -> ".join(node for _, node in (*circle, circle[0]))
        if escapes:
            message = f"it may go round without a wait: {path}"
            remedy = "make sure that a counter or an answer ends it"
            yield _at(flow, "warning", message, remedy, circle[0][1])
        else:
            message = f"it goes round for ever without a wait: {path}"
            yield _at(flow, "error", message, "put a question in, or a way out", circle[0][1])
    for circle, escapes in circles(without_waits(flows, quiet=True)):
        if escapes or found & set(circle):
            continue
        flow = flows.flows[circle[0][0]]
        path = " -> ".join(node for _, node in (*circle, circle[0]))
        message = f"a caller who says nothing goes round for ever: {path}"
        remedy = "let on_failure of one of them lead out"
        yield _at(flow, "warning", message, remedy, circle[0][1])
