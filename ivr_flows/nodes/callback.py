"""``callback``: promises to call back, keeping the place in line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking, answers
from ivr_flows.effects import RequestCallback
from ivr_flows.expressions import Template, Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import Exit
from ivr_flows.hearing import agreed
from ivr_flows.inputs import AnyInput, Done, Failed, Silent
from ivr_flows.instructions import Instruction, Option
from ivr_flows.visit import IGNORED, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Callback(Asking):
    """Asks whether to call back, if there is a text, and books the call."""

    kind: ClassVar[str] = "callback"
    example: ClassVar[str] = """
kind: callback
queue: sales
number: "{{ contact.from_address }}"
preferred_at: ""
text: {en: "May we call you back? 1 for yes, 2 for no.", zh: "需要回电请按1，不需要请按2。"}
save_as: callback
accepted: goodbye
refused: goodbye
on_error: goodbye
on_failure: goodbye
"""

    queue: Template = spec(read.template, "the queue that calls back")
    number: Template | None = spec(read.template, "the number; the caller's own when empty", None)
    preferred_at: Template | None = spec(read.template, "when, as ISO 8601; soon when empty", None)
    text: Text | None = spec(read.text, "a question to be agreed to; none when left out", None)
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    save_as: str = spec(read.saved_as, "variable for accepted, reason, number_spoken and due_at", "callback")
    accepted: str = way("where to with the call booked")
    refused: str = way("where to when the customer or the system said no")
    on_error: str = way("where to when it cannot be booked", "refused", quiet=True)

    def exits(self) -> Iterator[Exit]:
        """Those of its fields; failure only where it asks."""
        asks = self.text is not None
        for way_out in self.field_exits():
            if asks or way_out.name != "on_failure":
                yield Exit(way_out.name, way_out.target, way_out.field, waits=asks, quiet=way_out.quiet)

    def enter(self, visit: Visit) -> Move:
        """Ask, or book it at once."""
        return self._book(visit) if self.text is None else visit.stay("")

    def _book(self, visit: Visit) -> Move:
        return RequestCallback(
            visit.render(self.queue), visit.render(self.number).strip(),
            visit.render(self.preferred_at).strip(),
        )  # fmt: skip

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Take the yes or no; keep what was booked."""
        if isinstance(given, Done):
            visit.save(self.save_as, given.result)
            return "accepted" if given.result.get("accepted") else "refused"
        if isinstance(given, Failed):
            return "on_error"
        if isinstance(given, Silent):
            return self.silent(visit)
        if not answers(given):
            return IGNORED
        yes = agreed(given)
        if yes is None:
            return self.again(visit, "unclear")
        return self._book(visit) if yes else "refused"

    def present(self, visit: Visit) -> Instruction:
        """The question."""
        prompts = self.excuse(visit, None, "no_match")
        if self.text is not None:
            prompts += (visit.prompt(self.text),)
        options = (
            Option("yes", visit.phrase("yes").text, "1"), Option("no", visit.phrase("no").text, "2"),
        )  # fmt: skip
        return self.listen(visit, prompts, options=options, min_digits=1, max_digits=1, speech=self.speech)
