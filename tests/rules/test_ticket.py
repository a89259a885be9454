from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from contact_center import ticket as rules
from contact_center.ticket import ALLOWED, Sla, SlaRules
from crm_store.errors import Refused
from crm_store.tickets import EVENT_KINDS, SEVERITIES, STATUSES, Change, Ticket
from ivr_flows.calendar import ALWAYS_OPEN, BusinessCalendar

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OFFICE = BusinessCalendar(
    name="office",
    timezone="UTC",
    weekly=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "17:00"),)),
    holidays={"2026-03-03": "a holiday"},
)
NEVER = BusinessCalendar(name="never")
SLA = Sla(ALWAYS_OPEN)

TICKET = Ticket(
    id="tkt_1",
    number="13195763",
    category="complaint",
    subject="s",
    priority=3,
    queue="complaints",
    opened_at=MONDAY,
    due_at=MONDAY + 24 * HOUR,
    updated_at=MONDAY,
)

ACTIONS: dict[str, Callable[[Ticket], Change]] = {
    "claim": lambda t: rules.claim(t, "agt_1"),
    "note": lambda t: rules.note(t, "asked the courier"),
    "reassign": lambda t: rules.reassign(t, "agt_2"),
    "wait": lambda t: rules.wait(t, "for photos"),
    "resolve": lambda t: rules.resolve(t, MONDAY, "sent anew"),
    "reopen": lambda t: rules.reopen(t, MONDAY, SLA),
    "close": rules.close,
    "escalate": lambda t: rules.escalate(t, MONDAY, "standard", SLA),
    "prioritise": lambda t: rules.prioritise(t, 1, "the third call"),
    "link": lambda t: rules.link_contact(t, "con_1"),
}


def _ticket(**fields: object) -> Ticket:
    return msgspec.structs.replace(TICKET, **fields)


AFTER = {
    # action: status before -> status after; what is missing is refused
    "claim": {"open": "in_progress", "in_progress": "in_progress", "waiting": "in_progress"},
    "note": {status: status for status in STATUSES},
    "reassign": {"open": "open", "in_progress": "in_progress", "waiting": "waiting"},
    "wait": {"open": "waiting", "in_progress": "waiting"},
    "resolve": {"open": "resolved", "in_progress": "resolved", "waiting": "resolved"},
    "reopen": {"resolved": "open", "closed": "open"},
    "close": {"resolved": "closed"},
    "escalate": {"open": "open", "in_progress": "in_progress", "waiting": "waiting"},
    "prioritise": {"open": "open", "in_progress": "in_progress", "waiting": "waiting"},
    "link": {status: status for status in STATUSES},
}


def test_every_action_is_in_the_tables_of_this_test() -> None:
    assert set(ALLOWED) == set(ACTIONS) == set(AFTER)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", AFTER)
def test_what_each_action_does_in_each_status(action: str, status: str) -> None:
    before = _ticket(status=status)
    expected = AFTER[action].get(status)
    assert (action in rules.allowed(before)) == (expected is not None)
    if expected is None:
        with pytest.raises(Refused, match=r"ticket 13195763 is \w+( \w+)? and cannot be .+: .+"):
            ACTIONS[action](before)
        return
    change = ACTIONS[action](before)
    assert change.columns().get("status", status) == expected
    assert change.kind in EVENT_KINDS


@pytest.mark.parametrize(
    ("action", "status", "remedy"),
    [
        ("claim", "resolved", "reopen it first"),
        ("close", "open", "resolve it first"),
        ("reopen", "open", "claim it"),
        ("wait", "waiting", "waits already"),
        ("escalate", "closed", "reopen it first"),
    ],
)
def test_a_refusal_says_what_to_do(action: str, status: str, remedy: str) -> None:
    with pytest.raises(Refused, match=remedy):
        ACTIONS[action](_ticket(status=status))


def test_only_one_agent_has_a_ticket() -> None:
    assert rules.claim(TICKET, "agt_1").assignee_id == "agt_1"
    with pytest.raises(Refused, match="reassign"):
        rules.claim(_ticket(assignee_id="agt_2"), "agt_1")
    with pytest.raises(Refused, match="yours already"):
        rules.claim(_ticket(assignee_id="agt_1", status="in_progress"), "agt_1")
    assert rules.claim(_ticket(assignee_id="agt_1", status="waiting"), "agt_1").status == "in_progress"


def test_another_priority_leaves_severity_and_due_time() -> None:
    change = rules.prioritise(TICKET, 1, "the third call")
    assert change.columns() == {"priority": 1}
    assert change.data == {"from": 3, "to": 1, "reason": "the third call"}
    with pytest.raises(Refused, match="priority 3 already"):
        rules.prioritise(TICKET, 3)
    with pytest.raises(Refused, match="no priority"):
        rules.prioritise(TICKET, 5)


def test_a_ticket_is_linked_to_another_one() -> None:
    other = _ticket(id="tkt_2", number="12345678")
    assert rules.link_ticket(TICKET, other).data == {"ticket": "12345678"}
    assert rules.unlink_ticket(TICKET, other).kind == "unlinked"
    with pytest.raises(Refused, match="itself"):
        rules.link_ticket(TICKET, TICKET)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_note_has_words(text: str) -> None:
    with pytest.raises(Refused, match="words"):
        rules.note(TICKET, text)


def test_reassigning_names_another_agent_or_queue() -> None:
    mine = _ticket(assignee_id="agt_1", status="in_progress")
    to_queue = rules.reassign(mine, None, "billing", "not ours")
    assert to_queue.columns() == {"assignee_id": None, "queue": "billing", "status": "open"}
    assert to_queue.data == {"reason": "not ours"}
    assert rules.reassign(mine, None).columns()["queue"] == "complaints"
    assert rules.reassign(mine, "agt_2").columns() == {"assignee_id": "agt_2", "queue": "complaints"}
    with pytest.raises(Refused, match="already"):
        rules.reassign(mine, "agt_1")
    with pytest.raises(Refused, match="already"):
        rules.reassign(TICKET, None, "complaints")


def test_resolving_notes_when_and_reopening_takes_it_back() -> None:
    assert rules.resolve(TICKET, MONDAY + HOUR).resolved_at == MONDAY + HOUR
    settled = _ticket(status="resolved", resolved_at=MONDAY + HOUR)
    assert rules.reopen(settled, MONDAY + HOUR, SLA).resolved_at is None


def test_a_reopened_ticket_keeps_its_due_time_or_gets_a_new_one() -> None:
    settled = _ticket(status="resolved")
    assert rules.reopen(settled, MONDAY + 23 * HOUR, SLA).due_at == TICKET.due_at
    late = MONDAY + 48 * HOUR
    assert rules.reopen(settled, late, SLA).due_at == late + 24 * HOUR


def test_escalating_goes_one_step_up_and_never_eases() -> None:
    change = rules.escalate(TICKET, MONDAY + HOUR, "standard", SLA, "third call")
    assert (change.severity, change.priority, change.due_at) == ("high", 2, MONDAY + 9 * HOUR)
    assert change.data == {"reason": "third call"}
    nearly_due = _ticket(priority=1, due_at=MONDAY + 2 * HOUR)
    change = rules.escalate(nearly_due, MONDAY + HOUR, "standard", SLA)
    assert (change.priority, change.due_at) == (1, MONDAY + 2 * HOUR)
    with pytest.raises(Refused, match="urgent already"):
        rules.escalate(_ticket(severity="urgent"), MONDAY, "standard", SLA)


@pytest.mark.parametrize(
    ("severity", "standard", "gold"), [("urgent", 1, 1), ("high", 2, 1), ("normal", 3, 2), ("low", 4, 3)]
)
def test_priority_is_by_severity_and_tier(severity: str, standard: int, gold: int) -> None:
    assert [rules.priority(severity, tier) for tier in ("standard", "silver", "unheard of")] == [standard] * 3
    assert [rules.priority(severity, tier) for tier in ("gold", "key")] == [gold] * 2


def test_worse_never_comes_later() -> None:
    for tier in ("standard", "gold"):
        priorities = [rules.priority(severity, tier) for severity in SEVERITIES]
        assert priorities == sorted(priorities, reverse=True)
    due = [rules.due_at(severity, MONDAY, ALWAYS_OPEN, SlaRules()) for severity in SEVERITIES]
    assert due == sorted(due, reverse=True)


def test_a_severity_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="low, normal, high, urgent"):
        rules.priority("awful", "standard")
    with pytest.raises(Refused, match="awful"):
        rules.due_at("awful", MONDAY, ALWAYS_OPEN, SlaRules())


@pytest.mark.parametrize(
    ("severity", "calendar", "due"),
    [
        ("normal", ALWAYS_OPEN, MONDAY + 24 * HOUR),
        ("urgent", ALWAYS_OPEN, MONDAY + 4 * HOUR),
        ("urgent", OFFICE, MONDAY + 4 * HOUR),
        # 7.5 hours are left of Monday, Tuesday is a holiday: half an hour of Wednesday
        ("high", OFFICE, datetime(2026, 3, 4, 9, 30, tzinfo=UTC)),
        # 7.5 of Monday, 8 of Wednesday, 8 of Thursday, half an hour of Friday
        ("normal", OFFICE, datetime(2026, 3, 6, 9, 30, tzinfo=UTC)),
        ("normal", NEVER, MONDAY + 24 * HOUR),
    ],
)
def test_due_times_are_counted_on_the_calendar(
    severity: str, calendar: BusinessCalendar, due: datetime
) -> None:
    assert rules.due_at(severity, MONDAY, calendar, SlaRules()) == due


def test_the_hours_come_from_the_configuration() -> None:
    hours = SlaRules(urgent=0.5, high=1, normal=2, low=3)
    due = [Sla(ALWAYS_OPEN, hours).due_at(severity, MONDAY) - MONDAY for severity in SEVERITIES]
    assert due == [3 * HOUR, 2 * HOUR, HOUR, HOUR / 2]


def test_a_ticket_is_overdue_while_it_is_open_and_its_time_is_over() -> None:
    late = TICKET.due_at + timedelta(seconds=1)
    assert rules.is_overdue(TICKET, late)
    assert not rules.is_overdue(TICKET, TICKET.due_at)
    assert not rules.is_overdue(_ticket(status="resolved"), late)
