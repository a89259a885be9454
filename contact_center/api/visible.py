"""What of others' work an agent may see: what stands in line for anybody, and what they were asked about.

Supervisors see everything. Customers, contacts and tickets are the whole centre's: whoever is asked next must
know what was said before. What a colleague has in hand just now is not.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.engine import Connection

from contact_center import work as life
from contact_center.api.caller import Caller
from crm_store import works
from crm_store.works import Work


def own_works(connection: Connection, caller: Caller) -> frozenset[str]:
    """The ids of what the caller has in hand, and of the work about which a colleague asks them."""
    if caller.agent_id is None:
        return frozenset()
    mine = works.of_agent(connection, caller.agent_id)
    return frozenset({work.id for work in mine} | {work.for_work for work in mine if work.for_work})


def may_see(caller: Caller, work: Work, own: Collection[str]) -> bool:
    """Whether the caller may see this work; ``own``: see `own_works`."""
    if caller.may("supervisor"):
        return True
    me = caller.agent_id
    if me is not None and work.agent_id == me:
        return True
    in_line = work.state == life.WAITING and work.wanted in ("", me)
    return in_line or work.id in own or work.for_work in own
