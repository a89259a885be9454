"""``transfer``: connects the caller to somebody outside the queues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.expressions import Template, Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import END, PERSON, Node
from ivr_flows.inputs import AnyInput, Connected
from ivr_flows.instructions import Connect, Instruction
from ivr_flows.visit import IGNORED, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Party:
    """Who is called: exactly one of the three."""

    number: Template | None = spec(read.template, "a telephone number, E.164", None)
    sip: Template | None = spec(read.template, "a SIP address", None)
    client: Template | None = spec(read.template, "the name of a client registered with the carrier", None)

    def named(self) -> list[tuple[str, Template]]:
        """Those that are given."""
        given = (("number", self.number), ("sip", self.sip), ("client", self.client))
        return [(kind, template) for kind, template in given if template is not None]


@dataclass(frozen=True, kw_only=True)
class Transfer(Node):
    """Connects the caller and waits for the end; a written channel cannot, and takes ``failed``."""

    kind: ClassVar[str] = "transfer"
    waits: ClassVar[bool] = True
    example: ClassVar[str] = """
kind: transfer
to: {number: "{{ company.owner_number }}"}
text: {en: "One moment please.", zh: "请稍候。"}
timeout: 25
record: false
answered: goodbye
busy: goodbye
no_answer: goodbye
failed: goodbye
"""

    to: Party = spec(read.group(Party), "number, sip or client")
    text: Text | None = spec(read.text, "said before it rings", None)
    timeout: int = spec(read.integer(5, 600), "seconds it may ring", 30)
    record: bool = spec(read.boolean, "record the conversation", False)
    answered: str = way("where to after they have talked", END)
    busy: str = way("where to when the line is busy", "failed", quiet=True)
    no_answer: str = way("where to when nobody answers", "failed", quiet=True)
    failed: str = way("where to when it could not be connected", PERSON, at_once=True, quiet=True)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Exactly one target."""
        if len(self.to.named()) != 1:
            yield "to", "it names not exactly one of number, sip and client", "keep one of them"

    def enter(self, visit: Visit) -> Move:
        """Connect, where the channel can and there is somebody to connect to."""
        _, template = self.to.named()[0]
        if not visit.context.traits.speaks or not visit.render(template).strip():
            return "failed"
        return visit.stay("")

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Go on by how it ended."""
        if not isinstance(given, Connected):
            return IGNORED
        return given.outcome if given.outcome in ("answered", "busy", "no_answer") else "failed"

    def present(self, visit: Visit) -> Instruction:
        """The connection."""
        kind, template = self.to.named()[0]
        return Connect(
            target_kind=kind, target=visit.render(template).strip(), language=visit.language,
            timeout=self.timeout, record=self.record,
            prompts=(visit.prompt(self.text),) if self.text else (),
        )  # fmt: skip
