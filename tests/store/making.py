"""Makers of rows for the store's tests: every field has a value, a test names those that matter to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from crm_store import contacts, journal, schema
from crm_store.contacts import Contact
from crm_store.journal import NewEntry

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def a_contact(contact_id: str = "con_1", **fields: Any) -> Contact:
    """A call in the flow."""
    usual: dict[str, Any] = {
        "id": contact_id,
        "channel": "phone",
        "direction": "inbound",
        "open_key": f"phone:{contact_id}",
        "provider_ref": f"ref-{contact_id}",
        "state": "in_flow",
        "owner": "flow",
        "customer_id": None,
        "from_address": "+8613800138000",
        "to_address": "+861012345678",
        "language": "zh",
        "flow": "front_door",
        "flow_digest": "d1",
        "session": "{}",
        "started_at": AT,
    }
    return Contact(**(usual | fields))


def add_contact(
    connection: Connection, contact_id: str = "con_1", entries: tuple[NewEntry, ...] = (), **fields: Any
) -> Contact:
    """Write a contact, with its journal."""
    contact = a_contact(contact_id, journal_length=len(entries), **fields)
    connection.execute(schema.contacts.insert(), contacts.columns(contact))
    if entries:
        connection.execute(schema.journal.insert(), journal.rows(contact_id, 0, entries))
    return contact


def add_agent(connection: Connection, agent_id: str, *, active: bool = True) -> None:
    """Write an agent."""
    connection.execute(
        schema.agents.insert(),
        {
            "id": agent_id,
            "name": agent_id,
            "email": f"{agent_id}@example.com",
            "role": "agent",
            "languages": ["en"],
            "active": active,
            "created_at": AT,
        },
    )


def add_customer(
    connection: Connection, customer_id: str, *, account_id: str | None = None, tier: str = "standard"
) -> None:
    """Write a customer."""
    connection.execute(
        schema.customers.insert(),
        {
            "id": customer_id,
            "tier": tier,
            "tags": [],
            "account_id": account_id,
            "created_at": AT,
            "updated_at": AT,
        },
    )


def add_account(connection: Connection, account_id: str) -> None:
    """Write an account."""
    connection.execute(schema.accounts.insert(), {"id": account_id, "name": account_id, "created_at": AT})
