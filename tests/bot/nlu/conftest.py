"""The encoders, where their packages are installed."""

from __future__ import annotations

import pytest

from bot.nlu import Encoder, EncoderError, load_encoder


def load_or_skip(words: str) -> Encoder:
    """The encoder; a test that needs one which is not installed is skipped and says so."""
    try:
        encoder = load_encoder(words)
    except EncoderError as error:
        pytest.skip(str(error))
    assert encoder is not None
    return encoder


@pytest.fixture(scope="session")
def multilingual() -> Encoder:
    return load_or_skip("multilingual")


@pytest.fixture(scope="session")
def english() -> Encoder:
    return load_or_skip("english")
