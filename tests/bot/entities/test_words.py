"""Products, places, degrees and languages from lists; roles; corrections."""

from __future__ import annotations

import pytest

from bot.embedded.entities import Extractor, mark
from tests.bot.entities.conftest import Find

WORDS = [
    ("LAPTOP", ["product laptop"]),
    ("my laptops", ["product laptop"]),
    ("two monitors", ["product monitor"]),
    ("a headphone", ["product headphones"]),
    ("the headphones' box", ["product headphones"]),
    ("coffee machine", ["product coffee machine"]),
    ("coffee machines", ["product coffee machine"]),
    ("coffee-machine", ["product coffee machine"]),
    ("coffeemachine", ["product coffee machine"]),
    ("phonecase", ["product phone case"]),
    ("head phones", ["product headphones"]),
    ("key board", ["product keyboard"]),
    ("laptop's screen", ["product laptop"]),
    ("labtop", ["product laptop"]),
    ("keybord", ["product keyboard"]),
    ("headhpones", ["product headphones"]),
    ("coffe machine", ["product coffee machine"]),
    ("pritner", ["product printer"]),
    ("moniitor", ["product monitor"]),
    ("笔记本电脑坏了", ["product 笔记本电脑"]),
    ("我的显示器和键盘", ["product 显示器", "product 键盘"]),
    ("我的laptop坏了", ["product laptop"]),
    ("咖啡机coffee machine", ["product 咖啡机", "product coffee machine"]),
    ("the camera and the tablet", ["product camera", "product tablet"]),
    ("I was charged twice", []),
    ("what are these charges", []),
    ("I printed it", []),
    ("tables and cables", []),
    ("the bladder", []),
    ("a routes", []),
    ("not serious", ["severity low"]),
    ("it isn't serious", ["severity low"]),
    ("not that bad", ["severity low"]),
    ("it is serious", ["severity high"]),
    ("very serious", ["severity high"]),
    ("VERY URGENT", ["severity urgent"]),
    ("extremly urgent", ["severity urgent"]),
    ("quite annoying", ["severity normal"]),
    ("很严重", ["severity high"]),
    ("不严重", ["severity low"]),
    ("不是很严重", ["severity low"]),
    ("不怎么严重", ["severity low"]),
    ("一般般", ["severity normal"]),
    ("特别急", ["severity urgent"]),
    ("十万火急", ["severity urgent"]),
    ("why are taxes in this country so high", []),
    ("下单后一般几天发货", []),
    ("speak english", ["language en"]),
    ("englisch please", ["language en"]),
    ("说中文", ["language zh"]),
    ("in 中文 please", ["language zh"]),
    ("mandarin", ["language zh"]),
    ("讲英语", ["language en"]),
    ("new york", ["place New York"]),
    ("newyork", ["place New York"]),
    ("Munch", ["place Munich"]),
    ("hambrug", ["place Hamburg"]),
    ("我在北京", ["place 北京"]),
]


@pytest.mark.parametrize(("text", "found"), WORDS)
def test_known_words(text: str, found: list[str], find: Find) -> None:
    assert find(text) == found


ROLES = [
    ("from Berlin to Shanghai", ["place:from Berlin", "place:to Shanghai"]),
    ("to Shanghai from Berlin", ["place:to Shanghai", "place:from Berlin"]),
    ("Berlin to Shanghai", ["place:from Berlin", "place:to Shanghai"]),
    ("send it to london instead of paris", ["place:to London", "place:from Paris"]),
    ("to London and not to Paris", ["place:to London", "place:from Paris"]),
    ("不是北京是上海", ["place:from 北京", "place:to 上海"]),
    ("deliver it to Hamburg", ["place:to Hamburg"]),
    ("out of Munich", ["place:from Munich"]),
    ("从北京到上海", ["place:from 北京", "place:to 上海"]),
    ("从北京寄到上海", ["place:from 北京", "place:to 上海"]),
    ("把地址从北京改成上海", ["place:from 北京", "place:to 上海"]),
    ("送到广州", ["place:to 广州"]),
    ("发往深圳", ["place:to 深圳"]),
    ("从Berlin到上海", ["place:from Berlin", "place:to 上海"]),
    ("from 北京 to Paris", ["place:from 北京", "place:to Paris"]),
]


@pytest.mark.parametrize(("text", "found"), ROLES)
def test_roles_of_places(text: str, found: list[str], find: Find) -> None:
    assert find(text) == found


CORRECTIONS = [
    ("no, not 1234, I mean 1235", ["order_number 1235"]),
    ("not 1234 but 1235", ["order_number 1235"]),
    ("1235, not 1234", ["order_number 1235"]),
    ("it's A1002 instead of A1001", ["order_number A1002"]),
    ("A1002 rather than A1001", ["order_number A1002"]),
    ("A1001, sorry, A1002", ["order_number A1002"]),
    ("A1001 no wait A1002", ["order_number A1002"]),
    ("1234 I mean 1235", ["order_number 1235"]),
    ("one two three four sorry one two three five", ["order_number 1235"]),
    ("1234 actually it's order 1235", ["order_number 1235"]),
    ("not order 1234, order 1235", ["order_number 1235"]),
    ("it's not 1234", []),
    ("I have not received order 1234", ["order_number 1234"]),
    ("I did not order 1234", ["order_number 1234"]),
    ("不是A1001是A1002", ["order_number A1002"]),
    ("是A1002不是A1001", ["order_number A1002"]),
    ("A1002，而不是A1001", ["order_number A1002"]),
    ("A1001，不对，A1002", ["order_number A1002"]),
    ("A1001 说错了 是A1002", ["order_number A1002"]),
    ("不是一零零一，是一零零二", ["order_number 1002"]),
    ("不是A1001", []),
    ("是不是A1001", ["order_number A1001"]),
    ("not the headphones, the speakers", ["product speakers"]),
    ("不要耳机", ["product 耳机"]),
    ("不是耳机，是音箱", ["product 音箱"]),
    ("not tomorrow but next week", ["date next week"]),
    ("from Berlin, sorry, Hamburg, to Paris", ["place:from Hamburg", "place:to Paris"]),
    ("not to Berlin but to Paris", ["place:from Berlin", "place:to Paris"]),
    ("25 euros, no, 35 euros", ["amount 35 EUR"]),
    ("A1001 and A1002", ["order_number A1001", "order_number A1002"]),
]


@pytest.mark.parametrize(("text", "found"), CORRECTIONS)
def test_the_value_after_a_correction_wins(text: str, found: list[str], find: Find) -> None:
    assert find(text) == found


SENTENCES = [
    ("where is my order a one zero zero two, I paid twenty five euros last Friday",
     ["order_number A1002", "amount 25 EUR", "date last Friday"]),
    ("我3月12日订的咖啡机订单A1001到哪了，打13800138000",
     ["date 3月12日", "product 咖啡机", "order_number A1001", "phone +8613800138000"]),
    ("the keyboard from order CC-100234 is broken, mail anna@example.com or +49 30 901820",
     ["product keyboard", "order_number CC-100234", "email anna@example.com", "phone +4930901820"]),
    ("我的 headphones 订单一零零二三四 下周三 送到上海",
     ["product headphones", "order_number 100234", "date 下周三", "place:to 上海"]),
    ("ticket one zero zero two three four five six its about two hundred euros",
     ["ticket_number 10023456", "amount 200 EUR"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), SENTENCES)
def test_whole_sentences(text: str, found: list[str], find: Find) -> None:
    assert find(text) == found


def test_places_of_entities_are_of_the_text_as_written(extractor: Extractor) -> None:
    text = "uh it's a one zero zero two, next Tuesday"
    found = extractor.extract(text)
    assert [text[one.start : one.end] for one in found] == ["a one zero zero two", "next Tuesday"]
    longer = f"\u0130\u0130 {text}"  # has more characters in lower case
    assert [(one.start - 3, one.value) for one in extractor.extract(longer)] == [
        (one.start, one.value) for one in found
    ]
    assert mark(text, found) == "uh it's  <order_number> ,  <date> "
