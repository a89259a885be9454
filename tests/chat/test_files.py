"""Files: what is taken, under which name it is given out, and to whom."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.chat.sniffing import KNOWN, safe_name
from crm_store.store import Store
from tests.api.conftest import ON_BOTH
from tests.chat.site import Site, Visitor, opened_site
from tests.chat.test_conversation import with_agent

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(30)
HTML = b"<html><script>alert(1)</script>"


async def upload(
    site: Site, visitor: Visitor, body: bytes, kind: str = "image/png", name: str = "photo.png", **more: str
) -> tuple[int, dict[str, Any]]:
    """Status and answer of an upload."""
    headers = {
        "Authorization": f"ChatSession {visitor.session}",
        "Content-Type": kind,
        "X-File-Name": quote(name),
    } | more
    async with site.http.post(site.url("/chat/files"), data=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def fetch(site: Site, file_id: str, authorization: str) -> tuple[int, bytes, dict[str, str]]:
    headers = {"Authorization": authorization} if authorization else {}
    async with site.http.get(site.url(f"/chat/files/{file_id}"), headers=headers) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def visiting(site: Site) -> Visitor:
    visitor = await Visitor(site).come()
    await visitor.phase("none")
    return visitor


@ON_BOTH
async def test_a_file_goes_with_a_message_to_the_agent_and_back_to_its_visitor_only(site: Site) -> None:
    eve, mallory = await visiting(site), await visiting(site)
    contact_id = await with_agent(site, eve)
    status, sent = await upload(site, eve, PNG, name="../../etc/我的 照片.png")
    assert (status, sent["name"], sent["size"]) == (201, "我的 照片.png", len(PNG))
    await eve.say("look", files=[sent["id"]])
    shown = await eve.message("look")
    assert shown["files"] == [sent]
    page = await site.ask("GET", f"/contacts/{contact_id}/messages")
    assert page["items"][-1]["media"] == [
        {
            "url": f"/chat/files/{sent['id']}",
            "content_type": "image/png",
            "name": "我的 照片.png",
            "size": len(PNG),
        }
    ]
    for who in (f"ChatSession {eve.session}", f"Bearer {site.secret}"):
        status, body, headers = await fetch(site, sent["id"], who)
        assert (status, body) == (200, PNG)
        assert headers["Content-Disposition"].startswith('attachment; filename="')
        assert quote("我的 照片.png") in headers["Content-Disposition"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Type"] == "image/png"
        assert "sandbox" in headers["Content-Security-Policy"]
    nobody = (f"ChatSession {mallory.session}", "ChatSession x", "ChatToken x", "Chat")
    assert [(await fetch(site, sent["id"], who))[0] for who in nobody] == [404, 404, 404, 404]
    assert [(await fetch(site, sent["id"], who))[0] for who in ("", "Bearer cc_x")] == [401, 401]
    assert (await fetch(site, "att_none", f"ChatSession {eve.session}"))[0] == 404
    stolen = await mallory.say("mine?", files=[sent["id"]])
    assert (await mallory.until(lambda line: line["type"] == "refused"))["line"] == stolen
    [file] = (site.folder / "files").iterdir()
    assert file.name.isalnum(), "the visitor's name of it is nowhere on our disk"


NOT_TAKEN = [
    (HTML, "text/html", 415, "type"),
    (b"<svg onload='alert(1)'/>", "image/svg+xml", 415, "type"),
    (b"PK\x03\x04", "application/zip", 415, "type"),  # known, and not configured
    (HTML, "image/png", 415, "content"),
    (PNG, "image/jpeg", 415, "content"),
    (PNG, "text/plain", 415, "content"),
    ("é".encode()[:1], "text/plain", 415, "content"),
    (b"text\x00text", "text/plain", 415, "content"),
    (b"", "image/png", 400, "empty"),
    (PNG + bytes(2000), "image/png", 413, "size"),
    (b"a" * 3000 + b"\xff", "text/plain", 413, "size"),
]


async def test_what_is_not_taken_leaves_nothing(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, max_file_bytes=1000) as site:
        visitor = await visiting(site)
        for body, kind, status, reason in NOT_TAKEN:
            assert await upload(site, visitor, body, kind) == (status, {"reason": reason}), (kind, reason)
        folder = site.folder / "files"
        assert not folder.exists() or not list(folder.iterdir())
        assert await site.centre.rows("attachments") == 0


async def test_a_body_of_unknown_length_is_measured_as_it_comes(store: Store, tmp_path: Path) -> None:
    async def endless() -> Any:
        yield PNG
        for _ in range(50):
            yield bytes(100)

    async with opened_site(store, tmp_path, max_file_bytes=1000) as site:
        visitor = await visiting(site)
        assert await upload(site, visitor, endless()) == (413, {"reason": "size"})
        assert list((site.folder / "files").iterdir()) == []


async def test_strangers_and_foreign_pages_upload_nothing(site: Site) -> None:
    visitor = await visiting(site)
    assert (await upload(site, visitor, PNG, Origin="https://evil.example"))[0] == 403
    for nobody in ("", "ChatSession ", "ChatSession x", f"Bearer {visitor.session}"):
        assert (await upload(site, visitor, PNG, Authorization=nobody))[0] == 401


async def test_files_that_go_with_no_message_have_an_end(store: Store, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path, max_file_bytes=len(PNG)) as site:
        visitor = await visiting(site)
        taken = [(await upload(site, visitor, PNG))[0] for _ in range(6)]
        assert taken == [201, 201, 201, 201, 201, 429]


@pytest.mark.parametrize(
    ("given_name", "kind", "safe"),
    [
        ("photo.png", "image/png", "photo.png"),
        ("photo.JPEG", "image/jpeg", "photo.jpeg"),
        ("C:\\temp\\a.pdf", "application/pdf", "a.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("evil.exe", "image/png", "evil.exe.png"),
        ("photo\u202egnp.exe", "image/png", "photognp.exe.png"),
        ("", "image/png", "file.png"),
        (".png", "image/png", "png.png"),
        ("con.png", "image/png", "file_con.png"),
        ('a"b\r\n: x.png', "image/png", "a_b_ x.png"),
        ("报价单.csv", "text/plain", "报价单.csv"),
    ],
)
def test_names_made_safe(given_name: str, kind: str, safe: str) -> None:
    assert safe_name(given_name, kind) == safe


@given(st.text(max_size=300), st.sampled_from(sorted(KNOWN)))
def test_any_name_is_made_safe(given_name: str, kind: str) -> None:
    name = safe_name(given_name, kind)
    assert 1 < len(name) <= 110
    assert not set(name) & set('\x00\r\n/\\:*?"<>|%')
    assert name == name.strip()
    assert not name.startswith(".")
    assert safe_name(name, kind) == name


async def send_up(
    site: Site, contact_id: str, body: bytes, kind: str = "image/png", secret: str = ""
) -> tuple[int, dict[str, Any]]:
    """Status and answer of an upload by the agent."""
    headers = {
        "Authorization": f"Bearer {secret or site.secret}",
        "Content-Type": kind,
        "X-File-Name": quote("../plan <b>.png"),
    }
    url = site.url(f"/chat/contacts/{contact_id}/files")
    async with site.http.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.json()


@ON_BOTH
async def test_an_agent_sends_a_file(site: Site) -> None:
    eve, mallory = await visiting(site), await visiting(site)
    contact_id = await with_agent(site, eve)
    status, sent = await send_up(site, contact_id, PNG)
    assert (status, sent["name"], sent["size"]) == (201, "plan _b_.png", len(PNG))
    stolen = await eve.say("mine?", files=[sent["id"]])
    assert (await eve.until(lambda line: line["type"] == "refused"))["line"] == stolen
    path = f"/contacts/{contact_id}/messages"
    message = await site.ask("POST", path, {"files": [sent["id"]]})
    assert message["media"][0]["name"] == "plan _b_.png"
    shown = await eve.until(lambda line: line["type"] == "message" and line["id"] == message["id"])
    assert (shown["by"], shown["files"]) == ("agent", [sent])
    assert (await fetch(site, sent["id"], f"ChatSession {eve.session}"))[:2] == (200, PNG)
    assert (await fetch(site, sent["id"], f"ChatSession {mallory.session}"))[0] == 404
    headers = {"Authorization": f"Bearer {site.secret}"}
    for body, status in (
        ({"files": [sent["id"]]}, 409),  # sent already
        ({"files": ["att_none"]}, 422),
        ({"text": ""}, 422),
    ):
        async with site.http.post(site.url(f"/api/v1{path}"), json=body, headers=headers) as answer:
            assert answer.status == status, await answer.text()


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (HTML, "text/html", 415, "wrong_type"),
        (HTML, "image/png", 415, "wrong_type"),
        (PNG + bytes(2000), "image/png", 413, "too_large"),
        (b"", "image/png", 400, "bad_request"),
    ],
)
async def test_what_an_agent_may_not_send(
    store: Store, tmp_path: Path, body: bytes, kind: str, status: int, code: str
) -> None:
    async with opened_site(store, tmp_path, max_file_bytes=1000) as site:
        contact_id = await with_agent(site, await visiting(site))
        found, problem = await send_up(site, contact_id, body, kind)
        assert (found, problem["code"]) == (status, code)


async def test_only_who_has_the_chat_sends_files_there(site: Site) -> None:
    eve = await visiting(site)
    contact_id = await with_agent(site, eve)
    assert (await send_up(site, "con_none", PNG))[0] == 404
    assert (await send_up(site, contact_id, PNG, secret="cc_x"))[0] == 401
    await eve.act("end")
    await eve.phase("ended")
    status, problem = await send_up(site, contact_id, PNG)
    assert (status, problem["code"]) == (409, "refused")
