"""Numbers that count something: "twenty five" and 二十五 as "25", "fifth" as "5th", 2万 as "20000".

Dates and sums of money are read in the text that this gives. A run that is not one well-formed number
("one two", "两三百") stays as it was said; two pairs that make a year ("twenty twenty six") are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bot.embedded.recognisers.numerals import Kind, Token, read_chinese, read_english
from bot.embedded.recognisers.reading import Change

_ENGLISH = frozenset((Kind.DIGIT, Kind.TEEN, Kind.TENS, Kind.HUNDRED, Kind.THOUSAND, Kind.ORDINAL))
_INSIDE = _ENGLISH | {Kind.AND, Kind.POINT, Kind.LITERAL}
_CHINESE = frozenset((Kind.HAN_DIGIT, Kind.HAN_UNIT, Kind.LITERAL, Kind.POINT))
_DIVIDERS = frozenset((Kind.AND, Kind.POINT, Kind.ORDINAL))
_MOST = 10**9
_MONEY = frozenset(["dollars", "euros", "pounds", "yuan", "bucks", "francs", "usd", "eur", "gbp", "rmb"])


def quantities(low: str, tokens: list[Token]) -> list[Change]:
    """The changes that turn counting number words of a levelled text into digits."""
    changes: list[Change] = []
    at = 0
    while at < len(tokens):
        kind = tokens[at].kind
        if kind in (Kind.HAN_DIGIT, Kind.HAN_UNIT, Kind.LITERAL):
            end = _end(low, tokens, at, _CHINESE, ("",))
            if any(one.kind in (Kind.HAN_DIGIT, Kind.HAN_UNIT) for one in tokens[at:end]):
                changes += _chinese(low, tokens[at:end])
                at = end
                continue
        if kind in _ENGLISH or _is_article(low, tokens, at):
            end = _end(low, tokens, at + 1, _INSIDE, (" ", "-"))
            if low[tokens[at].end : tokens[min(at + 1, end - 1)].start] not in ("", " ", "-"):
                end = at + 1
            changes += _english(tokens[at:end], tokens[end].text if end < len(tokens) else "")
            at = end
            continue
        at += 1
    return changes


def _end(low: str, tokens: list[Token], at: int, kinds: frozenset[Kind], gaps: tuple[str, ...]) -> int:
    """Where the run of these kinds that begins before or at ``at`` ends."""
    start = at
    while at < len(tokens) and tokens[at].kind in kinds:
        if at > start and low[tokens[at - 1].end : tokens[at].start] not in gaps:
            break
        at += 1
    return at


def _is_article(low: str, tokens: list[Token], at: int) -> bool:
    """ "a hundred" is one hundred."""
    if tokens[at].text != "a" or at + 1 >= len(tokens):
        return False
    return tokens[at + 1].kind in (Kind.HUNDRED, Kind.THOUSAND) and low[tokens[at].end] == " "


def _english(run: list[Token], follows: str) -> Iterator[Change]:
    """The numbers of a run, which "and" and ordinals divide."""
    if run[0].text == "a":
        run = [Token(Kind.DIGIT, run[0].start, run[0].end, 1, "one"), *run[1:]]
    at = 0
    while at < len(run):
        start = at
        values: list[int] = []
        while at < len(run) and run[at].kind not in _DIVIDERS:
            value, after = read_english(run, at)
            if after == at:
                return
            values.append(value)
            at = after
        if at < len(run) and run[at].kind is Kind.ORDINAL:
            yield from _ordinal(run, at, values)
        elif at < len(run) and run[at].kind is Kind.POINT and len(values) == 1:
            digits, at = _decimals(run, at + 1)
            if digits:
                yield Change(run[start].start, run[at - 1].end, f"{values[0]}.{digits}")
            continue
        # "nineteen ninety nine dollars" is as likely 19.99.
        elif (text := _one_number(values)) and (len(values) == 1 or follows not in _MONEY):
            yield Change(run[start].start, run[at - 1].end, text)
        at += 1


def _ordinal(run: list[Token], at: int, values: list[int]) -> Iterator[Change]:
    """ "fifth" and "twenty third"."""
    tens = values[-1] if values and values[-1] in (20, 30) and run[at].value < 10 else 0
    if len(values) == (1 if tens else 0):
        yield Change(run[at - 1 if tens else at].start, run[at].end, f"{tens + run[at].value}th")


def _decimals(run: list[Token], at: int) -> tuple[str, int]:
    """The digits after "point", said one by one."""
    digits = ""
    while at < len(run) and run[at].kind is Kind.DIGIT:
        digits += str(run[at].value)
        at += 1
    return digits, at


def _one_number(values: list[int]) -> str:
    if len(values) == 1:
        return str(values[0])
    # "twelfth of march twenty twenty six"
    if len(values) == 2 and values[0] in (19, 20) and 10 <= values[1] < 100:
        return f"{values[0]}{values[1]}"
    # "march five twenty twenty six": a day and a year
    if len(values) == 3 and values[0] <= 31 and values[1] in (19, 20) and 10 <= values[2] < 100:
        return f"{values[0]} {values[1]}{values[2]}"
    if len(values) == 2 and 0 < values[0] <= 31 and 1900 <= values[1] < 2100:
        return f"{values[0]} {values[1]}"
    return ""


def _chinese(low: str, run: list[Token]) -> Iterator[Change]:
    start, end = run[0].start, run[-1].end
    if low[start - 1 : start] == "." and low[start - 2 : start - 1].isdigit():
        return  # 1.5万
    points = [at for at, one in enumerate(run) if one.kind is Kind.POINT]
    if len(points) > 1 or (points and not 0 < points[0] < len(run) - 1):
        return
    whole, tail = (run[: points[0]], run[points[0] + 1 :]) if points else (run, [])
    fraction = _fraction(tail)
    if points and not fraction:
        return
    if len(whole) > 1 and all(one.kind is Kind.HAN_DIGIT for one in whole):
        text = "".join(str(one.value) for one in whole)
        approximate = len(text) < 4 and "0" not in text and low[end : end + 1] != "年"
        value = None if approximate else Decimal(text)
    elif sum(one.kind is not Kind.HAN_UNIT for one in whole) == 1 == len(whole):
        value = Decimal(whole[0].value)
        if whole[0].kind is Kind.LITERAL:
            return
    else:
        value = read_chinese(whole)
    if value is None or value >= _MOST:
        return
    yield Change(start, end, f"{_digits(whole, value)}{fraction}")


def _digits(whole: list[Token], value: Decimal) -> str:
    """Years keep their zeros: 零五年 is "05年"."""
    if len(whole) > 1 and all(one.kind is Kind.HAN_DIGIT for one in whole):
        return "".join(str(one.value) for one in whole)
    return str(int(value))


def _fraction(tail: list[Token]) -> str:
    """ ".5" for what follows 点."""
    if not tail or any(one.kind not in (Kind.HAN_DIGIT, Kind.LITERAL) for one in tail):
        return ""
    digits = "".join(one.text if one.kind is Kind.LITERAL else str(one.value) for one in tail)
    return f".{digits}"
