"""``/``: whoever opens the address that `serve` prints finds what there is to see, in English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

import msgspec
from aiohttp import web

from contact_center.config.sections import Company
from contact_center.web_headers import with_style

STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#f3f5f4}
main{max-width:44rem;margin:0 auto;padding:2rem 1rem}
ul{list-style:none;padding:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr))}
li a{display:block;padding:1rem;border:1px solid #c8d0cc;border-radius:.6rem;background:#fff;color:inherit}
li a{text-decoration:none;height:100%;box-sizing:border-box}
li a:hover,li a:focus-visible{outline:3px solid #1d6b3f;outline-offset:-1px}
b{display:block;font-size:1.1rem;color:#14532d}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}li a{background:#222;border-color:#444}
b{color:#7ddba3}li a:hover,li a:focus-visible{outline-color:#7ddba3}}
"""
POLICY: Final = with_style(STYLE)
_TAGS: Final = {"en": "en", "zh": "zh-CN"}


class Door(msgspec.Struct, frozen=True):
    """One way in: its address, and by language what it is and for whom."""

    address: str
    name: Mapping[str, str]
    about: Mapping[str, str]


DESK: Final = Door(
    "/desk",
    {"en": "The desk", "zh": "坐席工作台"},
    {
        "en": "For agents and supervisors: calls, chats, tickets, wallboard, call log.",
        "zh": "供坐席和班长使用：通话、聊天、工单、实时看板、通话记录。",
    },
)
PHONE: Final = Door(
    "/phone",
    {"en": "A customer's telephone", "zh": "客户电话"},
    {"en": "Call in from this browser.", "zh": "用这个浏览器打进来。"},
)
CHAT: Final = Door(
    "/chat/demo",
    {"en": "A page with the chat", "zh": "带聊天窗口的网页"},
    {"en": "Write to the bot and to agents.", "zh": "与机器人或坐席聊天。"},
)
API: Final = Door(
    "/api/docs",
    {"en": "The HTTP API", "zh": "HTTP 接口"},
    {"en": "For programs: every operation, with its fields.", "zh": "供程序使用：全部操作与字段说明。"},
)


class HomePage:
    """See the module. ``phone``, ``chat``: whether these are open here."""

    def __init__(self, company: Company, *, phone: bool, chat: bool) -> None:
        self.company = company
        self.doors = (DESK, *((PHONE,) if phone else ()), *((CHAT,) if chat else ()), API)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/", self.page)]

    async def page(self, request: web.Request) -> web.Response:
        """In the language that the browser asks for first."""
        first = request.headers.get("Accept-Language", "").strip().lower()
        language = "zh" if first.startswith("zh") else "en"
        name = escape(self.company.name_in(language))
        doors = "".join(
            f'<li><a href="{door.address}"><b>{door.name[language]}</b>{door.about[language]}</a></li>'
            for door in self.doors
        )
        text = (
            f'<!doctype html><html lang="{_TAGS[language]}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{name}</title><style>{STYLE}</style></head>"
            f"<body><main><h1>{name}</h1><ul>{doors}</ul></main></body></html>"
        )
        headers = {"Content-Security-Policy": POLICY, "Vary": "Accept-Language"}
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
