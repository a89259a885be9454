"""What every sentence encoder offers, and how its files are checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.nlu.errors import EncoderError
from bot.nlu.matrices import Matrix


class Encoder(Protocol):
    """Turns sentences into vectors in which like meanings lie close.

    ``name`` names the encoder and its exact version; a trained model belongs to one name.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row of length 1 for each text."""
        ...

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is one of its vocabulary, not cut into pieces."""
        ...


def checked(file: Path, sha256: str) -> bytes:
    """The file's bytes, if they are the ones that were looked at; else raises `EncoderError`."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise EncoderError(
            f"The sentence encoder's file {file.name} cannot be read ({type(error).__name__}):"
            " install its package again."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EncoderError(
            f"The sentence encoder's file {file.name} is not the one this version was made for (its"
            " checksum differs): install its package again in the pinned version."
        )
    return content
