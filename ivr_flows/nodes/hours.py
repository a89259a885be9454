"""``hours``: which way by the clock: open, closed, or a holiday."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class Hours(Node):
    """Chooses a way by a business calendar."""

    kind: ClassVar[str] = "hours"
    example: ClassVar[str] = """
kind: hours
calendar: office
open: goodbye
closed: goodbye
holiday: goodbye
"""

    calendar: str = spec(read.name, "name of the business calendar")
    open: str = way("where to in business hours")
    closed: str = way("where to outside them")
    holiday: str = way("where to on a holiday", "closed")

    def enter(self, visit: Visit) -> Move:
        """Ask the calendar. An unknown one counts as open, and is noted as a fault."""
        calendar = visit.context.calendars.get(self.calendar)
        if calendar is None:
            visit.fault(f"there is no calendar '{self.calendar}'")
            return "open"
        state = calendar.state(visit.context.now)
        return state if state in ("open", "holiday") else "closed"
