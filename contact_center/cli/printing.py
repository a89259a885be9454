"""Printing for people and for programs: tables and fields in a terminal, plain columns in a pipe, JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

import click
from pydantic import BaseModel

from contact_center.api.models.common import Page

Columns = Mapping[str, Callable[[Any], object]]
"""Headings, each with what stands below it."""

WIDE: Final = 10_000
"""Columns of an output that is no terminal: nothing is cut off or folded."""


def print_json(model: BaseModel) -> None:
    """A model as the API sends it, indented."""
    click.echo(model.model_dump_json(indent=2))


def print_page(page: Page[Any], columns: Columns, *, as_json: bool) -> None:
    """A page of a list; for people with a hint how to go on."""
    if as_json:
        print_json(page)
        return
    print_table(columns, page.items)
    if not page.items:
        click.echo("nothing found", err=True)
    if page.next_cursor is not None:
        click.echo(f"more: add --cursor {page.next_cursor}", err=True)


def print_table(columns: Columns, items: Iterable[Any]) -> None:
    """Items below headings: boxed lines in a terminal, plain columns elsewhere."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    table = Table(box=SIMPLE_HEAD if terminal else None, pad_edge=False, header_style="bold")
    for heading in columns:
        table.add_column(heading, overflow="fold")
    for item in items:
        table.add_row(*(Text(shown(value(item))) for value in columns.values()))
    Console(width=None if terminal else WIDE, highlight=False, soft_wrap=not terminal).print(table)


def print_fields(fields: Mapping[str, object]) -> None:
    """Names and values, a line each; what is empty is left out."""
    known = {name: shown(value) for name, value in fields.items() if value not in (None, "", [], ())}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        click.echo(f"{name:<{width}}  {value}")


def shown(value: object) -> str:
    """A value for people, on one line, without anything that a terminal would obey."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def local(at: datetime | None, zone: tzinfo) -> str:
    """An instant on the company's clock."""
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def print_section(title: str, columns: Columns, items: Sequence[Any]) -> None:
    """A table below a title; nothing where it is empty."""
    if items:
        click.echo(f"\n{title}")
        print_table(columns, items)
