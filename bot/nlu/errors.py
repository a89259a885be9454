"""What can go wrong, in words for the person who configures the bot."""

from __future__ import annotations


class NluError(Exception):
    """The understanding cannot be set up as configured."""


class EncoderError(NluError):
    """A sentence encoder is unknown, not installed, or not the file that was checked."""


class ModelDamaged(NluError):
    """A kept model is not whole, or was made by other code: train it anew."""
