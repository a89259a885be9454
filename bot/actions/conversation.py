"""Actions that steer a conversation: hand over, ask again, repeat, go back, end."""

from __future__ import annotations

from bot.actions.answering import sure_answer
from bot.actions.call import ActionCall, Resources
from bot.runtime import ActionResult, SlotValue

_BEFORE_HANDOFF = 2
"""How often in a row the bot may fail to understand before a person takes over."""


def hand_off(call: ActionCall, resources: Resources) -> ActionResult:
    """Give the conversation to a person, because the customer wants one or has had enough."""
    return handed_off(call, "frustrated" if call.intent == "frustrated" else "requested")


def handed_off(call: ActionCall, reason: str, slots: dict[str, SlotValue] | None = None) -> ActionResult:
    """What leaves a conversation to a person: the summary of what was wanted and learnt, and the words."""
    return ActionResult(
        slots={**(slots or {}), "handoff_summary": summary(call), "misunderstandings": None},
        responses=("utter_handoff",),
        leave_form=True,
        handoff=reason,
    )


def summary(call: ActionCall) -> str:
    """What was wanted, and the filled slots, for the person who takes over."""
    told = "; ".join(
        f"{name}: {value}"
        for name, value in call.slots.items()
        if name not in _OUR_OWN and value not in (None, [], "")
    )
    return f"wanted: {', '.join(call.recent) or '-'}; {told or '-'}"


_OUR_OWN = frozenset(
    {"handoff_summary", "handoff_reason", "closed", "misunderstandings", "misunderstood_turn"}
)
"""Slots of the runtime, which tell a person nothing."""


def misunderstood(call: ActionCall, resources: Resources) -> ActionResult:
    """Answer from an article that surely fits, else ask for other words; twice in a row hand over."""
    if not call.form and (answer := sure_answer(call, resources.articles)) is not None:
        return answer
    return not_understood(call, "utter_out_of_scope" if call.intent == "out_of_scope" else "utter_rephrase")


def not_understood(call: ActionCall, response: str) -> ActionResult:
    """Say ``response`` and count; the count of the turn before is remembered by its number."""
    count = count_misunderstandings(call)
    if count >= _BEFORE_HANDOFF:
        result = handed_off(call, "misunderstood")
        return ActionResult(
            slots=result.slots,
            responses=result.responses,
            leave_form=True,
            handoff=result.handoff,
            misunderstood=True,
        )
    return ActionResult(
        slots={"misunderstandings": float(count), "misunderstood_turn": float(call.turn)},
        responses=(response,),
        misunderstood=True,
    )


def count_misunderstandings(call: ActionCall) -> int:
    """How many turns in a row, this one included, were not understood."""
    held = call.slots.get("misunderstandings")
    before = int(held) if isinstance(held, int | float) else 0
    return before + 1 if call.slots.get("misunderstood_turn") == call.turn - 1 else 1


def fall_back(call: ActionCall, resources: Resources) -> ActionResult:
    """No rule and no story: say what can be done; inside a form that is a misunderstanding."""
    if call.form:
        return misunderstood(call, resources)
    return ActionResult(responses=("utter_default",))


def repeat(call: ActionCall, resources: Resources) -> ActionResult:
    """Say the last answer again; a form's question is asked again by the form."""
    if call.form:
        return ActionResult()
    if call.said:
        return ActionResult(replies=call.said)
    return ActionResult(responses=("utter_nothing_to_repeat",))


def go_back(call: ActionCall, resources: Resources) -> ActionResult:
    """Empty the answer before the present question, which the form then asks for again."""
    if not call.form:
        return ActionResult(responses=("utter_default",))
    position = call.required.index(call.requested) if call.requested in call.required else 0
    return ActionResult(slots={call.required[position - 1]: None} if position else {})


def end_conversation(call: ActionCall, resources: Resources) -> ActionResult:
    """The customer is done."""
    return ActionResult(leave_form=True, closed=True)
