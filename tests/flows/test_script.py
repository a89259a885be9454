"""The script runner: what it reads, what it answers by itself, and how it reports a mismatch."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows import FlowSet
from ivr_flows.script import Result, ScriptError, read_script, read_scripts, run_conversation, run_scripts
from tests.support.flowkit import one_flow

FLOW = """
  a:
    kind: menu
    text: Which way?
    choices:
      - {key: "1", value: line, label: Line, next: person}
      - {key: "2", value: look, label: Look, next: look}
      - {key: "3", value: stop, label: Stop, next: b}
  look: {kind: look_up, what: order, by: caller, save_as: order, found: said, missing: b}
  said: {kind: say, text: "It is {{ order.status }}.", next: b}
  b: {kind: hang_up, text: Bye., reason: over}"""


def flows() -> FlowSet:
    return FlowSet.from_texts(one_flow(FLOW))


def run(steps: str, head: str = "") -> Result:
    return run_conversation(flows(), read_script("f", f"- name: test\n{head}  steps:\n{steps}")[0])


def test_a_conversation_that_goes_as_written() -> None:
    result = run(
        """
    - expect: {say: [Which, way], not_say: Bye, listen: true, node: a, flow: f, options: [Line, Look, Stop]}
    - press: "2"
    - expect: {effect: look_up, with: {by: caller}}
    - done: {found: true, record: {status: late}}
    - expect: {say: [It is late., Bye.], ended: true, reason: over, variable: {order: {status: late}}}
"""
    )
    assert result.problems == ()
    assert result.passed
    assert [(s.node, s.exit) for s in result.steps] == [
        ("a", ""), ("a", "look"), ("look", "found"), ("said", "next"), ("b", "end"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "line", "problem"),
    [
        ("    - expect: {say: Hello}", 3, "expected to hear 'Hello' and heard 'Which way?'"),
        ("    - expect: {not_say: Which}", 3, "expected not to hear 'Which'"),
        ("    - expect: {node: b}", 3, "expected node b and found a"),
        ("    - expect: {queue: people}", 3, "expected to wait in queue people and found listen at node a"),
        ('    - press: "1"\n    - expect: {queue: sales}', 4, "queue sales and is in queue people"),
        ("    - expect: {listen: false}", 3, "expected no listen and found listen"),
        ("    - expect: {listen: {max_digits: 2}}", 3, "to have max_digits = 2 and found 1"),
        ("    - expect: {options: [Line]}", 3, "expected the choices ['Line']"),
        ("    - expect: {ended: true}", 3, "to have ended"),
        ("    - expect: {reason: over}", 3, "the end for reason over"),
        ("    - expect: {effect: look_up}", 3, "expected effect look_up and found listen"),
        ('    - press: "2"\n    - expect: {effect: look_up, with: {by: number}}', 4, "by = 'number' and "
            "found 'caller'"),
        ("    - expect: {variable: {x: 1}}", 3, "x = 1 and found None"),
        ("    - expect: {connect: '+1'}", 3, "to be connected to +1"),
        ("    - expect: {fault: oops}", 3, "expected the fault 'oops'"),
        ("    - expect: {sya: x}", 3, "no expectation 'sya'; did you mean 'say'?"),
        ("    - expect: Hello", 3, "expect needs what to expect"),
        ('    - press: "2"\n    - press: "1"', 4, "the flow waits for effect look_up"),
        ("    - done: {}", 3, "the flow asked for no effect"),
        ('    - press: "3"\n    - press: "1"', 4, "the contact has ended already (over)"),
        ("    - recorded: {seconds: long}", 3, "recorded does not read"),
    ],
)  # fmt: skip
def test_what_does_not_go_as_written_is_said_with_its_line(steps: str, line: int, problem: str) -> None:
    problems = run(steps + "\n").problems
    assert len(problems) == 1
    assert problems[0].startswith(f"f.test.yaml:{line}: ")
    assert problem in problems[0]


def test_effects_with_one_sensible_answer_are_answered_by_themselves() -> None:
    assert run('    - press: "1"\n    - expect: {queue: people}\n').problems == ()


def test_they_can_be_answered_otherwise() -> None:
    steps = '    - press: "1"\n    - expect: {effect: enter_queue}\n    - failed: error\n'
    steps += "    - expect: {ended: true}\n"
    assert run(steps).problems == ()
    assert run('    - press: "1"\n    - failed: error\n    - expect: {ended: true}\n').problems == ()


def test_a_fault_that_was_not_expected_is_a_problem() -> None:
    steps = '    - press: "2"\n    - done: {found: true, record: {}}\n'
    assert "the flow has a fault: f.said" in run(steps).problems[0]
    assert run(steps + "    - expect: {fault: said}\n").problems == ()


def test_only_what_came_since_the_last_word_counts() -> None:
    assert run('    - press: "3"\n    - expect: {not_say: Which}\n').problems == ()


def test_hanging_up_is_possible_anywhere() -> None:
    assert (
        run('    - press: "2"\n    - hang_up: true\n    - expect: {ended: true, reason: hung_up}\n').problems
        == ()
    )


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("{}", 1, "a list of conversations"),
        ("- x", 1, "expected a conversation"),
        ("- name: x", 1, "no steps"),
        ("- name: x\n  chanel: sms\n  steps: []", 2, "no field 'chanel'; did you mean 'channel'?"),
        ("- name: x\n  channel: fax\n  steps: []", 1, "no channel 'fax'"),
        ("- name: x\n  at: yesterday\n  steps: []", 1, "does not read"),
        ("- name: x\n  customer: Li\n  steps: []", 1, "does not read"),
        ("- name: x\n  steps:\n    - pres: 1", 3, "no step 'pres'; did you mean 'press'?"),
        ("- name: x\n  steps:\n    - {press: 1, type: a}", 3, "one word and what it says"),
        ("- name: [", 1, ""),
    ],
)
def test_scripts_that_do_not_read(source: str, line: int, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script("f", source)
    assert message in str(caught.value)
    assert caught.value.line >= line


def test_odd_calendars_and_unknown_flows_are_problems_of_the_conversation() -> None:
    assert "calendars do not read" in run("    - press: 1\n", "  calendars: {x: {weekly: 3}}\n").problems[0]
    lost = read_script("g", "- name: x\n  steps: []")[0]
    assert "there is no flow 'g'" in run_conversation(flows(), lost).problems[0]


def test_a_folder_of_scripts(tmp_path: Path) -> None:
    (tmp_path / "f.test.yaml").write_text('- name: x\n  steps: [{press: "3"}]\n', encoding="utf-8")
    assert [c.name for c in read_scripts(tmp_path)] == ["x"]
    assert [r.passed for r in run_scripts(flows(), tmp_path)] == [True]
    (tmp_path / "g.test.yaml").write_bytes(b"\xff")
    with pytest.raises(ScriptError, match="UTF-8"):
        read_scripts(tmp_path)
