"""Who may read the metrics: with a token, without one, through a proxy, from another machine."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pydantic import ValidationError

from contact_center.config import Config
from contact_center.config.sections import MetricsSection
from contact_center.observe.scraping import guarded

TOKEN = "a-token-of-sixteen-or-more"
PUBLIC = "203.0.113.9"


class Transport:
    """A connection from somewhere."""

    def __init__(self, remote: str) -> None:
        self.remote = remote

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self.remote, 40_000) if name == "peername" else default


async def told(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="numbers")


async def ask(remote: str, headers: dict[str, str], **settings: Any) -> web.Response:
    asked = {"Host": "127.0.0.1:8080"} | headers
    request = make_mocked_request("GET", "/metrics", headers=asked, transport=Transport(remote))
    answer = await guarded(MetricsSection(**settings), told)(request)
    assert isinstance(answer, web.Response)
    assert (answer.text == "numbers") == (answer.status == 200)
    return answer


@pytest.mark.parametrize(
    ("remote", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.0.0.2", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("127.0.0.1", {"Host": "localhost:8080"}, 200),
        ("127.0.0.1", {"Host": "LOCALHOST"}, 200),
        ("::1", {"Host": "[::1]:8080"}, 200),
        (PUBLIC, {}, 403),
        ("10.0.0.7", {}, 403),
        ("::ffff:203.0.113.9", {}, 403),
        ("", {}, 403),
        # A proxy on this machine makes everybody's connection one from here.
        ("127.0.0.1", {"X-Forwarded-For": PUBLIC}, 403),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 403),
        ("127.0.0.1", {"Host": "cc.example.com"}, 403),
        # A page whose name has come to point here.
        ("127.0.0.1", {"Host": "evil.example:8080"}, 403),
        ("127.0.0.1", {"Host": "localhost.evil.example"}, 403),
        ("127.0.0.1", {"Host": "127.0.0.1@evil.example"}, 403),
        ("127.0.0.1", {"Host": ""}, 403),
        ("127.0.0.1", {"Host": "["}, 403),
        # Who claims to be this machine, and who sends a token that nobody asked for.
        (PUBLIC, {"X-Forwarded-For": "127.0.0.1"}, 403),
        (PUBLIC, {"Authorization": "Bearer "}, 403),
        (PUBLIC, {"Authorization": f"Bearer {TOKEN}"}, 403),
    ],
)
async def test_without_a_token_they_are_for_this_machine(
    remote: str, headers: dict[str, str], status: int
) -> None:
    assert (await ask(remote, headers)).status == status


@pytest.mark.parametrize("remote", ["127.0.0.1", PUBLIC])
@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer ", 401),
        ("Bearer é", 401),
        ("", 401),
    ],
)
async def test_with_a_token_they_are_for_whoever_has_it(remote: str, given: str, status: int) -> None:
    answer = await ask(remote, {"Authorization": given} if given else {}, token=TOKEN)
    assert answer.status == status
    assert TOKEN not in str(answer.text)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


async def test_open_ones_are_for_everybody() -> None:
    proxied = {"X-Forwarded-For": PUBLIC, "Host": "cc.example.com"}
    assert (await ask(PUBLIC, {}, open=True)).status == 200
    assert (await ask("127.0.0.1", proxied, open=True)).status == 200


@pytest.mark.parametrize(
    "settings", [{"token": "short"}, {"token": "with a space in it"}, {"token": TOKEN, "open": True}]
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({"metrics": settings})


def test_a_token_is_shown_nowhere() -> None:
    assert TOKEN not in repr(Config.model_validate({"metrics": {"token": TOKEN}}))
