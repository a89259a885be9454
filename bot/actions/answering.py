"""Answers to frequent questions, from the project's articles."""

from __future__ import annotations

from bot.actions.call import ActionCall, Resources
from bot.articles import Articles
from bot.runtime import ActionResult, Reply

LIKELY = 0.365
"""From here on an article answers what was understood as a frequent question."""

SURE = 0.75
"""From here on it answers also what was not understood as one."""


def answer_question(call: ActionCall, resources: Resources) -> ActionResult:
    """The answer of the article that fits best, or the offer of a person."""
    return _answer(call, resources.articles, LIKELY) or ActionResult(responses=("utter_faq_unknown",))


def sure_answer(call: ActionCall, articles: Articles) -> ActionResult | None:
    """The answer of an article that fits beyond doubt, else None."""
    return _answer(call, articles, SURE)


def _answer(call: ActionCall, articles: Articles, floor: float) -> ActionResult | None:
    found = articles.find(call.text)
    if found is None or found.score < floor:
        return None
    text = found.article.text(call.language, spoken=call.channel == "voice")
    return ActionResult(replies=(Reply(text),)) if text else None
