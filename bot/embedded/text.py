"""Customers' text made safe and uniform before anything looks at it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from string import ascii_lowercase

MAX_CHARACTERS = 2000
"""How much of a message is considered."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
_LATIN_WORD = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_KEYCAP = re.compile("(?<=[0-9#*])\ufe0f?\u20e3")
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_STRETCH = re.compile("|".join(f"{letter}{{3,200}}" for letter in ascii_lowercase), re.IGNORECASE)


def clean(text: str) -> str:
    """At most 2,000 characters, full-width forms folded (NFKC), nothing invisible, single spaces.

    Characters without a glyph (zero-width spaces, marks of writing direction, soft hyphens) go
    without a trace, since they stand inside words; control characters and all blanks become a
    space. NFKC can lengthen a text (one Arabic ligature becomes 18 characters), so the limit holds
    before and after it.
    """
    text = text[:MAX_CHARACTERS]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = _KEYCAP.sub("", "".join(_visible(character) for character in text))
    folded = unicodedata.normalize("NFKC", seen)[:MAX_CHARACTERS]
    return " ".join("".join(_visible(character) for character in folded).split())


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category[0] in "CZ" else character


def squeeze(text: str, known: Container[str]) -> str:
    """A cleaned text with "pleeease" as "please" and "goood" as "good", for the classifier only.

    A letter three times in a row and more becomes one, or two where only that gives one of the
    ``known`` words (lower case).
    """

    def shorten(match: re.Match[str]) -> str:
        once = _STRETCH.sub(lambda stretch: stretch.group()[0], match.group())
        twice = _STRETCH.sub(lambda stretch: stretch.group()[:2], match.group())
        return twice if once.lower() not in known and twice.lower() in known else once

    return _WORD.sub(shorten, text) if _STRETCH.search(text) else text


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
