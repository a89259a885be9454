"""Telephone numbers and e-mail addresses as people write and say them."""

from __future__ import annotations

import pytest

from tests.bot.entities.conftest import Find

PHONES = [
    ("+49 30 901820", "+4930901820"),
    ("+49 (0)30 901820", "+4930901820"),
    ("call me at +1 415 555 2671", "+14155552671"),
    ("+1 (415) 555-2671", "+14155552671"),
    ("+44 20 7946 0958", "+442079460958"),
    ("0044 20 7946 0958", "+442079460958"),
    ("my number is +44 7700 900456", "+447700900456"),
    ("+86 138 0013 8000", "+8613800138000"),
    ("+8613800138000", "+8613800138000"),
    ("13800138000", "+8613800138000"),
    ("138 0013 8000", "+8613800138000"),
    ("138-0013-8000", "+8613800138000"),
    ("打13800138000联系我", "+8613800138000"),
    ("１３８００１３８０００", "+8613800138000"),
    ("010-88886666", "+861088886666"),
    ("(010) 88886666", "+861088886666"),
    ("400 123 4567", "+864001234567"),
    ("one three eight double zero one three eight zero zero zero", "+8613800138000"),
    ("one three eight, zero zero one three, eight zero zero zero", "+8613800138000"),
    ("plus four nine three zero nine oh one eight two zero", "+4930901820"),
    ("plus one four one five five five five two six seven one", "+14155552671"),
    ("幺三八 零零一三 八零零零", "+8613800138000"),
    ("幺三八零零幺三八零零零", "+8613800138000"),
    ("手机号一三八零零一三八零零零", "+8613800138000"),
    ("幺三八 一二三四 五六七八", "+8613812345678"),
    ("电话是 138 0013 8000 谢谢", "+8613800138000"),
    ("my 手机 is 13800138000", "+8613800138000"),
]


@pytest.mark.parametrize(("text", "number"), PHONES)
def test_phones(text: str, number: str, find: Find) -> None:
    assert find(text) == [f"phone {number}"]


MIXED_UP = [
    ("order 13800138000", []),
    ("订单13800138000", []),
    ("my phone is 10023456", []),
    ("call me at 100234", []),
    ("电话10023456", []),
    ("phone 13800138000, order 1234", ["phone +8613800138000", "order_number 1234"]),
    ("order 1234 phone 13800138000", ["order_number 1234", "phone +8613800138000"]),
    ("订单1002，手机13800138000", ["order_number 1002", "phone +8613800138000"]),
    ("ticket 10023456 or ring +49 30 901820", ["ticket_number 10023456", "phone +4930901820"]),
    ("12345678901", []),
    ("1065000000", ["order_number 1065000000"]),
    ("+999 12345678", []),
]


@pytest.mark.parametrize(("text", "found"), MIXED_UP)
def test_phones_and_orders_are_told_apart(text: str, found: list[str], find: Find) -> None:
    assert find(text) == found


def test_a_number_without_a_country_is_one_of_the_region(nlu: object, find: Find) -> None:
    from bot.embedded.entities import Extractor
    from bot.embedded.project import Nlu
    from tests.bot.entities.conftest import DOMAIN

    assert isinstance(nlu, Nlu)
    american = Extractor(DOMAIN, nlu, region="US")
    assert [one.value for one in american.extract("(415) 555-2671")] == ["+14155552671"]
    assert not [one for one in find("(415) 555-2671") if one.startswith("phone")]


EMAILS = [
    ("Anna@Example.com.", "anna@example.com"),
    ("write to anna.b+x@mail.example.co.uk, thanks", "anna.b+x@mail.example.co.uk"),
    ("邮箱是li.wei@example.org谢谢", "li.wei@example.org"),
    ("ａｎｎａ＠example.com", "anna@example.com"),
    ("anna @ example.com", "anna@example.com"),
    ("anna(at)example.com", "anna@example.com"),
    ("my email is anna at example dot com", "anna@example.com"),
    ("email me at anna dot smith at example dot org", "anna.smith@example.org"),
    ("mail anna underscore b at example dot co dot uk", "anna_b@example.co.uk"),
    ("contact tom dash b at mail dot example dot net please", "tom-b@mail.example.net"),
    ("邮箱 li 艾特 163 点 com", "li@163.com"),
    ("我的邮箱是li艾特example点com", "li@example.com"),
    ("a1001@example.com", "a1001@example.com"),
    ("13800138000@163.com", "13800138000@163.com"),
]


@pytest.mark.parametrize(("text", "address"), EMAILS)
def test_emails(text: str, address: str, find: Find) -> None:
    assert find(text) == [f"email {address}"]


@pytest.mark.parametrize(
    "text",
    ["@", "a@", "@b.com", "a@b", "a@b.c", "a@.com", "a@b.12", "look at example dot com", "meet me at home",
     "at the dot com", "email me at home please"],
)  # fmt: skip
def test_what_is_no_email(text: str, find: Find) -> None:
    assert not [one for one in find(text) if one.startswith("email")]
