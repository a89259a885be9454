"""The confusion matrix, the learning curve and the reliability of confidence as SVG documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from contact_center.bot_lab.calibration import Bin
from contact_center.bot_lab.confusion import Matrix
from contact_center.bot_lab.evaluation import CurvePoint

_FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)
_INK, _GREY, _GRID = "#1b1f23", "#57606a", "#e3e7eb"
_RIGHT_SHADES: Final = ("#eef4fa", "#d3e4f4", "#a5c8e8", "#5f9bd1", "#1864ab")
_WRONG_SHADES: Final = ("#fdecea", "#f9cdc8", "#f1998f", "#e05a4d", "#c92a2a")
_COLOURS: Final = ("#1864ab", "#2b7a3d", "#b35900", "#862e9c")
_CELL: Final = 26.0
_CHART_WIDTH, _CHART_HEIGHT = 460.0, 300.0


def confusion_picture(found: Matrix, title: str) -> str:
    """Rows are the intents that examples have, columns what they were taken for: right ones are blue on
    the diagonal, wrong ones red, the darker the greater their share of the row."""
    count = len(found.intents)
    longest = max((len(name) for name in found.intents), default=0)
    left = top = 90.0 + 6.2 * longest
    side = count * _CELL
    width, height = left + side + 24, top + side + 30
    body = [
        _text(20, 32, title, 18, weight=600),
        _text(20, 52, "rows: intended; columns: taken for", 12, _GREY),
    ]
    for number, name in enumerate(found.intents):
        middle = (number + 0.5) * _CELL
        body.append(_text(left - 8, top + middle + 4, name, 12, anchor="end"))
        body.append(
            f'<g transform="translate({left + middle + 4:.1f} {top - 8:.1f}) rotate(-60)">'
            f"{_text(0, 0, name, 12)}</g>"
        )
    for row, counts in enumerate(found.counts):
        body += _cells(row, counts, left, top, found.intents)
    body += [
        f'<rect x="{left:g}" y="{top:g}" width="{side:g}" height="{side:g}" fill="none" stroke="{_GRID}"/>'
    ]
    return _document(width, height, title, body)


def _cells(row: int, counts: Sequence[int], left: float, top: float, names: Sequence[str]) -> Iterator[str]:
    total = sum(counts)
    for column, count in enumerate(counts):
        if not count:
            continue
        shades = _RIGHT_SHADES if row == column else _WRONG_SHADES
        # Wrong ones are rare: a tenth of a row is as dark as can be.
        share = count / total * (1 if row == column else 10)
        shade = min(int(share * len(shades)), len(shades) - 1)
        x, y = left + column * _CELL, top + row * _CELL
        told = f"{names[row]} taken for {names[column]}: {count} of {total}"
        yield (
            f'<g><title>{escape(told)}</title><rect x="{x:g}" y="{y:g}" width="{_CELL:g}" height="{_CELL:g}" '
            f'fill="{shades[shade]}"/>'
        )
        yield _text(
            x + _CELL / 2, y + _CELL / 2 + 4, str(count), 10, "#fff" if shade > 2 else _INK, anchor="middle"
        )
        yield "</g>"


def curve_picture(points: Sequence[CurvePoint], title: str) -> str:
    """Accuracy by examples an intent, a line for each language."""
    languages = sorted({language for point in points for language in point.languages})
    least = min((value for point in points for value in point.languages.values()), default=0.0)
    low = min(max(0.0, int(least * 10) / 10), 0.9)
    body = [*_axes(title, "examples an intent and language", low, [str(point.size) for point in points])]
    for number, language in enumerate(languages):
        colour = _COLOURS[number % len(_COLOURS)]
        body += _line(points, language, colour, low)
        body.append(_text(_LEFT + 8 + number * 60, _TOP - 12, language, 12, colour, weight=600))
    return _document(_LEFT + _CHART_WIDTH + 30, _TOP + _CHART_HEIGHT + 60, title, body)


def _line(points: Sequence[CurvePoint], language: str, colour: str, low: float) -> Iterator[str]:
    """A language's line with its values: the highest at a size above the line, others below."""
    path = ""
    for place, point in enumerate(points):
        value = point.languages.get(language)
        if value is None:
            continue
        x, y = _x(place, len(points)), _y(value, low)
        path += f"{'L' if path else 'M'}{x:.1f} {y:.1f}"
        below = 0 if value == max(point.languages.values()) else 27
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
        yield _text(x, y - 9 + below, f"{value:.1%}", 11, colour, anchor="middle")
    yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def reliability_picture(table: Sequence[Bin], title: str) -> str:
    """How many are right by how sure the bot was; on the dashed line they are the same."""
    labels = [f"{one.high:.1f}" for one in table]
    body = [*_axes(title, "confidence, up to", 0.0, labels)]
    width = _CHART_WIDTH / max(len(table), 1)
    for number, one in enumerate(table):
        if one.guesses:
            x, y = _LEFT + number * width + 2, _y(one.accuracy, 0.0)
            told = f"{one.guesses} guesses, confidence {one.confidence:.2f}, right {one.accuracy:.2f}"
            body.append(
                f'<g><title>{escape(told)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{width - 4:.1f}" '
                f'height="{_TOP + _CHART_HEIGHT - y:.1f}" fill="{_RIGHT_SHADES[2]}"/></g>'
            )
            body.append(_text(x + width / 2 - 2, y - 5, str(one.guesses), 10, _GREY, anchor="middle"))
    body.append(
        f'<path d="M{_LEFT:g} {_TOP + _CHART_HEIGHT:g}L{_LEFT + _CHART_WIDTH:g} {_TOP:g}" '
        f'stroke="{_INK}" stroke-dasharray="5 4" fill="none"/>'
    )
    return _document(_LEFT + _CHART_WIDTH + 30, _TOP + _CHART_HEIGHT + 60, title, body)


# --- drawing --------------------------------------------------------------------------------------

_LEFT, _TOP = 62.0, 86.0


def _axes(title: str, below: str, low: float, labels: Sequence[str]) -> Iterator[str]:
    yield _text(20, 34, title, 18, weight=600)
    for number in range(6):
        value = low + (1 - low) * number / 5
        y = _y(value, low)
        yield f'<path d="M{_LEFT:g} {y:.1f}h{_CHART_WIDTH:g}" stroke="{_GRID}"/>'
        yield _text(_LEFT - 9, y + 4, f"{value:.0%}", 11, _GREY, anchor="end")
    bottom = _TOP + _CHART_HEIGHT
    for place, label in enumerate(labels):
        yield _text(_x(place, len(labels)), bottom + 19, label, 11, _GREY, anchor="middle")
    yield _text(_LEFT + _CHART_WIDTH / 2, bottom + 42, below, 12, _GREY, anchor="middle")


def _x(place: int, places: int) -> float:
    return _LEFT + (place + 0.5) * _CHART_WIDTH / max(places, 1)


def _y(value: float, low: float) -> float:
    return _TOP + _CHART_HEIGHT * (1 - (value - low) / (1 - low))


def _document(width: float, height: float, title: str, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" font-family="{_FONT}">'
    )
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *body, "</svg>"]) + "\n"


def _text(
    x: float, y: float, text: str, size: float, colour: str = _INK, *, weight: int = 400, anchor: str = ""
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    end = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{bold}{end} fill="{colour}">{escape(text)}</text>'
    )
