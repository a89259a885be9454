"""Every kind of node, by the word that stands after ``kind:``."""

from __future__ import annotations

from typing import Final

from ivr_flows.flow import Node
from ivr_flows.nodes.ask_bot import AskBot
from ivr_flows.nodes.branch import Branch
from ivr_flows.nodes.callback import Callback
from ivr_flows.nodes.collect import Collect
from ivr_flows.nodes.goto import Goto
from ivr_flows.nodes.hang_up import HangUp
from ivr_flows.nodes.hours import Hours
from ivr_flows.nodes.language import Language
from ivr_flows.nodes.look_up import LookUp
from ivr_flows.nodes.menu import Menu
from ivr_flows.nodes.open_ticket import OpenTicket
from ivr_flows.nodes.play import Play
from ivr_flows.nodes.queue import Queue
from ivr_flows.nodes.request import Request
from ivr_flows.nodes.say import Say
from ivr_flows.nodes.set_values import SetValues
from ivr_flows.nodes.subflow import Return, Subflow
from ivr_flows.nodes.survey import Survey
from ivr_flows.nodes.ticket_status import TicketStatus
from ivr_flows.nodes.transfer import Transfer
from ivr_flows.nodes.voicemail import Voicemail

NODES: Final[dict[str, type[Node]]] = {
    "say": Say,
    "play": Play,
    "language": Language,
    "menu": Menu,
    "collect": Collect,
    "branch": Branch,
    "hours": Hours,
    "set": SetValues,
    "look_up": LookUp,
    "ask_bot": AskBot,
    "open_ticket": OpenTicket,
    "ticket_status": TicketStatus,
    "queue": Queue,
    "callback": Callback,
    "voicemail": Voicemail,
    "survey": Survey,
    "request": Request,
    "transfer": Transfer,
    "subflow": Subflow,
    "return": Return,
    "goto": Goto,
    "hang_up": HangUp,
}
