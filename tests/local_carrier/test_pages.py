"""The customer's page: where it is, what it may do, and what is said where there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from contact_center.config.phone import Phone
from contact_center.config.sections import Demo
from contact_center.local_carrier.pages import PhonePages
from tests.local_carrier.company import Company, open_company
from tests.local_carrier.phone import phone

Client = TestClient[web.Request, web.Application]
Open = Callable[..., Awaitable[Client]]

PAGE = '<!doctype html><script type="module" src="/phone/assets/index-abc.js"></script>'


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    clients: list[Client] = []

    async def open_(*, there: bool = True, built: bool = True) -> Client:
        folder = tmp_path / "phone"
        if built:
            (folder / "assets").mkdir(parents=True)
            (folder / "index.html").write_text(PAGE)
            (folder / "icon.svg").write_text("<svg/>")
            (folder / "assets" / "index-abc.js").write_text("export {}")
            (folder / "assets" / "notes.txt").write_text("not for the world")
            (tmp_path / "secret.js").write_text("not for the world")
        app = web.Application()
        app.add_routes(PhonePages(there=there, folder=folder).routes())
        client: Client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield open_
    for client in clients:
        await client.close()


@pytest.mark.parametrize("path", ["/phone", "/phone/", "/phone?speak=off"])
async def test_the_page_may_run_our_own_files_and_nothing_else(opened: Open, path: str) -> None:
    response = await (await opened()).get(path)
    assert (response.status, await response.text()) == (200, PAGE)
    assert response.headers["Cache-Control"] == "no-store"
    parts = (part.partition(" ") for part in response.headers["Content-Security-Policy"].split("; "))
    policy = {name: value for name, _, value in parts}
    for name in ("default-src", "form-action", "base-uri", "frame-ancestors"):
        assert policy[name] == "'none'", name
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)
    assert "microphone=(self)" in response.headers["Permissions-Policy"]


async def test_hashed_files_are_kept_for_good_and_others_are_not(opened: Open) -> None:
    client = await opened()
    script, icon = await client.get("/phone/assets/index-abc.js"), await client.get("/phone/icon.svg")
    assert (script.content_type, icon.content_type) == ("text/javascript", "image/svg+xml")
    assert "immutable" in script.headers["Cache-Control"]
    assert icon.headers["Cache-Control"] == "no-cache"
    assert {r.headers["X-Content-Type-Options"] for r in (script, icon)} == {"nosniff"}


@pytest.mark.parametrize(
    "path",
    [
        "/phone/assets/gone.js",
        "/phone/assets/notes.txt",
        "/phone/assets/..%2f..%2fsecret.js",
        "/phone/assets/%2e%2e/%2e%2e/secret.js",
        "/phone/assets/",
        "/phone/index.html",
    ],
)
async def test_there_is_nothing_beside_the_built_files(opened: Open, path: str) -> None:
    response = await (await opened()).get(URL(path, encoded=True))
    assert response.status == 404
    assert "not for the world" not in await response.text()


@pytest.mark.parametrize(
    ("there", "built", "status", "words"),
    [(True, False, 503, "cc.py setup"), (False, True, 404, "twilio.enabled"), (False, False, 404, "Twilio")],
)
async def test_where_there_is_none_the_page_says_why(
    opened: Open, *, there: bool, built: bool, status: int, words: str
) -> None:
    client = await opened(there=there, built=built)
    response = await client.get("/phone")
    text = await response.text()
    assert response.status == status
    assert words in text
    assert 'lang="zh-CN"' in text
    assert "<script" not in text
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert (await client.get("/phone/assets/index-abc.js")).status == 404


async def test_the_demos_customers_are_offered_where_one_may_be_them(company: Company) -> None:
    async with phone(company.url) as caller:
        [ready] = [line for line in caller.lines if line["type"] == "ready"]
        assert {"number": "+12025550101", "name": "Ada Wilson"} in ready["samples"]


@pytest.mark.parametrize(
    ("settings", "demo"), [(Phone(), Demo(seed=False)), (Phone(choose_number="never"), Demo())]
)
async def test_elsewhere_no_customer_is_offered(
    seeded: Path, tmp_path: Path, settings: Phone, demo: Demo
) -> None:
    async with open_company(seeded, tmp_path, settings, demo=demo) as company, phone(company.url) as caller:
        [ready] = [line for line in caller.lines if line["type"] == "ready"]
        assert ready["samples"] == []
