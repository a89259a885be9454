"""The channels that the configuration asks for, made from their settings."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from contact_center.channels import Console, TwilioMessaging, TwilioVoice
from contact_center.channels.base import Channel
from contact_center.channels.console import ConsoleSettings
from contact_center.channels.twilio_settings import TwilioSettings, voices_of
from contact_center.config import Config

CONSOLE_SECRET = "console.secret"  # noqa: S105 - a file's name


def channels_in_use(config: Config, folder: Path) -> list[Channel]:
    """Every active channel; ``folder`` holds the console's secret, shared with the command line."""
    made: list[Channel] = []
    for name in config.active_channels:
        if name == "console":
            made.append(Console(ConsoleSettings(secret=console_secret(folder))))
        elif name == "twilio_voice":
            made.append(TwilioVoice(twilio_settings(config)))
        elif name == "twilio_messaging":
            made.append(TwilioMessaging(twilio_settings(config)))
    return made


def twilio_settings(config: Config) -> TwilioSettings:
    """Twilio's section of the configuration as its channels take it."""
    twilio = config.twilio
    return TwilioSettings(
        account_sid=twilio.account_sid,
        auth_tokens=twilio.auth_tokens,
        public_url=config.server.own_url,
        voices=voices_of(twilio.voices),
        caller_id=twilio.caller_id,
        emergency_number=twilio.emergency_number,
        record_calls=twilio.record_calls,
        sender=twilio.messaging_sender,
        messaging_service_sid=twilio.messaging_service_sid,
        default_region=config.company.region,
        wait_music=twilio.wait_music,
    )


def console_secret(folder: Path) -> str:
    """The secret in ``folder``, made on the first use and readable by its owner only."""
    path = folder / CONSOLE_SECRET
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(32)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was quicker
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
    return secret
