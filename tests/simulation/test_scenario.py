"""From YAML to a plan, and what is said of a scenario that cannot be used."""

from __future__ import annotations

from pathlib import Path
from random import Random
from statistics import fmean, pstdev

import msgspec
import pytest

from contact_center.agent import AVAILABLE, BREAK, OFFLINE
from contact_center.routing.model import Overflow
from contact_center.simulation import reading
from contact_center.simulation.distributions import DISTRIBUTIONS
from contact_center.simulation.document import ScenarioError, parse_document
from contact_center.simulation.plan import Arrival, Plan
from contact_center.simulation.reading import read_changes, read_scenario, scenario_of
from contact_center.simulation.runs import run
from contact_center.simulation.scenario import Scenario, plan_of
from contact_center.simulation.scenarios import shipped

TEXT = """\
scenario: a day
seed: 7
begin: 2026-03-02T08:00
hours: 4
queues:
  a: {title: Line A, strategy: longest_idle, target_seconds: 30}
  b: {required: {x: 3}}
arrivals:
  - queue: a
    per_hour: {"08:00": 60, "10:00": 120, "11:00": 0}
    patience: {exponential: 100}
    handling: {lognormal: {mean: 200, cv: 1.5}}
    languages: {en: 0.75, zh: 0.25}
  - {queue: b, kind: chat, at: ["08:15", 10:30, "09:00:20"], handling: 60, wrap_up: 5, transfers: {a: 1}}
customers: {count: 50, tiers: {key: 0.2}, owned: 0.5, owners: [few]}
groups:
  few:
    count: 2
    skills: {x: 5}
    shifts: [{from: "07:00", to: "11:00"}]
    breaks: [{at: "09:00", minutes: 15, stagger: 30}]
    answers: {seconds: {uniform: {low: 1, high: 3}}, missed: 0.1, away: 60}
  night: {capacity: [{call: 1}, {chat: 3}], shifts: [{from: "22:00", to: "09:00"}]}
"""


def scenario(text: str = TEXT) -> Scenario:
    return scenario_of(parse_document(text, "day.yaml"))


def arrivals(plan: Plan, queue: str) -> list[Arrival]:
    return [arrival for arrival in plan.arrivals() if arrival.queue == queue]


def test_what_is_read() -> None:
    found = scenario()
    assert (found.title, found.seed, found.hours, found.titles["a"]) == ("a day", 7, 4, "Line A")
    assert found.policies["a"].target_seconds == 30
    assert found.sources[0].rates == ((28_800, 60), (36_000, 120), (39_600, 0))
    assert found.groups[1].capacity == ({"call": 1}, {"chat": 3})
    assert found.groups[0].manners.missed == 0.1


def test_listed_contacts_come_when_it_says() -> None:
    plan = plan_of(scenario())
    assert [arrival.at - plan.begin for arrival in arrivals(plan, "b")] == [900, 3620, 9000]
    assert {arrival.then for arrival in arrivals(plan, "b")} == {"a"}


def test_contacts_come_at_the_rate_of_their_hour() -> None:
    plans = [plan_of(scenario(), number) for number in range(30)]
    counts = [0] * 4
    for plan in plans:
        for arrival in arrivals(plan, "a"):
            counts[int((arrival.at - plan.begin) // 3600)] += 1
    assert [count / 30 for count in counts] == pytest.approx([60, 60, 120, 0], abs=6)
    everybody = [arrival for plan in plans for arrival in arrivals(plan, "a")]
    assert sum(arrival.language == "zh" for arrival in everybody) / len(everybody) == pytest.approx(
        0.25, abs=0.03
    )
    assert sum(arrival.tier == "key" for arrival in everybody) / len(everybody) == pytest.approx(
        0.2, abs=0.06
    )
    assert fmean(arrival.patience for arrival in everybody) == pytest.approx(100, rel=0.06)
    assert {owner for arrival in everybody for owner in arrival.owners} == {"few-1", "few-2"}


def test_contacts_come_in_order_and_a_customer_keeps_tier_and_owner() -> None:
    found = list(plan_of(scenario()).arrivals())
    assert [arrival.at for arrival in found] == sorted(arrival.at for arrival in found)
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    for arrival in found:
        facts = arrival.tier, arrival.owners
        assert known.setdefault(arrival.customer, facts) == facts


def test_the_same_seed_brings_the_same_day_and_another_seed_or_run_another() -> None:
    def days(found: Scenario, number: int = 0) -> list[Arrival]:
        return list(plan_of(found, number).arrivals())

    assert days(scenario()) == days(scenario())
    assert days(scenario()) != days(scenario(), 1)
    assert days(scenario()) != days(msgspec.structs.replace(scenario(), seed=8))


def test_a_source_more_leaves_the_others_as_they_were() -> None:
    more = TEXT.replace("customers:", "  - {queue: b, per_hour: 10, handling: 5}\ncustomers:", 1)
    before, after = plan_of(scenario()), plan_of(scenario(more))
    assert arrivals(before, "a") == arrivals(after, "a")


def test_two_sources_that_are_alike_bring_different_contacts() -> None:
    source = "  - {queue: b, per_hour: 60, handling: {exponential: 9}}\n"
    twice = TEXT.replace("arrivals:\n", f"arrivals:\n{source}{source}")
    found = arrivals(plan_of(scenario(twice)), "b")
    assert len({arrival.at for arrival in found}) == len(found)
    assert len({arrival.handling for arrival in found}) > len(found) * 0.9


def test_shifts_and_breaks_become_presences() -> None:
    plan = plan_of(scenario())
    presences = {
        worker.id: [((at - plan.begin) / 60, presence) for at, presence in worker.presences]
        for worker in plan.workers
    }
    assert presences == {
        "few-1": [(0, AVAILABLE), (60, BREAK), (75, AVAILABLE), (180, OFFLINE)],
        "few-2": [(0, AVAILABLE), (90, BREAK), (105, AVAILABLE), (180, OFFLINE)],
        "night-1": [(0, AVAILABLE), (60, OFFLINE)],
    }


def test_a_group_without_shifts_is_always_there_on_every_day() -> None:
    text = TEXT.replace('    shifts: [{from: "07:00", to: "11:00"}]\n', "").replace("hours: 4", "hours: 60")
    plan = plan_of(scenario(text))
    until_the_end = [presence for at, presence in plan.workers[0].presences if at <= plan.end]
    assert until_the_end == [AVAILABLE, *[BREAK, AVAILABLE] * 3]
    assert plan.workers[0].presences[-1][1] == OFFLINE


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seed: 7", "sed: 7", "day.yaml:2: sed: there is no key 'sed'; did you mean 'seed'? there"),
        ("  - queue: a", "  - queue: c", "day.yaml:9: arrivals[0].queue: there is no queue 'c'; there are a"),
        ("exponential: 100", "exponentail: 100", "arrivals[0].patience.exponentail: there is no dist"),
        ("exponential: 100", "exponential: {means: 1}", "there is no parameter 'means'; did you mean 'mean'"),
        ("mean: 200", "mean: -200", "day.yaml:12: arrivals[0].handling.lognormal.mean: must be at least 0"),
        ("zh: 0.25", "zh: 0.5", "arrivals[0].languages: the shares are more than 1 together"),
        ('"10:00": 120', '"26:00": 120', "must be a time of day such as 08:30"),
        ('"10:00": 120', '"07:00": 120', "arrivals[0].per_hour: the times of day must be in order"),
        ("kind: chat", "kind: fax", "there is no kind 'fax'; there are call, callback, consult, chat, text"),
        ('at: ["08:15", 10:30, "09:00:20"], ', "", "arrivals[1]: needs either per_hour or at"),
        ("owners: [few]", "owners: [many]", "customers.owners[0]: there is no group 'many'"),
        ("{chat: 3}", "{chats: 3}", "groups.night.capacity[1].chats: there is no medium 'chats'"),
        ("count: 2", "count: 2.5", "groups.few.count: must be a whole number"),
        ("count: 2", "count: 200000", "groups.few.count: must be at most 20,000"),
        ("x: 5", "x: 11", "groups.few.skills.x: must be at least 1 and at most 10"),
        ("missed: 0.1", "missed: 0.7, declined: 0.7", "missed and declined are more than 1 together"),
        ("longest_idle", "longest_idel", "day.yaml:6: queues.a.strategy: there is no strategy 'lo"),
        ("b: {", "b: {overflow: [{to: c, after: 9}], ", "queue 'b', overflow[1].to: there is no queue"),
        ("hours: 4", "hours: four", "day.yaml:4: hours: must be a number"),
        ("begin: 2026-03-02T08:00", "begin: monday", "day.yaml:3: begin: must be a date and time"),
        ("low: 1", "low: 4", "low must not be above high"),
        ("seed: 7", "seed: 7\nseed: 8", "day.yaml:3: seed is given twice"),
        ("handling: 60", "handling: {empirical: []}", "must be a list of seconds, and not empty"),
        ("groups:", "grups:", "there is no key 'grups'; did you mean 'groups'?"),
        ("queues:", "queues: [", "day.yaml:7: did not find expected"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(ScenarioError) as told:
        scenario(TEXT.replace(old, new, 1))
    assert words in str(told.value)


def test_what_is_missing_is_told() -> None:
    with pytest.raises(ScenarioError, match="arrivals is missing; a scenario needs"):
        scenario("queues: {a: {}}\ngroups: {b: {}}\n")
    with pytest.raises(ScenarioError, match="handling: is missing; write a number"):
        scenario("queues: {a: {}}\narrivals: [{queue: a, per_hour: 3}]\ngroups: {b: {}}\n")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_scenario(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ScenarioError, match="UTF-8"):
        read_scenario(bad)


def changes(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "routing.yaml"
    file.write_text(text)
    return file


def test_changes_lie_over_what_is(tmp_path: Path) -> None:
    file = changes(tmp_path, "queues: {b: {strategy: most_skilled, overflow: [{to: a, after: 20}]}}")
    found = scenario()
    changed = read_changes(file, found.policies)
    assert changed["a"] == found.policies["a"]
    assert changed["b"].strategy == ("most_skilled",)
    assert changed["b"].required == {"x": 3}
    assert changed["b"].overflow == (Overflow(to="a", after=20),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("queues: {c: {}}", "there is no queue 'c'; there are a, b"),
        ("queues: {}", "it changes nothing"),
        ("queue: {a: {}}", "there is no key 'queue'; did you mean 'queues'?"),
        ("queues: {a: {order: lifo}}", "routing.yaml:1: queues.a.order: there is no order 'lifo'"),
    ],
)
def test_changes_that_cannot_be_made(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ScenarioError) as told:
        read_changes(changes(tmp_path, text), scenario().policies)
    assert words in str(told.value)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios_run(name: str) -> None:
    found = read_scenario(shipped()[name])
    short = msgspec.structs.replace(found, hours=2.0, warm_up=0.0)
    assert run(lambda number: plan_of(short, number)).present.mean.overall.came


@pytest.mark.parametrize(
    ("kind", "given", "mean", "deviation"),
    [
        ("constant", (30.0,), 30.0, 0.0),
        ("exponential", (100.0,), 100.0, 100.0),
        ("lognormal", (240.0, 1.2), 240.0, 288.0),
        ("gamma", (240.0, 0.5), 240.0, 120.0),
        ("gamma", (240.0, 0.0), 240.0, 0.0),
        ("uniform", (10.0, 40.0), 25.0, 30 / 12**0.5),
        ("empirical", ((1.0, 2.0, 6.0),), 3.0, (14 / 3) ** 0.5),
    ],
)
def test_distributions(kind: str, given: tuple[object, ...], mean: float, deviation: float) -> None:
    found = DISTRIBUTIONS[kind](*given)
    random = Random(5)
    drawn = [found.draw(random) for _ in range(30_000)]
    assert found.mean == pytest.approx(mean)
    assert fmean(drawn) == pytest.approx(mean, rel=0.03)
    assert pstdev(drawn) == pytest.approx(deviation, rel=0.06, abs=1e-9)
    assert min(drawn) >= 0


def test_every_key_is_read() -> None:
    """A key that is allowed and not read would be a mistake that nobody is told of."""
    source = Path(reading.__file__).read_text()
    assert [key for keys in reading.KEYS.values() for key in keys if f'at("{key}")' not in source] == []
