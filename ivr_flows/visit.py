"""One turn under way: what the nodes that it passes may read, say and save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ivr_flows.effects import Effect
from ivr_flows.expressions import Expression, Template, Text, plain
from ivr_flows.instructions import Instruction, Say
from ivr_flows.phrases import phrase

if TYPE_CHECKING:
    from ivr_flows.flow import Flow
    from ivr_flows.session import Context, Session


class Wait(msgspec.Struct, frozen=True):
    """Wait here: the node's ``present`` says for what."""


class Ignored(msgspec.Struct, frozen=True):
    """The input means nothing here; nothing changes."""


class End(msgspec.Struct, frozen=True):
    """The contact ends."""

    reason: str
    reject: bool = False


class Call(msgspec.Struct, frozen=True):
    """Go into a subflow; it comes back through this node's ``next``."""

    flow: str
    variables: dict[str, Any] = {}


class Return(msgspec.Struct, frozen=True):
    """Go back to the flow around this one; where there is none, the contact ends."""


WAIT: Final = Wait()
IGNORED: Final = Ignored()
RETURN: Final = Return()

Move = str | Effect | Wait | Ignored | End | Call | Return
"""What a node answers with: the exit it is left by, an effect to carry out, or one of the above."""


class Visit:
    """The turn's working state. Nodes change it through its methods; the session is made from it."""

    __slots__ = (
        "_names", "_owned", "context", "faults", "flow", "instructions", "language", "left", "local", "node",
        "phase", "stack", "tries", "variables",
    )  # fmt: skip

    def __init__(self, flow: Flow, session: Session, context: Context) -> None:
        self.flow = flow
        self.node = session.node
        self.context = context
        self.language = session.language
        self.variables = session.variables
        self.stack = session.stack
        self.phase = session.phase
        self.local = session.local
        self.left = session.left
        self.tries = session.tries
        self.instructions: list[Instruction] = []
        self.faults: list[str] = []
        self._names: dict[str, Any] | None = None
        self._owned = False

    def names(self) -> dict[str, Any]:
        """What templates see. The caller must not change it."""
        if self._names is None:
            context = self.context
            self._names = {
                **self.variables,
                "customer": context.customer,
                "contact": context.contact,
                "company": context.company,
                "line": context.line,
                "now": context.now,
                "language": self.language,
            }
        return self._names

    def save(self, name: str, value: Any) -> None:
        """Set a variable of the session (plain data of bounded size)."""
        if not name:
            return
        if not self._owned:
            self.variables = dict(self.variables)
            self._owned = True
        self.variables[name] = plain(value)
        self._names = None

    def speak(self, language: str) -> None:
        """Go on in another language."""
        self.language = language
        self._names = None

    def render(self, template: Template | None, extra: Mapping[str, Any] | None = None) -> str:
        """A template's text; '' for None. ``extra`` names go before the session's."""
        if template is None:
            return ""
        if template.plain:
            return template.source
        found: list[str] = []
        text = template.render({**self.names(), **extra} if extra else self.names(), found)
        self._note(found)
        return text

    def _note(self, found: list[str]) -> None:
        for fault in found:
            self.fault(fault)

    def fault(self, what: str) -> None:
        """Note something wrong in the flow; ``what`` holds nothing of the customer's."""
        noted = f"{self.flow.name}.{self.node}: {what}"
        if noted not in self.faults:
            self.faults.append(noted)

    def value(self, item: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """A template's text, an expression's value, or lists and mappings of such; else itself."""
        if isinstance(item, Template):
            return self.render(item, extra)
        if isinstance(item, Expression):
            found: list[str] = []
            value = item.evaluate({**self.names(), **extra} if extra else self.names(), found)
            self._note(found)
            return value
        if isinstance(item, dict):
            return {name: self.value(each, extra) for name, each in item.items()}
        if isinstance(item, list):
            return [self.value(each, extra) for each in item]
        return item

    def prompt(self, text: Text, extra: Mapping[str, Any] | None = None) -> Say:
        """The text in the contact's language, or in the nearest that the flow has."""
        language, part = text.part(self.language)
        return Say(part.source if part.plain else self.render(part, extra), language)

    def phrase(self, name: str) -> Say:
        """A built-in sentence."""
        return Say(phrase(name, self.language), self.language)

    def say(self, text: Text | None, extra: Mapping[str, Any] | None = None) -> None:
        """Say it now, before whatever comes next; empty texts are left out."""
        if text is not None:
            prompt = self.prompt(text, extra)
            if prompt.text.strip():
                self.instructions.append(prompt)

    def stay(self, phase: str, **local: Any) -> Wait:
        """Wait in ``phase``; what is given joins the node's local values."""
        self.phase = phase
        if local:
            self.local = {**self.local, **local}
        return WAIT
