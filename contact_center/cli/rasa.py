"""``rasa``: a Rasa server for the bot's project, from nothing to answering."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import bot
from bot.runtime import BotError
from contact_center.cli.common import CliError, config_option, load_config
from contact_center.cli.printing import print_fields
from contact_center.config import Config
from contact_center.rasa_env.environment import Environment
from contact_center.rasa_env.errors import RasaEnvError
from contact_center.rasa_env.found import find_server
from contact_center.rasa_env.pythons import VARIABLE, find_python
from contact_center.rasa_env.serving import answers
from contact_center.rasa_env.serving import serve as run_servers
from contact_center.rasa_env.workshop import Workshop

CODE = Path(bot.__file__).resolve().parent
LOCK = CODE.parent / "requirements" / "rasa.txt"

model_config_option = click.option(
    "--model-config",
    "model_config",
    default="config.yml",
    show_default=True,
    metavar="FILE",
    help="Which configuration of the project Rasa trains; config_diet.yml is Rasa's stock pipeline.",
)
python_option = click.option(
    "--python", "python", default="", metavar="PATH", help=f"The Python 3.11 to use (or {VARIABLE})."
)


def _say(text: str) -> None:
    click.echo(text, err=True)


class _Place:
    """Where a command works: below the data folder, for the configured project."""

    def __init__(self, config_path: Path | None, model_config: str = "config.yml", python: str = "") -> None:
        self.config: Config
        self.config, folder = load_config(config_path)
        self.folder = folder / "var" / "rasa"
        self._python = python
        settings = self.config.bot
        project = (folder / settings.project).resolve() if settings.project else CODE / "rasa_project"
        self.environment = Environment(self.folder, LOCK)
        self.workshop = Workshop(
            self.folder,
            self.environment,
            project,
            CODE,
            settings.encoder,
            model_config,
            self.config.company.region,
        )

    def prepare(self) -> None:
        self.environment.prepare(lambda: find_python(os.environ, given=self._python), _say, os.environ)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, as one message and exit status 1."""
    try:
        yield
    except (RasaEnvError, BotError) as error:
        raise CliError(str(error)) from None
    except OSError as error:
        raise CliError(f"Rasa cannot be prepared: {error}") from None


@click.group(invoke_without_command=True)
@click.pass_context
def rasa(ctx: click.Context) -> None:
    """A Rasa server for the bot: prepare, train, serve. Without a command it does all three."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(serve)


@rasa.command()
@python_option
@config_option
def setup(config_path: Path | None, python: str) -> None:
    """Make Rasa's own environment where there is none yet (about 3 minutes and 3 GB)."""
    with _told():
        place = _Place(config_path, python=python)
        place.prepare()
        click.echo(place.environment.venv)


@rasa.command()
@model_config_option
@python_option
@config_option
def train(config_path: Path | None, python: str, model_config: str) -> None:
    """Train the project where it changed since the last time; prints the model's file."""
    with _told():
        place = _Place(config_path, model_config, python)
        place.prepare()
        model, trained = place.workshop.train(_say, os.environ)
        if not trained:
            _say("nothing changed since this model was trained")
        click.echo(model)


@rasa.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Rasa's port; 5005, or a free one.")
@click.option(
    "--actions-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The action server's; 5055, or a free one.",
)
@model_config_option
@python_option
@config_option
def serve(config_path: Path | None, port: int, actions_port: int, python: str, model_config: str) -> None:
    """Serve the project on this machine until Ctrl-C; the engine finds it by itself."""
    with _told():
        place = _Place(config_path, model_config, python)
        place.prepare()
        model, _ = place.workshop.train(_say, os.environ)
        stop = _stop_signals()
        run_servers(
            place.workshop,
            place.folder,
            model,
            engine_url=place.config.server.own_url,
            token=place.config.bot.rasa.token.get_secret_value(),
            ports=(port, actions_port),
            say=_say,
            environment=os.environ,
            until=lambda: bool(stop),
        )


def _stop_signals() -> list[int]:
    """A list that gets what tells us to stop."""
    received: list[int] = []

    def note(number: int, frame: Any) -> None:
        received.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return received


@rasa.command()
@model_config_option
@config_option
def status(config_path: Path | None, model_config: str) -> None:
    """Tell what there is: environment, model, running server."""
    with _told():
        place = _Place(config_path, model_config)
        model = place.workshop.model()
        server = find_server(place.folder)
        running = "does not run"
        if server is not None:
            well = answers(f"{server.url}/webhooks/engine/", server.token)
            running = f"{'answers' if well else 'does not answer'} at {server.url} with {server.model}"
        print_fields(
            {
                "environment": place.environment.problem() or f"ready in {place.environment.venv}",
                "project": str(place.workshop.project),
                "model": str(model) if model.is_file() else "not trained for what the project says now",
                "server": running,
            }
        )


@rasa.command()
@model_config_option
@python_option
@config_option
def test(config_path: Path | None, python: str, model_config: str) -> None:
    """Have Rasa check the project and play its test stories."""
    with _told():
        place = _Place(config_path, model_config, python)
        place.prepare()
        place.workshop.test(_say, os.environ)
