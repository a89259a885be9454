"""Reads scenarios and changed policies from YAML. Every key is described in docs/simulation.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from contact_center.agent import MEDIUM
from contact_center.routing.model import QueuePolicy
from contact_center.routing.policy import PolicyError, read_policies, read_policy, write_policy
from contact_center.simulation.distributions import Constant
from contact_center.simulation.document import DAY, ScenarioError, Section, read_document
from contact_center.simulation.plan import Manners
from contact_center.simulation.scenario import Customers, Group, Pause, Scenario, Source

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "scenario": (
        "scenario", "seed", "begin", "hours", "warm_up", "queues", "arrivals", "customers", "groups",
    ),
    "arrivals": (
        "queue", "kind", "per_hour", "at", "patience", "handling", "wrap_up", "priority", "languages",
        "required", "preferred", "transfers",
    ),
    "customers": ("count", "tiers", "owned", "owners"),
    "groups": ("count", "skills", "languages", "capacity", "shifts", "breaks", "speed", "answers"),
    "shifts": ("from", "to"),
    "breaks": ("at", "minutes", "stagger"),
    "answers": ("seconds", "declined", "missed", "away"),
}  # fmt: skip
"""Every key by the part in which it stands; a queue's are ``title`` and the fields of `QueuePolicy`."""

BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)
MOST_AGENTS: Final = 20_000
MOST_HOURS: Final = 1_000_000


def read_scenario(path: Path) -> Scenario:
    """The scenario in the file ``path``. Raises `ScenarioError`."""
    return scenario_of(read_document(path))


def scenario_of(document: Section) -> Scenario:
    """The scenario in a document. Raises `ScenarioError`."""
    document.mapping(KEYS["scenario"])
    for name in ("queues", "arrivals", "groups"):
        if not document.at(name).value:
            document.wrong(f"{name} is missing; a scenario needs queues, arrivals and groups")
    policies, titles = _queues(document.at("queues"))
    groups = tuple(_group(name, part) for name, part in document.at("groups").parts())
    hours = document.at("hours").number(8.0, least=0.01, most=MOST_HOURS)
    return Scenario(
        title=document.at("scenario").text("scenario"),
        seed=document.at("seed").count(1),
        begin=_begin(document.at("begin")),
        hours=hours,
        warm_up=document.at("warm_up").number(0.0, most=hours),
        policies=policies,
        titles=titles,
        sources=tuple(_source(part, policies) for part in document.at("arrivals").items()),
        customers=_customers(document.at("customers"), [group.name for group in groups]),
        groups=groups,
    )


def read_changes(path: Path, policies: Mapping[str, QueuePolicy]) -> dict[str, QueuePolicy]:
    """``policies`` with what ``path`` changes: ``queues: {name: fields}``; fields that it leaves out stay as
    they are.

    Raises `ScenarioError`.
    """
    document = read_document(path)
    document.mapping(("queues",))
    queues = document.at("queues")
    if not queues.mapping(policies, "queue"):
        document.wrong("it changes nothing; write queues: {NAME: {strategy: [longest_idle]}}")
    fields = {name: write_policy(policy) for name, policy in policies.items()}
    for name, part in queues.parts():
        fields[name] |= part.mapping()
    return _policies(queues, fields)


def _begin(part: Section) -> float:
    if part.value is None:
        return BEGIN.timestamp()
    try:
        return datetime.fromisoformat(part.text()).replace(tzinfo=UTC).timestamp()
    except ValueError:
        part.wrong("must be a date and time such as 2026-03-02T08:00")


def _queues(section: Section) -> tuple[dict[str, QueuePolicy], dict[str, str]]:
    fields: dict[str, dict[str, object]] = {}
    titles: dict[str, str] = {}
    for name, part in section.parts():
        values = dict(part.mapping())
        titles[name] = str(values.pop("title", None) or name)
        fields[name] = values
    return _policies(section, fields), titles


def _policies(section: Section, fields: Mapping[str, Mapping[str, object]]) -> dict[str, QueuePolicy]:
    for name, values in fields.items():
        try:
            read_policy(name, values)
        except PolicyError as error:
            part = section.at(name)
            field, _, what = str(error).removeprefix(f"queue '{name}', ").partition(": ")
            if isinstance(part.value, dict) and field in part.value:
                part.at(field).wrong(what)
            part.wrong(str(error))
    try:
        return read_policies(fields)
    except PolicyError as error:
        section.wrong(str(error))


def _source(part: Section, policies: Mapping[str, QueuePolicy]) -> Source:
    part.mapping(KEYS["arrivals"])
    queue = part.at("queue")
    times = tuple(item.clock() for item in part.at("at").items())
    if bool(times) == (part.at("per_hour").value is not None):
        part.wrong("needs either per_hour or at")
    patience = part.at("patience")
    return Source(
        queue=queue.one_of(queue.text(), policies, "queue"),
        kind=part.at("kind").one_of(part.at("kind").text("call"), tuple(MEDIUM), "kind"),
        rates=() if times else _rates(part.at("per_hour")),
        times=times,
        patience=None if patience.value is None else patience.distribution(),
        handling=part.at("handling").distribution(),
        wrap_up=part.at("wrap_up").distribution(Constant(0.0)),
        priority=part.at("priority").count(0, least=-1_000),
        languages=part.at("languages").shares(),
        required=part.at("required").levels(),
        preferred=part.at("preferred").levels(),
        transfers=part.at("transfers").shares(policies, "queue"),
    )


def _rates(part: Section) -> tuple[tuple[float, float], ...]:
    if not isinstance(part.value, dict):
        return ((0.0, part.number()),)
    found = tuple((each.clock_of(name), each.number()) for name, each in part.parts())
    if [start for start, _ in found] != sorted({start for start, _ in found}):
        part.wrong("the times of day must be in order")
    return found


def _customers(part: Section, groups: list[str]) -> Customers:
    part.mapping(KEYS["customers"])
    owners = part.at("owners")
    for item in owners.items():
        item.one_of(item.text(), groups, "group")
    owned = part.at("owned").number(0.0, most=1)
    return Customers(
        count=part.at("count").count(0),
        tiers=part.at("tiers").shares(),
        owned=owned,
        owners=owners.texts(tuple(groups)) if owned else (),
    )


def _group(name: str, part: Section) -> Group:
    part.mapping(KEYS["groups"])
    count = part.at("count").count(1)
    if count > MOST_AGENTS:
        part.at("count").wrong(f"must be at most {MOST_AGENTS:,}")
    return Group(
        name=name,
        count=count,
        skills=part.at("skills").levels(),
        languages=part.at("languages").texts(),
        capacity=_capacity(part.at("capacity")),
        shifts=tuple(_shift(item) for item in part.at("shifts").items()),
        breaks=tuple(_pause(item) for item in part.at("breaks").items()),
        speed=part.at("speed").number(1.0, least=0.01, most=100),
        manners=_manners(part.at("answers")),
    )


def _capacity(part: Section) -> tuple[dict[str, int], ...]:
    media = tuple(dict.fromkeys(MEDIUM.values()))
    found = []
    for item in part.items():
        item.mapping(media, "medium")
        found.append({medium: each.count(0) for medium, each in item.parts()})
    return tuple(found) or ({"call": 1},)


def _shift(part: Section) -> tuple[float, float]:
    part.mapping(KEYS["shifts"])
    return part.at("from").clock(), part.at("to").clock()


def _pause(part: Section) -> Pause:
    part.mapping(KEYS["breaks"])
    minutes = part.at("minutes").number(least=0, most=DAY / 60)
    return Pause(part.at("at").clock(), minutes * 60, part.at("stagger").number(0.0) * 60)


def _manners(part: Section) -> Manners:
    part.mapping(KEYS["answers"])
    usual = Manners()
    missed = part.at("missed").number(0.0, most=1)
    declined = part.at("declined").number(0.0, most=1)
    if missed + declined > 1:
        part.wrong("missed and declined are more than 1 together")
    return Manners(
        seconds=part.at("seconds").distribution(usual.seconds),
        declined=declined,
        missed=missed,
        away=part.at("away").distribution(usual.away),
    )


__all__ = ["KEYS", "ScenarioError", "read_changes", "read_scenario", "scenario_of"]
