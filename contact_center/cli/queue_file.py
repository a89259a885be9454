"""Queues as a file that people keep, compare and put back: what ``queues export`` writes and ``apply`` reads.

One YAML mapping, ``queues: {NAME: {title: ..., routing: ...}}``, with the fields of the API's
``PUT /queues/{name}``. What a queue leaves out has its default; queues that the file does not name stay as
they are.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from pydantic import BaseModel, ValidationError
from sqlalchemy.engine import Connection

from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Given
from contact_center.cli.common import CliError
from contact_center.policies import read_queue_policies
from contact_center.routing.policy import PolicyError, read_policy
from crm_store import queues
from crm_store.errors import Refused
from crm_store.queues import Queue, QueueSettings

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[str | int, ...]
"""Keys from the top of the file to a value."""


class QueueFile(Given):
    """The file's whole."""

    queues: dict[shapes.Slug, shapes.PutQueue]


class Difference(msgspec.Struct, frozen=True):
    """One field of a queue, with dots down to the value; ``before`` is None where it is new."""

    queue: str
    field: str
    before: object
    after: object


def write(found: Iterable[Queue]) -> str:
    """Queues as the file's text."""
    fields = QueueSettings.__struct_fields__
    told = {
        queue.name: {name: msgspec.to_builtins(getattr(queue, name)) for name in fields} for queue in found
    }
    return str(yaml.safe_dump({"queues": told}, allow_unicode=True, sort_keys=False, width=100))


def read(path: Path) -> dict[str, QueueSettings]:
    """The queues in a file. Raises `CliError` that names file, line and field of everything to mend."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=_LOADER)
        problems = list(_twice(root))
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506 a safe one, as yaml.safe_load has
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{path} cannot be read as a text file: {type(error).__name__}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CliError(
            f"{path} line {line}: {error.problem or 'not YAML'}; mind indentation and quotes"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise CliError(f"{path} is not YAML; `contact-center queues export` shows how it looks") from None
    try:
        checked = QueueFile.model_validate(content or {})
    except ValidationError as error:
        problems += [_told(item) for item in error.errors(include_url=False, include_input=False)]
    else:
        problems += _of_routing(checked)
    if problems:
        raise CliError("\n".join(_located(path, root, place, text) for place, text in problems))
    return {name: queue.settings() for name, queue in checked.queues.items()}


def apply(
    connection: Connection,
    path: Path,
    wanted: Mapping[str, QueueSettings],
    strategy: tuple[str, ...],
    by: Mapping[str, Any],
) -> list[Difference]:
    """Set up the queues of the file at ``path`` as ``wanted``; what that changed.

    Raises `CliError` with everything that cannot be; then the transaction must be rolled back.
    """
    changes: list[Difference] = []
    refused: list[str] = []
    for name, settings in wanted.items():
        before = queues.find(connection, name)
        try:
            queues.put(connection, name, settings, **by)
        except Refused as error:
            refused.append(f"{path}: queues.{name}: {str(error).removeprefix(f'queue {name}: ')}")
        changes += _differences(name, before, settings)
    if not refused:
        try:
            read_queue_policies(connection, strategy)
        except PolicyError as error:
            refused.append(f"{path}: {error}")
    if refused:
        raise CliError("\n".join(refused))
    return changes


def _differences(name: str, before: Queue | None, after: QueueSettings) -> Iterator[Difference]:
    old = {} if before is None else _flat(_plain(before))
    new = _flat(_plain(after))
    for field in sorted(old.keys() | new.keys()):
        if old.get(field) != new.get(field):
            yield Difference(name, field, old.get(field), new.get(field))


def _plain(settings: QueueSettings) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(settings, name)) for name in QueueSettings.__struct_fields__}


def _flat(value: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """Nested mappings as one, with dots in the names; lists stay whole."""
    flat: dict[str, object] = {}
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            flat |= _flat(inner, f"{above}{name}.")
        else:
            flat[f"{above}{name}"] = inner
    return flat


def as_text(value: object) -> str:
    """A value of a difference as the file has it, on one line; '' where there is none."""
    return "" if value is None else msgspec.json.encode(value).decode()


# --- what is wrong, and where ---------------------------------------------------------------------------


def _told(item: Any) -> tuple[Place, str]:
    """One of pydantic's errors as the place in the file and words for people."""
    place = tuple(part for part in item["loc"] if part != "[key]")
    if item["type"] == "extra_forbidden":
        return place, f"there is no such field{_nearest(str(place[-1]), _fields_at(place[:-1]))}"
    if item["type"] == "missing":
        return place, "is needed"
    if "[key]" in item["loc"]:
        return place, "a name has small letters, digits, - and _, and begins with a letter"
    return place, item["msg"].removeprefix("Value error, ")


def _of_routing(checked: QueueFile) -> Iterator[tuple[Place, str]]:
    for name, queue in checked.queues.items():
        try:
            read_policy(name, queue.routing)
        except PolicyError as error:
            yield ("queues", name, "routing"), str(error).removeprefix(f"queue '{name}'").lstrip(",: ")


def _nearest(name: str, known: list[str]) -> str:
    """``; did you mean 'x'?`` where one is near, else what is allowed."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; allowed: {', '.join(known)}"


def _fields_at(place: Place) -> list[str]:
    models: dict[int, type[BaseModel]] = {0: QueueFile, 2: shapes.PutQueue, 3: shapes.ServiceLevel}
    model = models.get(len(place))
    return [] if model is None else list(model.model_fields)


def _located(path: Path, root: Any, place: Place, text: str) -> str:
    """A complaint with the file, the nearest line to the place, and the place's name."""
    line, node = 1, root
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
            continue
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        for key, value in pairs:
            if key.value == str(part):
                line, node = key.start_mark.line + 1, value
                break
        else:
            break
    name = ".".join(map(str, place))
    return f"{path} line {line}: {name}: {text}" if name else f"{path} line {line}: {text}"


def _twice(node: Any, above: Place = ()) -> Iterator[tuple[Place, str]]:
    """Keys that a mapping has more than once: YAML would take the last without a word."""
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _twice(item, (*above, number))
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # refused by the loader
            here = (*above, key.value)
            if key.value in seen:
                yield here, f"is given again in line {key.start_mark.line + 1}; keep one of them"
            seen.add(key.value)
            yield from _twice(value, here)
