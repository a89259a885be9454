"""What the tests of the flow engine share: small flows around one node, contexts, and a caller."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from ivr_flows import Context, FlowSet, Session, Traits, Turn, advance, begin
from ivr_flows.inputs import AnyInput, Started
from ivr_flows.instructions import Say

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PHONE = Context(NOW, Traits("phone", speaks=True))
SMS = Context(NOW, Traits("sms", speaks=False))

AROUND = """
flow: around
languages: [en, zh]
start: node
person: person
variables: {order_number: "1234", words: "", severity: normal, ticket_number: T-9, attempts: 0, matter: ""}
nodes:
  goodbye: {kind: hang_up, text: {en: "Goodbye.", zh: "再见。"}}
  person: {kind: queue, queue: people}
  node:
"""
INSIDE = """
flow: example
languages: [en, zh]
start: ask
variables: {matter: "", inner: 0}
nodes:
  ask:
    kind: menu
    text: {en: "In the subflow: {{ matter }}", zh: "子流程：{{ matter }}"}
    choices: [{key: "1", label: {en: Back, zh: 返回}, next: count}]
  count: {kind: set, values: {inner: "= 3"}, next: back}
  back: {kind: return}
"""


def around(node: str) -> dict[str, str]:
    """Flow sources with ``node`` (the YAML of one node) between a goodbye and a person."""
    indented = "".join(f"    {line}\n" for line in node.strip().splitlines())
    return {"around": AROUND + indented, "example": INSIDE}


def one_flow(nodes: str, head: str = "") -> dict[str, str]:
    """Sources of one English flow named ``f`` that starts at ``a``."""
    person = "" if "person:" in head else "person: person\n"
    last = "" if "\n  person:" in nodes else "  person: {kind: queue, queue: people}\n"
    return {"f": f"flow: f\nlanguages: [en]\nstart: a\n{person}{head}\nnodes:\n{nodes}\n{last}"}


def reloaded(session: Session) -> Session:
    """The session saved as JSON and loaded again; it must be the same."""
    again = msgspec.json.decode(msgspec.json.encode(session), type=Session)
    assert again == session
    return again


class Caller:
    """A contact with a flow, kept between inputs as it would be in the store."""

    def __init__(self, flows: FlowSet, context: Context = PHONE, flow: str = "", **variables: Any) -> None:
        self.flows, self.context = flows, context
        self.session = begin(flows, flow or next(iter(flows.flows)), "en", variables)
        self.turn = self.give(Started())

    def give(self, *given: AnyInput) -> Turn:
        """Take inputs in; the last one's turn."""
        for each in given:
            self.turn = advance(self.flows, reloaded(self.session), each, self.context)
            self.session = self.turn.session
        return self.turn

    def said(self) -> str:
        """The last turn's words."""
        parts: list[str] = []
        for instruction in self.turn.instructions:
            prompts = getattr(instruction, "prompts", (instruction,))
            parts += [p.text for p in prompts if isinstance(p, Say)]
        return " ".join(parts)
