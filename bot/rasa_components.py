"""Components of Rasa's pipeline that understand as the embedded runtime does, and say what it says.

Rasa loads them by the names in config.yml and endpoints.yml; this module runs in Rasa's environment
only. What a project declares is read by the embedded runtime's own loader from the folder in which
`rasa` is run, so that both runtimes learn from the same words.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.embedded.entities import Entity, Extractor, mark
from bot.embedded.load_project import load_project, project_files
from bot.embedded.project import Domain, Example, Nlu, Project, Span, Variation
from bot.embedded.responses import say
from bot.embedded.slots import expected_entities
from bot.embedded.text import clean
from bot.embedded.tracker import Tracker
from bot.embedded.understanding import DEFAULT_ENCODER, DEFAULT_REGION, training_samples
from bot.nlu import Encoder, Model, load_encoder, train
from bot.rasa_state import ENGINE, GUARD, TODAY
from bot.runtime import BotError, Button

_MODEL = "model"
_KNOWN = "known.json"


class _Known(msgspec.Struct, frozen=True):
    """What the extractor needs of a project."""

    domain: Domain
    nlu: Nlu


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EngineEntityExtractor(GraphComponent, EntityExtractorMixin):
    """The entities of `bot.embedded.entities`. Where a form has just asked, what answers it goes first."""

    def __init__(self, storage: ModelStorage, resource: Resource, known: _Known | None = None) -> None:
        self._storage = storage
        self._resource = resource
        self._known = known
        self._extractor = Extractor(known.domain, known.nlu, _region()) if known else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EngineEntityExtractor:
        """Called by Rasa before training."""
        return cls(model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Rasa takes what it trained before from its cache unless this changes."""
        return _content()

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the patterns, lists and marked examples."""
        project = read_project(training_data)
        with self._storage.write_to(self._resource) as folder:
            known = _Known(project.domain, project.nlu)
            (folder / _KNOWN).write_bytes(msgspec.json.encode(known))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EngineEntityExtractor:
        """Called by Rasa with a trained model."""
        with model_storage.read_from(resource) as folder:
            known = msgspec.json.decode((folder / _KNOWN).read_bytes(), type=_Known)
        return cls(model_storage, resource, known)

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        """Add the entities of each message."""
        if self._extractor is None or self._known is None:
            raise BotError("The entity extractor is not trained: run `contact-center rasa train`.")
        expected: frozenset[str] = frozenset()
        if tracker.active_loop_name:
            requested = str(tracker.get_slot("requested_slot") or "")
            expected = expected_entities(self._known.domain, Tracker(requested=requested))
        for message in messages:
            for one in self._extractor.extract(_text(message), expected, TODAY.get()):
                message.set(
                    "entities",
                    [*message.get("entities", []), {**as_rasa(one), "extractor": type(self).__name__}],
                    add_to_output=True,
                )
        return messages


def _region() -> str:
    """The engine's company.region."""
    return os.environ.get("CC_REGION") or DEFAULT_REGION


def as_rasa(one: Entity) -> dict[str, Any]:
    """An entity as Rasa's messages hold it."""
    found = {"entity": one.entity, "start": one.start, "end": one.end, "value": one.value}
    return {**found, "role": one.role} if one.role else found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EngineIntentClassifier(GraphComponent, IntentClassifier):
    """The intent by `bot.nlu`; Rasa's FallbackClassifier, next in the pipeline, says when that is unsure.

    Its place is behind `EngineEntityExtractor`, whose entities it reads. ``encoder`` as in
    `bot.nlu.load_encoder`; else it is what the variable CC_ENCODER says.
    """

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        encoder: Encoder | None,
        model: Model | None = None,
    ) -> None:
        self._storage = storage
        self._resource = resource
        self._encoder = encoder
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What config.yml may leave out."""
        return {"encoder": os.environ.get("CC_ENCODER", DEFAULT_ENCODER)}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EngineIntentClassifier:
        """Called by Rasa before training."""
        return cls(model_storage, resource, load_encoder(config["encoder"]))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Rasa takes what it trained before from its cache unless this changes."""
        return _content()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the examples, with entities in them marked as they will be found."""
        project = read_project(training_data)
        extractor = Extractor(project.domain, project.nlu, _region())
        samples = training_samples(project, extractor)
        with self._storage.write_to(self._resource) as folder:
            (folder / _MODEL).write_bytes(train(samples, self._encoder).to_bytes())
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EngineIntentClassifier:
        """Called by Rasa with a trained model."""
        encoder = load_encoder(config["encoder"])
        with model_storage.read_from(resource) as folder:
            model = Model.from_bytes((folder / _MODEL).read_bytes(), encoder)
        return cls(model_storage, resource, encoder, model)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the ranking of each message, and its first as the intent."""
        if self._model is None:
            raise BotError("The intent classifier is not trained: run `contact-center rasa train`.")
        marked = [mark(_text(message), _found(message)) for message in messages]
        for message, ranked in zip(messages, self._model.rank_many(marked), strict=True):
            ranking = [{"name": intent, "confidence": share} for intent, share in ranked]
            message.set("intent", dict(ranking[0]), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _content() -> str:
    """Changes with the project and with the code that learns it: Rasa sees neither articles nor code."""
    here, project = Path(__file__).parent, Path.cwd()
    code = [path for name in ("embedded", "nlu") for path in (here / name).rglob("*.py")]
    digest = hashlib.sha256()
    for path in sorted([*code, here / "articles.py", Path(__file__), *project_files(project)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _text(message: Message) -> str:
    return clean((message.get("text") or "").removeprefix(GUARD))


def _found(message: Message) -> tuple[Entity, ...]:
    """What our own extractor found, in order."""
    return tuple(
        Entity(one["entity"], one["start"], one["end"], one["value"], one.get("role"))
        for one in message.get("entities", [])
        if one.get("extractor") == EngineEntityExtractor.__name__
    )


def read_project(training_data: TrainingData) -> Project:
    """The project in the present folder, with those of its examples that Rasa is about to learn (a
    cross-validation learns a part), and its articles' questions, which Rasa's files do not hold."""
    project = load_project(Path.cwd())
    wanted = {(one.get("text"), _intent(one)): one for one in training_data.intent_examples}
    questions = {question for article in project.articles for question in article.questions}
    examples = [
        one
        for one in project.nlu.examples
        if wanted.pop((one.text, one.intent), None) is not None or one.text in questions
    ]
    strangers = [_example(one) for one in wanted.values()]
    nlu = msgspec.structs.replace(project.nlu, examples=(*examples, *strangers))
    return msgspec.structs.replace(project, nlu=nlu)


def _intent(message: Message) -> str:
    return str(message.get("intent_response_key") or message.get("intent"))


def _example(message: Message) -> Example:
    spans = tuple(
        Span(one["start"], one["end"], one["entity"], one.get("role"), one["value"])
        for one in message.get("entities", [])
    )
    return Example(message.get("text"), _intent(message), spans)


class EngineResponses(TemplatedNaturalLanguageGenerator):
    """Chooses and fills responses as the embedded runtime does: Rasa picks by chance between several
    that fit, and reads a customer's words as part of a template."""

    def __init__(self, endpoint_config: Any, domain: Any) -> None:
        self._variations: dict[str, tuple[Variation, ...]] = {}
        super().__init__(domain.responses)

    @property
    def responses(self) -> dict[str, Any]:
        """As the domain has them; Rasa sets them when it has loaded a model."""
        return self._responses

    @responses.setter
    def responses(self, responses: dict[str, Any]) -> None:
        self._responses = responses
        self._variations = {name: _variations(found) for name, found in responses.items()}

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The response as Rasa's dictionary, None where no variation fits. Slots that the action which
        says it has just set come in ``kwargs``."""
        slots = {**tracker.current_slot_values(), **kwargs.get("engine_slots", {})}
        said = (tracker.latest_message.metadata if tracker.latest_message else None) or {}
        engine = said.get(ENGINE) or {}
        conversation = engine.get("conversation_id", tracker.sender_id)
        turn = engine.get("turn", sum(event.type_name == "user" for event in tracker.events))
        key = f"{conversation} {turn} {utter_action}"
        reply = say(self._variations.get(utter_action, ()), slots, output_channel, key)
        if reply is None:
            return None
        buttons = [{"title": one.title, "payload": one.payload} for one in reply.buttons]
        return {"text": reply.text, "buttons": buttons}


def _variations(found: Sequence[dict[str, Any]]) -> tuple[Variation, ...]:
    return tuple(
        Variation(
            text=one.get("text") or "",
            channel=one.get("channel"),
            conditions=tuple((each["name"], each["value"]) for each in one.get("condition", ())),
            buttons=tuple(Button(each["title"], each["payload"]) for each in one.get("buttons", ())),
        )
        for one in found
    )
