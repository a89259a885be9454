"""The engine takes one turn: a session and what happened in, the next session and what to do out.

Pure: the same session, input and context always give the same turn. Nothing a customer sends and no
mistake in a flow raises out of `advance`: the contact goes to the flow's person, and where even that
fails it gets an apology and the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from ivr_flows import visit as moves
from ivr_flows.effects import Effect
from ivr_flows.expressions import plain
from ivr_flows.flow import END, PERSON
from ivr_flows.hearing import bounded
from ivr_flows.inputs import AnyInput, Done, Failed, HandedBack, HungUp, Keys, Picked, Recorded, Words
from ivr_flows.instructions import HangUp, Instruction, Listen, RecordMessage, Say, WaitInQueue
from ivr_flows.phrases import phrase
from ivr_flows.session import Context, Frame, Place, Session, Step, Turn
from ivr_flows.visit import Visit

if TYPE_CHECKING:
    from ivr_flows.effects import AnyEffect
    from ivr_flows.loader import FlowSet

MOST_NODES: Final = 200
DEEPEST_STACK: Final = 10
MASK: Final = "****"
_GRACE: Final = 10_000  # hops are counted from here once a loop has led to the person
_MOST_KEYS: Final = 64
_WRITTEN_WAIT: Final = 86_400.0


def begin(
    flows: FlowSet, flow: str, language: str = "", variables: Mapping[str, Any] | None = None
) -> Session:
    """A session at the start of ``flow``; the first input is `Started`.

    ``language`` is what is known of the customer's (the flow's nearest is taken), ``variables`` go
    before the flow's own first values. Raises KeyError for a flow that is not there.
    """
    found = flows.flows[flow]
    return Session(
        digest=flows.digest,
        flow=flow,
        node=found.start,
        language=found.language(language),
        variables={**found.variables, **plain(variables or {})},
    )


def advance(flows: FlowSet, session: Session, given: AnyInput, context: Context) -> Turn:
    """What ``given`` leads to. Never raises; see `Turn`."""
    if session.waiting == "ended":
        return Turn(session, taken=given)
    given = _cut(given)
    if isinstance(given, HungUp):
        return Turn(_ended(session, "hung_up"), taken=given)
    if not _expected(session, given):
        return Turn(session, taken=given)
    return _Run(flows, session, context).take(given)


def instructions_now(flows: FlowSet, session: Session, context: Context) -> tuple[Instruction, ...]:
    """The present wait once more, changing nothing: for a document that is fetched again.

    Empty before the start and while an effect is carried out; after the end, the `HangUp`.
    """
    if session.waiting == "ended":
        return (HangUp(session.phase or "done"),)
    if session.waiting != "input":
        return ()
    try:
        flow = flows.flows[session.flow]
        return (flow.nodes[session.node].present(Visit(flow, session, context)),)
    except Exception:  # the flow's own mistake; the customer must not wait in silence
        return _apology(session.language)


def place_back(flows: FlowSet, session: Session) -> Place | None:
    """Where a customer goes whom a person gives back: the node that was left last, else the first one that
    takes customers back, in this flow or the nearest around it. None where there is no such node.
    """
    left = session.left
    if left is not None and left.flow in flows.flows and left.node in flows.flows[left.flow].nodes:
        return left
    stack, name = session.stack, session.flow
    while (flow := flows.flows.get(name)) is not None:
        found = next((node for node, kind in flow.nodes.items() if kind.takes_back), None)
        if found is not None:
            return Place(name, found, stack)
        if not stack:
            return None
        name, stack = stack[-1].flow, stack[:-1]
    return None


def _apology(language: str) -> tuple[Instruction, ...]:
    return (Say(phrase("apology", language), language), HangUp("fault"))


def _ended(session: Session, reason: str) -> Session:
    return msgspec.structs.replace(session, waiting="ended", phase=reason, local={}, tries=0, effect=None)


def _cut(given: AnyInput) -> AnyInput:
    """The input at the length that is considered, without what cannot be stored."""
    if isinstance(given, Words):
        text = bounded(given.text)
        return given if text is given.text else Words(text, given.confidence)
    if isinstance(given, Keys):
        digits = given.digits
        if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_KEYS:
            return given
        return Keys("".join(key for key in digits[:2_000] if key in "0123456789*#")[:_MOST_KEYS])
    if isinstance(given, Picked):
        value = bounded(given.value)
        return given if value is given.value else Picked(value)
    if isinstance(given, Recorded):
        seconds = given.seconds if 0 < given.seconds < 86_400 else 0.0
        return Recorded(seconds, bounded(given.recording_id), given.hung_up)
    if isinstance(given, HandedBack):
        return HandedBack(bounded(given.note))
    return given


def _expected(session: Session, given: AnyInput) -> bool:
    """Whether the session waits for this sort of input at all."""
    if isinstance(given, Done | Failed):
        asked = session.effect if session.waiting == "effect" else None
        return asked is not None and given.effect == tag(asked)
    return session.waiting != "effect"


def tag(effect: Effect) -> str:
    """The name of an effect, as in `Done.effect`."""
    return str(type(effect).__struct_config__.tag)


class FlowFault(Exception):
    """Something wrong in a flow while it runs; the message holds nothing of the customer's."""


class _Run:
    """One call of `advance`."""

    def __init__(self, flows: FlowSet, session: Session, context: Context) -> None:
        self.flows = flows
        self.session = session
        self.context = context
        self.steps: list[Step] = []
        self.hops = session.hops
        self.fell = False
        self.masked = False

    def take(self, given: AnyInput) -> Turn:
        """Follow the flow from ``given`` to the next wait, effect or end."""
        flow = self.flows.flows.get(self.session.flow)
        if flow is None:
            return self._lost(given)
        visit = Visit(flow, self.session, self.context)
        if not isinstance(given, Done | Failed):
            self.hops = 0
        move: moves.Move | None = None
        answered = self.session.waiting == "start"
        while True:
            try:
                if not answered:
                    answered = True
                    move = self._resume(visit, given)
                    if move is moves.IGNORED:
                        return Turn(self.session, taken=self._kept(given))
                elif move is None:
                    move = visit.flow.nodes[visit.node].enter(visit)
                session = self._follow(visit, move)
                if session is not None:
                    return self._turn(visit, session, given)
            except Exception as error:  # whatever a flow gets wrong, the customer gets a person
                session = self._fall(visit, error)
                if session is not None:
                    return self._turn(visit, session, given)
            move = None

    def _resume(self, visit: Visit, given: AnyInput) -> moves.Move:
        if isinstance(given, HandedBack):
            return self._take_back(visit, given)
        node = visit.flow.nodes[visit.node]
        self.masked = self.session.waiting == "input" and node.sensitive_now(visit)
        return node.resume(visit, given)

    def _take_back(self, visit: Visit, given: HandedBack) -> moves.Move:
        place = place_back(self.flows, self.session)
        if place is None:
            return moves.IGNORED
        self._step(visit, "handed_back")
        visit.flow, visit.node, visit.stack = self.flows.flows[place.flow], place.node, place.stack
        visit.phase, visit.local, visit.tries = "", place.local, 0
        return visit.flow.nodes[visit.node].take_back(visit, given)

    def _follow(self, visit: Visit, move: moves.Move) -> Session | None:
        """Carry out one move: None to go on in ``visit.node``, or the session at the turn's end."""
        if isinstance(move, str):
            target = visit.flow.targets[visit.node][move]
            self._step(visit, move)
            if visit.flow.nodes[visit.node].takes_back:
                visit.left = Place(visit.flow.name, visit.node, visit.stack, visit.local)
            return self._go(visit, target)
        if isinstance(move, Effect):
            return self._save(visit, "effect", move)
        if isinstance(move, moves.Wait):
            visit.instructions.append(visit.flow.nodes[visit.node].present(visit))
            self._step(visit, "")
            return self._save(visit, "input")
        if isinstance(move, moves.End):
            self._step(visit, "end")
            return self._end(visit, move)
        if isinstance(move, moves.Call):
            self._step(visit, "next")
            self._call(visit, move)
            return None
        if isinstance(move, moves.Return):
            self._step(visit, "return")
            if not visit.stack:
                return self._end(visit, moves.End("done"))
            frame, visit.stack = visit.stack[-1], visit.stack[:-1]
            visit.flow = self.flows.flows[frame.flow]
            return self._go(visit, frame.node)
        raise FlowFault("the node has no answer to this")

    def _step(self, visit: Visit, way: str) -> None:
        self.steps.append(Step(visit.flow.name, visit.node, way))

    def _go(self, visit: Visit, target: str) -> Session | None:
        self.hops += 1
        if MOST_NODES < self.hops < _GRACE or self.hops > _GRACE + MOST_NODES:
            raise FlowFault(f"more than {MOST_NODES} nodes without a wait")
        visit.phase, visit.local, visit.tries = "", {}, 0
        if target == END:
            return self._end(visit, moves.End("done"))
        if target == PERSON:
            self._go_to_person(visit)
        else:
            visit.node = target
        return None

    def _go_to_person(self, visit: Visit) -> None:
        """The person of this flow, or of the nearest around it that has one."""
        while not visit.flow.person:
            if not visit.stack:
                raise FlowFault("there is no person to go to")
            visit.flow = self.flows.flows[visit.stack[-1].flow]
            visit.stack = visit.stack[:-1]
        visit.node = visit.flow.person

    def _call(self, visit: Visit, move: moves.Call) -> None:
        if len(visit.stack) >= DEEPEST_STACK:
            raise FlowFault(f"more than {DEEPEST_STACK} subflows inside each other")
        called = self.flows.flows[move.flow]
        back = visit.flow.targets[visit.node]["next"]
        visit.stack = (*visit.stack, Frame(visit.flow.name, back))
        for name, value in {**called.variables, **move.variables}.items():
            visit.save(name, value)
        visit.flow = called
        self._go(visit, called.start)

    def _end(self, visit: Visit, end: moves.End) -> Session:
        visit.instructions.append(HangUp(end.reason, end.reject))
        return _ended(self._save(visit, "ended"), end.reason)

    def _fall(self, visit: Visit, error: Exception) -> Session | None:
        """Note the fault and go to the person; where that is no way out, apologise and end."""
        what = str(error) if isinstance(error, FlowFault) else type(error).__name__
        visit.fault(what)
        hopeless = self.fell or self.hops > _GRACE or visit.node == visit.flow.person
        self.fell = True
        try:
            if not hopeless:
                self.hops = _GRACE if self.hops > MOST_NODES else self.hops
                visit.phase, visit.local, visit.tries = "", {}, 0
                self._go_to_person(visit)
                return None
        except (FlowFault, KeyError):
            visit.fault("no person could be reached")
        visit.instructions.append(Say(phrase("apology", visit.language), visit.language))
        return self._end(visit, moves.End("fault"))

    def _lost(self, given: AnyInput) -> Turn:
        ended = _ended(self.session, "fault")
        fault = f"there is no flow '{self.session.flow}' in these definitions"
        return Turn(ended, _apology(ended.language), taken=given, fault=fault)

    # --- the turn's parts

    def _save(self, visit: Visit, waiting: str, effect: Effect | None = None) -> Session:
        return Session(
            digest=self.session.digest, flow=visit.flow.name, node=visit.node,
            language=visit.language, waiting=waiting, variables=visit.variables, stack=visit.stack,
            phase=visit.phase, local=visit.local, tries=visit.tries,
            effect=cast("AnyEffect | None", effect), hops=self.hops, left=visit.left,
        )  # fmt: skip

    def _turn(self, visit: Visit, session: Session, given: AnyInput) -> Turn:
        return Turn(
            session, tuple(visit.instructions), session.effect, tuple(self.steps),
            self._kept(given), self._limit(visit.instructions), "; ".join(visit.faults),
        )  # fmt: skip

    def _kept(self, given: AnyInput) -> AnyInput:
        if not self.masked:
            return given
        if isinstance(given, Keys):
            return Keys("*" * len(given.digits))
        if isinstance(given, Words):
            return Words(MASK, given.confidence)
        return Picked(MASK) if isinstance(given, Picked) else given

    def _limit(self, instructions: list[Instruction]) -> float | None:
        """Seconds until `Silent` is due where the channel itself keeps no time."""
        last = instructions[-1] if instructions else None
        if isinstance(last, WaitInQueue):
            return float(last.max_wait)
        if self.context.traits.speaks or not isinstance(last, Listen | RecordMessage):
            return None
        return last.text_timeout if isinstance(last, Listen) else _WRITTEN_WAIT
