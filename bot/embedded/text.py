"""Customers' text made safe and uniform before anything looks at it."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 2000
"""How much of a message is considered."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
_LATIN_WORD = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_HAN_CHARACTER = re.compile(f"[{HAN}]")


def clean(text: str) -> str:
    """At most 2,000 characters, full-width forms folded (NFKC), no control characters, single spaces.

    NFKC can lengthen a text (one Arabic ligature becomes 18 characters), so the limit holds before
    and after it.
    """
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])[:MAX_CHARACTERS]
    visible = (character if unicodedata.category(character)[0] not in "CZ" else " " for character in folded)
    return " ".join("".join(visible).split())


def writing_language(text: str) -> str | None:
    """ "zh" for text with Chinese characters, "en" for a sentence (three words) in Latin letters."""
    if _HAN_CHARACTER.search(text):
        return "zh"
    if len(_LATIN_WORD.findall(text)) >= 3:
        return "en"
    return None


def language_of_tag(tag: str | None) -> str | None:
    """The project's language for a BCP 47 tag: "zh-CN" is "zh"; None where there is none."""
    return tag.replace("_", "-").split("-")[0].lower() if tag else None
