"""Stories and rules that look at slots: what is seen of a value, and that it decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded import EmbeddedBot, ProjectError
from bot.embedded.load_project import load_project
from bot.embedded.project import Slot
from bot.embedded.stories import feature
from bot.nlu import NGRAMS
from bot.runtime import Message, SlotValue

CITY = "    type: text\n    influence_conversation: false\n"
CATEGORICAL = "    type: categorical\n    values: [Rome, Oslo]\n"


def slot(kind: str) -> Slot:
    return Slot("s", kind, frozenset(), None, ())


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        ("text", "Rome", "set"), ("text", "", ""), ("text", None, ""),
        ("list", ["a"], "set"), ("list", [], ""),
        ("categorical", "Rome", "rome"), ("bool", True, "true"), ("bool", False, "false"), ("bool", None, ""),
    ],
)  # fmt: skip
def test_of_a_text_only_its_presence_is_seen(kind: str, value: SlotValue, seen: str) -> None:
    assert feature(slot(kind), value) == seen


def project(
    write_project: Callable[..., Path], slot_type: str = CATEGORICAL, rules: str = "", stories: str = ""
) -> Path:
    folder = write_project(("domain.yml", CITY, slot_type))
    if rules:
        (folder / "data/more.yml").write_text(f'version: "3.1"\nrules:\n{rules}', encoding="utf-8")
    if stories:
        (folder / "data/stories.yml").write_text(f'version: "3.1"\nstories:\n{stories}', encoding="utf-8")
    return folder


IN_ROME = """\
  - rule: Hello in Rome
    condition:
      - slot_was_set:
          - city: Rome
    steps:
      - intent: hello
      - action: utter_weather
"""


async def test_a_rule_with_a_slot_goes_before_the_one_without(write_project: Callable[..., Path]) -> None:
    bot = EmbeddedBot.load(project(write_project, rules=IN_ROME), encoder=NGRAMS)
    await bot.start()
    assert (await bot.respond(Message("c", "/hello"))).actions == ("utter_hello",)
    turn = await bot.respond(Message("c", '/weather{"city": "Rome"}'))
    assert (await bot.respond(Message("c", "/hello"), turn.state)).actions == ("utter_weather",)
    turn = await bot.respond(Message("c", '/weather{"city": "Oslo"}'))
    assert (await bot.respond(Message("c", "/hello"), turn.state)).actions == ("utter_hello",)


STORY = """\
  - story: A person for Oslo
    steps:
      - intent: bye
      - slot_was_set:
          - city: Oslo
      - action: utter_handoff
"""


async def test_a_story_follows_what_its_slots_say(write_project: Callable[..., Path]) -> None:
    folder = project(write_project, stories=STORY)
    domain = folder / "domain.yml"
    domain.write_text(domain.read_text().replace("  - weather\n", "  - weather\n  - bye\n", 1))
    bot = EmbeddedBot.load(folder, encoder=NGRAMS)
    await bot.start()
    assert (await bot.respond(Message("c", '/bye{"city": "Oslo"}'))).actions == ("utter_handoff",)
    assert (await bot.respond(Message("c", '/bye{"city": "Rome"}'))).actions == ("action_default_fallback",)


REFUSED = [
    (CITY, IN_ROME, "data/more.yml:6: slot 'city' has influence_conversation: false"),
    (
        CATEGORICAL,
        IN_ROME.replace("city: Rome", "city: Bonn"),
        "data/more.yml:6: slot 'city' never is 'Bonn'",
    ),
    (
        CATEGORICAL,
        IN_ROME.replace("city: Rome", "town: Rome"),
        "data/more.yml:6: slot 'town' is not declared",
    ),
    ("    type: float\n", "", "domain.yml:9: slot city is a number that influences"),
]


@pytest.mark.parametrize(("slot_type", "rules", "problem"), REFUSED)
def test_what_rasa_would_ignore_is_refused(
    write_project: Callable[..., Path], slot_type: str, rules: str, problem: str
) -> None:
    with pytest.raises(ProjectError) as refusal:
        load_project(project(write_project, slot_type, rules))
    assert problem in str(refusal.value)
