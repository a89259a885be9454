"""What a project says that loads but will not serve: texts that are missing, parts that nothing uses,
rules and stories that can never be followed. Pure; `places` tells where the parts stand."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

import msgspec

from bot.embedded.project import Project, Story, Submit, Trigger, Variation
from bot.embedded.text import writing_language
from bot.embedded.yaml_lines import read_yaml

LONG_TO_HEAR: Final = {"zh": 90}
LONG_TO_HEAR_ELSE: Final = 200
"""Characters of a response, by language, above which the telephone wants a text of its own."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PAYLOAD = re.compile(r"^/([^\s{]+)")
_NO_EXAMPLES: Final = frozenset({"nlu_fallback"})

Places = Mapping[tuple[str, str], str]
"""("response", name) and the like -> "file:line"."""


class Finding(msgspec.Struct, frozen=True):
    """Something to mend (``level`` error) or to look at (warning). ``kind`` is a word for programs, ``place``
    is "file:line", '' where there is none."""

    level: Literal["error", "warning"]
    kind: str
    what: str
    place: str = ""


def check_project(project: Project, places: Places, code: Collection[str]) -> list[Finding]:
    """Everything that looks wrong, by place. ``code`` are the words that the actions' code has
    (`words_of_code`): names in it are in use."""
    found: list[Finding] = []
    for check in (_texts, _articles, _unused_responses, _unused_actions, _unused_slots, _unreachable):
        found += check(project, places, code)
    return sorted(found, key=lambda one: (_place_key(one.place), one.kind, one.what))


def _place_key(place: str) -> tuple[str, int]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if line.isdigit() else (place, 0)


def _warn(kind: str, what: str, place: str = "") -> Finding:
    return Finding("warning", kind, what, place)


def languages_of(project: Project) -> list[str]:
    """The languages a project speaks: those of its slot ``language``, else those of its examples."""
    slot = project.domain.slots.get("language")
    if slot is not None and slot.values:
        return sorted(slot.values)
    return sorted({writing_language(example.text) or "en" for example in project.nlu.examples})


# --- texts ------------------------------------------------------------------------------------------


def _texts(project: Project, places: Places, code: Collection[str]) -> Iterator[Finding]:
    languages = languages_of(project)
    for name, variations in project.domain.responses.items():
        place = places.get(("response", name), "")
        for language in languages:
            fitting = [one for one in variations if language in _languages(one, languages)]
            if not fitting:
                yield _warn("response_language", f"{name} has no text in {language}", place)
            elif not any(one.channel == "voice" for one in fitting) and (
                why := _unspeakable(fitting, language)
            ):
                told = f"{name} has {why} in {language}, and no variation for the telephone (channel: voice)"
                yield _warn("response_voice", told, place)


def _languages(one: Variation, languages: Collection[str]) -> Collection[str]:
    """The languages that a variation is meant for: by its condition, else by its writing."""
    said = dict(one.conditions).get("language")
    if said is not None:
        return [str(said)]
    text = _PLACEHOLDER.sub("", one.text)
    if not any(character.isalpha() for character in text):
        return languages
    return [writing_language(text) or "en"]


def _unspeakable(variations: Collection[Variation], language: str) -> str:
    """Why somebody on the telephone should not hear these texts; '' where they may."""
    if any(one.buttons for one in variations):
        return "buttons"
    most = LONG_TO_HEAR.get(language, LONG_TO_HEAR_ELSE)
    if any("http" in one.text for one in variations):
        return "a link"
    return "a long text" if any(len(one.text) > most for one in variations) else ""


def _articles(project: Project, places: Places, code: Collection[str]) -> Iterator[Finding]:
    languages = languages_of(project)
    for article in project.articles:
        for language in languages:
            if language not in article.written:
                yield _warn("article_language", f"the article {article.name} has no text in {language}")
        if not article.questions:
            yield _warn("article_questions", f"the article {article.name} says no questions that it answers")


# --- what nothing uses ------------------------------------------------------------------------------


def _rules(project: Project) -> tuple[Trigger | Submit, ...]:
    return (*project.triggers, *project.submits)


def _plans(project: Project) -> Iterator[str]:
    """Every action that a rule or story takes."""
    for rule in _rules(project):
        yield from rule.plan
    for story in project.stories:
        yield from (step.name for step in story.steps if step.kind == "action")


def _unused_responses(project: Project, places: Places, code: Collection[str]) -> Iterator[Finding]:
    used = {*_plans(project), *code}
    for form in project.domain.forms.values():
        used |= {f"utter_ask_{slot}" for slot in form.required}
        used |= {f"utter_ask_{form.name}_{slot}" for slot in form.required}
    used |= {f"utter_{intent}" for intent in project.domain.intents if "/" in intent}
    for name in project.domain.responses:
        if name not in used:
            place = places.get(("response", name), "")
            yield _warn("unused_response", f"nothing says {name}", place)


def _unused_actions(project: Project, places: Places, code: Collection[str]) -> Iterator[Finding]:
    used = {*_plans(project), project.settings.fallback_action}
    used |= {f"validate_{form}" for form in project.domain.forms}
    for name in sorted(project.domain.actions - used):
        yield _warn("unused_action", f"no rule or story takes {name}", places.get(("action", name), ""))
    for name in project.domain.forms:
        if name not in used:
            yield _warn("unused_form", f"no rule begins the form {name}", places.get(("form", name), ""))


def _unused_slots(project: Project, places: Places, code: Collection[str]) -> Iterator[Finding]:
    domain = project.domain
    used = {*code, "language"}
    for form in domain.forms.values():
        used |= set(form.required)
    for variations in domain.responses.values():
        for one in variations:
            used |= {name for name, _ in one.conditions} | set(_PLACEHOLDER.findall(one.text))
    for rule in _rules(project):
        used |= {name for name, _ in rule.slots}
    for name, slot in domain.slots.items():
        # What a message fills is told to the person who takes over, if to nobody else.
        if name not in used and all(one.kind == "custom" for one in slot.mappings):
            told = f"nothing fills the slot {name}, and no form, rule, response or action uses it"
            yield _warn("unused_slot", told, places.get(("slot", name), ""))


# --- what is never followed -------------------------------------------------------------------------


def _unreachable(project: Project, places: Places, code: Collection[str]) -> Iterator[Finding]:
    understood = {example.intent.split("/")[0] for example in project.nlu.examples}
    understood |= _NO_EXAMPLES | _payload_intents(project)
    for intent in sorted({one.split("/")[0] for one in project.domain.intents} - understood):
        yield _warn("intent_without_examples", f"the intent {intent} has no examples and no button",
                    places.get(("intent", intent), ""))  # fmt: skip
    begun = {action for action in _plans(project) if action in project.domain.forms}
    for rule in project.triggers:
        place = places.get(("rule", rule.name), "")
        if rule.intent not in understood:
            told = f"rule '{rule.name}' waits for {rule.intent}, which no example and no button has"
            yield _warn("unreachable_rule", told, place)
        elif rule.loop and rule.loop not in begun:
            told = f"rule '{rule.name}' is for the form {rule.loop}, which nothing begins"
            yield _warn("unreachable_rule", told, place)
    for submit in project.submits:
        if submit.form not in begun:
            told = f"rule '{submit.name}' is for the form {submit.form}, which nothing begins"
            yield _warn("unreachable_rule", told, places.get(("rule", submit.name), ""))
    for story in project.stories:
        if told := _never_followed(story, project, understood):
            yield _warn("unreachable_story", f"story '{story.name}' {told}", f"{story.file}:{story.line}")


def _payload_intents(project: Project) -> set[str]:
    """The intents that buttons have."""
    payloads = (
        button.payload
        for variations in project.domain.responses.values()
        for one in variations
        for button in one.buttons
    )
    return {match[1] for payload in payloads if (match := _PAYLOAD.match(payload))}


def _never_followed(story: Story, project: Project, understood: Collection[str]) -> str:
    """Why a story is never followed; '' where it may be."""
    decided = {rule.intent: rule for rule in project.triggers if not rule.loop and not rule.slots}
    own = 0
    for intent, plan in _exchanges(story):
        if intent not in understood:
            return f"waits for {intent}, which no example and no button has"
        rule: Trigger | None = decided.get(intent)
        if rule is None:
            own += 1
        elif rule.plan != plan:
            told = ", ".join(plan) or "nothing"
            return f"wants {told} after {intent}, where rule '{rule.name}' decides otherwise"
    return "" if own else "says nothing that rules do not decide"


def _exchanges(story: Story) -> list[tuple[str, tuple[str, ...]]]:
    """Each intent of a story with the actions after it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for step in story.steps:
        if step.kind == "intent":
            found.append((step.name, ()))
        else:
            intent, plan = found[-1]
            found[-1] = (intent, (*plan, step.name))
    return found


# --- where things stand -----------------------------------------------------------------------------


def places_of(folder: Path) -> dict[tuple[str, str], str]:
    """Where the parts of a project that loads are written."""
    found: dict[tuple[str, str], str] = {}
    for path in [*folder.glob("domain.yml"), *sorted((folder / "domain").glob("*.yml"))]:
        sections = read_yaml(path, folder).mapping()
        for section, kind in (("responses", "response"), ("slots", "slot"), ("forms", "form")):
            for name, item in sections[section].mapping().items() if section in sections else ():
                found[kind, name] = f"{item.file}:{item.line}"
        for section, kind in (("actions", "action"), ("intents", "intent")):
            for item in sections[section].sequence() if section in sections else ():
                name = item.single()[0] if item.is_mapping else item.text()
                found[kind, name] = f"{item.file}:{item.line}"
    for path in sorted((folder / "data").rglob("*.yml")):
        sections = read_yaml(path, folder).mapping()
        for item in sections["rules"].sequence() if "rules" in sections else ():
            fields = item.mapping()
            found["rule", fields["rule"].text()] = f"{item.file}:{item.line}"
    return found


def words_of_code(parts: Collection[Callable[..., object] | ModuleType]) -> frozenset[str]:
    """The texts in the source of the modules that these functions are in: what an action says and sets."""
    modules = {part if isinstance(part, ModuleType) else inspect.getmodule(part) for part in parts}
    words: set[str] = set()
    for source in [inspect.getsource(module) for module in modules if module is not None]:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    return frozenset(words)
