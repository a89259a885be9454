"""The keys of the configuration as a flat table, read from the models: for overrides, errors and docs."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, get_args, get_origin

import msgspec
from pydantic import BaseModel

from contact_center.config.base import SecretUrl, is_secret
from contact_center.config.sections import Config

Path = tuple[str | int, ...]


class Key(msgspec.Struct, frozen=True):
    """One key that holds a value. ``secret``: must come from the environment; ``hidden``: never shown."""

    path: Path
    default: Any
    secret: bool
    hidden: bool
    choices: tuple[str, ...]


@cache
def keys() -> dict[Path, Key]:
    """Every key by its path, in the order of the models."""
    return {key.path: key for key in _keys_of(Config(), ())}


@cache
def sections() -> dict[Path, BaseModel]:
    """Every section's defaults by its path; the whole has the path ()."""
    return dict(_sections_of(Config(), ()))


def key_at(path: Path) -> Key | None:
    """The key that holds the value at ``path``, which may lie inside its list or mapping."""
    table = keys()
    for length in range(len(path), 0, -1):
        if path[:length] in table:
            return table[path[:length]]
    return None


def names_at(path: Path) -> list[str]:
    """What is allowed in the section at ``path``; nothing where that is no section."""
    section = sections().get(path)
    return list(type(section).model_fields) if section is not None else []


def _keys_of(model: BaseModel, path: Path) -> list[Key]:
    table: list[Key] = []
    for name, field in type(model).model_fields.items():
        value, here = getattr(model, name), (*path, name)
        if isinstance(value, BaseModel):
            table.extend(_keys_of(value, here))
            continue
        secret = is_secret(field.annotation)
        hidden = secret or field.annotation is SecretUrl
        table.append(Key(here, value, secret, hidden, _choices(field.annotation)))
    return table


def _sections_of(model: BaseModel, path: Path) -> list[tuple[Path, BaseModel]]:
    table = [(path, model)]
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            table.extend(_sections_of(value, (*path, name)))
    return table


def _choices(annotation: Any) -> tuple[str, ...]:
    """The values of a Literal, also of a list of them."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) is tuple:
        return _choices(get_args(annotation)[0])
    return ()
