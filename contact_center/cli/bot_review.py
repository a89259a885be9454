"""``bot review``: what customers said that the bot did not understand, on its way into training data."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from typing import Any

import click

from contact_center.api.models import bot_reviews as shapes
from contact_center.api.models.common import Page
from contact_center.cli.common import CliError, Desk, config_option, json_option, open_desk
from contact_center.cli.options import options_of, read_options
from contact_center.cli.printing import Columns, local, print_json, print_page
from crm_store import bot_reviews


@click.group()
def review() -> None:
    """Messages that the bot did not understand or was not sure of: list, label, dismiss, export."""


def columns(zone: tzinfo) -> Columns:
    """What the review list shows."""
    return {
        "REVIEW": lambda row: row.id,
        "TIMES": lambda row: row.times,
        "LAST": lambda row: local(row.last_seen_at, zone),
        "LANGUAGE": lambda row: row.language,
        "CHANNEL": lambda row: row.channel,
        "GUESS": lambda row: f"{row.intent} {row.confidence:.2f}" if row.intent else "",
        "NEXT": lambda row: f"{row.runner_up} {row.runner_up_confidence:.2f}" if row.runner_up else "",
        "STATUS": lambda row: f"{row.status}: {row.label}" if row.label else row.status,
        "TEXT": lambda row: row.text,
    }


@review.command("list")
@options_of(shapes.BotReviewQuery)
@json_option
@config_option
def list_(config_path: Path | None, as_json: bool, **given: Any) -> None:
    """List messages, those said most often first."""
    with open_desk(config_path) as desk:
        asked = read_options(shapes.BotReviewQuery, given, desk.zone)
        with desk.reading() as connection:
            found = bot_reviews.list_reviews(
                connection, asked.which(), asked.cursor, asked.limit, asked.order
            )
        print_page(Page[shapes.BotReview].model_validate(found), columns(desk.zone), as_json=as_json)


@review.command()
@click.argument("review_id", metavar="REVIEW")
@click.argument("intent")
@json_option
@config_option
def label(config_path: Path | None, review_id: str, intent: str, as_json: bool) -> None:
    """REVIEW has INTENT: it will be an example of it."""
    from contact_center.bot_lab.intents import check_intent

    with open_desk(config_path) as desk:
        check_intent(intent, desk.config.bot.project)
        with desk.writing() as connection:
            row = bot_reviews.label(connection, review_id, intent, **desk.by)
        _tell(row, as_json)


@review.command()
@click.argument("review_id", metavar="REVIEW")
@json_option
@config_option
def dismiss(config_path: Path | None, review_id: str, as_json: bool) -> None:
    """There is nothing to learn from REVIEW."""
    with open_desk(config_path) as desk:
        with desk.writing() as connection:
            row = bot_reviews.dismiss(connection, review_id, **desk.by)
        _tell(row, as_json)


@review.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def export(config_path: Path | None, file: Path) -> None:
    """Add what was labelled to FILE (YAML), as training data in Rasa's format, each sentence once.

    Put it into data/nlu of the project; `contact-center bot check` tells whether it fits in.
    """
    with open_desk(config_path) as desk:
        _export(desk, file)


def _export(desk: Desk, file: Path) -> None:
    from bot.embedded import SHIPPED_PROJECT
    from bot.embedded.load_project import load_project
    from bot.runtime import BotError
    from contact_center.bot_lab.samples import samples_of
    from contact_center.bot_lab.training_file import as_yaml, known_intents, merged, read_blocks

    folder = Path(desk.config.bot.project) if desk.config.bot.project else SHIPPED_PROJECT
    try:
        project = load_project(folder)
        present = read_blocks(file)
        with desk.reading() as connection:
            found = merged(
                bot_reviews.labelled(connection),
                present,
                samples_of(project, folder),
                known_intents(project.domain.intents),
            )
        if found.added:
            file.write_text(as_yaml(found.blocks), encoding="utf-8")
    except BotError as error:
        raise CliError(str(error)) from None
    except OSError as error:
        raise CliError(f"{file} cannot be written: {error.strerror}") from None
    for one in found.left_out:
        click.echo(f"left out {one.id} “{one.text}”: {one.why}", err=True)
    known = f"; {found.known} were there already" if found.known else ""
    click.echo(f"{found.added} new examples in {file}{known}.")


def _tell(row: bot_reviews.BotReview, as_json: bool) -> None:
    if as_json:
        print_json(shapes.BotReview.model_validate(row))
    else:
        click.echo(f"{row.status}{f': {row.label}' if row.label else ''}  {row.text}")
