"""How long somebody in line will wait, and how sure that is: from staffing and handling times as they are
now.

With n agents who each need m seconds for one contact, places in line fall free every m / n seconds. Whoever
stands at place p is served after p of them, less those who lose patience before (each waits with a rate of 1
/ patience):

    seconds = sum over the places j = 1..p of 1 / (n / m + (j - 1) / patience)

This is the mean for exponential times (Whitt, "Predicting Queueing Delays", 1999), and near it for all
others, which is why it is a prediction and not an average of past waits: it knows the line as it stands. The
spread around it is that of a gamma distribution with the same mean and variance; the variance has a part for
chance (how much handling times vary, and by how many agents that is averaged) and a part for what is not
known: the mean of a small sample, and how much time agents of several queues will have for this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

Sureness = Literal["high", "medium", "low", "none"]

USUAL_HANDLING: Final = 240.0
"""Seconds that a contact takes where nothing is known yet; counts as `USUAL_COUNT` contacts seen."""
USUAL_COUNT: Final = 4
SHARE: Final = 0.5
"""Of the time of an agent who serves other queues too, where nothing else is said."""
_WITHIN: Final = 1.2816
"""Standard deviations of 10 % on either side: low to high holds four waits of five."""


class Handled(msgspec.Struct, frozen=True):
    """Handling times seen lately, wrap-up included: how many, their mean in seconds, and their variance."""

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0


class Staffing(msgspec.Struct, frozen=True):
    """Who can serve the queue now.

    ``on_duty``: agents at work (also those who are busy), counted once for each contact that they can hold
    at a time; ``shared``: how many of those serve other queues too, giving this one ``share`` of their time;
    ``free``: how many have nothing to do at this moment.
    """

    on_duty: int
    shared: int = 0
    share: float = SHARE
    free: int = 0


class Estimate(msgspec.Struct, frozen=True):
    """The expected wait. Four of five waits lie from ``low`` to ``high``; all None where nobody is on
    duty."""

    seconds: float | None
    low: float | None
    high: float | None
    sure: Sureness


NOBODY: Final = Estimate(None, None, None, "none")


def handled(times: Iterable[float]) -> Handled:
    """The summary of some handling times, seconds."""
    known = list(times)
    if not known:
        return Handled()
    mean = math.fsum(known) / len(known)
    spread = math.fsum((one - mean) ** 2 for one in known)
    return Handled(len(known), mean, spread / (len(known) - 1) if len(known) > 1 else mean * mean)


def expected_wait(
    position: int, staffing: Staffing, seen: Handled, patience: float | None = None
) -> Estimate:
    """The expected wait at ``position`` (1 = next) in line.

    ``patience``: mean seconds after which those in line leave; None = they do not. Grows with the position,
    and is never negative. Raises `ValueError` for a position below 1.
    """
    if position < 1:
        raise ValueError("a position in line counts from 1")
    agents = staffing.on_duty - staffing.shared * (1 - staffing.share)
    if staffing.on_duty <= 0 or agents <= 0:
        return NOBODY
    places = position - staffing.free
    mean, deviation = _times(seen)
    if places <= 0:
        return Estimate(0.0, 0.0, 0.0, _sure(seen, staffing, 0.0, 0.0))
    pace, leave = agents / mean, 1 / patience if patience else 0.0
    steps = [1 / (pace + place * leave) for place in range(places)]
    seconds = math.fsum(steps)
    variance = math.fsum(step * step for step in steps) * _scatter(places, agents, deviation / mean)
    unknown = (deviation / mean) ** 2 / (seen.count + USUAL_COUNT) + _of_sharing(staffing, agents)
    low, high = _between(seconds, variance + unknown * seconds * seconds)
    return Estimate(seconds, low, high, _sure(seen, staffing, seconds, high - low))


def _times(seen: Handled) -> tuple[float, float]:
    """Mean and standard deviation of handling times; with few seen, near the usual ones (as variable as
    their mean)."""
    total = seen.count + USUAL_COUNT
    mean = (seen.count * seen.mean + USUAL_COUNT * USUAL_HANDLING) / total
    around = seen.count * (seen.variance + (seen.mean - mean) ** 2)
    around += USUAL_COUNT * (USUAL_HANDLING**2 + (USUAL_HANDLING - mean) ** 2)
    return mean, math.sqrt(around / total)


def _scatter(places: int, agents: float, variation: float) -> float:
    """Squared variation of the steps: of one agent's times where each ends many, of chance (1) among many
    agents."""
    own = places / (places + agents)
    return own * variation * variation + 1 - own


def _of_sharing(staffing: Staffing, agents: float) -> float:
    """Squared relative error of the pace: shared agents may give all of their time, or none, each a third as
    likely."""
    return (staffing.shared * min(staffing.share, 1 - staffing.share) / agents) ** 2 / 3


def _between(mean: float, variance: float) -> tuple[float, float]:
    """The middle four fifths of a gamma distribution (Wilson and Hilferty's approximation)."""
    ninth = variance / (9 * mean * mean)
    low, high = (max(0.0, 1 - ninth + side * math.sqrt(ninth)) ** 3 for side in (-_WITHIN, _WITHIN))
    return mean * low, mean * high


def _sure(seen: Handled, staffing: Staffing, seconds: float, width: float) -> Sureness:
    """high: enough seen, few shared agents, and narrow enough to be told in minutes."""
    if seen.count < 8:
        return "low"
    apart = staffing.shared / staffing.on_duty
    if seen.count >= 30 and apart <= 0.5 and (width <= 120 or width <= seconds):
        return "high"
    return "medium" if width <= 300 or width <= 2 * seconds else "low"
