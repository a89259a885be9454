"""The account that the local carrier has for us: its id, its secret, and the ids of what is made in it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from random import Random
from typing import Final

import msgspec

ACCOUNT_SID: Final = "AC" + "0" * 32
SECRET_FILE: Final = "local_carrier.secret"  # noqa: S105 - a file's name
VERSION: Final = "2010-04-01"


class Account(msgspec.Struct, frozen=True):
    """``token`` signs webhooks and opens the API; it never leaves this machine."""

    sid: str
    token: str

    def __repr__(self) -> str:
        return f"Account(sid={self.sid!r}, token=…)"


def open_account(folder: Path) -> Account:
    """The account, with the secret in ``folder``, which is made on the first use, for its owner only."""
    return Account(ACCOUNT_SID, _secret(folder / SECRET_FILE))


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_hex(32)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was quicker
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
    return secret


class Sids:
    """Makes Twilio's kind of identifiers: two letters and 32 hexadecimal digits."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def new(self, prefix: str) -> str:
        """A new one: CA a call, CF a conference, QU a queue, RE a recording."""
        return f"{prefix}{self._random.getrandbits(128):032x}"

    def key(self) -> str:
        """What nobody can guess."""
        return f"{self._random.getrandbits(192):048x}"
