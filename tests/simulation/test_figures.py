from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest

from contact_center.routing.model import QueuePolicy
from contact_center.simulation.document import parse_document
from contact_center.simulation.engine import simulate
from contact_center.simulation.figures import differences, percentile, report_of, summarise
from contact_center.simulation.picture import picture
from contact_center.simulation.reading import scenario_of
from contact_center.simulation.runs import Result, run
from contact_center.simulation.scenario import plan_of
from contact_center.simulation.tally import interval_width
from contact_center.staffing import Demand, erlang_a
from tests.simulation.making import call, known, plan, worker

DAY = """\
scenario: <A & B>
hours: 3
queues: {a: {auto_accept: true}, b: {auto_accept: true, required: {x: 1}}}
arrivals:
  - {queue: a, per_hour: 60, handling: {exponential: 120}, patience: {exponential: 60}}
  - {queue: b, per_hour: 20, handling: {exponential: 120}, patience: {exponential: 60}}
groups: {one: {count: 2}, two: {skills: {x: 1}}}
"""


def result(runs: int, changed: bool = False) -> Result:
    scenario = scenario_of(parse_document(DAY, "day.yaml"))
    policies = dict(scenario.policies) | {"b": QueuePolicy(auto_accept=True)} if changed else None
    return run(lambda number: plan_of(scenario, number), runs, policies)


def test_figures_by_hand() -> None:
    calls = [call(0), call(0, patience=15.0), call(10), call(2000)]
    found = report_of(simulate(plan(calls, [worker("a"), worker("b", group="idle")], end=3600))).overall
    assert (found.came, found.answered, found.abandoned) == (4, 4, 0)
    alone = report_of(simulate(plan(calls, [worker("a")], end=3600)))
    found = alone.overall
    assert (found.came, found.answered, found.abandoned, found.unserved) == (4, 3, 1, 0)
    assert (found.service_level, found.abandonment) == (0.5, 0.25)
    assert found.asa == pytest.approx(50 / 3)
    assert (found.p50, found.p80, found.p99, found.longest, found.left_after) == (0, 50, 50, 50, 15)
    assert alone.groups["all"].occupancy == pytest.approx(180 / 3600)
    assert alone.groups["all"].handled == 3
    assert [(one.start, one.came, one.abandoned) for one in alone.intervals] == [
        (0, 3, 1), (900, 0, 0), (1800, 1, 0), (2700, 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.51, 3), (0.75, 3), (0.99, 4), (0.01, 1)])
def test_percentiles(share: float, value: float) -> None:
    assert percentile([1, 2, 3, 4], share) == value
    assert percentile([], share) is None


@pytest.mark.parametrize(("hours", "width"), [(8, 900), (50, 900), (51, 1800), (24 * 365, 157_680)])
def test_a_picture_has_no_more_than_two_hundred_intervals(hours: float, width: float) -> None:
    assert interval_width(hours * 3600) == pytest.approx(width)


def test_the_margin_is_students() -> None:
    reports = [report_of(simulate(plan([call(0)] * number, [worker("a")]))) for number in (1, 2, 3)]
    summary = summarise(reports)
    assert summary.mean.overall.came == 2
    assert summary.margin is not None
    assert summary.margin.overall.came == pytest.approx(4.303 / 3**0.5)
    assert summarise(reports[:1]).margin is None


def test_differences_are_of_the_same_contacts() -> None:
    found = result(6, changed=True)
    assert found.difference is not None
    assert found.difference.margin is not None
    assert found.difference.mean.overall.came == 0
    assert found.difference.margin.overall.came == 0
    change, margin = found.difference.mean.queues["b"], found.difference.margin.queues["b"]
    worst = known(change.service_level) - known(margin.service_level)
    assert worst > 0, "three agents instead of one help the queue"


def test_a_figure_that_only_some_runs_have_is_their_mean() -> None:
    nobody, somebody = (report_of(simulate(plan(calls, [worker("a")]))) for calls in ([], [call(0)]))
    summary = summarise([nobody, somebody])
    assert summary.mean.overall.asa == 0
    assert differences([nobody], [somebody]).mean.overall.asa is None
    assert differences([nobody], [somebody]).mean.overall.came == 1


def test_a_long_run_agrees_with_erlang_a() -> None:
    text = """
hours: 20
warm_up: 1
queues: {a: {auto_accept: true}}
arrivals: [{queue: a, per_hour: 100, handling: {exponential: 150}, patience: {exponential: 120}}]
groups: {one: {count: 5}}
"""
    scenario = scenario_of(parse_document(text, "long.yaml"))
    summary = run(lambda number: plan_of(scenario, number), 3).present
    found, wanted = summary.mean.overall, erlang_a(5, Demand(100 / 3600, 150.0, 120.0), 20.0)
    assert found.service_level == pytest.approx(wanted.service_level, rel=0.03)
    assert found.abandonment == pytest.approx(wanted.abandonment, rel=0.12)
    assert found.asa == pytest.approx(wanted.asa, rel=0.12)
    assert summary.mean.groups["one"].occupancy == pytest.approx(wanted.occupancy, rel=0.02)


# --- the picture ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("runs", "changed"), [(1, False), (1, True), (3, True)])
def test_the_picture_is_whole_and_within_its_frame(runs: int, changed: bool) -> None:
    drawn = picture(result(runs, changed))
    root = ElementTree.fromstring(drawn)
    assert root.find("{*}title").text == "<A & B>"  # type: ignore[union-attr]
    height = float(root.attrib["height"])
    for group in root.iterfind("{*}g"):
        x, y = (float(part) for part in re.findall(r"[\d.]+", group.attrib["transform"]))
        for rect in group.iterfind("{*}rect"):
            assert float(rect.attrib["y"]) >= -30
            assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= 140.1
            assert x + float(rect.attrib["x"]) + float(rect.attrib["width"]) <= 960
        assert y + 140 <= height
    assert ('stroke-dasharray="5 4"' in drawn) == changed
    assert "nan" not in drawn


def test_a_picture_of_a_day_on_which_nobody_comes() -> None:
    empty = msgspec.structs.replace(plan([], [worker("a")]), title="nothing")
    drawn = picture(run(lambda number: empty))
    assert "nobody came" in drawn
