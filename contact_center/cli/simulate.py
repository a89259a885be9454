"""``simulate``: a scenario, or recorded days, in virtual time, under present and changed policies."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from contact_center.cli.common import CliError, config_option, open_desk
from contact_center.cli.options import When

if TYPE_CHECKING:
    from contact_center.simulation.figures import Summary
    from contact_center.simulation.runs import Result

OUTPUT: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@config_option
@click.argument("scenario", metavar="[SCENARIO]", required=False)
@click.option("--journal", nargs=2, type=When(), metavar="FROM TO", help="Recorded days instead.")
@click.option("--with", "changes", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Changed policies, YAML: queues: {NAME: {strategy: [longest_idle]}}.")  # fmt: skip
@click.option("--runs", type=click.IntRange(1, 1000), default=1, show_default=True,
              help="Simulate so often with other random numbers, and tell how sure the mean is.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="In place of the scenario's seed.")
@click.option("--picture", type=OUTPUT, help="Draw the day into this SVG file.")
@click.option("--csv", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Write the tables into this folder, one CSV file each.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def simulate(scenario: str | None, config_path: Path | None, as_json: bool, **given: Any) -> None:
    """Simulate SCENARIO, a YAML file or the name of a shipped one, with the real router in virtual time.

    With --journal the days come from the journal: who came when, how long it took, who was on duty. Days
    without a time of day begin at midnight.
    """
    from contact_center.simulation.document import ScenarioError

    journal = given["journal"]
    if (scenario is None) == (journal is None):
        raise click.UsageError("Name a scenario, or recorded days with --journal FROM TO.")
    try:
        if scenario is not None:
            result = _simulated(scenario, given["seed"], given["runs"], given["changes"])
        else:
            result = _replayed(config_path, journal, given)
    except ScenarioError as error:
        raise CliError(str(error)) from None
    if given["picture"] is not None:
        from contact_center.simulation.picture import picture

        _write(given["picture"], picture(result))
    if given["folder"] is not None:
        _write_tables(result, given["folder"])
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(told(result)), indent=2).decode())
    else:
        print_result(result)


def _simulated(name: str, seed: int | None, runs: int, changes: Path | None) -> Result:
    from contact_center.simulation.reading import read_changes, read_scenario
    from contact_center.simulation.runs import run
    from contact_center.simulation.scenario import plan_of
    from contact_center.simulation.scenarios import shipped

    path = Path(name)
    if not path.is_file():
        known = shipped()
        if name not in known:
            raise CliError(
                f"there is no file {name}, and no shipped scenario of that name ({', '.join(known)})"
            )
        path = known[name]
    found = read_scenario(path)
    if seed is not None:
        found = msgspec.structs.replace(found, seed=seed)
    changed = read_changes(changes, found.policies) if changes else None
    return run(lambda number: plan_of(found, number), runs, changed)


def _replayed(config_path: Path | None, days: tuple[datetime, datetime], given: Mapping[str, Any]) -> Result:
    from contact_center.routing.policy import PolicyError
    from contact_center.simulation.history import read_history
    from contact_center.simulation.reading import read_changes
    from contact_center.simulation.replay import recorded_report, replay_plan
    from contact_center.simulation.runs import run

    with open_desk(config_path) as desk, desk.reading() as connection:
        start, end = (day if day.tzinfo else day.replace(tzinfo=desk.zone) for day in days)
        if end <= start:
            raise CliError("--journal: the second time must be after the first")
        routing = desk.config.routing
        try:
            history = read_history(
                connection, start, end, strategy=routing.strategy, capacity=routing.usual_capacity
            )
        except PolicyError as error:
            raise CliError(str(error)) from None
    if not history.visits:
        raise CliError("nobody waited in a queue in that time; `contact-center log` shows what was")
    changed = read_changes(given["changes"], history.policies) if given["changes"] else None
    seed = given["seed"] or 1
    result = run(lambda number: replay_plan(history, seed, number), given["runs"], changed)
    wall_clock = start.replace(tzinfo=UTC).timestamp()
    return msgspec.structs.replace(result, recorded=recorded_report(history), begin=wall_clock)


# --- for programs ---------------------------------------------------------------------------------


def told(result: Result) -> dict[str, Any]:
    """The result as plain values."""
    parts = {
        "recorded": None if result.recorded is None else msgspec.to_builtins(result.recorded),
        "present": _told(result.present),
        "changed": _told(result.changed),
        "difference": _told(result.difference),
    }
    begin = datetime.fromtimestamp(result.begin, UTC).replace(tzinfo=None).isoformat()
    return {"title": result.title, "begin": begin} | {
        name: part for name, part in parts.items() if part is not None
    }


def _told(summary: Summary | None) -> Any:
    return None if summary is None else msgspec.to_builtins(summary)


def _write_tables(result: Result, folder: Path) -> None:
    """queues.csv, groups.csv and intervals.csv; with a changed policy those of the changed run beside
    them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CliError(f"cannot make {folder}: {error.strerror or 'unknown reason'}; name another") from None
    for prefix, summary in (("", result.present), ("changed_", result.changed)):
        if summary is None:
            continue
        mean = summary.mean
        tables: dict[str, list[dict[str, Any]]] = {
            "queues": [{"queue": name} | _flat(row) for name, row in mean.queues.items()],
            "groups": [{"group": name} | _flat(row) for name, row in mean.groups.items()],
            "intervals": [_flat(row) for row in mean.intervals],
        }
        for name, rows in tables.items():
            _write_table(folder / f"{prefix}{name}.csv", rows)


def _write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]) if rows else [])
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise CliError(f"cannot write {path}: {error.strerror or 'unknown reason'}") from None


def _flat(row: msgspec.Struct) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(row)
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise CliError(f"cannot write {path}: {reason}; name another file") from None


# --- for people -----------------------------------------------------------------------------------


class _Line(msgspec.Struct, frozen=True):
    """A row of a table: its name, which figures, their mean and their margin."""

    name: str
    what: str
    mean: Any
    margin: Any = None
    signed: bool = False


def print_result(result: Result) -> None:
    """The result as tables."""
    from contact_center.cli.printing import print_section

    runs = result.present.runs
    click.echo(result.title + (f" (mean of {runs} runs, ± 95 % interval)" if runs > 1 else ""))
    queues = [line for name in (*result.present.mean.queues, "") for line in _lines(result, name)]
    compared = any(line.what for line in queues)
    print_section("Queues", _columns(_QUEUES, compared=compared), queues)
    print_section("Waits of the answered", _columns(_WAITS, compared=compared), queues)
    print_section("Offers", _columns(_OFFERS, compared=compared), queues)
    groups = [line for name in result.present.mean.groups for line in _group_lines(result, name)]
    print_section("Groups", _columns(_GROUPS, "group", compared=compared), groups)
    print_section("Overflow", *_moves(result))


def _moves(result: Result) -> tuple[dict[str, Any], list[str]]:
    """The table of overflow: a row a pair of queues, a column what was recorded and what was simulated."""
    columns: dict[str, Any] = {"moved": lambda name: name}
    reports = {
        "recorded": result.recorded,
        "present": result.present.mean,
        "changed": None if result.changed is None else result.changed.mean,
    }
    known = {word: report.moves for word, report in reports.items() if report is not None}
    for word, moves in known.items():
        columns[word] = _count_of(moves)
    return columns, sorted({name for moves in known.values() for name in moves})


def _count_of(moves: Mapping[str, float | None]) -> Any:
    return lambda name: f"{moves.get(name) or 0:,.0f}"


def _lines(result: Result, queue: str) -> list[_Line]:
    """The lines of a queue, or of all together: as recorded, simulated, changed, and the difference."""
    name = result.titles.get(queue, queue) or "all"

    def of(report: Any) -> Any:
        return report.overall if not queue else report.queues[queue]

    return _all_lines(result, name, of)


def _group_lines(result: Result, group: str) -> list[_Line]:
    return [line for line in _all_lines(result, group, lambda report: report.groups.get(group)) if line.mean]


def _all_lines(result: Result, name: str, of: Any) -> list[_Line]:
    found = []
    if result.recorded is not None:
        found.append(_Line(name, "recorded", of(result.recorded)))
    word = "present" if found or result.changed else ""
    summaries = ((word, result.present), ("changed", result.changed), ("difference", result.difference))
    for what, summary in summaries:
        if summary is not None:
            margin = None if summary.margin is None else of(summary.margin)
            found.append(_Line(name, what, of(summary.mean), margin, signed=what == "difference"))
            name = "" if found else name
    return [
        msgspec.structs.replace(line, name="" if place else line.name) for place, line in enumerate(found)
    ]


_QUEUES: Final = {
    "came": ("came", "count"),
    "answered": ("answered", "count"),
    "abandoned": ("abandoned", "count"),
    "unserved": ("unserved", "count"),
    "service level": ("service_level", "share"),
    "abandonment": ("abandonment", "share"),
    "ASA": ("asa", "seconds"),
}
_WAITS: Final = {
    "50 %": ("p50", "seconds"),
    "80 %": ("p80", "seconds"),
    "90 %": ("p90", "seconds"),
    "95 %": ("p95", "seconds"),
    "99 %": ("p99", "seconds"),
    "longest of all": ("longest", "seconds"),
    "left after": ("left_after", "seconds"),
}
_OFFERS: Final = {
    "offers": ("offers", "count"),
    "declined": ("declined", "count"),
    "expired": ("expired", "count"),
    "revoked": ("revoked", "count"),
    "transferred": ("transferred", "count"),
    "moved": ("moved", "count"),
}
_GROUPS: Final = {
    "agents": ("agents", "count"),
    "hours at work": ("duty_hours", "hours"),
    "busy": ("busy_hours", "hours"),
    "not responding": ("away_hours", "hours"),
    "occupancy": ("occupancy", "share"),
    "handled": ("handled", "count"),
}


def _columns(table: Mapping[str, tuple[str, str]], first: str = "queue", *, compared: bool) -> dict[str, Any]:
    columns: dict[str, Any] = {first: lambda line: line.name}
    if compared:
        columns[""] = lambda line: line.what
    return columns | {heading: _shower(field, unit) for heading, (field, unit) in table.items()}


def _shower(field: str, unit: str) -> Any:
    def show(line: _Line) -> str:
        value, margin = getattr(line.mean, field), getattr(line.margin, field, None)
        if value is None:
            return "-"
        told = _UNITS[unit](value, "+" if line.signed else "")
        return f"{told} ±{_UNITS[unit](margin, '').partition(' ')[0]}" if margin else told

    return show


_UNITS: Final[dict[str, Any]] = {
    "count": lambda value, sign: f"{value:{sign},.{0 if value >= 100 or value == int(value) else 1}f}",
    "share": lambda value, sign: f"{value * 100:{sign}.1f} %",
    "seconds": lambda value, sign: f"{value:{sign}.0f} s" if abs(value) >= 10 else f"{value:{sign}.1f} s",
    "hours": lambda value, sign: f"{value:{sign},.1f}",
}
