"""Masking: nothing stays that tells who said it, and what is left can still be learnt from."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.embedded.spoken_digits import fold
from bot.embedded.text import clean
from contact_center.bot_lab.masking import FEW_DIGITS, masked, says_something

LI = ("王芳", "Fang Wang", "Example Trading")

SAID = [
    ("call me on +1 202 555 0123 please", "call me on <phone> please"),
    ("my number is (202) 555-0123", "my number is <phone>"),
    ("it is one three eight zero zero one three eight zero zero zero", "it is <phone>"),
    ("我的电话是一三八零零一三八零零零", "我的电话是 <phone>"),
    ("打１３８００１３８０００", "打 <phone>"),
    ("mail John.Smith+x@example.com now", "mail <email> now"),
    ("john dot smith at example dot com", "<email>"),
    ("my order CC-100234 is late", "my order <order_number> is late"),
    ("A1001 到哪了", "<order_number> 到哪了"),
    ("1Z999AA10123456784", "<order_number>"),
    ("complaint 1002 3456", "complaint <ticket_number>"),
    ("身份证 11010519491231002X", "身份证 <order_number>"),
    ("card 4111 1111 1111 1111", "card <number>"),
    ("born 1985-03-02", "born <date>"),
    ("1985年3月2日出生", "<date> 出生"),
    ("see https://example.com/track?id=9 please", "see <link> please"),
    ("my name is John Smith and my parcel is late", "my name is <name> and my parcel is late"),
    ("我叫李小龙，订单没到", "我叫 <name> ,订单没到"),
    ("this is fang", "this is <name>"),
    ("FANG WANG here", "<name> here"),
    ("王芳的快递", "<name> 的快递"),
    ("王女士的快递", "<name> 的快递"),
    ("I work at example trading", "I work at <name>"),
]

STAYS = [
    "you charged me $25 twice",
    "1,234.50 dollars is too much",
    "为什么扣了我99.9元",
    "25usd, 1234usd or 99块?",
    "are you open 24/7, or from 10:30 to 12:00",
    "3 kettles, 2 lamps and 100 cups",
    "where is my order",
    "我的订单到哪了",
    "it came on Monday, not on Friday",
    "the fangs of a wolf",
    "",
]


@pytest.mark.parametrize(("text", "kept"), SAID)
def test_what_tells_a_person_is_masked(text: str, kept: str) -> None:
    assert masked(text, LI) == kept


@pytest.mark.parametrize("text", STAYS)
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert masked(text, LI) == text


def test_a_sum_hides_no_other_number() -> None:
    assert masked("555 0100 - 1234567 yuan") == "<number> yuan"
    assert masked("13800138000块") == "<phone> 块"


@pytest.mark.parametrize(
    ("text", "says"),
    [("<phone>", False), ("<phone> <name>!", False), ("12 ?", False), ("call <phone>", True), ("好", True)],
)
def test_marks_alone_say_nothing(text: str, says: bool) -> None:
    assert says_something(text) is says


WORDS = st.sampled_from(
    [
        "my", "order", "is", "one", "two", "three", "double", "four", "零", "一", "三", "八", "at", "dot",
        "com", "my name is", "我叫", "王芳", "王先生", "yuan", "$", "元", "@", "A", "CC-", "+", "-", ".", "(",
        "<phone>", "2026", "年", "5", "12", "138", "0013", "8000", "１２３", "٣٤٥٦", "a@b", "www.", " ", "",
    ]
)  # fmt: skip
SPEECH = st.one_of(
    st.text(),
    st.lists(WORDS, max_size=20).map(" ".join),
    st.lists(WORDS, max_size=20).map("".join),
)
SUMS = re.compile(r"[$€£¥]|dollar|usd|bucks|eur|pound|gbp|yuan|rmb|cny|元|块|镑|人民币", re.IGNORECASE)


@given(SPEECH)
@example("1 2 3 4")
@example("000٠0000A")
@example("$1234ABC567")
@example("5" * 2000)
def test_no_number_stays_but_sums(text: str) -> None:
    for run in re.findall(r"[+(]*\d(?:[\s()./_-]{0,3}\d)*", fold(masked(text)).text):
        digits = sum(one.isdigit() for one in run)
        assert digits <= FEW_DIGITS or (digits <= 7 and SUMS.search(text)), run


@given(SPEECH, st.text(alphabet="0123456789", min_size=4, max_size=18), st.sampled_from(["", " ", "-", ". "]))
def test_a_number_told_in_any_grouping_is_gone(before: str, number: str, between: str) -> None:
    said = between.join(number[at : at + 3] for at in range(0, len(number), 3))
    kept = masked(f"{before.replace('$', '')} tel. {said} thanks")
    assert number not in re.sub(r"\D", "", SUMS.split(kept)[-1])


@given(SPEECH)
def test_an_address_is_gone_wherever_it_stands(text: str) -> None:
    assert "li.wei" not in masked(f"{text} li.wei@example.com {text}")


@given(SPEECH, st.sampled_from(["王芳", "Fang Wang", "Liu Xiaobo", "José", "欧阳小美", "O'Neill"]))
def test_no_name_on_record_stays(text: str, name: str) -> None:
    kept = masked(f"{text} {name} {text}", [name])
    assert re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", kept, re.IGNORECASE) is None


@given(SPEECH)
def test_what_is_masked_is_clean_and_stays_so_when_masked_again(text: str) -> None:
    once = masked(text, LI)
    assert once == clean(once)
    assert masked(once, LI) == once


@pytest.mark.parametrize(
    "text",
    ["a@" * 1000, "1-" * 1000, "a at " * 400, "my name is " * 180, "我叫" * 1000, "$1," * 600, "x" * 9999],
)
def test_hostile_text_is_no_dearer_than_friendly_text(text: str) -> None:
    assert len(masked(text, LI)) < 6000
