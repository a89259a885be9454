"""The HTTP API under /api/v1 (DESIGN D13): everything the desk and integrations do.

`table.ENDPOINTS` declares it; the routes and the OpenAPI document are both made from that table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

    from contact_center.api.endpoint import Replay
    from contact_center.room import Room


def api_routes(room: Room, on_changed: Callable[[str], None], replay: Replay | None = None) -> list[RouteDef]:
    """The API's aiohttp routes.

    ``on_changed(contact_id)`` is called after the commit of every write that touched a contact.
    ``replay`` runs a contact's journal through its flow again (see `endpoint.Replay`).
    """
    # Here, because the CLI takes models and views from this package and needs no web server for it.
    from contact_center.api.server import Api

    return Api(room, on_changed, replay).routes()
