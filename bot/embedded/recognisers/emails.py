"""E-mail addresses, written ("anna@example.com") and said ("anna at example dot com")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.embedded.recognisers.reading import Reading

_LOCAL = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63}\Z")
_HOST = re.compile(r"[a-z0-9-]{1,63}+(?:\.[a-z0-9-]{1,63}+){0,4}+")
_MOST_HOST = 190

_SAID_AT = re.compile(r" at | ?艾特 ?| ?\(at\) ?| ?\[at\] ?")
_SAID_PART = r"[a-z0-9_-]{1,32}+"
_SAID_LOCAL = re.compile(
    rf"(?:{_SAID_PART} (?:dot|underscore|dash|hyphen|minus|plus) )?"
    rf"(?:{_SAID_PART} (?:dot|underscore|dash|hyphen|minus) )?{_SAID_PART}\Z"
)
_SAID_HOST = re.compile(
    rf"{_SAID_PART}(?:(?: ?dot | ?点 ?|\.){_SAID_PART})?(?: ?dot | ?点 ?|\.)"
    r"(?:com|net|org|de|cn|co|uk|io|eu|info|edu|gov|fr|hk|sg|us)(?:(?: dot | ?点 ?|\.)(?:uk|cn|hk))?(?![a-z])"
)
_SIGNS = (
    ("underscore", "_"),
    ("hyphen", "-"),
    ("minus", "-"),
    ("dash", "-"),
    ("plus", "+"),
    ("dot", "."),
    ("点", "."),
)
_ABOUT_MAIL = ("mail", "邮", "@", "contact", "reach", "write", "艾特", "(at)", "[at]")
_MOST = 20


def find_emails(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """E-mail addresses, in lower case."""
    low = reading.level
    at = low.find("@")
    for _ in range(_MOST):
        if at < 0:
            break
        yield from _written(low, at)
        at = low.find("@", at + 1)
    if "email" in reading.expected or any(word in low for word in _ABOUT_MAIL):
        yield from _said(low)


def _written(low: str, at: int) -> Iterator[tuple[int, int, str]]:
    left = at - 1 if low[at - 1 : at] == " " else at
    right = at + 2 if low[at + 1 : at + 2] == " " else at + 1
    local = _LOCAL.search(low, max(0, left - 64), left)
    host = _HOST.match(low, right, right + _MOST_HOST)
    if local is None or host is None:
        return
    name = _host(host.group())
    if name:
        yield local.start(), right + len(name), f"{local.group()}@{name}"


def _host(written: str) -> str:
    """The host without what follows it; '' where the last part is no top-level domain."""
    name = written.rstrip("-")
    end = name.rpartition(".")[2]
    return name if "." in name and end.isalpha() and 2 <= len(end) <= 24 else ""


def _said(low: str) -> Iterator[tuple[int, int, str]]:
    for count, match in enumerate(_SAID_AT.finditer(low)):
        if count >= _MOST:
            return
        local = _SAID_LOCAL.search(low, max(0, match.start() - 80), match.start())
        host = _SAID_HOST.match(low, match.end(), match.end() + 80)
        if local and host:
            yield local.start(), host.end(), f"{_signs(local.group())}@{_signs(host.group())}"


def _signs(said: str) -> str:
    for word, sign in _SIGNS:
        said = said.replace(f" {word} ", sign) if word.isascii() else said.replace(word, sign)
    return said.replace(" ", "")
