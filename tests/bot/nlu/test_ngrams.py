"""The index finds the same cosines as comparing every pair would."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu import ngrams
from bot.nlu.ngrams import NgramIndex, features
from tests.bot.nlu.sentences import SAMPLES

TEXTS = [text for text, _ in SAMPLES]


def _slowly(counts: Counter[str], texts: list[str]) -> list[float]:
    """The cosines by dictionaries, as the module describes them."""
    counted = [features(text) for text in texts]
    having = Counter(name for one in counted for name in one)

    def weigh(one: Counter[str]) -> dict[str, float]:
        return {
            name: (1 + math.log(count)) * math.sqrt(math.log((len(texts) + 1) / (1 + having[name])) + 1)
            for name, count in one.items()
        }

    asked = weigh(counts)
    lengths = [math.hypot(*weigh(one).values()) for one in counted]
    return [
        sum(value * weigh(one).get(name, 0.0) for name, value in asked.items())
        / (math.hypot(*asked.values()) * length or 1.0)
        for one, length in zip(counted, lengths, strict=True)
    ]


@pytest.mark.parametrize("often", [0.0, 1 / 16, 2.0])
@pytest.mark.parametrize(
    "text", ["where is my my my order", "我的订单 <order_number> 到哪了", "zzz qqq", "open 12 34"]
)
def test_cosines(text: str, often: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ngrams, "_OFTEN", often)
    index = NgramIndex.fit([features(one) for one in TEXTS])
    counts = features(text)
    np.testing.assert_allclose(index.compare([counts])[0], _slowly(counts, TEXTS), atol=1e-5)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("ORDER A1001", "order a2093"),
        ("don’t", "don't"),
        ("where is <order_number>", "WHERE is <order_number>"),
    ],
)
def test_case_and_digits_do_not_matter(text: str, same: str) -> None:
    assert features(text) == features(same)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=200))
def test_a_sentence_is_like_itself_and_never_more(text: str) -> None:
    index = NgramIndex.fit([features(one) for one in [*TEXTS[:10], text]])
    found = index.compare([features(text)])[0]
    assert found.max() <= 1 + 1e-5
    assert found[-1] == pytest.approx(1.0 if features(text) else 0.0, abs=1e-5)
