"""Twilio's REST API through Twilio's own client, with a base URL of our choice and a time-out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from contact_center.carriers.base import CarrierFailed, CarrierRefused, Outgoing
from contact_center.config.sections import Twilio

if TYPE_CHECKING:
    from twilio.rest import Client

OPTED_OUT = 21610
"""Twilio: "Attempt to send to unsubscribed recipient"."""

FOR_GOOD = range(400, 500)
PASSING = frozenset({408, 425, 429})
"""HTTP statuses below 500 after which the same request may work later."""


class TwilioCarrier:
    """See `MessageCarrier`. ``status_url`` is where Twilio reports what becomes of a message."""

    def __init__(self, settings: Twilio, status_url: str) -> None:
        self._settings = settings
        self._status_url = status_url
        self._client: Client | None = None
        self._opening = asyncio.Lock()

    async def send_message(self, outgoing: Outgoing) -> str:
        """Create the message; the MessageSid."""
        from aiohttp import ClientError
        from twilio.base.exceptions import TwilioException, TwilioRestException

        client = await self._opened()
        prefix = "whatsapp:" if outgoing.channel == "whatsapp" else ""
        fields: dict[str, Any] = {
            "to": f"{prefix}{outgoing.to_address}",
            "body": outgoing.text,
            "status_callback": f"{self._status_url}?m={outgoing.message_id}",
        }
        if outgoing.media:
            fields["media_url"] = list(outgoing.media)
        if self._settings.messaging_service_sid and not prefix:
            fields["messaging_service_sid"] = self._settings.messaging_service_sid
        else:
            fields["from_"] = f"{prefix}{outgoing.from_address or self._settings.messaging_sender}"
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                sent = await client.messages.create_async(**fields)
        except TwilioRestException as error:
            if error.status in FOR_GOOD and error.status not in PASSING:
                code = str(error.code or error.status)
                raise CarrierRefused(code, opted_out=error.code == OPTED_OUT) from None
            raise CarrierFailed(f"Twilio answered {error.status}") from None
        except (TwilioException, ClientError, TimeoutError, OSError) as error:
            raise CarrierFailed(f"Twilio could not be reached: {type(error).__name__}") from None
        return str(sent.sid)

    async def _opened(self) -> Client:
        """The client; importing it takes half a second, so it happens in a thread and only when needed."""
        async with self._opening:
            if self._client is None:
                make, http_client = await asyncio.to_thread(_classes)
                self._client = make(
                    self._settings.account_sid,
                    self._settings.auth_tokens[0],
                    http_client=http_client(timeout=self._settings.timeout_seconds),
                )
                self._client.api.base_url = self._settings.api_base_url
            return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.http_client.close()


def _classes() -> tuple[Any, Any]:
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    return Client, AsyncTwilioHttpClient
