"""`contact-center flows`: check, play, draw and test the flows of a folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

import ivr_flows
from contact_center.cli.play import HELP, Caller, Telephone, calendars
from contact_center.clock import SystemClock
from ivr_flows import Context, FlowSet
from ivr_flows.coverage import FlowCoverage, coverage
from ivr_flows.flow import Finding, Flow, FlowError
from ivr_flows.graph import mermaid, svg
from ivr_flows.lint import check as check_folder
from ivr_flows.script import CHANNELS, Result, ScriptError, run_scripts

SHIPPED = Path(ivr_flows.__file__).parent / "definitions"
"""The flows that come with the product."""

Command = TypeVar("Command", bound=Callable[..., Any])


def _folder(command: Command) -> Command:
    option = click.option(
        "--folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=SHIPPED,
        help="The folder with the flows and their scripts; the shipped ones when left out.",
    )
    return option(command)


def _as_json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


@click.group()
def flows() -> None:
    """Check, play, draw and test flows."""


@flows.command()
@_folder
@_as_json
def check(folder: Path, as_json: bool) -> None:
    """Look for mistakes; exit status 1 where there is an error."""
    loaded, findings = check_folder(folder)
    if as_json:
        _print_json([msgspec.to_builtins(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(_located(finding))
        errors = sum(finding.level == "error" for finding in findings)
        count = f"{len(loaded.flows)} flows, " if loaded else ""
        click.echo(f"{count}{errors} errors, {len(findings) - errors} warnings")
    if any(finding.level == "error" for finding in findings):
        raise SystemExit(1)


@flows.command()
@click.argument("flow", default="front_door")
@_folder
@click.option("--channel", type=click.Choice(sorted(CHANNELS)), default="phone", show_default=True)
@click.option("--language", default="", help="What is known of the caller's language, such as zh.")
@click.option("--from", "from_address", default="+8613800138000", show_default=True)
@click.option("--customer", default="", help='A known customer, as JSON or just a name: "Li Wei".')
@click.option("--key", "is_key", is_flag=True, help="The known customer is a key customer.")
@click.option("--hours", type=click.Choice(["open", "closed", "holiday"]), default="open")
@click.option("--company", default="", help="What templates see as `company`, as JSON.")
def play(flow: str, folder: Path, channel: str, language: str, **given: Any) -> None:
    """Be the caller of FLOW in this terminal; nothing is stored and nobody is called.

    What the flow asks of the application, such as looking up an order, is asked of you.
    """
    loaded = _load(folder)
    found = _flow(loaded, flow)
    now = SystemClock().now()
    context = Context(
        now=now,
        traits=CHANNELS[channel],
        customer=_customer(given["customer"], language, given["is_key"]),
        contact={
            "id": "con_play",
            "channel": channel,
            "speaks": CHANNELS[channel].speaks,
            "from_address": given["from_address"],
            "to_address": "+861059990000",
        },
        company={"name": "Lakeside Outdoor", "timezone": "Asia/Shanghai"}
        | _object(given["company"], "--company"),
        calendars=calendars(loaded, given["hours"], now),
    )
    click.echo(HELP)
    Telephone(loaded, Caller(context, language), _ask, click.echo).call(found.name)


@flows.command()
@click.argument("flow")
@_folder
@click.option("--format", "kind", type=click.Choice(["svg", "mermaid"]), default="svg")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", default="", help="The language of the texts; the flow's first if not given.")
def graph(flow: str, folder: Path, kind: str, output: Path | None, language: str) -> None:
    """Draw FLOW as an SVG picture or as Mermaid text."""
    found = _flow(_load(folder), flow)
    drawn = svg(found, language) if kind == "svg" else mermaid(found, language)
    if output is None:
        click.echo(drawn, nl=False)
        return
    try:
        output.write_text(drawn, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise click.ClickException(f"cannot write {output}: {reason}; name another file") from error
    click.echo(f"{output}: {len(found.nodes)} nodes")


@flows.command()
@click.argument("names", metavar="[FLOW]...", nargs=-1)
@_folder
@_as_json
def test(names: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Run the scripted conversations, of all flows or of those named."""
    results = _results(_load(folder), folder, names)
    failed = sum(not result.passed for result in results)
    if as_json:
        _print_json([_result(result) for result in results])
    else:
        for result in results:
            mark = click.style("passed", fg="green") if result.passed else click.style("FAILED", fg="red")
            click.echo(f"{mark}  {result.conversation.flow}: {result.conversation.name}")
            for problem in result.problems:
                click.echo(f"        {_short(problem)}")
        click.echo(f"{len(results) - failed} passed, {failed} failed")
    if failed:
        raise SystemExit(1)


@flows.command(name="coverage")
@click.argument("names", metavar="[FLOW]...", nargs=-1)
@_folder
@_as_json
@click.option("--at-least", type=click.FloatRange(0, 100), default=0.0, help="Fail below this percentage.")
def coverage_command(names: tuple[str, ...], folder: Path, as_json: bool, at_least: float) -> None:
    """Tell which nodes and exits no scripted conversation reaches."""
    loaded = _load(folder)
    # Subflows are reached by the scripts of the flows around them, so all scripts run.
    results = _results(loaded, folder, ())
    found = coverage(loaded, (step for result in results for step in result.steps))
    for name in names:
        _flow(loaded, name)
    found = tuple(each for each in found if not names or each.flow in names)
    if as_json:
        _print_json([{**msgspec.to_builtins(each), "percent": round(each.percent, 1)} for each in found])
    else:
        for each in found:
            _print_coverage(each)
    if any(each.percent < at_least for each in found):
        raise SystemExit(1)


def _print_coverage(each: FlowCoverage) -> None:
    click.echo(
        f"{each.flow}: {each.exits_reached} of {each.exits} exits ({each.percent:.0f} %), "
        f"{each.nodes_reached} of {each.nodes} nodes"
    )
    for missing in each.unreached:
        what = f"exit {missing.exit}" if missing.exit else "never reached"
        click.echo(f"  {_short(missing.file)}:{missing.line}: node {missing.node}: {what}")


def _load(folder: Path) -> FlowSet:
    try:
        return FlowSet.load(folder)
    except FlowError as error:
        raise click.ClickException(
            "\n".join(["the flows do not load", *map(_located, error.findings)])
        ) from error


def _flow(loaded: FlowSet, name: str) -> Flow:
    found = loaded.flows.get(name)
    if found is None:
        known = ", ".join(sorted(loaded.flows))
        raise click.ClickException(f"there is no flow '{name}'; there are {known}")
    return found


def _results(loaded: FlowSet, folder: Path, names: tuple[str, ...]) -> list[Result]:
    for name in names:
        _flow(loaded, name)
    try:
        results = run_scripts(loaded, folder)
    except ScriptError as error:
        raise click.ClickException(_short(str(error))) from error
    return [result for result in results if not names or result.conversation.flow in names]


def _result(result: Result) -> dict[str, Any]:
    return {
        "flow": result.conversation.flow,
        "name": result.conversation.name,
        "passed": result.passed,
        "problems": list(result.problems),
    }


def _customer(given: str, language: str, is_key: bool) -> dict[str, Any] | None:
    """A customer as templates see one, from JSON or a bare name; None for a stranger."""
    if not given and not is_key:
        return None
    known = _object(given, "--customer") if given.startswith("{") else {"name": given or "Li Wei"}
    name = str(known.get("name", ""))
    blank = {"id": "cus_play", "language": language, "tier": "standard", "owner": "", "tags": []}
    return {**blank, "name": name, "first_name": name, "is_key": is_key, **known}


def _object(text: str, option: str) -> dict[str, Any]:
    try:
        data = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON at character {error.pos + 1}", param_hint=option) from error
    if not isinstance(data, dict):
        raise click.BadParameter('a JSON object such as {"name": "..."}', param_hint=option)
    return data


def _ask(prompt: str) -> str:
    """One line from the keyboard; the end of input is EOFError, as with `input`."""
    click.echo(prompt, nl=False)
    line = sys.stdin.readline()
    if not line:
        click.echo()
        raise EOFError
    return line


def _located(finding: Finding) -> str:
    return _short(str(finding))


def _short(text: str) -> str:
    """File names as seen from here, where that is shorter."""
    return text.replace(f"{os.getcwd()}{os.sep}", "")


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
