"""Flows from YAML: reads, checks and compiles every file, and reports all mistakes at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ivr_flows import fields as read
from ivr_flows.asking import Asking
from ivr_flows.fields import Reading, Wrong, closest, read_fields, spec
from ivr_flows.flow import Finding, Flow, FlowError, Node
from ivr_flows.nodes import NODES
from ivr_flows.yaml_tree import Raw, YamlError, read_yaml

SCRIPT_SUFFIX: Final = ".test.yaml"


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """Values for every question of a flow that does not give its own."""

    tries: int = spec(read.integer(1, 10), "how often a question is asked", 3)
    timeout: float = spec(read.number(1, 120), "seconds of silence on the telephone", 6.0)
    text_timeout: float = spec(
        read.number(10, 604_800), "seconds without an answer on written channels", 86_400.0
    )


def _any(raw: Raw, _: Reading) -> Any:
    return raw.data()


def _mapping(raw: Raw, _: Reading) -> Raw:
    if not isinstance(raw.value, dict) or not raw.value:
        raise Wrong(f"expected node names with their fields and found {raw.kind()}")
    return raw


def _title(raw: Raw, reading: Reading) -> dict[str, str]:
    if isinstance(raw.value, str):
        return {"": raw.value}
    return read.mapping_of(read.string)(raw, reading)


@dataclass(frozen=True, kw_only=True)
class Head:
    """The fields of a flow itself."""

    flow: str = spec(read.name, "the flow's name, which is the file's too")
    title: dict[str, str] = spec(_title, "what people call it, by language", None)
    languages: tuple[str, ...] = spec(
        read.list_of(read.name, 1), "languages of its texts; the first is the default"
    )
    start: str = spec(read.name, "the first node")
    person: str = spec(read.name, "the node that leads to a person when something fails", "")
    variables: dict[str, Any] = spec(
        read.mapping_of(_any, read.saved_as), "variables and their first values", None
    )
    defaults: Defaults | None = spec(read.group(Defaults), "tries and time limits", None)
    nodes: Raw = spec(_mapping, "the nodes by name")


@dataclass(frozen=True)
class FlowSet:
    """Flows that were loaded together.

    ``digest`` names exactly these sources.
    """

    flows: dict[str, Flow]
    sources: dict[str, str]
    digest: str

    @classmethod
    def load(cls, folder: Path | str) -> FlowSet:
        """Every ``*.yaml`` of ``folder`` but the scripts. Raises `FlowError`."""
        sources, findings = read_sources(Path(folder))
        if findings:
            raise FlowError(findings)
        return cls.from_texts(sources, folder=str(folder))

    @classmethod
    def from_texts(cls, sources: Mapping[str, str], folder: str = "") -> FlowSet:
        """Flows from their YAML by name. Raises `FlowError` with every mistake in every flow."""
        loaded, findings = read_flows(sources, folder)
        mistakes = tuple(f for f in findings if f.level == "error")
        if mistakes:
            raise FlowError(mistakes)
        return cls(loaded, dict(sources), digest_of(sources))


def digest_of(sources: Mapping[str, str]) -> str:
    """A name for exactly these sources: 32 hexadecimal characters."""
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\0{sources[name]}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def read_sources(folder: Path) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The text of each flow file in ``folder``, and what could not be read."""
    sources: dict[str, str] = {}
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name.endswith(SCRIPT_SUFFIX):
            continue
        try:
            sources[path.stem] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            message = "the file cannot be read as UTF-8 text"
            findings.append(
                Finding("error", path.stem, message, file=str(path), line=1, remedy="save it as UTF-8")
            )
    if not sources and not findings:
        findings.append(
            Finding("error", "", f"there are no flows in {folder}", file=str(folder),
                    remedy="put NAME.yaml files there")
        )  # fmt: skip
    return sources, tuple(findings)


def read_flows(sources: Mapping[str, str], folder: str = "") -> tuple[dict[str, Flow], tuple[Finding, ...]]:
    """As many flows as can be read, and everything found on the way."""
    loaded: dict[str, Flow] = {}
    findings: list[Finding] = []
    for name, source in sources.items():
        file = str(Path(folder) / f"{name}.yaml")
        reading = Reading(file, name)
        flow = _read_flow(source, reading)
        findings += reading.findings
        if flow is not None:
            loaded[name] = flow
    findings += [f for flow in loaded.values() for f in _missing_subflows(flow, sources)]
    return loaded, tuple(findings)


def _missing_subflows(flow: Flow, known: Mapping[str, str]) -> list[Finding]:
    found = []
    for name, node in flow.nodes.items():
        called: str = getattr(node, "flow", "")
        if called and called not in known:
            found.append(
                Finding("error", flow.name, f"there is no flow '{called}'", name, "flow", flow.file,
                        flow.line(name, "flow"), closest(called, known, "write it first"))
            )  # fmt: skip
    return found


def _read_flow(source: str, reading: Reading) -> Flow | None:
    try:
        raw = read_yaml(source)
        if isinstance(raw.value, dict) and "languages" in raw.value:
            # Texts come before `languages` in no particular order, so it is read first.
            reading.languages = read.list_of(read.name)(raw.value["languages"], reading)
            reading.findings.clear()
        head = read_fields(Head, raw, reading)
    except YamlError as error:
        reading.note(error.line, error.message, error.remedy)
        return None
    except Wrong as wrong:
        reading.note(1, wrong.message, wrong.remedy)
        return None
    reading.field = ""
    if head is None:
        return None
    if head.flow != reading.flow:
        reading.field = "flow"
        reading.note(1, f"the flow is called '{head.flow}' and its file '{reading.flow}'", "rename one")
    flow = _build(head, reading)
    _check_targets(flow, reading)
    return flow


def _build(head: Head, reading: Reading) -> Flow:
    defaults = head.defaults or Defaults()
    reading.defaults = {
        "tries": defaults.tries, "timeout": defaults.timeout, "text_timeout": defaults.text_timeout,
    }  # fmt: skip
    nodes = {}
    assert isinstance(head.nodes.value, dict)
    for name, raw in head.nodes.value.items():
        reading.node, reading.field = name, ""
        reading.lines[(name, "")] = raw.line
        node = read_node(raw, reading)
        if node is not None:
            nodes[name] = node
    reading.node = reading.field = ""
    return Flow(
        name=reading.flow, title=head.title or {}, languages=head.languages, start=head.start,
        person=head.person, variables=head.variables or {}, nodes=nodes, file=reading.file,
        lines=reading.lines, uses=tuple(reading.uses), saved=frozenset(reading.saved),
        declared_nodes=frozenset(head.nodes.value),
    )  # fmt: skip


def read_node(raw: Raw, reading: Reading) -> Node | None:
    """One node; every mistake is noted, and None says that there was one."""
    try:
        if not _good_name(reading.node):
            raise Wrong("the node's name has odd characters", "use letters, digits and _")
        if not isinstance(raw.value, dict):
            raise Wrong(f"expected a mapping and found {raw.kind()}", "indent its fields below it")
        if "kind" not in raw.value:
            raise Wrong("it has no kind", f"kinds are {', '.join(NODES)}")
        kind = read.string(raw.value["kind"], reading)
        if kind not in NODES:
            reading.field = "kind"
            remedy = closest(kind, NODES, f"kinds are {', '.join(NODES)}")
            raise Wrong(f"there is no kind '{kind}'", remedy, raw.value["kind"].line)
        # A flow's defaults are those of its questions: how long a transfer rings is another matter.
        defaults = reading.defaults if issubclass(NODES[kind], Asking) else {}
        node = read_fields(NODES[kind], raw, reading, extra=("kind",), defaults=defaults)
    except Wrong as wrong:
        reading.note(wrong.line or raw.line, wrong.message, wrong.remedy)
        return None
    if node is not None:
        for field, message, remedy in node.problems():
            reading.field = field
            reading.note(reading.lines.get((reading.node, field), raw.line), message, remedy)
    return node


def _good_name(name: str) -> bool:
    """Whether a node may be called so."""
    return name.replace("_", "a").replace("-", "a").isalnum() and len(name) <= 64


def _check_targets(flow: Flow, reading: Reading) -> None:
    known = flow.declared_nodes
    for field, target in (("start", flow.start), ("person", flow.person)):
        if target and target not in known:
            reading.field = field
            reading.note(
                flow.line("", field),
                f"there is no node '{target}'",
                closest(target, known, "write it or name another"),
            )
    for name in flow.nodes:
        for way in flow.exits(name):
            if way.target.startswith("@") or way.target in known:
                continue
            reading.node, reading.field = name, way.field
            remedy = closest(way.target, known, "write it or name another")
            reading.note(flow.line(name, way.field), f"there is no node '{way.target}'", remedy)
    reading.node = reading.field = ""
