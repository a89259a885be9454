"""Actions of the complaint form: check what was told, and clear the table once it is noted."""

from __future__ import annotations

from collections.abc import Mapping

from bot.actions.call import ActionCall, Resources
from bot.actions.conversation import count_misunderstandings, handed_off
from bot.runtime import ActionResult, SlotValue

NO_ORDER = "none"
"""The slot order_number of a complaint that is about no order."""

_SHORTEST_COMPLAINT = 4
"""Letters that say something: "Hi." tells nothing, four Chinese characters can be a sentence."""


def check_complaint(call: ActionCall, told: Mapping[str, SlotValue]) -> ActionResult:
    """Refuse a complaint of a few letters, once: who insists has said all there is."""
    what = told.get("complaint_what")
    if what is None or sum(character.isalpha() for character in str(what)) >= _SHORTEST_COMPLAINT:
        return ActionResult()
    count = count_misunderstandings(call)
    if count > 1:
        return ActionResult()
    return ActionResult(
        slots={
            "complaint_what": None,
            "misunderstandings": float(count),
            "misunderstood_turn": float(call.turn),
        },
        responses=("utter_complaint_what_short",),
        misunderstood=True,
    )


def complaint_done(call: ActionCall, resources: Resources) -> ActionResult:
    """Forget the answers, so that the next complaint is asked for anew and "no order" is not taken for
    an order. An urgent complaint goes on to a person."""
    forgotten: dict[str, SlotValue] = dict.fromkeys(
        ("complaint_what", "severity", "reach", "complaint_result")
    )
    if call.slots.get("order_number") == NO_ORDER:
        forgotten["order_number"] = None
    if call.slots.get("severity") == "urgent" and call.slots.get("complaint_result"):
        return handed_off(call, "urgent", forgotten)
    return ActionResult(slots=forgotten)
