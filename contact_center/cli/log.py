"""``log``: search all contacts by words, path and filters, export them, and look after the index of words."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import click

from contact_center.api.export import BATCH, as_lines, heading
from contact_center.api.models import contacts as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import log_query
from contact_center.cli.common import CliError, Desk, config_option, json_option, open_desk
from contact_center.cli.contacts import columns
from contact_center.cli.options import options_of, read_options
from contact_center.cli.printing import print_page
from crm_store import contact_words, vocabulary
from crm_store import search as store
from crm_store.excerpts import excerpts


@click.group()
def log() -> None:
    """Search and export the log of all contacts; its index."""


TELL_BATCHES = 50
"""Batches after which `reindex` tells how far it is."""

MOST_CHANGES = 500
"""Changes of contacts that a command indexes before it searches; the running centre does the others."""


def _catch_up(desk: Desk) -> int:
    """Index what has just changed; how many changes are missing still, up to 1,000."""
    done = contact_words.BATCH
    for _ in range(0, MOST_CHANGES, contact_words.BATCH):
        if done == contact_words.BATCH:
            with desk.writing() as connection:
                done = contact_words.drain(connection)
    with desk.reading() as connection:
        return contact_words.missing(connection)


def _tell_missing(missing: int) -> None:
    if missing:
        more = "at least " if missing == contact_words.MOST_MISSING else ""
        click.echo(
            f"{more}{missing} changes of contacts are not in the index yet, and not found; "
            "`contact-center log reindex` brings it up to date",
            err=True,
        )


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
        missing = _catch_up(desk)
        with desk.reading() as connection:
            found = store.search(connection, log_query(asked), asked.cursor, asked.limit)
            items = Page[shapes.Contact].model_validate(found).items
            said = excerpts(connection, asked.words or "", [contact.id for contact in items])
        page = shapes.LogPage(items=items, next_cursor=found.next_cursor, unindexed=missing, excerpts=said)
        print_page(page, columns(desk.zone), as_json=as_json)
        _tell_missing(missing)


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
        store.check(log_query(asked))
        missing = _catch_up(desk)
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
        _tell_missing(missing)


@log.command()
@click.option(
    "--all", "whole", is_flag=True, help="Every contact anew, not only those that the index has not."
)
@click.option(
    "--after", default="", help="Go on behind the contact with this id, which a run before has told."
)
@config_option
def reindex(config_path: Path | None, whole: bool, after: str) -> None:
    """Bring the index of the search up to date, or make it anew; may be ended and begun again at any time."""
    done, last = 0, after or None
    with open_desk(config_path) as desk:
        if whole and not after:
            with desk.writing() as connection:
                vocabulary.forget(connection)
        for number in itertools.count(1):
            with desk.writing() as connection:
                found = contact_words.rebuild(connection, last or "", whole=whole)
            if found is None:
                break
            last = found
            if number % TELL_BATCHES == 0:
                click.echo(f"as far as {last}", err=True)
        while True:
            with desk.writing() as connection:
                drained = contact_words.drain(connection)
            done += drained
            if not drained:
                break
        learning = True
        while learning:
            with desk.writing() as connection:
                learning = vocabulary.learn(connection)
        with desk.reading() as connection:
            indexed = contact_words.count(connection)
    click.echo(f"{indexed} contacts are in the index; {done} changes were brought in")
