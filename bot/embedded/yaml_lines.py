"""YAML that remembers its lines, so that every refusal names the file and the line.

Scalars keep their written form ("yes" stays the word "yes", as in Rasa, which reads YAML 1.2).
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import yaml

from bot.runtime import BotError


class ProjectError(BotError):
    """The bot's project cannot be run as it is written; the message begins with "file:line:"."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")
        self.file = file
        self.line = line


class Item:
    """One value of a YAML file and where it stands."""

    def __init__(self, node: yaml.Node, file: str) -> None:
        self._node = node
        self.file = file
        self.line = node.start_mark.line + 1

    def fail(self, problem: str) -> NoReturn:
        """Refuse this value."""
        raise ProjectError(self.file, self.line, problem)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_sequence(self) -> bool:
        return isinstance(self._node, yaml.SequenceNode)

    @property
    def is_null(self) -> bool:
        return isinstance(self._node, yaml.ScalarNode) and self._node.tag == "tag:yaml.org,2002:null"

    @property
    def text_line(self) -> int:
        """The line on which the first line of a block text stands ("|" is on the line above it)."""
        block = isinstance(self._node, yaml.ScalarNode) and self._node.style in ("|", ">")
        return self.line + 1 if block else self.line

    def text(self) -> str:
        """This value as a word or text; anything but a scalar is refused."""
        if not isinstance(self._node, yaml.ScalarNode) or self.is_null:
            self.fail("a text is expected here")
        return str(self._node.value)

    def number(self) -> float:
        try:
            return float(self.text())
        except ValueError:
            self.fail(f"a number is expected here, not '{self.text()}'")

    def boolean(self) -> bool:
        word = self.text().lower()
        if word not in ("true", "false"):
            self.fail(f"true or false is expected here, not '{self.text()}'")
        return word == "true"

    def sequence(self) -> list[Item]:
        """The entries of this list; nothing (null) is the empty list."""
        if self.is_null:
            return []
        if not isinstance(self._node, yaml.SequenceNode):
            self.fail("a list is expected here")
        return [Item(node, self.file) for node in self._node.value]

    def mapping(self, allowed: Collection[str] | None = None) -> dict[str, Item]:
        """The keys and values here; a key outside ``allowed`` or a key twice is refused."""
        if self.is_null:
            return {}
        if not isinstance(self._node, yaml.MappingNode):
            self.fail("a mapping (key: value) is expected here")
        found: dict[str, Item] = {}
        for key_node, value_node in self._node.value:
            key_item = Item(key_node, self.file)
            key = key_item.text()
            if allowed is not None and key not in allowed:
                key_item.fail(f"'{key}' is not supported here{suggestion(key, allowed)}")
            if key in found:
                key_item.fail(f"'{key}' stands here twice")
            value = Item(value_node, self.file)
            if value.is_null:
                value.line = key_item.line
            found[key] = value
        return found

    def single(self) -> tuple[str, Item]:
        """The one key and value of a mapping with a single key."""
        pairs = list(self.mapping().items())
        if len(pairs) != 1:
            self.fail("exactly one key is expected here")
        return pairs[0]


def suggestion(word: str, known: Collection[str]) -> str:
    """'; did you mean ...?' or the list of what is allowed."""
    near = get_close_matches(word, list(known), n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f" (known: {', '.join(sorted(known))})" if 0 < len(known) <= 20 else ""


def read_yaml(path: Path, root: Path) -> Item:
    """Read one file of the project; refusals name it relative to ``root``."""
    file = path.relative_to(root).as_posix()
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ProjectError(file, mark.line + 1 if mark else 1, f"{error.problem}") from error
    except yaml.YAMLError as error:
        raise ProjectError(file, 1, f"this is not YAML: {error}") from error
    except UnicodeDecodeError as error:
        raise ProjectError(file, 1, "the file is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise ProjectError(file, 1, f"the file cannot be read: {error.strerror}") from error
    if node is None:
        raise ProjectError(file, 1, "the file is empty")
    return Item(node, file)
