"""Understanding of sentences: an encoder of meaning joined with n-grams, and a kernel classifier.

NumPy is all it needs, so that the embedded runtime and a Rasa server understand alike. Importing this
package limits NumPy's matrix library to one thread (`bot.nlu.threads`).
"""

from __future__ import annotations

from bot.nlu.threads import give_back_memory, use_one_thread

use_one_thread()  # before anything below imports NumPy

from bot.nlu.classifier import Model, Progress, train  # noqa: E402
from bot.nlu.encoders import ENCODERS, NGRAMS, load_encoder  # noqa: E402
from bot.nlu.encoders.base import Encoder  # noqa: E402
from bot.nlu.errors import EncoderError, ModelDamaged, NluError  # noqa: E402

__all__ = [
    "ENCODERS",
    "NGRAMS",
    "Encoder",
    "EncoderError",
    "Model",
    "ModelDamaged",
    "NluError",
    "Progress",
    "give_back_memory",
    "load_encoder",
    "train",
]
