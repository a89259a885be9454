"""What the linter finds in flows that load, and that it finds nothing in the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows import Finding
from ivr_flows.lint import check, check_texts
from tests.support.flowkit import one_flow

BYE = "\n  b: {kind: hang_up}"


def found(nodes: str, head: str = "") -> tuple[Finding, ...]:
    return check_texts(one_flow(nodes, head))[1]


def test_the_shipped_flows_are_clean() -> None:
    flows, findings = check(Path("ivr_flows/definitions"))
    assert flows is not None
    assert [str(f) for f in findings] == []


def test_a_clean_flow() -> None:
    assert found("  a: {kind: say, text: Hi, next: b}" + BYE) == ()


def test_flows_that_do_not_load_are_findings_too(tmp_path: Path) -> None:
    flows, findings = check_texts(one_flow("  a: {kind: say, text: Hi, next: c}" + BYE))
    assert flows is None
    assert [f.field for f in findings] == ["next"]
    assert check(tmp_path)[0] is None


@pytest.mark.parametrize(
    ("nodes", "level", "where", "message"),
    [
        (
            "  a: {kind: goto, next: b}\n  lost: {kind: goto, next: b}" + BYE,
            "warning",
            "lost",
            "no way leads",
        ),
        ("  a: {kind: say, text: '{{ nmae }}', next: b}" + BYE, "error", "a", "nothing sets 'nmae'"),
        (
            "  a: {kind: branch, cases: [{when: x > 1, next: b}], else: b}" + BYE,
            "error",
            "a",
            "nothing sets 'x'",
        ),
        (
            "  a: {kind: goto, next: c}\n  c: {kind: goto, next: a}",
            "error",
            "a",
            "round for ever without a wait: a -> c -> a",
        ),
        ("  a: {kind: goto, next: a}", "error", "a", "a -> a"),
        (
            "  a: {kind: set, tags: [x], next: c}\n  c: {kind: request, url: 'http://x', next: a, on_error: "
            "a}",
            "error",
            "a",
            "for ever without a wait",
        ),
        ("  a: {kind: request, url: 'http://x', next: b, on_error: a}" + BYE, "warning", "a", "may go round"),
        ("  a: {kind: subflow, flow: f, next: b}" + BYE, "error", "a", "for ever without a wait: a -> a"),
        ("  a: {kind: queue, queue: q, full: a, next: b}" + BYE, "warning", "a", "may go round"),
        (
            "  a: {kind: collect, text: N?, save_as: n, next: b, on_failure: a}" + BYE,
            "warning",
            "a",
            "who says nothing goes round",
        ),
        (
            "  a: {kind: collect, text: N?, save_as: n, sensitive: true, confirm: '{{ value }}?', next: "
            "b}" + BYE,
            "warning",
            "a",
            "read out",
        ),
        (
            "  a: {kind: collect, text: N?, save_as: n, sensitive: true, next: c}\n  c: {kind: say, text: "
            "'{{ n }}', next: b}" + BYE,
            "warning",
            "c",
            "shown in clear",
        ),
        (
            "  a: {kind: menu, text: W?, choices: [{key: 1, label: X, next: b}, {key: 12, label: Y, next: "
            "b}]}" + BYE,
            "warning",
            "a",
            "'1' is the beginning of key '12'",
        ),
        (
            "  a: {kind: menu, text: W?, choices: [{key: 1, label: X, words: [Go], next: b}, {key: 2, "
            "label: Y, words: [go], next: b}]}" + BYE,
            "error",
            "a",
            "the word 'go' stands for '1' and for '2'",
        ),
        ("  a: {kind: language, set: fr, next: b}" + BYE, "error", "a", "does not speak 'fr'"),
        (
            "  a: {kind: language, text: L?, choices: [{key: 1, language: fr, label: F}], next: b}" + BYE,
            "error",
            "a",
            "does not speak 'fr'",
        ),
    ],
)
def test_a_finding(nodes: str, level: str, where: str, message: str) -> None:
    matching = [f for f in found(nodes) if message in f.message]
    assert [(f.level, f.node) for f in matching] == [(level, where)]
    assert matching[0].line >= 6
    assert matching[0].remedy


def test_a_suggestion_for_a_misspelt_name() -> None:
    findings = found(
        "  a: {kind: say, text: '{{ order_nmber }}', next: b}" + BYE, "variables: {order_number: ''}"
    )
    assert [f.remedy for f in findings if f.level == "error"] == ["did you mean 'order_number'?"]


def test_a_variable_that_nobody_uses() -> None:
    findings = found("  a: {kind: goto, next: b}" + BYE, "variables:\n  x: 1")
    assert [(f.field, f.line, f.level) for f in findings] == [("variables.x", 6, "warning")]


@pytest.mark.parametrize("field", ["confirm: '{{ value }}?'", "validate: value != n"])
def test_value_is_known_where_an_answer_is_checked(field: str) -> None:
    assert found(f"  a: {{kind: collect, text: N?, save_as: n, {field}, next: b}}" + BYE) == ()


def test_a_loop_with_a_question_in_it_is_no_finding() -> None:
    nodes = (
        "  a: {kind: goto, next: c}\n  c: {kind: menu, text: W?, choices: [{key: 1, label: X, next: "
        "a}, {key: 2, label: Y, next: b}]}"
    )
    assert found(nodes + BYE) == ()


def test_a_flow_needs_a_person() -> None:
    source = "flow: f\nlanguages: [en]\nstart: a\nnodes:\n  a: {kind: hang_up}\n"
    assert [f.message for f in check_texts({"f": source})[1]] == [
        "there is no person for when something fails"
    ]


def test_the_person_must_lead_to_one() -> None:
    findings = found("  a: {kind: goto, next: b}" + BYE + "\n  person: {kind: goto, next: b}")
    assert [(f.field, f.level) for f in findings] == [("person", "error")]


def test_subflows_share_names_and_must_speak_the_language() -> None:
    outer = (
        "flow: f\nlanguages: [en, zh]\nstart: a\nperson: p\nvariables: {x: 1}\nnodes:\n  a: {kind: "
        "subflow, flow: g, next: p}\n  p: {kind: queue, queue: '{{ y }}'}\n"
    )
    inner = (
        "flow: g\nlanguages: [en]\nstart: a\nnodes:\n  a: {kind: set, values: {y: '{{ x }}'}, next: "
        "b}\n  b: {kind: return}\n"
    )
    findings = check_texts({"f": outer, "g": inner})[1]
    assert [(f.level, f.message) for f in findings] == [("warning", "subflow 'g' does not speak zh")]


def test_recursion_of_subflows_with_a_question_in_it_is_no_loop() -> None:
    inner = (
        "flow: g\nlanguages: [en]\nstart: a\nnodes:\n  a: {kind: collect, text: N?, save_as: n, "
        "next: b}\n  b: {kind: branch, cases: [{when: n == '1', next: c}], else: d}\n  c: {kind: "
        "subflow, flow: g, next: d}\n  d: {kind: return}\n"
    )
    outer = one_flow("  a: {kind: subflow, flow: g, next: b}" + BYE)
    assert check_texts({**outer, "g": inner})[1] == ()


def test_a_subflow_is_passed_without_a_wait_only_where_it_has_none() -> None:
    silent = "flow: g\nlanguages: [en]\nstart: a\nnodes:\n  a: {kind: return}\n"
    outer = one_flow("  a: {kind: subflow, flow: g, next: a}")
    assert "for ever" in check_texts({**outer, "g": silent})[1][0].message
    asking = silent.replace(
        "a: {kind: return}",
        "a: {kind: collect, text: N?, save_as: n, next: b, on_failure: c}\n  b: {kind: return}\n  c: "
        "{kind: hang_up}",
    )
    assert check_texts({**outer, "g": asking})[1] == ()
