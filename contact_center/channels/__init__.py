"""The channels: a new one is one file and one line in this table."""

from __future__ import annotations

from collections.abc import Callable

from contact_center.channels.base import Channel
from contact_center.channels.console import Console
from contact_center.channels.twilio_messaging import TwilioMessaging
from contact_center.channels.twilio_voice import TwilioVoice
from contact_center.channels.webchat import WebChat

CHANNELS: dict[str, Callable[..., Channel]] = {
    "twilio_voice": TwilioVoice,
    "twilio_messaging": TwilioMessaging,
    "console": Console,
    "webchat": WebChat,
}
"""By the name in config.yaml; each is made from its settings (`TwilioSettings`, `ConsoleSettings`)."""

__all__ = ["CHANNELS", "Console", "TwilioMessaging", "TwilioVoice", "WebChat"]
