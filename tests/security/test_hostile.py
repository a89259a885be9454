"""What people write to do harm comes out as what it is: words, in JSON, CSV, TwiML, HTML and headers."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from itertools import product
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree

import msgspec
import pytest
from yarl import URL

from contact_center.api.export import as_lines
from contact_center.channels import TwilioMessaging, TwilioVoice
from contact_center.channels.base import OutMessage, Reply
from contact_center.chat.files import _saved_as
from contact_center.chat.sniffing import safe_name
from crm_store import attachments, contacts, schema
from ivr_flows.instructions import Say
from tests.channels.payloads import message, settings
from tests.security.office import Office
from tests.security.test_sockets import visitor

WORDS: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "{% for x in range(10**9) %}{% endfor %}",
    '=HYPERLINK("http://evil.example","x")',
    "+1+1|cmd",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "＝1+1",
    "a\r\nSet-Cookie: evil=1\r\n\r\n<html>",
    "\u202egnp.exe\u202c",
    "\u2066\u200b\ufeff",
    "%' OR 1=1 --",
    "_%_\\",
    "&amp; &lt; ]]> <!-- -->",
    "\U0001f4a5\u0301" * 20,
    "__proto__",
    "</textarea></style></title>",
)
NOT_TEXT: Final = (b'"\\u0000"', b'"\\ud800"', b'"\\udfff\\ud800"', b'"\x00"', b'"\xff\xfe"')
ESCAPED: Final = ("<script", "<img", "</textarea")


async def test_words_come_back_as_they_were_written(office: Office) -> None:
    for words in WORDS:
        office.room.live._buckets.clear()  # type: ignore[attr-defined]  # nobody meets a limit
        await come_back(office, words)


async def come_back(office: Office, words: str) -> None:
    api, said = office.api, words.strip()
    made = await api.ask("POST", "/customers", {"name": words, "notes": words}, role="agent")
    assert made.status == 201, await made.text()
    assert made.content_type == "application/json"
    assert made.headers["X-Content-Type-Options"] == "nosniff"
    customer = await made.json()
    assert customer["name"].strip() == said
    ticket = {"subject": words, "category": "complaint", "customer_id": customer["id"], "description": words}
    opened = await api.ask("POST", "/tickets", ticket, role="agent")
    assert opened.status == 201, await opened.text()
    number = (await opened.json())["number"]
    await (await api.ask("POST", f"/tickets/{number}/notes", {"text": words}, role="agent")).release()
    assert (await api.get(f"/tickets/{number}", role="agent"))["subject"].strip() == said
    path = f"/contacts/{office.ids['contact_id']}"
    for where, body in (("notes", {"text": words}), ("messages", {"text": words})):
        async with await api.ask("POST", f"{path}/{where}", body, role="agent") as answer:
            assert answer.status < 300, await answer.text()
    timeline = await api.get(f"{path}/timeline", role="agent")
    assert said in json.dumps(timeline, ensure_ascii=False).encode().decode("unicode_escape", "ignore") or (
        json.dumps(said, ensure_ascii=False)[1:-1] in json.dumps(timeline, ensure_ascii=False)
    )
    assert "49" not in customer["name"]


async def test_words_that_are_searched_for_are_only_words(office: Office) -> None:
    for words in WORDS:
        await search(office, words)


async def search(office: Office, words: str) -> None:
    for path, name in (
        ("/customers", "text"), ("/customers", "tag"), ("/log", "words"), ("/log", "path"),
        ("/contacts", "tag"),
        ("/contacts", "address"), ("/tickets", "category"), ("/orders", "status"), ("/audit", "actor"),
    ):  # fmt: skip
        response = await office.api.ask("GET", path, params={name: words})
        text = await response.text()
        assert response.status in (200, 422), (path, name, text)
        if response.status == 200:
            assert json.loads(text)["items"] == [], (path, name)
        else:
            assert response.content_type == "application/problem+json"
        office.room.live._buckets.clear()  # type: ignore[attr-defined]


async def test_what_is_no_text_is_refused(office: Office) -> None:
    before = await office.state()
    fields = {"/customers": "name", "/tickets": "subject"} | {
        f"/contacts/{office.ids['contact_id']}/{what}": "text" for what in ("messages", "notes")
    }
    for raw, (path, field) in product(NOT_TEXT, fields.items()):
        body = b'{"category": "complaint", "%s": %s}' if path == "/tickets" else b'{"%s": %s}'
        data = body % (field.encode(), raw)
        headers = {"Content-Type": "application/json"}
        response = await office.api.ask("POST", path, role="agent", data=data, headers=headers)
        assert response.status in (400, 422), path
    assert await office.state() == before


async def test_huge_words_are_refused(office: Office) -> None:
    before = await office.state()
    for size, path in ((100_000, "/customers"), (2_000_000, "/customers"), (900_000, "/tickets")):
        body = {"name": "x" * size} if path == "/customers" else {"subject": "x" * size, "category": "x"}
        response = await office.api.ask("POST", path, body, role="agent")
        assert response.status in (413, 422)
    assert await office.state() == before


async def test_no_cell_of_an_export_is_a_formula(office: Office) -> None:
    def spoil(connection: Any) -> list[contacts.Contact]:
        page = contacts.list_contacts(connection, contacts.ContactFilter(), limit=50)
        for contact, words in zip(page.items * 10, WORDS, strict=False):
            values = {"reason": words[:100], "from_address": words[:60], "tags": [words, "late"]}
            connection.execute(
                schema.contacts.update().where(schema.contacts.c.id == contact.id).values(values)
            )
        return list(contacts.list_contacts(connection, contacts.ContactFilter(), limit=50).items)

    found = await office.room.store.write(spoil)
    for words in WORDS:
        [row] = csv.reader(io.StringIO(as_lines([_with(found[0], words)], "csv"), newline=""))
        for cell in row:
            assert cell[:1] not in set("=+-@\t\r\n＝＋－＠") or cell[1:].isdigit(), (words, cell)
    response = await office.api.ask("GET", "/log/export?format=csv")
    assert response.status == 200
    assert (response.content_type, response.charset) == ("text/csv", "utf-8")
    assert response.headers["Content-Disposition"] == 'attachment; filename="contacts.csv"'
    rows = list(csv.reader(io.StringIO(await response.text(), newline="")))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == len(found) + 1


def _with(contact: contacts.Contact, words: str) -> contacts.Contact:
    return msgspec.structs.replace(contact, reason=words, from_address=words, tags=(words, "late"))


@pytest.mark.parametrize("words", [*WORDS, "\x00\x07\x1b", "\ud800", "\ufffe\uffff"])
def test_twiml_says_words_and_nothing_else(words: str) -> None:
    voice, text = TwilioVoice(settings()), TwilioMessaging(settings())
    reply = Reply("con_1", 1, "en", (Say(words, "en"),), (OutMessage("msg_1", words),))
    spoken = voice.render(reply, message(route="incoming")).body
    written = text.render(reply, message(route="incoming")).body
    for body in (spoken, written):
        root = ElementTree.fromstring(body.encode())
        names = {element.tag for element in root.iter()}
        assert names <= {"Response", "Say", "Message", "Body", "Hangup", "Redirect", "Pause"}, names
        for sign in ESCAPED:
            assert sign not in body


NAMES: Final = (
    *WORDS,
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "CON",
    "a" * 500,
    ".htaccess",
    "x.html",
    "x.svg",
    'a"; filename="b.exe',
    "a\x00.png",
    "\ud800.png",
    "文件.png",
    "",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_stays_inside_its_header(name: str) -> None:
    safe = safe_name(name, "image/png")
    found = attachments.Attachment(
        id="att_1", visitor_id="vis_1", stored_as="s", name=safe, content_type="image/png", size=1,
        created_at=None,  # type: ignore[arg-type]  # nobody looks
    )  # fmt: skip
    header = _saved_as(found)["Content-Disposition"]
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith('attachment; filename="')
    assert header.count('"') == 2
    assert not set("/\\") & set(safe)
    assert not safe.startswith(".")
    assert safe.lower().endswith(".png")
    assert not any(letter in safe for letter in "\u202e\u2066\u200b\r\n\x00<>")
    assert len(safe) <= 120


async def test_a_file_of_any_name_is_taken_and_given_back(office: Office) -> None:
    for name in NAMES:
        office.room.live._buckets.clear()  # type: ignore[attr-defined]  # nobody meets a limit
        await give_back(office, name)


async def give_back(office: Office, name: str) -> None:
    mine = {"Authorization": f"ChatSession {office.ids['visit']}"}
    sent = mine | {"X-File-Name": quote(name.encode(errors="replace")), "Content-Type": "text/plain"}
    made = await office.client.post("/chat/files", data=b"hello", headers=sent)
    assert made.status == 201, await made.text()
    assert made.content_type == "application/json"
    got = await office.client.get(f"/chat/files/{(await made.json())['id']}", headers=mine)
    assert (got.status, await got.read()) == (200, b"hello")
    assert "Set-Cookie" not in got.headers
    assert got.headers["Content-Disposition"].startswith("attachment")


LIARS: Final = (
    ("text/html", b"<script>"),
    ("image/svg+xml", b"<svg onload=alert(1)>"),
    ("image/png", b"<script>alert(1)</script>"),
    ("text/plain", b"\x00\x01"),
    ("image/gif", b"GIF89"),
    ("application/pdf", b"MZ"),
    ("image/png", b""),
)


async def test_a_file_is_what_it_says_it_is(office: Office) -> None:
    before = await office.state()
    for kind, data in LIARS:
        headers = {"Authorization": f"ChatSession {office.ids['visit']}", "Content-Type": kind}
        response = await office.client.post("/chat/files", data=data, headers=headers)
        assert response.status in (400, 415), kind
    assert await office.state() == before
    assert len(list((office.folder / "files").iterdir())) == 1


async def test_a_visitors_words_reach_the_agent_as_words(awake: Office) -> None:
    async with visitor(awake) as one:
        await one.socket.send_json(
            {"type": "start", "id": "l1", "form": {"name": WORDS[0], "email": WORDS[1]}}
        )
        await one.until(lambda line: line.get("wants") == "answer")
        for number, words in enumerate(WORDS):
            await one.socket.send_json({"type": "say", "id": f"w{number}", "text": words})
            line = await one.until(
                lambda line, number=number: line.get("line") == f"w{number}"  # type: ignore[misc]
            )
            assert line["type"] == "refused" or line["text"].strip() == words.strip(), words
        for raw in ('{"type":"say","id":"x","text":"\\ud800"}', '{"type":"say","id":"y","text":"\\u0000"}'):
            await one.socket.send_str(raw)
        for line in ("[" * 3000, '{"type": 1}', "null", '"say"'):
            await one.socket.send_str(line)
        await one.socket.send_json({"type": "say", "id": "z", "text": "still here"})
        await one.until(lambda line: line.get("line") == "z")
    texts = []
    for contact in {line["contact"] for line in one.lines if line.get("contact")}:
        found = await awake.api.ask("GET", f"/contacts/{contact}/messages", role="agent")
        assert found.content_type == "application/json"
        texts += [each["text"] for each in (await found.json())["items"]]
    assert WORDS[0] in texts
    assert "49" not in " ".join(texts)


HEADERS: Final = (
    "Origin",
    "Cookie",
    "Authorization",
    "X-CSRF-Token",
    "X-Forwarded-For",
    "X-File-Name",
    "Host",
)
VALUES: Final = (
    b"\xff\xfe", b"http://[", b"http://]:x", "é".encode(), b"x" * 4000, b"cc_session=\xff; cc_session=x",
    b"Bearer \xff", b"Bearer cc_\xed\xa0\x80", b"ChatSession \xff", b"ChatToken a.b.\xff", b"Basic \xff",
)  # fmt: skip
DOORS: Final = (
    ("GET", "/api/v1/session"), ("POST", "/api/v1/session"), ("GET", "/api/v1/contacts"),
    ("GET", "/chat/socket"), ("GET", "/phone/socket"), ("GET", "/api/v1/desk"), ("POST", "/chat/files"),
    ("GET", "/chat/files/x"), ("POST", "/console/start"), ("POST", "/api/v1/bot/actions/x"),
    ("GET", "/local/x"), ("POST", "/twilio/voice/incoming"), ("PUT", "/phone/recordings/x/0"),
)  # fmt: skip


async def test_hostile_headers_break_nothing(office: Office) -> None:
    """As bytes on the wire: a client would not send some of these."""
    for (method, path), header, value in product(DOORS, HEADERS, VALUES):
        lines = [f"{method} {path} HTTP/1.1".encode(), header.encode() + b": " + value]
        lines += [b"Content-Length: 0", b"Connection: close"] + ([] if header == "Host" else [b"Host: here"])
        reader, writer = await asyncio.open_connection(office.client.host, office.client.port)
        writer.write(b"\r\n".join([*lines, b"", b""]))
        answer = await reader.read()
        writer.close()
        status = int(answer.split(b" ", 2)[1])
        assert status < 500, (method, path, header, value)
        office.room.live._buckets.clear()  # type: ignore[attr-defined]  # nobody meets a limit


async def test_hostile_addresses_lead_nowhere(office: Office) -> None:
    for path in ("/%00", "/%0d%0aSet-Cookie:%20x=1", "/desk/%0d%0ax", "/desk/..%2f..%2fstore.db"):
        response = await office.client.get(URL(path, encoded=True), allow_redirects=False)
        assert response.status in (200, 400, 404, 503), path
        assert "Set-Cookie" not in response.headers
        assert "SQLite" not in await response.text()
