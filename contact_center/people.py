"""Customers as flows and the bot may see them."""

from __future__ import annotations

from typing import Any

from crm_store.customers import Recognised


def for_templates(customer: Recognised) -> dict[str, Any]:
    """Plain values for templates and the journal (see `ivr_flows.session.Context`)."""
    return {
        "id": customer.customer_id,
        "name": customer.name,
        "first_name": customer.first_name or customer.name,
        "language": customer.language,
        "tier": customer.tier,
        "is_key": customer.is_key,
        "owner": customer.owner_name,
        "owner_id": customer.owner_id,
        "tags": list(customer.tags),
    }
