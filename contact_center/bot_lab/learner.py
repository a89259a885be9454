"""Trains the bot's classifier again and again on parts of the same sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.nlu import Encoder, Model, load_encoder, train
from contact_center.bot_lab.samples import Sample


class Remembering:
    """An encoder that encodes each sentence once: most of a cross-validation's time would go there."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def size(self) -> int:
        return self._encoder.size

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text."""
        new = sorted({text for text in texts if text not in self._known})
        if new:
            self._known |= dict(zip(new, self._encoder.encode(new), strict=True))
        if not texts:
            return np.zeros((0, self.size), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])

    def knows(self, word: str) -> bool:
        """As the encoder says."""
        return self._encoder.knows(word)


class Learner:
    """What the configuration's encoder ("multilingual", "ngrams", ...) and the bot's classifier learn.

    Raises `bot.nlu.EncoderError` where there is no such encoder.
    """

    def __init__(self, encoder: str) -> None:
        made = load_encoder(encoder)
        self.encoder: Encoder | None = Remembering(made) if made is not None else None

    @property
    def name(self) -> str:
        """The encoder, as people may compare two reports by it."""
        return self.encoder.name if self.encoder is not None else "n-grams alone"

    def train(self, samples: Sequence[Sample]) -> Model:
        """A `contact_center.bot_lab.samples.Train`."""
        return train([(sample.fed, sample.intent) for sample in samples], self.encoder)
