"""What is wrong in a project, or not supported, is refused with file, line and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot, ProjectError
from bot.embedded.load_project import load_project
from bot.runtime import Message

Change = tuple[str, str, str]
RULES, NLU, DOMAIN, CONFIG = "data/rules.yml", "data/nlu.yml", "domain.yml", "config.yml"

BROKEN: list[tuple[str, Change, str]] = [
    ("unknown intent", (RULES, "intent: hello", "intent: helo"), f"{RULES}:5: there is no intent"),
    ("suggestion", (RULES, "intent: hello", "intent: helo"), "did you mean 'hello'?"),
    ("unknown action", (RULES, "utter_hello", "utter_helo"), f"{RULES}:6: there is no action"),
    ("rule of two turns", (RULES, "utter_hello", "utter_hello\n      - intent: weather"),
     f"{RULES}:7: 'intent' is not supported here"),
    ("checkpoint", (RULES, "intent: hello", "checkpoint: here"), f"{RULES}:5: 'checkpoint'"),
    ("rule said twice", (RULES, "intent: weather", "intent: hello"), f"{RULES}:7: rule 'Weather'"),
    ("loop after another form", (RULES, "active_loop: weather_form", "active_loop: null"),
     f"{RULES}:11: active_loop: null follows"),
    ("undeclared entity", (NLU, "[Rome](city)", "[Rome](town)"), f"{NLU}:7: entity 'town'"),
    ("old marking", (NLU, "[Rome](city)", "[Rome](city:roma)"), f"{NLU}:9: [text](entity:value)"),
    ("broken marking", (NLU, "[Oslo](city)", "[Oslo](city"), f"{NLU}:10: a marked entity"),
    ("example of two intents", (NLU, "good day", "the weather in Rome"), f"{NLU}:9: this example"),
    ("no dash", (NLU, "- good day", "good day"), f"{NLU}:6: an example is written"),
    ("undeclared intent", (NLU, "intent: weather", "intent: wether"), f"{NLU}:7: intent 'wether'"),
    ("slow pattern", (NLU, "  - intent: hello", "  - regex: city\n    examples: |\n      - (a+)+b\n"
      "  - intent: hello"), f"{NLU}:5: the pattern repeats a repetition"),
    ("back-reference", (NLU, "  - intent: hello", "  - regex: city\n    examples: |\n"
      "      - (a)\\1\n  - intent: hello"), f"{NLU}:5: the pattern refers back"),
    ("bad pattern", (NLU, "  - intent: hello", "  - regex: city\n    examples: |\n      - (a\n"
      "  - intent: hello"), f"{NLU}:5: this is not a regular expression"),
    ("unknown section", (DOMAIN, "entities:", "entitys:"), f"{DOMAIN}:5: 'entitys' is not supported"),
    ("influencing number", (DOMAIN, "type: text\n    influence_conversation: false",
      "type: float\n    influence_conversation: true"), f"{DOMAIN}:9: slot city is a number that influences"),
    ("slot type", (DOMAIN, "type: text", "type: faiss"), f"{DOMAIN}:9: slots of type 'faiss'"),
    ("mapping type", (DOMAIN, "type: from_entity", "type: from_trigger_intent"),
     f"{DOMAIN}:12: slot mappings of type"),
    ("mapping of no entity", (DOMAIN, "entity: city", "entity: town"), f"{DOMAIN}:9: slot city"),
    ("form of no slot", (DOMAIN, "      - city\n", "      - town\n"), f"{DOMAIN}:31: form weather_form"),
    ("form without question", (DOMAIN, "utter_ask_city", "utter_asks"), f"{DOMAIN}:31: form"),
    ("image", (DOMAIN, "- text: Hello", "- text: Hello\n      image: x.png"), f"{DOMAIN}:17: 'image'"),
    ("key twice", (DOMAIN, "  utter_weather:", "  utter_hello:"), f"{DOMAIN}:17: 'utter_hello'"),
    ("not YAML", (DOMAIN, "intents:", "intents: ]"), f"{DOMAIN}:2:"),
    ("component", (CONFIG, "WhitespaceTokenizer", "SpacyNLP"), f"{CONFIG}:4: the component"),
    ("policy", (CONFIG, "RulePolicy", "TEDPolicy"), f"{CONFIG}:8: the policy 'TEDPolicy'"),
    ("threshold", (CONFIG, "threshold: 0.3", "threshold: high"), f"{CONFIG}:6: a number"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "problem"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_project_is_refused_with_its_line(
    write_project: Callable[..., Path], change: Change, problem: str
) -> None:
    with pytest.raises(ProjectError) as refusal:
        load_project(write_project(change))
    assert problem in str(refusal.value)


def test_stories_that_contradict_are_refused(write_project: Callable[..., Path]) -> None:
    folder = write_project()
    (folder / "data" / "stories.yml").write_text(
        'version: "3.1"\nstories:\n'
        "  - story: One\n    steps:\n      - intent: hello\n      - action: utter_hello\n"
        "  - story: Two\n    steps:\n      - intent: hello\n      - action: utter_default\n"
    )
    with pytest.raises(ProjectError, match=r"data/stories\.yml:7: story 'Two' goes on with utter_def"):
        load_project(folder)


def test_missing_file_is_named(write_project: Callable[..., Path]) -> None:
    folder = write_project()
    (folder / "config.yml").unlink()
    with pytest.raises(ProjectError, match=r"config\.yml:1: the file cannot be read"):
        load_project(folder)
    (folder / "domain.yml").unlink()
    with pytest.raises(ProjectError, match=r"domain\.yml:1: the file is missing"):
        load_project(folder)


async def test_small_project_runs(write_project: Callable[..., Path]) -> None:
    bot = EmbeddedBot.load(write_project())
    await bot.start()
    turn = await bot.respond(Message("c", "the weather in Oslo"))
    assert [reply.text for reply in turn.replies] == ["It is fine in Oslo"]


def test_the_shipped_project_has_thirty_examples_an_intent_and_language() -> None:
    from bot.embedded.text import writing_language

    counts: dict[tuple[str, bool], int] = {}
    for example in load_project(SHIPPED_PROJECT).nlu.examples:
        intent = example.intent.split("/")[0]
        # "A1001" and the like are both languages' own.
        key = (intent, writing_language(example.text) == "zh")
        counts[key] = counts.get(key, 0) + 1
    few = {key: count for key, count in counts.items() if count < 30}
    assert not few
