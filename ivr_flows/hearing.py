"""What a customer meant by words: folding, spoken digits, yes and no, and picking a choice.

Everything here takes text of any origin (a recogniser, a keyboard, an attacker), looks at no more
than `LONGEST` characters of it, and answers in time linear in that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from ivr_flows.inputs import AnyInput, Keys, Picked, Words
from ivr_flows.phrases import NO, YES

LONGEST: Final = 2_000

_DIGITS: Final[dict[str, str]] = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "to": "2", "too": "2",
    "three": "3", "four": "4", "for": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "niner": "9", "star": "*", "asterisk": "*", "hash": "#", "pound": "#",
    "零": "0", "〇": "0", "○": "0", "洞": "0", "一": "1", "壹": "1", "幺": "1", "二": "2",
    "两": "2", "贰": "2", "三": "3", "叁": "3", "四": "4", "肆": "4", "五": "5", "伍": "5",
    "六": "6", "陆": "6", "七": "7", "柒": "7", "拐": "7", "八": "8", "捌": "8", "九": "9",
    "玖": "9", "星": "*", "米": "*", "井": "#",
}  # fmt: skip
_KEYS: Final = {**_DIGITS, **{key: key for key in "0123456789*#"}}
# Words that sound like a digit but are mostly something else: digits only beside other digits.
_DOUBTFUL: Final = frozenset({"to", "too", "for", "o", "米", "洞", "拐"})
_TIMES: Final[dict[str, int]] = {"double": 2, "triple": 3, "treble": 3}
_SILENT: Final = frozenset({"and", "dash", "hyphen", "号", "键", "杠", "uh", "um", "嗯", "字"})
_LEAD: Final = frozenset({
    "press", "number", "option", "choose", "choice", "please", "it", "is", "my", "the", "its",
    "s", "我", "的", "是", "选", "按", "请", "第", "个", "码", "单", "订", "呃",
})  # fmt: skip
_TOKEN: Final = re.compile(r"[a-z]+|[0-9]|[*#]|[^\W_a-z0-9]")
_BORDER: Final = re.compile(r"(?<=[\u2e80-\u9fff])(?=[a-z0-9])|(?<=[a-z0-9])(?=[\u2e80-\u9fff])")
_BREAK: Final = re.compile(r"(?:[^\w*#']|_)+")


def bounded(text: str) -> str:
    """The part of ``text`` that is considered, without what a store could not keep.

    NUL characters are dropped (PostgreSQL keeps none) and lone surrogates become ``?``.
    """
    text = text[:LONGEST]
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def fold(text: str) -> str:
    """``text`` without differences of case, width and punctuation, words parted by one space."""
    return _BREAK.sub(" ", _narrow(text)).strip()


def _narrow(text: str) -> str:
    """NFKC and casefold; again after casefold, which can leave what NFKC would join."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)[:LONGEST]


def wide(text: str) -> bool:
    """Whether ``text`` is written without spaces between words (Chinese, Japanese)."""
    return any("\u2e80" <= character <= "\u9fff" for character in text)


@lru_cache(maxsize=4_096)
def _needle(phrase: str) -> tuple[str, bool]:
    """What to look for, and whether in the text without spaces (Chinese) or among its words."""
    return (phrase.replace(" ", ""), True) if wide(phrase) else (f" {phrase} ", False)


def _contained(folded: str, phrases: Iterable[str]) -> list[str]:
    """The folded phrases in the folded text: as whole words, or anywhere in Chinese."""
    compact, spaced = folded.replace(" ", ""), f" {_apart(folded)} "
    found = []
    for phrase in phrases:
        needle, anywhere = _needle(phrase)
        if needle in (compact if anywhere else spaced):
            found.append(phrase)
    return found


def _apart(folded: str) -> str:
    """A space wherever Latin letters meet Chinese ones, so that "我要billing" has a word in it."""
    return folded if folded.isascii() else _BORDER.sub(" ", folded)


def keys_of(text: str, extra: str = "", *, whole: bool = False) -> str | None:
    """The keys that ``text`` spells ("12 34", "one two", "一二三", "double five"), or None.

    Accepts decimal digits of any script, spoken digits in English and Chinese, and the keys in
    ``extra`` (``*``, ``#``). Words around a single run of digits are passed over ("my number is
    one two"), unless ``whole``; two runs with words between them are not a number and give None.
    """
    folded = _ascii_digits(_narrow(text))
    if folded.isascii() and folded.isdigit():
        return folded
    tokens = _TOKEN.findall(folded)
    if whole and not all(_is_key(token, extra) for token in tokens):
        return None
    runs = _runs(tokens, extra)
    sure = [keys for keys, certain in runs if certain]
    if len(sure) == 1:
        return sure[0]
    if not sure and len(runs) == 1 and len(runs[0][0]) == 1:
        return runs[0][0] if folded.strip() in _DOUBTFUL else None
    return None


def _is_key(word: str, extra: str) -> bool:
    key = _KEYS.get(word, "")
    return key.isdigit() or (key != "" and key in extra) or word in _TIMES or word in _SILENT


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def _runs(tokens: list[str], extra: str) -> list[tuple[str, bool]]:
    """Runs of digit tokens, each with whether one of its digits can be nothing but a digit."""
    runs: list[tuple[str, bool]] = []
    keys, certain, times = "", False, 1
    for token in tokens:
        key = _KEYS.get(token)
        if key is not None and (key.isdigit() or key in extra):
            keys += key * times
            certain = certain or token not in _DOUBTFUL
            times = 1
        elif token in _TIMES:
            times = _TIMES[token]
        elif token in _SILENT or (not keys and token in _LEAD):
            continue
        elif keys:
            runs.append((keys, certain))
            keys, certain, times = "", False, 1
    if keys:
        runs.append((keys, certain))
    return runs


_YES_NO: Final = {fold(w): "yes" for w in YES} | {fold(w): "no" for w in NO}


def yes_or_no(text: str) -> bool | None:
    """True for yes, False for no, None for neither or both; a typed 1 is yes and 2 is no."""
    folded = fold(text)
    if folded in ("1", "2"):
        return folded == "1"
    if len(folded) > 80:
        return None
    return {"yes": True, "no": False}.get(best_choice(folded, _YES_NO) or "")


def agreed(given: AnyInput) -> bool | None:
    """True for a yes (key 1, button ``yes``, words), False for a no (2, ``no``), None for neither."""
    if isinstance(given, Words):
        return yes_or_no(given.text)
    said = given.digits if isinstance(given, Keys) else ""
    if isinstance(given, Picked):
        said = given.value
    return {"1": True, "yes": True, "2": False, "no": False}.get(said)


def best_choice(text: str, phrases: Mapping[str, str]) -> str | None:
    """The choice that ``text`` asks for, or None where none or more than one is named.

    ``phrases`` maps a folded phrase to the choice it stands for. The whole text comes first;
    then phrases found in it, of which one that is part of a longer one found does not count.
    """
    folded = fold(text)
    if folded in phrases:
        return phrases[folded]
    outer = _outermost(_contained(folded, phrases))
    named = {phrases[phrase] for phrase in outer}
    return named.pop() if len(named) == 1 else None


def _outermost(found: list[str]) -> list[str]:
    return [p for p in found if not any(p != other and p in other for other in found)]
