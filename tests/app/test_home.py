"""The first page that a browser shows: the ways in that are open, in the visitor's language."""

from __future__ import annotations

import re

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from contact_center.config.sections import Company
from contact_center.home import HomePage


async def shown(home: HomePage, language: str) -> tuple[ClientResponse, str]:
    app = web.Application()
    app.add_routes(home.routes())
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/", headers={"Accept-Language": language})
        return response, await response.text()


@pytest.mark.parametrize(
    ("phone", "chat", "doors"),
    [
        (True, True, ["/desk", "/phone", "/chat/demo", "/api/docs"]),
        (False, False, ["/desk", "/api/docs"]),
    ],
)
async def test_only_what_is_open_is_shown(phone: bool, chat: bool, doors: list[str]) -> None:
    _, text = await shown(HomePage(Company(), phone=phone, chat=chat), "en-GB,en")
    assert re.findall(r'href="([^"]+)"', text) == doors


@pytest.mark.parametrize(
    ("asked", "tag", "name"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "示例公司"),
        ("de,en;q=0.5", "en", "Example"),
        ("", "en", ""),
    ],
)
async def test_it_speaks_the_visitors_language(asked: str, tag: str, name: str) -> None:
    company = Company(name={"en": "Example", "zh": "示例公司"})
    _, text = await shown(HomePage(company, phone=True, chat=True), asked)
    assert f'<html lang="{tag}">' in text
    assert f"<h1>{name}" in text


async def test_a_companys_name_is_only_words() -> None:
    response, text = await shown(HomePage(Company(name={"en": "<b>&"}), phone=True, chat=True), "en")
    assert "<h1>&lt;b&gt;&amp;</h1>" in text
    assert "script" not in response.headers["Content-Security-Policy"]
