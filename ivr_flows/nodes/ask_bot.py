"""``ask_bot``: a conversation with the chatbot, until it is done or hands over.

On the telephone the recogniser may have misheard. What it is not sure of is read back once before the bot
hears it; what is said then goes on, however sure the recogniser is. The keypad is always a way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking, answers
from ivr_flows.effects import AskBot as AskBotEffect
from ivr_flows.expressions import Text, plain
from ivr_flows.fields import spec, way
from ivr_flows.flow import PERSON
from ivr_flows.hearing import agreed, fold
from ivr_flows.inputs import AnyInput, Done, Failed, HandedBack, Keys, Picked, Silent, Words
from ivr_flows.instructions import Instruction, Listen, Option, Prompt, Say
from ivr_flows.phrases import phrase
from ivr_flows.visit import IGNORED, WAIT, Move, Visit

MOST_BUTTONS = 9
"""One for each key but 0."""

READ_BACK = 200
"""Characters of what was heard that are read back."""

_LISTENS = {"anything": "", "commands": "commands", "sentences": "sentences"}


@dataclass(frozen=True, kw_only=True)
class AskBot(Asking):
    """Lets the customer talk to the chatbot, message by message."""

    kind: ClassVar[str] = "ask_bot"
    takes_back: ClassVar[bool] = True
    example: ClassVar[str] = """
kind: ask_bot
text: {en: "What can I do for you?", zh: "请问有什么可以帮您？"}
hints: {en: [refund, tent], zh: [退款, 帐篷]}
operator_key: "0"
confirm_below: 0.5
listens_for: sentences
max_turns: 15
save_as: bot
next: goodbye
handoff: goodbye
on_error: goodbye
on_failure: goodbye
"""

    text: Text = spec(read.text, "the first question")
    back: Text | None = spec(read.text, "said when a person gives the customer back to the bot", None)
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    hints: dict[str, tuple[str, ...]] = spec(
        read.words, "words that callers may say, by language: products, names", None
    )
    listens_for: str = spec(
        read.one_of(*_LISTENS), "what callers say: anything, commands (words, numbers), sentences", "anything"
    )
    speech_pause: float = spec(
        read.number(0, 30), "seconds of silence that end what is said; 0 = as the recogniser thinks", 0.0
    )
    confirm_below: float = spec(
        read.number(0, 1), "reads words back that the recogniser is less sure of; 0 = never", 0.5
    )
    operator_key: str = spec(read.keys, "the key that leads to a person", "0")
    max_turns: int = spec(read.integer(1, 100), "messages before a person takes over", 20)
    per_minute: int = spec(read.integer(0, 600), "messages a minute that the bot hears; 0 = any number", 20)
    save_as: str = spec(read.saved_as, "variable for the last intent, slots and handoff_reason", "bot")
    next: str = way("where to when the bot is done")
    handoff: str = way("where to when the bot or the customer wants a person", PERSON)
    on_error: str = way("where to when the bot does not answer", "handoff", quiet=True)

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """An operator key that nobody can press alone."""
        if len(self.operator_key) != 1:
            yield "operator_key", f"'{self.operator_key}' is more than one key", 'write one, such as "0"'

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
        if isinstance(given, Keys) and given.digits == self.operator_key:
            return self._wants_person(visit)
        doubt = str(visit.local.get("doubt") or "")
        if doubt and isinstance(given, Words) and fold(given.text) == fold(doubt):
            return self._ask(visit, doubt)
        if doubt and (agreed(given) is not None or isinstance(given, Keys)):
            return self._confirmed(visit, given, doubt)
        message = self._message(visit, given)
        if not message:
            return self.again(visit, "silent")
        if not doubt and self._unsure(visit, given):
            visit.tries = 0
            return visit.stay("", doubt=message, asked=True)
        return self._ask(visit, message)

    def take_back(self, visit: Visit, given: HandedBack) -> Move:
        """Go on with all that the bot knows, and with what the person wants it to know besides."""
        kept = {name: visit.local[name] for name in ("state",) if name in visit.local}
        visit.local = {**kept, "note": given.note} if given.note else kept
        return visit.stay("back")

    def _wants_person(self, visit: Visit) -> Move:
        known = visit.variables.get(self.save_as)
        visit.save(self.save_as, {**_KEPT, **(known if isinstance(known, dict) else {}), **_REQUESTED})
        return "handoff"

    # --- a caller who may have been misheard

    def _unsure(self, visit: Visit, given: AnyInput) -> bool:
        """Whether to read back what was heard. Once a message: who is asked again and again gives up."""
        if not isinstance(given, Words) or given.confidence is None or not visit.context.traits.speaks:
            return False
        known = _button(given.text, self._options(visit)) is not None
        return given.confidence < self.confirm_below and not known and not visit.local.get("asked")

    def _confirmed(self, visit: Visit, given: AnyInput, doubt: str) -> Move:
        yes = agreed(given)
        if yes is None:
            return self.again(visit, "unclear")
        if yes:
            return self._ask(visit, doubt)
        visit.tries = 0
        return visit.stay("again", doubt="")

    # --- the bot's turn

    def _ask(self, visit: Visit, message: str) -> Move:
        turns = visit.local.get("turns", 0) + 1
        if turns > self.max_turns:
            return "handoff"
        visit.tries = 0
        visit.stay("", turns=turns, doubt="", asked=False)
        note = str(visit.local.get("note") or "")
        state = str(visit.local.get("state") or "")
        return AskBotEffect(message, visit.language, state, note, self.per_minute)

    def _answered(self, visit: Visit, result: dict[str, Any]) -> Move:
        if result.get("flooded"):
            return self._flooded(visit)
        replies = [r for r in result.get("replies") or [] if isinstance(r, dict)]
        said = [str(plain(r.get("text", ""))) for r in replies if r.get("text")]
        visit.save(self.save_as, {name: result.get(name) for name in _KEPT})
        self._speak_as_asked(visit, result.get("slots"))
        buttons = [b for r in replies for b in r.get("buttons") or [] if isinstance(b, dict)]
        titled = [[str(b.get("title", "")), str(b.get("payload", ""))] for b in buttons[:MOST_BUTTONS]]
        state = str(plain(result.get("state") or ""))
        visit.stay("", said=said, buttons=plain(titled), state=state, note="", flood=0)
        if result.get("handoff") or result.get("closed"):
            visit.instructions += [Say(text, visit.language) for text in said]
            return "handoff" if result.get("handoff") else "next"
        return WAIT

    def _flooded(self, visit: Visit) -> Move:
        """The message is in the log and nothing else; the customer is told so once."""
        flood = visit.local.get("flood", 0) + 1
        return visit.stay("flood", flood=flood, turns=max(0, visit.local.get("turns", 0) - 1))

    def _speak_as_asked(self, visit: Visit, slots: Any) -> None:
        """Go on in the language that the customer has asked the bot for, so that it is listened for too."""
        wanted = str(slots.get("language") or "") if isinstance(slots, dict) else ""
        found = visit.flow.language(wanted)
        if wanted and _same(found, wanted) and not _same(wanted, visit.language):
            visit.speak(found)

    # --- what the customer hears

    def present(self, visit: Visit) -> Instruction:
        """The bot's last words, or the first question; what was heard, where that is in doubt."""
        if visit.local.get("doubt"):
            return self._reads_back(visit)
        options = self._options(visit)
        return self._listen(visit, self._words(visit), options)

    def _words(self, visit: Visit) -> tuple[Prompt, ...]:
        if visit.phase == "back":
            return (visit.prompt(self.back) if self.back else visit.phrase("handed_back"),)
        if visit.phase == "again":
            return (visit.phrase("say_again"),)
        if visit.phase == "flood":
            return (visit.phrase("one_moment"),) if visit.local.get("flood") == 1 else ()
        said = visit.local.get("said")
        words: tuple[Prompt, ...] = (visit.prompt(self.text),)
        if said is not None:
            words = tuple(Say(text, visit.language) for text in said)
        return self.excuse(visit, None, "no_input") + words

    def _reads_back(self, visit: Visit) -> Listen:
        heard = str(visit.local["doubt"])[:READ_BACK]
        question = phrase("did_you_say", visit.language).format(words=heard)
        yes, no = visit.phrase("yes").text, visit.phrase("no").text
        options = (Option("yes", yes, "1"), Option("no", no, "2"))
        excuse = self.excuse(visit, None, "no_match")
        return self._listen(visit, (*excuse, Say(question, visit.language)), options)

    def _listen(self, visit: Visit, prompts: tuple[Prompt, ...], options: tuple[Option, ...]) -> Listen:
        """Words and keys; a number at length where no choices are offered (an order, a telephone)."""
        hints = [*(option.label for option in options), *_spoken_hints(self.hints, visit.language)]
        return self.listen(
            visit, prompts, options=options, min_digits=1, max_digits=1 if options else 32,
            speech=self.speech, hints=tuple(hints) if self.speech else (), numbers=self.speech,
            listens_for=_LISTENS[self.listens_for], speech_pause=self.speech_pause,
            offer_options=visit.phase != "flood",
        )  # fmt: skip

    def _options(self, visit: Visit) -> tuple[Option, ...]:
        """The bot's buttons, each with a key that is free."""
        keys = [key for key in "123456789" if key != self.operator_key]
        buttons = visit.local.get("buttons") or []
        return tuple(Option(p, t, key) for key, (t, p) in zip(keys, buttons, strict=False))

    def _message(self, visit: Visit, given: AnyInput) -> str:
        """What to tell the bot: a button's payload for its key or title, else the words."""
        if isinstance(given, Picked):
            return given.value
        said = given.digits if isinstance(given, Keys) else ""
        if isinstance(given, Words):
            said = given.text.strip()
        payload = _button(said, self._options(visit))
        return said if payload is None else payload


_KEPT = {"intent": None, "slots": None, "handoff_reason": None}
"""What of the bot's answer the flow may see."""

_REQUESTED = {"handoff_reason": "requested"}


def _button(said: str, options: tuple[Option, ...]) -> str | None:
    """The payload of the button whose key or title was given."""
    folded = fold(said)
    return next((o.value for o in options if folded in (o.key, fold(o.label))), None)


def _same(language: str, other: str) -> bool:
    """Whether two tags are of one language, whatever the region."""
    return language.partition("-")[0] == other.partition("-")[0]


def _spoken_hints(hints: dict[str, tuple[str, ...]] | None, language: str) -> tuple[str, ...]:
    """The words for a language, and those that are for all of them."""
    listed = hints or {}
    found = listed.get(language) or listed.get(language.partition("-")[0]) or ()
    return (*found, *listed.get("", ()))
