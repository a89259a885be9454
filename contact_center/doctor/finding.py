"""What the doctor looks at and what it says."""

from __future__ import annotations

from typing import Literal

import msgspec

from contact_center.clock import Clock
from contact_center.config import Config


class Finding(msgspec.Struct, frozen=True):
    """One check's result: ``what`` was found and, unless all is well, the ``remedy``.

    ``fail``: it does not work. ``warn``: it works, but not as it should or not yet.
    """

    name: str
    level: Literal["ok", "warn", "fail"]
    what: str
    remedy: str = ""


class Patient(msgspec.Struct, frozen=True):
    """What the checks look at. ``patience``: seconds for each question over the network."""

    config: Config
    clock: Clock
    nonce: str
    patience: float = 5.0
