"""Understands a message: entities, then the intent and how sure that is."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from datetime import date
from pathlib import Path

import msgspec

from bot.articles import Encode
from bot.embedded.entities import Entity, Extractor, mark
from bot.embedded.project import Domain, Project, Settings
from bot.nlu import (
    NGRAMS,
    Encoder,
    EncoderError,
    Model,
    ModelDamaged,
    Progress,
    give_back_memory,
    load_encoder,
    train,
)

_log = logging.getLogger(__name__)

FALLBACK_INTENT = "nlu_fallback"

_COMMAND = re.compile(r"/(?P<name>[A-Za-z_][A-Za-z0-9_/]{0,80})(?P<values>\{.*)?\Z", re.DOTALL)

DEFAULT_ENCODER = "multilingual"

DEFAULT_REGION = "CN"
"""Country of telephone numbers that are told without one, by ISO 3166."""


class Parsed(msgspec.Struct, frozen=True):
    """What a message means. ``intent`` is in full ("faq/warranty"); ``text`` is cleaned,
    and '' for a button's payload: nobody said that. ``alternatives`` are the likeliest intents with
    their confidence, whether or not one was sure enough."""

    text: str
    intent: str
    confidence: float
    entities: tuple[Entity, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()

    @property
    def rule_intent(self) -> str:
        """The intent as rules and stories name it: "faq" for "faq/warranty"."""
        return self.intent.split("/")[0]


class Understanding:
    """A trained project. ``encode`` turns texts into vectors of meaning, where there is an encoder."""

    def __init__(
        self, extractor: Extractor, model: Model, settings: Settings, encode: Encode | None = None
    ) -> None:
        self.encode = encode
        self._extractor = extractor
        self._model = model
        self._settings = settings

    def parse(self, text: str, expected: frozenset[str] = frozenset(), today: date | None = None) -> Parsed:
        """Understand a cleaned text; below the project's thresholds its intent is nlu_fallback.

        ``expected`` are the entities that a form has just asked for; with ``today``, "tomorrow" is a day.
        """
        entities = self._extractor.extract(text, expected, today)
        ranked = self._model.rank(mark(text, entities))
        intent, confidence = ranked[0]
        runner_up = ranked[1][1] if len(ranked) > 1 else 0.0
        unsure = confidence < self._settings.threshold or confidence - runner_up < self._settings.ambiguity
        return Parsed(
            text=text,
            intent=FALLBACK_INTENT if unsure else intent,
            confidence=round(confidence, 4),
            entities=entities,
            alternatives=tuple((label, round(share, 4)) for label, share in ranked[:3]),
        )


def parse_payload(text: str, domain: Domain) -> Parsed | None:
    """A button's payload, ``/intent`` or ``/intent{"entity": "value"}``; None where it is not one.

    A command of this form that the project does not know ("/restart") is nothing that anybody said: it is
    not understood, rather than guessed at.
    """
    match = _COMMAND.match(text)
    if match is None:
        return None
    name, values = match["name"], _entities_of(match["values"] or "{}")
    retrieval = any(one.startswith(f"{name}/") for one in domain.intents)
    if (
        name not in domain.intents
        or retrieval
        or values is None
        or not values.keys() <= domain.entities.keys()
    ):
        return Parsed(text="", intent=FALLBACK_INTENT, confidence=0.0)
    entities = tuple(Entity(entity, 0, 0, value) for entity, value in values.items())
    return Parsed(text="", intent=name, confidence=1.0, entities=entities)


def _entities_of(written: str) -> dict[str, str] | None:
    try:
        return msgspec.json.decode(written, type=dict[str, str])
    except (msgspec.DecodeError, RecursionError):
        return None


def learn(
    project: Project,
    cache_dir: Path | None,
    progress: Progress,
    encoder: str = DEFAULT_ENCODER,
    region: str = DEFAULT_REGION,
) -> Understanding:
    """Train the project, or take the model of the same content from ``cache_dir``.

    ``encoder`` as in `bot.nlu.load_encoder`. Where the default one is not installed or damaged, n-grams
    alone do it, and the log says so; what was asked for by name raises `bot.nlu.EncoderError`.
    """
    extractor = Extractor(project.domain, project.nlu, region)
    sentences = _load_encoder(encoder)
    name = f"bot-{_fingerprint(project, sentences, region)}.model"
    file = cache_dir / name if cache_dir else None
    model = _read(file, sentences) if file else None
    if model is None:
        model = train(training_samples(project, extractor), sentences, progress)
        if file:
            _write(file, model)
            give_back_memory()
    return Understanding(extractor, model, project.settings, sentences.encode if sentences else None)


def _load_encoder(words: str) -> Encoder | None:
    try:
        return load_encoder(words)
    except EncoderError as error:
        if words != DEFAULT_ENCODER:
            raise
        _log.warning(
            "The bot understands by words and n-grams alone, which is less than it could.",
            extra={"reason": str(error)},
        )
        return None


def training_samples(project: Project, extractor: Extractor) -> list[tuple[str, str]]:
    """What the classifier learns from: the examples with entities marked as they will be found."""
    return [
        (mark(example.text, extractor.extract(example.text)), example.intent)
        for example in project.nlu.examples
    ]


def _fingerprint(project: Project, encoder: Encoder | None, region: str) -> str:
    """Names the model by what it is learnt from: the project's data, the encoder, and this code."""
    digest = hashlib.sha256(project.fingerprint.encode())
    digest.update(f"{encoder.name if encoder else NGRAMS} {region}".encode())
    here = Path(__file__).parent
    sources = sorted(here.rglob("*.py"))
    for file in [*sources, *sorted((here.parent / "nlu").rglob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def _read(file: Path, encoder: Encoder | None) -> Model | None:
    """A cached model; a damaged or foreign file counts as none and is replaced after training."""
    try:
        return Model.from_bytes(file.read_bytes(), encoder)
    except (OSError, ModelDamaged):
        return None


def _write(file: Path, model: Model) -> None:
    """Whole or not at all: two processes may train the same model at the same time. A folder that
    cannot be written costs training at each start, nothing else."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}")
        partial.write_bytes(model.to_bytes())
        partial.replace(file)
    except OSError as error:
        _log.warning(
            "The bot's model cannot be kept and is trained anew at each start: make its cache folder"
            " writable.",
            extra={"error": type(error).__name__},
        )
