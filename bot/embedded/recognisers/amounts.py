"""Sums of money, as number and ISO 4217 code: "25.50 EUR".

A range ("20 to 30 euros") is no sum; "about" and 多 are passed over. Cents without a currency and bare
numbers are no sums either, unless a sum was just asked for: then the number comes without a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.embedded.recognisers.reading import Reading

_UNITS = {
    "USD": "$ us$ dollar dollars usd bucks buck 美元 美金 美刀",
    "EUR": "€ euro euros eur 欧元",
    "GBP": "£ pound pounds gbp quid 英镑",
    "CNY": "¥ yuan rmb cny kuai renminbi 元 块 块钱 圆 人民币 元人民币",
    "JPY": "yen jpy 日元 日圆",
    "HKD": "hk$ hkd 港币 港元",
    "SGD": "s$ sgd 新币 新元 新加坡元",
    "CHF": "chf francs franc 瑞郎",
}
_CODES = {unit: code for code, units in _UNITS.items() for unit in units.split()}
_ALTERNATIVES = "|".join(re.escape(unit) for unit in sorted(_CODES, key=lambda unit: (-len(unit), unit)))
_LATIN_OR_HAN = rf"(?:{_ALTERNATIVES})(?![a-z])"

_NUMBER = (
    r"(?>[0-9]{1,3}(?:[,' ][0-9]{3}){1,2}(?![0-9])(?:[.,][0-9]{1,2}(?![0-9]))?"
    r"|[0-9]{1,9}+(?:[.,][0-9]{1,3}+){0,2}+)"
)
_THOUSANDS = r"(?: ?(?P<k>k|thousand|grand|万|千|百)(?![a-z]))?"
_SMALL = r"(?: ?(?:and )?(?P<cents>[0-9]{1,2}) ?(?:cents?|pence|p)?(?![0-9a-z.,:%天个次件号年月日]))?"

_AFTER = re.compile(
    rf"(?<![0-9a-z.,])(?P<number>{_NUMBER}){_THOUSANDS}[多来几]?[ -]?(?P<unit>{_LATIN_OR_HAN}){_SMALL}"
)
_BEFORE = re.compile(
    rf"(?<![a-z])(?P<unit>us\$|hk\$|s\$|[$€£¥]|(?:usd|eur|gbp|cny|rmb|jpy|hkd|sgd|chf)(?![a-z])) ?"
    rf"(?P<number>{_NUMBER}){_THOUSANDS}"
)
_JIAO = re.compile(
    r"(?<![0-9.])(?:(?P<whole>[0-9]{1,9}) ?(?:块|元)(?:零|0)?)?(?P<jiao>[0-9])[毛角]钱?(?:(?P<fen>[0-9])分?)?"
)
_KUAI_HALF = re.compile(r"(?<![0-9.])(?P<whole>[0-9]{1,9})块(?P<tail>半)")
_PENCE = re.compile(r"(?<![0-9a-z.])(?P<pence>[0-9]{1,2}) ?(?:pence|p)(?![a-z])")
_RANGE = re.compile(r"[0-9](?: ?[-–—~至到] ?| to | or | and )(?:us\$|[$€£¥])?\Z")
_BARE = re.compile(rf"(?P<number>{_NUMBER})")

_HINT = frozenset("$€£¥元块毛角币镑郎圆刀美") | {"pence", "p"}
_WORDS = frozenset(unit for unit in _CODES if unit[0].isalpha() and unit.isascii()) | {"pence", "p"}
_PIECES = re.compile(r"屏|电池|表|手表|蛋糕|肉|地|板|硬盘|布|石|玻璃|显|主板|键盘|移动|儿|充电|砖|饼")
_KEEPS = {"k": 1000, "thousand": 1000, "grand": 1000, "千": 1000, "万": 10_000, "百": 100}


def find_amounts(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Sums of money of a message."""
    folded = reading.amounts
    low = folded.text
    if reading.words & _WORDS or any(sign in low for sign in _HINT):
        for match in _AFTER.finditer(low):
            if not _is_range(low, match.start()) and not _counts_pieces(low, match):
                yield *folded.span(*match.span()), _value(match, match["cents"])
        for match in _BEFORE.finditer(low):
            if not _is_range(low, match.start()) and not _begins_range(low, match.end()):
                yield *folded.span(*match.span()), _value(match, None)
        for match in _JIAO.finditer(low):
            value = f"{match['whole'] or 0}.{match['jiao']}{match['fen'] or 0} CNY"
            yield *folded.span(*match.span()), value
        for match in _KUAI_HALF.finditer(low):
            yield *folded.span(*match.span()), f"{match['whole']}.50 CNY"
        for match in _PENCE.finditer(low):
            yield *folded.span(*match.span()), f"0.{int(match['pence']):02} GBP"
    if "amount" in reading.expected and (bare := _BARE.fullmatch(low.strip())):
        yield 0, len(reading.text), plain(bare["number"])


def _value(match: re.Match[str], cents: str | None) -> str:
    number = plain(match["number"])
    if match["k"]:
        number = f"{Decimal(number) * _KEEPS[match['k']]:f}"
        number = number.rstrip("0").rstrip(".") if "." in number else number
    code = _CODES[match["unit"]]
    if cents and "." not in number:
        # 三十块五 says five tenths, "30 euros 5" five hundredths.
        tenths = match["unit"] in ("块", "元") and len(cents) == 1
        number += f".{cents}0" if tenths else f".{int(cents):02}"
    return f"{number} {code}"


def _is_range(low: str, start: int) -> bool:
    """True where another number and "to" stand before."""
    return _RANGE.search(low, max(0, start - 8), start) is not None


def _begins_range(low: str, end: int) -> bool:
    return (
        re.match(r" ?[-–—~] ?(?:us\$|[$€£¥])?[0-9]| to (?:us\$|[$€£¥])[0-9]", low[end : end + 12]) is not None
    )


def _counts_pieces(low: str, match: re.Match[str]) -> bool:
    """块 also counts pieces ("两块屏幕"), and 一块 means together; a sign before a number is the next
    sum's."""
    if match["unit"] in ("$", "€", "£", "¥", "us$", "hk$", "s$") and low[match.end("unit") :][:1].isdigit():
        return True
    if match["unit"] != "块":
        return low.startswith("旦", match.end())
    end = match.end("unit")
    return _PIECES.match(low, end) is not None or (
        match["number"] == "1" and not match["cents"] and low[end : end + 1] not in ("", ",", "。", ".", " ")
    )


def plain(number: str) -> str:
    """ "1,234.50", "1.234,50", "1 234,50" and "25,5" as a program writes them, with two decimals."""
    number = number.replace(" ", "").replace("'", "")
    last = max(number.rfind("."), number.rfind(","))
    if last < 0 or len(number) - last - 1 == 3:
        return number.replace(".", "").replace(",", "")
    return number[:last].replace(".", "").replace(",", "") + "." + number[last + 1 :].ljust(2, "0")
