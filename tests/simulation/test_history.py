"""What the journal of a day says, and that the day, simulated again from it, is the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from contact_center.agent import AVAILABLE, BREAK, NOT_RESPONDING, OFFLINE
from contact_center.routing.model import QueuePolicy, Ring
from contact_center.simulation.document import parse_document
from contact_center.simulation.engine import simulate
from contact_center.simulation.figures import report_of
from contact_center.simulation.history import (
    Asked,
    History,
    RecordedAgent,
    Talk,
    Visit,
    Wait,
    read_history,
    roster_of,
    visits_of,
)
from contact_center.simulation.plan import NEVER, Plan
from contact_center.simulation.reading import scenario_of
from contact_center.simulation.replay import recorded_report, replay_plan
from contact_center.simulation.runs import run
from contact_center.simulation.scenario import plan_of
from crm_store import migrate
from crm_store.journal import Entry
from crm_store.presence_log import PresenceChange
from crm_store.store import Store, open_engine
from tests.simulation.making import AT_ONCE, BEGIN, known
from tests.simulation.recording import record, set_up
from tests.support.servers import Postgres

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CAPACITY = ({"call": 1},)


def entry(at: float, kind_: str, /, **data: object) -> Entry:
    named = {} if kind_ in ("queue_left", "contact_ended") else {"work_id": "w"}
    return Entry("con_1", 0, START + timedelta(seconds=at), kind_, {**named, **data})


QUEUED = entry(10, "queued", queue="q", kind="call", tier="gold", queued_at=(START).isoformat(), owners=["b"])
OFFERED = entry(12, "offered", agent_id="a", queue="q")
ACCEPTED = entry(15, "offer_accepted", agent_id="a", after=3)

LIVES: dict[str, tuple[list[Entry], tuple[Wait, ...], tuple[Talk, ...]]] = {
    "answered and written up": (
        [QUEUED, OFFERED, ACCEPTED, entry(16, "connected", agent_id="a"), entry(75, "wrap_up", talked=60),
         entry(95, "wrapped_up", agent_id="a", seconds=20.0)],
        (Wait("q", 5, "answered", (Asked("a", "accepted", 3),)),),
        (Talk("a", BEGIN + 15, 60, 20),),
    ),
    "hung up": ([QUEUED, entry(40, "contact_ended", outcome="abandoned")], (Wait("q", 30, "left"),), ()),
    "hung up while it rang": (
        [QUEUED, OFFERED, entry(14, "offer_revoked", agent_id="a"), entry(14, "contact_ended")],
        (Wait("q", 4, "left", (Asked("a", "revoked", 2),)),),
        (),
    ),
    "chose another way": ([QUEUED, entry(25, "queue_left", reason="key")], (Wait("q", 15, "left"),), ()),
    "waited as long as the queue allows": (
        [QUEUED, entry(100, "queue_left", reason="timed_out"), entry(130, "contact_ended")],
        (Wait("q", 90, "timed_out"),),
        (),
    ),
    "not answered, then declined, then moved": (
        [QUEUED, OFFERED, entry(32, "offer_expired", agent_id="a"), entry(40, "offered", agent_id="b"),
         entry(42, "offer_declined", agent_id="b"), entry(60, "moved", **{"from": "q", "to": "r"})],
        (Wait("q", 50, "", (Asked("a", "expired", 20), Asked("b", "declined", 2)), (("q", "r"),)),),
        (),
    ),
    "transferred to a queue": (
        [QUEUED, OFFERED, ACCEPTED, entry(75, "transferred", to_kind="queue", to="r"),
         entry(75, "requeued", queue="r", reason="transfer"), entry(80, "offered", agent_id="b"),
         entry(82, "offer_accepted", agent_id="b"), entry(100, "wrap_up"),
         entry(105, "wrapped_up", seconds=5.0)],
        (Wait("q", 5, "answered", (Asked("a", "accepted", 3),)),
         Wait("r", 7, "answered", (Asked("b", "accepted", 2),))),
        (Talk("a", BEGIN + 15, 60), Talk("b", BEGIN + 82, 18, 5)),
    ),
    "left after a transfer": (
        [QUEUED, OFFERED, ACCEPTED, entry(75, "transferred", to_kind="queue", to="r"),
         entry(75, "requeued", queue="r", reason="transfer"), entry(90, "contact_ended")],
        (Wait("q", 5, "answered", (Asked("a", "accepted", 3),)), Wait("r", 15, "left")),
        (Talk("a", BEGIN + 15, 60),),
    ),
    "given to another agent": (
        [QUEUED, OFFERED, ACCEPTED, entry(75, "transferred", to_kind="agent", to="b"),
         entry(75, "requeued", queue="q", reason="transfer"), entry(80, "offered", agent_id="b"),
         entry(82, "offer_accepted", agent_id="b"), entry(100, "wrap_up")],
        (Wait("q", 5, "answered", (Asked("a", "accepted", 3), Asked("b", "accepted", 2))),),
        (Talk("a", BEGIN + 15, 60), Talk("b", BEGIN + 82, 18)),
    ),
    "written up without a word of its begin": (
        [QUEUED, OFFERED, ACCEPTED, entry(75, "wrapped_up", seconds=8.0)],
        (Wait("q", 5, "answered", (Asked("a", "accepted", 3),)),),
        (Talk("a", BEGIN + 15, 52, 8),),
    ),
    "finished without a write-up": (
        [QUEUED, OFFERED, ACCEPTED, entry(75, "wrapped_up", seconds=0.0)],
        (Wait("q", 5, "answered", (Asked("a", "accepted", 3),)),),
        (Talk("a", BEGIN + 15, 60),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
def test_what_the_entries_of_a_contact_say(life: str) -> None:
    entries, waits, talks = LIVES[life]
    (found,) = visits_of(entries)
    assert (found.at, found.place, found.tier, found.owners) == (BEGIN + 10, BEGIN, "gold", ("b",))
    assert found.waits == waits
    assert found.talks == talks


def test_entries_without_a_queue_are_no_visit() -> None:
    assert visits_of([entry(3, "contact_ended"), entry(4, "offered", agent_id="a")]) == []


def change(seconds: float, presence: str, reason: str = "") -> PresenceChange:
    at = START + timedelta(seconds=seconds)
    return PresenceChange(id=f"p{seconds}", agent_id="a", at=at, presence=presence, reason=reason)


@pytest.mark.parametrize(
    ("changes", "presences", "away"),
    [
        ([], (), ()),
        ([change(-50, AVAILABLE)], ((0, AVAILABLE),), ()),
        (
            [change(0, AVAILABLE), change(60, BREAK), change(90, AVAILABLE), change(200, OFFLINE)],
            ((0, AVAILABLE), (60, BREAK), (90, AVAILABLE), (200, OFFLINE)),
            (),
        ),
        (
            [change(0, AVAILABLE), change(60, NOT_RESPONDING, "no_answer"), change(100, AVAILABLE)],
            ((0, AVAILABLE),),
            (40,),
        ),
        (
            [change(0, AVAILABLE), change(60, NOT_RESPONDING, "desk_lost"), change(100, AVAILABLE)],
            ((0, AVAILABLE), (60, OFFLINE), (100, AVAILABLE)),
            (),
        ),
    ],
)
def test_who_was_there(
    changes: list[PresenceChange], presences: tuple[tuple[float, str], ...], away: tuple[float, ...]
) -> None:
    found = roster_of(changes, BEGIN, BEGIN + 300)
    assert found == (tuple((BEGIN + at, presence) for at, presence in presences), away)


# --- the plan made of it --------------------------------------------------------------------------


def history(visits: list[Visit], **fields: object) -> History:
    values: dict[str, object] = {
        "start": BEGIN,
        "end": BEGIN + 3600,
        "visits": tuple(visits),
        "agents": (RecordedAgent(id="a", capacity=CAPACITY, presences=((BEGIN, AVAILABLE),)),),
        "policies": {"q": AT_ONCE},
        "titles": {"q": "Q"},
    }
    return History(**values | fields)  # type: ignore[arg-type]


def visit(
    at: float,
    ended: str,
    seconds: float,
    talk: float | None = None,
    *,
    kind: str = "call",
    asked: tuple[Asked, ...] = (),
    moved: tuple[tuple[str, str], ...] = (),
) -> Visit:
    talks = () if talk is None else (Talk("a", BEGIN + at + seconds, talk, 0.0),)
    waits = (Wait("q", seconds, ended, asked, moved),)
    return Visit(at=BEGIN + at, place=BEGIN + at, kind=kind, waits=waits, talks=talks)


def test_what_was_seen_is_kept_and_the_rest_is_drawn() -> None:
    visits = [visit(number, "left", 20.0 + number) for number in range(12)]
    visits += [visit(100, "answered", 25.0, 70.0), visit(101, "timed_out", 90.0)]
    found = list(replay_plan(history(visits), 1, 0).arrivals())
    assert [arrival.patience for arrival in found[:12]] == [20.0 + number for number in range(12)]
    assert {arrival.handling for arrival in found} == {70.0}
    assert found[12].patience > 25.0
    assert found[13].patience == 90.0
    assert found == list(replay_plan(history(visits), 1, 0).arrivals())
    other = list(replay_plan(history(visits), 1, 1).arrivals())
    assert other[0] == found[0]
    assert other[12].patience != found[12].patience


def test_who_was_given_from_agent_to_agent_is_handled_by_one_for_as_long() -> None:
    talks = (Talk("a", BEGIN + 5, 60), Talk("b", BEGIN + 70, 30, 9))
    given = msgspec.structs.replace(visit(0, "answered", 5.0), talks=talks)
    (found,) = replay_plan(history([given]), 1, 0).arrivals()
    assert (found.handling, found.wrap_up, found.then) == (90, 9, "")


def test_nobody_left_so_everybody_is_patient() -> None:
    (found,) = replay_plan(history([visit(0, "answered", 5.0, 30.0)]), 1, 0).arrivals()
    assert found.patience == NEVER


def test_a_promised_call_back_does_not_hang_up() -> None:
    visits = [visit(number, "left", 20.0) for number in range(12)]
    visits.append(visit(50, "answered", 500.0, 30.0, kind="callback"))
    assert list(replay_plan(history(visits), 1, 0).arrivals())[-1].patience == NEVER


def test_agents_answer_as_they_did() -> None:
    asked = (Asked("a", "accepted", 4.0), Asked("a", "declined", 2.0), Asked("a", "expired", 20.0))
    agent = RecordedAgent(id="a", capacity=CAPACITY, presences=((BEGIN, AVAILABLE),), away=(40.0,))
    visits = [visit(0, "answered", 9.0, 10.0, asked=(*asked, Asked("a", "accepted", 5.0)))]
    (worker,) = replay_plan(history(visits, agents=(agent,)), 1, 0).workers
    assert (worker.manners.declined, worker.manners.missed) == (0.25, 0.25)
    assert {worker.manners.seconds.draw(Random(seed)) for seed in range(50)} == {4.0, 2.0, 5.0}
    assert worker.manners.away.mean == 40


def test_the_figures_of_what_happened() -> None:
    visits = [
        visit(0, "answered", 5.0, 60.0),
        visit(1, "answered", 25.0, 60.0, moved=(("q", "r"),)),
        visit(2, "left", 15.0),
        visit(3, "", 500.0),
    ]
    found = recorded_report(history(visits, policies={"q": AT_ONCE, "r": AT_ONCE}))
    queue = found.queues["q"]
    assert (queue.came, queue.answered, queue.abandoned, queue.unserved) == (4, 2, 1, 1)
    assert (queue.service_level, queue.asa, queue.left_after, queue.longest) == (0.25, 15, 15, 25)
    assert found.moves == {"q > r": 1}
    # from 5 to 65 and from 26 to 86 the agent is busy: 81 s
    assert found.groups["agents"].busy_hours == pytest.approx(81 / 3600)
    assert found.groups["agents"].duty_hours == pytest.approx(1.0)


# --- through a store ------------------------------------------------------------------------------

DAY = """\
begin: 2026-03-02T08:00
hours: 3
queues:
  a: {strategy: longest_idle, STYLE, wrap_up_seconds: 60}
  b: {strategy: most_skilled, STYLE, required: {x: 3}, rings: [{after: 30, lower: 2}],
      overflow: [{to: a, after: 60}]}
arrivals:
  - {queue: a, per_hour: 60, handling: {exponential: 150}, patience: {exponential: 90},
     wrap_up: {exponential: 20}, transfers: {b: 0.1}, languages: {en: 0.5}}
  - {queue: b, per_hour: 30, handling: {exponential: 200}, patience: {exponential: 90}}
groups:
  some: {count: 2, languages: [en], shifts: [{from: "08:00", to: "10:00"}],
         breaks: [{at: "09:00", minutes: 20}] MANNERS}
  more: {count: 2, skills: {x: 1} MANNERS}
  able: {count: 1, skills: {x: 5} MANNERS}
"""


def day(style: str, manners: str = "") -> Plan:
    text = DAY.replace("STYLE", style).replace(" MANNERS", f", answers: {manners}" if manners else "")
    return plan_of(scenario_of(parse_document(text, "day.yaml")))


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_postgres(postgres: Postgres) -> Iterator[str]:
    url = postgres.create_database()
    _migrate(url)
    yield url
    postgres.drop_database(url)


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "store.db")
        url, drop = f"sqlite:///{tmp_path / 'store.db'}", None
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = drop = server.create_database(template=request.getfixturevalue("empty_postgres"))
    opened = Store(url)
    yield opened
    opened.close()
    if drop:
        server.drop_database(drop)


def recorded(store: Store, plan: Plan) -> History:
    with store.writing() as connection:
        record(connection, plan)
    with store.reading() as connection:
        start = datetime.fromtimestamp(plan.begin, UTC)
        end = datetime.fromtimestamp(plan.end, UTC)
        return read_history(connection, start, end, strategy=("longest_idle",), capacity=CAPACITY)


def test_a_recorded_day_simulated_again_is_the_same_day(store: Store) -> None:
    plan = day("auto_accept: true")
    before = report_of(simulate(plan))
    found = recorded(store, plan)
    told = recorded_report(found)
    again = report_of(simulate(replay_plan(found, 1, 0)))
    for name in ("came", "answered", "abandoned", "service_level", "moved", "transferred", "offers"):
        for queue in ("a", "b"):
            was = getattr(before.queues[queue], name)
            assert getattr(told.queues[queue], name) == was, (queue, name)
            assert getattr(again.queues[queue], name) == was, (queue, name)
    for name in ("asa", "p50", "p90", "longest", "left_after"):
        was = known(getattr(before.overall, name))
        assert getattr(told.overall, name) == pytest.approx(was, abs=0.01)
        assert getattr(again.overall, name) == pytest.approx(was, abs=0.01)
    hours = math_sum(group.duty_hours for group in before.groups.values())
    assert again.groups["agents"].duty_hours == pytest.approx(hours)
    busy = math_sum(group.busy_hours for group in before.groups.values())
    assert known(told.groups["agents"].busy_hours) == pytest.approx(busy, abs=0.01)


def math_sum(values: Iterator[float | None]) -> float:
    return sum(known(value) for value in values)


def test_with_agents_who_miss_calls_it_is_much_like_that_day(store: Store) -> None:
    manners = "{seconds: {uniform: {low: 1, high: 9}}, missed: 0.05, declined: 0.05, away: 45}"
    found = recorded(store, day("offer_seconds: 15", manners))
    told = recorded_report(found)
    assert known(told.overall.expired) > 0
    assert known(told.overall.declined) > 0
    result = run(lambda number: replay_plan(found, 1, number), 6)
    mean, margin = result.present.mean.overall, result.present.margin
    assert margin is not None
    assert mean.came == pytest.approx(known(told.overall.came), rel=0.05)
    for name, leeway in (("service_level", 0.12), ("abandonment", 0.08)):
        assert getattr(mean, name) == pytest.approx(known(getattr(told.overall, name)), abs=leeway)


def test_another_policy_serves_the_same_day_otherwise(store: Store) -> None:
    found = recorded(store, day("auto_accept: true"))
    changed = dict(found.policies)
    changed["b"] = msgspec.structs.replace(changed["b"], required={"x": 1}, rings=(), overflow=())
    result = run(lambda number: replay_plan(found, 1, number), 2, changed)
    assert result.difference is not None
    assert known(result.difference.mean.queues["b"].service_level) > 0
    assert result.changed is not None
    assert result.changed.mean.moves == {}


def test_only_the_time_that_is_asked_for_is_read(store: Store) -> None:
    plan = day("auto_accept: true")
    with store.writing() as connection:
        record(connection, plan)
    start = datetime.fromtimestamp(plan.begin, UTC) + timedelta(hours=1)
    with store.reading() as connection:
        found = read_history(
            connection, start, start + timedelta(hours=1), strategy=("longest_idle",), capacity=CAPACITY
        )
    wanted = sum(0 <= arrival.at - start.timestamp() < 3600 for arrival in plan.arrivals())
    assert len(found.visits) == wanted
    assert all(agent.presences[0][0] == start.timestamp() for agent in found.agents)
    assert {agent.presences[0][1] for agent in found.agents} == {AVAILABLE, BREAK}


def test_an_empty_store_has_no_history(store: Store) -> None:
    policies = {"q": QueuePolicy(rings=(Ring(after=5, lower=1),))}
    with store.writing() as connection:
        set_up(connection, day("auto_accept: true"), policies)
    with store.reading() as connection:
        found = read_history(
            connection, START, START + timedelta(days=1), strategy=("round_robin",), capacity=CAPACITY
        )
    assert (found.visits, found.agents) == ((), ())
    assert found.policies["q"].strategy == ("longest_idle",) or found.policies["q"].strategy == (
        "round_robin",
    )
