"""Loads a Rasa project from its folder and checks that all of it can be run here.

Read are ``domain.yml`` (or the files of ``domain/``), ``config.yml`` and every ``*.yml`` below ``data/``.
What is not supported is refused with file and line, never skipped.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from bot.articles import FOLDER, INTENT, Article, ArticleError, load_articles
from bot.embedded.load_dialogue import DialogueReader
from bot.embedded.load_domain import DomainReader
from bot.embedded.load_nlu import NluReader
from bot.embedded.project import Domain, Project, Settings
from bot.embedded.stories import check_stories
from bot.embedded.yaml_lines import Item, ProjectError, read_yaml

_CONFIG_KEYS = {"recipe", "assistant_id", "language", "pipeline", "policies"}
_COMPONENTS = {
    "WhitespaceTokenizer", "JiebaTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer",
    "CountVectorsFeaturizer", "DIETClassifier", "LogisticRegressionClassifier",
    "RegexEntityExtractor", "CRFEntityExtractor", "EntitySynonymMapper", "ResponseSelector",
    "FallbackClassifier",
    "bot.rasa_components.EngineEntityExtractor", "bot.rasa_components.EngineIntentClassifier",
}  # fmt: skip
"""Components that say "learn intents and entities from these examples": their work is done here by
this runtime's own model, so their options are Rasa's alone, but for those of FallbackClassifier."""

_POLICIES = {
    "MemoizationPolicy": {"max_history"},
    "RulePolicy": {
        "core_fallback_threshold", "core_fallback_action_name", "enable_fallback_prediction",
    },
}  # fmt: skip
_REQUIRED_RESPONSES = ("utter_default", "utter_rephrase", "utter_handoff", "utter_action_unavailable")


def load_project(folder: Path) -> Project:
    """Load and check; raises `ProjectError` with file and line for the first thing that is wrong."""
    domain_files = _files(folder, "domain")
    data_files = sorted((folder / "data").rglob("*.yml"))
    if not data_files:
        raise ProjectError("data", 1, "there are no training data (*.yml) in this folder")
    nlu = NluReader()
    domain_reader = DomainReader()
    for path in domain_files:
        domain_reader.read(read_yaml(path, folder))
    sections = [
        read_yaml(path, folder).mapping({"version", "nlu", "rules", "stories"}) for path in data_files
    ]
    for section in sections:
        if "nlu" in section:
            nlu.read(section["nlu"])
    articles = _articles(folder)
    if INTENT in domain_reader.intents:
        nlu.read_articles(articles)
    retrieval = {intent for intent in nlu.intents if "/" in intent}
    domain = domain_reader.finish(retrieval)
    _check_nlu(nlu, domain)
    dialogue = DialogueReader(domain)
    for section in sections:
        if "rules" in section:
            dialogue.read_rules(section["rules"])
        if "stories" in section:
            dialogue.read_stories(section["stories"])
    settings = _settings(read_yaml(folder / "config.yml", folder))
    check_stories(domain, dialogue.stories, settings.max_history)
    data = nlu.finish()
    return Project(
        domain=domain,
        nlu=data,
        triggers=tuple(dialogue.triggers),
        submits=tuple(dialogue.submits),
        stories=tuple(dialogue.stories),
        settings=settings,
        fingerprint=hashlib.sha256(
            msgspec.json.encode([data, domain.entities], order="deterministic")
        ).hexdigest(),
        articles=articles,
    )


def project_files(folder: Path) -> list[Path]:
    """Every file that `load_project` reads."""
    domain = [*folder.glob("domain.yml"), *(folder / "domain").glob("*.yml")]
    data = [*(folder / "data").rglob("*.yml"), *(folder / FOLDER).rglob("*.md")]
    return sorted([folder / "config.yml", *domain, *data])


def _articles(folder: Path) -> tuple[Article, ...]:
    try:
        return load_articles(folder)
    except ArticleError as error:
        raise ProjectError(error.file, 1, error.problem) from error


def _files(folder: Path, name: str) -> list[Path]:
    single = folder / f"{name}.yml"
    found = [single] if single.is_file() else sorted((folder / name).glob("*.yml"))
    if not found:
        raise ProjectError(f"{name}.yml", 1, f"the file is missing in the project {folder.name}")
    return found


def _check_nlu(nlu: NluReader, domain: Domain) -> None:
    """Everything the data name is declared, and what the domain declares can be understood."""
    known = {intent.split("/")[0] for intent in domain.intents}
    for intent, item in nlu.intents.items():
        base = intent.split("/")[0]
        if base not in known or ("/" not in intent and intent not in domain.intents):
            item.fail(f"intent '{intent}' is not declared in the domain")
        if "/" in intent and f"utter_{intent}" not in domain.responses:
            item.fail(f"there is no response 'utter_{intent}' for the retrieval intent '{intent}'")
    for (entity, role), item in nlu.entities.items():
        if entity not in domain.entities:
            item.fail(f"entity '{entity}' is not declared in the domain")
        if role is not None and role not in domain.entities[entity]:
            item.fail(f"entity '{entity}' has no role '{role}' in the domain")
    if len(nlu.intents) < 2:
        raise ProjectError("data", 1, "there must be examples of at least two intents")
    for name in _REQUIRED_RESPONSES:
        if name not in domain.responses:
            raise ProjectError("domain.yml", 1, f"the response '{name}' is missing")


def _settings(config: Item) -> Settings:
    fields = config.mapping(_CONFIG_KEYS)
    threshold, ambiguity = 0.3, 0.1
    for item in fields["pipeline"].sequence() if "pipeline" in fields else []:
        component = item.mapping()
        name = component["name"].text() if "name" in component else ""
        if name not in _COMPONENTS:
            item.fail(f"the component '{name}' is not supported by the embedded runtime")
        if name == "FallbackClassifier":
            component = item.mapping({"name", "threshold", "ambiguity_threshold"})
            threshold = _number(component, "threshold", threshold)
            ambiguity = _number(component, "ambiguity_threshold", ambiguity)
    history, fallback = 5, "action_default_fallback"
    for item in fields["policies"].sequence() if "policies" in fields else []:
        name = item.mapping()["name"].text() if "name" in item.mapping() else ""
        if name not in _POLICIES:
            item.fail(f"the policy '{name}' is not supported by the embedded runtime")
        policy = item.mapping({"name", *_POLICIES[name]})
        if "max_history" in policy:
            history = int(policy["max_history"].number())
        if "core_fallback_action_name" in policy:
            fallback = policy["core_fallback_action_name"].text()
    return Settings(threshold, ambiguity, history, fallback)


def _number(fields: dict[str, Item], key: str, default: float) -> float:
    return fields[key].number() if key in fields else default
