"""``language``: asks which language to go on in, or sets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking, answers
from ivr_flows.effects import UpdateContact
from ivr_flows.expressions import Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import Exit
from ivr_flows.hearing import best_choice, fold, keys_of
from ivr_flows.inputs import AnyInput, Done, Failed, Keys, Picked, Silent, Words
from ivr_flows.instructions import Instruction, Option, Prompt, Say
from ivr_flows.visit import IGNORED, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Tongue:
    """One language to choose."""

    key: str = spec(read.keys, "what is pressed or typed")
    language: str = spec(read.name, "the language it stands for")
    label: str = spec(read.string, "its name in its own words, such as 中文")
    words: tuple[str, ...] = spec(read.list_of(read.string), "other words for it", ())


@dataclass(frozen=True, kw_only=True)
class Language(Asking):
    """Asks once which language to speak, in every language in turn, and keeps to it."""

    kind: ClassVar[str] = "language"
    example: ClassVar[str] = """
kind: language
text: {en: "For English press 1.", zh: "中文请按2。"}
choices:
  - {key: "1", language: en, label: English}
  - {key: "2", language: zh, label: 中文, words: [chinese, mandarin]}
next: goodbye
"""

    text: Text | None = spec(read.text, "the question, said in every language in turn", None)
    choices: tuple[Tongue, ...] = spec(read.list_of(read.group(Tongue)), "the languages", ())
    set: str = spec(read.name, "this language, with no question", "")
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    next: str = way("where to, in the new language")
    on_failure: str = way("where to when nobody chose; the language stays", "next", quiet=True)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Either a question with choices, or a language to set."""
        if not self.set and not (self.text and self.choices):
            yield "choices", "it has neither choices and a text nor a language to set", "give one"
        seen: dict[str, int] = {}
        for index, choice in enumerate(self.choices):
            if choice.key in seen:
                message = f"key '{choice.key}' is used twice, first in choices[{seen[choice.key]}]"
                yield f"choices[{index + 1}].key", message, "give each choice a key of its own"
            seen.setdefault(choice.key, index + 1)

    def exits(self) -> Iterator[Exit]:
        """``next``, and where it asks, failure."""
        for way_out in self.field_exits():
            if way_out.name == "next":
                yield Exit("next", way_out.target, "next", self.set, not self.set)
            elif not self.set:
                yield way_out

    def enter(self, visit: Visit) -> Move:
        """Ask, or set it."""
        return self._take(visit, self.set) if self.set else visit.stay("")

    def _take(self, visit: Visit, language: str) -> Move:
        visit.speak(language)
        return UpdateContact(language=language)

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Take the choice; go on once it is noted on the contact."""
        if isinstance(given, Done | Failed):
            return "next"
        if isinstance(given, Silent):
            return self.silent(visit)
        if not answers(given):
            return IGNORED
        language = self._chosen(given)
        return self._take(visit, language) if language else self.again(visit, "unclear")

    def _chosen(self, given: AnyInput) -> str:
        by_key = {choice.key: choice.language for choice in self.choices}
        if isinstance(given, Keys):
            return by_key.get(given.digits, "")
        if isinstance(given, Picked):
            return given.value if given.value in by_key.values() else ""
        if not isinstance(given, Words):
            return ""
        phrases = {fold(w): c.language for c in self.choices for w in (c.label, *c.words)}
        return best_choice(given.text, phrases) or by_key.get(keys_of(given.text) or "", "")

    def present(self, visit: Visit) -> Instruction:
        """The question in every language."""
        prompts: tuple[Prompt, ...] = self.excuse(visit, None, "no_match")
        for tag in visit.flow.languages:
            language, part = self.text.part(tag) if self.text else (tag, None)
            said = Say(visit.render(part), language)
            if said not in prompts:
                prompts += (said,)
        options = tuple(Option(c.language, c.label, c.key) for c in self.choices)
        return self.listen(
            visit, prompts, options=options, min_digits=1,
            max_digits=max((len(c.key) for c in self.choices), default=1), speech=self.speech,
            hints=tuple(c.label for c in self.choices),
        )  # fmt: skip
