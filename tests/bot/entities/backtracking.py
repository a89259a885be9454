"""A backtracking matcher that counts its steps: what Python's engine does, without its short cuts."""

from __future__ import annotations

from collections.abc import Callable
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

Goal = Callable[[int], bool]


class Matcher:
    """Matches patterns of letters, classes, repetitions, branches and look-arounds."""

    def __init__(self, pattern: str, text: str) -> None:
        self._parsed = sre_parser.parse(pattern)
        self._text = text
        self.steps = 0

    def matches(self, start: int) -> bool:
        """Whether the pattern matches at this place; adds to ``steps``."""
        return self._sequence(list(self._parsed), start, lambda end: True)

    def every_way(self, start: int) -> None:
        """Try all ways to match here, as a pattern does that fails at its very end."""
        self._sequence(list(self._parsed), start, lambda end: False)

    def _sequence(self, parts: list[Any], at: int, goal: Goal) -> bool:
        self.steps += 1
        if not parts:
            return goal(at)
        (operation, argument), rest = parts[0], parts[1:]
        return self._part(operation, argument, at, lambda end: self._sequence(rest, end, goal))

    def _part(self, operation: Any, argument: Any, at: int, goal: Goal) -> bool:
        if operation is sre.BRANCH:
            return any(self._sequence(list(branch), at, goal) for branch in argument[1])
        if operation is sre.SUBPATTERN:
            return self._sequence(list(argument[3]), at, goal)
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeat(argument, 0, at, goal, greedy=operation is sre.MAX_REPEAT)
        if operation in (sre.POSSESSIVE_REPEAT, sre.ATOMIC_GROUP):
            ends: list[int] = []

            def first(end: int) -> bool:
                ends.append(end)
                return True

            if operation is sre.ATOMIC_GROUP:
                self._sequence(list(argument), at, first)
            else:
                self._repeat(argument, 0, at, first, greedy=True)
            return bool(ends) and goal(ends[0])
        if operation in (sre.ASSERT, sre.ASSERT_NOT):
            direction, inner = argument
            starts = [at] if direction > 0 else [max(0, at - inner.getwidth()[1])]
            found = self._sequence(list(inner), starts[0], lambda end: direction > 0 or end == at)
            return goal(at) if found is (operation is sre.ASSERT) else False
        return self._letter(operation, argument, at, goal)

    def _repeat(self, argument: Any, done: int, at: int, goal: Goal, *, greedy: bool) -> bool:
        least, most, inner = argument

        def again(end: int) -> bool:
            return (end > at or done < least) and self._repeat(argument, done + 1, end, goal, greedy=greedy)

        if not greedy and done >= least and goal(at):
            return True
        if done < int(most) and self._sequence(list(inner), at, again):
            return True
        return greedy and done >= least and goal(at)

    def _letter(self, operation: Any, argument: Any, at: int, goal: Goal) -> bool:
        if operation is sre.AT:
            end = argument in (sre.AT_END, sre.AT_END_STRING)
            return at == (len(self._text) if end else 0) and goal(at)
        if at >= len(self._text):
            return False
        code = ord(self._text[at])
        if operation is sre.LITERAL:
            fits = code == argument
        elif operation is sre.NOT_LITERAL:
            fits = code != argument
        elif operation is sre.ANY:
            fits = True
        else:
            fits = _in_class(argument, self._text[at])
        return fits and goal(at + 1)


def _in_class(members: list[Any], letter: str) -> bool:
    code = ord(letter)
    inside = False
    for operation, argument in members:
        if operation is sre.LITERAL:
            inside = inside or code == argument
        elif operation is sre.RANGE:
            inside = inside or argument[0] <= code <= argument[1]
        elif operation is sre.CATEGORY:
            inside = inside or _in_category(str(argument), letter)
    return inside is not any(operation is sre.NEGATE for operation, _ in members)


def _in_category(name: str, letter: str) -> bool:
    kinds = {
        "WORD": letter.isalnum() or letter == "_",
        "DIGIT": letter.isdecimal(),
        "SPACE": letter.isspace(),
    }
    kind = next(kind for kind in kinds if name.endswith(kind))
    return kinds[kind] is not ("NOT" in name)
