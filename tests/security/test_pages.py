"""Headers: what every page, every answer and every cookie must say to the browser."""

from __future__ import annotations

import re
from itertools import product
from typing import Any, Final

import pytest
from aiohttp import ClientResponse
from yarl import URL

from contact_center.api.models.common import PREFIX
from contact_center.sign_in import cookie
from contact_center.sign_in.passwords import hash_now
from contact_center.web_build import WEB
from crm_store import sessions
from tests.security.conftest import CONFIGS
from tests.security.office import EVIL, Office, routes_of
from tests.security.rules import rule_of

BROKEN: Final = (
    "/nowhere",
    "/desk/assets/none.js",
    "/chat/none",
    "/chat/files/none",
    "/phone/none",
    "/favicon.ico",
)
HOSTILE: Final = "<script>alert(1)</script>"


def policy(response: ClientResponse) -> dict[str, str]:
    parts = (part.partition(" ") for part in response.headers["Content-Security-Policy"].split("; "))
    return {name: value for name, _, value in parts}


def is_safe(response: ClientResponse, text: str) -> None:
    """A page may load and run what we serve, and nothing else."""
    where = str(response.url)
    headers, says = response.headers, policy(response)
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["Referrer-Policy"] == "no-referrer", where
    assert says["default-src"] == "'none'", where
    assert says["frame-ancestors"] == "'none'", where
    assert says["base-uri"] == "'none'", where
    assert says.get("form-action") in ("'none'", "'self'"), where
    assert "unsafe" not in str(says), where
    assert "*" not in str(says).replace("wss://*", ""), where
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), f"{where} has an inline script"
    assert not re.search(r"\son\w+\s*=|\sstyle\s*=|javascript:", text), where
    assert "http:" not in re.sub(r"http://www\.w3\.org/\S*", "", text), where


@pytest.mark.parametrize("office", CONFIGS, indirect=True)
async def test_every_page_has_a_policy(office: Office) -> None:
    found = []
    for method, address in dict.fromkeys(routes_of(office.application.web)):
        if method != "GET" or rule_of(method, address) != "open":
            continue
        path = re.sub(r"\{\w+\}", "none", address)
        for query in ("", f"?language={HOSTILE}&x={HOSTILE}"):
            response = await office.client.get(path + query)
            text = await response.text()
            assert HOSTILE not in text
            if response.content_type == "text/html":
                is_safe(response, text)
                found.append(address)
            assert response.headers["X-Content-Type-Options"] == "nosniff", address
    assert {"/", "/desk", "/api/docs", "/chat/demo"} <= set(found)


async def test_errors_show_nothing_of_what_was_asked(office: Office) -> None:
    for path, method in product(BROKEN, ("GET", "POST", "DELETE")):
        url = URL(f"{path}?q=%3Cscript%3Ealert(1)%3C/script%3E", encoded=True)
        response = await office.client.request(method, url)
        text = await response.text()
        assert response.status >= 400
        assert HOSTILE not in text
        assert "Traceback" not in text
        assert str(WEB.parent) not in text
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.content_type != "text/html"


async def test_what_is_somebodys_is_kept_by_no_browser(office: Office) -> None:
    """Every answer under the API, to whoever may have it and to whoever may not."""
    for method, address in dict.fromkeys(routes_of(office.application.web)):
        if (
            method != "GET"
            or not address.startswith(PREFIX)
            or rule_of(method, address) in ("open", "socket")
        ):
            continue
        path = re.sub(r"\{(\w+)\}", lambda place: office.ids.get(place[1], "none"), address)
        for knock in ("administrator's page", "nobody"):
            response = await office.client.get(path, headers=dict(office.knock(knock).headers))
            assert "no-store" in response.headers["Cache-Control"], address
            assert response.headers["X-Content-Type-Options"] == "nosniff", address
            assert "Access-Control-Allow-Origin" not in response.headers, address
            if response.content_type not in ("text/csv", "audio/webm"):
                assert response.content_type in ("application/json", "application/problem+json"), address
            await response.release()
            office.room.live._buckets.clear()  # type: ignore[attr-defined]  # nobody meets a limit


@pytest.mark.parametrize("office", CONFIGS, indirect=True)
async def test_the_cookie_is_for_our_own_page_alone(office: Office) -> None:
    by: dict[str, Any] = {"at": office.room.clock.now(), "ids": office.room.ids, "actor": "test"}
    hashed = hash_now("canary-password")
    await office.room.store.write(
        lambda connection: sessions.set_password(connection, office.floor.wang, hashed, **by)
    )
    body = {"email": "wang@example.com", "password": "canary-password"}
    given = await office.client.post(f"{PREFIX}/session", json=body)
    assert given.status == 200
    [kept] = given.headers.getall("Set-Cookie")
    secret = given.cookies[cookie.NAME].value
    https = office.room.config.server.public_url.startswith("https://")
    assert ("; Secure" in kept) == https
    assert ("Strict-Transport-Security" in given.headers) == https
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(kept.split("; "))
    assert "Domain" not in kept
    assert len(secret) >= 43  # 256 bits
    headers = {"Cookie": f"{cookie.NAME}={secret}", cookie.HEADER: (await given.json())["csrf"]}
    out = await office.client.delete(f"{PREFIX}/session", headers=headers)
    [gone] = out.headers.getall("Set-Cookie")
    assert ("; Secure" in gone) == https
    assert "Max-Age=0" in gone


async def test_no_other_answer_sets_a_cookie(office: Office) -> None:
    for method, address in dict.fromkeys(routes_of(office.application.web)):
        if method == "GET" and rule_of(method, address) == "open":
            response = await office.client.get(re.sub(r"\{\w+\}", "none", address))
            assert "Set-Cookie" not in response.headers, address


async def test_another_sites_page_reads_nothing(office: Office) -> None:
    paths = (f"{PREFIX}/session", f"{PREFIX}/contacts", "/chat/files/none", "/chat/files")
    for origin, path, method in product((EVIL, "null", "http://["), paths, ("OPTIONS", "GET")):
        response = await office.client.request(method, path, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in response.headers, (method, path)
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert response.status < 500


async def test_a_file_of_a_visitor_is_saved_and_never_shown(office: Office) -> None:
    headers = {"Authorization": f"Bearer {office.api.secrets['agent']}"}
    response = await office.client.get(f"/chat/files/{office.ids['file']}", headers=headers)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response.headers["Cache-Control"]
