"""`contact-center flows`: what a person at the terminal gets for right and wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contact_center.cli.flows import flows

GOOD = """flow: small
languages: [en]
start: ask
person: desk
nodes:
  ask:
    kind: menu
    text: Sales?
    read_options: true
    choices:
      - {key: "1", value: sales, label: sales, next: desk}
      - {key: "2", value: none, label: nothing, next: bye}
  desk: {kind: queue, queue: general, next: bye, error: bye}
  bye: {kind: hang_up, text: Goodbye.}
"""
SCRIPT = """- name: nothing
  steps:
    - press: "2"
    - expect: {say: Goodbye, ended: true}
- name: sales
  steps:
    - press: "1"
    - expect: {queue: QUEUE}
"""


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(flows, arguments, input=typed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(GOOD)
    (tmp_path / "small.test.yaml").write_text(SCRIPT.replace("QUEUE", "general"))
    return tmp_path


def test_check_of_the_shipped_flows_is_clean() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert result.output.endswith("0 errors, 0 warnings\n")
    assert json.loads(run("check", "--json").output) == []


def test_check_names_file_line_and_remedy_and_fails(folder: Path) -> None:
    (folder / "small.yaml").write_text(GOOD.replace("next: bye}\n  desk", "next: bey}\n  desk"))
    result = run("check", "--folder", str(folder))
    assert result.exit_code == 1
    assert "small.yaml:12: error: flow small, node ask" in result.output
    assert "did you mean 'bye'?" in result.output
    assert "1 errors, 0 warnings" in result.output
    (finding,) = json.loads(run("check", "--folder", str(folder), "--json").output)
    assert (finding["level"], finding["node"], finding["line"]) == ("error", "ask", 12)


def test_check_passes_with_a_warning(folder: Path) -> None:
    (folder / "small.yaml").write_text(GOOD + "  alone: {kind: hang_up}\n")
    result = run("check", "--folder", str(folder))
    assert result.exit_code == 0
    assert "1 flows, 0 errors, 1 warnings" in result.output


def test_scripts_pass_and_fail_by_name(folder: Path) -> None:
    good = run("test", "--folder", str(folder))
    assert good.exit_code == 0
    assert good.output.splitlines() == [
        "passed  small: nothing",
        "passed  small: sales",
        "2 passed, 0 failed",
    ]
    (folder / "small.test.yaml").write_text(SCRIPT.replace("QUEUE", "vip"))
    bad = run("test", "small", "--folder", str(folder))
    assert bad.exit_code == 1
    assert "FAILED  small: sales" in bad.output
    assert "small.test.yaml:8: expected to wait in queue vip and is in queue general" in bad.output
    assert bad.output.endswith("1 passed, 1 failed\n")
    rows = json.loads(run("test", "--folder", str(folder), "--json").output)
    assert [(row["name"], row["passed"]) for row in rows] == [("nothing", True), ("sales", False)]


def test_the_shipped_scripts_pass() -> None:
    result = run("test")
    assert result.exit_code == 0
    assert result.output.endswith(" passed, 0 failed\n")


def test_a_script_that_does_not_read_is_told_with_its_line(folder: Path) -> None:
    (folder / "small.test.yaml").write_text("- name: x\n  steps:\n    - pres: '1'\n")
    result = run("test", "--folder", str(folder))
    assert result.exit_code == 1
    assert "small.test.yaml:3" in result.output
    assert "did you mean 'press'?" in result.output


def test_coverage_lists_what_is_not_reached(folder: Path) -> None:
    result = run("coverage", "--folder", str(folder))
    assert result.exit_code == 0
    assert "small: 3 of 9 exits (33 %), 3 of 3 nodes" in result.output
    assert "small.yaml:13: node desk: exit timed_out" in result.output
    assert run("coverage", "--folder", str(folder), "--at-least", "90").exit_code == 1
    (row,) = json.loads(run("coverage", "small", "--folder", str(folder), "--json").output)
    assert (row["flow"], row["exits_reached"], row["percent"]) == ("small", 3, 33.3)


def test_coverage_of_the_shipped_flows() -> None:
    assert run("coverage", "--at-least", "100").exit_code == 0


def test_graph_is_printed_or_written(folder: Path, tmp_path: Path) -> None:
    assert run("graph", "small", "--folder", str(folder)).output.startswith("<svg ")
    target = tmp_path / "small.mmd"
    result = run("graph", "small", "--folder", str(folder), "--format", "mermaid", "-o", str(target))
    assert result.output == f"{target}: 3 nodes\n"
    assert target.read_text().startswith("flowchart LR")
    lost = run("graph", "small", "--folder", str(folder), "-o", str(tmp_path / "no" / "x.svg"))
    assert lost.exit_code == 1
    assert "name another file" in lost.output


@pytest.mark.parametrize("command", ["graph", "play", "test", "coverage"])
def test_a_flow_that_is_not_there_is_named_with_those_that_are(command: str) -> None:
    result = run(command, "front_dor")
    assert result.exit_code == 1
    assert "there is no flow 'front_dor'; there are front_door, reach_back, ticket_hotline" in result.output


@pytest.mark.parametrize("command", [("graph", "small"), ("play", "small"), ("test",), ("coverage",)])
def test_flows_that_do_not_load_are_told(command: tuple[str, ...], folder: Path) -> None:
    (folder / "small.yaml").write_text(GOOD.replace("kind: menu", "kind: menue"))
    result = run(*command, "--folder", str(folder))
    assert result.exit_code == 1
    assert "the flows do not load" in result.output
    assert "did you mean 'menu'?" in result.output


# --- play


def test_play_a_call_with_keys_words_and_silence(folder: Path) -> None:
    result = run("play", "small", "--folder", str(folder), typed="\n7\nsales\n1\ntimed_out\n")
    assert result.exit_code == 0
    assert "For sales, press 1. For nothing, press 2." in result.output
    assert "Sorry, I did not hear anything." in result.output
    assert "Sorry, that is not one of the choices." in result.output
    assert "[in queue general;" in result.output
    assert result.output.endswith("Goodbye.\n  -- the end (done) --\n")


def test_play_by_text_shows_a_list(folder: Path) -> None:
    result = run("play", "small", "--folder", str(folder), "--channel", "sms", typed="nothing\n")
    assert "    1 sales\n    2 nothing\n" in result.output
    assert "press" not in result.output.split("question again.", 1)[1]
    assert "-- the end (done) --" in result.output


def test_play_ends_with_hangup_and_with_the_end_of_input(folder: Path) -> None:
    for typed in ("hangup\n", ""):
        result = run("play", "small", "--folder", str(folder), typed=typed)
        assert result.exit_code == 0
        assert "> " in result.output


def test_play_help_where_and_again(folder: Path) -> None:
    result = run("play", "small", "--folder", str(folder), typed="help\nwhere\nagain\nhangup\n")
    assert result.output.count("Type keys") == 2
    assert "small.ask" in result.output
    assert result.output.count("Sales?") == 2


def test_play_asks_for_what_the_application_would_do() -> None:
    typed = '2\n10001#\nnot json\n{"found": false}\n1\n10002\n\n1\n\n5\n'
    result = run("play", "front_door", "--customer", '{"name": "Ann", "language": "en"}', typed=typed)
    assert result.exit_code == 0
    assert "Hello Ann, welcome back" in result.output
    assert '* look_up {"what": "order", "by": "number", "value": "10001"}' in result.output
    assert "not a JSON object" in result.output
    assert "We could not find that order" in result.output
    assert "is on its way" in result.output
    assert "[in queue orders;" in result.output
    assert "Thank you for your answer." in result.output


def test_play_a_failed_effect_goes_the_flow_s_way_for_errors() -> None:
    result = run(
        "play", "--customer", "王芳", "--language", "zh", typed="5\n104273\nfailed timeout\nhangup\n"
    )
    assert "王芳，您好" in result.output
    assert "[in queue general;" in result.output


def test_play_a_key_customer_after_hours_and_a_message() -> None:
    key = run("play", "--key", "--language", "en", typed="hangup\n")
    assert "[in queue vip;" in key.output
    closed = run("play", "--hours", "closed", "--language", "en", "--customer", "Ann", typed="1\nhello\n\n")
    assert "closed at the moment" in closed.output
    assert "[speak after the tone]" in closed.output
    assert "we have your message" in closed.output
    holiday = run("play", "--hours", "holiday", "--customer", "Ann", "--language", "en", typed="hangup\n")
    assert "public holiday" in holiday.output


@pytest.mark.parametrize("option", ["--company", "--customer"])
def test_play_refuses_what_is_not_json(option: str) -> None:
    result = run("play", option, "{oops")
    assert result.exit_code == 2
    assert "not JSON at character 2" in result.output
