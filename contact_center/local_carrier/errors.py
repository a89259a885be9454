"""What the local carrier refuses, in Twilio's numbers (twilio.com/docs/api/errors)."""

from __future__ import annotations

from typing import Final

NOT_FOUND: Final = 20404
NOT_THIS_STATE: Final = 21220
NO_CALLER: Final = 21213
LABEL_TAKEN_IN_VERB: Final = 16025
LABEL_TAKEN: Final = 16026
CONFERENCE_FULL: Final = 16020
NOBODY_TO_COACH: Final = 13240
UNREADABLE_DOCUMENT: Final = 12100
UNKNOWN_IN_DOCUMENT: Final = 12200
NOT_XML: Final = 12300
DOCUMENT_TOO_LARGE: Final = 11750
NOT_REACHED: Final = 11200
NO_ANSWER: Final = 11205


class ApiError(Exception):
    """A refusal of the API: the HTTP status and Twilio's code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def not_found() -> ApiError:
    """There is no such thing, or no more."""
    return ApiError(404, NOT_FOUND, "The requested resource was not found")


class DocumentError(Exception):
    """A document that cannot be followed; ``code`` is Twilio's. The message is for whoever writes flows and
    holds nothing of what callers said."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
