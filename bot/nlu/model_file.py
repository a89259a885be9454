"""A model as bytes: a checksum, a header in JSON, and arrays as they lie in memory.

Nothing in it is code, so a foreign file can do no more than be refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.nlu.errors import ModelDamaged

_MAGIC = b"bot.nlu model 1\n"
_CHECKSUM = 32
_ALIGN = 64
_KINDS = frozenset({"<f4", "<i4", "<i8", "|u1"})

Arrays = Mapping[str, NDArray[Any]]


def pack(facts: Mapping[str, object], arrays: Arrays) -> bytes:
    """``facts`` (what JSON can say) and arrays in one piece."""
    described = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps({"facts": facts, "arrays": described}, ensure_ascii=True).encode()
    parts = [len(header).to_bytes(8, "little"), header]
    place = 8 + len(header)
    for array in arrays.values():
        parts += [bytes(-place % _ALIGN), np.ascontiguousarray(array).tobytes()]
        place += -place % _ALIGN + array.nbytes
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return b"".join([_MAGIC, digest.digest(), *parts])


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What `pack` was given; raises `ModelDamaged` for anything else. The arrays cannot be written."""
    start = len(_MAGIC) + _CHECKSUM
    body = memoryview(content)[start:]
    if not content.startswith(_MAGIC) or hashlib.sha256(body).digest() != content[len(_MAGIC) : start]:
        raise ModelDamaged("This is no whole model of this version.")
    size = int.from_bytes(body[:8], "little")
    header = json.loads(bytes(body[8 : 8 + size]))
    place = 8 + size
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, shape in header["arrays"]:
        if kind not in _KINDS:
            raise ModelDamaged(f"The model has an array of a kind that is not used: {kind}.")
        place += -place % _ALIGN
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(body, dtype=kind, count=count, offset=place).reshape(shape)
        place += arrays[name].nbytes
    return header["facts"], arrays
