"""Makes PNGs of pages small: at most 256 colours, chosen so that nobody sees it."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

MOST = 256
_CHANNELS = 3


def smaller(png: bytes) -> bytes:
    """The same picture, which must be 8-bit RGB without interlace, as browsers' screenshots are."""
    pixels = _decode(png)
    flat = pixels.reshape(-1, _CHANNELS).astype(np.int32)
    packed = flat[:, 0] << 16 | flat[:, 1] << 8 | flat[:, 2]
    seen, index, count = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([seen >> 16, seen >> 8 & 255, seen & 255], axis=1)
    palette = _palette(colours, count)
    nearest = ((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    return _encode(nearest[index].reshape(pixels.shape[:2]), palette.astype(np.uint8))


def _palette(colours: Any, count: Any) -> Any:
    """The most frequent colours, and of the rest those that are farthest from all chosen so far.

    Frequency counts by its square root: what is rare and far away is seen as well.
    """
    if len(colours) <= MOST:
        return colours
    order = np.argsort(-count)
    chosen = list(order[: MOST // 2])
    away = ((colours[:, None, :] - colours[chosen][None, :, :]) ** 2).sum(axis=2).min(axis=1)
    weight = np.sqrt(count)
    while len(chosen) < MOST:
        new = int((away * weight).argmax())
        chosen.append(new)
        away = np.minimum(away, ((colours - colours[new]) ** 2).sum(axis=1))
    return colours[chosen]


def _decode(png: bytes) -> Any:
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    if (depth, kind, interlaced) != (8, 2, 0):
        raise ValueError("only 8-bit RGB without interlace is understood")
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width * _CHANNELS + 1)
    rows = np.zeros((height, width * _CHANNELS), np.uint8)
    above = np.zeros(width * _CHANNELS, np.uint8)
    for number in range(height):
        above = rows[number] = _line(raw[number, 0], raw[number, 1:], above)
    return rows.reshape(height, width, _CHANNELS)


def _line(how: int, line: Any, above: Any) -> Any:
    """A line without its filter (PNG, section 9)."""
    if how == 0:
        return line
    if how == 2:
        return line + above
    if how == 1:
        return line.reshape(-1, _CHANNELS).cumsum(axis=0, dtype=np.uint8).reshape(-1)
    left, slanting = [0] * _CHANNELS, [0] * _CHANNELS
    out, up = line.astype(int).tolist(), above.astype(int).tolist()
    for number, value in enumerate(out):
        channel = number % _CHANNELS
        if how == 3:
            guess = (left[channel] + up[number]) // 2
        else:
            guess = _paeth(left[channel], up[number], slanting[channel])
        slanting[channel] = up[number]
        out[number] = left[channel] = (value + guess) & 255
    return np.array(out, np.uint8)


def _paeth(left: int, up: int, slanting: int) -> int:
    near = left + up - slanting
    away = abs(near - left), abs(near - up), abs(near - slanting)
    return left if away[0] <= away[1] and away[0] <= away[2] else up if away[1] <= away[2] else slanting


def _encode(index: Any, palette: Any) -> bytes:
    height, width = index.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), index], axis=1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
