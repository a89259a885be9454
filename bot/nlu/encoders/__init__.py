"""Sentence encoders by the word that the configuration uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from bot.nlu.encoders.base import Encoder
from bot.nlu.encoders.english import load_english
from bot.nlu.encoders.joined import Joined
from bot.nlu.encoders.multilingual import Multilingual
from bot.nlu.encoders.onnx import load_folder
from bot.nlu.errors import EncoderError

ENCODERS: dict[str, Callable[[], Encoder]] = {
    "english": load_english,
    "multilingual": Multilingual,
}
"""Each word and what makes its encoder; several are joined by "+"."""

_WEIGHTS = {"english": 1.5}
"""An encoder's weight where several are joined, unless 1 (found on validation data)."""

NGRAMS = "ngrams"
"""The word for no encoder: words and n-grams alone."""


def load_encoder(words: str) -> Encoder | None:
    """The encoder that the configuration names: one of `ENCODERS`, several joined by "+", the path of a
    folder with a sentence-transformers model in ONNX form, or "ngrams" for none.

    An encoder is loaded once in a process. Raises `EncoderError` in words for people where it is
    unknown, not installed, or damaged.
    """
    if words == NGRAMS:
        return None
    parts = [words] if _is_folder(words) else [part.strip() for part in words.split("+")]
    if len(parts) == 1:
        return _load(parts[0])
    return Joined([(_load(part), _WEIGHTS.get(part, 1.0)) for part in sorted(set(parts))])


@lru_cache(maxsize=8)
def _load(word: str) -> Encoder:
    if word in ENCODERS:
        return ENCODERS[word]()
    if _is_folder(word):
        return load_folder(Path(word))
    raise EncoderError(
        f"There is no sentence encoder {word!r}: choose from {', '.join([*sorted(ENCODERS), NGRAMS])},"
        " several joined by + (multilingual+english), or the path of a folder with a model in ONNX form."
    )


def _is_folder(word: str) -> bool:
    return bool(word) and word not in ENCODERS and Path(word).is_dir()
