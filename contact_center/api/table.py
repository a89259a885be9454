"""Every endpoint of the API, from which the routes and the OpenAPI document are made."""

from __future__ import annotations

from typing import Final

from contact_center.api import (
    agents,
    contacts,
    customers,
    log,
    messages,
    orders,
    presence,
    queues,
    tickets,
    tokens,
    works,
)
from contact_center.api.endpoint import Endpoint

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *contacts.ENDPOINTS,
    *messages.ENDPOINTS,
    *works.ENDPOINTS,
    *presence.ENDPOINTS,
    *log.ENDPOINTS,
    *customers.ENDPOINTS,
    *tickets.ENDPOINTS,
    *orders.ENDPOINTS,
    *agents.ENDPOINTS,
    *queues.ENDPOINTS,
    *tokens.ENDPOINTS,
)
