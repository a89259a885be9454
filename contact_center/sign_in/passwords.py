"""Passwords as argon2id hashes (argon2-cffi, RFC 9106's low-memory profile), made and checked in threads."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm_store.errors import Refused

SHORTEST: Final = 10
LONGEST: Final = 200
"""Characters of a password; NIST SP 800-63B asks for length and against rules of composition."""

_WORDS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_hasher: Final = PasswordHasher()
_NOBODY: Final = _hasher.hash(secrets.token_urlsafe(16))
_at_once: Final = asyncio.Semaphore(2)
"""64 MiB each: many at a time would be an attack's work."""


def generate() -> str:
    """A password that can be read out: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_WORDS) for _ in range(4)) for _ in range(4))


def hash_now(password: str) -> str:
    """The hash to keep (takes about 50 ms). Raises `Refused` for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"a password has {SHORTEST} to {LONGEST} characters")
    return _hasher.hash(password)


async def is_right(password: str, hashed: str | None) -> bool:
    """Whether this is the password of ``hashed``. Without a hash it takes as long and is wrong, so that
    nobody learns from the time who has an account."""
    if len(password) > LONGEST:
        return False
    async with _at_once:
        return await asyncio.to_thread(_verify, password, hashed)


def _verify(password: str, hashed: str | None) -> bool:
    try:
        right = _hasher.verify(hashed or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and hashed is not None
