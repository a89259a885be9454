"""The web chat's cases: lines as the socket hands them on."""

from __future__ import annotations

from typing import Any

import msgspec

from contact_center.channels import WebChat
from contact_center.channels.base import CallStatus, Inbound, Media, MessageIn, Take
from contact_center.channels.webchat import SOCKET
from ivr_flows.inputs import Started
from tests.channels.kit import Bad, Good, Kit, Pair, changed

VISITOR = "vis_01kjp4c5804tff59tdwh9edd83"
HEADERS = {"visitor": VISITOR, "identity": "", "language": "zh"}


def said(event: str, /, **body: Any) -> Inbound:
    return sent(event, msgspec.json.encode({"type": event, "id": "l-1"} | body))


def sent(event: str, body: bytes) -> Inbound:
    return Inbound(event, SOCKET, "/chat/socket", (), (), HEADERS, body, "127.0.0.1")


def message(text: str, picked: str = "", media: tuple[Media, ...] = ()) -> MessageIn:
    return MessageIn(text, f"{VISITOR}:l-1", media, picked)


FIELDS = {"channel": "web", "open_key": f"web:{VISITOR}", "key": f"web:{VISITOR}:l-1", "provider_ref": ""}
STRANGER = {
    "channel": "web", "from_address": VISITOR, "identity_kind": "", "provider_ref": VISITOR, "language": "zh",
}  # fmt: skip
KNOWN = HEADERS | {"identity": "user-1"}
PHOTO = (("/chat/files/att_1", "image/png"),)

GOOD = [
    Good("the beginning", said("start", form={"name": " Eve ", "other": "x", "email": ""}, line="shop"),
         Take(Started()), FIELDS, STRANGER | {"to_address": "shop", "facts": {"name": "Eve"}}),
    Good("of somebody whom the host names",
         changed(said("start", language="en"), headers=KNOWN), Take(Started()), FIELDS,
         {"from_address": "user-1", "identity_kind": "web", "provider_ref": VISITOR, "language": "en"}),
    Good("words", said("say", text=" hello\x00 "), message("hello"), FIELDS, STRANGER),
    Good("long words", said("say", text="好" * 5_000), message("好" * 4_000), FIELDS, STRANGER),
    Good("a button", said("say", text="My order", picked="orders"), message("My order", "orders"), FIELDS),
    Good("a button without a label", said("say", picked="orders"), message("orders", "orders"), FIELDS),
    Good("a file", changed(said("say"), form=PHOTO),
         message("", media=(Media("/chat/files/att_1", "image/png"),)), FIELDS),
    Good("good-bye", said("end"), CallStatus("completed", final=True), FIELDS | {"opens": None}),
]  # fmt: skip

BAD = [
    Bad("no body", sent("say", b"")),
    Bad("no JSON", sent("say", b"{")),
    Bad("no object", sent("say", b"[]")),
    Bad("too deep", sent("say", b"[" * 100_000)),
    Bad("no id", sent("say", b'{"text": "x"}')),
    Bad("an id with blanks", said("say", id="a b", text="x")),
    Bad("a long id", said("say", id="x" * 37, text="x")),
    Bad("nothing said", said("say", text=" \x00")),
    Bad("a line that is a path", said("start", line="../x")),
    Bad("a form that is none", said("start", form={"name": 1})),
    Bad("another line", changed(said("say", text="x"), route="typing"), 404),
]

FORGED = [
    ("over HTTP", changed(said("say", text="x"), method="POST")),
    ("from nobody", changed(said("say", text="x"), headers={})),
    ("from an empty visitor", changed(said("say", text="x"), headers={"visitor": ""})),
]

PAIRS = [
    Pair("the same line again", said("say", text="x"), said("say", text="x"), True),
    Pair("another line", said("say", text="x"), said("say", id="l-2", text="x"), False),
    Pair("another visitor's", said("say", text="x"),
         changed(said("say", text="x"), headers=HEADERS | {"visitor": "vis_2"}), False),
]  # fmt: skip


def random(route: str, query: list[tuple[str, str]], form: list[tuple[str, str]], body: bytes) -> Inbound:
    return Inbound(route, SOCKET, "/chat/socket", tuple(query), tuple(form), HEADERS, body)


KIT = Kit(WebChat(), GOOD, BAD, FORGED, PAIRS, [], random)
