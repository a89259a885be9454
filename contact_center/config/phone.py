"""The built-in phone's section of config.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from contact_center.config.base import Count, Fault, Section, form

Number = Annotated[str, form(r"\+?[0-9]{2,15}", "a number of digits, perhaps with + and country code")]
IceUrl = Annotated[
    str,
    form(r"(stuns?|turns?):[^\s]+", "a server such as stun:stun.example.com or turn:turn.example.com:3478"),
]


class Phone(Section):
    """The telephone in the browser, which carries calls where Twilio does not.

    ``turn_secret`` is the one that the TURN server shares (coturn: ``use-auth-secret``): a telephone is given
    a name and a password made from it that are good for some hours. ``grace_seconds``: how long the calls of
    a browser whose connection broke wait for it.
    """

    enabled: bool = True
    numbers: tuple[Number, ...] = ("1001", "1002")
    choose_number: Literal["local", "always", "never"] = "local"
    ice_servers: tuple[IceUrl, ...] = ()
    turn_secret: SecretStr = SecretStr("")
    max_calls_per_address: Count = 10
    record: bool = False
    grace_seconds: Annotated[float, Field(ge=0, le=300)] = 15.0

    def faults(self) -> Iterator[Fault]:
        if (
            any(url.startswith("turn") for url in self.ice_servers)
            and not self.turn_secret.get_secret_value()
        ):
            yield "turn_secret", "is needed with a turn server: the secret that it was given"
