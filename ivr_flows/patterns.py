"""Regular expressions for answers, with an upper bound on how long a hostile answer could take."""

from __future__ import annotations

import importlib
import re
from typing import Any, ClassVar, Final

from ivr_flows.fields import Reading, Wrong, string
from ivr_flows.yaml_tree import Raw

_parser: Final[Any] = importlib.import_module("re._parser")
_ENOUGH: Final = 10**12


class Pattern:
    """A regular expression that an answer must match as a whole."""

    MOST_PATHS: ClassVar[int] = 100_000

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled = re.compile(source, re.ASCII)

    def matches(self, answer: str) -> bool:
        """Whether the whole of ``answer`` matches."""
        return self._compiled.fullmatch(answer) is not None

    def paths(self, longest: int) -> int:
        """At most how many ways the matcher can try an answer of ``longest`` characters.

        The product of the choices that repeats and alternatives leave open: nested repeats make it
        astronomical, which is exactly what makes them slow.
        """
        return _paths(_parser.parse(self.source), longest)


def _paths(sequence: Any, longest: int) -> int:
    total = 1
    for operator, argument in sequence:
        total = min(total * _choices(str(operator), argument, longest), _ENOUGH)
    return total


def _choices(operator: str, argument: Any, longest: int) -> int:
    if operator in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, inner = argument
        high = min(int(high), longest)
        once = _paths(inner, longest)
        low, high = int(low), int(high)
        if once == 1:
            return max(high - low + 1, 1)
        return _ENOUGH if high > 40 else min(sum(once**n for n in range(low, high + 1)), _ENOUGH)
    if operator == "SUBPATTERN":
        return _paths(argument[3], longest)
    if operator == "BRANCH":
        return sum(_paths(branch, longest) for branch in argument[1])
    if operator in ("ASSERT", "ASSERT_NOT"):
        return _paths(argument[1], longest)
    if operator in ("GROUPREF", "GROUPREF_EXISTS"):
        return _ENOUGH
    return 1


def pattern(raw: Raw, reading: Reading) -> Pattern:
    """A regular expression, of at most 200 characters."""
    source = string(raw, reading)
    if len(source) > 200:
        raise Wrong("the pattern is longer than 200 characters", "check the rest with validate")
    try:
        return Pattern(source)
    except (re.error, RecursionError, OverflowError) as error:
        raise Wrong(f"the pattern does not compile: {error}", "see Python's re module") from error
