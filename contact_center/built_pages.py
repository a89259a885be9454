"""Pages for the browser as `web/` was built into a folder: their headers, and their files.

Files under ``assets/`` carry a hash of their content in their names and are kept by browsers for good; a page
is never kept, so that a new build is seen at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from contact_center import web_headers

STATIC: Final = Path(__file__).resolve().parent / "static"
ASSETS: Final = "assets/"
HEADERS: Final = web_headers.HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


def html(text: str, policy: str, *, status: int = 200) -> web.Response:
    """A page with its Content-Security-Policy."""
    headers = HEADERS | {"Content-Security-Policy": policy}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)


def built_file(folder: Path, name: str, kind: str | None) -> web.StreamResponse:
    """One of the built files, nothing outside of their folder. ``kind``: media type, None is refused."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file() or kind is None:
        return no_file()
    kept = "public, max-age=31536000, immutable" if name.startswith(ASSETS) else "no-cache"
    headers = HEADERS | {
        "Content-Type": kind,
        "Cache-Control": kept,
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.FileResponse(path, headers=headers)


def no_file() -> web.Response:
    """The answer where there is no such file."""
    return web.Response(status=404, text="There is no such file.\n", headers=HEADERS)
