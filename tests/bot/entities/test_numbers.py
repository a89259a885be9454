"""Order and ticket numbers as people write and say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.spoken_digits import fold
from tests.bot.entities.conftest import Find

ORDER_NUMBERS = [
    ("1234", "1234"),
    ("order 1234", "1234"),
    ("order number 100234", "100234"),
    ("no. 1234", "1234"),
    ("No.1234", "1234"),
    ("№1234", "1234"),
    ("#1234", "1234"),
    ("order #100234!", "100234"),
    ("order no1234", "1234"),
    ("my order:1234", "1234"),
    ("myorder A1001", "A1001"),
    ("order A1001 please", "A1001"),
    ("a1001", "A1001"),
    ("A1001, please", "A1001"),
    ("А1001", "A1001"),  # a Cyrillic letter
    ("order A\u200b1001", "A1001"),
    ("cc100234", "CC100234"),
    ("CC-100234", "CC-100234"),
    ("cc 100234", "CC100234"),
    ("c c 100234", "CC100234"),
    ("order a 1001", "A1001"),
    ("it's a 1 0 0 1", "A1001"),
    ("b 3004", "B3004"),
    ("I have a 1234 order", "1234"),
    ("1 0 0 2", "1002"),
    ("1-0-0-2", "1002"),
    ("1.0.0.2", "1002"),
    ("10 02 34", "100234"),
    ("100 234", "100234"),
    ("100-234", "100234"),
    ("order 1,234", "1234"),
    ("１００２３４", "100234"),
    ("１ ０ ０ ２", "1002"),
    ("١٢٣٤", "1234"),
    ("1️⃣0️⃣0️⃣2️⃣", "1002"),
    ("one two three four", "1234"),
    ("One Two Three Four.", "1234"),
    ("one, two, three, four", "1234"),
    ("one-two-three-four", "1234"),
    ("one zero zero double two", "10022"),
    ("it's double two double four", "2244"),
    ("triple zero one two", "00012"),
    ("one two three 4", "1234"),
    ("twelve thirty four", "1234"),
    ("my order is twelve thirty-four", "1234"),
    ("ten oh two", "1002"),
    ("ten o two", "1002"),
    ("ten zero two thirty four", "100234"),
    ("twenty twenty six", "2026"),
    ("one hundred and two thirty four", "10234"),
    ("one hundred two thirty four", "10234"),
    ("one thousand and two", "1002"),
    ("ten thousand two hundred and thirty four", "10234"),
    ("order two thousand", "2000"),
    ("12 hundred 34", "1234"),
    ("a one zero zero two", "A1002"),
    ("uh it's a one zero zero two", "A1002"),
    ("b three double zero four", "B3004"),
    ("c c one zero zero two three four", "CC100234"),
    ("CC dash one hundred and two thirty four", "CC-10234"),
    ("c c dash one zero zero two three four", "CC-100234"),
    ("cc hyphen 1 0 0 2 3 4", "CC-100234"),
    ("oh, 1234", "1234"),
    ("oh one two three", "0123"),
    ("please cancel one zero zero two three four thanks", "100234"),
    ("order nine nine nine nine", "9999"),
    ("一零零二", "1002"),
    ("订单号一零零二三四", "100234"),
    ("订单〇〇一二", "0012"),
    ("壹零零贰", "1002"),
    ("幺零零二", "1002"),
    ("一 零 零 二", "1002"),
    ("一零零二-三四", "100234"),
    ("A一零零一", "A1001"),
    ("a 一零零一", "A1001"),
    ("CC杠一零零二三四", "CC-100234"),
    ("订单两个零一二", "0012"),
    ("一三个零二", "10002"),
    ("订单一千零二", "1002"),
    ("一万零二百三十四", "10234"),
    ("订单CC-100234到哪了", "CC-100234"),
    ("我的订单是A1001谢谢", "A1001"),
    ("单号１００２３４", "100234"),
    ("1234号订单", "1234"),
    ("帮我查一下1234这个订单", "1234"),
    ("我的 order 是 one zero zero two", "1002"),
    ("order 一零零二 please", "1002"),
    ("in order 10023456", "10023456"),
    ("订单10023456", "10023456"),
    ("订单A2044一直没送到", "A2044"),
    ("订单一零零二一直没到", "1002"),
    ("10023456 is my order", "10023456"),
]


@pytest.mark.parametrize(("text", "number"), ORDER_NUMBERS)
def test_order_numbers(text: str, number: str, find: Find) -> None:
    assert find(text) == [f"order_number {number}"]


TICKET_NUMBERS = [
    ("10023456", "10023456"),
    ("ticket 10023456", "10023456"),
    ("complaint 1002 3456", "10023456"),
    ("ticket 1002-3456", "10023456"),
    ("case number ten zero two thirty four fifty six", "10023456"),
    ("one zero zero two three four five six", "10023456"),
    ("投诉编号一零零二三四五六", "10023456"),
    ("工单 一零零二 三四五六", "10023456"),
    ("工单号10023456", "10023456"),
    ("投诉单号是30012856", "30012856"),
    ("10023456这个工单", "10023456"),
]


@pytest.mark.parametrize(("text", "number"), TICKET_NUMBERS)
def test_ticket_numbers(text: str, number: str, find: Find) -> None:
    assert find(text) == [f"ticket_number {number}"]


NO_NUMBERS = [
    "123",
    "12345678901",
    "one of two",
    "one two three",
    "double two",
    "double check it",
    "oh I see",
    "I waited two thousand years",
    "call me at twelve thirty",
    "at ten thirty am",
    "around ten forty five",
    "twelve fifteen pm",
    "a 1500 watts heater",
    "1000 mAh",
    "I called 1000 times",
    "12000 people",
    "my post code is 10115",
    "zip 90210",
    "card ending in 1234",
    "verification code 123456",
    "the price was 1250",
    "I paid 1250",
    "I was charged 1999",
    "room 1204",
    "192.168.1.100",
    "一下",
    "一心一意",
    "三三两两",
    "七七八八",
    "一千次",
    "等了两千年",
    "邮编100000",
    "验证码123456",
    "尾号1234",
    "my customer number is 88213",
    "会员号88213",
    "花了一千二百五十",
    "付了1250",
    "买了1200个",
    "用了1500瓦",
    "二三十",
    "两三百",
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_other_numbers_are_no_order(text: str, find: Find) -> None:
    assert not [one for one in find(text) if one.split()[0] in ("order_number", "ticket_number", "phone")]


def test_several_numbers_stay_apart(find: Find) -> None:
    assert find("A1001 and A1002, also 100234 200345") == [
        f"order_number {number}" for number in ("A1001", "A1002", "100234", "200345")
    ]
    assert find("one two three four and five six seven eight") == ["order_number 1234", "order_number 5678"]
    assert find("1 0 0 1 and one zero zero two") == ["order_number 1001", "order_number 1002"]
    assert find("double and one two three four") == ["order_number 1234"]
    assert find("I paid for 1234 and 1235") == ["order_number 1234", "order_number 1235"]
    assert find("2 1234") == ["order_number 1234"]
    assert find("order one zero zero one and order one zero zero two") == [
        "order_number 1001",
        "order_number 1002",
    ]


@pytest.mark.parametrize(
    "text", ["2026-03-12", "12.03.2026", "5/11/2026", "at twelve thirty", "192.168.1.100"]
)
def test_dates_and_times_are_not_folded(text: str) -> None:
    assert fold(text).text == text


def test_what_a_form_asked_for_wins(find: Find) -> None:
    for entity in ("order_number", "ticket_number"):
        assert find("10023456", entity) == [f"{entity} 10023456"]
        assert find("one zero zero two three four five six", entity) == [f"{entity} 10023456"]
    assert find("card ending in 1234", "order_number") == ["order_number 1234"]


ENGLISH = dict(enumerate("zero one two three four five six seven eight nine".split()))  # noqa: SIM905
CHINESE = "零一二三四五六七八九"


@given(st.text("0123456789", min_size=4, max_size=10), st.sampled_from([" ", "-", ", "]))
def test_digits_said_one_by_one_are_those_digits(digits: str, gap: str) -> None:
    assert fold(gap.join(ENGLISH[int(digit)] for digit in digits)).text == digits
    said = "".join(CHINESE[int(digit)] for digit in digits)
    if said not in ("三三五五", "三三二二"):
        assert fold(said).text == digits
    assert fold(" ".join(digits)).text == digits
