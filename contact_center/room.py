"""What the engine room works with: built once by `contact_center.app`, handed to whoever needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from bot.runtime import Bot
from contact_center.announcing import Announcer
from contact_center.carriers.base import CallCarrier
from contact_center.clock import Clock
from contact_center.config import Config
from contact_center.flows import FlowLibrary
from contact_center.live import LiveState
from contact_center.observe.metrics import Metrics
from contact_center.observe.tracing import Tracing, no_tracing
from contact_center.routing.model import QueuePolicy
from contact_center.waits import Waits
from crm_store.ids import Ids
from crm_store.store import Store
from ivr_flows.calendar import BusinessCalendar


@dataclass
class Room:
    """Services by name. ``calendars`` and ``policies`` (of queues) are read from the store at start and
    every minute.

    ``calls``: the carrier of live calls, None where there is none. ``recordings``: the folder of what the
    built-in phone has recorded. ``announcer`` tells after commits who must know, ``waits`` how long a wait
    will be."""

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
    policies: dict[str, QueuePolicy] = field(default_factory=dict)
    calls: CallCarrier | None = None
    recordings: Path | None = None
    company: dict[str, Any] = field(default_factory=dict)
    silent_limit: timedelta = timedelta(minutes=30)
    connected_limit: timedelta = timedelta(hours=4)
    effect_timeout: float = 6.0

    def __post_init__(self) -> None:
        self.announcer = Announcer(self.live, self.metrics)
        self.waits = Waits(self.store, self.clock, self.policies, self.config.routing.usual_capacity)
