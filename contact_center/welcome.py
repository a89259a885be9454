"""What `serve` prints when it is ready: what to open, what to try, and on the first start the key to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from contact_center.config.sections import Server
from contact_center.sign_in.first import FirstPassword
from crm_store import tokens

if TYPE_CHECKING:
    from contact_center.app import Application
    from contact_center.room import Room


def _port_option(url: str) -> str:
    """What `call` must be told where this does not listen on the default port."""
    port = urlsplit(url).port
    return "" if port == Server().port else f" --port {port}"


async def first_token(room: Room) -> str:
    """An administrator's API token where there is none yet, else ''. Shown once and kept only as a hash."""

    def write(connection: Connection) -> str:
        if tokens.list_tokens(connection):
            return ""
        created = tokens.create(
            connection,
            "first start",
            "administrator",
            at=room.clock.now(),
            ids=room.ids,
            actor="serve",
        )
        return created.secret

    return await room.store.write(write)


def welcome(
    application: Application, url: str, token: str, people: Sequence[FirstPassword], seconds: float
) -> str:
    """The text, with every address a person can open now; ``token`` and ``people``: of the first start."""
    config = application.room.config
    lines = [f"Contact centre ready at {url} after {seconds:.1f} s."]
    if application.seeded is not None:
        seeded = application.seeded
        lines.append(
            f"Demo data: {seeded.customers} customers, {seeded.orders} orders, {seeded.agents} agents, "
            f"{seeded.queues} queues."
        )
    port = _port_option(url)
    has_phone = config.phone.enabled and not config.twilio.enabled
    call = f"python3 cc.py call{port}"
    lines += [
        "",
        "In another terminal:",
        "",
        f"  Call in                      {call}",
        f"    as a known customer        {call} --from +12025550101",
        f"    in writing                 {call} --text",
        f"  Answer, as an agent          python3 cc.py desk{port} --agent grace.miller@example.com",
        "  Read the call log            python3 cc.py contacts list   then: contacts show CONTACT",
        "  Complaints                   python3 cc.py tickets list",
        "",
        "In a browser:",
        "",
        *([f"  A customer's telephone       {url}/phone"] if has_phone else []),
        f"  The desk                     {url}/desk",
        f"  A chat on a page             {url}/chat/demo",
        f"  The API                      {url}/api/docs",
        f"  Health and metrics           {url}/readyz   {url}/metrics",
    ]
    if config.twilio.enabled:
        root = config.server.own_url
        lines += [
            "",
            "  In Twilio's console, for your number:",
            f"    A call comes in            {root}/twilio/voice/incoming",
            f"    Primary handler fails      {root}/twilio/voice/fallback",
            f"    Call status changes        {root}/twilio/voice/status",
            f"    A message comes in         {root}/twilio/messaging/incoming",
        ]
    else:
        lines += ["", "  Twilio is off; docs/twilio.md tells how to connect a number."]
    if token:
        lines += [
            "",
            "  Your API token (administrator), shown this once:",
            f"    {token}",
        ]
    if people:
        lines += ["", "  Passwords, shown this once; `agents password` makes new ones:"]
        lines += [f"    {one.role:14} {one.email:28} {one.password}" for one in people]
    return "\n".join(lines)
