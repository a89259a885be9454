"""What every node that asks the customer something has in common: tries, time limits, and failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.expressions import Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import PERSON, Node
from ivr_flows.inputs import AnyInput, Keys, Picked, Silent, Words
from ivr_flows.instructions import Listen, Prompt
from ivr_flows.visit import WAIT, End, Move, Visit

ANSWERS = (Keys, Words, Picked, Silent)
"""The inputs that answer a question; every other is ignored there."""


@dataclass(frozen=True, kw_only=True)
class Asking(Node):
    """Base of the nodes that wait in a `Listen`.

    The node's phase says why it asks again: ``unclear`` or ``silent``. Silence is a failed try on
    the telephone; on a channel where people write it means that the customer has gone.
    """

    waits: ClassVar[bool] = True

    tries: int = spec(read.integer(1, 10), "how often it asks before it gives up", 3)
    timeout: float = spec(read.number(1, 120), "seconds of silence on the telephone", 6.0)
    text_timeout: float = spec(
        read.number(10, 604_800), "seconds without an answer on written channels", 86_400.0
    )
    no_input: Text | None = spec(read.text, "said after silence, before it asks again", None)
    on_failure: str = way("where to after the last failed try", PERSON, quiet=True)

    def enter(self, visit: Visit) -> Move:
        """Ask."""
        return visit.stay("")

    def again(self, visit: Visit, why: str) -> Move:
        """Count a failed try: ask again because of ``why``, or give up."""
        visit.tries += 1
        if visit.tries >= self.tries:
            return "on_failure"
        visit.phase = why
        return WAIT

    def silent(self, visit: Visit) -> Move:
        """Nobody answered."""
        return self.again(visit, "silent") if visit.context.traits.speaks else End("no_answer")

    def excuse(self, visit: Visit, unclear: Text | None, otherwise: str) -> tuple[Prompt, ...]:
        """What is said before the question is asked again."""
        if visit.phase == "silent":
            silent = self.no_input
            return (visit.prompt(silent) if silent else visit.phrase("no_input"),)
        if visit.phase == "unclear":
            return (visit.prompt(unclear) if unclear else visit.phrase(otherwise),)
        return ()

    def listen(self, visit: Visit, prompts: tuple[Prompt, ...], **fields: Any) -> Listen:
        """A `Listen` with this node's limits, in the contact's language."""
        spoken = tuple(p for p in prompts if getattr(p, "text", " ").strip())
        return Listen(
            language=visit.language, prompts=spoken, timeout=self.timeout,
            text_timeout=self.text_timeout, **fields,
        )  # fmt: skip


def answers(given: AnyInput) -> bool:
    """Whether an input is an answer to a question at all."""
    return isinstance(given, ANSWERS)
