"""The servers that help browsers to reach each other, with passwords that expire (coturn's REST scheme)."""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any, Final

from contact_center.config.phone import Phone

GOOD_FOR: Final = timedelta(hours=6)
"""How long a telephone may stay connected before it must be given a new password."""


def ice_servers(settings: Phone, at: datetime) -> list[dict[str, Any]]:
    """RTCPeerConnection's ``iceServers`` for a telephone that connects at ``at``."""
    name = str(int((at + GOOD_FOR).timestamp()))
    secret = settings.turn_secret.get_secret_value()
    password = b64encode(hmac.digest(secret.encode(), name.encode(), "sha1")).decode()
    return [
        {"urls": [url], "username": name, "credential": password}
        if url.startswith("turn")
        else {"urls": [url]}
        for url in settings.ice_servers
    ]
