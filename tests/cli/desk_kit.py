"""A desk's screen to try: works, offers and notices as the contact centre makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from contact_center.announcing import Told, shown_state, shown_work
from contact_center.cli.desk_commands import command
from contact_center.cli.desk_notices import answered, take
from contact_center.cli.desk_screen import Ask, Reaction, Screen
from crm_store.agent_states import AgentState, Holding
from crm_store.offers import Offer
from crm_store.works import Work

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ME, ANN = "agt_me", "agt_ann"
NAMES = {ME: "Wang Fang", ANN: "Ann Lee"}
EMAILS = {ME: "wang@example.com", ANN: "ann@example.com"}
CONTACT: dict[str, Any] = {
    "id": "con_1",
    "direction": "inbound",
    "from_address": "+12025550101",
    "to_address": "+12025550199",
    "customer_id": "cus_1",
}
CUSTOMER: dict[str, Any] = {"name": "Ada Wilson", "tier": "gold", "language": "en", "open_tickets": []}


def a_work(number: int = 1, state: str = "offered", version: int = 1, **more: Any) -> Work:
    values: dict[str, Any] = {
        "id": f"wrk_{number}",
        "kind": "call",
        "contact_id": f"con_{number}",
        "queue": "sales",
        "queued_at": AT - timedelta(seconds=12),
        "entered_at": AT,
        "agent_id": ME,
        "reason": "late parcel",
    }
    return Work(**values | {"state": state, "version": version} | more)


def an_offer(number: int = 1, seconds: float = 20, **more: Any) -> Offer:
    values: dict[str, Any] = {
        "id": f"off_{number}",
        "work_id": f"wrk_{number}",
        "agent_id": ME,
        "queue": "sales",
        "offered_at": AT,
        "expires_at": AT + timedelta(seconds=seconds),
        "fence": 1,
    }
    return Offer(**values | more)


def a_state(version: int, presence: str = "available", stage: str = "", reason: str = "") -> AgentState:
    holding = {"wrk_1": Holding("call", stage, AT)} if stage else {}
    return AgentState(id=ME, presence=presence, reason=reason, holding=holding, version=version)


def json(value: Any) -> Any:
    """As it is after its way over the wire."""
    return msgspec.json.decode(msgspec.json.encode(value))


class Desk:
    """A screen with its clock."""

    def __init__(self) -> None:
        self.screen = Screen(ME, NAMES, EMAILS)
        self.now = AT

    def hear(self, event: str, data: Mapping[str, Any]) -> Reaction:
        return take(self.screen, event, json(data), self.now)

    def told(self, told: Told) -> list[str]:
        """The notices of one commit for this agent: the lines that come of them."""
        mine = [notice for notice in told.notices if notice.agent_id == ME]
        return [line for notice in mine for line in self.hear(notice.event, notice.data).lines]

    def work(self, work: Work) -> list[str]:
        return self.hear("work", shown_work(work)).lines

    def state(self, state: AgentState) -> list[str]:
        return self.hear("state", shown_state(state)).lines

    def offered(self, number: int = 1, offer: Offer | None = None, **more: Any) -> Reaction:
        """An offer comes, as `contact_center.actions.offers.make_offer` tells it."""
        work = a_work(number, **more)
        self.work(work)
        return self.hear("offer", {"offer": offer or an_offer(number), "work": work})

    def talking(self, number: int = 1, **more: Any) -> list[str]:
        """Work with the agent."""
        return self.work(a_work(number, "active", **more))

    def answer(self, ask: Ask, body: Any, status: int = 200) -> Reaction:
        return answered(self.screen, ask, status, json(body), self.now)

    def type(self, line: str) -> Reaction:
        return command(self.screen, line)

    def hello(self, works: list[Work], offers: list[Offer], state: AgentState) -> list[str]:
        snapshot = {
            "agent_id": ME,
            "state": shown_state(state),
            "works": [shown_work(work) for work in works],
            "offers": offers,
        }
        return self.hear("hello", snapshot).lines
