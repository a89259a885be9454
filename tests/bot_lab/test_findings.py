"""Confusions, conflicts between intents, examples that look mislabelled, and the pictures of a report."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from bot.nlu import NGRAMS
from contact_center.bot_lab.conflicts import conflicts, suspects
from contact_center.bot_lab.confusion import confusions, matrix
from contact_center.bot_lab.evaluation import CurvePoint, Thresholds
from contact_center.bot_lab.learner import Learner
from contact_center.bot_lab.picture import confusion_picture, curve_picture, reliability_picture
from contact_center.bot_lab.report import Report, part_of, write_report
from tests.bot_lab.making import guess, sample

FOUND = [
    guess("ask", "ask", 0.9),
    guess("ask", "buy", 0.6, "may I"),
    guess("ask", "buy", 0.8, "shall I"),
    guess("buy", "ask", 0.5, "sell me <one> & two"),
    guess("cry", "cry", 0.7, language="zh"),
]


def test_the_matrix_counts_every_guess() -> None:
    found = matrix(FOUND)
    assert found.intents == ("ask", "buy", "cry")
    assert found.counts == ((1, 2, 0), (1, 0, 0), (0, 0, 1))


def test_confusions_are_told_the_worst_first_with_sentences_the_surest_first() -> None:
    first, second = confusions(FOUND)
    assert (first.intent, first.taken_for, first.count) == ("ask", "buy", 2)
    assert first.share == pytest.approx(2 / 3)
    assert [(one.text, one.confidence) for one in first.examples] == [("shall I", 0.8), ("may I", 0.6)]
    assert (second.intent, second.taken_for) == ("buy", "ask")
    assert len(confusions(FOUND, most=1)) == 1


def test_examples_that_are_nearly_the_same_are_told_across_intents_only() -> None:
    samples = [
        sample("where is my order", "order_status"),
        sample("where is my order?", "inform"),
        sample("where is my orders", "order_status"),
        sample("please tell me a joke", "joke"),
        sample("我要投诉", "complaint", "zh"),
        sample("我要投诉吧", "refund", "zh"),
    ]
    found = {(one.one.text, one.other.text) for one in conflicts(samples, None, least=0.7)}
    assert found == {
        ("where is my order", "where is my order?"),
        ("where is my order?", "where is my orders"),
        ("我要投诉", "我要投诉吧"),
    }
    likeness = [one.likeness for one in conflicts(samples, None, least=0.5)]
    assert likeness == sorted(likeness, reverse=True)
    assert conflicts([], None) == []


def test_examples_far_apart_are_compared_too() -> None:
    many = [sample(f"{number} {number * 7919 % 100_003:x}", "count") for number in range(1200)]
    many[600] = sample("where is my parcel", "order_status")
    many[1100] = sample("where is my parcel", "inform")
    (found,) = conflicts(many, None, least=0.95)
    assert (found.one, found.other) == (many[600], many[1100])


def test_the_same_words_are_as_like_as_can_be() -> None:
    (found,) = conflicts([sample("Good day", "greet"), sample("good day", "goodbye")], None)
    assert found.likeness == 1.0


def test_what_a_stranger_surely_takes_for_another_intent_looks_mislabelled() -> None:
    found = [guess("ask", "buy", 0.95, "b"), guess("ask", "buy", 0.97, "a"), guess("ask", "buy", 0.5),
             guess("ask", "ask", 0.99)]  # fmt: skip
    assert [(one.sample.text, one.taken_for, one.confidence) for one in suspects(found)] == [
        ("a", "buy", 0.97),
        ("b", "buy", 0.95),
    ]


def test_the_bots_own_classifier_learns_in_the_laboratory() -> None:
    learner = Learner(NGRAMS)
    samples = [sample(f"hello {name}", "greet") for name in ("ann", "bob", "cid")]
    samples += [sample(f"goodbye {name}", "leave") for name in ("ann", "bob", "cid")]
    ranked = learner.train(samples).rank_many(["hello dan", "goodbye dan"])
    assert [one[0][0] for one in ranked] == ["greet", "leave"]
    assert learner.name == "n-grams alone"


POINTS = [CurvePoint(5, 3, 0.7, {"en": 0.8, "zh": 0.6}), CurvePoint(30, 3, 0.9, {"en": 0.9})]
PICTURES = [
    pytest.param(
        confusion_picture(matrix(FOUND), "A <title>"), ["ask taken for buy: 2 of 3"], id="confusion"
    ),
    pytest.param(curve_picture(POINTS, "Curve"), ["80.0%", "zh"], id="curve"),
    pytest.param(
        reliability_picture(part_of(FOUND, Thresholds()).reliability, "R"), ["1 guesses"], id="bins"
    ),
    pytest.param(
        curve_picture([CurvePoint(5, 1, 1.0, {"en": 1.0})], "All right"), ["100.0%"], id="best curve"
    ),
    pytest.param(confusion_picture(matrix([]), "Nothing"), [], id="nothing confused"),
    pytest.param(curve_picture([], "Nothing"), [], id="no curve"),
    pytest.param(reliability_picture([], "Nothing"), [], id="no bins"),
]


@pytest.mark.parametrize(("picture", "words"), PICTURES)
def test_pictures_are_whole_documents_that_need_nothing_else(picture: str, words: list[str]) -> None:
    root = ET.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert float(root.attrib["width"]) > 0
    told = " ".join(root.itertext())
    assert [word for word in words if word not in told] == []
    assert "href" not in picture


def test_a_report_is_written_as_a_page_with_pictures_and_as_json(tmp_path: Path) -> None:
    part = part_of(FOUND, Thresholds(0.6))
    report = Report("the <project>", "ngrams", 5, 1, 0.6, 0.0, part, POINTS, held_out=part)
    folder = tmp_path / "deep" / "report"
    written = write_report(report, folder)
    assert {one.name for one in written} == {
        "report.json", "index.html", "confusion.svg", "reliability.svg", "learning_curve.svg",
        "held_out_confusion.svg",
    }  # fmt: skip
    assert msgspec.json.decode((folder / "report.json").read_bytes(), type=Report) == report
    page = (folder / "index.html").read_text(encoding="utf-8")
    for name in ("confusion.svg", "held_out_confusion.svg"):
        assert f'src="{name}"' in page
    assert "sell me &lt;one&gt; &amp; two" in page
    assert "the &lt;project&gt;" in page
    assert "<script" not in page
    languages = list(part.figures)
    assert languages == ["all", "en", "zh"]
