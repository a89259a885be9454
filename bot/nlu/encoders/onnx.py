"""Sentence-transformers models in ONNX form, by onnxruntime on one thread: means of the words' vectors.

onnxruntime (MIT) is optional; a clear error says so where it is missing.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.encoders.wordpiece import WordPieces
from bot.nlu.errors import EncoderError
from bot.nlu.matrices import Matrix, unit_rows

LONGEST = 128
"""Pieces of a sentence; the rest is not looked at."""

_BATCH = 16
_MARKS = 2
"""The pieces that stand for begin and end."""

Cut = Callable[[str], list[int]]


class OnnxEncoder:
    """A model (its file's bytes) and the function that cuts a text into the numbers of its pieces."""

    def __init__(self, name: str, model: bytes, cut: Cut) -> None:
        runtime: Any = optional("onnxruntime", "The sentence encoder in ONNX form")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own errors share no public class
            raise EncoderError(
                f"The sentence encoder {name} cannot be loaded ({type(error).__name__}): its model.onnx is"
                " no whole ONNX model that this onnxruntime reads."
            ) from error
        self.name = name
        self._inputs = [given.name for given in self._session.get_inputs()]
        self._cut = cut
        self.size = len(self._encode(["a"])[0])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `bot.nlu.encoders.base.Encoder`."""
        result = np.zeros((len(texts), self.size), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: (len(texts[place]), place))
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            result[places] = self._encode([texts[place] for place in places])
        return result

    def knows(self, word: str) -> bool:
        """See `bot.nlu.encoders.base.Encoder`."""
        return len(self._cut(word)) == _MARKS + 1

    def _encode(self, texts: Sequence[str]) -> Matrix:
        cuts = [self._cut(text) for text in texts]
        pieces = np.zeros((len(cuts), max(len(cut) for cut in cuts)), dtype=np.int64)
        mask = np.zeros_like(pieces)
        for row, cut in enumerate(cuts):
            pieces[row, : len(cut)] = cut
            mask[row, : len(cut)] = 1
        known = {"input_ids": pieces, "attention_mask": mask, "token_type_ids": np.zeros_like(pieces)}
        output = self._session.run(None, {name: known[name] for name in self._inputs})[0]
        if output.ndim == 3:
            output = (output * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return unit_rows(np.asarray(output, dtype=np.float32))


def load_folder(folder: Path) -> OnnxEncoder:
    """The model in a folder: model.onnx (or onnx/model.onnx) with vocab.txt or tokenizer.json."""
    models = [file for file in (folder / "model.onnx", folder / "onnx" / "model.onnx") if file.is_file()]
    vocabulary, tokenizer = folder / "vocab.txt", folder / "tokenizer.json"
    if not models or not (vocabulary.is_file() or tokenizer.is_file()):
        raise EncoderError(
            f"The folder {folder} holds no sentence encoder: it needs model.onnx (or onnx/model.onnx) and"
            " vocab.txt or tokenizer.json, as sentence-transformers exports them."
        )
    model = models[0].read_bytes()
    words = (vocabulary if vocabulary.is_file() else tokenizer).read_bytes()
    cut = _word_pieces(folder, words) if vocabulary.is_file() else _by_tokenizers(words)
    digest = hashlib.sha256(model + words).hexdigest()[:16]
    return OnnxEncoder(f"onnx-{digest}", model, cut)


def _word_pieces(folder: Path, vocabulary: bytes) -> Cut:
    uncased = True
    settings = folder / "tokenizer_config.json"
    if settings.is_file():
        uncased = bool(json.loads(settings.read_bytes()).get("do_lower_case", True))
    try:
        pieces = WordPieces(vocabulary.decode().splitlines(), uncased=uncased)
    except (KeyError, UnicodeDecodeError) as error:
        raise EncoderError(
            f"{folder / 'vocab.txt'} is no BERT vocabulary: it lacks [UNK], [CLS] or [SEP]."
        ) from error
    return lambda text: pieces.cut(text, LONGEST)


def _by_tokenizers(content: bytes) -> Cut:
    library: Any = optional("tokenizers", "A sentence encoder with tokenizer.json and no vocab.txt")
    try:
        tokenizer = library.Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises bare Exception
        raise EncoderError("The sentence encoder's tokenizer.json cannot be read.") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return lambda text: list(tokenizer.encode(text).ids)


def optional(module: str, who: str) -> Any:
    """An optional package, or an `EncoderError` that says what to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EncoderError(f"{who} needs the package {module}: install it.") from error
