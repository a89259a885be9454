"""Templates and expressions: what they can do, what they must not, and what they cost at most."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.expressions import (
    LONGEST_RESULT,
    Expression,
    ExpressionError,
    Template,
    Text,
    plain,
)
from tests.support.flowkit import NOW

SCENE: dict[str, Any] = {
    "customer": {"first_name": "Li", "tier": "gold", "items": ["a", "b"]},
    "order": {"status": "late", "placed_at": "2026-03-02T15:30:00+00:00"},
    "now": NOW,
    "language": "en",
    "company": {"timezone": "Asia/Shanghai"},
    "text": "abc",
    "many": list(range(10_000)),
}


def render(source: str, scene: dict[str, Any] = SCENE) -> tuple[str, list[str]]:
    faults: list[str] = []
    return Template(source).render(scene, faults), faults


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("Hello {{ customer.first_name }}", "Hello Li"),
        ("{{ customer.items | join(' and ') }}", "a and b"),
        ("{{ '104' | spell }}", "1 0 4"),
        ("{{ order.placed_at | date }}, {{ order.placed_at | time }}", "2 March, 11:30 pm"),
        ("{{ text.upper() }}{{ now.hour }}", "ABC2"),
        ("{% for i in range(3) %}{{ loop.index }}{% endfor %}", "123"),
        ("{{ {'late': 'delayed'}[order.status] | default('fine') }}", "delayed"),
        ("{{ nobody | default('you') }}", "you"),
        ("{% if nobody %}x{% endif %}", ""),
        ("{{ '2' ~ 3 }}{{ 2 + 3 }}{{ 'a' + 'b' }}", "235ab"),
        ("{{ 'a b' | urlencode }}", "a%20b"),
        ("{{ 'aXb' | replace('X', '-') }}", "a-b"),
    ],
)
def test_templates(source: str, text: str) -> None:
    assert render(source) == (text, [])


def test_times_are_said_in_the_customers_language_and_the_companys_zone() -> None:
    source = "{{ order.placed_at | date }}{{ order.placed_at | time }}"
    assert render(source, {**SCENE, "language": "zh"})[0] == "3月2日下午11点30分"
    assert render("{{ 'soon' | date }}", SCENE)[0] == ""


@pytest.mark.parametrize(
    ("source", "text", "fault"),
    [
        ("Hi {{ nobody }}!", "Hi !", "'nobody' is undefined"),
        ("Hi {{ nobody.name.first }}!", "Hi !", "'nobody' is undefined"),
        ("Hi {{ customer.last_name }}!", "Hi !", "no attribute 'last_name'"),
        ("Hi {{ customer[text] }}!", "Hi !", "an entry that it looks up is not there"),
        ("Hi {{ text() }}!", "", "something that flows may not"),
        ("{{ nobody | date }}!", "!", "'nobody' is undefined"),
    ],
)
def test_unknown_names_are_empty_and_noted(source: str, text: str, fault: str) -> None:
    rendered, faults = render(source)
    assert rendered == text
    assert fault in faults[0]


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ text.__class__.__mro__ }}",
        "{{ text['__class__'] }}",
        "{{ customer.__init__ }}",
        "{{ range.__globals__ }}",
        "{{ customer.items.append('c') }}",
        "{{ nobody.__class__ }}",
        "{{ text.format() }}",
        "{{ text.format_map(customer) }}",
        "{{ now.strftime('%Y') }}",
        "{{ 'a' * 99999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ many + many }}",
        "{{ loop }}",
        "{{ cycler }}{{ lipsum }}{{ namespace }}",
    ],
)
def test_tricks_give_nothing(source: str) -> None:
    rendered, faults = render(source)
    assert rendered == ""
    assert faults


@pytest.mark.parametrize(
    "source",
    [
        "{{ x | attr('y') }}",
        "{% macro a() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% set a %}x{% endset %}",
        "{% block b %}{% endblock %}",
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        "{{ 'x' | center(99999) }}",
        "{{ x | random }}",
        "{{ x",
        "{{ self }}",
        "{{ }}",
        "x{{ 1 }}" * 1_000,
        "{{ " + "(" * 1_500 + ")" * 1_500 + " }}",
    ],
)
def test_what_does_not_compile(source: str) -> None:
    with pytest.raises(ExpressionError):
        Template(source)


def test_loops_and_results_are_bounded() -> None:
    assert render("{% for i in many %}x{% endfor %}")[0] == "x" * 100
    doubled = "{% set a = 'xxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}"
    assert len(render(doubled)[0]) == LONGEST_RESULT
    assert len(render("{% for i in many %}{{ many }}{% endfor %}")[0]) == LONGEST_RESULT
    chained = "{{ 'x'" + " | replace('x', 'xxxxxxxxxx')" * 30 + " }}"
    assert len(render(chained)[0]) == LONGEST_RESULT


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("customer.tier == 'gold'", True),
        ("1 + 2", 3),
        ("customer.items", ["a", "b"]),
        ("text if nobody else none", None),
        ("order.status in ['late', 'lost']", True),
        ("now", "2026-03-02T02:00:00+00:00"),
        ("many | length", 10_000),
        ("'%s' ~ '}}'", "%s}}"),
    ],
)
def test_expressions_keep_types(source: str, value: Any) -> None:
    faults: list[str] = []
    assert Expression(source).evaluate(SCENE, faults) == value
    assert faults == []


def test_an_expression_on_an_unknown_name_is_none_and_noted() -> None:
    faults: list[str] = []
    assert Expression("nobody.age > 3").evaluate(SCENE, faults) is None
    assert faults == ["'nobody' is undefined"]


@pytest.mark.parametrize("source", ["{{ a }}", "a %} x {% set b = 1", "", "a b", "1 +"])
def test_what_is_no_expression(source: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(source)


def test_texts_find_the_nearest_language() -> None:
    text = Text({"en": Template("hello"), "zh": Template("你好")})
    assert text.part("zh")[1].source == "你好"
    assert text.part("zh-TW")[0] == "zh"
    assert text.part("fr")[0] == "en"
    assert Text({"": Template("1")}).part("fr")[0] == "fr"


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


@given(JSON_LIKE)
def test_plain_data_survives_json(value: Any) -> None:
    made = plain(value)
    assert msgspec.json.decode(msgspec.json.encode(made)) == made
