"""Refuses patterns of a project that hostile text could make slow.

Python's engine backtracks: it tries every way in which the parts of a pattern can share a text. The
number of steps from one place of a text is bounded here from the pattern alone, as if every part matched
everywhere: a part with ``ways`` ways to match makes all parts after it be tried that often.
"""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]  # the parser has no public face
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from bot.embedded.text import MAX_CHARACTERS
from bot.embedded.yaml_lines import ProjectError

MOST_STEPS = 20_000
"""Steps from one place of a text: a message of 2,000 characters then costs less than a second at worst."""

_TOO_MANY = 10**9


class Cost(NamedTuple):
    """At most how many steps a pattern takes from one place, and in how many ways it can match there."""

    steps: int
    ways: int


def check_pattern(pattern: str, file: str, line: int) -> None:
    """Accept a pattern whose cost stays small: no repetition without end inside another, no
    back-references, and few ways for its parts to share a text."""
    try:
        re.compile(pattern)
        parsed = sre_parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ProjectError(file, line, f"this is not a regular expression: {error}") from error
    place = (file, line)
    _check_repetitions(parsed, inside=False, place=place)
    steps = cost(parsed).steps
    if steps > MOST_STEPS:
        raise ProjectError(
            file,
            line,
            f"the pattern can match a text in too many ways ({min(steps, _TOO_MANY):,} steps at one place,"
            f" {MOST_STEPS:,} are allowed): give its repetitions smaller limits, such as {{1,16}}",
        )


def steps_of(pattern: str) -> int:
    """At most how many steps a pattern takes from one place of a text."""
    return cost(sre_parser.parse(pattern)).steps


def cost(parsed: Any) -> Cost:
    """The bound for a parsed pattern (parts one after the other)."""
    steps, ways = 1, 1
    for operation, argument in parsed:
        part = _part(operation, argument)
        steps += ways * part.steps
        ways *= part.ways
        if steps > _TOO_MANY or ways > _TOO_MANY:
            return Cost(_TOO_MANY, _TOO_MANY)
    return Cost(steps, ways)


def _part(operation: Any, argument: Any) -> Cost:
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _repeat(*argument)
    if operation is sre.POSSESSIVE_REPEAT:
        return Cost(_repeat(*argument).steps, 1)
    if operation is sre.BRANCH:
        return _branches(argument[1])
    if operation is sre.SUBPATTERN:
        return cost(argument[3])
    if operation is sre.ATOMIC_GROUP:
        return Cost(cost(argument).steps, 1)
    if operation in (sre.ASSERT, sre.ASSERT_NOT):
        return Cost(cost(argument[1]).steps, 1)
    return Cost(1, 1)


def _repeat(least: int, most: int, inner: Any) -> Cost:
    """Every further round multiplies the ways of a part that has several; a text ends all rounds."""
    rounds = min(int(most), MAX_CHARACTERS)
    one = cost(inner)
    if one.ways == 1:
        return Cost(1 + rounds * one.steps, rounds - min(int(least), rounds) + 1)
    steps, ways, total = 1, 1, 1 if least == 0 else 0
    for done in range(1, rounds + 1):
        steps += ways * one.steps
        ways *= one.ways
        total += ways if done >= least else 0
        if steps > _TOO_MANY or ways > _TOO_MANY:
            return Cost(_TOO_MANY, _TOO_MANY)
    return Cost(steps, max(total, 1))


def _branches(branches: list[Any]) -> Cost:
    """A text can match only the branches that begin with its letter, or with no plain letter."""
    steps = anywhere = 0
    by_letter: dict[str, int] = {}
    for branch in branches:
        one = cost(branch)
        steps += one.steps
        operation, argument = branch[0] if len(branch) else (None, None)
        if operation is sre.LITERAL and argument is not None:
            letter = chr(argument).casefold()  # the pattern may ignore case
            by_letter[letter] = by_letter.get(letter, 0) + one.ways
        else:
            anywhere += one.ways
    return Cost(steps, anywhere + max(by_letter.values(), default=0))


def _check_repetitions(parsed: Any, *, inside: bool, place: tuple[str, int]) -> None:
    for operation, argument in parsed:
        if operation in (sre.GROUPREF, sre.GROUPREF_EXISTS):
            raise ProjectError(*place, "the pattern refers back to a group, which can be slow")
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            most, inner = argument[1], argument[2]
            if most > 1 and inside:
                raise ProjectError(*place, "the pattern repeats a repetition, which can be slow")
            _check_repetitions(inner, inside=inside or most > 1, place=place)
        else:
            for part in _parts(argument):
                _check_repetitions(part, inside=inside, place=place)


def _parts(argument: Any) -> list[Any]:
    """The patterns inside an operation's argument, however deep the tuples are."""
    if isinstance(argument, sre_parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for one in argument for part in _parts(one)]
    return []
