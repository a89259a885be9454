"""What the shipped project needs in code, for every runtime: checks of answers, what to forget.

Pure functions over slots, so that the embedded runtime and an action server of Rasa do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.runtime import SlotValue

NO_ORDER = "none"
"""The slot order_number of a complaint that is about no order."""

SMALL_TALK = frozenset(
    {
        "greet", "goodbye", "affirm", "deny", "stop", "go_back", "repeat", "human", "inform",
        "change_language", "chitchat", "out_of_scope",
    }
)  # fmt: skip
"""Intents that say nothing about the customer's matter; a summary leaves them out."""

_SHORTEST_COMPLAINT = 4
"""Letters that say something: "Hi." tells nothing, four Chinese characters can be a sentence."""


def check_complaint(slots: Mapping[str, SlotValue]) -> dict[str, str]:
    """The answers in complaint_form that are not accepted: slot -> the response that says why."""
    what = slots.get("complaint_what")
    if what is None:
        return {}
    letters = sum(character.isalpha() for character in str(what))
    return {} if letters >= _SHORTEST_COMPLAINT else {"complaint_what": "utter_complaint_what_short"}


CHECKS: dict[str, Callable[[Mapping[str, SlotValue]], dict[str, str]]] = {
    "validate_complaint_form": check_complaint
}
"""By the name of Rasa's validation action of the form."""


def forgotten_after(done: str, slots: Mapping[str, SlotValue]) -> tuple[str, ...]:
    """Slots to empty after an action, or a form that was stopped, so that the next complaint is
    asked for anew and "no order" is not taken for an order."""
    if done not in ("action_open_complaint", "complaint_form"):
        return ()
    answers = ("complaint_what", "severity", "reach")
    return (*answers, "order_number") if slots.get("order_number") == NO_ORDER else answers
