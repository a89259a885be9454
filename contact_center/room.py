"""What the engine room works with: built once by `contact_center.app`, handed to whoever needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import aiohttp

from bot.runtime import Bot
from contact_center.clock import Clock
from contact_center.config import Config
from contact_center.flows import FlowLibrary
from contact_center.live import LiveState
from contact_center.observe.metrics import Metrics
from contact_center.observe.tracing import Tracing, no_tracing
from crm_store.ids import Ids
from crm_store.store import Store
from ivr_flows.calendar import BusinessCalendar


@dataclass
class Room:
    """Services by name. ``calendars`` are read from the store at start and every minute."""

    config: Config
    clock: Clock
    ids: Ids
    random: Random
    store: Store
    library: FlowLibrary
    bot: Bot
    live: LiveState
    metrics: Metrics
    tracing: Tracing = no_tracing
    http: aiohttp.ClientSession | None = None
    calendars: dict[str, BusinessCalendar] = field(default_factory=dict)
    company: dict[str, Any] = field(default_factory=dict)
    silent_limit: timedelta = timedelta(minutes=30)
    connected_limit: timedelta = timedelta(hours=4)
    effect_timeout: float = 6.0
