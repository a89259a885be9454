"""What a script may expect of the flow, and how a mismatch is put to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ivr_flows.engine import tag
from ivr_flows.fields import closest
from ivr_flows.inputs import AnyInput
from ivr_flows.instructions import (
    Connect,
    HangUp,
    Instruction,
    Listen,
    Play,
    RecordMessage,
    Say,
    WaitInQueue,
)
from ivr_flows.session import Session, Turn

Turns = Sequence[tuple[AnyInput, Turn]]


class Seen(msgspec.Struct, frozen=True):
    """Everything since the customer's last word."""

    session: Session
    heard: Sequence[Instruction]
    turns: Turns

    @property
    def last(self) -> Instruction | None:
        """The instruction that waits or ends."""
        return self.heard[-1] if self.heard else None

    def said(self) -> str:
        """All words, in order, those of the wait too."""
        return " ".join(_words(self.heard))


def _words(instructions: Sequence[Instruction]) -> Iterator[str]:
    for instruction in instructions:
        if isinstance(instruction, Say | Play):
            yield instruction.text
        elif isinstance(instruction, Listen | RecordMessage | Connect):
            yield from _words(instruction.prompts)
        elif isinstance(instruction, WaitInQueue):
            yield from _words(instruction.announcements)


def mismatches(expected: Any, session: Session, heard: Sequence[Instruction], turns: Turns) -> list[str]:
    """What of ``expected`` is not so, in sentences. Empty where all of it is."""
    if not isinstance(expected, Mapping):
        return ["expect needs what to expect, such as expect: {say: Hello}"]
    seen = Seen(session, heard, turns)
    problems: list[str] = []
    for word, wanted in expected.items():
        check = _CHECKS.get(word)
        if check is None:
            problems.append(f"there is no expectation '{word}'; {closest(word, _CHECKS, ', '.join(_CHECKS))}")
        else:
            problems += check(seen, wanted)
    return problems


def _list(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list) else [wanted]


def _say(seen: Seen, wanted: Any) -> Iterator[str]:
    said = seen.said()
    for part in _list(wanted):
        if str(part) not in said:
            yield f"expected to hear '{part}' and heard '{said}'"


def _not_say(seen: Seen, wanted: Any) -> Iterator[str]:
    said = seen.said()
    for part in _list(wanted):
        if str(part) in said:
            yield f"expected not to hear '{part}' and heard '{said}'"


def _waits(kind: type[Any], name: str) -> Callable[[Seen, Any], Iterator[str]]:
    """Expects the last instruction to be of ``kind``: true, or a mapping of some of its fields."""

    def check(seen: Seen, wanted: Any) -> Iterator[str]:
        found = isinstance(seen.last, kind)
        if found != (wanted is not False):
            yield f"expected {'' if wanted is not False else 'no '}{name} and found {_found(seen)}"
        elif found and isinstance(wanted, Mapping):
            yield from _differences(name, _fields(seen.last), wanted)

    return check


def _fields(struct: Any) -> dict[str, Any]:
    """All fields as plain data, those at their defaults too."""
    whole = {name: getattr(struct, name) for name in struct.__struct_fields__}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(whole))
    return plain


def _found(seen: Seen) -> str:
    if seen.session.waiting == "effect" and seen.session.effect is not None:
        return f"effect {tag(seen.session.effect)}"
    if seen.last is None:
        return "nothing new"
    return f"{type(seen.last).__struct_config__.tag} at node {seen.session.node}"


def _differences(where: str, found: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        actual = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(value, Mapping) and isinstance(actual, Mapping):
            yield from _differences(f"{where}.{name}", actual, value)
        elif actual != value:
            yield f"expected {where} to have {name} = {value!r} and found {actual!r}"


def _queue(seen: Seen, wanted: Any) -> Iterator[str]:
    last = seen.last
    if not isinstance(last, WaitInQueue):
        yield f"expected to wait in queue {wanted} and found {_found(seen)}"
    elif last.queue != str(wanted):
        yield f"expected to wait in queue {wanted} and is in queue {last.queue}"


def _connect(seen: Seen, wanted: Any) -> Iterator[str]:
    last = seen.last
    if not isinstance(last, Connect):
        yield f"expected to be connected to {wanted} and found {_found(seen)}"
    elif last.target != str(wanted):
        yield f"expected to be connected to {wanted} and found {last.target}"


def _options(seen: Seen, wanted: Any) -> Iterator[str]:
    found = [o.label for o in seen.last.options] if isinstance(seen.last, Listen) else []
    if found != [str(label) for label in _list(wanted)]:
        yield f"expected the choices {wanted} and found {found}"


def _effect(seen: Seen, wanted: Any) -> Iterator[str]:
    effect = seen.session.effect
    if effect is None or tag(effect) != wanted:
        yield f"expected effect {wanted} and found {_found(seen)}"


def _with(seen: Seen, wanted: Any) -> Iterator[str]:
    effect = seen.session.effect
    if effect is None:
        yield f"expected an effect and found {_found(seen)}"
    elif isinstance(wanted, Mapping):
        yield from _differences(f"effect {tag(effect)}", _fields(effect), wanted)


def _ended(seen: Seen, wanted: Any) -> Iterator[str]:
    if (seen.session.waiting == "ended") != bool(wanted):
        yield f"expected the contact {'to have' if wanted else 'not to have'} ended and found {_found(seen)}"


def _reason(seen: Seen, wanted: Any) -> Iterator[str]:
    found = seen.last.reason if isinstance(seen.last, HangUp) else seen.session.phase
    if seen.session.waiting != "ended" or found != str(wanted):
        yield f"expected the end for reason {wanted} and found {found or _found(seen)}"


def _place(attribute: str) -> Callable[[Seen, Any], Iterator[str]]:
    def check(seen: Seen, wanted: Any) -> Iterator[str]:
        found = getattr(seen.session, attribute)
        if found != str(wanted):
            yield f"expected {attribute} {wanted} and found {found}"

    return check


def _variable(seen: Seen, wanted: Any) -> Iterator[str]:
    if not isinstance(wanted, Mapping):
        yield "variable needs names and values, such as variable: {order_number: '1234'}"
        return
    yield from _differences("the session", seen.session.variables, wanted)


def _fault(seen: Seen, wanted: Any) -> Iterator[str]:
    faults = "; ".join(turn.fault for _, turn in seen.turns if turn.fault)
    if bool(faults) != bool(wanted) or (isinstance(wanted, str) and wanted not in faults):
        yield f"expected the fault '{wanted}' and found '{faults}'"


_CHECKS: Final[dict[str, Callable[[Seen, Any], Iterator[str]]]] = {
    "say": _say, "not_say": _not_say, "listen": _waits(Listen, "listen"), "options": _options,
    "record": _waits(RecordMessage, "record"), "queue": _queue, "connect": _connect,
    "effect": _effect, "with": _with, "ended": _ended, "reason": _reason, "node": _place("node"),
    "flow": _place("flow"), "language": _place("language"), "variable": _variable, "fault": _fault,
}  # fmt: skip
