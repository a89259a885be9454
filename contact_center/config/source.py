"""Reads config.yaml with the line of every key, and lays the environment over it.

Every scalar stays the text that was typed (``port: 8080`` is "8080", ``number: 0123`` is "0123")
until the models say what it shall be; a key with nothing after it is as good as left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any, Final

import yaml

from contact_center.config.base import has_password
from contact_center.config.keys import Path, key_at, keys, sections
from contact_center.config.problems import ConfigError, Problem, dotted, no_such_key

LARGEST_FILE: Final = 1_000_000
DEEPEST: Final = 10
OVERRIDE: Final = "CC_"

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_TRUE: Final = frozenset({"true", "yes", "on", "1", "t", "y"})
_DROP: Final = object()

Tree = dict[str, Any]


class Source:
    """The texts of a configuration and where each came from; `problems` grows as it is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tree: Tree = {}
        self.problems: list[Problem] = []
        self._places: dict[Path, tuple[int, str]] = {}

    def complain(self, path: Path, text: str) -> None:
        """Note a problem with the value at ``path``, with the place it came from.

        Only the first one of a path or in it: what follows from that is no news.
        """
        here = dotted(path)
        if any(f"{problem.path}.".startswith(f"{here}.") for problem in self.problems):
            return
        for length in range(len(path), -1, -1):
            if path[:length] in self._places:
                line, where = self._places[path[:length]]
                break
        else:
            line, where = 0, self.name
        self.problems.append(Problem(line, where, here, text))

    # --- the file ------------------------------------------------------------------------------

    def read(self, text: str) -> None:
        """Take the file's text. Raises `ConfigError` where it is not YAML, and so has no keys at all."""
        try:
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            what = error.problem or error.context or "not YAML"
            raise self._unreadable(line, f"{what}; mind indentation, quotes and colons") from None
        except (yaml.YAMLError, RecursionError):
            raise self._unreadable(1, "not YAML; save it as plain UTF-8 text") from None
        if root is None or _is_nothing(root):
            return
        if not isinstance(root, yaml.MappingNode):
            raise self._unreadable(1, "the file is not a mapping; write sections such as server:")
        self.tree = self._mapping(root, ())

    def _unreadable(self, line: int, text: str) -> ConfigError:
        return ConfigError([Problem(line, f"{self.name} line {line}", "", text)])

    def _mapping(self, node: Any, path: Path) -> Tree:
        tree: Tree = {}
        if len(path) > DEEPEST:
            self.complain(path, "nested too deeply")
            return tree
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.complain(path, f"a key in line {line} is not plain text")
                continue
            here = (*path, key.value)
            if here in self._places:
                self.complain(here, f"is given again in line {line}; keep one of them")
                continue
            self._places[here] = (line, f"{self.name} line {line}")
            if not _is_nothing(value):
                tree[key.value] = self._value(value, here)
        return tree

    def _value(self, node: Any, path: Path) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if len(path) > DEEPEST:
            self.complain(path, "nested too deeply")
            return []
        items = []
        for number, item in enumerate(node.value):
            line = item.start_mark.line + 1
            self._places[(*path, number)] = (line, f"{self.name} line {line}")
            items.append(self._value(item, (*path, number)))
        return items

    # --- the environment -------------------------------------------------------------------------

    def expand(self, environ: Mapping[str, str]) -> None:
        """Replace ``${NAME}`` and ``${NAME:-default}`` in the file's texts; refuse secrets as text."""
        self.tree = self._expand(self.tree, (), environ)

    def _expand(self, value: Any, path: Path, environ: Mapping[str, str]) -> Any:
        if isinstance(value, dict):
            pairs = [(name, self._expand(item, (*path, name), environ)) for name, item in value.items()]
            return {name: item for name, item in pairs if item is not _DROP}
        if isinstance(value, list):
            items = [self._expand(item, (*path, place), environ) for place, item in enumerate(value)]
            return [item for item in items if item is not _DROP]
        key = key_at(path)
        if key is not None and key.hidden:
            refusal = _secret_refusal(value, whole=key.secret)
            if refusal:
                self.complain(path, refusal)
                return _DROP
        return self._expand_text(value, path, environ)

    def _expand_text(self, text: str, path: Path, environ: Mapping[str, str]) -> Any:
        missing: list[str] = []

        def look_up(match: re.Match[str]) -> str:
            name, default = match.groups()
            if environ.get(name):
                return environ[name]
            if default is None:
                missing.append(name)
            return default or ""

        expanded = _REFERENCE.sub(look_up, text)
        if not missing:
            return expanded
        if not self._is_off(path, environ):
            for name in missing:
                self.complain(
                    path,
                    f"the environment variable {name} is not set; set it, or write "
                    f"${{{name}:-}} where it may be missing",
                )
        return _DROP

    def _is_off(self, path: Path, environ: Mapping[str, str]) -> bool:
        """Whether ``path`` is in a section that is not enabled, so that nothing in it is needed."""
        section, written = sections().get(path[:1]), self.tree.get(str(path[0]))
        if section is None or "enabled" not in type(section).model_fields:
            return False
        override = environ.get(f"{OVERRIDE}{str(path[0]).upper()}__ENABLED")
        default = str(getattr(section, "enabled", False))
        written = written.get("enabled", default) if isinstance(written, dict) else default
        return str(override or written).lower() not in _TRUE

    def override(self, environ: Mapping[str, str]) -> None:
        """Lay ``CC_SECTION__KEY`` variables over the file; `keys` says what there is."""
        for name in sorted(environ):
            parts = tuple(part.lower() for part in name.removeprefix(OVERRIDE).split("__"))
            if not name.startswith(OVERRIDE) or (len(parts) == 1 and parts not in keys()):
                continue  # other programs' variables, and ours that are no keys, as CC_CONFIG
            key = key_at(parts)
            where = f"environment variable {name}"
            if key is None:
                self.problems.append(Problem(0, where, dotted(parts), no_such_key(parts)))
                continue
            path = (*key.path, *name.removeprefix(OVERRIDE).split("__")[len(key.path) :])
            self._places = {at: place for at, place in self._places.items() if at[: len(path)] != path}
            self._places[path] = (0, where)
            self._put(path, _override_value(environ[name], key.default))

    def _put(self, path: Path, value: Any) -> None:
        branch = self.tree
        for part in path[:-1]:
            inner = branch.get(str(part))
            if not isinstance(inner, dict):
                inner = branch[str(part)] = {}
            branch = inner
        branch[str(path[-1])] = value


def read_file(file: File) -> str:
    """The text of ``file``, '' where there is none. Raises `ConfigError` where it cannot be read."""
    try:
        with file.open(encoding="utf-8-sig") as stream:
            text = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigError([Problem(0, file.name, "", "is not UTF-8 text; save it as UTF-8")]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError([Problem(0, file.name, "", f"cannot be read: {reason}")]) from None
    if len(text) > LARGEST_FILE:
        raise ConfigError([Problem(0, file.name, "", "is larger than 1 MB; is it the right file?")])
    return text


def _is_nothing(node: Any) -> bool:
    """``key:`` alone, and its other spellings."""
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("", "~", "null")


def _secret_refusal(text: str, *, whole: bool) -> str:
    """Why ``text`` may not stand in the file: a secret is only ever a reference, without a default."""
    bare = _REFERENCE.sub(lambda match: match[2] or "", text)
    if bare == "" or not (whole or has_password(bare)):
        return ""
    what = "a secret" if whole else "the password in it"
    return (
        f"{what} may not be written here, nor as a default; put it into an environment variable "
        "and write ${NAME} in its place"
    )


def _override_value(text: str, default: object) -> Any:
    """The text of a variable; for a list or mapping written as YAML: ``[a, b]``, ``{a: b}``; or a, b."""
    if not isinstance(default, (tuple, dict)):
        return text
    if text[:1] in ("[", "{"):
        try:
            return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 makes only texts, lists, mappings
        except yaml.YAMLError:
            return text
    if isinstance(default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
