"""A browser's access to Twilio: what its token says and for how long, and which addresses it reaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from contact_center.carriers.base import Dial, Party
from contact_center.carriers.twilio_access import NOWHERE, TOKEN_SECONDS, access_for, sdk_hosts
from contact_center.config.sections import Twilio
from tests.carriers.conftest import Bench

ACCOUNT = f"AC{'a' * 32}"
KEY = f"SK{'b' * 32}"
SECRET = "the-secret-of-the-key-0123456789ab"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def settings(**more: Any) -> Twilio:
    values = {
        "enabled": True,
        "account_sid": ACCOUNT,
        "auth_token": "token",
        "api_key_sid": KEY,
        "api_key_secret": SECRET,
    }
    return Twilio.model_validate(values | more)


def claims(token: str, secret: str = SECRET) -> dict[str, Any]:
    # The tests' clock stands elsewhere than the library's.
    return jwt.decode(token, secret, algorithms=["HS256"], options={"verify_exp": False})


def test_what_a_token_says() -> None:
    access = access_for(settings(), "agt_1", NOW)
    assert jwt.get_unverified_header(access.token) == {
        "alg": "HS256",
        "typ": "JWT",
        "cty": "twilio-fpa;v=1",
    }
    said = claims(access.token)
    assert said.pop("jti").startswith(f"{KEY}-")
    assert said == {
        "iss": KEY,
        "sub": ACCOUNT,
        "exp": int(NOW.timestamp()) + TOKEN_SECONDS,
        "grants": {"identity": "agt_1", "voice": {"incoming": {"allow": True}}},
    }
    assert access.expires_at == NOW + timedelta(seconds=TOKEN_SECONDS)
    assert timedelta(minutes=5) < access.expires_at - NOW <= timedelta(hours=1)


def test_it_is_signed_with_the_key_and_with_nothing_else() -> None:
    token = access_for(settings(), "agt_1", NOW).token
    with pytest.raises(jwt.InvalidSignatureError):
        claims(token, "the-secret-of-another-key-01234567")
    assert SECRET not in token


def test_a_region_is_in_the_header() -> None:
    token = access_for(settings(region="ie1"), "agt_1", NOW).token
    assert jwt.get_unverified_header(token)["twr"] == "ie1"


@pytest.mark.parametrize("identity", ["", "a b", "agt-1", "agt_1?x=1", "a" * 122, "坐席"])
def test_an_id_that_is_no_identity_is_refused(identity: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        access_for(settings(), identity, NOW)


def test_without_a_key_there_is_no_token() -> None:
    with pytest.raises(ValueError, match="no API key"):
        access_for(settings(api_key_sid="", api_key_secret=""), "agt_1", NOW)


async def test_the_identity_is_the_one_that_is_called(bench: Bench) -> None:
    await bench.calls.dial(
        Dial(contact_id="con_1", room="con_1", leg_id="leg_1", party=Party("client", "agt_1"))
    )
    called, _, about = bench.form()["To"][0].partition("?")
    assert called == f"client:{access_for(settings(), 'agt_1', NOW).identity}"
    assert about == "contact=con_1"


@pytest.mark.parametrize(
    ("more", "connect"),
    [
        (
            {"edges": ["dublin", "ashburn"], "region": "ie1"},
            (
                "wss://voice-js.dublin.twilio.com",
                "wss://voice-js.ashburn.twilio.com",
                "https://eventgw.twilio.com",
                "https://eventgw.ie1.twilio.com",
                "https://sdk.twilio.com",
            ),
        ),
        (
            {"edges": ["roaming"]},
            ("wss://voice-js.roaming.twilio.com", "https://eventgw.twilio.com", "https://sdk.twilio.com"),
        ),
    ],
)
def test_which_addresses_a_browser_reaches(more: dict[str, Any], connect: tuple[str, ...]) -> None:
    assert sdk_hosts(settings(**more)).connect == connect


def test_who_roams_may_be_sent_to_any_edge() -> None:
    connect = sdk_hosts(settings()).connect
    assert connect[0] == "wss://voice-js.roaming.twilio.com"
    assert "wss://voice-js.singapore.twilio.com" in connect


def test_nowhere_where_twilio_is_not_enabled() -> None:
    assert sdk_hosts(settings(enabled=False)) == NOWHERE
