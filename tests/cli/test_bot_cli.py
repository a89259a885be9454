"""`contact-center bot`: check, train, test, talk, evaluate, review, over a small project."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from contact_center.api.models.bot_reviews import BotReview
from contact_center.api.models.common import Page
from contact_center.bot_lab.report import Report
from contact_center.cli import main
from crm_store import bot_reviews, orders
from crm_store.bot_reviews import Unsure
from crm_store.ids import Ids
from crm_store.orders import NewOrder
from tests.bot.conftest import SMALL_PROJECT
from tests.cli.conftest import AT, Program

STORY = """\
stories:
  - story: A greeting
    steps:
      - user: hello
        intent: hello
      - action: utter_hello
"""
MORE = "".join(f"      - hello {name}\n" for name in ("ann", "ben", "cem", "dan", "eve", "fay"))
RAIN = "".join(
    f"      - is it raining in {name}\n" for name in ("paris", "berlin", "lima", "delhi", "cairo", "quito")
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "bot-project"
    files = SMALL_PROJECT | {"tests/test.yml": STORY}
    files["data/nlu.yml"] = files["data/nlu.yml"].replace("      - good day\n", MORE) + RAIN
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def program(program: Program, project: Path) -> Program:
    with program.config.open("a", encoding="utf-8") as file:
        file.write(f"bot: {{project: '{project}', encoder: ngrams}}\n")
    return program


def typed(program: Program, lines: str, *words: str) -> Result:
    """The command with lines on its standard input."""
    return CliRunner().invoke(main, [*words, "--config", str(program.config)], input=lines)


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- check, train, test -----------------------------------------------------------------------------


def test_check_counts_and_tells_what_to_look_at(program: Program) -> None:
    lines = program.lines("bot", "check", "--few", "8")
    assert lines[0].split() == ["INTENT", "en"]
    assert ["hello", "7"] in [line.split() for line in lines]
    assert "warning hello has 7 examples in en; at least 8 are wanted" in lines
    assert lines[-1].startswith("It can be run; ")
    told = program.json("bot", "check", "--quick", "--few", "8")
    assert told["counts"]["weather"] == {"en": 8}
    assert {one["level"] for one in told["findings"]} == {"warning"}


def test_check_ends_with_1_and_the_place_where_a_project_is_wrong(program: Program, project: Path) -> None:
    rewrite(project / "data" / "rules.yml", "- intent: hello", "- intent: hallo")
    result = program.run("bot", "check")
    assert result.exit_code == 1
    assert "error   data/rules.yml:5: there is no intent 'hallo'; did you mean 'hello'?" in result.stdout
    result = program.run("bot", "check", "--json")
    assert result.exit_code == 1
    assert [one["place"] for one in json.loads(result.stdout)["findings"]] == ["data/rules.yml:5"]


def test_check_of_a_project_that_is_named_and_of_one_that_is_not_there(
    program: Program, project: Path, tmp_path: Path
) -> None:
    other = project.rename(tmp_path / "other")
    assert program.json("bot", "check", str(other), "--quick")["counts"]["hello"] == {"en": 7}
    assert "does not exist" in program.error("bot", "check", str(project))
    assert "encoder 'tea leaves'" in program.error("bot", "check", str(other), "--encoder", "tea leaves")


def test_train_says_where_the_model_is_and_serve_finds_it(program: Program) -> None:
    told = program.json("bot", "train")
    assert told["examples"] == 15
    model = Path(told["model"])
    assert model.parent == program.config.parent / "var" / "bot"
    assert model.stat().st_size == told["bytes"]
    assert program.lines("bot", "test")[-1] == "1 stories, 0 failed."
    assert list(model.parent.iterdir()) == [model]  # the test took it, and nothing else was left behind
    (line,) = program.lines("bot", "train")
    assert line.startswith("Trained with 15 examples in ")
    assert str(model) in line


def test_test_tells_message_by_message_what_differs(program: Program, project: Path) -> None:
    rewrite(project / "tests" / "test.yml", "- action: utter_hello", "- action: utter_weather")
    result = program.run("bot", "test")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "failed  tests/test.yml:2  A greeting",
        "        tests/test.yml:4: “hello”",
        "          actions: expected  utter_weather",
        "                   got       utter_hello",
        "",
        "1 stories, 1 failed.",
    ]
    result = program.run("bot", "test", "--json")
    assert result.exit_code == 1
    (story,) = json.loads(result.stdout)
    assert (story["passed"], story["differences"][0]["got"]) == (False, "utter_hello")
    assert "no such test story" in program.error("bot", "test", "--story", "farewell")
    rewrite(project / "tests" / "test.yml", "- user:", "- usre:")
    assert "tests/test.yml:4: 'usre' is not supported here" in program.error("bot", "test")


# --- talk -------------------------------------------------------------------------------------------


def test_talk_answers_each_line_and_explains_itself(program: Program) -> None:
    result = typed(program, "hello\nthe weather in Rome\n\nhello\n", "bot", "talk", "--verbose")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line for line in lines if line[:2] in ("> ", "bo")] == [
        "> hello",
        "bot: Hello",
        "> the weather in Rome",
        "bot: It is fine in Rome",
    ]
    assert any(line.startswith("  intent: hello ") for line in lines)
    assert "  entities: city=Rome" in lines
    assert "  slots: city=Rome" in lines
    assert "  actions: weather_form, utter_weather" in lines


def test_talk_sends_the_button_whose_number_is_typed(program: Program, project: Path) -> None:
    rewrite(
        project / "domain.yml", "    - text: Hello\n",
        "    - text: Hello\n      buttons:\n"
        "        - {title: Weather, payload: '/weather{\"city\": \"Oslo\"}'}\n",
    )  # fmt: skip
    result = typed(program, "hello\n1\n", "bot", "talk")
    assert "     [1] Weather" in result.stdout
    assert result.stdout.splitlines()[-1] == "bot: It is fine in Oslo"


ORDER_SLOTS = """slots:
  order_number:
    type: text
    initial_value: CC-100234
    influence_conversation: false
    mappings: [{type: custom}]
  order_lookup: {type: text, influence_conversation: false, mappings: [{type: custom}]}
"""


def test_talk_looks_up_what_is_in_the_store(program: Program, project: Path) -> None:
    rewrite(project / "domain.yml", "slots:\n", f"actions: [action_order_status]\n{ORDER_SLOTS}")
    asks = "- intent: hello\n      - action: action_order_status\n"
    rewrite(project / "data" / "rules.yml", "- intent: hello\n", asks)
    by: dict[str, Any] = {"at": AT, "ids": Ids(lambda: AT, Random(4)), "actor": "test"}
    with program.store.writing() as connection:
        orders.create(
            connection, NewOrder(number="CC-100234", total_minor=100, currency="EUR", placed_at=AT), **by
        )
    found = typed(program, "hello\n", "bot", "talk", "-v")
    assert "order_lookup=found" in found.stdout, found.output
    off = typed(program, "hello\n", "bot", "talk", "-v", "--no-actions")
    assert "order_lookup" not in off.stdout
    (program.config.parent / "data.db").rename(program.config.parent / "elsewhere.db")
    none = typed(program, "the weather in Rome\n", "bot", "talk")
    assert "Orders and tickets cannot be looked up: there is no database" in none.stderr
    assert "bot: It is fine in Rome" in none.stdout


# --- evaluate ---------------------------------------------------------------------------------------


def test_evaluate_prints_figures_and_writes_a_report(program: Program, tmp_path: Path) -> None:
    held = tmp_path / "held.yml"
    held.write_text("hello: [hello bob]\nweather: [hello]\n", encoding="utf-8")
    out = tmp_path / "report"
    words = ("bot", "evaluate", "--folds", "3", "--sizes", "2", "--held-out", str(held))
    lines = program.lines(*words, "--out", str(out))
    assert {"Cross-validation", "Held out", "Worst confusions"} <= set(lines)
    assert {path.name for path in out.iterdir()} >= {"index.html", "report.json", "confusion.svg"}
    told = program.json(*words)
    report: Any = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert told == report
    assert told["validation"]["figures"]["all"]["examples"] == 15
    assert told["held_out"]["figures"]["all"]["accuracy"] == 0.5
    assert told["held_out"]["confusions"][0]["examples"][0]["place"] == "held.yml:2"
    assert Report.__struct_fields__ == tuple(told)


def test_evaluate_refuses_what_it_cannot_use(program: Program, tmp_path: Path) -> None:
    assert "numbers such as 5,10,30" in program.error("bot", "evaluate", "--sizes", "few")
    held = tmp_path / "held.yml"
    held.write_text("dance: [twirl]\n", encoding="utf-8")
    assert "held.yml:1: there is no intent 'dance'" in program.error(
        "bot", "evaluate", "--held-out", str(held)
    )


# --- review -----------------------------------------------------------------------------------------


@pytest.fixture
def reviewed(program: Program) -> dict[str, str]:
    """Ids of three noted wordings."""
    ids = Ids(lambda: AT, Random(3))
    with program.store.writing() as connection:
        for text in ("hi bot", "hi bot", "umbrella today?", "hello ann"):
            message = Unsure(text=text, language="en", channel="web", intent="weather", confidence=0.41)
            bot_reviews.note(connection, message, AT, ids)
        rows = bot_reviews.list_reviews(connection, bot_reviews.ReviewFilter()).items
    return {row.text: row.id for row in rows}


def test_the_review_list_is_worked_off(program: Program, reviewed: dict[str, str], project: Path) -> None:
    lines = program.lines("bot", "review", "list")
    assert lines[0].split() == [
        "REVIEW", "TIMES", "LAST", "LANGUAGE", "CHANNEL", "GUESS", "NEXT", "STATUS", "TEXT",
    ]  # fmt: skip
    assert lines[1].split()[:2] == [reviewed["hi bot"], "2"]
    Page[BotReview].model_validate(program.json("bot", "review", "list", "--language", "en"))
    assert program.json("bot", "review", "list", "--language", "zh")["items"] == []
    near = program.error("bot", "review", "label", reviewed["hi bot"], "helo")
    assert near.endswith("the bot's project has no intent 'helo'; did you mean 'hello'?")
    assert program.lines("bot", "review", "label", reviewed["hi bot"], "hello") == ["labelled: hello  hi bot"]
    assert program.json("bot", "review", "label", reviewed["hello ann"], "hello")["label"] == "hello"
    assert program.lines("bot", "review", "dismiss", reviewed["umbrella today?"]) == [
        "dismissed  umbrella today?"
    ]
    assert "there is no rev_9" in program.error("bot", "review", "dismiss", "rev_9")
    assert program.json("bot", "review", "list")["items"] == []
    file = project / "data" / "reviewed.yml"
    assert program.lines("bot", "review", "export", str(file)) == [
        f"1 new examples in {file}; 1 were there already."
    ]
    assert file.read_text(encoding="utf-8") == (
        'version: "3.1"\n\nnlu:\n  - intent: hello\n    examples: |\n      - hi bot\n'
    )
    assert program.lines("bot", "review", "export", str(file))[0].startswith("0 new examples")
    assert program.json("bot", "check", "--quick")["counts"]["hello"] == {"en": 8}


def test_what_cannot_be_exported_is_said(program: Program, reviewed: dict[str, str], project: Path) -> None:
    program.lines("bot", "review", "label", reviewed["hello ann"], "weather")
    result = program.run("bot", "review", "export", str(project / "data" / "reviewed.yml"))
    assert result.exit_code == 0
    assert "left out" in result.stderr
    assert "it is an example of hello already" in result.stderr
    program.lines("bot", "review", "label", reviewed["hi bot"], "hello")
    told = program.error("bot", "review", "export", str(project / "none" / "x.yml"))
    assert "cannot be written: No such file" in told
