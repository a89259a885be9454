"""``survey``: how satisfied the customer is, 1 (bad) to 5 (good)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.asking import Asking, answers
from ivr_flows.effects import SaveSurvey
from ivr_flows.expressions import Text
from ivr_flows.fields import spec, way
from ivr_flows.hearing import keys_of
from ivr_flows.inputs import AnyInput, Done, Failed, Keys, Picked, Silent, Words
from ivr_flows.instructions import Instruction, Option
from ivr_flows.visit import IGNORED, End, Move, Visit

_SCORES = ("1", "2", "3", "4", "5")


@dataclass(frozen=True, kw_only=True)
class Survey(Asking):
    """Asks for a score, and maybe for a comment; whatever happens, it goes on."""

    kind: ClassVar[str] = "survey"
    example: ClassVar[str] = """
kind: survey
name: csat
text: {en: "How was it, from 1 to 5?", zh: "请按1到5评分。"}
comment: {en: "What could be better?", zh: "有什么建议？"}
thanks: {en: "Thank you.", zh: "谢谢。"}
save_as: score
next: goodbye
"""

    name: str = spec(read.name, "the survey's name in reports")
    text: Text = spec(read.text, "asks for a score from 1 to 5")
    comment: Text | None = spec(read.text, "asks for a few words, after the score", None)
    thanks: Text | None = spec(read.text, "said when an answer has been kept", None)
    speech: bool = spec(read.boolean, "whether words are listened for on the telephone", True)
    save_as: str = spec(read.saved_as, "variable for the score", "")
    next: str = way("where to after it")
    on_failure: str = way("where to without an answer", "next", quiet=True)

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Take the score, then the comment; keep both."""
        if isinstance(given, Done | Failed):
            return self._kept(visit, given)
        if not answers(given):
            return IGNORED
        if "score" in visit.local:
            return self._comment(visit, given)
        if isinstance(given, Silent):
            return self.silent(visit)
        score = _score(given)
        if score is None:
            return self.again(visit, "unclear")
        visit.stay("", score=score)
        if self.comment is not None:
            visit.tries = 0
            return visit.stay("")
        return SaveSurvey(self.name, score)

    def _comment(self, visit: Visit, given: AnyInput) -> Move:
        comment = given.text.strip() if isinstance(given, Words) else ""
        gone = isinstance(given, Silent) and not visit.context.traits.speaks
        visit.stay("gone" if gone else "")
        return SaveSurvey(self.name, visit.local["score"], comment)

    def _kept(self, visit: Visit, given: Done | Failed) -> Move:
        visit.save(self.save_as, visit.local.get("score"))
        if visit.phase == "gone":
            return End("no_answer")
        if isinstance(given, Done):
            visit.say(self.thanks)
        return "next"

    def present(self, visit: Visit) -> Instruction:
        """The score or the comment."""
        if "score" in visit.local and self.comment is not None:
            return self.listen(visit, (visit.prompt(self.comment),), speech=self.speech)
        prompts = (*self.excuse(visit, None, "no_match"), visit.prompt(self.text))
        options = tuple(Option(score, score, score) for score in _SCORES)
        return self.listen(visit, prompts, options=options, min_digits=1, max_digits=1, speech=self.speech)


def _score(given: AnyInput) -> int | None:
    said: str | None = None
    if isinstance(given, Keys):
        said = given.digits
    elif isinstance(given, Picked):
        said = given.value
    elif isinstance(given, Words):
        said = keys_of(given.text)
    return int(said) if said in _SCORES else None
