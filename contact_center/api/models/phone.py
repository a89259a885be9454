"""The desk's telephone as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from contact_center.api.models.common import Shown

Carrier = Literal["local", "twilio", "none"]


class DeskPhone(Shown):
    """Which telephone rings in the desk."""

    carrier: Carrier = Field(
        description="Who carries calls to the desk: `local`, the built-in phone at `/phone/socket`; "
        "`twilio`, by its Voice SDK with a token of `POST /phone/token`; `none`, also for an agent who is "
        "called at a telephone or a SIP device"
    )
    ready: bool = Field(description="Whether nothing is missing; if something is, `remedy` says what")
    remedy: str = Field(description="For people; empty where there is nothing to do")


class PhoneToken(Shown):
    """An access token for Twilio's Voice SDK, good for the browser of one agent."""

    token: str = Field(description="A secret: keep it nowhere")
    identity: str = Field(description="As whom the browser is called: the agent's id")
    expires_at: datetime
    edges: list[str] = Field(description="Twilio's edges to connect to, in this order; none: the nearest")
