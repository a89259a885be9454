"""``db``: the database's schema, up and down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.engine import Engine

from contact_center.app import make_folder
from contact_center.cli.common import CliError, config_option, load_config
from crm_store import migrate
from crm_store.errors import StoreError
from crm_store.store import open_engine


@click.group()
def db() -> None:
    """The database: upgrade, downgrade, where it stands."""


@contextmanager
def _engine(config_path: Path | None) -> Iterator[Engine]:
    config, _ = load_config(config_path)
    url = config.store.url.get_secret_value()
    make_folder(url)
    engine = open_engine(url)
    try:
        yield engine
    except StoreError as error:
        raise CliError(str(error)) from None
    finally:
        engine.dispose()


@db.command()
@config_option
def current(config_path: Path | None) -> None:
    """Say which revision the database is at, and which this program needs."""
    with _engine(config_path) as engine:
        click.echo(f"database: {migrate.current(engine) or 'empty'}; this program: {migrate.head()}")


@db.command()
@config_option
@click.argument("revision", default="head")
def upgrade(config_path: Path | None, revision: str) -> None:
    """Bring the database up to REVISION (the newest when left out). `serve` does this by itself."""
    with _engine(config_path) as engine:
        migrate.upgrade(engine, revision)
        click.echo(f"The database is at {migrate.current(engine)}.")


@db.command()
@config_option
@click.argument("revision")
@click.confirmation_option(prompt="Going down can drop tables with all that is in them. Go on?")
def downgrade(config_path: Path | None, revision: str) -> None:
    """Bring the database down to REVISION (`base` empties it)."""
    with _engine(config_path) as engine:
        migrate.downgrade(engine, revision)
        click.echo(f"The database is at {migrate.current(engine) or 'nothing: it is empty'}.")
