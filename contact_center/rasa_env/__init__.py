"""A Rasa server beside the engine: its own Python environment, its model, its two processes.

Rasa 3.6 needs old versions of what the engine needs in new ones, so nothing of it is imported here.
"""

from __future__ import annotations

from contact_center.rasa_env.errors import RasaEnvError
from contact_center.rasa_env.found import RunningServer, find_server

__all__ = ["RasaEnvError", "RunningServer", "find_server"]
