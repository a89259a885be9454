"""Understands a message: entities, then the intent and how sure that is."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bot.embedded.classifier import Model, Progress, train
from bot.embedded.entities import Entity, Extractor, mark
from bot.embedded.features import features
from bot.embedded.project import Domain, Project, Settings

_log = logging.getLogger(__name__)

FALLBACK_INTENT = "nlu_fallback"


class Parsed(msgspec.Struct, frozen=True):
    """What a message means. ``intent`` is in full ("faq/warranty"); ``text`` is cleaned,
    and '' for a button's payload: nobody said that."""

    text: str
    intent: str
    confidence: float
    entities: tuple[Entity, ...] = ()

    @property
    def rule_intent(self) -> str:
        """The intent as rules and stories name it: "faq" for "faq/warranty"."""
        return self.intent.split("/")[0]


class Understanding:
    """A trained project."""

    def __init__(self, extractor: Extractor, model: Model, settings: Settings) -> None:
        self._extractor = extractor
        self._model = model
        self._settings = settings

    def parse(self, text: str, expected: frozenset[str] = frozenset()) -> Parsed:
        """Understand a cleaned text; below the project's thresholds its intent is nlu_fallback."""
        entities = self._extractor.extract(text, expected)
        ranked = self._model.rank(features(mark(text, entities)))
        intent, confidence = ranked[0]
        runner_up = ranked[1][1] if len(ranked) > 1 else 0.0
        unsure = confidence < self._settings.threshold or confidence - runner_up < self._settings.ambiguity
        return Parsed(
            text=text,
            intent=FALLBACK_INTENT if unsure else intent,
            confidence=round(confidence, 4),
            entities=entities,
        )


def parse_payload(text: str, domain: Domain) -> Parsed | None:
    """A button's payload, ``/intent`` or ``/intent{"entity": "value"}``; None where it is not one."""
    if not text.startswith("/"):
        return None
    name, brace, rest = text[1:].partition("{")
    if name not in domain.intents or any(one.startswith(f"{name}/") for one in domain.intents):
        return None
    values: Mapping[str, str] = {}
    if brace:
        try:
            values = msgspec.json.decode(brace + rest, type=dict[str, str])
        except (msgspec.DecodeError, RecursionError):
            return None
        if not values.keys() <= domain.entities.keys():
            return None
    entities = tuple(Entity(entity, 0, 0, value) for entity, value in values.items())
    return Parsed(text="", intent=name, confidence=1.0, entities=entities)


def learn(project: Project, cache_dir: Path | None, progress: Progress) -> Understanding:
    """Train the project, or take the model of the same content from ``cache_dir``."""
    extractor = Extractor(project.domain, project.nlu)
    file = cache_dir / f"bot-{_fingerprint(project)}.model" if cache_dir else None
    model = _read(file) if file else None
    if model is None:
        model = train(_samples(project, extractor), progress)
        if file:
            _write(file, model)
    return Understanding(extractor, model, project.settings)


def _samples(project: Project, extractor: Extractor) -> list[tuple[list[str], str]]:
    return [
        (features(mark(example.text, extractor.extract(example.text))), example.intent)
        for example in project.nlu.examples
    ]


def _fingerprint(project: Project) -> str:
    """Names the model by what it is learnt from: the project's data and this code's sources."""
    digest = hashlib.sha256(project.fingerprint.encode())
    here = Path(__file__).parent
    names = ("classifier", "entities", "features", "recognisers", "spoken_digits", "text")
    for name in names:
        digest.update((here / f"{name}.py").read_bytes())
    return digest.hexdigest()[:24]


def _read(file: Path) -> Model | None:
    """A cached model; a damaged or foreign file counts as none and is replaced after training."""
    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=Model)
    except (OSError, msgspec.DecodeError):
        return None


def _write(file: Path, model: Model) -> None:
    """Whole or not at all: two processes may train the same model at the same time. A folder that
    cannot be written costs training at each start, nothing else."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}")
        partial.write_bytes(msgspec.msgpack.encode(model))
        partial.replace(file)
    except OSError as error:
        _log.warning(
            "The bot's model cannot be kept and is trained anew at each start: make its cache folder"
            " writable.",
            extra={"error": type(error).__name__},
        )
