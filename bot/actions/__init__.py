"""The custom actions that need nothing but the conversation: one code base for every runtime.

The embedded runtime calls `ACTIONS` and `CHECKS` itself; bot/rasa_project/actions adapts them to
Rasa's action server. What has to ask the application goes through a `bot.runtime.ActionRunner`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.actions.answering import answer_question
from bot.actions.call import ActionCall, Resources
from bot.actions.complaint import check_complaint, complaint_done
from bot.actions.conversation import end_conversation, fall_back, go_back, hand_off, misunderstood, repeat
from bot.runtime import ActionResult, SlotValue

__all__ = ["ACTIONS", "CHECKS", "ActionCall", "Resources"]

ACTIONS: dict[str, Callable[[ActionCall, Resources], ActionResult]] = {
    "action_handoff": hand_off,
    "action_misunderstood": misunderstood,
    "action_fallback": fall_back,
    "action_repeat": repeat,
    "action_go_back": go_back,
    "action_end_conversation": end_conversation,
    "action_answer_question": answer_question,
    "action_complaint_done": complaint_done,
}
"""By the name that domain and rules use."""

CHECKS: dict[str, Callable[[ActionCall, Mapping[str, SlotValue]], ActionResult]] = {
    "validate_complaint_form": check_complaint
}
"""By the name of Rasa's validation action of a form; each is given the slots that were just told and
answers with those to set again (None = not accepted) and the responses that say why."""
