"""The project's own Rasa test stories against the embedded runtime, and that a difference is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot, ProjectError
from bot.embedded.load_project import load_project
from bot.embedded.test_stories import ScriptedActions, ScriptedStory, read_test_stories, run_story
from bot.nlu import NGRAMS

STORIES = [
    pytest.param(story, id=f"{story.file}: {story.name}") for story in read_test_stories(SHIPPED_PROJECT)
]


@pytest.fixture(scope="module")
def actions() -> ScriptedActions:
    return ScriptedActions(load_project(SHIPPED_PROJECT).domain)


@pytest.fixture(scope="module")
def bot(model_cache: Path, actions: ScriptedActions) -> EmbeddedBot:
    ready = EmbeddedBot.load(SHIPPED_PROJECT, model_cache, actions)
    asyncio.run(ready.start())
    return ready


@pytest.mark.parametrize("story", STORIES)
async def test_story(story: ScriptedStory, bot: EmbeddedBot, actions: ScriptedActions) -> None:
    assert [str(one) for one in await run_story(bot, story, actions)] == []


# --- the reader and the runner, with a small project --------------------------------------------------

TWO_TURNS = """\
stories:
  - story: The weather
    steps:
      - user: |
          the weather in [Rome](city)
        intent: weather
      - slot_was_set:
          - city: Rome
      - action: weather_form
      - active_loop: weather_form
      - slot_was_set:
          - requested_slot: null
      - active_loop: null
      - action: utter_weather
      - action: action_listen
      - user: hello
        intent: hello
      - action: utter_hello
"""


@pytest.fixture
def small(write_project: Callable[..., Path]) -> Path:
    folder = write_project()
    (folder / "tests").mkdir()
    (folder / "tests" / "test.yml").write_text(TWO_TURNS, encoding="utf-8")
    return folder


async def differences(folder: Path) -> list[str]:
    bot = EmbeddedBot.load(folder, None, encoder=NGRAMS)
    await bot.start()
    return [str(one) for story in read_test_stories(folder) for one in await run_story(bot, story)]


def rewrite(folder: Path, old: str, new: str) -> None:
    file = folder / "tests" / "test.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


async def test_a_story_that_is_kept_has_no_differences(small: Path) -> None:
    assert await differences(small) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("intent: weather", "intent: hello", "tests/test.yml:4: intent: expected hello, got weather ("),
        ("city: Rome", "city: Oslo", "tests/test.yml:4: slot city: expected Oslo, got Rome"),
        ("city: Rome", "city: null", "tests/test.yml:4: slot city: expected null, got Rome"),
        (
            "      - action: utter_weather\n",
            "",
            "tests/test.yml:4: actions: expected weather_form, got weather_form, utter_weather",
        ),
        (
            "- action: utter_hello",
            "- action: utter_weather",
            "tests/test.yml:16: actions: expected utter_weather, got utter_hello",
        ),
    ],
)
async def test_a_difference_says_where_it_is_and_what_came(
    small: Path, old: str, new: str, told: str
) -> None:
    rewrite(small, old, new)
    (found,) = await differences(small)
    assert found.startswith(told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    steps:", "    stops:", "tests/test.yml:3: 'stops' is not supported here; did you"),
        ("        intent: weather\n", "", "tests/test.yml:4: a message of the user needs the intent"),
        ("- user: |\n          the weather in [Rome](city)\n        intent: weather", "- action: utter_hello",
         "tests/test.yml:4: a test story begins with what the user says"),
        ("- story: The weather", "- steps: []", "tests/test.yml:3: 'steps' stands here twice"),
    ],
)  # fmt: skip
def test_what_is_no_test_story_is_refused_with_its_line(small: Path, old: str, new: str, told: str) -> None:
    rewrite(small, old, new)
    with pytest.raises(ProjectError) as refused:
        read_test_stories(small)
    assert str(refused.value).startswith(told)


async def test_an_action_finds_what_the_story_says_after_it(write_project: Callable[..., Path]) -> None:
    declared = "actions:\n  - action_a\n  - action_b\n  - action_handoff\nforms:"
    folder = write_project(("domain.yml", "forms:", declared))
    actions = ScriptedActions(load_project(folder).domain)
    assert actions.names == {"action_a", "action_b"}  # the bot's own actions are run
    text = "\n".join(
        ["stories:", "- story: s", "  steps:", "  - {user: hi, intent: hello}", "  - action: action_a",
         "  - slot_was_set: [{order: found}, {state: shipped}]", "  - action: action_b",
         "  - slot_was_set: {ticket: missing}"]
    )  # fmt: skip
    (folder / "tests").mkdir()
    (folder / "tests" / "test.yml").write_text(text, encoding="utf-8")
    slots = (("order", "found"), ("state", "shipped"), ("ticket", "missing"))
    assert read_test_stories(folder)[0].turns[0].slots == slots
    ends = f"{text}\n  - action: action_handoff\n  - slot_was_set: {{summary: x}}"
    (folder / "tests" / "end.yml").write_text(ends, encoding="utf-8")
    assert read_test_stories(folder)[0].turns[0].slots == (("summary", "x"),)
    (folder / "tests" / "end.yml").unlink()
    assert (await actions.run("action_a", {}, {})).slots == {}
    actions.turn = read_test_stories(folder)[0].turns[0]
    found = [(await actions.run(name, {}, {})).slots for name in ("action_a", "action_b", "action_c")]
    assert found == [{"order": "found", "state": "shipped"}, {"ticket": "missing"}, {}]
