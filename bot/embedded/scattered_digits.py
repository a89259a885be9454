"""Whether groups of digits that were typed apart are one number."""

from __future__ import annotations

from itertools import pairwise

from bot.embedded.recognisers.numerals import Token

_LONGEST = 15
_AMERICAN = ((3, 3, 4), (1, 3, 3, 4))
_TYPED_APART = frozenset([" ", "-", ") ", ")-", ")", " (", "("])


def belong_together(level: str, groups: list[Token]) -> bool:
    """True for "1 0 0 2", "100-234", "1002 3456", "1,002", "+49 (30) 901820"; not for dates, for
    Internet addresses and for a count before a number ("2 1234")."""
    if len(groups) < 2:
        return False
    gaps = [level[one.end : two.start] for one, two in pairwise(groups)]
    sizes = tuple(len(group.text) for group in groups)
    if level[groups[0].start - 1 : groups[0].start] == "+" or groups[0].text[:2] == "00":
        return sum(sizes) <= _LONGEST and all(gap in _TYPED_APART for gap in gaps)
    if _like_a_date(groups, gaps):
        return False
    kinds = set(gaps)
    if kinds == {","}:
        thousands = sizes[0] <= 3 and set(sizes[1:]) == {3}
        return thousands or set(sizes) == {1}
    if kinds == {"."}:
        return set(sizes) == {1} or sizes in (*_AMERICAN, (3, 3))
    if kinds <= {", "}:
        return set(sizes) == {1}
    if not kinds <= _TYPED_APART:
        return False
    if sizes in _AMERICAN:
        return True
    return len(kinds - {" ("}) == 1 and _even(sizes, groups[0].text)


def _even(sizes: tuple[int, ...], first: str) -> bool:
    """Groups as people make them when they spell a number out."""
    if first[0] == "0" and len(sizes) == 2 and sizes[0] in (3, 4, 5):
        return sizes[1] in (6, 7, 8)
    if set(sizes) == {1}:
        return True
    return max(sizes) <= 4 and min(sizes) >= 2


def _like_a_date(groups: list[Token], gaps: list[str]) -> bool:
    if len(groups) != 3 or gaps[0] != gaps[1]:
        return False
    first, middle, last = (int(group.text) for group in groups)
    if len(groups[0].text) == 4:
        return 1900 <= first < 2100 and middle <= 12 and 1 <= last <= 31
    return len(groups[2].text) == 4 and 1900 <= last < 2100 and max(first, middle) <= 31
