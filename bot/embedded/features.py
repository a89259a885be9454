"""What the classifier sees of a sentence: words, pairs of words, and character n-grams.

Chinese needs no word segmenter this way: each character is a word, and runs of characters are the
n-grams. Digits count as "0": which order it is says nothing about what is wanted.
"""

from __future__ import annotations

import re

from bot.embedded.text import HAN

_TOKEN = re.compile(f"<[a-z_]+>|[{HAN}]|[^\\W{HAN}]+(?:'[a-z]+)?")
_DIGIT = re.compile(r"\d")
_MAX_TOKENS = 400


def features(text: str) -> list[str]:
    """The distinct features of a cleaned text, in which "<order_number>" stands for an entity."""
    tokens = _TOKEN.findall(_DIGIT.sub("0", text.lower()).replace("’", "'"))[:_MAX_TOKENS]
    found: dict[str, None] = {}
    if not tokens:
        return []
    if len(tokens) <= 4:
        found["=" + " ".join(tokens)] = None
    found["^" + tokens[0]] = None
    before = ""
    run: list[str] = []
    for word in tokens:
        found["w " + word] = None
        found[f"b {before} {word}"] = None
        before = word
        if len(word) == 1 and word > "\u3000":
            run.append(word)
            continue
        _add_run(found, run)
        run = []
        if word[0] != "<":
            _add_word(found, word)
    found[f"b {before} $"] = None
    _add_run(found, run)
    return list(found)


def _add_word(found: dict[str, None], word: str) -> None:
    padded = f" {word[:24]} "
    for size in (3, 4):
        for start in range(len(padded) - size + 1):
            found[padded[start : start + size]] = None


def _add_run(found: dict[str, None], run: list[str]) -> None:
    joined = "".join(run)
    for size in (3, 4):
        for start in range(len(joined) - size + 1):
            found[joined[start : start + size]] = None
