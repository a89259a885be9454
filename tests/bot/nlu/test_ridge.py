"""What the closed forms say about unseen samples is what training without them would say."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.matrices import Matrix, unit_rows
from bot.nlu.ridge import fit, fit_landmarks

RIDGE = 0.1


@pytest.fixture
def problem() -> tuple[Matrix, Matrix]:
    random = np.random.default_rng(7)
    points = unit_rows(random.standard_normal((60, 8)).astype(np.float32))
    kernel = np.exp(2 * (points @ points.T - 1)).astype(np.float32)
    targets = np.eye(4, dtype=np.float32)[np.arange(60) % 4]
    return kernel, targets


def _without(kernel: Matrix, targets: Matrix, out: list[int]) -> Matrix:
    """Scores of the samples ``out`` by a model trained on all others."""
    rest = [place for place in range(len(kernel)) if place not in out]
    system = kernel[np.ix_(rest, rest)] + RIDGE * np.eye(len(rest))
    return kernel[np.ix_(out, rest)] @ np.linalg.solve(system, targets[rest])


def test_unseen_is_training_without_the_sample(problem: tuple[Matrix, Matrix]) -> None:
    kernel, targets = problem
    found = fit(kernel.copy(), targets, RIDGE)
    for place in range(0, 60, 7):
        np.testing.assert_allclose(found.unseen[place], _without(kernel, targets, [place])[0], atol=1e-3)


def test_strange_is_training_without_the_label(problem: tuple[Matrix, Matrix]) -> None:
    kernel, targets = problem
    found = fit(kernel.copy(), targets, RIDGE)
    for label in range(4):
        members = list(range(label, 60, 4))
        np.testing.assert_allclose(found.strange[members], _without(kernel, targets, members), atol=1e-3)


def test_with_all_as_landmarks_nothing_is_lost(problem: tuple[Matrix, Matrix]) -> None:
    kernel, targets = problem
    exact = fit(kernel.copy(), targets, RIDGE)
    found = fit_landmarks(kernel, kernel, targets, RIDGE)
    np.testing.assert_allclose(kernel @ found.heads, kernel @ exact.heads, atol=2e-2)
    np.testing.assert_allclose(found.unseen, exact.unseen[found.rows], atol=5e-2)
    np.testing.assert_allclose(found.strange, exact.strange[found.rows], atol=5e-2)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700])
def test_solving(size: int) -> None:
    """Sizes on both sides of those at which matrices are halved."""
    points = np.random.default_rng(size).standard_normal((size, 20)).astype(np.float32)
    kernel = points @ points.T
    targets = np.eye(3, dtype=np.float32)[np.arange(size) % 3]
    heads = fit(kernel.copy(), targets, 1.0).heads
    np.testing.assert_allclose(kernel @ heads + heads, targets, atol=1e-3)


def test_rounding_does_not_stop_it() -> None:
    """A hundred times the same sentence: without its ridge the kernel has no inverse."""
    kernel = np.full((100, 100), 1.0, dtype=np.float32)
    targets = np.eye(2, dtype=np.float32)[np.arange(100) % 2]
    scores = np.ones((1, 100), dtype=np.float32) @ fit(kernel, targets, 0.0).heads
    np.testing.assert_allclose(scores, [[0.5, 0.5]], atol=0.05)
