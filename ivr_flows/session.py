"""A session: everything the engine knows of one contact between two turns, as one value.

It is saved as JSON in the contact's row and is small: where the contact stands, what was
collected, and how often the customer has failed at the present question.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from ivr_flows.effects import AnyEffect
from ivr_flows.inputs import AnyInput
from ivr_flows.instructions import Instruction

if TYPE_CHECKING:
    from ivr_flows.calendar import BusinessCalendar


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """A subflow's way back: go on in ``flow`` at ``node`` when the subflow returns."""

    flow: str
    node: str


class Place(msgspec.Struct, frozen=True):
    """A node that takes customers back, as it was left: where it stands, and its own values."""

    flow: str
    node: str
    stack: tuple[Frame, ...] = ()
    local: dict[str, Any] = {}


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a contact stands in its flow. Immutable: `advance` answers with the next one.

    ``digest`` names the exact flow definitions it runs on. ``waiting`` is ``start``, ``input``,
    ``effect`` or ``ended``. ``tries`` counts failed attempts at the present wait; ``phase`` and
    ``local`` belong to the node that waits. ``hops`` counts the nodes passed since the customer's
    last word, so that a loop through effects ends too. ``left`` is the bot's node that was last left, to
    which a person may give the customer back.
    """

    digest: str
    flow: str
    node: str
    language: str
    waiting: str = "start"
    variables: dict[str, Any] = {}
    stack: tuple[Frame, ...] = ()
    phase: str = ""
    local: dict[str, Any] = {}
    tries: int = 0
    effect: AnyEffect | None = None
    hops: int = 0
    left: Place | None = None


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One node passed in a turn and the exit it was left by ('' while it waits)."""

    flow: str
    node: str
    exit: str


class Turn(msgspec.Struct, frozen=True):
    """What one input led to.

    ``instructions`` are for the channel, ``effect`` for the application (then the turn is not
    over: call `advance` again with its result), ``steps`` for the log. ``taken`` is the input as
    it may be kept: with sensitive answers masked. ``wait_seconds`` is how long the present wait
    may last before `Silent` is due on channels without a timer of their own.
    ``fault`` names what went wrong in the flow itself (a name nobody set, a calendar that is not
    there), also where the contact could go on; where it could not, it was led to a person.
    """

    session: Session
    instructions: tuple[Instruction, ...] = ()
    effect: AnyEffect | None = None
    steps: tuple[Step, ...] = ()
    taken: AnyInput | None = None
    wait_seconds: float | None = None
    fault: str = ""


class Traits(msgspec.Struct, frozen=True):
    """What a channel can do: ``speaks`` (a telephone: prompts are heard, keys pressed) and ``buttons``."""

    name: str
    speaks: bool
    buttons: bool = False


NO_LINE: dict[str, Any] = {"position": 0, "wait": None, "minutes": None, "sure": "none"}
"""What templates see as ``line`` of who stands in none: ``position`` from 1, ``wait`` the expected seconds,
``minutes`` the same rounded up (None where nobody can tell), and how ``sure`` that is: high, medium, low or
none.
"""


class Context(msgspec.Struct, frozen=True):
    """What the engine may know of the world in one turn; templates see ``customer``, ``contact``,
    ``company`` and the session's variables.

    ``customer`` is None for a stranger, else plain values: id name first_name language tier
    is_key owner tags. ``contact``: id channel from_address to_address, and
    speaks: whether it is a telephone. ``company``: name and what
    the configuration adds. ``line``: how the contact stands in line, see `NO_LINE`.
    """

    now: datetime
    traits: Traits
    customer: dict[str, Any] | None = None
    contact: dict[str, Any] = {}
    company: dict[str, Any] = {}
    calendars: dict[str, BusinessCalendar] = {}
    line: dict[str, Any] = msgspec.field(default_factory=lambda: dict(NO_LINE))
