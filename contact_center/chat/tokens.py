"""Tokens by which a host site says who its user is: JWT, HS256 and nothing else (RFC 7519).

Claims: ``sub`` and ``exp`` are needed, ``nbf``, ``name``, ``email`` and ``email_verified`` may be there. The
algorithm is ours to choose, never the token's; times are compared with our own clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import jwt

from crm_store.visitors import Vouched

LONGEST: Final = 4096
LEEWAY: Final = 30.0
"""Seconds by which the host's clock may differ from ours."""

ALGORITHM: Final = "HS256"
_OURS_TO_CHECK: Final = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "require": ["sub", "exp"],
}


class BadToken(Exception):
    """The token proves nothing; ``reason`` is ``expired`` or ``bad``, and holds none of its contents."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the host site's token is {reason}")
        self.reason = reason


def read_token(token: str, secret: str, now: datetime) -> Vouched:
    """Whom the token names. Raises `BadToken`, also where no secret is configured."""
    if not secret or len(token) > LONGEST:
        raise BadToken("bad")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            options=_OURS_TO_CHECK,  # type: ignore[arg-type]
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise BadToken("bad") from None
    expires, begins = _instant(claims["exp"]), _instant(claims.get("nbf", 0))
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.strip() or len(subject) > 255 or expires is None:
        raise BadToken("bad")
    if begins is None or now.timestamp() + LEEWAY < begins:
        raise BadToken("bad")
    if expires + LEEWAY <= now.timestamp():
        raise BadToken("expired")
    return Vouched(
        subject=subject.strip(),
        name=_text(claims, "name", 120),
        email=_text(claims, "email", 255),
        email_verified=claims.get("email_verified") is True,
    )


def _instant(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -1e12 < value < 1e12 else None


def _text(claims: dict[str, Any], name: str, most: int) -> str:
    value = claims.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""
