"""The types of arrays in this package."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]


def unit_rows(matrix: Matrix) -> Matrix:
    """Each row at length 1; a row of zeros stays."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    return np.asarray(matrix / np.maximum(lengths, 1e-12)[:, None], dtype=np.float32)
