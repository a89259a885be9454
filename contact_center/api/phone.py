"""The desk's telephone over the API: who carries its calls, and a browser's access to Twilio."""

from __future__ import annotations

from typing import Final

from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import phone as shapes
from contact_center.api.problems import Problem
from contact_center.carriers.twilio_access import access_for
from contact_center.config import Config
from crm_store import agents

NO_API_KEY: Final = (
    "Calls cannot ring in the browser: no API key of Twilio's is configured. Make one in Twilio's console "
    "and set twilio.api_key_sid and twilio.api_key_secret; docs/twilio.md has each step."
)
NO_PHONE: Final = (
    "No telephone is served here: set phone.enabled or twilio.enabled, and list twilio_voice in channels."
)


def carrier_of(config: Config) -> shapes.Carrier:
    """Who carries calls to the desk."""
    if "twilio_voice" not in config.channels:
        return "none"
    if config.twilio.enabled:
        return "twilio"
    return "local" if config.phone.enabled else "none"


async def get_phone(call: Call[Nothing, Nothing]) -> shapes.DeskPhone:
    config, agent_id = call.room.config, call.caller.agent_id
    if agent_id is not None:
        agent = await call.read(lambda connection: agents.get(connection, agent_id))
        if agent.reach != "client":
            return shapes.DeskPhone(carrier="none", ready=True, remedy="")
    carrier = carrier_of(config)
    remedy = ""
    if carrier == "none":
        remedy = NO_PHONE
    elif carrier == "twilio" and not config.twilio.has_api_key:
        remedy = NO_API_KEY
    return shapes.DeskPhone(carrier=carrier, ready=not remedy, remedy=remedy)


async def create_phone_token(call: Call[Nothing, Nothing]) -> shapes.PhoneToken:
    """For the agent who asks, and for nobody else."""
    config, agent_id = call.room.config, call.caller.agent_id
    if agent_id is None:
        raise Problem("forbidden", "A telephone belongs to an agent: sign in, or use the token of an agent.")
    if carrier_of(config) != "twilio":
        raise Problem("refused", "Twilio does not carry calls here; GET /phone says who does.")
    if not config.twilio.has_api_key:
        raise Problem("refused", NO_API_KEY)
    try:
        access = access_for(config.twilio, agent_id, call.at)
    except ValueError as error:
        raise Problem("refused", f"{error}.") from None
    until = {"until": access.expires_at.isoformat()}
    await call.write(lambda _connection: None, Note("phone.token", agent_id, until))
    return shapes.PhoneToken(
        token=access.token,
        identity=access.identity,
        expires_at=access.expires_at,
        edges=list(config.twilio.edges),
    )


ENDPOINTS = (
    Endpoint("GET", "/phone", "agent", "Get which telephone rings in the desk", get_phone, shapes.DeskPhone),
    Endpoint(
        "POST",
        "/phone/token",
        "agent",
        "Make a token by which the browser takes calls at Twilio",
        create_phone_token,
        shapes.PhoneToken,
        status=201,
        secret=True,
        refusals=("refused",),
        description="Always for the agent who asks. It holds for an hour and lets calls come in, not go out.",
    ),
)
