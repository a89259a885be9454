"""The classifier learns, knows how sure it is, forgets nothing when kept, and bears any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu import Encoder, Model, ModelDamaged, NluError, classifier, train
from tests.bot.nlu.sentences import ASKED, SAMPLES

LABELS = {label for _, label in SAMPLES}


@pytest.fixture(scope="module")
def plain() -> Model:
    return train(SAMPLES, None)


@pytest.fixture(scope="module")
def model(multilingual: Encoder) -> Model:
    return train(SAMPLES, multilingual)


@pytest.mark.parametrize(("text", "label"), ASKED)
def test_what_it_has_not_seen_is_understood_by_ngrams_alone(text: str, label: str, plain: Model) -> None:
    assert plain.rank(text)[0][0] == label


@pytest.mark.parametrize(("text", "label"), ASKED)
def test_what_it_has_not_seen_is_understood(text: str, label: str, model: Model) -> None:
    assert model.rank(text)[0][0] == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I demand reimbursement", "refund"),
        ("connect me to an operator", "human"),
        ("货物运到哪儿啦", "order_status"),
    ],
)
def test_an_encoder_knows_words_that_no_example_has(text: str, label: str, model: Model) -> None:
    assert model.rank(text)[0][0] == label


def test_what_is_about_something_else_is_less_sure(model: Model) -> None:
    known = [model.rank(text)[0][1] for text, _ in ASKED]
    strange = [
        "the cat sat on the mat",
        "who painted the ceiling of that chapel",
        "今天天气真好",
        "7 times 8",
    ]
    assert max(model.rank(text)[0][1] for text in strange) < min(known)


def test_confidence_is_neither_boastful_nor_shy() -> None:
    """Learnt from every other sentence, asked about the rest: right about as often as it says."""
    half = train(SAMPLES[::2], None)
    best = [(ranked[0], label) for ranked, (_, label) in zip(
        half.rank_many([text for text, _ in SAMPLES[1::2]]), SAMPLES[1::2], strict=True
    )]  # fmt: skip
    claimed = sum(found[1] for found, _ in best) / len(best)
    right = sum(found[0] == label for found, label in best) / len(best)
    assert abs(claimed - right) < 0.25


def test_probabilities_are_sorted_and_leave_room_for_none_of_these(plain: Model) -> None:
    ranked = plain.rank("where is my order")
    chances = [chance for _, chance in ranked]
    assert chances == sorted(chances, reverse=True)
    assert {label for label, _ in ranked} == LABELS
    assert 0 < sum(chances) <= 1 + 1e-6


def test_training_twice_gives_the_same_bytes(multilingual: Encoder) -> None:
    for encoder in (None, multilingual):
        assert train(SAMPLES, encoder).to_bytes() == train(SAMPLES, encoder).to_bytes()


def test_a_kept_model_answers_as_before(model: Model, plain: Model, multilingual: Encoder) -> None:
    for kept, encoder in ((model, multilingual), (plain, None)):
        again = Model.from_bytes(kept.to_bytes(), encoder)
        for text, _ in ASKED:
            assert again.rank(text) == kept.rank(text)


def test_a_model_of_another_encoder_is_refused(plain: Model, multilingual: Encoder) -> None:
    with pytest.raises(ModelDamaged, match="another sentence encoder"):
        Model.from_bytes(plain.to_bytes(), multilingual)


def test_many_at_once_are_ranked_as_one_by_one(model: Model) -> None:
    texts = [text for text, _ in ASKED]
    for one, ranked in zip(texts, model.rank_many(texts), strict=True):
        alone = model.rank(one)
        assert [label for label, _ in alone][:1] == [label for label, _ in ranked][:1]
        assert alone[0][1] == pytest.approx(ranked[0][1], abs=1e-4)
    assert model.rank_many([]) == []


def test_the_name_of_a_label_says_what_it_is_about() -> None:
    few = train([("where is it", "parcel_tracking"), ("give it back", "money_refund")], None)
    assert few.rank("tracking")[0][0] == "parcel_tracking"


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(NluError, match="at least one example"):
        train([], None)


def test_one_label_is_enough() -> None:
    assert train([("hello", "greet")], None).rank("hello")[0][0] == "greet"


def test_landmarks_stand_for_all(monkeypatch: pytest.MonkeyPatch, multilingual: Encoder) -> None:
    monkeypatch.setattr(classifier, "_EXACT", 40)
    monkeypatch.setattr(classifier, "_LANDMARKS", 40)
    told: list[float] = []
    few = train(SAMPLES, multilingual, told.append)
    assert few._space.index.size <= 44
    right = sum(few.rank(text)[0][0] == label for text, label in ASKED)
    assert right >= len(ASKED) - 1
    assert told == sorted(told)
    assert told[-1] == 1.0


HOSTILE = [
    "", " ", "\x00", "\ud800", "a" * 2000, "订" * 2000, "<" * 2000, "<order_number>" * 140, "😀" * 500,
    "\u202e\u200b",     "ﷺ" * 100, "' or 1=1 --", "{{7*7}}", "%s%n", "'" * 2000, "-" * 1999 + "a", "1" * 2000,
    "\u0301" * 2000, "a b " * 500,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_ranked(text: str, model: Model, plain: Model) -> None:
    for asked in (model, plain):
        ranked = asked.rank(text)
        assert len(ranked) == len(LABELS)
        assert all(0 <= chance <= 1 for _, chance in ranked)


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_ranked(text: str, model: Model) -> None:
    assert len(model.rank(text)) == len(LABELS)
