"""A Rasa project as the embedded runtime holds it: what the loader has read, checked and linked."""

from __future__ import annotations

import msgspec

from bot.articles import Article
from bot.runtime import Button, SlotValue


class Span(msgspec.Struct, frozen=True):
    """A marked entity in an example: text[start:end]."""

    start: int
    end: int
    entity: str
    role: str | None
    value: str


class Example(msgspec.Struct, frozen=True):
    """A sentence and its intent (a retrieval intent in full, such as "faq/warranty")."""

    text: str
    intent: str
    spans: tuple[Span, ...] = ()


class Nlu(msgspec.Struct, frozen=True):
    """Training data. ``synonyms`` maps a written form in lower case to its value."""

    examples: tuple[Example, ...]
    synonyms: dict[str, str]
    lookups: dict[str, tuple[str, ...]]
    regexes: dict[str, tuple[str, ...]]


class FormState(msgspec.Struct, frozen=True):
    """A condition of a slot mapping: this form is active and (unless None) asks for this slot."""

    loop: str
    requested: str | None


class SlotMapping(msgspec.Struct, frozen=True):
    """How a message fills a slot. ``kind``: from_entity, from_text, from_intent, custom."""

    kind: str
    entity: str | None = None
    role: str | None = None
    value: SlotValue = None
    intents: frozenset[str] = frozenset()
    not_intents: frozenset[str] = frozenset()
    conditions: tuple[FormState, ...] = ()


class Slot(msgspec.Struct, frozen=True):
    """A slot. ``kind`` as in Rasa: text, bool, categorical, float, list, any. One that ``influences``
    the conversation is seen by rules and stories."""

    name: str
    kind: str
    values: frozenset[str]
    initial: SlotValue
    mappings: tuple[SlotMapping, ...]
    influences: bool = False


class Form(msgspec.Struct, frozen=True):
    """The slots that a form asks for, in this order, and the intents it leaves alone."""

    name: str
    required: tuple[str, ...]
    ignored_intents: frozenset[str]


class Variation(msgspec.Struct, frozen=True):
    """One way of saying a response, for one channel (None = any) while all ``conditions`` hold."""

    text: str
    channel: str | None
    conditions: tuple[tuple[str, SlotValue], ...]
    buttons: tuple[Button, ...]


class Domain(msgspec.Struct, frozen=True):
    """What the bot knows: names are keys throughout."""

    intents: frozenset[str]
    entities: dict[str, tuple[str, ...]]
    slots: dict[str, Slot]
    forms: dict[str, Form]
    responses: dict[str, tuple[Variation, ...]]
    actions: frozenset[str]


class Trigger(msgspec.Struct, frozen=True):
    """A rule that an intent sets off. ``loop``: a form's name, "" = no form active, None = any."""

    name: str
    intent: str
    loop: str | None
    slots: tuple[tuple[str, SlotValue], ...]
    plan: tuple[str, ...]


class Submit(msgspec.Struct, frozen=True):
    """A rule that says what follows when a form is complete."""

    name: str
    form: str
    slots: tuple[tuple[str, SlotValue], ...]
    plan: tuple[str, ...]


class StoryStep(msgspec.Struct, frozen=True):
    """One step of a story; ``kind`` is intent, action, or slot (which then has ``value``)."""

    kind: str
    name: str
    value: SlotValue = None


class Story(msgspec.Struct, frozen=True):
    """A conversation to be followed where no rule decides."""

    name: str
    steps: tuple[StoryStep, ...]
    file: str
    line: int


class Settings(msgspec.Struct, frozen=True):
    """What config.yml sets for the embedded runtime."""

    threshold: float
    ambiguity: float
    max_history: int
    fallback_action: str


class Project(msgspec.Struct, frozen=True):
    """A project, loaded and checked. ``fingerprint`` changes with any change of its NLU data."""

    domain: Domain
    nlu: Nlu
    triggers: tuple[Trigger, ...]
    submits: tuple[Submit, ...]
    stories: tuple[Story, ...]
    settings: Settings
    fingerprint: str
    articles: tuple[Article, ...] = ()
