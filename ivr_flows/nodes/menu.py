"""``menu``: one question with a few answers: keys and speech on the phone, a list or buttons in text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking
from ivr_flows.expressions import Text
from ivr_flows.fields import spec
from ivr_flows.flow import Exit
from ivr_flows.hearing import best_choice, fold, keys_of
from ivr_flows.inputs import AnyInput, Keys, Picked, Silent, Words
from ivr_flows.instructions import Instruction, Listen, Option, Prompt
from ivr_flows.instructions import Say as SayInstruction
from ivr_flows.phrases import AGAIN, phrase
from ivr_flows.visit import IGNORED, WAIT, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer of a menu."""

    key: str = spec(read.keys, "what is pressed or typed")
    value: str = spec(read.name, "its name in buttons, save_as and the log; the key when left out", "")
    label: Text = spec(read.text, "what lists and buttons show; also understood when said")
    words: dict[str, tuple[str, ...]] = spec(read.words, "other words for it, by language", None)
    next: str = spec(read.name, "where to")

    @property
    def name(self) -> str:
        """The name of its exit."""
        return self.value or self.key


def _tables() -> Any:
    return dataclasses.field(init=False, repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Menu(Asking):
    """Asks for one of a few choices."""

    kind: ClassVar[str] = "menu"
    example: ClassVar[str] = """
kind: menu
text: {en: "For sales press 1, for billing press 2.", zh: "销售请按1，账单请按2。"}
choices:
  - {key: "1", value: sales, label: {en: Sales, zh: 销售}, next: goodbye}
  - key: "2"
    value: billing
    label: {en: Billing, zh: 账单}
    words: {en: [invoice, payment], zh: [发票, 付款]}
    next: goodbye
repeat_key: "9"
on_failure: goodbye
"""

    text: Text = spec(read.text, "the question")
    choices: tuple[Choice, ...] = spec(read.list_of(read.group(Choice), 1), "the answers")
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    read_options: bool = spec(read.boolean, "read the choices out after the text on the telephone", False)
    no_match: Text | None = spec(read.text, "said after an answer that is no choice", None)
    save_as: str = spec(read.saved_as, "variable for the value of the choice", "")
    repeat_key: str = spec(read.keys, "a key that asks again without counting a try", "")

    by_key: dict[str, Choice] = _tables()
    by_name: dict[str, Choice] = _tables()
    by_phrase: dict[str, str] = _tables()
    _ready: dict[tuple[str, str, bool], Listen] = _tables()

    def __post_init__(self) -> None:
        for choice in self.choices:
            self.by_key.setdefault(choice.key, choice)
            self.by_name.setdefault(choice.name, choice)
            said = [w for listed in (choice.words or {}).values() for w in listed]
            said += [part.source for part in choice.label.parts.values() if part.plain]
            self.by_phrase.update({fold(w): choice.name for w in said if fold(w)})

    def exits(self) -> Iterator[Exit]:
        """One a choice, and failure."""
        for index, choice in enumerate(self.choices):
            field = f"choices[{index + 1}].next"
            yield Exit(choice.name, choice.next, field, choice.key, True)
        yield from self.field_exits()

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Keys and names that two choices share, and a repeat key that is a choice."""
        seen: dict[str, str] = {"": ""}
        taken = {self.repeat_key: "repeat_key"} if self.repeat_key else {}
        for index, choice in enumerate(self.choices):
            field = f"choices[{index + 1}]"
            if choice.key in taken:
                yield (
                    f"{field}.key",
                    f"key '{choice.key}' is used twice, first in {taken[choice.key]}",
                    "give each choice a key of its own",
                )
            if choice.name in seen:
                yield (
                    f"{field}.value",
                    f"'{choice.name}' is the name of {seen[choice.name]} too",
                    "give each choice a value of its own",
                )
            taken.setdefault(choice.key, field)
            seen.setdefault(choice.name, field)

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Take the choice, or ask again."""
        if isinstance(given, Silent):
            return self.silent(visit)
        if not isinstance(given, Keys | Words | Picked):
            return IGNORED
        if self._wants_repeat(given):
            return WAIT
        choice = self._chosen(given)
        if choice is None:
            return self.again(visit, "unclear")
        if self.save_as:
            visit.save(self.save_as, choice.name)
        return choice.name

    def _wants_repeat(self, given: AnyInput) -> bool:
        if not self.repeat_key:
            return False
        if isinstance(given, Keys):
            return given.digits == self.repeat_key
        return isinstance(given, Words) and fold(given.text) in (self.repeat_key, *AGAIN)

    def _chosen(self, given: Keys | Words | Picked) -> Choice | None:
        if isinstance(given, Keys):
            return self.by_key.get(given.digits)
        if isinstance(given, Picked):
            return self.by_name.get(given.value) or self.by_key.get(given.value)
        exact = self.by_key.get(given.text.strip()) or self.by_key.get(fold(given.text))
        if exact is not None:
            return exact
        named = best_choice(given.text, self.by_phrase)
        if named is not None:
            return self.by_name[named]
        return self.by_key.get(keys_of(given.text, "*#") or "")

    def present(self, visit: Visit) -> Instruction:
        """The question, made once for a language where nothing in it changes."""
        ready = (visit.language, visit.phase, visit.context.traits.speaks)
        listen = self._ready.get(ready)
        if listen is None:
            listen = self._listen(visit)
            if self._plain():
                self._ready[ready] = listen
        return listen

    def _plain(self) -> bool:
        texts = [self.text, self.no_match, self.no_input, *(c.label for c in self.choices)]
        return all(each.plain for each in texts if each is not None)

    def _listen(self, visit: Visit) -> Listen:
        prompts: tuple[Prompt, ...] = self.excuse(visit, self.no_match, "no_match")
        prompts += (visit.prompt(self.text),)
        options = tuple(Option(c.name, visit.prompt(c.label).text, c.key) for c in self.choices)
        if self.read_options and visit.context.traits.speaks:
            spoken = phrase("option", visit.language)
            read = " ".join(spoken.format(label=o.label, key=o.key) for o in options)
            prompts += (SayInstruction(read, visit.language),)
        pressed = [*self.by_key, self.repeat_key]
        hints = [w for c in self.choices for w in (c.words or {}).get(visit.language, ())]
        return self.listen(
            visit, prompts, options=options, min_digits=1, max_digits=max(map(len, pressed)),
            finish_on_key="" if any("#" in key for key in pressed) else "#",
            speech=self.speech, hints=(*hints, *(o.label for o in options)),
        )  # fmt: skip
