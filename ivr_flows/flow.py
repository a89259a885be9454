"""What a flow is once it is loaded: nodes by name, their exits, and where each was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec

if TYPE_CHECKING:
    from ivr_flows.inputs import AnyInput, HandedBack
    from ivr_flows.instructions import Instruction
    from ivr_flows.visit import Move, Visit

PERSON: Final = "@person"
"""An exit to the flow's ``person`` node; in a subflow without one, to that of the flow around it."""
END: Final = "@end"
"""An exit that ends the contact."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to mend in a flow. ``level`` is ``error`` (it does not run) or ``warning``."""

    level: str
    flow: str
    message: str
    node: str = ""
    field: str = ""
    file: str = ""
    line: int = 0
    remedy: str = ""

    def __str__(self) -> str:
        where = f"flow {self.flow}" if self.flow else "flow"
        where += f", node {self.node}" if self.node else ""
        where += f", field {self.field}" if self.field else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.file}:{self.line}: {self.level}: {where}: {self.message}{remedy}"


class FlowError(Exception):
    """Flows that cannot be run; ``findings`` has every mistake, and the message lists them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


class Exit(msgspec.Struct, frozen=True):
    """One way out of a node.

    ``target`` is a node of the same flow, `PERSON` or `END`; ``field`` is where it is written.
    ``waits``: before this exit is taken the customer or somebody else has had the word.
    ``quiet``: it is taken when nobody says anything.
    """

    name: str
    target: str
    field: str
    label: str = ""
    waits: bool = False
    quiet: bool = False


class Use(msgspec.Struct, frozen=True):
    """A template or expression of a node, and the names it uses."""

    node: str
    field: str
    line: int
    names: frozenset[str]


def public(attribute: str) -> str:
    """A field's name in YAML: Python's own words carry an underscore in the code (``else_``)."""
    return attribute.rstrip("_")


@dataclass(frozen=True, kw_only=True)
class Node:
    """Base of every node kind: fields are declared with `ivr_flows.fields.spec`.

    ``enter`` and ``resume`` answer with what comes next (`Move`); a node that waits renders the wait in
    ``present``, from the session alone, so that it can be rendered again at any time.
    """

    kind: ClassVar[str]
    example: ClassVar[str]
    waits: ClassVar[bool] = False
    takes_back: ClassVar[bool] = False
    """Whether a person may give a customer back to this node (`take_back`)."""

    def enter(self, visit: Visit) -> Move:
        """The contact has come here."""
        raise NotImplementedError

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """An input has come while the contact waits here; `IGNORED` where it means nothing."""
        raise NotImplementedError

    def take_back(self, visit: Visit, given: HandedBack) -> Move:
        """A person gives the customer back; the node's own values are those with which it was left."""
        raise NotImplementedError

    def present(self, visit: Visit) -> Instruction:
        """The instruction that waits."""
        raise NotImplementedError

    def sensitive_now(self, visit: Visit) -> bool:
        """Whether what is answered to the present wait must be masked."""
        return False

    def exits(self) -> Iterator[Exit]:
        """Every way out, with documented defaults filled in."""
        yield from self.field_exits()

    def field_exits(self) -> Iterator[Exit]:
        """The exits that are fields of their own, such as ``next``."""
        for field in fields(self):
            spec = field.metadata.get("spec")
            if spec is not None and spec.target is not None:
                written = public(field.name)
                waits = self.waits and not spec.at_once
                yield Exit(written, self._target(field.name), written, "", waits, spec.quiet)

    def _target(self, name: str) -> str:
        given: str = getattr(self, name)
        if given:
            return given
        fallback: str = next(f for f in fields(self) if f.name == name).metadata["spec"].target
        return fallback if fallback.startswith("@") or not fallback else self._target(fallback)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Mistakes that one field alone does not show: (field, message, remedy)."""
        return iter(())


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One flow as loaded. ``targets`` and ``exits`` answer for a node name; ``uses`` is for the linter."""

    name: str
    title: dict[str, str]
    languages: tuple[str, ...]
    start: str
    person: str
    variables: dict[str, Any]
    nodes: dict[str, Node]
    file: str
    lines: dict[tuple[str, str], int]
    uses: tuple[Use, ...]
    saved: frozenset[str]
    declared_nodes: frozenset[str]

    targets: dict[str, dict[str, str]] = dataclass_field(init=False, default_factory=dict)
    _exits: dict[str, tuple[Exit, ...]] = dataclass_field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        exits = {name: tuple(node.exits()) for name, node in self.nodes.items()}
        self._exits.update(exits)
        for name, ways in exits.items():
            self.targets[name] = {way.name: way.target for way in ways}

    def exits(self, node: str) -> tuple[Exit, ...]:
        """Every way out of ``node``."""
        return self._exits[node]

    def line(self, node: str, field: str = "") -> int:
        """The line where a field of a node was written, else the node's, else 1."""
        return self.lines.get((node, field)) or self.lines.get((node, "")) or 1

    def language(self, wanted: str) -> str:
        """The flow's language for ``wanted`` (a BCP 47 tag or ''): the same, the nearest, the first."""
        if wanted in self.languages:
            return wanted
        base = wanted.partition("-")[0]
        return next((t for t in self.languages if t.partition("-")[0] == base), self.languages[0])
