"""A simulated day as a picture: contacts, waits, service level and agents over the day, as one SVG
document."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Final, Literal

import msgspec

from contact_center.simulation.figures import IntervalFigures, Number, Report, Summary
from contact_center.simulation.runs import Result

_FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)
_WIDTH, _LEFT, _RIGHT = 960.0, 66.0, 28.0
_TOP, _PANEL, _GAP, _BOTTOM = 118.0, 140.0, 62.0, 52.0
_INK, _GREY, _GRID = "#1b1f23", "#57606a", "#e3e7eb"
_BLUE, _PALE, _GREEN, _RED, _AMBER = "#1864ab", "#a5c8e8", "#2b7a3d", "#c92a2a", "#b35900"
_TICKS: Final = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168)
_LABELS: Final = 14


class Series(msgspec.Struct, frozen=True):
    """What a panel shows: a value an interval."""

    label: str
    values: tuple[Number, ...]
    colour: str
    shape: Literal["bar", "area", "line"] = "line"
    dashed: bool = False


class Panel(msgspec.Struct, frozen=True):
    """One chart. ``top``: of its scale where that is fixed; ``rule``: a line across at a value, with a
    label."""

    title: str
    series: tuple[Series, ...]
    top: float | None = None
    percent: bool = False
    rule: tuple[float, str] | None = None


def picture(result: Result) -> str:
    """The result as a self-contained SVG document; a changed policy is drawn with dashes."""
    panels = _panels(result)
    intervals = result.present.mean.intervals
    height = _TOP + len(panels) * (_PANEL + _GAP) - _GAP + _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" width="{_WIDTH:g}" '
        f'height="{height:g}" role="img" font-family="{_FONT}">',
        f"<title>{escape(result.title)}</title>",
        f'<rect width="{_WIDTH:g}" height="{height:g}" fill="#fff"/>',
        _text(_LEFT, 38, result.title, 20, weight=600),
        *(
            _text(_LEFT, 57 + 17 * number, line, 13, colour=_GREY)
            for number, line in enumerate(_subtitle(result))
        ),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, _TOP + number * (_PANEL + _GAP), intervals, result.begin)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _subtitle(result: Result) -> list[str]:
    told = _sentence(result.present)
    if result.changed is None:
        return [told]
    return [f"Present: {told}", f"Changed (dashed): {_sentence(result.changed)}"]


def _sentence(summary: Summary) -> str:
    found = summary.mean.overall
    if not found.came:
        return "nobody came"
    level = f"{found.service_level or 0:.1%} in time, {found.abandonment or 0:.1%} abandoned"
    asa = f", ASA {found.asa:.0f} s" if found.asa is not None else ""
    runs = f" (mean of {summary.runs} runs)" if summary.runs > 1 else ""
    return f"{found.came:,.0f} contacts{runs}, {level}{asa}"


def _panels(result: Result) -> list[Panel]:
    now = result.present.mean
    then = result.changed.mean if result.changed else None
    targets = {policy.target for policy in result.policies.values()}
    rule = (next(iter(targets)), f"target {next(iter(targets)):.0%}") if len(targets) == 1 else None
    return [
        Panel(f"Contacts in {_length(now.intervals) / 60:g} min", (
            Series("came", _column(now, "came"), _PALE, "bar"),
            Series("abandoned", _column(now, "abandoned"), _RED, "bar"),
            *_changed(then, "abandoned", _RED),
        )),
        Panel("Wait, seconds", (
            Series("90th percentile", _column(now, "p90"), _AMBER),
            Series("median", _column(now, "p50"), _BLUE),
            *_changed(then, "p90", _AMBER),
            *_changed(then, "p50", _BLUE),
        )),
        Panel("Service level", (
            Series("answered in time", _column(now, "service_level"), _GREEN),
            *_changed(then, "service_level", _GREEN),
        ), top=1.0, percent=True, rule=rule),
        Panel("Agents", (
            Series("on duty", _column(now, "on_duty"), _PALE, "area"),
            Series("busy", _column(now, "busy"), _BLUE, "area"),
            *_changed(then, "busy", _INK),
        )),
    ]  # fmt: skip


def _column(report: Report, field: str) -> tuple[Number, ...]:
    return tuple(getattr(interval, field) for interval in report.intervals)


def _changed(report: Report | None, field: str, colour: str) -> tuple[Series, ...]:
    if report is None:
        return ()
    values = list(_column(report, field))
    for places in (range(len(values)), range(len(values) - 1, -1, -1)):
        for place in places:  # before anybody comes and after the last, a line on the floor says nothing
            if values[place]:
                break
            values[place] = None
    return (Series("", tuple(values), colour, "line", dashed=True),)


# --- drawing --------------------------------------------------------------------------------------


def _panel(panel: Panel, top: float, intervals: Sequence[IntervalFigures], begin: float) -> Iterator[str]:
    known = [value for series in panel.series for value in series.values if value is not None]
    step, high = _scale(max([*known, 0.0])) if panel.top is None else (panel.top / 4, panel.top)
    width = (_WIDTH - _LEFT - _RIGHT) / max(len(intervals), 1)
    yield f'<g transform="translate({_LEFT:g} {top:g})">'
    yield _text(0, -12, panel.title, 14, weight=600)
    yield from _legend(panel)
    for number in range(round(high / step) + 1):
        y = _PANEL * (1 - number * step / high)
        yield f'<path d="M0 {y:.1f}H{_WIDTH - _LEFT - _RIGHT:g}" stroke="{_GRID}"/>'
        label = f"{number * step:.0%}" if panel.percent else f"{number * step:g}"
        yield _text(-9, y + 4, label, 11, colour=_GREY, anchor="end")
    for series in panel.series:
        yield from _SHAPES[series.shape](series, width, high)
    if panel.rule:
        y = _PANEL * (1 - panel.rule[0] / high)
        right = _WIDTH - _LEFT - _RIGHT
        yield f'<path d="M0 {y:.1f}H{right:g}" stroke="{_GREY}" stroke-dasharray="2 4"/>'
        yield _text(right, y - 5, panel.rule[1], 11, colour=_GREY, anchor="end")
    yield from _times(intervals, width, begin)
    yield "</g>"


def _legend(panel: Panel) -> Iterator[str]:
    x = 210.0
    for series in panel.series:
        if series.label:
            yield f'<rect x="{x:g}" y="-22" width="11" height="11" rx="2.5" fill="{series.colour}"/>'
            yield _text(x + 17, -12, series.label, 12, colour=_GREY)
            x += 17 + len(series.label) * 6.8 + 22


def _bars(series: Series, width: float, high: float) -> Iterator[str]:
    for number, value in enumerate(series.values):
        if value:
            height = _PANEL * value / high
            gap = min(2.0, width * 0.15)
            yield (
                f'<rect x="{number * width + gap / 2:.1f}" y="{_PANEL - height:.1f}" '
                f'width="{width - gap:.1f}" height="{height:.1f}" fill="{series.colour}"/>'
            )


def _area(series: Series, width: float, high: float) -> Iterator[str]:
    """Steps, filled down to nothing."""
    path = f"M0 {_PANEL:g}"
    for number, value in enumerate(series.values):
        path += f"V{_PANEL * (1 - (value or 0) / high):.1f}H{(number + 1) * width:.1f}"
    yield f'<path d="{path}V{_PANEL:g}z" fill="{series.colour}"/>'


def _lines(series: Series, width: float, high: float) -> Iterator[str]:
    """From middle to middle of the intervals; broken where nothing is known."""
    path, on = "", False
    for number, value in enumerate(series.values):
        if value is not None:
            x, y = (number + 0.5) * width, _PANEL * (1 - min(value / high, 1))
            after = number + 1 < len(series.values) and series.values[number + 1] is not None
            # A value between two gaps is a short stroke: a line to itself would not be seen.
            path += f"{'L' if on else 'M'}{x:.1f} {y:.1f}" + ("" if on or after else f"h{width / 3:.1f}")
        on = value is not None
    dashes = ' stroke-dasharray="5 4"' if series.dashed else ""
    yield (
        f'<path d="{path}" fill="none" stroke="{series.colour}" stroke-width="2" '
        f'stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
    )


_SHAPES: Final = {"bar": _bars, "area": _area, "line": _lines}


def _times(intervals: Sequence[IntervalFigures], width: float, begin: float) -> Iterator[str]:
    """The axis: times of day, or days where there are many."""
    if not intervals:
        return
    length = _length(intervals)
    hours = len(intervals) * length / 3600
    every = next((tick for tick in _TICKS if hours / tick <= _LABELS), hours / _LABELS) * 3600
    first = begin + -begin % every
    for number in range(math.floor((begin + len(intervals) * length - first) / every) + 1):
        at = first + number * every
        x = (at - begin) / length * width
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
        label = when.strftime("%H:%M") if hours <= 72 else when.strftime("%d %b")
        yield f'<path d="M{x:.1f} {_PANEL:g}v5" stroke="{_GREY}"/>'
        yield _text(x, _PANEL + 19, label, 11, colour=_GREY, anchor="middle")


def _length(intervals: Sequence[IntervalFigures]) -> float:
    """Seconds of an interval."""
    return intervals[1].start if len(intervals) > 1 else 3600.0


def _scale(most: float) -> tuple[float, float]:
    """A step of 1, 2 or 5 times a power of ten, and the top: four or five steps."""
    if most <= 0:
        return 0.25, 1.0
    power = 10.0 ** math.floor(math.log10(most / 4))
    step = next(power * factor for factor in (1, 2, 5, 10) if most / (power * factor) <= 5)
    return step, step * math.ceil(most / step - 1e-9)


def _text(
    x: float, y: float, text: str, size: float, *, weight: int = 400, colour: str = _INK, anchor: str = ""
) -> str:
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    end = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{bold}{end} fill="{colour}">{escape(text)}</text>'
    )
