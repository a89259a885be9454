"""What has gone, with its version, so that late news of it does not bring it back."""

from __future__ import annotations

from typing import Final

MOST: Final = 20_000
"""So many are remembered; who went before that is forgotten."""


class Tombstones:
    """Versions of what was dropped, by id."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def bury(self, thing_id: str, known: int, told: int | None) -> None:
        """It has gone. ``told``: the version in which it did; without that, the one after ``known`` is taken,
        or, where nobody counts versions (all are 0), none."""
        version = told if told is not None else known + 1 if known else 0
        version = max(version, self._versions.pop(thing_id, 0))
        self._versions[thing_id] = version
        if len(self._versions) > MOST:
            del self._versions[next(iter(self._versions))]

    def is_late(self, thing_id: str, version: int) -> bool:
        """Whether this version is from before it went."""
        return version < self._versions.get(thing_id, 0)

    def rise(self, thing_id: str) -> None:
        """It is back."""
        self._versions.pop(thing_id, None)
