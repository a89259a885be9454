"""``collect``: an open question: a number keyed in or spoken, or words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking
from ivr_flows.expressions import Expression, Text
from ivr_flows.fields import spec, way
from ivr_flows.hearing import LONGEST, agreed, keys_of
from ivr_flows.inputs import AnyInput, Keys, Picked, Silent, Words
from ivr_flows.instructions import Instruction, Option
from ivr_flows.patterns import Pattern, pattern
from ivr_flows.visit import IGNORED, WAIT, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Collect(Asking):
    """Asks for a number or for words, checks it, and may read it back."""

    kind: ClassVar[str] = "collect"
    example: ClassVar[str] = """
kind: collect
text: {en: "Please key in your order number.", zh: "请输入订单号。"}
save_as: order_number
accept: digits
min: 4
max: 8
confirm: {en: "{{ value | spell }}. Is that right?", zh: "{{ value | spell }}，对吗？"}
validate: value != '0000'
next: goodbye
on_failure: goodbye
"""

    text: Text = spec(read.text, "the question")
    save_as: str = spec(read.saved_as, "variable for the answer")
    accept: str = spec(read.one_of("digits", "words", "any"), "what an answer is", "digits")
    min: int = spec(read.integer(1, LONGEST), "fewest digits or characters", 1)
    max: int = spec(read.integer(1, LONGEST), "most digits or characters; 32 digits, 1000 of words", 0)
    pattern: Pattern | None = spec(pattern, "a regular expression for the whole answer", None)
    chars: str = spec(read.string, "keys besides 0-9 that belong to the answer: * or #", "")
    finish_on: str = spec(read.string, "the key that ends the answer early", "#")
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    validate: Expression | None = spec(read.expression, "must be true of ``value``", None)
    confirm: Text | None = spec(read.text, "reads ``value`` back and asks for yes (1) or no (2)", None)
    invalid: Text | None = spec(read.text, "said after an answer that does not do", None)
    sensitive: bool = spec(read.boolean, "mask the answer wherever it is kept or shown", False)
    next: str = way("where to with a good answer")

    @property
    def most(self) -> int:
        """The longest answer that is taken."""
        return self.max or (32 if self.accept == "digits" else 1_000)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Limits that no answer meets, odd keys, and patterns that could take for ever."""
        if self.min > self.most:
            yield "min", f"min {self.min} is more than max {self.most}", "lower min or raise max"
        if not set(self.chars) <= {"*", "#"}:
            yield "chars", f"'{self.chars}' has other characters than * and #", 'write "*"'
        if self.finish_on not in ("", "#", "*") or (self.finish_on and self.finish_on in self.chars):
            yield "finish_on", "it is one key that is no part of the answer", 'write "#" or ""'
        if self.pattern is not None and self.pattern.paths(self.most) > Pattern.MOST_PATHS:
            yield "pattern", "it could take too long on a hostile answer", "avoid repeats in repeats"

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Check the answer, or take the yes or no to it."""
        if isinstance(given, Silent):
            return self.silent(visit)
        if not isinstance(given, Keys | Words | Picked):
            return IGNORED
        if "value" in visit.local:
            return self._confirmed(visit, given)
        value = self._answer(given)
        if value is None or not self._valid(visit, value):
            return self.again(visit, "unclear")
        if self.confirm is None:
            visit.save(self.save_as, value)
            return "next"
        visit.tries = 0
        return visit.stay("", value=value)

    def _answer(self, given: Keys | Words | Picked) -> str | None:
        said = (
            given.digits
            if isinstance(given, Keys)
            else (given.text if isinstance(given, Words) else given.value)
        )
        if isinstance(given, Keys):
            return said if self.accept != "words" else None
        if self.accept == "words":
            return said.strip()
        found = keys_of(said, self.chars, whole=self.accept == "any")
        return found if self.accept == "digits" else (found or said.strip())

    def _valid(self, visit: Visit, value: str) -> bool:
        if not self.min <= len(value) <= self.most:
            return False
        if self.accept == "digits" and not set(value) <= set("0123456789" + self.chars):
            return False
        if self.pattern is not None and not self.pattern.matches(value):
            return False
        named = {"value": value, self.save_as: value}
        return self.validate is None or bool(visit.value(self.validate, named))

    def _confirmed(self, visit: Visit, given: Keys | Words | Picked) -> Move:
        yes = agreed(given)
        if yes is None:
            return self.again(visit, "unclear")
        if yes:
            visit.save(self.save_as, visit.local["value"])
            return "next"
        rounds = visit.local.get("rounds", 0) + 1
        if rounds >= self.tries:
            return "on_failure"
        visit.tries, visit.phase, visit.local = 0, "", {"rounds": rounds}
        return WAIT

    def sensitive_now(self, visit: Visit) -> bool:
        """The answer itself, but not the yes or no to it."""
        return self.sensitive and "value" not in visit.local

    def present(self, visit: Visit) -> Instruction:
        """The question, or the answer read back."""
        if "value" in visit.local:
            return self._reads_back(visit)
        prompts = (*self.excuse(visit, self.invalid, "invalid"), visit.prompt(self.text))
        keyed = self.accept != "words"
        return self.listen(
            visit, prompts, min_digits=self.min if keyed else 0, max_digits=self.most if keyed else 0,
            finish_on_key=self.finish_on, speech=self.speech, sensitive=self.sensitive,
            offer_options=False,
        )  # fmt: skip

    def _reads_back(self, visit: Visit) -> Instruction:
        value = visit.local["value"]
        named = {"value": value, self.save_as: value}
        prompts = self.excuse(visit, None, "no_match")
        if self.confirm is not None:
            prompts += (visit.prompt(self.confirm, named),)
        options = (
            Option("yes", visit.phrase("yes").text, "1"), Option("no", visit.phrase("no").text, "2"),
        )  # fmt: skip
        return self.listen(visit, prompts, options=options, min_digits=1, max_digits=1, speech=self.speech)
