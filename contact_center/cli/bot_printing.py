"""What `contact-center bot` prints for people: checks, test stories, reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from bot.embedded.test_stories import Difference, ScriptedStory
from contact_center.bot_lab.checking import Checked
from contact_center.bot_lab.report import OVERALL, Part, Report
from contact_center.cli.printing import print_section, print_table

WORST: Final = 15
"""Confusions that a terminal shows; the report has all."""


def print_check(found: Checked, project: Path) -> None:
    """Counts, then findings with their places, then the verdict."""
    if found.counts:
        columns: dict[str, Any] = {"INTENT": lambda one: one[0]}
        for language in sorted({name for counts in found.counts.values() for name in counts}):
            columns[language] = lambda one, language=language: one[1].get(language, 0)
        print_table(columns, found.counts.items())
        total = sum(sum(counts.values()) for counts in found.counts.values())
        click.echo(f"\n{project}: {len(found.counts)} intents, {total} examples")
    for one in found.findings:
        colour = "red" if one.level == "error" else "yellow"
        place = f"{one.place}: " if one.place else ""
        click.echo(f"{click.style(f'{one.level:<8}', fg=colour)}{place}{one.what}")
    errors = sum(one.level == "error" for one in found.findings)
    warnings = len(found.findings) - errors
    if errors:
        click.echo("\nIt cannot be run: mend this first.")
    else:
        click.echo(f"\nIt can be run; {warnings} to look at." if warnings else "\nAll is well.")


def print_tests(results: Sequence[tuple[ScriptedStory, Sequence[Difference]]]) -> None:
    """A line for each story; below those that differ, message by message, what was wanted and what came."""
    for story, found in results:
        state = click.style("failed", fg="red") if found else click.style("ok    ", fg="green")
        click.echo(f"{state}  {story.file}:{story.line}  {story.name}")
        said = None
        for one in found:
            if (one.line, one.text) != said:
                click.echo(f"        {one.file}:{one.line}: “{one.text}”")
                said = (one.line, one.text)
            click.echo(f"          {one.what}: expected  {one.expected}")
            click.echo(f"          {'':{len(one.what)}}  got       {one.got}")
    failed = sum(bool(found) for _, found in results)
    click.echo(f"\n{len(results)} stories, {failed} failed.")


def print_report(report: Report) -> None:
    """The figures of a report, the worst confusions, the curve and how far confidence can be believed."""
    click.echo(f"{report.project}; encoder: {report.encoder}; {report.folds} folds, seed {report.seed}")
    _print_part("Cross-validation", report.validation)
    if report.held_out is not None:
        _print_part("Held out", report.held_out)
    languages = sorted({name for point in report.learning_curve for name in point.languages})
    curve: dict[str, Any] = {"EXAMPLES": lambda one: one.size, OVERALL: lambda one: f"{one.accuracy:.1%}"}
    for name in languages:
        curve[name] = lambda one, name=name: f"{one.languages[name]:.1%}" if name in one.languages else ""
    print_section("Accuracy by examples an intent and language", curve, report.learning_curve)


def _print_part(title: str, part: Part) -> None:
    print_section(
        title,
        {
            "LANGUAGE": lambda one: one[0],
            "EXAMPLES": lambda one: one[1].examples,
            "ACCURACY": lambda one: f"{one[1].accuracy:.2%}",
            "MACRO F1": lambda one: f"{one[1].macro_f1:.2%}",
            "ASKED AGAIN": lambda one: f"{one[1].asked_again:.1%}",
            "ACCURACY OF THE REST": lambda one: f"{one[1].accuracy_above:.2%}",
        },
        list(part.figures.items()),
    )
    others = {name: {one.intent: one for one in found.intents} for name, found in part.figures.items()}
    intents: dict[str, Any] = {
        "INTENT": lambda one: one.intent,
        "EXAMPLES": lambda one: one.examples,
        "PRECISION": lambda one: f"{one.precision:.1%}",
        "RECALL": lambda one: f"{one.recall:.1%}",
        "F1": lambda one: f"{one.f1:.1%}",
    }
    for name in others:
        if name != OVERALL:
            intents[f"F1 {name}"] = lambda one, name=name: (
                f"{found.f1:.1%}" if (found := others[name].get(one.intent)) and found.examples else ""
            )
    worst_first = sorted(part.figures[OVERALL].intents, key=lambda one: (one.f1, one.intent))
    print_section("Intents", intents, worst_first)
    print_section(
        "Worst confusions",
        {
            "INTENT": lambda one: one.intent,
            "TAKEN FOR": lambda one: one.taken_for,
            "TIMES": lambda one: one.count,
            "SUCH AS": lambda one: one.examples[0].text,
        },
        part.confusions[:WORST],
    )
    print_section(
        f"Confidence (expected calibration error {part.calibration_error:.1%})",
        {
            "CONFIDENCE": lambda one: f"{one.low:.1f} to {one.high:.1f}",
            "GUESSES": lambda one: one.guesses,
            "MEAN": lambda one: f"{one.confidence:.1%}",
            "RIGHT": lambda one: f"{one.accuracy:.1%}",
        },
        [one for one in part.reliability if one.guesses],
    )
