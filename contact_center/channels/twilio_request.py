"""Reading Twilio's requests: what voice and messaging have in common.

Everything here takes whatever was sent and answers with a value that is safe to keep, or raises
`BadDelivery` or `Forged`. No text of theirs goes into an error message.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property

from contact_center.channels.base import BadDelivery, Forged, Inbound
from contact_center.channels.twilio_settings import TwilioSettings

_RETRY_HEADER = "i-twilio-idempotency-token"
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"[!-~]{1,100}")
_LONGEST_KEY = 200
_LONGEST_FACT = 200


class Request:
    """One verified request, read by name. ``values`` are the form's and the query's; what we put
    into our own URLs (contact, turn, page, ...) is read with `ours`, from the query alone."""

    def __init__(self, inbound: Inbound, settings: TwilioSettings) -> None:
        self.inbound = inbound
        self.values = inbound.first()
        account = self.values.get("AccountSid")
        if account is None:
            raise BadDelivery("AccountSid is missing: every request of Twilio has one")
        if account != settings.account_sid:
            raise Forged(
                "the request is for another Twilio account; check twilio.account_sid "
                "(a subaccount has its own)"
            )

    def get(self, name: str) -> str:
        """The value of a parameter, '' where it is missing; without NUL, which PostgreSQL cannot store."""
        return self.values.get(name, "").replace("\x00", "")

    def sid(self, name: str) -> str:
        """An identifier that must be there."""
        value = self.get(name)
        if not _IDENTIFIER.fullmatch(value):
            raise BadDelivery(f"{name} is missing or is no identifier")
        return value

    def maybe_sid(self, name: str) -> str:
        """An identifier, '' where it is missing or none."""
        return identifier(self.get(name))

    @cached_property
    def _ours(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self.inbound.query:
            found.setdefault(name, value)
        return found

    def ours(self, name: str) -> str:
        """A parameter of our own URL, '' where it is missing."""
        return self._ours.get(name, "")

    def facts(self, names: Mapping[str, str]) -> dict[str, str]:
        """The parameters worth keeping, under our names (Twilio's name -> ours)."""
        return {ours: self.get(theirs)[:_LONGEST_FACT] for theirs, ours in names.items() if self.get(theirs)}

    def key(self, *parts: str) -> str:
        """The key of this delivery: Twilio's idempotency token, which its retries repeat; else
        ``parts``, which make it unique. The route is part of it, because the fallback URL may be
        asked with the token of the request that failed."""
        token = self.inbound.headers.get(_RETRY_HEADER, "")
        if _TOKEN.fullmatch(token):
            return f"twilio:{self.inbound.route}:token:{token}"
        return self.key_of(*parts)

    def key_of(self, *parts: str) -> str:
        """A key from ``parts`` alone."""
        return bounded(":".join(("twilio", self.inbound.route, *parts)), _LONGEST_KEY)


def identifier(text: str) -> str:
    """``text`` where it is an identifier, of Twilio's or ours, else ''."""
    return text if _IDENTIFIER.fullmatch(text) else ""


def whole(text: str) -> int | None:
    """A number of seconds, a position, a turn; None where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def fraction(text: str) -> float | None:
    """A confidence from 0 to 1; None where it is none (Twilio does not promise one)."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.0 else None


def seconds(text: str) -> float:
    """A duration, 0 where it is none."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value < 1e6 else 0.0


def bounded(text: str, longest: int) -> str:
    """``text``, or where it is too long its beginning and a digest that keeps it unique."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 33]}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
