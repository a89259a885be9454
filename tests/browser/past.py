"""A day and a half of work that never was, for pages that show figures and lists."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import partial
from random import Random

from sqlalchemy.engine import Connection

from crm_store import agents, contacts, journal, schema, ticket_numbers, tickets, works
from crm_store.contacts import Contact
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.tickets import Change, NewTicket
from crm_store.works import Work

REASONS = {
    "sales": "sales",
    "orders": "orders",
    "billing": "billing",
    "complaints": "complaint",
    "general": "asked for a person",
    "vip": "key customer",
    "tickets_zh": "changes",
}
LINES = ("sales", "orders", "billing", "complaints", "general", "vip", "tickets_zh")
SHARES = (5, 6, 4, 3, 6, 1, 2)
WAYS = {
    "sales": "sales",
    "orders": "orders",
    "billing": "billing",
    "complaints": "complaint",
    "general": "agent",
}
"""The choice in the menu that leads there."""

TO_THE_MENU = (
    ("arrive", "next"),
    ("which_language", "else"),
    ("choose_language", "next"),
    ("greet", "next"),
    ("key_customer", "else"),
    ("hours", "open"),
)

BEYOND: dict[str, tuple[tuple[str, str], ...]] = {
    "sales": (("sales", "next"), ("person", "next")),
    "billing": (("billing", "next"), ("person", "next")),
    "agent": (("agent", "next"), ("person", "next")),
    "orders": (
        ("order_ask", "next"),
        ("order_find", "found"),
        ("order_say", "next"),
        ("order_next", "person"),
        ("orders_desk", "next"),
        ("person", "next"),
    ),
    "complaint": (("complaint_new", "next"), ("complaint", "damaged"), ("person", "next")),
}
"""From the menu to a person."""

BY_DAY = (1, 1, 1, 1, 2, 3, 5, 8, 12, 15, 15, 13, 9, 11, 14, 15, 13, 10, 7, 5, 4, 3, 2, 1)
"""How many come in each hour, more or less."""

COMPLAINTS = (
    ("Not arrived: order 100109", "high", 30, "open", None),
    ("Wrong blades in the parcel", "normal", 5, "open", None),
    ("发票抬头错误", "normal", 3, "open", None),
    ("Charged twice for the desk lamp", "urgent", 1, "in_progress", "Aisha Khan"),
    ("空气净化器有异响", "high", 9, "in_progress", "陈静"),
    ("Bookshelf scratched on delivery", "normal", 20, "waiting", "Tom Becker"),
    ("Refund of the garden hose", "low", 40, "resolved", "Aisha Khan"),
    ("Delivery left at the wrong door", "normal", 26, "resolved", "Grace Miller"),
)
"""Subject, severity, hours ago, status, whose."""


def invent(connection: Connection, now: datetime, zone: tzinfo, random: Random) -> None:
    """Contacts of yesterday and today until ``now``, by the hours of ``zone``, and tickets in every state."""
    people = agents.list_agents(connection)
    rows = connection.execute(schema.customers.select()).all()
    known = [row.id for row in rows]
    speakers = {tag: [row.id for row in rows if row.language.startswith(tag)] for tag in ("en", "zh")}
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for hour in range(48):
        for _ in range(random.randint(*_around(BY_DAY[hour % 24]))):
            at = start + timedelta(hours=hour, seconds=random.uniform(0, 3600))
            if at < now - timedelta(minutes=20):
                agent, customer = random.choice(people), random.choice(known)
                _contact(connection, at, agent.id, customer, random)
    by_name = {agent.name: agent.id for agent in people}
    for subject, severity, hours, status, whose in COMPLAINTS:
        at = now - timedelta(hours=hours)
        new = NewTicket(
            category="complaint",
            subject=subject,
            severity=severity,
            priority={"urgent": 1, "high": 2, "normal": 3, "low": 4}[severity],
            opened_at=at,
            due_at=at + timedelta(hours={"urgent": 4, "high": 24, "normal": 72, "low": 120}[severity]),
            queue="complaints",
            customer_id=random.choice(speakers["en" if subject.isascii() else "zh"]),
        )
        ids = Ids(partial(_same, at), random)
        ticket, _ = tickets.open_or_join(connection, new, at, ids, partial(ticket_numbers.draw, random))
        if status != "open":
            whom = by_name[whose or ""]
            kind = {"in_progress": "claimed", "waiting": "waiting", "resolved": "resolved"}[status]
            resolved = at + timedelta(hours=2) if status == "resolved" else None
            change = Change(kind=kind, status=status, assignee_id=whom, resolved_at=resolved)
            tickets.apply(connection, ticket, change, at + timedelta(hours=1), f"agent:{whom}")


def _same(at: datetime) -> datetime:
    return at


def _around(count: int) -> tuple[int, int]:
    return count * 2 // 3, count * 4 // 3 + 1


def _contact(connection: Connection, at: datetime, agent_id: str, customer_id: str, random: Random) -> None:
    """One that came into line, and was answered or gave up."""
    ids = Ids(lambda: at, random)
    queue = random.choices(LINES, SHARES)[0]
    kind = random.choices(("call", "chat"), (3, 2))[0]
    answered = random.random() > 0.06
    waited = timedelta(seconds=random.expovariate(1 / 9) if answered else random.uniform(15, 120))
    talked = timedelta(seconds=random.uniform(60, 420)) if answered else timedelta()
    number = f"+1202555{random.randrange(200, 9999):04}"
    contact = Contact(
        id=ids.new("con"),
        channel="phone" if kind == "call" else "web",
        direction="inbound",
        open_key=None,
        provider_ref=None,
        state="ended",
        owner="none",
        customer_id=customer_id if random.random() < 0.25 else None,
        from_address=number if kind == "call" else "",
        to_address="1001" if kind == "call" else "",
        language="en",
        reason=REASONS[queue],
        flow="front_door",
        flow_digest="",
        session="{}",
        started_at=at - timedelta(seconds=40),
        queued_at=at,
        connected_at=at + waited if answered else None,
        ended_at=at + waited + talked,
        queue=queue,
        agent_id=agent_id if answered else None,
        outcome="answered" if answered else "abandoned",
        end_reason="agent" if answered else "customer",
        journal_length=1,
    )
    connection.execute(schema.contacts.insert(), contacts.columns(contact))
    way = WAYS.get(queue, "")
    passed = (*TO_THE_MENU, ("main", way), *BEYOND[way]) if way else TO_THE_MENU
    steps = [["front_door", node, leaving] for node, leaving in passed]
    entry = NewEntry(at, "path", {"turn": 1, "steps": steps, "language": "en"})
    connection.execute(schema.journal.insert(), journal.rows(contact.id, 0, [entry]))
    works.insert(
        connection,
        Work(
            id=ids.new("wrk"),
            kind=kind,
            contact_id=contact.id,
            state="done",
            queue=queue,
            reason=REASONS[queue],
            queued_at=at,
            entered_at=at,
            agent_id=agent_id if answered else None,
            accepted_at=contact.connected_at,
            ended_at=contact.ended_at,
            outcome="handled" if answered else "abandoned",
            disposition="solved" if answered else "",
        ),
    )
