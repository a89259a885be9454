"""A simulated day written into a store as a real one is: journal, presences, agents, queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy.engine import Connection

from contact_center.agent import Changes
from contact_center.routing.model import QueuePolicy
from contact_center.routing.policy import write_policy
from contact_center.simulation.case import Case, Desk, instant
from contact_center.simulation.engine import Simulation
from contact_center.simulation.plan import Plan
from crm_store import agents, presence_log, queues, schema
from crm_store.agents import NewAgent
from crm_store.ids import Ids
from crm_store.presence_log import PresenceChange
from crm_store.queues import QueueSettings, ServiceLevel


class Recorder(Simulation):
    """Writes journal rows beside each step."""

    def __init__(self, plan: Plan, agent_ids: Mapping[str, str]) -> None:
        super().__init__(plan)
        self.agent_ids = agent_ids
        self.rows: list[dict[str, Any]] = []
        self.presences: list[PresenceChange] = []
        self._ids = Ids(lambda: self.at, Random(2))
        self._contacts: dict[str, str] = {}
        self._lengths: Counter[str] = Counter()
        self._since: dict[str, float] = {}

    def _note(self, case: Case, what: str, /, **data: object) -> None:
        contact_id = self._contacts.setdefault(case.work.id, self._ids.new("con"))
        if what not in ("contact_ended", "queue_left"):
            data = {"work_id": case.work.id, **data}
        row = {
            "contact_id": contact_id,
            "seq": self._lengths[contact_id],
            "at": self.at,
            "kind": what,
            "data": data,
        }
        self._lengths[contact_id] += 1
        self.rows.append(row)

    def _agent(self, case: Case) -> str:
        return self.agent_ids[case.work.agent_id or ""]

    def _wait(self, case: Case) -> None:
        if not case.answered:
            work = case.work
            self._note(
                case, "queued", queue=work.queue, kind=work.kind, priority=work.priority,
                language=work.language, tier=work.tier, required=work.required, preferred=work.preferred,
                owners=[self.agent_ids[owner] for owner in work.owners], last_agent="",
                queued_at=instant(case.queued_at).isoformat(),
            )  # fmt: skip
        super()._wait(case)

    def _offer(self, case: Case, desk: Desk) -> None:
        self._note(case, "offered", agent_id=self.agent_ids[desk.worker.id], queue=case.work.queue)
        super()._offer(case, desk)

    def _accept(self, case: Case, turn: int) -> None:
        if case.turn == turn:
            self._note(case, "offer_accepted", agent_id=self._agent(case))
            self._since[case.work.id] = self.now
            self._note(case, "connected", agent_id=self._agent(case))
        super()._accept(case, turn)

    def _decline(self, case: Case, turn: int) -> None:
        if case.turn == turn:
            self._note(case, "offer_declined", agent_id=self._agent(case))
        super()._decline(case, turn)

    def _expire(self, case: Case, turn: int) -> None:
        if case.turn == turn:
            self._note(case, "offer_expired", agent_id=self._agent(case), reason="no_answer")
        super()._expire(case, turn)

    def _move(self, case: Case, to: str) -> None:
        self._note(case, "moved", to=to, reason="waited", **{"from": case.work.queue})
        super()._move(case, to)

    def _transfer(self, case: Case, desk: Desk) -> None:
        self._note(case, "transferred", to_kind="queue", to=case.arrival.then, how="cold")
        self._note(case, "requeued", queue=case.arrival.then, reason="transfer")
        super()._transfer(case, desk)

    def _talked(self, case: Case) -> None:
        if not (case.arrival.then and case.answered == 1):
            self._note(case, "wrap_up", agent_id=self._agent(case))
            self._since[case.work.id] = self.now
        super()._talked(case)

    def _lose_patience(self, case: Case, answered: int) -> None:
        if case.answered == answered and case.work.state == "offered":
            self._note(case, "offer_revoked", agent_id=self._agent(case), reason="abandoned")
        super()._lose_patience(case, answered)

    def _end(self, case: Case, outcome: str) -> None:
        if outcome == "handled":
            seconds = self.now - self._since[case.work.id]
            self._note(
                case, "wrapped_up", agent_id=self._agent(case), disposition="", seconds=round(seconds, 3)
            )
        self._note(case, "contact_ended", reason="hung_up", outcome=outcome)
        super()._end(case, outcome)

    def _change(self, desk: Desk, changes: Changes) -> None:
        if "presence" in changes:
            missed = changes["presence"] == "not_responding"
            self.presences.append(
                PresenceChange(
                    id=self._ids.new("prs"),
                    agent_id=self.agent_ids[desk.worker.id],
                    at=self.at,
                    presence=changes["presence"],
                    reason="no_answer" if missed else "",
                    by="engine" if missed else "agent",
                )
            )
        super()._change(desk, changes)


def set_up(
    connection: Connection, plan: Plan, policies: Mapping[str, QueuePolicy] | None = None
) -> dict[str, str]:
    """Agents and queues of a plan in the store: the agents' ids there by the plan's."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ids = Ids(lambda: at, Random(1))
    for name, policy in (policies or plan.policies).items():
        routing = write_policy(policy)
        for field in ("target", "target_seconds"):
            routing.pop(field, None)
        level = ServiceLevel(policy.target, int(policy.target_seconds))
        queues.put(
            connection,
            name,
            QueueSettings(service_level=level, routing=routing),
            at=at,
            ids=ids,
            actor="test",
        )
    found = {}
    for number, worker in enumerate(sorted(plan.workers, key=lambda one: one.id)):
        new = NewAgent(
            name=f"Agent {number}",
            email=f"agent{number}@example.com",
            skills=worker.skills,
            languages=worker.languages,
            capacity=worker.capacity,
        )
        found[worker.id] = agents.create(connection, new, at=at, ids=ids, actor="test").id
    return found


def record(connection: Connection, plan: Plan) -> Recorder:
    """Run a plan and write all of it into an empty store."""
    recorder = Recorder(plan, set_up(connection, plan))
    recorder.run()
    connection.execute(schema.journal.insert(), recorder.rows)
    for change in recorder.presences:
        presence_log.append(connection, change)
    return recorder
