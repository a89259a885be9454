"""A report on how well a project is understood: made once, told as JSON, as a page, or in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from contact_center.bot_lab.calibration import Bin, calibration_error, reliability
from contact_center.bot_lab.confusion import Confusion, Matrix, confusions, matrix
from contact_center.bot_lab.evaluation import (
    CurvePoint,
    Figures,
    Guess,
    Thresholds,
    by_language_of,
    figures,
)
from contact_center.bot_lab.picture import confusion_picture, curve_picture, reliability_picture

OVERALL: Final = "all"


class Part(msgspec.Struct, frozen=True):
    """One set of guesses, by language and overall, with what was mistaken."""

    figures: dict[str, Figures]
    calibration_error: float
    reliability: list[Bin]
    confusions: list[Confusion]
    matrix: Matrix


class Report(msgspec.Struct, frozen=True):
    """How a project is understood. ``held_out`` are sentences that nothing was learnt from, where given."""

    project: str
    encoder: str
    folds: int
    seed: int
    threshold: float
    ambiguity_threshold: float
    validation: Part
    learning_curve: list[CurvePoint]
    held_out: Part | None = None


def part_of(found: Sequence[Guess], thresholds: Thresholds) -> Part:
    """What guesses amount to, in every way that a report tells."""
    by_language = {OVERALL: list(found)} | by_language_of(found)
    table = reliability(found)
    return Part(
        figures={name: figures(some, thresholds) for name, some in by_language.items()},
        calibration_error=calibration_error(table),
        reliability=table,
        confusions=confusions(found),
        matrix=matrix(found),
    )


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write the report as report.json, pictures and index.html; the files. The folder is made.

    Raises `OSError` where it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = _pictures(report)
    texts = {
        "report.json": msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n",
        **pictures,
        "index.html": page(report, list(pictures)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def _pictures(report: Report) -> dict[str, str]:
    validation = report.validation
    found = {
        "confusion.svg": confusion_picture(validation.matrix, "Confusion in cross-validation"),
        "reliability.svg": reliability_picture(validation.reliability, "Right, by how sure the bot was"),
    }
    if report.learning_curve:
        found["learning_curve.svg"] = curve_picture(report.learning_curve, "Accuracy by examples")
    if report.held_out is not None:
        found["held_out_confusion.svg"] = confusion_picture(
            report.held_out.matrix, "Confusion in held-out sentences"
        )
    return found


def page(report: Report, pictures: Sequence[str]) -> str:
    """The report as a page that needs nothing but the pictures beside it."""
    parts = [_HEAD, f"<h1>Understanding of {escape(report.project)}</h1>"]
    parts.append(
        f"<p>Encoder: {escape(report.encoder)}. {report.folds}-fold cross-validation, seed {report.seed}. "
        f"The bot asks again below a confidence of {report.threshold:g}, or less than "
        f"{report.ambiguity_threshold:g} ahead of the next intent.</p>"
    )
    for title, part in (("Cross-validation", report.validation), ("Held out", report.held_out)):
        if part is None:
            continue
        parts += [f"<h2>{title}</h2>", _summary(part)]
        parts.append(f"<p>Expected calibration error: {part.calibration_error:.1%}.</p>")
        parts += ["<h3>Worst confusions</h3>", _confusions(part.confusions[:20])]
        parts += ["<h3>Intents</h3>", _intents(part.figures)]
    parts += [
        f'<h2>Pictures</h2><p><img src="{escape(one)}" alt="{escape(one)}"></p>' for one in pictures[:1]
    ]
    parts += [f'<p><img src="{escape(one)}" alt="{escape(one)}"></p>' for one in pictures[1:]]
    return "\n".join([*parts, "</main></body></html>"]) + "\n"


_HEAD: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Understanding</title><style>
body { font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; color: #1b1f23; margin: 2rem; }
main { max-width: 64rem; margin: auto; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid #e3e7eb; padding: .25rem .8rem; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
img { max-width: 100%; }
</style></head><body><main>"""


def _summary(part: Part) -> str:
    head = ("language", "examples", "accuracy", "macro F1", "asked again", "accuracy of the rest")
    rows = [
        (name, str(one.examples), f"{one.accuracy:.2%}", f"{one.macro_f1:.2%}", f"{one.asked_again:.1%}",
         f"{one.accuracy_above:.2%}")
        for name, one in part.figures.items()
    ]  # fmt: skip
    return _table(head, rows)


def _intents(found: Mapping[str, Figures]) -> str:
    """F1 by language, and precision and recall overall; the worst first."""
    languages = [name for name in found if name != OVERALL]
    f1 = {name: {one.intent: one.f1 for one in found[name].intents if one.examples} for name in languages}
    rows = [
        (one.intent, str(one.examples), f"{one.precision:.1%}", f"{one.recall:.1%}", f"{one.f1:.1%}",
         *(f"{f1[name][one.intent]:.1%}" if one.intent in f1[name] else "" for name in languages))
        for one in sorted(found[OVERALL].intents, key=lambda one: (one.f1, one.intent))
    ]  # fmt: skip
    head = ("intent", "examples", "precision", "recall", "F1", *(f"F1 {name}" for name in languages))
    return _table(head, rows)


def _confusions(pairs: Sequence[Confusion]) -> str:
    rows = [
        (one.intent, one.taken_for, str(one.count), f"{one.share:.1%}",
         " · ".join(f"{mistake.text} ({mistake.confidence:.2f})" for mistake in one.examples))
        for one in pairs
    ]  # fmt: skip
    return _table(("intent", "taken for", "times", "share", "such as"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def cell(text: str) -> str:
        kind = ' class="n"' if text[:1].isdigit() and len(text) < 10 else ""
        return f"<td{kind}>{escape(text)}</td>"

    heads = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "\n".join(f"<tr>{''.join(cell(one) for one in row)}</tr>" for row in rows)
    return f"<table><tr>{heads}</tr>\n{body}</table>"
