"""What every command shares: the configuration, the store, the printing, and errors in one line."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click

from contact_center.clock import SystemClock
from contact_center.config import Config, ConfigError, load

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from contact_center.actions.act import Act
    from contact_center.routing.model import QueuePolicy
    from crm_store.ids import Ids
    from crm_store.store import Store
    from ivr_flows.calendar import BusinessCalendar

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_FILE: Final = Path("config.yaml")


class CliError(click.ClickException):
    """What went wrong and what to do, in a line or a few; the command ends with exit status 1."""


def config_option(command: Command) -> Command:
    """``--config``: the parameter ``config_path``, None where it is left out."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="CC_CONFIG",
        help="The configuration; config.yaml in this folder when left out.",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``: the parameter ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, shaped as in the API.")(command)


def load_config(config_path: Path | None) -> tuple[Config, Path]:
    """The configuration, and the folder from which its relative paths are taken. Raises `CliError`."""
    path = config_path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    try:
        config = load(path, os.environ)
    except ConfigError as error:
        raise CliError(f"the configuration cannot be used:\n{error}") from None
    return config, (path.resolve().parent if path else Path.cwd())


@dataclass(frozen=True)
class Beside:
    """Where the actions of a command run: beside the running centre, without its carrier and its flows."""

    config: Config
    ids: Ids
    policies: dict[str, QueuePolicy] = field(default_factory=dict)
    calendars: dict[str, BusinessCalendar] = field(default_factory=dict)
    calls: None = None
    library: None = None


@dataclass(frozen=True)
class Desk:
    """What a command works with. ``zone`` is the company's: people's times are shown and read in it."""

    config: Config
    store: Store
    ids: Ids
    at: datetime
    actor: str

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.config.company.timezone)

    @property
    def by(self) -> dict[str, Any]:
        """``at``, ``ids`` and ``actor``, as the store's functions take them."""
        return {"at": self.at, "ids": self.ids, "actor": self.actor}

    def act(self, connection: Connection) -> Act:
        """An action over ``connection``. Whoever leads routing finds what it changed when it next looks."""
        from contact_center.actions.act import Act

        return Act(connection, Beside(self.config, self.ids), self.at, self.actor)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from."""
        with self.store.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction."""
        with self.store.writing() as connection:
            yield connection


@contextmanager
def open_desk(config_path: Path | None) -> Iterator[Desk]:
    """The store, opened for one command; whatever it refuses becomes a `CliError`."""
    from crm_store import migrate
    from crm_store.errors import StoreError
    from crm_store.ids import Ids
    from crm_store.store import Store

    config, _ = load_config(config_path)
    url = config.store.url.get_secret_value()
    _refuse_missing_file(url)
    clock = SystemClock()
    store = Store(url)
    try:
        if migrate.pending(store.engine):
            raise CliError(
                "the database is not up to date with this program; run `contact-center db upgrade` first"
            )
        yield Desk(config, store, Ids(clock.now, SystemRandom()), clock.now(), _actor())
    except StoreError as error:
        raise CliError(str(error)) from None
    finally:
        store.close()


def _refuse_missing_file(url: str) -> None:
    """Opening a SQLite database that is not there would make an empty one."""
    path = url.removeprefix("sqlite:///")
    if url.startswith("sqlite:///") and not Path(path).exists():
        raise CliError(f"there is no database at {path} yet; `contact-center serve` makes one")


def _actor() -> str:
    try:
        return f"cli:{getpass.getuser()}"[:80]
    except (KeyError, OSError):  # a user without a name, as in some containers
        return f"cli:{os.getuid()}"
