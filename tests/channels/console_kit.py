"""The terminal's cases."""

from __future__ import annotations

from typing import Any

import msgspec

from contact_center.channels import Console
from contact_center.channels.base import AnyEvent, CallStatus, Inbound, QueueWait, Take
from contact_center.channels.console import ConsoleSettings
from ivr_flows.inputs import Connected, Keys, Picked, QueueLeft, Recorded, Silent, Started, Words
from tests.channels.kit import Bad, Good, Kit, Pair, changed
from tests.channels.payloads import CUSTOMER

SECRET = "a-secret-of-this-machine"


def asked(event: str, /, remote: str = "127.0.0.1", **body: Any) -> Inbound:
    return sent(event, msgspec.json.encode({"session": "s1", "n": 4, "turn": 7} | body), remote)


def sent(event: str, body: bytes, remote: str = "127.0.0.1") -> Inbound:
    headers = {"authorization": f"Bearer {SECRET}", "content-type": "application/json"}
    return Inbound(event, "POST", f"/console/{event}", (), (), headers, body, remote)


def good(event: str, wanted: AnyEvent, key: str = "console:s1:4", **body: Any) -> Good:
    fields = {"channel": "console", "open_key": "console:s1", "key": key, "turn": 7, "provider_ref": "s1"}
    return Good(f"{event} {body}", asked(event, **body), wanted, fields | {"opens": None})


GOOD = [
    Good(
        "a call",
        asked("start", **{"from": CUSTOMER, "to": "1002", "language": "zh"}),
        Take(Started()),
        {"channel": "console", "open_key": "console:s1"},
        {"channel": "console", "from_address": CUSTOMER, "to_address": "1002", "identity_kind": "phone",
         "provider_ref": "s1", "language": "zh", "replyable": True},
    ),
    Good("a chat", asked("start", **{"as": "chat"}), Take(Started()), {"channel": "console_chat"},
         {"channel": "console_chat", "from_address": "", "identity_kind": "", "replyable": False}),
    good("keys", Take(Keys("12*#")), digits="1 2*#x"),
    good("keys", Take(Silent()), digits=""),
    good("words", Take(Words("hello", None)), text=" hello "),
    good("words", Take(Words("你好", 0.5)), text="你好", confidence=0.5),
    good("words", Take(Silent()), text=" "),
    good("pick", Take(Picked("sales")), value="sales"),
    good("silence", Take(Silent())),
    good("recorded", Take(Recorded(3.5, hung_up=True)), seconds=3.5, hung_up=True),
    good("connect_ended", Take(Connected("answered", 12)), outcome="answered", seconds=12.0),
    good("queue_left", Take(QueueLeft("answered")), reason="answered"),
    good("wait", QueueWait(2), key="", page=2),
    good("resume", Take(Started()), key=""),
    good("hang_up", CallStatus("completed", final=True)),
]  # fmt: skip

BAD = [
    Bad("no body", sent("keys", b"")),
    Bad("no object", sent("keys", b"[]")),
    Bad("no JSON", sent("keys", b"{")),
    Bad("no UTF-8", sent("keys", b'{"session": "\xff"}')),
    Bad("deep JSON", sent("keys", b'{"a":' * 50_000)),
    Bad("no session", sent("keys", b"{}")),
    Bad("an odd session", asked("keys", session="a b")),
    Bad("a wrong type", asked("keys", digits=1)),
    Bad("a wrong kind", asked("start", **{"as": "fax"})),
    Bad("a negative count", asked("keys", n=-1)),
    Bad("a negative page", asked("wait", page=-1)),
    Bad("a negative turn", asked("keys", turn=-1)),
    Bad("an outcome that is none", asked("connect_ended", outcome="great")),
    Bad("a reason that is none", asked("queue_left", reason="bored")),
    Bad("seconds that are none", asked("recorded", seconds=-1.0)),
    Bad("a confidence that is none", asked("words", text="x", confidence=2.0)),
    Bad("no such event", asked("explode"), 404),
]

RIGHT = asked("keys", digits="1")
FORGED = [
    ("no secret", changed(RIGHT, headers={})),
    ("another secret", changed(RIGHT, headers={"authorization": "Bearer other"})),
    ("the secret without its scheme", changed(RIGHT, headers={"authorization": SECRET})),
    ("from elsewhere", asked("keys", remote="203.0.113.9")),
    ("from who knows where", asked("keys", remote="")),
    ("through a proxy", changed(RIGHT, headers=dict(RIGHT.headers) | {"x-forwarded-for": "203.0.113.9"})),
    ("through another proxy", changed(RIGHT, headers=dict(RIGHT.headers) | {"forwarded": "for=203.0.113.9"})),
    ("letters that are none", changed(RIGHT, headers={"authorization": "Bearer \ud800"})),
]

PAIRS = [
    Pair("the same request", RIGHT, asked("keys", digits="1"), True),
    Pair("from the same machine by IPv6", RIGHT, asked("keys", "::1", digits="1"), True),
    Pair("and by IPv4 within IPv6", RIGHT, asked("keys", "::ffff:127.0.0.1", digits="1"), True),
    Pair("the next request", RIGHT, asked("keys", n=5, digits="1"), False),
    Pair("somebody else's request", RIGHT, asked("keys", session="s2", digits="1"), False),
]


def random(route: str, query: list[tuple[str, str]], form: list[tuple[str, str]], body: bytes) -> Inbound:
    if not body:
        body = msgspec.json.encode(
            {"session": "s1"} | {name: value for name, value in form if name.isprintable()}
        )
    return Inbound(route, "POST", f"/console/{route}", tuple(query), tuple(form), {}, body, "127.0.0.1")


KIT = Kit(
    Console(ConsoleSettings(secret=SECRET)), GOOD, BAD, FORGED, PAIRS, ["4155550123", SECRET, "hello"], random
)
