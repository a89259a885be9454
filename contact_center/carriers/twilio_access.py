"""What a browser needs to be an agent's telephone at Twilio: an access token, and Twilio's addresses.

The token says who its holder is, and that calls may come in; none may go out with it, so that a stolen one
costs nothing. It is signed with the secret of an API key, which is not the account's own token.
Sources: twilio.com/docs/iam/access-tokens, the README of @twilio/voice-sdk.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from contact_center.config.sections import Twilio

TOKEN_SECONDS: Final = 3600
"""How long a token holds. Renewing one in the middle of a call can cost a second of sound, so it is longer
than nearly every call; Twilio allows a day."""

_IDENTITY: Final = re.compile(r"[A-Za-z0-9_]{1,121}")
"""What Twilio takes as the identity of a client."""

_EDGES: Final = (
    "roaming",
    "ashburn",
    "dublin",
    "frankfurt",
    "sao-paulo",
    "singapore",
    "sydney",
    "tokyo",
    "umatilla",
)
"""Where a browser that roams may be sent: after the first connection it goes back to the very edge it met."""


class Access(msgspec.Struct, frozen=True):
    """A token for the browser of ``identity``, until ``expires_at``."""

    token: str
    identity: str
    expires_at: datetime


def access_for(settings: Twilio, agent_id: str, now: datetime) -> Access:
    """The access of an agent's browser: its identity is the one that `TwilioCalls` calls.

    Raises `ValueError` where there is no API key, and for an id that cannot be an identity.
    """
    from twilio.jwt.access_token import AccessToken
    from twilio.jwt.access_token.grants import VoiceGrant

    if not settings.has_api_key:
        raise ValueError("no API key of Twilio's is configured")
    if not _IDENTITY.fullmatch(agent_id):
        raise ValueError("Twilio takes only letters, digits and _ as the identity of a browser, at most 121")
    until = int(now.timestamp()) + TOKEN_SECONDS
    token = AccessToken(
        settings.account_sid,
        settings.api_key_sid,
        settings.api_key_secret.get_secret_value(),
        grants=[VoiceGrant(incoming_allow=True)],
        identity=agent_id,
        nbf=None,  # a server's clock that is a second ahead would make it useless for that second
        valid_until=until,
        region=settings.region or None,
    )
    return Access(token.to_jwt(), agent_id, datetime.fromtimestamp(until, now.tzinfo))


class Hosts(msgspec.Struct, frozen=True):
    """What the Voice SDK reaches: ``connect`` by WebSocket and fetch, ``media`` for its sounds."""

    connect: tuple[str, ...] = ()
    media: tuple[str, ...] = ()


NOWHERE: Final = Hosts()


def _regions(region: str) -> tuple[str, ...]:
    return ("", f"{region}.") if region else ("",)


def sdk_hosts(settings: Twilio) -> Hosts:
    """The addresses for a page's policy: signalling at every edge, quality reports, the tones of keys."""
    if not settings.enabled:
        return NOWHERE
    edges = settings.edges or _EDGES
    signalling = [f"wss://voice-js.{edge}.twilio.com" for edge in edges]
    reports = [f"https://eventgw.{region}twilio.com" for region in _regions(settings.region)]
    sounds = "https://sdk.twilio.com"
    return Hosts(tuple(dict.fromkeys((*signalling, *reports, sounds))), ("mediastream:", sounds))
