"""How long things take: distributions of seconds, each a value that draws from the random stream it is
given."""

from __future__ import annotations

import math
from random import Random
from typing import Any, Final, Protocol

import msgspec


class Distribution(Protocol):
    """Seconds at random."""

    def draw(self, random: Random) -> float:
        """One value, never negative."""
        ...

    @property
    def mean(self) -> float:
        """Of all values."""
        ...


class Constant(msgspec.Struct, frozen=True):
    """Always the same."""

    value: float

    def draw(self, random: Random) -> float:
        return self.value

    @property
    def mean(self) -> float:
        return self.value


class Exponential(msgspec.Struct, frozen=True):
    """As if it could end at any moment, whatever has passed: patience, time between calls."""

    mean: float

    def draw(self, random: Random) -> float:
        return -self.mean * math.log(1.0 - random.random())


class Lognormal(msgspec.Struct, frozen=True):
    """Most short, a few very long: handling times as a rule. ``cv``: standard deviation divided by the
    mean."""

    mean: float
    cv: float

    def draw(self, random: Random) -> float:
        spread = math.log1p(self.cv * self.cv)
        return self.mean * math.exp(random.gauss(0.0, 1.0) * math.sqrt(spread) - spread / 2)


class Gamma(msgspec.Struct, frozen=True):
    """Between the constant (``cv`` 0) and the exponential (``cv`` 1), and beyond."""

    mean: float
    cv: float

    def draw(self, random: Random) -> float:
        square = self.cv * self.cv
        return random.gammavariate(1 / square, self.mean * square) if square else self.mean


class Uniform(msgspec.Struct, frozen=True):
    """Anything from ``low`` to ``high``."""

    low: float
    high: float

    def draw(self, random: Random) -> float:
        return self.low + (self.high - self.low) * random.random()

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2


class Empirical(msgspec.Struct, frozen=True):
    """One of the ``values`` that were measured, each as likely."""

    values: tuple[float, ...]

    def draw(self, random: Random) -> float:
        return self.values[int(random.random() * len(self.values))]

    @property
    def mean(self) -> float:
        return math.fsum(self.values) / len(self.values)


DISTRIBUTIONS: Final[dict[str, type[Any]]] = {
    "constant": Constant,
    "exponential": Exponential,
    "lognormal": Lognormal,
    "gamma": Gamma,
    "uniform": Uniform,
    "empirical": Empirical,
}
"""By the name that a scenario gives."""
