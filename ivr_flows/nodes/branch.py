"""``branch``: the first case that holds says where to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.expressions import Expression
from ivr_flows.fields import spec, way
from ivr_flows.flow import Exit, Node
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class Case:
    """One condition and where it leads."""

    when: Expression = spec(read.expression, "a Jinja2 expression, such as customer.tier == 'gold'")
    next: str = spec(read.name, "where to when it holds")


@dataclass(frozen=True, kw_only=True)
class Branch(Node):
    """Chooses a way by what is known."""

    kind: ClassVar[str] = "branch"
    example: ClassVar[str] = """
kind: branch
cases:
  - {when: "customer and customer.is_key", next: goodbye}
  - {when: "now.hour < 9", next: goodbye}
else: goodbye
"""

    cases: tuple[Case, ...] = spec(read.list_of(read.group(Case), 1), "conditions, tried in order")
    else_: str = way("where to when none holds")

    def enter(self, visit: Visit) -> Move:
        """Take the first case whose condition is true."""
        for index, case in enumerate(self.cases):
            if visit.value(case.when):
                return f"case {index + 1}"
        return "else"

    def exits(self) -> Iterator[Exit]:
        """``case 1``, ``case 2`` ... and ``else``."""
        for index, case in enumerate(self.cases):
            field = f"cases[{index + 1}].next"
            yield Exit(f"case {index + 1}", case.next, field, case.when.source)
        yield from self.field_exits()
