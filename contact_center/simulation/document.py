"""A YAML document as sections that know their place: whatever is wrong is told with file, line and path.

Numbers and truths are read as such; a time of day such as 10:30 stays a text (YAML itself makes 630 of it).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from contact_center.simulation.distributions import DISTRIBUTIONS, Constant, Distribution, Empirical

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_TIME: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_MISSING: Final = object()
DAY: Final = 86_400.0


class ScenarioError(Exception):
    """A file of the simulation cannot be used; the text names file, line, path and what to do."""


def read_document(path: Path) -> Section:
    """The document at ``path``. Raises `ScenarioError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror or 'unknown reason'}") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    return parse_document(text, str(path))


def parse_document(text: str, name: str) -> Section:
    """The document in ``text``, called ``name`` in errors. Raises `ScenarioError`."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = error.problem or "not YAML"
        raise ScenarioError(f"{name}:{line}: {what}; mind indentation, quotes and colons") from None
    except (yaml.YAMLError, RecursionError):
        raise ScenarioError(f"{name}: is not YAML; save it as plain UTF-8 text") from None
    lines: dict[str, int] = {}
    values = None if root is None else _value(root, "", lines, name)
    return Section(values, "", lines, name)


def _value(node: Any, path: str, lines: dict[str, int], name: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{number}]", lines, name) for number, item in enumerate(node.value)]
    values: dict[str, Any] = {}
    for key, item in node.value:
        here = f"{path}.{key.value}" if path else str(key.value)
        if here in lines:
            raise ScenarioError(f"{name}:{key.start_mark.line + 1}: {here} is given twice; keep one of them")
        values[str(key.value)] = _value(item, here, lines, name)
    return values


def _scalar(node: Any) -> Any:
    if node.style:
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    if _NUMBER.fullmatch(node.value):
        return float(node.value) if set(node.value) & set(".eE") else int(node.value)
    return node.value


class Section:
    """A part of a document; ``value`` is what stands there, None where nothing does."""

    def __init__(self, value: Any, path: str, lines: dict[str, int], name: str) -> None:
        self.value, self.path = value, path
        self._lines, self._name = lines, name

    def wrong(self, what: str) -> NoReturn:
        """Raise `ScenarioError` about this place."""
        line = self._lines.get(self.path)
        where = f"{self._name}:{line}" if line else self._name
        raise ScenarioError(f"{where}: {self.path}: {what}" if self.path else f"{where}: {what}")

    def at(self, name: str | int) -> Section:
        """The part under a name or at a place of a list."""
        step = f"[{name}]" if isinstance(name, int) else f".{name}" if self.path else name
        inside = isinstance(self.value, dict) and name in self.value
        if isinstance(name, int) or inside:
            return Section(self.value[name], self.path + step, self._lines, self._name)
        return Section(None, self.path + step, self._lines, self._name)

    def mapping(self, known: Collection[str] | None = None, what: str = "key") -> dict[str, Any]:
        """The value as a mapping, {} where nothing stands; names that are not ``known`` are errors."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            self.wrong("must be a mapping of names to values")
        for name in self.value:
            if known is not None:
                self.at(name).one_of(name, known, what)
        return self.value

    def one_of(self, name: str, known: Collection[str], what: str) -> str:
        """``name``, which must be among ``known``."""
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            self.wrong(f"there is no {what} '{name}'; {hint}there are {', '.join(known) or 'none'}")
        return name

    def parts(self) -> Iterator[tuple[str, Section]]:
        """Names and parts of a mapping."""
        for name in self.mapping():
            yield name, self.at(name)

    def items(self) -> Iterator[Section]:
        """The parts of a list."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.wrong("must be a list")
        for number in range(len(self.value)):
            yield self.at(number)

    def number(self, default: Any = _MISSING, *, least: float = 0.0, most: float = math.inf) -> float:
        """The value as a number from ``least`` to ``most``."""
        if self.value is None and default is not _MISSING:
            return float(default)
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            self.wrong("is missing; write a number" if self.value is None else "must be a number")
        if not least <= self.value <= most:
            self.wrong(f"must be at least {least:g}" + (f" and at most {most:g}" if most < math.inf else ""))
        return float(self.value)

    def count(self, default: int, *, least: int = 0) -> int:
        """The value as a whole number."""
        if isinstance(self.value, float) and self.value != int(self.value):
            self.wrong("must be a whole number")
        return int(self.number(default, least=least, most=1e9))

    def text(self, default: str = "") -> str:
        """The value as a text."""
        if self.value is None:
            return default
        if isinstance(self.value, (dict, list)):
            self.wrong("must be a text")
        return str(self.value)

    def texts(self, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The value as a list of texts."""
        return default if self.value is None else tuple(item.text() for item in self.items())

    def clock(self) -> float:
        """A time of day, ``08:30``, as seconds after midnight."""
        return self.clock_of(self.text())

    def clock_of(self, text: str) -> float:
        """As `clock`, of a ``text`` that stands here."""
        found = _TIME.fullmatch(text)
        hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (25, 0, 0)
        at = hours * 3600.0 + minutes * 60 + seconds
        if at > DAY:
            self.wrong("must be a time of day such as 08:30")
        return at

    def levels(self) -> dict[str, int]:
        """Skills with levels from 1 to 10."""
        return {name: int(part.number(least=1, most=10)) for name, part in self.parts()}

    def shares(self, known: Collection[str] | None = None, what: str = "key") -> dict[str, float]:
        """Names with shares that are together at most 1."""
        self.mapping(known, what)
        found = {name: part.number(least=0, most=1) for name, part in self.parts()}
        if math.fsum(found.values()) > 1 + 1e-9:
            self.wrong("the shares are more than 1 together")
        return found

    def distribution(self, default: Distribution | None = None) -> Distribution:
        """Seconds at random: a number, or ``{exponential: 120}``, ``{lognormal: {mean: 240, cv: 1.2}}``."""
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, dict):
            return Constant(self.number())
        if len(self.mapping(DISTRIBUTIONS, "distribution")) != 1:
            self.wrong(f"must name one distribution: {', '.join(DISTRIBUTIONS)}")
        kind, part = next(self.parts())
        if kind == "empirical":
            values = tuple(item.number() for item in part.items())
            return Empirical(values) if values else part.wrong("must be a list of seconds, and not empty")
        made = DISTRIBUTIONS[kind]
        names: tuple[str, ...] = made.__struct_fields__
        if not isinstance(part.value, dict) and len(names) == 1:
            return made(part.number())  # type: ignore[no-any-return]
        part.mapping(names, "parameter")
        found = made(**{name: part.at(name).number() for name in names})
        if kind == "uniform" and found.low > found.high:
            part.wrong("low must not be above high")
        return found  # type: ignore[no-any-return]
