"""Work over the API: what waits and who has it, offers and their answers, and everything done while
talking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from contact_center import call_control
from contact_center.actions import calls, offers, talk, transfer
from contact_center.actions.act import Act
from contact_center.announcing import shown_with
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import works as shapes
from contact_center.api.models.common import Page
from contact_center.api.problems import Problem
from contact_center.api.visible import may_see, own_works
from contact_center.carriers.base import CarrierFailed, CarrierRefused
from crm_store import offers as offer_rows
from crm_store import work_people, works
from crm_store.work_people import People
from crm_store.works import Work


async def list_works(call: Call[shapes.WorkQuery, Nothing]) -> Page[shapes.Work]:
    asked = call.params
    states = works.OPEN_STATES if asked.state is None else (asked.state,)

    def read(connection: Connection) -> list[tuple[Work, People]]:
        found = work_people.list_open(connection, states, queue=asked.queue, agent_id=asked.agent_id)
        own = own_works(connection, call.caller)
        return [(work, people) for work, people in found if may_see(call.caller, work, own)]

    return Page[shapes.Work](items=[_with(work, people) for work, people in await call.read(read)])


async def get_work(call: Call[Nothing, Nothing]) -> shapes.Work:
    def read(connection: Connection) -> Work:
        work = works.get(connection, call.path["work_id"])
        if not may_see(call.caller, work, own_works(connection, call.caller)):
            raise Problem("forbidden", "Another agent has this work; only a supervisor may look at it.")
        return work

    return await shown(call, await call.read(read))


def _with(work: Work, people: People) -> shapes.Work:
    return shapes.Work.model_validate(shown_with(work, people))


async def shown(call: Call[Any, Any], work: Work) -> shapes.Work:
    """The work as the API shows it, with the people in it."""
    found = await call.read(lambda connection: work_people.people_of(connection, [work.id]))
    return _with(work, found.get(work.id, People()))


async def get_offer(call: Call[Nothing, Nothing]) -> shapes.Offer:
    found = await call.read(lambda connection: offer_rows.get(connection, call.path["offer_id"]))
    if found.agent_id != call.caller.agent_id and not call.caller.may("supervisor"):
        raise Problem("forbidden", "Another agent was asked; only a supervisor may look at it.")
    return shapes.Offer.model_validate(found)


async def accept_offer(call: Call[Nothing, shapes.Accept]) -> shapes.Work:
    agent_id = _on_behalf(call, call.body.agent_id)
    offer_id = call.path["offer_id"]
    return await _done(
        call, lambda deed: offers.accept_offer(deed, offer_id, agent_id), "offer.accepted", offer_id
    )


async def take_work(call: Call[Nothing, shapes.Accept]) -> shapes.Work:
    agent_id, work_id = _on_behalf(call, call.body.agent_id), call.path["work_id"]
    return await _done(
        call,
        lambda deed: offers.take_work(deed, works.get(deed.connection, work_id), agent_id),
        "work.taken",
        work_id,
    )


async def decline_offer(call: Call[Nothing, shapes.Decline]) -> shapes.Work:
    agent_id, reason = _on_behalf(call, call.body.agent_id), call.body.reason
    offer_id = call.path["offer_id"]
    return await _done(
        call, lambda deed: offers.decline_offer(deed, offer_id, agent_id, reason), "offer.declined", offer_id
    )


def _on_behalf(call: Call[Any, Any], agent_id: str | None) -> str:
    """For which agent it is done: the token's own, or the one that a supervisor names."""
    own = call.caller.agent_id
    if agent_id is not None and agent_id != own and not call.caller.may("supervisor"):
        raise Problem("forbidden", "Only a supervisor can act for another agent.")
    named = agent_id or own
    if named is None:
        raise Problem("invalid", "Say for which agent.", fields=[("agent_id", "is needed with this token")])
    return named


async def _done(call: Call[Any, Any], action: Callable[[Act], Work], name: str, subject: str) -> shapes.Work:
    return await shown(call, await call.act(action, Note(name, subject)))


def whose(call: Call[Any, Any]) -> str | None:
    """Whose work the caller may touch: their own; None = anybody's, for supervisors."""
    if call.caller.may("supervisor"):
        return None
    if call.caller.agent_id is None:
        raise Problem("forbidden", "This needs the token of the agent who has the work, or of a supervisor.")
    return call.caller.agent_id


async def _on_work(
    call: Call[Any, Any],
    name: str,
    action: Callable[[Act, Work], Work],
    states: frozenset[str] = talk.TALKING,
) -> shapes.Work:
    """Do something to the work in the path, where the caller has it."""
    work_id, mine = call.path["work_id"], whose(call)
    return await _done(
        call, lambda deed: action(deed, talk.own_work(deed, work_id, mine, states)), f"work.{name}", work_id
    )


def _any(_deed: Act, _work: Work) -> None:
    """Nothing more to check."""


async def _checked(
    call: Call[Any, Any],
    check: Callable[[Act, Work], object] = _any,
    states: frozenset[str] = talk.TALKING,
) -> Work:
    """The work in the path, read before the carrier is asked; ``check`` refuses what would be refused
    afterwards."""
    work_id, mine = call.path["work_id"], whose(call)

    def read(connection: Connection) -> Work:
        deed = Act(connection, call.room, call.at, call.caller.actor)
        work = talk.own_work(deed, work_id, mine, states)
        check(deed, work)
        return work

    return await call.read(read)


def _is_talk(_deed: Act, work: Work) -> None:
    talk.require_conversation(work)


async def _by_carrier(work: Any) -> Any:
    """Await what the carrier is asked to do; its refusal is the caller's to know."""
    try:
        return await work
    except (CarrierRefused, CarrierFailed) as error:
        raise Problem("carrier", f"The telephone carrier did not do it: {error}.") from None


async def hold_work(call: Call[Nothing, shapes.Switch]) -> shapes.Work:
    on = call.body.on
    await _by_carrier(call_control.set_hold(call.room, await _checked(call, _is_talk), on))
    return await _on_work(call, "held", lambda deed, work: talk.hold(deed, work, on))


async def mute_work(call: Call[Nothing, shapes.Switch]) -> shapes.Work:
    on = call.body.on
    await _by_carrier(call_control.set_mute(call.room, await _checked(call), on))
    return await _on_work(call, "muted", lambda deed, work: deed.change_work(work, {"muted": on}))


async def record_work(call: Call[Nothing, shapes.Recording]) -> shapes.Work:
    what = call.body.what
    await _by_carrier(call_control.set_recording(call.room, await _checked(call, _is_talk), what))
    return await _on_work(call, f"recording_{what}", lambda deed, work: talk.note_recording(deed, work, what))


async def end_work(call: Call[Nothing, Nothing]) -> shapes.Work:
    return await _on_work(call, "ended", talk.end_talk)


async def requeue_work(call: Call[Nothing, shapes.Reason]) -> shapes.Work:
    reason = call.body.reason or "agent"
    return await _on_work(call, "requeued", lambda deed, work: talk.requeue(deed, work, reason), talk.ENGAGED)


async def transfer_work(call: Call[Nothing, shapes.Target]) -> shapes.Work:
    body = call.body
    named = [name for name in ("queue", "agent_id", "number") if getattr(body, name)]
    if len(named) != 1:
        raise Problem("invalid", "Say exactly one of queue, agent_id and number.")

    def action(deed: Act, work: Work) -> Work:
        if body.queue:
            return transfer.to_queue(deed, work, body.queue)
        if body.agent_id:
            return transfer.to_agent(deed, work, body.agent_id)
        return transfer.to_number(deed, work, body.number or "")

    if body.number:
        number = body.number
        work = await _checked(call, lambda deed, found: transfer.number_to_call(deed, found, number))
        await _by_carrier(call_control.set_hold(call.room, work, True))
    return await _on_work(call, "transferred", action)


async def consult_work(call: Call[Nothing, shapes.Target]) -> shapes.Work:
    body = call.body
    if body.number or bool(body.queue) == bool(body.agent_id):
        raise Problem("invalid", "Say exactly one of queue and agent_id.")
    asked = {"agent_id": body.agent_id or "", "queue": body.queue or ""}
    work = await _checked(call, lambda deed, found: transfer.check_consult(deed, found, **asked))
    await _by_carrier(call_control.set_hold(call.room, work, True))

    def action(deed: Act, work: Work) -> Work:
        held = talk.hold(deed, work, True)
        return transfer.consult(deed, held, **asked, reason=body.reason)

    return await _on_work(call, "consulted", action)


async def cancel_consult(call: Call[Nothing, Nothing]) -> shapes.Work:
    return await _on_work(call, "consult_canceled", transfer.cancel_consult)


async def join_consult(call: Call[Nothing, Nothing]) -> shapes.Work:
    return await _on_work(call, "consult_joined", transfer.join)


async def complete_consult(call: Call[Nothing, Nothing]) -> shapes.Work:
    return await _on_work(call, "transferred", transfer.complete)


async def wrap_up_work(call: Call[Nothing, shapes.WrapUp]) -> shapes.Work:
    body = call.body
    return await _on_work(
        call,
        "wrapped_up",
        lambda deed, work: talk.wrap_up(deed, work, body.disposition, body.note),
        talk.ENDING,
    )


async def reassign_work(call: Call[Nothing, shapes.Target]) -> shapes.Work:
    body = call.body
    if body.number or not (body.queue or body.agent_id):
        raise Problem("invalid", "Say a queue, an agent_id, or both.")
    return await _on_work(
        call,
        "reassigned",
        lambda deed, work: transfer.reassign(
            deed, work, agent_id=body.agent_id or "", queue=body.queue or ""
        ),
        frozenset(works.OPEN_STATES),
    )


async def supervise_work(call: Call[Nothing, shapes.Mode]) -> shapes.Work:
    mode, agent_id = call.body.mode, call.caller.agent_id
    if agent_id is None:
        raise Problem("forbidden", "Joining a call needs the token of a supervisor who is an agent as well.")
    work = await _checked(call)
    present = await call.read(lambda connection: calls.supervisor_leg(connection, work, agent_id))
    if present is not None:
        await _by_carrier(call_control.set_mode(call.room, present, mode))
    return await _on_work(
        call, "supervised", lambda deed, found: calls.supervise(deed, found, agent_id, mode)
    )


def _post(
    path: str, role: str, summary: str, handler: Any, body: Any = Nothing, *more: str, description: str = ""
) -> Endpoint:
    return Endpoint(
        "POST",
        path,
        role,
        summary,
        handler,
        shapes.Work,
        body=body,
        refusals=("not_found", "refused", "conflict", *more),
        description=description,
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/works",
        "agent",
        "List open work by its place in line",
        list_works,
        Page[shapes.Work],
        params=shapes.WorkQuery,
    ),
    Endpoint(
        "GET",
        "/works/{work_id}",
        "agent",
        "Get a piece of work",
        get_work,
        shapes.Work,
        refusals=("not_found",),
    ),
    Endpoint(
        "GET", "/offers/{offer_id}", "agent", "Get an offer", get_offer, shapes.Offer, refusals=("not_found",)
    ),
    _post("/offers/{offer_id}/accept", "agent", "Accept an offer", accept_offer, shapes.Accept),
    _post("/works/{work_id}/take", "agent", "Take work out of the line unasked", take_work, shapes.Accept),
    _post("/offers/{offer_id}/decline", "agent", "Decline an offer", decline_offer, shapes.Decline),
    _post(
        "/works/{work_id}/hold",
        "agent",
        "Put the customer on hold, or take them back",
        hold_work,
        shapes.Switch,
        "carrier",
    ),
    _post(
        "/works/{work_id}/mute", "agent", "Be heard no more, or again", mute_work, shapes.Switch, "carrier"
    ),
    _post(
        "/works/{work_id}/record",
        "agent",
        "Start, pause, resume or stop the recording",
        record_work,
        shapes.Recording,
        "carrier",
    ),
    _post("/works/{work_id}/end", "agent", "End the conversation; the wrap-up begins", end_work),
    _post(
        "/works/{work_id}/requeue",
        "agent",
        "Put the customer back in line, in the old place",
        requeue_work,
        shapes.Reason,
    ),
    _post(
        "/works/{work_id}/transfer",
        "agent",
        "Transfer to a queue, an agent or a number",
        transfer_work,
        shapes.Target,
        "invalid",
        "carrier",
    ),
    _post(
        "/works/{work_id}/consult",
        "agent",
        "Ask another agent while the customer is on hold",
        consult_work,
        shapes.Target,
        "invalid",
        "carrier",
    ),
    _post("/works/{work_id}/consult/cancel", "agent", "Ask no more", cancel_consult),
    _post("/works/{work_id}/consult/join", "agent", "Let all three talk", join_consult),
    _post(
        "/works/{work_id}/consult/complete",
        "agent",
        "Leave the customer to whoever was asked",
        complete_consult,
    ),
    _post(
        "/works/{work_id}/wrap-up",
        "agent",
        "Finish with a disposition and a note",
        wrap_up_work,
        shapes.WrapUp,
    ),
    _post(
        "/works/{work_id}/reassign",
        "supervisor",
        "Give work to another agent or queue",
        reassign_work,
        shapes.Target,
        "invalid",
    ),
    _post(
        "/works/{work_id}/supervise",
        "supervisor",
        "Listen to a call, whisper to its agent, or join it",
        supervise_work,
        shapes.Mode,
        "carrier",
    ),
)
