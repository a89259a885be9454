"""What flows ask the application to do: one handler an effect, in one table.

A handler takes the effect, the scene and the room, and answers with the result that the effect
documents (`ivr_flows.effects`). It reads as it likes; what it writes goes into the scene and commits
with the turn, because a turn may run twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from contact_center.effects.ask_bot import ask_bot
from contact_center.effects.enter_queue import enter_queue
from contact_center.effects.http_request import http_request
from contact_center.effects.leave_queue import leave_queue
from contact_center.effects.look_up import look_up
from contact_center.effects.open_ticket import open_ticket
from contact_center.effects.request_callback import request_callback
from contact_center.effects.save_survey import save_survey
from contact_center.effects.save_voicemail import save_voicemail
from contact_center.effects.ticket_status import ticket_status
from contact_center.effects.update_contact import update_contact
from ivr_flows import effects

Handler = Callable[[Any, Any, Any], Awaitable[dict[str, Any]]]

HANDLERS: dict[type, Handler] = {
    effects.AskBot: ask_bot,
    effects.EnterQueue: enter_queue,
    effects.HttpRequest: http_request,
    effects.LeaveQueue: leave_queue,
    effects.LookUp: look_up,
    effects.OpenTicket: open_ticket,
    effects.RequestCallback: request_callback,
    effects.SaveSurvey: save_survey,
    effects.SaveVoicemail: save_voicemail,
    effects.TicketStatus: ticket_status,
    effects.UpdateContact: update_contact,
}
