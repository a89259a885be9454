"""``staffing``: how many people a queue needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contact_center.cli.common import CliError

if TYPE_CHECKING:
    from contact_center.staffing import Goal, Interval, Need

POSITIVE = click.FloatRange(0, min_open=True)


@click.command()
@click.option("--calls", type=click.FloatRange(0), help="Calls that come in one interval.")
@click.option("--interval", type=POSITIVE, default=30.0, show_default=True, help="Length of one, minutes.")
@click.option("--aht", type=POSITIVE, help="Seconds that a call takes on average, wrap-up included.")
@click.option("--target", type=click.FloatRange(0, 1, max_open=True), default=0.8, show_default=True,
              help="Share of calls that shall be answered in time.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0), default=20.0, show_default=True, help="In time is that.")
@click.option("--patience", type=POSITIVE,
              help="Mean seconds until a waiting customer leaves (Erlang A); else none does.")  # fmt: skip
@click.option("--max-occupancy", type=click.FloatRange(0, 1, min_open=True), default=1.0,
              help="Agents shall be busy no more than this share of their time.")  # fmt: skip
@click.option("--shrinkage", type=click.FloatRange(0, 1, max_open=True), default=0.0,
              help="Share of paid time away from the desk: breaks, holidays, illness.")  # fmt: skip
@click.option("--intervals", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A CSV or YAML file with one row an interval: start, calls, aht.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def staffing(
    calls: float | None, interval: float, aht: float | None, intervals: Path | None, **given: Any
) -> None:
    """How many people a queue needs to answer its calls in time.

    Either for --calls in one --interval, with a few more and less beside it, or for each of --intervals.
    """
    from contact_center.staffing import Goal, Interval, IntervalsError, needed, read_intervals

    goal = Goal(**{name: given[name] for name in ("target", "seconds", "max_occupancy", "shrinkage")})
    rows: Sequence[Interval]
    if intervals is not None:
        if calls is not None:
            raise click.UsageError("Give either --calls or --intervals.")
        try:
            rows = read_intervals(intervals, aht)
        except IntervalsError as error:
            raise CliError(str(error)) from None
    elif calls is None or aht is None:
        raise click.UsageError("Give --calls and --aht, or a file with --intervals.")
    else:
        rows = [Interval("", calls, aht)]
    needs = [needed(_demand(row, interval, given["patience"]), goal) for row in rows]
    if given["as_json"]:
        _print_json(rows, needs, many=intervals is not None)
    elif intervals is not None:
        _print_intervals(rows, needs, interval)
    else:
        _print_one(needs[0], goal)


def _demand(row: Interval, minutes: float, patience: float | None) -> Any:
    from contact_center.staffing import Demand

    return Demand(row.calls / minutes / 60, row.aht, patience)


def _row(need: Need) -> dict[str, object]:
    """A need as fields, for JSON."""
    found = need.figures
    return {
        "agents": found.agents,
        "scheduled": need.scheduled,
        "load": round(need.demand.load, 6),
        "service_level": round(found.service_level, 6),
        "waits": round(found.waits, 6),
        "asa": None if found.asa is None else round(found.asa, 3),
        "occupancy": round(found.occupancy, 6),
        "abandonment": round(found.abandonment, 6),
    }


def _print_json(rows: Sequence[Interval], needs: Sequence[Need], *, many: bool) -> None:
    told = [
        {"start": row.start, "calls": row.calls, "aht": row.aht} | _row(need)
        for row, need in zip(rows, needs, strict=True)
    ]
    if not many:
        del told[0]["start"]
    click.echo(json.dumps(told if many else told[0], indent=2))


def _figures() -> dict[str, Any]:
    return {
        "service level": lambda need: _share(need.figures.service_level),
        "ASA": lambda need: "endless" if need.figures.asa is None else f"{need.figures.asa:.1f} s",
        "Pw": lambda need: _share(need.figures.waits),
        "abandon": lambda need: _share(need.figures.abandonment),
        "occupancy": lambda need: _share(need.figures.occupancy),
    }


def _print_one(need: Need, goal: Goal) -> None:
    """The answer in a sentence, and how it would be with a few agents more or less."""
    from contact_center.cli.printing import print_table
    from contact_center.staffing import Need as Found
    from contact_center.staffing import figures, scheduled

    demand, agents = need.demand, need.figures.agents
    formula = "Erlang C" if demand.patience is None else "Erlang A"
    roster = f", {need.scheduled} on the roster" if goal.shrinkage else ""
    click.echo(
        f"{agents} agents at their desks{roster}: load {demand.load:.2f} erlangs, "
        f"goal {goal.target:.0%} in {goal.seconds:g} s ({formula})."
    )
    beside = [
        Found(demand, figures(number, demand, goal.seconds), scheduled(number, goal.shrinkage))
        for number in range(max(agents - 3, 0), agents + 4)
    ]
    columns: dict[str, Any] = {
        "": lambda one: ">" if one.figures.agents == agents else "",
        "agents": lambda one: one.figures.agents,
    }
    if goal.shrinkage:
        columns["roster"] = lambda one: one.scheduled
    print_table(columns | _figures(), beside)


def _print_intervals(rows: Sequence[Interval], needs: Sequence[Need], minutes: float) -> None:
    from contact_center.cli.printing import print_table

    columns: dict[str, Any] = {
        "start": lambda pair: pair[0].start,
        "calls": lambda pair: f"{pair[0].calls:g}",
        "AHT": lambda pair: f"{pair[0].aht:g} s",
        "agents": lambda pair: pair[1].figures.agents,
        "roster": lambda pair: pair[1].scheduled,
    }
    figures = {name: _of_need(show) for name, show in _figures().items()}
    print_table(columns | figures, list(zip(rows, needs, strict=True)))
    hours = sum(need.figures.agents for need in needs) * minutes / 60
    paid = sum(need.scheduled for need in needs) * minutes / 60
    click.echo(f"{hours:g} hours at desks, {paid:g} on the roster.")


def _of_need(show: Any) -> Any:
    return lambda pair: show(pair[1])


def _share(value: float) -> str:
    return f"{value * 100:.1f} %"
