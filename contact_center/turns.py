"""A turn of the flow: advance, carry out what it asks for, advance again, until it waits or ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from contact_center import contact as life
from contact_center.effects import HANDLERS
from contact_center.people import for_templates
from contact_center.room import Room
from contact_center.scene import MASK, Scene
from crm_store.errors import StoreError
from ivr_flows import advance, instructions_now
from ivr_flows.effects import Effect
from ivr_flows.engine import tag
from ivr_flows.inputs import AnyInput, Done, Failed
from ivr_flows.instructions import Connect, Instruction, Pause, Play, Say, Talk, WaitInQueue
from ivr_flows.session import Context, Step, Turn

log = structlog.get_logger(__name__)

MOST_EFFECTS = 30
"""Effects in one turn; a flow that asks for more is going round in circles."""


def context_of(scene: Scene, room: Room) -> Context:
    """What the engine may know of the world in this turn."""
    contact = scene.contact
    customer = scene.customer
    return Context(
        now=scene.at,
        traits=scene.traits,
        customer=None if customer is None else for_templates(customer),
        contact={
            "id": contact.id,
            "channel": contact.channel,
            "from_address": contact.from_address,
            "to_address": contact.to_address,
            "speaks": scene.traits.speaks,
        },
        company=room.company,
        calendars=room.calendars,
        **({"line": scene.line} if scene.line else {}),
    )


async def run_turn(
    scene: Scene, given: AnyInput, room: Room, *, late: bool = False
) -> tuple[Instruction, ...]:
    """Take ``given`` into the flow; the scene gets the changes and the journal, the caller what to say.

    An input that the flow ignores (a key that means nothing in a queue) is journaled and is no turn: the
    action URLs that are out carry the present turn's number. ``late``: see `events`.
    """
    number = scene.contact.turn
    flows = scene.flows.flows
    turn = advance(flows, scene.session, given, context_of(scene, room))
    taken = turn.taken
    sensitive = scene.masked = taken is not given and _differs(taken, given)
    noted = {"turn": number} | msgspec.to_builtins(taken)
    if turn.session is scene.session:
        scene.journal("input", noted | {"ignored": True})
        return ()
    scene.journal("input", noted | {"late": True} if late else noted)
    instructions = list(turn.instructions)
    steps = list(turn.steps)
    for asked in range(MOST_EFFECTS + 1):
        _note_fault(scene, turn)
        scene.session = turn.session
        if turn.effect is None:
            break
        result = await _result(turn.effect, scene, room, refused=asked == MOST_EFFECTS)
        turn = advance(flows, turn.session, result, context_of(scene, room))
        instructions += turn.instructions
        steps += turn.steps
    _note_path(scene, number, steps, instructions, sensitive=sensitive)
    last = instructions[-1] if instructions else None
    if isinstance(last, Connect):
        scene.journal("connecting", {"target_kind": last.target_kind, "to": last.target})
    scene.change(life.after_turn(scene.contact, msgspec.structs.replace(turn, taken=taken), scene.at, last))
    _settle(scene, turn, room)
    return tuple(instructions)


def _differs(taken: AnyInput | None, given: AnyInput) -> bool:
    """Whether the engine has masked the answer (and not merely cut it to the length that it considers)."""
    kept, said = getattr(taken, "text", None), getattr(given, "text", None)
    if isinstance(kept, str) and isinstance(said, str):
        return kept == MASK and said != MASK
    return taken != given


async def _result(effect: Effect, scene: Scene, room: Room, *, refused: bool) -> Done | Failed:
    """The effect's result, noted with what was asked; ``refused``: the turn has asked for too much."""
    result = Failed(tag(effect), "too_many") if refused else await carry_out(effect, scene, room)
    data = {"asked": _asked(effect), "result": msgspec.to_builtins(result)}
    scene.journal("effect", scene.mask(data))
    return result


def _note_fault(scene: Scene, turn: Turn) -> None:
    if turn.fault:
        scene.journal("fault", {"what": turn.fault})
        log.warning("a flow went wrong", fault=turn.fault)


async def carry_out(effect: Effect, scene: Scene, room: Room) -> Done | Failed:
    """One effect's result; whatever goes wrong with it is the flow's to decide (`Failed`)."""
    name = tag(effect)
    began = room.clock.monotonic()
    before = scene.mark()

    def count(outcome: str) -> None:
        if outcome != "done":
            scene.undo(before)
        room.metrics.carry_out_effect(name, outcome, room.clock.monotonic() - began)

    try:
        async with asyncio.timeout(room.effect_timeout):
            with room.tracing.effect(name):
                result = await HANDLERS[type(effect)](effect, scene, room)
    except StoreError as error:
        if error.retryable:
            raise
        count("refused")
        return Failed(name, "refused")
    except TimeoutError:
        count("timeout")
        return Failed(name, "timeout")
    except Exception as error:
        log.warning("an effect failed", effect=name, error=type(error).__name__)
        count("failed")
        return Failed(name, getattr(error, "reason", "error"))
    count("done")
    return Done(name, result)


def _asked(effect: Effect) -> dict[str, Any]:
    asked: dict[str, Any] = msgspec.to_builtins(effect)
    asked.pop("state", None)  # the bot's own memory; it is kept with the session
    return asked


def _note_path(
    scene: Scene, number: int, steps: list[Step], instructions: list[Instruction], *, sensitive: bool
) -> None:
    said, wait = _said(instructions)
    data: dict[str, Any] = {"turn": number, "steps": steps, "language": scene.session.language}
    if said:
        data["said"] = scene.mask(said)
    if wait:
        data["wait"] = wait
    if sensitive:  # a replay cannot give the answer again, so it goes on from here
        data["session"] = scene.mask(msgspec.to_builtins(scene.session))
    scene.journal("path", data)


def _said(instructions: list[Instruction]) -> tuple[list[str], str]:
    texts: list[str] = []
    wait = ""
    for instruction in instructions:
        kind = type(instruction)
        if kind is Say or kind is Play:
            texts.append(instruction.text or getattr(instruction, "url", ""))  # type: ignore[union-attr]  # by kind
        elif kind is not Pause:
            wait = str(instruction.__struct_config__.tag)
            prompts = getattr(instruction, "prompts", ())
            texts += [prompt.text for prompt in prompts if not isinstance(prompt, Pause) and prompt.text]
    return texts, wait


def _settle(scene: Scene, turn: Turn, room: Room) -> None:
    """Who speaks now, and when the sweep must look at the contact if nothing more is heard."""
    contact = scene.contact
    if contact.state == life.ENDED:
        scene.session = life.without_answers(scene.session)
        scene.journal("contact_ended", {"outcome": contact.outcome, "reason": contact.end_reason})
        return
    owner = "bot" if (turn.session.flow, turn.session.node) in scene.flows.bot_nodes else "flow"
    if owner != contact.owner:
        scene.change({"owner": owner})
    scene.change(life.next_look(scene.contact, scene.at, _patience(scene, turn, room)))


def _patience(scene: Scene, turn: Turn, room: Room) -> timedelta:
    if turn.wait_seconds is not None and not scene.traits.speaks:
        return timedelta(seconds=turn.wait_seconds)
    if scene.contact.state == life.CONNECTED:
        return room.connected_limit
    if scene.contact.state == life.WAITING and turn.wait_seconds is not None:
        return timedelta(seconds=turn.wait_seconds) + room.silent_limit
    return room.silent_limit


def present(scene: Scene, room: Room) -> tuple[Instruction, ...]:
    """What the customer should be hearing now, changing nothing (a page that is fetched again)."""
    contact = scene.contact
    if contact.owner == "agent":
        policy = room.policies.get(contact.queue or "")
        record = room.config.twilio.record_calls or (policy is not None and policy.record)
        return (Talk(contact.id, scene.session.language, record=record),)
    said = instructions_now(scene.flows.flows, scene.session, context_of(scene, room))
    if said and isinstance(said[-1], WaitInQueue) and contact.queue and contact.queue != said[-1].queue:
        # Transferred, or moved by the router: the flow only knows the queue that it put the contact into.
        return (*said[:-1], msgspec.structs.replace(said[-1], queue=contact.queue))
    return said
