"""Every endpoint of the API, from which the routes and the OpenAPI document are made."""

from __future__ import annotations

from typing import Final

from contact_center.api import (
    agents,
    bot_reviews,
    contacts,
    customers,
    desk,
    flows,
    hand_back,
    live,
    log,
    messages,
    orders,
    phone,
    presence,
    queues,
    recordings,
    tickets,
    tokens,
    typing,
    work_why,
    works,
)
from contact_center.api.endpoint import Endpoint

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *contacts.ENDPOINTS,
    *messages.ENDPOINTS,
    *typing.ENDPOINTS,
    *works.ENDPOINTS,
    *work_why.ENDPOINTS,
    *hand_back.ENDPOINTS,
    *presence.ENDPOINTS,
    *desk.ENDPOINTS,
    *phone.ENDPOINTS,
    *live.ENDPOINTS,
    *flows.ENDPOINTS,
    *log.ENDPOINTS,
    *recordings.ENDPOINTS,
    *customers.ENDPOINTS,
    *tickets.ENDPOINTS,
    *orders.ENDPOINTS,
    *agents.ENDPOINTS,
    *queues.ENDPOINTS,
    *bot_reviews.ENDPOINTS,
    *tokens.ENDPOINTS,
)
