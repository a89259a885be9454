"""``log``: search all contacts by words, path and filters, and export them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from contact_center.api.export import BATCH, as_lines, heading
from contact_center.api.models import contacts as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import log_query
from contact_center.cli.common import CliError, config_option, json_option, open_desk
from contact_center.cli.contacts import columns
from contact_center.cli.options import options_of, read_options
from contact_center.cli.printing import print_page
from crm_store import search as store


@click.group()
def log() -> None:
    """Search and export the log of all contacts."""


@log.command()
@click.argument("text", nargs=-1, metavar="[WORDS]...")
@options_of(shapes.LogQuery)
@json_option
@config_option
def search(config_path: Path | None, as_json: bool, text: tuple[str, ...], **given: Any) -> None:
    """Find contacts by WORDS that were said, by where they went, and by filters; newest first."""
    if text:
        given["words"] = " ".join(text)
    with open_desk(config_path) as desk:
        asked = read_options(shapes.LogQuery, given, desk.zone)
        with desk.reading() as connection:
            found = store.search(connection, log_query(asked), asked.cursor, asked.limit)
        print_page(Page[shapes.Contact].model_validate(found), columns(desk.zone), as_json=as_json)


@log.command()
@options_of(shapes.ExportQuery)
@click.option("--json", "as_json", is_flag=True, help="The same as --format jsonl.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="A file to write; the terminal when left out.",
)
@config_option
def export(config_path: Path | None, as_json: bool, output: Path | None, **given: Any) -> None:
    """Write contacts as CSV or JSON lines, newest first."""
    if as_json:
        given["format"] = "jsonl"
    with open_desk(config_path) as desk:
        asked = read_options(shapes.ExportQuery, given, desk.zone)
        try:
            file = output.open("w", encoding="utf-8", newline="") if output else sys.stdout
        except OSError as error:
            raise CliError(f"{output} cannot be written: {error.strerror}") from None
        try:
            file.write(heading(asked.format))
            with desk.reading() as connection:
                for batch in store.export(connection, log_query(asked), BATCH):
                    file.write(as_lines(batch, asked.format))
        finally:
            if output:
                file.close()
