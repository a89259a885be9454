"""What is wrong with a configuration, in words: where, what was found, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import msgspec
from pydantic import ValidationError

from contact_center.config.keys import Key, Path, key_at, names_at

LONGEST_SHOWN = 60

_NEEDED = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LIMITS = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "form": "{hint}",
    "finite_number": "a finite number",
}


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing to mend. ``where``: file and line, or the environment variable it came from."""

    line: int
    where: str
    path: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.path, self.text) if part)


class ConfigError(Exception):
    """The configuration cannot be used; ``problems`` has all there is to mend, the message a line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def dotted(path: Path) -> str:
    """``("server", "port")`` as ``server.port``."""
    return ".".join(map(str, path))


def no_such_key(path: Path) -> str:
    """What to say of a key that is not one: the nearest that is, and all that are allowed there."""
    names = names_at(path[:-1])
    return f"there is no such key; {_nearest(str(path[-1]), names)}allowed: {', '.join(names)}"


def found(value: object, *, secret: bool = False) -> str:
    """A value as an error may show it: short, and never a secret."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if secret:
        return "a text (not shown)"
    text = str(value)
    return f"'{text[:LONGEST_SHOWN]}…'" if len(text) > LONGEST_SHOWN else f"'{text}'"


def explain(error: ValidationError) -> list[tuple[Path, str]]:
    """Each error of pydantic as the path of its key and a text."""
    return [_explain(item) for item in error.errors(include_url=False)]


def _explain(item: Any) -> tuple[Path, str]:
    path: Path = tuple(part for part in item["loc"] if part != "[key]")
    kind, context = item["type"], item.get("ctx", {})
    key = key_at(path)
    if kind == "fault":
        return path, context.get("text") or item["msg"]
    if kind == "extra_forbidden":
        return path, no_such_key(path)
    what = found(item["input"], secret=key is not None and key.hidden)
    if kind == "literal_error":
        return path, _not_one_of(what, str(item["input"]), key)
    if kind in _NEEDED:
        return path, f"{what} is not {_NEEDED[kind]}"
    if kind in _LIMITS:
        return path, f"{what} is not allowed; write {_LIMITS[kind].format(**context)}"
    return path, f"{what} is not allowed: {item['msg']}"


def _not_one_of(what: str, text: str, key: Key | None) -> str:
    choices = key.choices if key else ()
    return f"{what} is not allowed; {_nearest(text, choices)}allowed: {', '.join(choices)}"


def _nearest(text: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(text, list(names), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'? " if near else ""
