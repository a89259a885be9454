"""Messages through Twilio's REST API."""

from __future__ import annotations

from typing import Any

from contact_center.carriers.base import Outgoing
from contact_center.carriers.twilio_api import TwilioApi
from contact_center.config.sections import Twilio


class TwilioCarrier:
    """See `MessageCarrier`. ``status_url`` is where Twilio reports what becomes of a message.

    ``api`` is shared with `TwilioCalls`; without it there is one of its own.
    """

    def __init__(self, settings: Twilio, status_url: str, api: TwilioApi | None = None) -> None:
        self._settings = settings
        self._status_url = status_url
        self._api = api or TwilioApi(settings)

    async def send_message(self, outgoing: Outgoing) -> str:
        """Create the message; the MessageSid."""
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
        # Sent twice it would arrive twice, and there is no key to say that it is the same.
        sent = await self._api.ask(lambda client: client.messages.create_async(**fields), repeatable=False)
        return str(sent.sid)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()
