"""The desk's telephone: who carries its calls, and access to Twilio for the agent who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlalchemy.engine import Connection

from contact_center.config import Config
from contact_center.room import Room
from crm_store import audit, tokens
from crm_store.audit import AuditFilter
from tests.api.conftest import AT, Api, Serve

SECRET = "the-secret-of-the-key-0123456789ab"
TWILIO = {"enabled": True, "account_sid": f"AC{'a' * 32}", "auth_token": "token"}
KEY = {"api_key_sid": f"SK{'b' * 32}", "api_key_secret": SECRET}


async def served(room: Room, serve: Serve, **config: Any) -> Api:
    room.config = Config.model_validate(config)
    return await serve()


async def token_of(room: Room, agent_id: str | None) -> str:
    def make(connection: Connection) -> str:
        by: dict[str, Any] = {"at": AT, "ids": room.ids, "actor": "test"}
        return tokens.create(connection, "t", "agent", agent_id=agent_id, **by).secret

    return await room.store.write(make)


@pytest.mark.parametrize(
    ("config", "carrier", "ready", "part"),
    [
        ({}, "local", True, ""),
        ({"phone": {"enabled": False}}, "none", False, "phone.enabled"),
        ({"channels": ["console"]}, "none", False, "channels"),
        ({"twilio": TWILIO | KEY}, "twilio", True, ""),
        ({"twilio": TWILIO}, "twilio", False, "twilio.api_key_sid"),
        ({"twilio": TWILIO | KEY, "channels": ["console"]}, "none", False, "channels"),
    ],
)
async def test_who_carries_calls(
    room: Room, serve: Serve, config: dict[str, Any], carrier: str, ready: bool, part: str
) -> None:
    api = await served(room, serve, **config)
    told = await api.get("/phone", role="agent")
    assert (told["carrier"], told["ready"]) == (carrier, ready)
    assert part in told["remedy"]
    assert bool(told["remedy"]) != ready


async def test_who_is_called_elsewhere_has_no_telephone_in_the_desk(room: Room, serve: Serve) -> None:
    api = await served(room, serve)
    body = {"name": "Ada", "email": "ada@example.com", "reach": "phone", "phone": "+12025550143"}
    made = await (await api.ask("POST", "/agents", body)).json()
    api.secrets["ada"] = await token_of(room, made["id"])
    assert await api.get("/phone", role="ada") == {"carrier": "none", "ready": True, "remedy": ""}


async def test_an_agent_gets_a_token_for_itself(room: Room, serve: Serve) -> None:
    api = await served(room, serve, twilio=TWILIO | KEY | {"edges": ["dublin"]})
    response = await api.ask("POST", "/phone/token", role="agent")
    assert response.status == 201
    assert "no-store" in response.headers["Cache-Control"]
    told = await response.json()
    said = jwt.decode(told["token"], SECRET, algorithms=["HS256"], options={"verify_exp": False})
    assert said["grants"]["identity"] == told["identity"] == api.samples.agent
    assert said["exp"] == int((AT + timedelta(hours=1)).timestamp())
    assert told["edges"] == ["dublin"]


@pytest.mark.parametrize("body", [{"agent_id": "agt_other"}, {"identity": "agt_other"}])
async def test_nobody_gets_a_token_of_another(room: Room, serve: Serve, body: dict[str, str]) -> None:
    api = await served(room, serve, twilio=TWILIO | KEY)
    for ask in (api.ask("POST", "/phone/token", body), api.ask("POST", "/phone/token", params=body)):
        response = await ask
        assert response.status == 422 or (await response.json())["identity"] == api.samples.agent


async def test_a_program_has_no_telephone(room: Room, serve: Serve) -> None:
    api = await served(room, serve, twilio=TWILIO | KEY)

    api.secrets["program"] = await token_of(room, None)
    problem = await api.problem(403, "POST", "/phone/token", role="program")
    assert "token of an agent" in problem["detail"]


@pytest.mark.parametrize(
    ("config", "part"),
    [({}, "GET /phone"), ({"twilio": TWILIO}, "twilio.api_key_secret"), ({"channels": []}, "GET /phone")],
)
async def test_where_there_is_none_it_says_why(
    room: Room, serve: Serve, config: dict[str, Any], part: str
) -> None:
    api = await served(room, serve, **config)
    problem = await api.problem(409, "POST", "/phone/token", role="agent")
    assert problem["code"] == "refused"
    assert part in problem["detail"]


async def test_every_token_is_in_the_audit_trail_without_itself(
    room: Room, serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    api = await served(room, serve, twilio=TWILIO | KEY)
    token = (await (await api.ask("POST", "/phone/token", role="agent")).json())["token"]
    found = await room.store.read(
        lambda connection: audit.list_entries(connection, AuditFilter(action="phone.token"), None, 10)
    )
    (entry,) = found.items
    assert (entry.actor, entry.subject) == (f"agent:{api.samples.agent}", api.samples.agent)
    written = "".join(capfd.readouterr()) + repr(found)
    assert token not in written
    assert SECRET not in written
