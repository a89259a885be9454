"""``ask_bot``: a conversation with the chatbot, until it is done or hands over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking, answers
from ivr_flows.effects import AskBot as AskBotEffect
from ivr_flows.expressions import Text, plain
from ivr_flows.fields import spec, way
from ivr_flows.flow import PERSON
from ivr_flows.hearing import fold
from ivr_flows.inputs import AnyInput, Done, Failed, Keys, Picked, Silent, Words
from ivr_flows.instructions import Instruction, Option, Prompt, Say
from ivr_flows.visit import IGNORED, Move, Visit


@dataclass(frozen=True, kw_only=True)
class AskBot(Asking):
    """Lets the customer talk to the chatbot, message by message."""

    kind: ClassVar[str] = "ask_bot"
    example: ClassVar[str] = """
kind: ask_bot
text: {en: "What can I do for you?", zh: "请问有什么可以帮您？"}
max_turns: 15
save_as: bot
next: goodbye
handoff: goodbye
on_error: goodbye
on_failure: goodbye
"""

    text: Text = spec(read.text, "the first question")
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    max_turns: int = spec(read.integer(1, 100), "messages before a person takes over", 20)
    save_as: str = spec(read.saved_as, "variable for the last intent, slots and handoff_reason", "bot")
    next: str = way("where to when the bot is done")
    handoff: str = way("where to when the bot wants a person", PERSON)
    on_error: str = way("where to when the bot does not answer", "handoff", quiet=True)

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Pass a message on; take an answer in."""
        if isinstance(given, Done):
            return self._answered(visit, given.result)
        if isinstance(given, Failed):
            return "on_error"
        if isinstance(given, Silent):
            return self.silent(visit)
        if not answers(given):
            return IGNORED
        message = _message(given, visit.local.get("buttons") or [])
        if not message:
            return self.again(visit, "silent")
        turns = visit.local.get("turns", 0) + 1
        if turns > self.max_turns:
            return "handoff"
        visit.tries = 0
        visit.stay("", turns=turns)
        return AskBotEffect(message, visit.language, str(visit.local.get("state", "")))

    def _answered(self, visit: Visit, result: dict[str, Any]) -> Move:
        replies = [r for r in result.get("replies") or [] if isinstance(r, dict)]
        said = [str(plain(r.get("text", ""))) for r in replies if r.get("text")]
        kept = {name: result.get(name) for name in ("intent", "slots", "handoff_reason")}
        visit.save(self.save_as, kept)
        if result.get("handoff") or result.get("closed"):
            visit.instructions += [Say(text, visit.language) for text in said]
            return "handoff" if result.get("handoff") else "next"
        buttons = [b for r in replies for b in r.get("buttons") or [] if isinstance(b, dict)]
        titled = [[str(b.get("title", "")), str(b.get("payload", ""))] for b in buttons[:9]]
        return visit.stay("", said=said, buttons=plain(titled), state=str(plain(result.get("state") or "")))

    def present(self, visit: Visit) -> Instruction:
        """The bot's last words, or the first question."""
        said = visit.local.get("said")
        words: tuple[Prompt, ...] = (visit.prompt(self.text),)
        if said is not None:
            words = tuple(Say(text, visit.language) for text in said)
        buttons = visit.local.get("buttons") or []
        options = tuple(Option(p, t, str(i + 1)) for i, (t, p) in enumerate(buttons))
        return self.listen(
            visit, self.excuse(visit, None, "no_input") + words, options=options, min_digits=1,
            max_digits=1 if options else 32, speech=self.speech,
        )  # fmt: skip


def _message(given: AnyInput, buttons: list[list[str]]) -> str:
    """What to tell the bot: a button's payload for its number or title, else the words."""
    if isinstance(given, Picked):
        return given.value
    said = given.digits if isinstance(given, Keys) else ""
    if isinstance(given, Words):
        said = given.text.strip()
    for index, (title, payload) in enumerate(buttons):
        if fold(said) in (str(index + 1), fold(title)):
            return payload
    return said
