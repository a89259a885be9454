"""Who may not be here any more leaves every conversation: no microphone stays open behind a sign-out."""

from __future__ import annotations

from collections.abc import Collection

from contact_center import leg as leg_life
from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.connecting import drop_leg
from contact_center.actions.presence import close_desk
from contact_center.actions.talk import free_agent, leave_consult, requeue
from crm_store import agents, desks, legs, works
from crm_store.legs import Leg

LOST = "agent_lost"


def leave_calls(
    act: Act, agent_id: str, *, browsers: bool = True, calls: Collection[str] | None = None
) -> int:
    """End the agent's part in calls; their customers go back in line with their places. How many there were.

    ``browsers``: only what is heard in a browser; telephones and SIP devices are the agent's own. ``calls``:
    only these, by the carrier's ids.
    """
    mine = [
        leg
        for leg in legs.open_of_agent(act.connection, agent_id)
        if (leg.party == "client" or not browsers) and (calls is None or leg.provider_ref in calls)
    ]
    for leg in mine:
        _leave(act, legs.get(act.connection, leg.id))  # what one led to may have ended the next
    return len(mine)


def _leave(act: Act, leg: Leg) -> None:
    if leg_life.is_over(leg):
        return
    work = works.find(act.connection, leg.work_id or "")
    theirs = work is not None and work.agent_id == leg.agent_id and leg.role in ("agent", "consulted")
    if work is None or not theirs or work.state not in (life.CONNECTING, life.ACTIVE):
        drop_leg(act, leg)
    elif work.kind == "consult" and work.state == life.ACTIVE:
        leave_consult(act, work)
    else:
        requeue(act, work, LOST)


def stop_supervising(act: Act, agent_id: str) -> int:
    """Out of every call of others: listening, whispering, joining in. How many there were."""
    found = [leg for leg in legs.open_of_agent(act.connection, agent_id) if leg.role == "supervisor"]
    for leg in found:
        drop_leg(act, leg)
    return len(found)


def close_shut_desk(act: Act, desk_id: str, agent_id: str) -> None:
    """A desk whose session or token is over: without another one nobody talks in a browser of this agent.

    Of who does not work here any more everything goes to others, wherever it is held.
    """
    close_desk(act, desk_id, agent_id)
    works_here = agents.is_active(act.connection, agent_id)
    if not works_here or not desks.of_agent(act.connection, agent_id):
        leave_calls(act, agent_id, browsers=works_here)
    if not works_here:
        free_agent(act, agent_id, LOST)
