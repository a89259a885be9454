"""Options of a command made from the API's parameters: the CLI and the API cannot drift apart."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import click
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from contact_center.cli.common import CliError

Command = TypeVar("Command", bound=Callable[..., Any])
M = TypeVar("M", bound=BaseModel)


class When(click.ParamType[datetime]):
    """A date, or a date and time with or without zone; without one it is the company's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("write a time as 2026-03-02, 2026-03-02T09:30 or 2026-03-02T09:30:00+08:00", param, ctx)


def options_of(model: type[BaseModel]) -> Callable[[Command], Command]:
    """An option for each field of a model of parameters, with its description as help."""

    def decorate(command: Command) -> Command:
        for name, field in reversed(model.model_fields.items()):
            command = _option(name, field)(command)
        return command

    return decorate


def read_options(model: type[M], given: Mapping[str, Any], zone: tzinfo) -> M:
    """The options as parameters, checked as the API does. Raises `CliError` that names the option."""
    values = {
        name: value.replace(tzinfo=zone) if isinstance(value, datetime) and value.tzinfo is None else value
        for name, value in given.items()
        if value is not None
    }
    try:
        return model.model_validate(values)
    except ValidationError as error:
        told = [
            f"--{str(item['loc'][0]).replace('_', '-')}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_url=False, include_input=False)
        ]
        raise CliError("; ".join(told)) from None


def _option(name: str, field: FieldInfo) -> Callable[[Command], Command]:
    flag = f"--{name.replace('_', '-')}"
    kind = _inner(field.annotation)
    settings: dict[str, Any] = {"help": field.description, "default": None}
    if get_origin(kind) is Literal:
        settings["type"] = click.Choice(get_args(kind))
    elif kind is bool and field.default is False:
        settings |= {"is_flag": True, "default": False}
    elif kind is bool:
        flag = f"{flag}/--no-{name.replace('_', '-')}"
    elif kind is int:
        settings["type"] = int
    elif kind is datetime or _is_time(kind):
        settings["type"] = When()
    if field.default is not None and not settings.get("is_flag"):
        settings |= {"default": field.default, "show_default": True}
    return click.option(flag, name, **settings)


def _inner(annotation: Any) -> Any:
    """The type of a field without None and without constraints."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _inner(next(part for part in get_args(annotation) if part is not type(None)))
    metadata = getattr(annotation, "__metadata__", None)
    return _inner(get_args(annotation)[0]) if metadata else annotation


def _is_time(kind: Any) -> bool:
    return getattr(kind, "__name__", "") == "AwareDatetime"
