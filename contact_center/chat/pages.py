"""``/chat/widget.js``, which web sites embed, and ``/chat/demo``, a page that does.

The script may be loaded by any site; whether it may chat is decided by the socket. The page's policy allows
no script and no style but files of ours: the widget works under the strictest one that a host can have.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from contact_center.built_pages import STATIC

BUILT: Final = STATIC / "widget"
_FILES: Final = {"widget.js": "text/javascript", "demo.css": "text/css"}
_LANGUAGES: Final = {"en": "en", "zh": "zh-CN"}
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The chat is not built</title></head><body>
<h1>The chat is not built</h1>
<p>Run <code>python3 cc.py setup</code> in the project's folder, then reload this page.</p>
<p lang="zh-CN">聊天组件尚未构建：请在项目目录运行 <code>python3 cc.py setup</code>，然后刷新本页。</p>
</body></html>
"""


class ChatPages:
    """See the module. ``folder``: what was built."""

    def __init__(self, folder: Path = BUILT) -> None:
        self.folder = folder

    def routes(self) -> list[web.RouteDef]:
        """The script, the page and its style sheet."""
        return [
            web.get("/chat/{file:widget\\.js|demo\\.css}", self.file),
            web.get("/chat/demo", self.demo),
        ]

    async def file(self, request: web.Request) -> web.StreamResponse:
        """One of the built files."""
        name = request.match_info["file"]
        path = self.folder / name
        if not path.is_file():
            text = "The chat is not built; run python3 cc.py setup.\n"
            return web.Response(status=404, text=text, headers=_HEADERS)
        more = {"Content-Type": f"{_FILES[name]}; charset=utf-8"}
        return web.FileResponse(
            path, headers=_HEADERS | more | {"Cross-Origin-Resource-Policy": "cross-origin"}
        )

    async def demo(self, request: web.Request) -> web.StreamResponse:
        """The page of a site that has embedded the chat; ``?language=zh`` in Chinese."""
        headers = _HEADERS | {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
        try:
            text, status = (self.folder / "demo.html").read_text("utf-8"), 200
        except FileNotFoundError:
            text, status = NOT_BUILT, 503
        language = _LANGUAGES.get(request.query.get("language", ""), "en")
        text = text.replace('<html lang="en"', f'<html lang="{language}"', 1)
        return web.Response(
            text=text, status=status, content_type="text/html", charset="utf-8", headers=headers
        )
