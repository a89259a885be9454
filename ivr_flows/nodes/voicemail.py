"""``voicemail``: takes a message, spoken or typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import SaveVoicemail
from ivr_flows.expressions import Template, Text
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.inputs import AnyInput, Done, Failed, Recorded, Silent, Words
from ivr_flows.instructions import Instruction, RecordMessage
from ivr_flows.visit import IGNORED, End, Move, Visit


@dataclass(frozen=True, kw_only=True)
class Voicemail(Node):
    """Records a message for a queue; written channels ask for a typed one."""

    kind: ClassVar[str] = "voicemail"
    waits: ClassVar[bool] = True
    example: ClassVar[str] = """
kind: voicemail
text: {en: "Please leave a message after the tone.", zh: "请在提示音后留言。"}
queue: general
max_seconds: 120
silence_seconds: 5
transcribe: true
save_as: voicemail
next: goodbye
empty: goodbye
on_error: goodbye
"""

    text: Text = spec(read.text, "said before the tone")
    queue: Template = spec(read.template, "the queue that works on it")
    max_seconds: int = spec(read.integer(5, 600), "longest message", 120)
    silence_seconds: int = spec(read.integer(1, 30), "silence that ends the message", 5)
    transcribe: bool = spec(read.boolean, "write the message down", False)
    save_as: str = spec(read.saved_as, "variable for ticket_number", "voicemail")
    next: str = way("where to with a message")
    empty: str = way("where to when nothing was said", "next", quiet=True)
    on_error: str = way("where to when it cannot be kept", "next", quiet=True)

    def enter(self, visit: Visit) -> Move:
        """Ask for the message."""
        return visit.stay("")

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Keep the message."""
        if isinstance(given, Done | Failed):
            return self._kept(visit, given)
        if isinstance(given, Silent):
            return "empty" if visit.context.traits.speaks else End("no_answer")
        if isinstance(given, Recorded):
            return self._recorded(visit, given)
        if not isinstance(given, Words):
            return IGNORED
        text = given.text.strip()
        return SaveVoicemail(visit.render(self.queue), text=text) if text else "empty"

    def _recorded(self, visit: Visit, given: Recorded) -> Move:
        if not given.seconds > 0:
            return End("hung_up") if given.hung_up else "empty"
        visit.stay("hung_up" if given.hung_up else "")
        return SaveVoicemail(visit.render(self.queue), recording_id=given.recording_id, seconds=given.seconds)

    def _kept(self, visit: Visit, given: Done | Failed) -> Move:
        if isinstance(given, Done):
            visit.save(self.save_as, given.result)
        if visit.phase == "hung_up":
            return End("hung_up")
        return "next" if isinstance(given, Done) else "on_error"

    def present(self, visit: Visit) -> Instruction:
        """The recording."""
        return RecordMessage(
            language=visit.language, purpose="voicemail", prompts=(visit.prompt(self.text),),
            max_seconds=self.max_seconds, silence_seconds=self.silence_seconds,
            transcribe=self.transcribe,
        )  # fmt: skip
