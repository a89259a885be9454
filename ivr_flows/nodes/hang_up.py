"""``hang_up``: the end of the contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.expressions import Text
from ivr_flows.fields import spec
from ivr_flows.flow import END, Exit, Node
from ivr_flows.visit import End, Move, Visit


@dataclass(frozen=True, kw_only=True)
class HangUp(Node):
    """Says goodbye and ends the contact."""

    kind: ClassVar[str] = "hang_up"
    example: ClassVar[str] = """
kind: hang_up
text: {en: "Goodbye.", zh: "再见。"}
reason: done
"""

    text: Text | None = spec(read.text, "said before the end", None)
    reason: str = spec(read.name, "kept in the log as the reason of ending", "done")
    reject: bool = spec(read.boolean, "refuse a call before it is answered (first node only)", False)

    def enter(self, visit: Visit) -> Move:
        """Say goodbye."""
        visit.say(self.text)
        return End(self.reason, self.reject)

    def exits(self) -> Iterator[Exit]:
        """The end."""
        yield Exit("end", END, "", self.reason)
