"""`contact-center doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from contact_center.doctor import Finding

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    help="The configuration file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(path: Path, as_json: bool) -> None:
    """Check the configuration, database, flows, bot, Twilio account and public URL.

    Exit status 1 where something does not work.
    """
    from contact_center.doctor import examine  # most of the program, which other commands need not load

    findings = asyncio.run(examine(path, os.environ))
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            _print(finding)
        _print_verdict(findings)
    if any(finding.level == "fail" for finding in findings):
        raise SystemExit(1)


def _print(finding: Finding) -> None:
    level = click.style(f"{finding.level:<5}", fg=COLOURS[finding.level])
    click.echo(f"{level} {finding.name:<14} {finding.what}")
    if finding.remedy:
        click.echo(f"{'':<20} → {finding.remedy}")


def _print_verdict(findings: list[Finding]) -> None:
    failed = sum(finding.level == "fail" for finding in findings)
    warned = sum(finding.level == "warn" for finding in findings)
    if failed:
        click.echo(f"\n{failed} to mend, {warned} to look at.")
    elif warned:
        click.echo(f"\nIt works; {warned} to look at.")
    else:
        click.echo("\nAll is well.")
