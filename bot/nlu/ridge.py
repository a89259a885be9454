"""Kernel ridge regression: one score for each label, and what the scores had been for unseen samples.

With kernel K, ridge r and targets Y (one column a label, 1 where the sample has it) the heads are
A = (K + rI)^-1 Y. What a sample would have got from a model trained without it follows from the same
inverse (Cawley and Talbot, "Fast exact leave-one-out cross-validation", 2004), and so does what it
would have got without all samples of its label: as if it were something new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.nlu.matrices import Matrix

_JITTER = 1e-4
_RAISED = (1e-3, 1e-2, 1e-1)
_SMALLEST = 128
_JUDGED = 3_000
"""About how many samples' scores are worked out where there are very many."""


@dataclass(frozen=True)
class Fit:
    """``heads`` turn a row of the kernel into scores. ``unseen`` are the scores of the samples in
    ``rows`` by models trained without the sample, ``strange`` by models without its whole label."""

    heads: Matrix
    rows: NDArray[np.int64]
    unseen: Matrix
    strange: Matrix


def fit(kernel: Matrix, targets: Matrix, ridge: float) -> Fit:
    """Exactly; costs the cube of the number of samples. ``kernel`` is overwritten.

    The inverse is never written out: it is F'F for the inverse F of Cholesky's factor.
    """
    kernel[np.diag_indices_from(kernel)] += np.float32(ridge)
    factor = _inverse_factor(kernel)
    heads = factor.T @ (factor @ targets)
    unseen = targets - heads / np.einsum("ij,ij->j", factor, factor)[:, None]
    strange = np.empty_like(unseen)
    for members in _members(targets):
        part = factor[:, members]
        strange[members] = targets[members] - np.linalg.solve(part.T @ part, heads[members])
    return Fit(heads, np.arange(len(targets)), unseen, strange)


def fit_landmarks(kernel: Matrix, among: Matrix, targets: Matrix, ridge: float) -> Fit:
    """By some samples as landmarks (Nyström's way): ``kernel`` compares all samples with them and
    ``among`` them with each other. Costs samples times landmarks squared."""
    among = among + np.float32(_JITTER) * np.eye(len(among), dtype=np.float32)
    whiten = _inverse_factor(among).T
    mapped = kernel @ whiten
    gram: Matrix = mapped.T @ mapped
    gram[np.diag_indices_from(gram)] += np.float32(ridge)
    factor = _inverse_factor(gram).T
    inner = factor @ (factor.T @ (mapped.T @ targets))
    residual = targets - mapped @ inner
    rows = np.arange(0, len(targets), max(1, len(targets) // _JUDGED))
    turned = mapped[rows] @ factor
    unseen = targets[rows] - residual[rows] / (1 - np.einsum("ij,ij->i", turned, turned))[:, None]
    strange = np.empty_like(unseen)
    place = np.full(len(targets), -1)
    place[rows] = np.arange(len(rows))
    for members in _members(targets):
        part = mapped[members] @ factor
        keeps = np.eye(len(members), dtype=np.float32) - part @ part.T
        scores = targets[members] - np.linalg.solve(keeps, residual[members])
        judged = place[members] >= 0
        strange[place[members[judged]]] = scores[judged]
    return Fit(np.asarray(whiten @ inner, dtype=np.float32), rows, unseen, strange)


def _inverse_factor(matrix: Matrix) -> Matrix:
    """The inverse of Cholesky's factor of a positive definite matrix, in the matrix's own place.

    By halves: NumPy's own factor is computed in double precision, in six times the memory.
    """
    half = len(matrix) // 2
    if half < _SMALLEST:
        matrix[:] = _small_inverse_factor(matrix.astype(np.float64))
        return matrix
    across = matrix[half:, :half]
    first = _inverse_factor(matrix[:half, :half])
    lower = across @ first.T
    matrix[half:, half:] -= lower @ lower.T
    second = _inverse_factor(matrix[half:, half:])
    across[:] = second @ (lower @ first)
    np.negative(across, out=across)
    matrix[:half, half:] = 0
    return matrix


def _small_inverse_factor(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where rounding makes a matrix look indefinite, its diagonal is raised until it does not."""
    for raised in _RAISED:
        try:
            return np.asarray(np.linalg.inv(np.linalg.cholesky(matrix)))
        except np.linalg.LinAlgError:
            matrix[np.diag_indices_from(matrix)] += raised
    return np.asarray(np.linalg.inv(np.linalg.cholesky(matrix)))


def _members(targets: Matrix) -> list[NDArray[np.int64]]:
    """The samples of each label."""
    column = targets.argmax(axis=1)
    return [np.flatnonzero(column == label) for label in range(targets.shape[1])]
