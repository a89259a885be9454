"""What keeps Rasa from running here."""

from __future__ import annotations


class RasaEnvError(Exception):
    """Rasa cannot be prepared, trained or served; the text says why and what to do."""
