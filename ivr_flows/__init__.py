"""The flow engine: pure, with no I/O but the loader's, no clock, and no sibling package.

`FlowSet.load` reads the definitions, `begin` starts a session, and `advance` takes one turn.
"""

from __future__ import annotations

from ivr_flows.engine import advance, begin, instructions_now, place_back
from ivr_flows.flow import Exit, Finding, Flow, FlowError
from ivr_flows.loader import FlowSet
from ivr_flows.session import Context, Session, Step, Traits, Turn

__all__ = [
    "Context",
    "Exit",
    "Finding",
    "Flow",
    "FlowError",
    "FlowSet",
    "Session",
    "Step",
    "Traits",
    "Turn",
    "advance",
    "begin",
    "instructions_now",
    "place_back",
]
