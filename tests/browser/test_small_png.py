"""Pictures of the documents: small, and the same to look at."""

from __future__ import annotations

import struct
import zlib
from random import Random

import numpy as np
import pytest

from tests.browser.small_png import MOST, _decode, smaller


def _png(pixels: np.ndarray, how: int) -> bytes:
    """An RGB picture whose lines have one filter."""
    height, width, _ = pixels.shape
    rows, lines = pixels.reshape(height, -1).astype(int), bytearray()
    for number in range(height):
        lines.append(how)
        for at, value in enumerate(rows[number]):
            left = rows[number][at - 3] if at >= 3 else 0
            up = rows[number - 1][at] if number else 0
            slanting = rows[number - 1][at - 3] if number and at >= 3 else 0
            near = min((left, up, slanting), key=lambda one: abs(left + up - slanting - one))
            guess = (0, left, up, (left + up) // 2, near)[how]
            lines.append((value - guess) % 256)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(lines))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def _colours(png: bytes) -> np.ndarray:
    """The pixels of a picture with a palette, as `smaller` writes it."""
    width, height = struct.unpack(">II", png[16:24])
    chunks, at = {}, 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        chunks[name] = png[at + 8 : at + 8 + length]
        at += length + 12
    index = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)[:, 1:]
    return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[index]


@pytest.mark.parametrize("how", range(5))
def test_few_colours_stay_as_they_are(how: int) -> None:
    random = Random(how)
    few = np.array([[random.randrange(256) for _ in range(3)] for _ in range(40)], np.uint8)
    pixels = few[np.array([[random.randrange(40) for _ in range(23)] for _ in range(17)])]
    png = _png(pixels, how)
    assert (_decode(png) == pixels).all()
    assert (_colours(smaller(png)) == pixels).all()


def test_many_colours_become_near_ones() -> None:
    random = Random(1)
    pixels = np.array([[[random.randrange(256)] * 2 + [at] for at in range(60)] for _ in range(50)], np.uint8)
    shown = _colours(smaller(_png(pixels, 0)))
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= MOST
    assert np.abs(shown.astype(int) - pixels).mean() < 6
