"""``Idempotency-Key``: a POST that is sent again under the same key is answered again, and not done again.

As with a provider's deliveries (DESIGN D3), the key is written in the transaction of the change; the answer
is added to it afterwards. Keys are forgotten when deliveries are (`retention.deliveries_hours`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from contact_center.api.problems import Problem
from crm_store import deliveries, schema
from crm_store.errors import Duplicate

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 100


@dataclass(frozen=True)
class Once:
    """A request that is to be done once: its ``key`` among deliveries, and a ``digest`` of what it asks."""

    key: str
    digest: str

    def claim(self, connection: Connection, at: datetime) -> None:
        """Take the key in the transaction of the change. Raises `Duplicate` where it is taken."""
        row = {
            "key": self.key,
            "contact_id": "",
            "turn": 0,
            "reply": json.dumps({"request": self.digest}),
            "received_at": at,
        }
        try:
            with connection.begin_nested():
                connection.execute(schema.deliveries.insert(), row)
        except IntegrityError as error:
            raise Duplicate("that request was carried out already") from error

    def keep(self, connection: Connection, status: int, body: str) -> None:
        """Add the answer that was given."""
        reply = json.dumps({"request": self.digest, "status": status, "body": body})
        table = schema.deliveries
        connection.execute(
            table.update().where(table.c.contact_id == "", table.c.key == self.key).values(reply=reply)
        )

    def earlier(self, connection: Connection) -> tuple[int, str] | None:
        """Status and body of the answer given before; None for a key that is new.

        Raises `Problem` for a key that another request has used, and where the answer was lost.
        """
        stored = deliveries.get(connection, "", self.key)
        if stored is None:
            return None
        reply = json.loads(stored.reply)
        if reply["request"] != self.digest:
            raise Problem("invalid", f"This {HEADER} was used for another request; take a new one.")
        if "status" not in reply:
            raise Problem(
                "conflict", "That request was carried out, but its answer was lost; look at the result."
            )
        return int(reply["status"]), str(reply["body"])


def read_once(request: web.Request, caller_token: str, body: BaseModel) -> Once | None:
    """What ``Idempotency-Key`` asks for, None without one."""
    named = request.headers.get(HEADER)
    if named is None:
        return None
    if not 0 < len(named) <= LONGEST or not named.isprintable():
        raise Problem("bad_request", f"{HEADER} must be 1 to {LONGEST} printable characters.")
    scope = hashlib.sha256(f"{caller_token}\n{request.path}\n{named}".encode()).hexdigest()
    digest = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    return Once(f"api:{scope}", digest)
