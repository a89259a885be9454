"""A flow as a picture: Mermaid for documents, SVG for people.

In the SVG every node is a card with a row an exit. Ways to the next column are drawn as lines; ways
back and far away, which would only tangle, are named on the row and are links to their card.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import msgspec

from ivr_flows.flow import END, PERSON, Exit, Flow
from ivr_flows.layout import HEAD, Line, Placed, place

Counts = Mapping[tuple[str, str], int]
"""(node, exit) to how many contacts took it."""

_KINDS: Final = {
    "say": ("say", "play", "hang_up", "return"),
    "ask": ("menu", "collect", "language", "survey"),
    "decide": ("branch", "hours", "set", "goto", "subflow"),
    "look": ("look_up", "request", "open_ticket", "ticket_status"),
    "person": ("queue", "callback", "voicemail", "transfer"),
    "bot": ("ask_bot",),
}
_GROUP_OF: Final = {kind: group for group, kinds in _KINDS.items() for kind in kinds}
_COLOURS: Final = {
    "say": ("#4b5b6b", "#f3f5f7"),
    "ask": ("#1864ab", "#eaf3fb"),
    "decide": ("#846200", "#fdf6e0"),
    "look": ("#5f3dc4", "#f2effd"),
    "person": ("#2b7a3d", "#ebf7ee"),
    "bot": ("#b02a6a", "#fceef5"),
}
_LEGEND: Final = {
    "say": "says or ends", "ask": "asks", "decide": "decides", "look": "looks up or writes",
    "person": "leads to people", "bot": "bot",
}  # fmt: skip
_WIDTH, _BETWEEN, _MARGIN, _TOP = 230.0, 74.0, 28.0, 86.0
_TEXT_LINE, _ROW = 16.0, 20.0
_FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Zen Hei', sans-serif"
)


_CLOSING: Final = tuple("，。、；：！？”）》")
_LONGEST: Final = 120.0


class Way(msgspec.Struct, frozen=True):
    """A way out of a node, or several with the same target (a node, `END` or '') together."""

    exits: tuple[str, ...]
    label: str
    target: str


class Box(msgspec.Struct, frozen=True):
    """A node as it is drawn: ``group`` is what its kind is for, ``text`` the beginning of what it says."""

    name: str
    kind: str
    group: str
    text: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class _Row:
    """An exit, or several with the same target, as one row of a card."""

    names: tuple[str, ...]
    label: str
    target: str


@dataclass(frozen=True)
class _Card:
    name: str
    kind: str
    text: tuple[str, ...]
    rows: tuple[_Row, ...]

    @property
    def height(self) -> float:
        text = len(self.text) * _TEXT_LINE + (8 if self.text else 0)
        return HEAD + text + len(self.rows) * _ROW + (6 if self.rows else 0)

    def port(self, row: int) -> float:
        """The middle of a row, from the top of the card."""
        return self.height - 6 - (len(self.rows) - row - 0.5) * _ROW


def mermaid(flow: Flow, language: str = "") -> str:
    """The flow as Mermaid text; ways to the flow's person after failures are left out."""
    numbers = {name: f"n{index}" for index, name in enumerate(flow.nodes)}
    lines = ["flowchart LR"]
    for card in _cards(flow, language):
        label = "<br/>".join(_quoted(part) for part in (card.name, *card.text[:1]))
        left, right = {"ask": ("{{", "}}"), "decide": ("{", "}"), "person": ("([", "])")}.get(
            _group(card.kind), ("[", "]")
        )
        group = _group(card.kind)
        lines.append(f'  {numbers[card.name]}{left}"{label}"{right}:::{group}')
        for row in card.rows:
            if row.target in numbers:
                label = f'|"{_quoted(row.label)}"|' if row.label else ""
                lines.append(f"  {numbers[card.name]} -->{label} {numbers[row.target]}")
    for group, (dark, light) in _COLOURS.items():
        lines.append(f"  classDef {group} fill:{light},stroke:{dark},color:#1b1f23")
    return "\n".join(lines) + "\n"


def svg(flow: Flow, language: str = "", counts: Counts | None = None) -> str:
    """The flow as a self-contained SVG document.

    ``language`` picks the texts (default: the flow's first). ``counts`` writes on each row how
    many contacts left by it.
    """
    cards = {card.name: card for card in _cards(flow, language)}
    ends = [
        (Line(card.name, row.target, card.port(index)), card, index)
        for card in cards.values()
        for index, row in enumerate(card.rows)
        if row.target in cards
    ]
    heights = {name: card.height for name, card in cards.items()}
    placed = place(heights, [line for line, _, _ in ends], flow.start)
    drawn = {(ends[index][1].name, ends[index][2]) for index in placed.drawn}
    parts = [_line(ends[index][0], placed) for index in placed.drawn]
    for card in cards.values():
        parts += _card(card, placed, drawn, counts, start=card.name == flow.start)
    width = (max(placed.column.values()) + 1) * (_WIDTH + _BETWEEN) - _BETWEEN + 2 * _MARGIN
    height = max(placed.top[n] + heights[n] for n in cards) + _TOP + _MARGIN
    title = flow.title.get(flow.language(language)) or flow.title.get("") or flow.name
    return "\n".join([*_opening(title, flow, max(width, 900), height), *parts, "</svg>"]) + "\n"


def _opening(title: str, flow: Flow, width: float, height: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" font-family="{_FONT}">'
    )
    yield f"<title>{escape(title)}</title>"
    yield (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0.8 7.5 4 0 7.2z" fill="#8a94a0"/></marker></defs>'
    )
    yield f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
    yield _text(_MARGIN, 36, title, 20, 600)
    x = _MARGIN
    for group, label in _LEGEND.items():
        dark, _ = _COLOURS[group]
        yield f'<rect x="{x:g}" y="52" width="11" height="11" rx="2.5" fill="{dark}"/>'
        yield _text(x + 17, 62, label, size=12, colour="#57606a")
        x += 17 + _measure(label, 12) + 22
    if flow.person:
        note = f"after repeated failure: {flow.person}"
        yield _text(x, 62, note, size=12, colour="#57606a")


def _line(line: Line, placed: Placed) -> str:
    x = _x(placed, line.source) + _WIDTH
    y = placed.top[line.source] + line.port + _TOP
    to_y = placed.top[line.target] + HEAD / 2 + _TOP
    middle, to_x = x + _BETWEEN / 2, x + _BETWEEN - 1
    return (
        f'<path d="M{x:g} {y:.1f}C{middle:g} {y:.1f} {middle:g} {to_y:.1f} {to_x:g} {to_y:.1f}" '
        'fill="none" stroke="#8a94a0" stroke-width="1.5" marker-end="url(#tip)"/>'
    )


def _card(
    card: _Card, placed: Placed, drawn: set[tuple[str, int]], counts: Counts | None, *, start: bool
) -> Iterator[str]:
    x, y = _x(placed, card.name), placed.top[card.name] + _TOP
    dark, light = _COLOURS[_group(card.kind)]
    yield f'<g id="node-{escape(card.name)}">'
    yield (
        f'<rect x="{x:g}" y="{y:.1f}" width="{_WIDTH:g}" height="{card.height:g}" rx="7" '
        f'fill="{light}" stroke="{dark}" stroke-width="{2.4 if start else 1.2}"/>'
    )
    kind_width = _measure(card.kind, 11)
    yield _text(x + 11, y + 20, _fit(card.name, 13.5, _WIDTH - kind_width - 34), 13.5, 600)
    yield _text(x + _WIDTH - 11, y + 20, card.kind, 11, colour=dark, anchor="end")
    for index, text in enumerate(card.text):
        yield _text(x + 11, y + HEAD + 11 + index * _TEXT_LINE, text, 12, colour="#3d4650")
    if card.rows:
        rule = y + card.height - 7 - len(card.rows) * _ROW
        yield f'<path d="M{x:g} {rule:.1f}h{_WIDTH:g}" stroke="{dark}" stroke-opacity=".25"/>'
    for index, row in enumerate(card.rows):
        is_line = (card.name, index) in drawn
        yield from _row(
            row, x, y + card.port(index), is_line=is_line, colour=dark, counts=_total(card, row, counts)
        )
    yield "</g>"


def _total(card: _Card, row: _Row, counts: Counts | None) -> int | None:
    if counts is None:
        return None
    return sum(counts.get((card.name, name), 0) for name in row.names)


def _row(row: _Row, x: float, y: float, *, is_line: bool, colour: str, counts: int | None) -> Iterator[str]:
    right = x + _WIDTH - 11
    if counts is not None:
        text = f"{counts:,}"
        yield _text(right, y + 4, text, 11, 600, colour=colour, anchor="end")
        right -= _measure(text, 11) + 8
    if is_line:
        yield f'<circle cx="{x + _WIDTH:g}" cy="{y:.1f}" r="3.2" fill="{colour}"/>'
    else:
        known = row.target not in (END, "")
        text = f"→ {_fit(row.target, 11, 110)}" if known else "end"
        width = _measure(text, 11) + 12
        right -= width
        chip = (
            f'<rect x="{right:g}" y="{y - 8:.1f}" width="{width:g}" height="16" rx="8" '
            f'fill="#fff" stroke="{colour}" stroke-opacity=".55"/>'
            + _text(right + 6, y + 4, text, 11, colour=colour)
        )
        yield f'<a href="#node-{escape(row.target)}">{chip}</a>' if known else chip
        right -= 6
    yield _text(x + 11, y + 4, _fit(row.label, 12, right - x - 14), 12)


def outline(flow: Flow, language: str = "") -> tuple[Box, ...]:
    """What a drawing shows of each node, for those who draw it themselves; ways out as rows of `svg`."""
    tag = flow.language(language)
    return tuple(
        Box(
            name,
            node.kind,
            _group(node.kind),
            _fit(_words(node, tag), 1, _LONGEST),
            tuple(Way(row.names, row.label, row.target) for row in _rows(flow, name)),
        )
        for name, node in flow.nodes.items()
    )


def _cards(flow: Flow, language: str) -> Iterator[_Card]:
    tag = flow.language(language)
    for name, node in flow.nodes.items():
        yield _Card(name, node.kind, _excerpt(node, tag), _rows(flow, name))


def _rows(flow: Flow, name: str) -> tuple[_Row, ...]:
    """The exits of a node, those with one target together, without the usual way to the person."""
    rows: dict[str, list[Exit]] = {}
    for way in sorted(flow.exits(name), key=lambda way: way.name in ("on_failure", "on_error")):
        target = flow.person if way.target == PERSON else way.target
        if way.name == "on_failure" and target == flow.person:
            continue
        rows.setdefault(target, []).append(way)
    return tuple(
        _Row(tuple(w.name for w in ways), " / ".join(_label(w) for w in ways), target)
        for target, ways in rows.items()
    )


def _label(way: Exit) -> str:
    """What a person reads on a row: ``1 sales`` for a key, the condition for a case."""
    if not way.label or way.label == way.name:
        return way.name
    pressed = set(way.label) <= set("0123456789*#")
    return f"{way.label} {way.name}" if pressed else way.label


def _excerpt(node: Any, language: str) -> tuple[str, ...]:
    """Two lines at most of what the node says."""
    return tuple(_wrapped(_words(node, language), 12, _WIDTH - 22, 2))


def _words(node: Any, language: str) -> str:
    """What the node says, as where the first of its conditions hold; '' where it says nothing."""
    text = getattr(node, "text", None)
    if text is None:
        return ""
    _, template = text.part(language)
    source = re.sub(r"\{%-?\s*else.*?endif\s*-?%\}", "", template.source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{\{\s*([\w.]*).*?\}\}", _slot, source, flags=re.DOTALL)
    return " ".join(source.split())


def _slot(found: re.Match[str]) -> str:
    return f"‹{found[1] or '…'}›"


def _wrapped(text: str, size: float, width: float, most: int) -> Iterator[str]:
    while text and most:
        most -= 1
        if not most or _measure(text, size) <= width:
            yield _fit(text, size, width)
            return
        cut = len(_fit(text, size, width)) - 1
        space = text.rfind(" ", 0, cut + 1)
        cut = space if space > cut // 2 else cut
        cut += text[cut : cut + 1] in _CLOSING
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()


def _fit(text: str, size: float, width: float) -> str:
    if _measure(text, size) <= width:
        return text
    while text and _measure(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def _measure(text: str, size: float) -> float:
    """About how wide a text is drawn, in pixels: Chinese characters are square."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return (wide + (len(text) - wide) * 0.56) * size


def _x(placed: Placed, name: str) -> float:
    return _MARGIN + placed.column[name] * (_WIDTH + _BETWEEN)


def _text(
    x: float,
    y: float,
    text: str,
    size: float = 12,
    weight: int = 400,
    *,
    colour: str = "#1b1f23",
    anchor: str = "",
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    end = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{bold}{end} fill="{colour}">{escape(text)}</text>'
    )


def _group(kind: str) -> str:
    return _GROUP_OF.get(kind, "say")


def _quoted(text: str) -> str:
    """Text for a Mermaid label: quotes, angle brackets and its own signs as entities."""
    return re.sub(r'["#<>&{}|\[\]()`;]', lambda found: f"#{ord(found[0])};", text)
