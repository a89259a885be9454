"""A centre whose calls are carried by a pretended Twilio: its REST API, its callbacks, and callers in
conferences.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from contact_center.actions.presence import open_desk
from contact_center.carriers.breaker import Breaker
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.carriers.twilio_calls import TwilioCalls
from contact_center.config.sections import Twilio
from crm_store import legs
from crm_store.legs import Leg
from tests.app.centre import ACCOUNT, PUBLIC, TOKEN, Centre, TwilioCall, open_centre, signed, sqlite_url
from tests.app.floor import Floor
from tests.app.flows import DESK
from tests.support.twilio_rest import FakeTwilio


@dataclass
class Line(Floor):
    """The agents, and the telephone network that reaches them."""

    twilio: FakeTwilio

    async def calls_in(self, number: int = 1, caller: str = "+12025550177") -> TwilioCall:
        """A caller who stands in line for the queue general."""
        call = await TwilioCall(self.centre, f"CA{number:032d}", caller).dial()
        self.twilio.world.call_in(call.sid, caller)
        await call.press("4")
        await call.fetch(call.verb("Dial").attrib["action"], DialCallStatus="busy")
        return call

    async def legs(self, call: TwilioCall) -> list[Leg]:
        contact = await self.centre.contact(call.sid)
        return await self.read(lambda connection: legs.list_for_contact(connection, contact.id))

    async def leg(self, call: TwilioCall, role: str = "agent") -> Leg:
        """The newest leg of that role."""
        return [leg for leg in await self.legs(call) if leg.role == role][-1]

    async def settle(self) -> None:
        """Carry out what was asked for, and hear what comes of it, until nothing more does."""
        while True:
            await self.outbox()
            if not await self.twilio.deliver():
                return

    async def at_the_desk(self, email: str) -> str:
        """An agent who is available, with a desk open."""
        agent_id = await self.go(email)
        await self.act("desk", lambda deed: open_desk(deed, agent_id, f"dsk_{agent_id}", "node"))
        return agent_id

    async def follow(self, call: TwilioCall) -> None:
        """The caller's call does as it was told by REST: fetches the document, and goes where that leads."""
        redirects = self.twilio.world.calls[call.sid].redirects
        url = redirects.pop(0)
        await call.fetch(url.removeprefix(PUBLIC))
        conference = call.document.find("Dial/Conference")
        if conference is not None:
            self.twilio.world.enters(conference.text or "", call.sid, dict(conference.attrib))
            await self.twilio.deliver()


@asynccontextmanager
async def open_line(folder: Path) -> AsyncIterator[Line]:
    """A centre with a telephone line."""
    async with open_centre(sqlite_url(folder), DESK) as centre, FakeTwilio(ACCOUNT, TOKEN) as twilio:
        carrier = _carrier(centre, twilio)
        centre.room.calls = carrier
        line = Line(centre, twilio)

        async def post(url: str, form: dict[str, str], headers: dict[str, str]) -> None:
            inbound = signed(centre.voice, url, form)
            outbound = await centre.deliver(centre.voice, inbound)
            assert outbound.status == 200

        twilio.post = post
        try:
            yield line
        finally:
            await carrier.close()


def _carrier(centre: Centre, twilio: FakeTwilio) -> TwilioCalls:
    settings = Twilio(
        enabled=True,
        account_sid=ACCOUNT,
        auth_token=TOKEN,  # type: ignore[arg-type]  # pydantic makes a secret of it
        api_base_url=twilio.url,
        timeout_seconds=2,
        caller_id="+12025550199",
    )

    async def at_once(seconds: float) -> None:
        return None

    api = TwilioApi(settings, clock=centre.clock, breaker=Breaker(), pause=at_once)
    return TwilioCalls(api, f"{PUBLIC}/twilio")
