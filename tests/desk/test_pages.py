"""The desk's page and files: where they are, how long they are kept, and what the page may do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from contact_center.carriers.twilio_access import sdk_hosts
from contact_center.config.sections import Twilio
from contact_center.desk.pages import DeskPages, policy

Client = TestClient[web.Request, web.Application]

PAGE = (
    '<!doctype html><head><meta name="csp-nonce" content="" />'
    '<script type="module" src="/desk/assets/index-abc.js"></script></head>'
)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Callable[[Path], Awaitable[Client]]]:
    clients: list[Client] = []

    async def open_(folder: Path) -> Client:
        app = web.Application()
        app.add_routes(DeskPages(folder).routes())
        client: Client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield open_
    for client in clients:
        await client.close()


@pytest.fixture
async def client(opened: Callable[[Path], Awaitable[Client]], tmp_path: Path) -> Client:
    built = tmp_path / "desk"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(PAGE)
    (built / "icon.svg").write_text("<svg/>")
    (built / "assets" / "index-abc.js").write_text("export {}")
    (built / "assets" / "index-abc.js.gz").write_bytes(b"smaller")
    (tmp_path / "secret.js").write_text("not for the world")
    return await opened(built)


def csp(response: ClientResponse) -> dict[str, str]:
    parts = (part.partition(" ") for part in response.headers["Content-Security-Policy"].split("; "))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/", "/desk/work/wrk_1", "/desk/tickets/12345678", "/desk/index.html"]
)
async def test_every_address_of_the_desk_is_the_page(client: Client, path: str) -> None:
    response = await client.get(path)
    assert (response.status, response.content_type) == (200, "text/html")
    assert response.headers["Cache-Control"] == "no-store"


async def test_each_page_has_a_nonce_of_its_own_that_its_policy_knows(client: Client) -> None:
    nonces = set()
    for _ in range(2):
        response = await client.get("/desk/")
        found = re.search(r'name="csp-nonce" content="([\w-]{20,})"', await response.text())
        assert found
        assert f"'nonce-{found[1]}'" in csp(response)["style-src"]
        nonces.add(found[1])
    assert len(nonces) == 2


async def test_the_page_may_run_our_own_files_and_nothing_else(client: Client) -> None:
    policy = csp(await client.get("/desk/"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)


async def test_hashed_files_are_kept_for_good_and_others_are_not(client: Client) -> None:
    script, icon = await client.get("/desk/assets/index-abc.js"), await client.get("/desk/icon.svg")
    assert "immutable" in script.headers["Cache-Control"]
    assert script.content_type == "text/javascript"
    assert icon.headers["Cache-Control"] == "no-cache"
    assert icon.content_type == "image/svg+xml"
    assert {r.headers["X-Content-Type-Options"] for r in (script, icon)} == {"nosniff"}


async def test_whoever_takes_it_gets_the_smaller_file(client: Client) -> None:
    response = await client.get(
        "/desk/assets/index-abc.js", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    )
    assert (response.headers["Content-Encoding"], await response.read()) == ("gzip", b"smaller")


@pytest.mark.parametrize(
    "path",
    [
        "/desk/assets/gone.js",
        "/desk/assets/%2e%2e/%2e%2e/secret.js",
        "/desk/assets/..%2f..%2fsecret.js",
        "/desk/assets/",
    ],
)
async def test_there_is_nothing_beside_the_built_files(client: Client, path: str) -> None:
    from yarl import URL

    response = await client.get(URL(path, encoded=True))
    assert response.status == 404
    assert "not for the world" not in await response.text()


async def test_where_it_is_not_built_the_page_says_what_to_do(
    opened: Callable[[Path], Awaitable[Client]], tmp_path: Path
) -> None:
    response = await (await opened(tmp_path / "nothing")).get("/desk/work")
    text: Any = await response.text()
    assert response.status == 503
    assert "cc.py setup" in text
    assert "<script" not in text


def test_the_page_talks_to_twilio_only_where_twilio_carries_the_calls() -> None:
    key = {"api_key_sid": f"SK{'0' * 32}", "api_key_secret": "s"}
    account = {"account_sid": f"AC{'0' * 32}", "auth_token": "t"}
    away, here = Twilio.model_validate(key), Twilio.model_validate({"enabled": True, **account, **key})
    assert policy("n", sdk_hosts(away)) == policy("n")
    assert "twilio" not in policy("n")
    before, after = _directives(policy("n")), _directives(policy("n", sdk_hosts(here)))
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"connect-src", "media-src"}, "no script, style or frame from anywhere else"
    more = after["connect-src"] - before["connect-src"]
    assert {"wss://voice-js.roaming.twilio.com", "https://eventgw.twilio.com"} < more
    assert all(host.endswith(".twilio.com") for host in more)


def _directives(text: str) -> dict[str, set[str]]:
    parts = (part.partition(" ") for part in text.split("; "))
    return {name: set(values.split()) for name, _, values in parts}
