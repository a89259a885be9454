"""Numbers that name something, as people say and scatter them, turned into digits.

"a one zero zero double two" becomes "A10022", "twelve thirty four" becomes "1234", "一零零二" and
"1 0 0 2" become "1002". Only runs of four digits and more count, so "one of two" stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.embedded.recognisers.cues import cue
from bot.embedded.recognisers.dates_english import MONTHS
from bot.embedded.recognisers.numerals import Kind, Token, read_chinese, read_english, tokens_of
from bot.embedded.recognisers.reading import Change, Folded, apply, latin, level
from bot.embedded.scattered_digits import belong_together

_LEAST_DIGITS = 4
_GAPS = frozenset(
    ["", " ", "-", " - ", "- ", " -", ",", ", ", ".", ". ", "(", ")", " (", ") ", ")-", "/", "'"]
)
_NUMBERS = frozenset(
    (
        Kind.LITERAL,
        Kind.DIGIT,
        Kind.TEEN,
        Kind.TENS,
        Kind.HAN_DIGIT,
        Kind.HAN_UNIT,
        Kind.TIMES,
        Kind.HAN_TIMES,
    )
)
_PARTS = _NUMBERS | {Kind.LETTER, Kind.HUNDRED, Kind.THOUSAND, Kind.AND, Kind.DASH, Kind.PLUS}
_BEGINNINGS = _NUMBERS | {Kind.PLUS}
_ENDINGS = _NUMBERS | {Kind.HUNDRED, Kind.THOUSAND}
_CHINESE = frozenset((Kind.HAN_DIGIT, Kind.HAN_UNIT))
_CLOCK_WORDS = frozenset(
    ["at", "around", "about", "by", "until", "till", "from", "before", "after", "past", "since"]
)
_YEAR_WORDS = frozenset([*MONTHS, "in", "since", "of", "year"])
_NOT_BEFORE_I = frozenset(["order", "number", "code", "letter", "letters"])
_ARTICLE_OF_CODES = frozenset(["order", "number", "no", "is", "s", "code", "letter", "um", "uh"])
_IDIOMS = frozenset(["三三两两", "七七八八", "一五一十", "三三五五"])

_NOTHING = Token(Kind.WORD, 0, 0, 0, "")


def fold(text: str) -> Folded:
    """A text with its said and scattered numbers of four digits and more as digits."""
    plain = latin(text)
    return fold_tokens(plain, level(text), tokens_of(level(text)))[0]


def fold_tokens(plain: str, low: str, tokens: list[Token]) -> tuple[Folded, ...]:
    """The readings of a text: with single letters joined to the digits after them ("b 1234" as
    "B1234") and, where there are such, also without."""
    changes = [change for run in _runs(low, tokens) for change in _read(low, run)]
    folded = apply(plain, [change[0] for change in changes])
    if any(bare is not change for change, bare in changes):
        return folded, apply(plain, [bare for _, bare in changes])
    return (folded,)


def _runs(low: str, tokens: list[Token]) -> Iterator[list[Token]]:
    """Tokens that stand together and can be parts of one number, each run with the word before it."""
    run = [_NOTHING]
    counted = False
    previous = _NOTHING
    for token in tokens:
        part = token.kind in _PARTS or _is_short_code(low, token)
        near = (
            len(run) > 1 and low[previous.end : token.start] in _GAPS and not _is_count_after(previous, token)
        )
        if not part or not near or (counted and token.kind in (Kind.LETTER, Kind.WORD)):
            if len(run) > 2:
                yield run
            run = [previous]
            counted = False
        if part:
            run.append(token)
            counted = counted or token.kind in _NUMBERS
        previous = token
    if len(run) > 2:
        yield run


def _is_count_after(before: Token, token: Token) -> bool:
    """ "A1001一个": nobody goes on in Chinese inside a number in digits."""
    glued = before.end == token.start and token.kind is Kind.HAN_DIGIT
    return glued and before.kind is Kind.LITERAL and len(before.text) > 1


def _is_short_code(low: str, token: Token) -> bool:
    """ "cc" before "dash": two equal letters are letters, not a word."""
    return token.kind is Kind.WORD and len(token.text) == 2 and token.text[0] == token.text[1]


def _read(low: str, run: list[Token]) -> Iterator[tuple[Change, Change]]:
    """The changes that a run asks for: with its letters and without them. "and" may divide it."""
    before, parts = run[0], _trim(low, run[0], run[1:])
    numbers = [part for part in parts if part.kind not in (Kind.LETTER, Kind.WORD)]
    prefix = parts[: len(parts) - len(numbers)]
    at = 0
    while at < len(numbers):
        spelt, end = _spell(numbers, at)
        group = numbers[at:end]
        if all(part.kind is Kind.LITERAL for part in group):
            yield from _read_literals(low, prefix, group)
        else:
            yield from _read_said(low, before, prefix, group, spelt)
        at, prefix = max(end, _after_unreadable(numbers, at)), []


def _after_unreadable(numbers: list[Token], at: int) -> int:
    """Where to go on after a part that begins no number: Chinese numerals are read all or not at all."""
    end = at + 1
    if numbers[at].kind in _CHINESE:
        while end < len(numbers) and numbers[end].kind in _CHINESE:
            end += 1
    return end


def _read_said(
    low: str, before: Token, prefix: list[Token], group: list[Token], spelt: str
) -> Iterator[tuple[Change, Change]]:
    if sum(one.isdigit() for one in spelt) < _LEAST_DIGITS:
        return
    if _is_clock_or_year(before, group, spelt, low) or _is_round(low, group, spelt):
        return
    bare = Change(group[0].start, group[-1].end, spelt.lstrip("-"))
    yield (_prefixed(prefix, bare, spelt), bare) if prefix else (bare, bare)


def _prefixed(prefix: list[Token], bare: Change, spelt: str) -> Change:
    letters = "".join(one.text for one in prefix).upper()
    return Change(prefix[0].start, bare.end, letters + spelt)


def _read_literals(low: str, prefix: list[Token], group: list[Token]) -> Iterator[tuple[Change, Change]]:
    """Digits as they were typed: scattered groups that belong together, a letter before them."""
    if not group or low[group[0].start - 1 : group[0].start] == "." or not belong_together(low, group):
        group = group[:1] if prefix else []
    joined = "".join(part.text for part in group)
    if len(joined) < _LEAST_DIGITS - bool(prefix):
        return
    bare = Change(group[0].start, group[-1].end, joined)
    gap = low[prefix[-1].end : bare.start] if prefix else ""
    if gap and not (gap == "-" and prefix[-1].kind is Kind.WORD):
        yield _prefixed(prefix, bare, joined), bare
    elif len(group) > 1:
        yield bare, bare


def _trim(low: str, before: Token, parts: list[Token]) -> list[Token]:
    """A run without what cannot begin or end a number: articles, "oh," and loose joiners."""
    ends = [at for at, part in enumerate(parts) if part.kind in _ENDINGS]
    parts = parts[: ends[-1] + 1] if ends else []
    first = 0
    while first < len(parts) and (parts[first].kind not in _BEGINNINGS or _is_exclamation(low, parts, first)):
        first += 1
    if first == len(parts):
        return []
    letters = first
    while letters > 0 and letters > first - 3 and _is_prefix(low, before, parts, letters - 1):
        letters -= 1
    return parts[letters:]


def _is_exclamation(low: str, parts: list[Token], at: int) -> bool:
    """ "oh, 1234" begins with a sigh, "oh one two" with a zero."""
    if parts[at].text not in ("oh", "o") or at + 1 >= len(parts):
        return False
    return low[parts[at].end] == "," or (parts[at + 1].kind is Kind.LITERAL and len(parts[at + 1].text) > 1)


def _is_prefix(low: str, before: Token, parts: list[Token], at: int) -> bool:
    """Whether the letter (or dash) at this place belongs to the digits after it."""
    part, after = parts[at], parts[at + 1]
    if part.kind is Kind.DASH:
        return at > 0
    if part.kind not in (Kind.LETTER, Kind.WORD) or low[part.start - 1 : part.start] in ("'", "’"):
        return False
    word_before = parts[at - 1].text if at else before.text
    if part.text == "i":
        return word_before in _NOT_BEFORE_I
    if part.text == "a" and after.kind is Kind.LITERAL and len(after.text) > 1:
        return word_before in _ARTICLE_OF_CODES or before is _NOTHING
    return True


def _spell(parts: list[Token], at: int) -> tuple[str, int]:
    """The digits that are said from here on, with "+" and "-" where these come first, and where what
    can be read ends."""
    spelt = ""
    while at < len(parts):
        part = parts[at]
        piece, end = "", at + 1
        if part.kind is Kind.PLUS:
            piece = "" if spelt else "+"
        elif part.kind is Kind.DASH:
            piece = "" if spelt else "-"
        elif part.kind in (Kind.TIMES, Kind.HAN_TIMES):
            digit = _one_digit(parts[at + 1]) if at + 1 < len(parts) else ""
            piece, end = digit * part.value, at + 2 if len(digit) == 1 else at
        elif part.kind in _CHINESE:
            piece, end = _spell_chinese(parts, at)
        elif part.kind is Kind.LITERAL and not _scales(parts, at):
            piece = part.text
        else:
            value, end = read_english(parts, at)
            piece = str(value)
        if end == at:
            break
        spelt, at = spelt + piece, end
    return spelt, at


def _scales(parts: list[Token], at: int) -> bool:
    return at + 1 < len(parts) and parts[at + 1].kind in (Kind.HUNDRED, Kind.THOUSAND)


def _one_digit(part: Token) -> str:
    if part.kind is Kind.LITERAL:
        return part.text
    return str(part.value) if part.kind in (Kind.DIGIT, Kind.HAN_DIGIT) else ""


def _spell_chinese(parts: list[Token], at: int) -> tuple[str, int]:
    """Chinese numerals from here on: digit by digit, or one number with units."""
    end = at
    while end < len(parts) and parts[end].kind in _CHINESE:
        end += 1
    group = parts[at:end]
    if all(part.kind is Kind.HAN_DIGIT for part in group):
        return "".join(str(part.value) for part in group), end
    value = read_chinese(group)
    return ("", at) if value is None else (str(int(value)), end)


def _is_clock_or_year(before: Token, parts: list[Token], spelt: str, low: str) -> bool:
    """ "at twelve thirty" and "in twenty twenty six" name a time."""
    if len(spelt) != _LEAST_DIGITS:
        return False
    value = int(spelt) if spelt.isdigit() else 0
    if before.text in _YEAR_WORDS and 1900 <= value < 2100:
        return True
    if parts[0].kind not in (Kind.TEEN, Kind.TENS):
        return False
    clock = value // 100 < 24 and value % 100 < 60
    return clock and (before.text in _CLOCK_WORDS or low[parts[-1].end :].lstrip()[:2] in ("am", "pm"))


def _is_round(low: str, parts: list[Token], spelt: str) -> bool:
    """ "two thousand" counts something, unless it is announced as a number or all that is said; and
    some Chinese idioms are made of numerals."""
    start, end = parts[0].start, parts[-1].end
    if low[start:end] in _IDIOMS:
        return True
    scaled = any(part.kind in (Kind.HUNDRED, Kind.THOUSAND, Kind.HAN_UNIT) for part in parts)
    if not scaled or not spelt.isdigit() or int(spelt) % 100:
        return False
    return not (cue(low, start, end) or low[:start].strip() == low[end:].strip() == "")
