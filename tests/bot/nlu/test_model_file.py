"""A model's bytes come back whole or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu import ModelDamaged
from bot.nlu.model_file import Arrays, pack, unpack

ARRAYS: Arrays = {
    "a": np.arange(12, dtype=np.float32).reshape(3, 4),
    "b": np.zeros((0, 5), dtype=np.float32),
    "c": np.array([1, -1], dtype=np.int64),
}
PACKED = pack({"words": "订单\norder", "size": 3}, ARRAYS)


def test_round_trip() -> None:
    facts, arrays = unpack(PACKED)
    assert facts == {"words": "订单\norder", "size": 3}
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize("place", [0, 5, 20, 50, 60, 100, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    damaged = bytearray(PACKED)
    damaged[place] ^= 1
    with pytest.raises(ModelDamaged):
        unpack(bytes(damaged))


@pytest.mark.parametrize("size", [0, 1, 16, 48, 56, 200, len(PACKED) - 1])
def test_a_part_is_refused(size: int) -> None:
    with pytest.raises(ModelDamaged):
        unpack(PACKED[:size])


def test_arrays_of_python_objects_cannot_come_in() -> None:
    with pytest.raises(ModelDamaged, match="kind"):
        unpack(pack({}, {"a": np.zeros(1, dtype=np.complex64)}))
