"""``play``: a sound for the customer, and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.expressions import Template, Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.instructions import Play as PlayInstruction
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class Play(Node):
    """Plays a sound and goes on."""

    kind: ClassVar[str] = "play"
    example: ClassVar[str] = """
kind: play
url: "https://example.com/jingle.mp3"
text: {en: "(music)", zh: "（音乐）"}
next: goodbye
"""

    url: Template = spec(read.template, "address of the sound")
    text: Text | None = spec(read.text, "what written channels show instead; nothing when left out", None)
    next: str = way("where to after it")

    def enter(self, visit: Visit) -> Move:
        """Play it, or show its text."""
        text = visit.prompt(self.text).text if self.text else ""
        if visit.context.traits.speaks or text:
            visit.instructions.append(PlayInstruction(visit.render(self.url), text, visit.language))
        return "next"
