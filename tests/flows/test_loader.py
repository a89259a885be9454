"""Mistakes in a flow's YAML: each is found at once with the others, by node, field and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows import Finding, FlowError, FlowSet
from ivr_flows.yaml_tree import YamlError, read_yaml
from tests.support.flowkit import one_flow

GOOD = "  a: {kind: say, text: Hello., next: b}\n  b: {kind: hang_up}"


def findings(nodes: str, head: str = "") -> tuple[Finding, ...]:
    with pytest.raises(FlowError) as caught:
        FlowSet.from_texts(one_flow(nodes, head))
    return caught.value.findings


def node(fields: str) -> str:
    return f"  a: {{{fields}}}\n  b: {{kind: hang_up}}"


@pytest.mark.parametrize(
    ("fields", "field", "message", "remedy"),
    [
        ("kind: say, text: Hi, next: bb", "next", "there is no node 'bb'", "did you mean 'b'?"),
        ("kind: say, text: Hi", "next", "it is missing", "where to after it"),
        ("kind: sy, text: Hi", "kind", "there is no kind 'sy'", "did you mean 'say'?"),
        ("text: Hi", "", "it has no kind", "kinds are say"),
        ("kind: say, txt: Hi, text: Hi, next: b", "txt", "no field 'txt'", "did you mean 'text'?"),
        ("kind: say, text: [Hi], next: b", "text", "expected text and found a list", "text"),
        ("kind: say, text: '{{ x', next: b", "text", "does not compile", "docs/flows.md"),
        ("kind: say, text: {en: Hi, de: Hallo}, next: b", "text", "'de' is not a language", "en"),
        ("kind: branch, cases: [{when: 'x ==', next: b}], else: b", "cases[1].when", "does not compile", ""),
        ("kind: branch, cases: [{when: x, next: c}], else: b", "cases[1].next", "no node 'c'", ""),
        ("kind: branch, cases: [], else: b", "cases", "at least 1", ""),
        ("kind: collect, text: N?, save_as: now, next: b", "save_as", "the engine's own", "my_now"),
        ("kind: collect, text: N?, save_as: 1x, next: b", "save_as", "not a name", "letters"),
        ("kind: collect, text: N?, save_as: n, tries: 0, next: b", "tries", "from 1 to 10 and found '0'", ""),
        (
            "kind: collect, text: N?, save_as: n, min: 4, max: 2, next: b",
            "min",
            "min 4 is more than max 2",
            "",
        ),
        ("kind: collect, text: N?, save_as: n, pattern: '(', next: b", "pattern", "does not compile", ""),
        ("kind: collect, text: N?, save_as: n, pattern: '(a+)+', next: b", "pattern", "too long", "repeats"),
        ("kind: collect, text: N?, save_as: n, pattern: '(\\d)\\1', next: b", "pattern", "too long", ""),
        ("kind: collect, text: N?, save_as: n, chars: x, next: b", "chars", "other characters", ""),
        (
            "kind: collect, text: N?, save_as: n, accept: digit, next: b",
            "accept",
            "not one of",
            "did you mean 'digits'?",
        ),
        ("kind: menu, text: W?, choices: [{key: x, label: X, next: b}]", "choices[1].key", "not a key", ""),
        ("kind: queue, queue: q, next: b, owner_first: maybe", "owner_first", "true or false", ""),
        ("kind: transfer, to: {}", "to", "exactly one", ""),
        ("kind: subflow, flow: ff, next: b", "flow", "there is no flow 'ff'", "did you mean 'f'?"),
        ("kind: language, next: b", "choices", "neither choices", ""),
        ("kind: set, values: 3, next: b", "values", "name: value pairs", ""),
    ],
)
def test_a_mistake_in_a_node(fields: str, field: str, message: str, remedy: str) -> None:
    found = findings(node(fields))
    assert len(found) == 1
    assert (found[0].node, found[0].field, found[0].line) == ("a", field, 7)
    assert message in found[0].message
    assert remedy in found[0].remedy
    assert str(found[0]).startswith("f.yaml:7: error: flow f, node a")


def test_a_choice_used_twice() -> None:
    choices = "[{key: 1, value: x, label: X, next: b}, {key: 1, value: x, label: Y, next: b}]"
    found = findings(node(f"kind: menu, text: W?, choices: {choices}"))
    assert [f.field for f in found] == ["choices[2].key", "choices[2].value"]
    assert "used twice, first in choices[1]" in found[0].message


def test_every_mistake_is_reported_in_one_go() -> None:
    found = findings("  a: {kind: say, next: c}\n  b: {kind: nope}\n  c: {kind: say, text: '{{', next: x}")
    assert [f.node for f in found] == ["a", "b", "c"]


def test_lines_are_those_of_the_field() -> None:
    found = findings("  a:\n    kind: say\n    text: Hi\n    next: nowhere\n  b: {kind: hang_up}")
    assert found[0].line == 10


@pytest.mark.parametrize(
    ("head", "field", "message"),
    [
        ("start2: x", "start2", "there is no field"),
        ("person: nobody", "person", "there is no node 'nobody'"),
        ("variables: {customer: 1}", "variables.customer", "the engine's own"),
        ("defaults: {tries: many}", "defaults.tries", "whole number"),
    ],
)
def test_a_mistake_in_the_head(head: str, field: str, message: str) -> None:
    found = findings(GOOD, head)
    assert [f.field for f in found] == [field]
    assert message in found[0].message
    assert found[0].line > 1


def test_every_language_must_be_there() -> None:
    source = (
        "flow: f\nlanguages: [en, zh]\nstart: a\nnodes:\n  a: {kind: hang_up, text: Bye}\n  b: "
        "{kind: hang_up, text: {en: Bye}}\n  c: {kind: hang_up, text: '{{ customer.name }} 1'}\n"
    )
    with pytest.raises(FlowError) as caught:
        FlowSet.from_texts({"f": source})
    assert [(f.node, f.message) for f in caught.value.findings] == [
        ("a", "one text for 2 languages"),
        ("b", "no text in zh"),
    ]


def test_a_flow_is_called_as_its_file() -> None:
    with pytest.raises(FlowError, match="called 'f' and its file 'g'"):
        FlowSet.from_texts({"g": one_flow(GOOD)["f"]})


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("", "empty", 1),
        ("[a", "flow sequence", 2),
        ("a: 1\n\tb: 2", "tab", 2),
        ("a: 1\nb: 2\na: 3", "'a' is given twice, first in line 1", 3),
        ("? [x]\n: y", "plain text", 1),
        ("a: &a [*a]", "too deeply", 1),
        ("x" * 2_000_001, "larger than 2 MB", 1),
        ("[" * 25 + "]" * 25, "too deeply", 1),
        ("a: \x01", "", 1),
        ("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
         "d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: "
         "[*e,*e,*e,*e,*e,*e,*e,*e]", "too large", 1),
    ],
)  # fmt: skip
def test_what_is_not_yaml(source: str, message: str, line: int) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(source)
    assert message in caught.value.message
    assert caught.value.line == line


def test_values_are_read_as_they_are_written() -> None:
    raw = read_yaml("a: [yes, no, on, 012, 1:30, 2026-03-02, 0x1f, 1e3, '7', 7, 1.5, true, null, '']")
    assert raw.data() == {
        "a": ["yes", "no", "on", "012", "1:30", "2026-03-02", "0x1f", "1e3", "7", 7, 1.5, True, None, ""]
    }  # fmt: skip


def test_unquoted_keys_and_words_are_text() -> None:
    choices = "[{key: 0, label: No, words: [no, off], next: b}, {key: 08, label: 8, next: b}]"
    menu = (
        FlowSet.from_texts(one_flow(node(f"kind: menu, text: W?, choices: {choices}"))).flows["f"].nodes["a"]
    )
    assert [choice.key for choice in menu.choices] == ["0", "08"]  # type: ignore[attr-defined]
    assert menu.choices[0].words == {"": ("no", "off")}  # type: ignore[attr-defined]


def test_a_folder_is_loaded_without_its_scripts(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(one_flow(GOOD)["f"], encoding="utf-8")
    (tmp_path / "f.test.yaml").write_text("- name: x", encoding="utf-8")
    loaded = FlowSet.load(tmp_path)
    assert list(loaded.flows) == ["f"]
    assert loaded.flows["f"].file == str(tmp_path / "f.yaml")
    assert loaded.digest == FlowSet.from_texts(one_flow(GOOD)).digest


def test_a_folder_with_nothing_or_with_rubbish(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="there are no flows"):
        FlowSet.load(tmp_path)
    (tmp_path / "f.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FlowError, match="UTF-8"):
        FlowSet.load(tmp_path)


def test_the_digest_names_exactly_the_sources() -> None:
    source = one_flow(GOOD)["f"]
    first = FlowSet.from_texts({"f": source})
    assert first.digest != FlowSet.from_texts({"f": source + "# note\n"}).digest
    assert len(first.digest) == 32
    assert first.sources == {"f": source}


def test_defaults_of_exits() -> None:
    flow = FlowSet.from_texts(
        one_flow(node("kind: look_up, what: order, save_as: o, found: b, missing: b"))
    ).flows["f"]
    assert flow.targets["a"] == {"found": "b", "missing": "b", "on_error": "b"}
    assert flow.targets["person"]["full"] == "@end"
