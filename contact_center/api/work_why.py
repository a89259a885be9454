"""Why a piece of work is where it is, over the API: what is in the way of what waits, what was decided."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center import why, why_waiting
from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import contacts as contact_shapes
from contact_center.api.models import why as shapes
from contact_center.api.models import works as work_shapes
from contact_center.api.problems import Problem
from contact_center.api.views import titles
from contact_center.api.visible import may_see, own_works
from contact_center.routing.expected_wait import NOBODY, Estimate
from contact_center.routing.standing import FREE, Step
from contact_center.titles import Titles
from contact_center.why import Explanation
from contact_center.why_waiting import WhyWaiting
from crm_store import agents, works
from crm_store.works import Work

_OF_WORK: Final = tuple(name for name in shapes.WorkWhy.model_fields if name in Work.__struct_fields__)


async def get_work_why(call: Call[contact_shapes.WhyQuery, Nothing]) -> shapes.WorkWhy:
    def read(connection: Connection) -> tuple[Work, WhyWaiting | None, Explanation, Titles]:
        work = works.get(connection, call.path["work_id"])
        if not may_see(call.caller, work, own_works(connection, call.caller)):
            raise Problem("forbidden", "Another agent has this work; only a supervisor may look at it.")
        waits = why_waiting.explain(connection, call.room, work, call.at)
        return work, waits, _decided(connection, work), titles(connection, call.room)

    work, waits, decided, called = await call.read(read)
    told = shapes.WorkWhy(
        work_id=work.id,
        waiting=None if waits is None else _waiting(call, waits, await _estimate(call, work, waits)),
        decisions=[work_shapes.Decision.model_validate(each) for each in decided.decisions],
        lines=[line for _, lines in why.tell(decided, call.params.language, called) for line in lines],
        names={},
        **{name: getattr(work, name) for name in _OF_WORK},
    )
    text = told.model_dump_json()
    names = {agent_id: name for agent_id, name in decided.names.items() if agent_id in text}
    return told.model_copy(update={"names": names})


def _decided(connection: Connection, work: Work) -> Explanation:
    """What routing has done with this very work, not with all of its contact or ticket."""
    if work.contact_id is not None:
        found = why.explain(connection, work.contact_id)
    elif work.ticket_id is not None:
        found = why.explain_ticket(connection, work.ticket_id)
    else:  # a callback, before anybody calls
        return Explanation(work.id, (), {agent.id: agent.name for agent in agents.list_agents(connection)})
    return msgspec.structs.replace(
        found, decisions=tuple(each for each in found.decisions if work.id in _works_in(each.data, work.id))
    )


def _works_in(data: dict[str, Any], otherwise: str) -> tuple[str, str]:
    """The works that a line of the journal is about: of a question to a colleague both."""
    return data.get("work_id", otherwise), data.get("consult_id", "")


async def _estimate(call: Call[Any, Any], work: Work, waits: WhyWaiting) -> Estimate:
    """Nobody can tell how long one certain agent takes, or when somebody comes to work; and that somebody is
    free is no estimate where they are not free for this work."""
    place = waits.standing.place
    if place is None or work.wanted or not waits.serving.ready:
        return NOBODY
    found = await call.room.waits.estimate(work.queue, place)
    return found if found.seconds or waits.reasons.get(FREE) else NOBODY


def _waiting(call: Call[Any, Any], waits: WhyWaiting, estimate: Estimate) -> shapes.Waiting:
    stands = waits.standing
    found = [shapes.WhyAgent.model_validate(each) for each in waits.agents]
    if not call.caller.may("supervisor"):  # what a colleague has in hand is a supervisor's to know
        found = [each.model_copy(update={"load": {}}) for each in found]
    return shapes.Waiting(
        at=call.at,
        place=stands.place,
        length=stands.length,
        needs=list(stands.needs),
        language=stands.language,
        ring=stands.ring,
        kept_for=list(stands.kept_for),
        serving=waits.serving.count,
        online=waits.serving.online,
        ready=waits.serving.ready,
        reasons=waits.reasons,
        agents=found,
        next=[_step(step) for step in stands.next],
        expected_wait=_rounded(estimate.seconds),
        expected_low=_rounded(estimate.low),
        expected_high=_rounded(estimate.high),
        sure=estimate.sure,
    )


def _step(step: Step) -> shapes.NextStep:
    at = datetime.fromtimestamp(round(step.at, 3), UTC)
    return shapes.NextStep.model_validate(msgspec.structs.asdict(step) | {"at": at})


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/works/{work_id}/why",
        "agent",
        "Read why a piece of work waits, or why it is with whom it is",
        get_work_why,
        shapes.WorkWhy,
        params=contact_shapes.WhyQuery,
        refusals=("not_found",),
        description="For work that waits: its place, what it asks for, each agent who serves the queue with "
        "the reason why they do not have it, and what time will change. Always: what routing has decided so "
        "far.",
    ),
)
