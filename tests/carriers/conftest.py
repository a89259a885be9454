"""A fake Twilio and what speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from contact_center.carriers.base import Dial, Party
from contact_center.carriers.breaker import Breaker
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.carriers.twilio_calls import TwilioCalls
from contact_center.clock import ManualClock
from contact_center.config.sections import Twilio
from tests.channels.payloads import ACCOUNT, OURS, PUBLIC, TOKEN
from tests.support.twilio_rest import FakeTwilio

ROOT = f"{PUBLIC}/twilio"


@dataclass
class Bench:
    """A fake Twilio with our client of it; ``paused``: how long it waited between tries."""

    twilio: FakeTwilio
    clock: ManualClock
    settings: Twilio
    api: TwilioApi
    calls: TwilioCalls
    paused: list[float] = field(default_factory=list)

    def asked(self, part: str = "") -> list[tuple[str, str]]:
        """The requests made so far whose path has ``part``."""
        return [(one.method, one.path) for one in self.twilio.requests if part in one.path]

    def form(self) -> dict[str, list[str]]:
        """The form of the last request."""
        return self.twilio.requests[-1].form


def a_dial(leg_id: str = "leg_1", **changes: Any) -> Dial:
    """A call to an agent in a browser."""
    usual: dict[str, Any] = {
        "contact_id": "con_1",
        "room": "con_1",
        "leg_id": leg_id,
        "party": Party("client", "agt_1"),
    }
    return Dial(**(usual | changes))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """Requests take a quarter of a second at most, so that one that hangs costs no more."""
    async with FakeTwilio(ACCOUNT, TOKEN) as twilio:
        clock = ManualClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
        settings = Twilio(
            account_sid=ACCOUNT, auth_token=SecretStr(TOKEN), api_base_url=twilio.url, caller_id=OURS,
            timeout_seconds=0.25,
        )  # fmt: skip
        paused: list[float] = []

        async def pause(seconds: float) -> None:
            paused.append(seconds)

        breaker = Breaker(failures=5, window=30, rest=15)
        api = TwilioApi(settings, clock=clock, breaker=breaker, pause=pause)
        made = Bench(twilio, clock, settings, api, TwilioCalls(api, ROOT), paused)
        yield made
        await api.close()
