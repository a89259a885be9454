"""``bot``: check, train, test, talk with and evaluate the chatbot; review what it did not understand."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from contact_center.cli.bot_review import review
from contact_center.cli.common import CliError, config_option, load_config
from contact_center.config import Config

if TYPE_CHECKING:
    from bot.embedded import EmbeddedBot
    from bot.embedded.project import Project
    from contact_center.bot_lab.evaluation import Guess
    from contact_center.bot_lab.learner import Learner
    from contact_center.bot_lab.samples import Sample

SEED: Final = 1
SIZES: Final = (5, 10, 30)

_folder = click.argument(
    "folder", metavar="[PROJECT]", required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)  # fmt: skip
_encoder = click.option("--encoder", help="In place of the configuration's: multilingual, ngrams, ...")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def bot() -> None:
    """The chatbot: check, train, test, talk, evaluate, review.

    PROJECT is the folder of a Rasa project; the one of the configuration when left out.
    """


bot.add_command(review)


@bot.command()
@_folder
@click.option("--few", type=click.IntRange(1), default=10, show_default=True,
              help="Tell of intents with fewer examples in a language.")  # fmt: skip
@click.option(
    "--quick", is_flag=True, help="Leave out what has to be trained: examples that look mislabelled."
)
@_encoder
@_as_json
@config_option
def check(
    folder: Path | None, config_path: Path | None, few: int, quick: bool, encoder: str | None, as_json: bool
) -> None:
    """Check PROJECT: what is wrong, what is missing, what nothing uses, which examples are in conflict.

    Exit status 1 where it cannot be run.
    """
    from bot.embedded import ProjectError
    from contact_center.bot_lab.checking import Checked, checked
    from contact_center.cli.bot_printing import print_check

    config, _ = load_config(config_path)
    project = _project(folder, config)
    learner = _learner(encoder or config.bot.encoder)
    try:
        with _progress("looking at the examples") as tell:
            found = checked(project, learner, few=few, seed=None if quick else SEED, progress=tell)
    except ProjectError as error:
        found = Checked.refused(error)
    if as_json:
        _print_json(found)
    else:
        print_check(found, project)
    if any(one.level == "error" for one in found.findings):
        raise SystemExit(1)


@bot.command()
@_folder
@_encoder
@_as_json
@config_option
def train(folder: Path | None, config_path: Path | None, encoder: str | None, as_json: bool) -> None:
    """Train PROJECT anew and keep the model where `serve` looks for it."""
    from bot.embedded.understanding import learn

    config, base = load_config(config_path)
    project = _loaded(_project(folder, config))
    cache = base / "var" / "bot"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as fresh:
            began = time.perf_counter()
            with _refusals(), _progress("training") as tell:
                learn(project, Path(fresh), tell, encoder or config.bot.encoder)
            seconds = time.perf_counter() - began
            (made,) = Path(fresh).glob("*.model")
            size = made.stat().st_size
            made = made.replace(cache / made.name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no model was written"
        raise CliError(f"the model cannot be kept in {cache}: {reason}") from None
    told = {"model": str(made), "bytes": size, "seconds": round(seconds, 2),
            "examples": len(project.nlu.examples)}  # fmt: skip
    if as_json:
        _print_json(told)
    else:
        click.echo(
            f"Trained with {told['examples']} examples in {seconds:.1f} s: {made} ({size / 1e6:.1f} MB)."
        )


@bot.command("test")
@_folder
@click.option(
    "--story", "wanted", multiple=True, help="Only stories with this in their name; may be repeated."
)
@_encoder
@_as_json
@config_option
def test_(
    folder: Path | None, config_path: Path | None, wanted: tuple[str, ...], encoder: str | None, as_json: bool
) -> None:
    """Run the test stories of PROJECT (tests/*.yml) in this process. Exit status 1 where one differs."""
    from bot.embedded.test_stories import Difference, ScriptedActions, read_test_stories, run_story
    from contact_center.cli.bot_printing import print_tests

    config, base = load_config(config_path)
    project = _project(folder, config)
    with _refusals():
        stories = [
            one
            for one in read_test_stories(project)
            if not wanted or any(word.lower() in one.name.lower() for word in wanted)
        ]
    if not stories:
        raise CliError(f"there is no such test story in {project / 'tests'}")
    actions = ScriptedActions(_loaded(project).domain)
    # Where a story does not tell what an action finds, no text fits it: that is no fault of the bot's.
    log = logging.getLogger("bot")
    before = log.level
    log.setLevel(logging.ERROR)

    async def run() -> list[tuple[Difference, ...]]:
        ready = await _ready(project, config, base, actions, encoder)
        return [await run_story(ready, story, actions) for story in stories]

    try:
        differences = asyncio.run(run())
    finally:
        log.setLevel(before)
    results = list(zip(stories, differences, strict=True))
    if as_json:
        _print_json([
            {"story": story.name, "file": story.file, "line": story.line, "passed": not found,
             "differences": found}
            for story, found in results
        ])  # fmt: skip
    else:
        print_tests(results)
    if any(differences):
        raise SystemExit(1)


@bot.command()
@_folder
@click.option("--language", help="What the channel knows of the customer's language, such as en or zh-CN.")
@click.option("--channel", default="console", show_default=True, help="voice: as on the telephone.")
@click.option("--verbose", "-v", is_flag=True, help="Show what was understood, and what was done.")
@click.option("--no-actions", is_flag=True, help="Look up nothing: orders and tickets are out of reach.")
@_encoder
@config_option
def talk(folder: Path | None, config_path: Path | None, encoder: str | None, **given: Any) -> None:
    """Talk with the bot of PROJECT, a line a message. Nothing is written, and nobody hears of it.

    Orders and tickets are looked up in the configured database. An empty line, or the end of input, ends it.
    """
    from contact_center.cli.bot_talk import Talk, looking_actions

    config, base = load_config(config_path)
    project = _project(folder, config)
    with looking_actions(config_path, off=given["no_actions"]) as actions:
        asyncio.run(_talk(project, config, base, (actions, encoder), Talk(
            language=given["language"], channel=given["channel"], verbose=given["verbose"]
        )))  # fmt: skip


async def _talk(project: Path, config: Config, base: Path, with_: tuple[Any, str | None], talk: Any) -> None:
    actions, encoder = with_
    ready = await _ready(project, config, base, actions, encoder)
    talk.begin(_loaded(project))
    while (line := await asyncio.to_thread(talk.ask)) is not None:
        talk.tell(await talk.say(ready, line))
    await ready.close()


@bot.command()
@_folder
@click.option("--folds", type=click.IntRange(2, 50), default=5, show_default=True)
@click.option("--seed", type=int, default=SEED, show_default=True, help="How examples fall into the folds.")
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True,
              help="Examples an intent and language to draw the learning curve at; '' for none.")  # fmt: skip
@click.option("--held-out", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              help="YAML, intent: [sentences], that nothing is learnt from; may be repeated.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Write a page with pictures, and JSON, into this folder.")  # fmt: skip
@_encoder
@_as_json
@config_option
def evaluate(
    folder: Path | None, config_path: Path | None, encoder: str | None, as_json: bool, **given: Any
) -> None:
    """Measure how well PROJECT is understood: cross-validation by language, F1, confusions, calibration."""
    from contact_center.bot_lab.report import write_report
    from contact_center.cli.bot_printing import print_report

    config, _ = load_config(config_path)
    project = _project(folder, config)
    sizes = _sizes(given["sizes"])
    report = _report(project, _learner(encoder or config.bot.encoder), sizes, given)
    if given["out"] is not None:
        try:
            written = write_report(report, given["out"])
        except OSError as error:
            raise CliError(f"{given['out']} cannot be written: {error.strerror}") from None
        click.echo(f"report: {written[-1]}", err=True)
    if as_json:
        _print_json(report)
    else:
        print_report(report)


def _report(project: Path, learner: Learner, sizes: Sequence[int], given: dict[str, Any]) -> Any:
    from contact_center.bot_lab import evaluation, samples
    from contact_center.bot_lab.report import Report, part_of

    with _refusals():
        loaded = _loaded(project)
        data = samples.samples_of(loaded, project)
        held = [one for path in given["held_out"] for one in samples.read_held_out(path, loaded)]
    settings = loaded.settings
    thresholds = evaluation.Thresholds(settings.threshold, settings.ambiguity)
    train: Callable[[Sequence[Sample]], Any] = learner.train
    with _progress("cross-validation") as tell:
        validated: list[Guess] = evaluation.cross_validate(data, train, given["folds"], given["seed"], tell)
    with _progress("learning curve"):
        curve = evaluation.learning_curve(data, train, sizes, given["seed"])
    return Report(
        project=str(project),
        encoder=learner.name,
        folds=given["folds"],
        seed=given["seed"],
        threshold=settings.threshold,
        ambiguity_threshold=settings.ambiguity,
        validation=part_of(validated, thresholds),
        learning_curve=curve,
        held_out=part_of(evaluation.guesses(data, held, train), thresholds) if held else None,
    )


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(one) for one in text.split(",") if one.strip()]
    except ValueError:
        sizes = [0]
    if any(size < 1 for size in sizes):
        raise click.BadParameter("numbers such as 5,10,30", param_hint="--sizes")
    return sizes


# --- what the commands share ------------------------------------------------------------------------


def _project(folder: Path | None, config: Config) -> Path:
    from bot.embedded import SHIPPED_PROJECT

    return folder or (Path(config.bot.project) if config.bot.project else SHIPPED_PROJECT)


@contextmanager
def _refusals() -> Iterator[None]:
    """What the bot refuses, in a line."""
    from bot.nlu import NluError
    from bot.runtime import BotError

    try:
        yield
    except (BotError, NluError) as error:
        raise CliError(str(error)) from None


def _loaded(folder: Path) -> Project:
    from bot.embedded.load_project import load_project

    with _refusals():
        return load_project(folder)


def _learner(encoder: str) -> Learner:
    from contact_center.bot_lab.learner import Learner

    with _refusals():
        return Learner(encoder)


async def _ready(project: Path, config: Config, base: Path, actions: Any, encoder: str | None) -> EmbeddedBot:
    """The bot, trained or from the cache that `serve` uses."""
    from bot.embedded import EmbeddedBot

    with _refusals():
        made = EmbeddedBot.load(project, base / "var" / "bot", actions, encoder or config.bot.encoder)
        await made.start()
    return made


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None]]:
    """Tells a terminal how far ``what`` is."""
    shown = sys.stderr.isatty()

    def tell(share: float) -> None:
        if shown:
            click.echo(f"\r{what}: {share:4.0%} ", nl=False, err=True)

    tell(0.0)
    yield tell
    if shown:
        click.echo("\r" + " " * (len(what) + 8) + "\r", nl=False, err=True)


def _print_json(told: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
