"""What the store can answer instead of a result; `retryable` says whether doing it again may help."""

from __future__ import annotations


class StoreError(Exception):
    """Base of the store's errors; the message names cause and remedy and holds no personal data."""

    retryable = False


class Conflict(StoreError):
    """Somebody else changed the row first: load again and run the turn again."""

    retryable = True


class Duplicate(StoreError):
    """The row is there already (a redelivered delivery, a taken key)."""


class StoreDown(StoreError):
    """The database cannot be reached or written just now."""

    retryable = True


class NotFound(StoreError):
    """There is no such row; the message names what was asked for."""


class Refused(StoreError):
    """The change breaks a rule of the store; the message says which and what to do."""
