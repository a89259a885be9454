"""Refuses patterns of a project that hostile text could make slow."""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]  # the parser has no public face
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from bot.embedded.yaml_lines import ProjectError

_MANY = 64


def check_pattern(pattern: str, file: str, line: int) -> None:
    """Accept a pattern whose cost stays small: no repetition without end inside another, no
    back-references, and at most one repetition longer than 64."""
    try:
        re.compile(pattern)
        parsed = sre_parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ProjectError(file, line, f"this is not a regular expression: {error}") from error
    long_ones = _count_long(parsed, inside=False, place=(file, line))
    if long_ones > 1:
        raise ProjectError(
            file, line, f"the pattern repeats {long_ones} parts without a small limit: use {{1,{_MANY}}}"
        )


def _count_long(parsed: Any, *, inside: bool, place: tuple[str, int]) -> int:
    count = 0
    for operation, argument in parsed:
        if operation in (sre.GROUPREF, sre.GROUPREF_EXISTS):
            raise ProjectError(*place, "the pattern refers back to a group, which can be slow")
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            most, inner = argument[1], argument[2]
            if most > 1 and inside:
                raise ProjectError(*place, "the pattern repeats a repetition, which can be slow")
            count += most > _MANY
            count += _count_long(inner, inside=inside or most > 1, place=place)
        else:
            for part in _parts(argument):
                count += _count_long(part, inside=inside, place=place)
    return count


def _parts(argument: Any) -> list[Any]:
    """The patterns inside an operation's argument, however deep the tuples are."""
    if isinstance(argument, sre_parser.SubPattern):
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for one in argument for part in _parts(one)]
    return []
