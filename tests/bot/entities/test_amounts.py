"""Sums of money as people write and say them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.entities import Extractor
from tests.bot.entities.conftest import Find

AMOUNTS = [
    ("25.50 euros", "25.50 EUR"),
    ("25,50 €", "25.50 EUR"),
    ("25,5 euro", "25.50 EUR"),
    ("€25", "25 EUR"),
    ("EUR 25.50", "25.50 EUR"),
    ("USD25", "25 USD"),
    ("$1,234.50", "1234.50 USD"),
    ("1.234,50 EUR", "1234.50 EUR"),
    ("$ 30", "30 USD"),
    ("US$30", "30 USD"),
    ("HK$300", "300 HKD"),
    ("１９.９９＄", "19.99 USD"),
    ("149.99 pounds", "149.99 GBP"),
    ("£5", "5 GBP"),
    ("20 quid", "20 GBP"),
    ("50p", "0.50 GBP"),
    ("2k dollars", "2000 USD"),
    ("twenty five dollars", "25 USD"),
    ("twenty-five dollars", "25 USD"),
    ("twenty five dollars and fifty cents", "25.50 USD"),
    ("25 euros 50", "25.50 EUR"),
    ("two hundred euros", "200 EUR"),
    ("a hundred bucks", "100 USD"),
    ("one thousand two hundred and thirty four pounds", "1234 GBP"),
    ("twenty five point nine nine euros", "25.99 EUR"),
    ("five euros and five cents", "5.05 EUR"),
    ("about 25 euros", "25 EUR"),
    ("around two hundred dollars", "200 USD"),
    ("10000 yen", "10000 JPY"),
    ("120 francs", "120 CHF"),
    ("300块", "300 CNY"),
    ("300块钱", "300 CNY"),
    ("25元", "25 CNY"),
    ("¥25.5", "25.50 CNY"),
    ("￥300", "300 CNY"),
    ("RMB 200", "200 CNY"),
    ("200 kuai", "200 CNY"),
    ("两百五十块", "250 CNY"),
    ("二百五十元", "250 CNY"),
    ("三十块五", "30.50 CNY"),
    ("三十块五毛", "30.50 CNY"),
    ("两块五", "2.50 CNY"),
    ("五毛钱", "0.50 CNY"),
    ("两块半", "2.50 CNY"),
    ("一千二百元", "1200 CNY"),
    ("一千二百五十块钱", "1250 CNY"),
    ("2万块", "20000 CNY"),
    ("两万元", "20000 CNY"),
    ("1.5万元", "15000 CNY"),
    ("3千块", "3000 CNY"),
    ("一百二十块", "120 CNY"),
    ("一百二块钱", "120 CNY"),
    ("二十五点五元", "25.50 CNY"),
    ("大概三百块", "300 CNY"),
    ("三百多块", "300 CNY"),
    ("大概五百来块", "500 CNY"),
    ("扣了300块", "300 CNY"),
    ("一块钱", "1 CNY"),
    ("一百美元", "100 USD"),
    ("50欧元", "50 EUR"),
    ("三千日元", "3000 JPY"),
    ("壹佰元", "100 CNY"),
    ("三百塊", "300 CNY"),
    ("退我 fifty euros", "50 EUR"),
    ("refund 两百块 please", "200 CNY"),
    ("my 25 euro coupon", "25 EUR"),
]


@pytest.mark.parametrize(("text", "value"), AMOUNTS)
def test_amounts(text: str, value: str, find: Find) -> None:
    assert find(text) == [f"amount {value}"]


NO_AMOUNTS = [
    "20 to 30 euros",
    "20-30 euros",
    "between twenty and thirty euros",
    "$20-$30",
    "一百到两百块",
    "两三百块",
    "dollars",
    "how many euros",
    "25",
    "twenty five",
    "fifty cents",
    "两块屏幕",
    "3块电池",
    "一块买的",
    "这块",
    "nineteen ninety nine dollars",
    "元旦",
    "一千零一夜",
]


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount(text: str, find: Find) -> None:
    assert not [one for one in find(text) if one.startswith("amount")]


def test_an_amount_is_no_order_number(find: Find) -> None:
    assert find("1234 euros for order 1234") == ["amount 1234 EUR", "order_number 1234"]
    assert find("退订单1234的1234元") == ["order_number 1234", "amount 1234 CNY"]


def test_a_bare_number_answers_the_question_for_an_amount(find: Find) -> None:
    for text in ("25.5", "twenty five point five", "二十五点五"):
        assert find(text, "amount") == ["amount 25.50"]


@given(st.decimals(Decimal("0.01"), Decimal("999999.99"), places=2))
def test_any_written_amount_is_that_amount(extractor: Extractor, amount: Decimal) -> None:
    for text in (f"{amount:.2f} euros", f"${amount:,.2f}", f"{amount:.2f}元"):
        (found,) = extractor.extract(text)
        assert (found.entity, Decimal(found.value.split()[0])) == ("amount", amount)
