"""Every table of the store. Names are the field's own terms; times are aware UTC.

Migrations (crm_store/migrations) create exactly this; a test holds the two together.
Ids are made by the caller (`crm_store.ids`): sortable by time, so that new rows land at the
end of every index and a large store writes as fast as a small one.
"""

from __future__ import annotations

from crm_store.schema.base import metadata
from crm_store.schema.bot import bot_reviews
from crm_store.schema.chat import attachments, visitors
from crm_store.schema.desk import replies
from crm_store.schema.log import (
    callbacks,
    contacts,
    deliveries,
    flow_sources,
    journal,
    messages,
    recordings,
    surveys,
)
from crm_store.schema.people import (
    accounts,
    agent_skills,
    agents,
    calendars,
    consents,
    customers,
    identities,
    merges,
    orders,
    queues,
    skills,
    transactions,
)
from crm_store.schema.routing import (
    agent_states,
    desks,
    leases,
    legs,
    offers,
    presence_log,
    works,
)
from crm_store.schema.sign_in import passwords, sessions
from crm_store.schema.words import contact_vocabulary, contact_words, contact_words_due
from crm_store.schema.work import (
    api_tokens,
    audit,
    outbox,
    ticket_contacts,
    ticket_events,
    ticket_links,
    tickets,
)

__all__ = [
    "accounts",
    "agent_skills",
    "agent_states",
    "agents",
    "api_tokens",
    "attachments",
    "audit",
    "bot_reviews",
    "calendars",
    "callbacks",
    "consents",
    "contact_vocabulary",
    "contact_words",
    "contact_words_due",
    "contacts",
    "customers",
    "deliveries",
    "desks",
    "flow_sources",
    "identities",
    "journal",
    "leases",
    "legs",
    "merges",
    "messages",
    "metadata",
    "offers",
    "orders",
    "outbox",
    "passwords",
    "presence_log",
    "queues",
    "recordings",
    "replies",
    "sessions",
    "skills",
    "surveys",
    "ticket_contacts",
    "ticket_events",
    "ticket_links",
    "tickets",
    "transactions",
    "visitors",
    "works",
]
