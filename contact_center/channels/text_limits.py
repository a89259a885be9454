"""Long texts in pieces that a provider accepts, cut where a person would pause."""

from __future__ import annotations

import re
from collections.abc import Callable

# GSM 03.38: one septet each, and the extension table, two each (3GPP TS 23.038, 6.2.1).
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM_ALL = _GSM | _GSM_EXTENSION

_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|[。！？；]+[”’」』）]*|\n+")
_BREATH = re.compile(r"[,;:](?=\s)|[，、：]|\s")


def sms_length(text: str) -> int:
    """How many characters a carrier counts: GSM extension characters are two; and where one
    character is not in the GSM alphabet all are counted in UTF-16, so that an emoji is two."""
    if _GSM.issuperset(text):
        return len(text)
    if _GSM_ALL.issuperset(text):
        return len(text) + sum(character in _GSM_EXTENSION for character in text)
    return len(text) + sum(character > "\uffff" for character in text)


def split_text(text: str, limit: int, length: Callable[[str], int] = len) -> list[str]:
    """``text`` in pieces of at most ``limit`` by ``length``: cut after a sentence, else after a
    comma or a word, else anywhere. Pieces are trimmed and none is empty. ``length`` is never less
    than the number of characters."""
    text = text.strip()
    pieces = []
    while text:
        if len(text) <= limit and length(text) <= limit:
            pieces.append(text)
            break
        end = _cut(text[: _fitting(text, limit, length)])
        pieces.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [piece for piece in pieces if piece]


def _fitting(text: str, limit: int, length: Callable[[str], int]) -> int:
    """How many characters from the beginning fit, at least one."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _cut(window: str) -> int:
    """Where to cut within what fits; a cut in its first third would leave crumbs, unless nothing else is."""
    for pattern in (_SENTENCE_END, _BREATH):
        ends = [found.end() for found in pattern.finditer(window)]
        if ends and ends[-1] * 3 >= len(window):
            return ends[-1]
    return len(window)
