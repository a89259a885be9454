"""YAML with the line of every value, read as it is written.

A scalar stays the text the operator typed until a field says what it wants: ``key: 1``, ``[yes, no]``
and ``number: 0123`` are the texts "1", "yes", "no" and "0123", whatever YAML 1.1 makes of them.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
import yaml

MOST_VALUES: Final = 50_000
DEEPEST: Final = 20
LONGEST_FILE: Final = 2_000_000

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,15})")
_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Raw(msgspec.Struct, frozen=True):
    """One YAML value: text, a list of `Raw`, or a mapping of names to `Raw`, with its line (from 1)."""

    value: str | list[Raw] | dict[str, Raw]
    line: int
    quoted: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was written here (``field:`` alone)."""
        return self.value == "" and not self.quoted

    def kind(self) -> str:
        """What it is, in words for an error message."""
        if isinstance(self.value, dict):
            return "a mapping"
        if isinstance(self.value, list):
            return "a list"
        return "nothing" if self.empty else f"'{self.value[:40]}'"

    def data(self) -> Any:
        """Plain data, where a flow may hold any value: true, false, null and decimal numbers."""
        if isinstance(self.value, dict):
            return {name: item.data() for name, item in self.value.items()}
        if isinstance(self.value, list):
            return [item.data() for item in self.value]
        if self.quoted:
            return self.value
        if self.value in _WORDS:
            return _WORDS[self.value]
        if _INTEGER.fullmatch(self.value):
            return int(self.value)
        return float(self.value) if _NUMBER.fullmatch(self.value) else self.value


class YamlError(Exception):
    """A file that is not YAML as flows use it: what is wrong, at which line, and what to do."""

    def __init__(self, message: str, line: int, remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.remedy = message, line, remedy


def read_yaml(source: str) -> Raw:
    """The one document in ``source``. Raises `YamlError`."""
    if len(source) > LONGEST_FILE:
        raise YamlError("the file is larger than 2 MB", 1, "split it")
    try:
        root = yaml.compose(source, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise YamlError(what or "not YAML", line, "mind indentation, quotes and colons") from error
    except yaml.YAMLError as error:
        raise YamlError("not readable as YAML", 1, "save it as plain UTF-8 text") from error
    except RecursionError as error:
        raise YamlError("nested too deeply", 1, "flatten it") from error
    if root is None:
        raise YamlError("the file is empty", 1, "write the document into it")
    return _Conversion().convert(root, DEEPEST)


class _Conversion:
    def __init__(self) -> None:
        self.left = MOST_VALUES

    def convert(self, node: Any, depth: int) -> Raw:
        line = node.start_mark.line + 1
        self.left -= 1
        if depth == 0 or self.left < 0:
            raise YamlError("nested too deeply or too large", line, "use fewer aliases (*name)")
        if isinstance(node, yaml.ScalarNode):
            return Raw(node.value, line, quoted=bool(node.style))
        if isinstance(node, yaml.SequenceNode):
            return Raw([self.convert(item, depth - 1) for item in node.value], line)
        return Raw(self._mapping(node, depth), line)

    def _mapping(self, node: Any, depth: int) -> dict[str, Raw]:
        entries: dict[str, Raw] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlError("a name must be plain text", line, "quote {{ }} in values")
            if key.value in entries:
                first = entries[key.value].line
                raise YamlError(
                    f"'{key.value}' is given twice, first in line {first}", line, "keep one of them"
                )
            entries[key.value] = self.convert(value, depth - 1)
        return entries
