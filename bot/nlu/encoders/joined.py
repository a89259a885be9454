"""Several encoders as one: their vectors side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bot.nlu.encoders.base import Encoder
from bot.nlu.matrices import Matrix


class Joined:
    """The cosine of two joined vectors is the weighted mean of the parts' cosines."""

    def __init__(self, parts: Sequence[tuple[Encoder, float]]) -> None:
        total = sum(weight for _, weight in parts)
        self._parts = [(part, np.float32(math.sqrt(weight / total))) for part, weight in parts]
        self.name = "+".join(f"{part.name}*{weight:g}" for part, weight in parts)
        self.size = sum(part.size for part, _ in parts)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `bot.nlu.encoders.base.Encoder`."""
        return np.concatenate([part.encode(texts) * scale for part, scale in self._parts], axis=1)

    def knows(self, word: str) -> bool:
        """See `bot.nlu.encoders.base.Encoder`."""
        return any(part.knows(word) for part, _ in self._parts)
