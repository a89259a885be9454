"""What the desks of a process have been told, as versions: to find out of the database what they missed.

A notice is lost where live state is down, and where a process dies between a commit and its notices. A look
costs two statements for all agents together, whatever they do; only whose rows are newer than what they were
told gets a fresh snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.announcing import Notice
from crm_store import schema

_s, _w, _c = schema.agent_states.c, schema.works.c, schema.contacts.c
_STATES = sa.select(_s.id, _s.version).where(_s.id.in_(sa.bindparam("agents", expanding=True)))
_WORKS = (
    sa.select(_w.agent_id, _w.id, _w.version, _c.journal_length)
    .join_from(schema.works, schema.contacts, _w.contact_id == _c.id, isouter=True)
    .where(_w.agent_id.in_(sa.bindparam("agents", expanding=True)), _w.state != "done")
)


@dataclass
class Mark:
    """Of one agent: the versions of the state and of the works held, and how long their contacts' journals
    are.
    """

    state: int = -1
    works: dict[str, int] = field(default_factory=dict)
    journals: dict[str, int] = field(default_factory=dict)


def read_marks(connection: Connection, agent_ids: Collection[str]) -> dict[str, Mark]:
    """How things stand for these agents."""
    found = {agent_id: Mark() for agent_id in agent_ids}
    wanted = {"agents": sorted(agent_ids)}
    for agent_id, version in connection.execute(_STATES, wanted):
        found[agent_id].state = version
    for agent_id, work_id, version, length in connection.execute(_WORKS, wanted):
        found[agent_id].works[work_id] = version
        found[agent_id].journals[work_id] = length or 0
    return found


class Marks:
    """See the module. ``heard`` and ``showed`` keep it up to date; `behind` compares."""

    def __init__(self) -> None:
        self._of: dict[str, Mark] = {}

    def heard(self, notice: Notice) -> None:
        """A notice is on its way to the agent's desks."""
        mark = self._of.get(notice.agent_id)
        if mark is None:
            return
        if notice.event == "state":
            mark.state = max(mark.state, notice.data["version"])
        elif notice.event == "work":
            work = notice.data
            if work["agent_id"] == notice.agent_id and work["state"] != "done":
                mark.works[work["id"]] = max(mark.works.get(work["id"], -1), work["version"])
            else:
                mark.works.pop(work["id"], None)

    def showed(self, agent_id: str, snapshot: Mapping[str, Any]) -> None:
        """A desk of the agent is being shown everything."""
        before = self._of.get(agent_id, Mark())
        works = {work["id"]: work["version"] for work in snapshot["works"]}
        self._of[agent_id] = Mark(snapshot["state"]["version"], works, before.journals)

    def forget(self, agent_id: str) -> None:
        """The agent has no desk here any more."""
        self._of.pop(agent_id, None)

    def behind(self, found: Mapping[str, Mark], *, journals: bool) -> set[str]:
        """Who must be shown everything anew. ``journals``: also where a contact's journal has grown since the
        last look (a customer has written), for times when nobody hears of it."""
        late = set()
        for agent_id, now in found.items():
            mark = self._of.get(agent_id)
            if mark is None:
                continue  # the first snapshot is on its way
            grown = any(
                length > mark.journals.get(work_id, length) for work_id, length in now.journals.items()
            )
            newer = any(version > mark.works.get(work_id, -1) for work_id, version in now.works.items())
            if (
                now.state > mark.state
                or newer
                or mark.works.keys() - now.works.keys()
                or (journals and grown)
            ):
                late.add(agent_id)
            mark.journals = now.journals
        return late
