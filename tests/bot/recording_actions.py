"""An action runner that finds everything and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping

from bot.runtime import ActionResult, SlotValue


class RecordingActions:
    """Finds every order shipped and every ticket open, and remembers what it was asked."""

    names = frozenset({"action_order_status", "action_ticket_status", "action_open_complaint"})

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, SlotValue], dict[str, object]]] = []

    async def run(
        self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
    ) -> ActionResult:
        self.calls.append((action, dict(slots), dict(context)))
        found: dict[str, dict[str, SlotValue]] = {
            "action_order_status": {"order_lookup": "found", "order_state": "shipped"},
            "action_ticket_status": {"ticket_lookup": "found", "ticket_state": "open"},
            "action_open_complaint": {
                "complaint_result": "opened",
                "complaint_number": "10023456",
            },
        }
        return ActionResult(found[action])
