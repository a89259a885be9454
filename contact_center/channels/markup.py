"""XML as text: escaping, and elements from their parts."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def without_forbidden(value: str) -> str:
    """``value`` without the characters that XML 1.0 cannot hold."""
    return value if value.isprintable() else _FORBIDDEN.sub("", value)


def text(value: str) -> str:
    """``value`` as an element's text."""
    return without_forbidden(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(value: str) -> str:
    """``value`` as it stands between double quotes; line ends and tabs survive the parser."""
    value = text(value).replace('"', "&quot;")
    if not value.isprintable():
        value = value.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#09;")
    return value


def element(name: str, attributes: Iterable[tuple[str, str]], content: str = "") -> str:
    """An element; attribute values and ``content`` are markup already (see `attribute`, `text`)."""
    opened = "".join([f' {key}="{value}"' for key, value in attributes])
    return f"<{name}{opened}>{content}</{name}>" if content else f"<{name}{opened} />"
