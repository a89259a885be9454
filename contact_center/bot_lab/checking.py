"""Everything that can be said against a project, in one list: the files, the texts, the examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bot.actions import ACTIONS, CHECKS
from bot.embedded import ProjectError, turn
from bot.embedded.load_project import load_project
from bot.embedded.project import Project
from bot.embedded.test_stories import read_test_stories
from contact_center import bot_actions
from contact_center.bot_lab.conflicts import conflicts, suspects
from contact_center.bot_lab.evaluation import cross_validate
from contact_center.bot_lab.learner import Learner
from contact_center.bot_lab.project_check import (
    Finding,
    check_project,
    languages_of,
    places_of,
    words_of_code,
)
from contact_center.bot_lab.samples import Progress, Sample, samples_of
from contact_center.effects.ask_bot import ask_bot

FOLDS = 5


class Checked(msgspec.Struct, frozen=True):
    """``counts``: examples by intent and language."""

    findings: tuple[Finding, ...]
    counts: dict[str, dict[str, int]] = {}
    languages: tuple[str, ...] = ()

    @classmethod
    def refused(cls, error: ProjectError) -> Checked:
        """A project that cannot be run."""
        place = f"{error.file}:{error.line}"
        return cls((Finding("error", "refused", str(error).removeprefix(f"{place}: "), place),))


def checked(
    folder: Path,
    learner: Learner,
    *,
    few: int,
    seed: int | None,
    progress: Progress = lambda share: None,
) -> Checked:
    """Load and look at a project. ``few``: intents with fewer examples in a language are told. ``seed``: how
    examples are parted to find those that look mislabelled; None = not at all.

    Raises `ProjectError` for one that cannot be run.
    """
    project = load_project(folder)
    read_test_stories(folder)
    samples = samples_of(project, folder)
    languages = languages_of(project)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(languages, 0))
    for (intent, language), number in Counter((one.intent, one.language) for one in samples).items():
        counts[intent][language] = number
    code = words_of_code([*ACTIONS.values(), *CHECKS.values(), bot_actions, ask_bot, turn])
    found = [
        *check_project(project, places_of(folder), code),
        *_few(project, counts, few),
        *_in_conflict(samples, learner),
        *(() if seed is None else _mislabelled(samples, learner, seed, progress)),
    ]
    return Checked(tuple(found), dict(sorted(counts.items())), tuple(languages))


def _few(project: Project, counts: dict[str, dict[str, int]], few: int) -> Iterator[Finding]:
    for intent in sorted(counts):
        for language, number in sorted(counts[intent].items()):
            if number < few:
                told = f"{intent} has {number} examples in {language}; at least {few} are wanted"
                yield Finding("warning", "few_examples", told)


def _in_conflict(samples: Sequence[Sample], learner: Learner) -> Iterator[Finding]:
    for one in conflicts(samples, learner.encoder):
        first, second = one.one, one.other
        told = (
            f"“{first.text}” of {first.intent} is nearly “{second.text}” of {second.intent}"
            f"{f' ({second.place})' if second.place else ''}: {one.likeness:.2f}"
        )
        yield Finding("warning", "conflict", told, first.place)


def _mislabelled(
    samples: Sequence[Sample], learner: Learner, seed: int, progress: Progress
) -> Iterator[Finding]:
    for one in suspects(cross_validate(samples, learner.train, FOLDS, seed, progress)):
        said, intent = one.sample.text, one.sample.intent
        told = f"“{said}” of {intent} looks like {one.taken_for} ({one.confidence:.0%} sure)"
        yield Finding("warning", "mislabelled", told, one.sample.place)
