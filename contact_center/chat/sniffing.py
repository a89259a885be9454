"""What a file really is, by its first bytes; and names of files that can do no harm.

Only types are taken that can be told by their content, and none that a browser would run (HTML, SVG,
scripts).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from typing import Final

HEAD: Final = 512
"""Bytes that are looked at (a text is looked at in whole, see `is_text`)."""

LONGEST_NAME: Final = 100


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(heads)


def _webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def is_text(piece: bytes) -> bool:
    """Whether this is the beginning of a text in UTF-8 without control characters."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(piece)
    except UnicodeDecodeError:
        return False
    return not any(character < " " and character not in "\t\n\r\f" for character in text)


KNOWN: Final[dict[str, tuple[Callable[[bytes], bool], str]]] = {
    "image/png": (_starts(b"\x89PNG\r\n\x1a\n"), ".png"),
    "image/jpeg": (_starts(b"\xff\xd8\xff"), ".jpg"),
    "image/gif": (_starts(b"GIF87a", b"GIF89a"), ".gif"),
    "image/webp": (_webp, ".webp"),
    "application/pdf": (_starts(b"%PDF-"), ".pdf"),
    "text/plain": (is_text, ".txt"),
    "application/zip": (_starts(b"PK\x03\x04", b"PK\x05\x06"), ".zip"),
}
"""Content types, how each is told, and the ending that its files' names get."""

_ENDINGS: Final = {"image/jpeg": (".jpg", ".jpeg"), "text/plain": (".txt", ".csv", ".log", ".md")}
_RISKY: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|%]')
_EDGES: Final = re.compile(r"^[\s.]+|[\s.]+$")
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def is_really(content_type: str, head: bytes) -> bool:
    """Whether a file that begins with ``head`` is of that type."""
    told = KNOWN.get(content_type)
    return told is not None and told[0](head)


def safe_name(given: str, content_type: str) -> str:
    """A name for people, and for saving on any system: no path, nothing invisible, the type's own ending."""
    text = unicodedata.normalize("NFC", given.encode("utf-8", "replace").decode())
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    text = _trimmed(_RISKY.sub("_", re.split(r"[/\\]", text)[-1]))
    usual = KNOWN[content_type][1]
    ending = next((e for e in _ENDINGS.get(content_type, (usual,)) if text.lower().endswith(e)), "")
    stem = _trimmed(text[: len(text) - len(ending)])
    if not stem or _DEVICES.fullmatch(stem):
        stem = f"file_{stem}".rstrip("_")
    return _trimmed(stem[:LONGEST_NAME]) + (ending.lower() or usual)


def _trimmed(text: str) -> str:
    return _EDGES.sub("", text)
