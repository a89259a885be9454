"""Who is asking: the roles, and the person or program behind a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROLES: Final = ("agent", "supervisor", "administrator")
"""Each may do what those before it may."""


@dataclass(frozen=True)
class Caller:
    """An authenticated caller. ``actor`` is the name written into histories and the audit trail."""

    actor: str
    role: str
    token_id: str
    agent_id: str | None = None

    def may(self, role: str) -> bool:
        """Whether the caller has at least ``role``."""
        return ROLES.index(self.role) >= ROLES.index(role)
